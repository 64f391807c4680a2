//! The rules that a node starts with.

/// The `acl.conf` that is installed (`emqxd/packaging/acl.conf`).
///
/// With the security profile `legacy` it says what EMQX's own file says (the forms of 5.8): the dashboard and
/// clients on the node's own host may read `$SYS`, nobody else may, nobody else may subscribe to everything, and the
/// rest is allowed. With `hardened` the privilege of the own host goes (behind a balancer on the same host everybody
/// comes from it), and nothing is allowed that the operator has not allowed.
pub const DEFAULT_ACL_CONF: &str = include_str!("../../packaging/acl.conf");
