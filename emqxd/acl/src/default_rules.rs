//! The rules that a node starts with.

/// The `acl.conf` that is installed.
///
/// With the security profile `legacy` it says what EMQX's own file says (the forms of 5.8): the dashboard and
/// clients on the node's own host may read `$SYS`, nobody else may, nobody else may subscribe to everything, and the
/// rest is allowed. With `hardened` the privilege of the own host goes (behind a balancer on the same host everybody
/// comes from it), and nothing is allowed that the operator has not allowed.
pub const DEFAULT_ACL_CONF: &str = r##"%% Who may publish and subscribe to what. The first rule that matches decides; if none does,
%% `authorization.no_match` holds. Each rule is an Erlang term and ends with a full stop:
%%
%%   {allow | deny, Who}.
%%   {allow | deny, Who, Action, Topics}.
%%
%%   Who     all | {username, "u"} | {clientid, "c"} | {username, {re, "^u"}} | {ipaddr, "10.0.0.0/8"}
%%           | {ipaddrs, ["..."]} | {'and', [Who, ...]} | {'or', [Who, ...]}
%%   Action  publish | subscribe | all | {publish, [{qos, [0, 1]}, {retain, false}]}
%%   Topics  all | ["a/+/b/#", "devices/${clientid}/#", {eq, "#"}, ...]
%%
%% A subscription is allowed only if a rule covers all that it would receive, and denied if it would receive
%% anything that a rule denies. {eq, "#"} means the subscription "#" itself, and nothing below it.
%% `emqx-ctl why <clientid>` names the rule that refused a client.

{allow, {username, {re, "^dashboard$"}}, subscribe, ["$SYS/#"]}.

{allow, {'and', [{ipaddr, "127.0.0.1"}, {security_profile, legacy}]}, all, ["$SYS/#", "#"]}.

{deny, all, subscribe, ["$SYS/#", {eq, "#"}, {eq, "+/#"}]}.

{allow, {security_profile, legacy}}.
"##;
