//! What an operator reads about a configuration that is refused; compared whole.

use super::*;

#[test]
fn all_wrong_values_are_reported_with_file_and_line() {
    let errors = load_text(
        r#"
mqtt {
  max_packet_size = 1XB
  max_inflight = 0
  max_qos_allowed = two
  shared_subscription_strategy = round_robbin
  idle_timeout = soon
  mqueue_priorities { t = 256 }
}
listeners.tcp.default {
  bind = "localhost:1883"
  max_conn_rate = "1000/fortnight"
  access_rules = ["permit all"]
  enable = maybe
  tcp_options = true
  tcp_options.keepalive = "240,30"
}
node.cookie = "top secret"
node.name = emqx
log.console.level = [debug]
force_shutdown = 5
"#,
    )
    .unwrap_err();
    assert_eq!(
        errors,
        r#"emqx.conf:3: mqtt.max_packet_size: expected a size such as 1MB, at most 256MB, found "1XB"
  next: the default is `mqtt.max_packet_size = 1MB`
emqx.conf:4: mqtt.max_inflight: expected a whole number from 1 to 65535, found "0"
  next: the default is `mqtt.max_inflight = 32`
emqx.conf:5: mqtt.max_qos_allowed: expected a whole number from 0 to 2, found "two"
  next: the default is `mqtt.max_qos_allowed = 2`
emqx.conf:6: mqtt.shared_subscription_strategy: expected one of random, round_robin, round_robin_per_group, sticky, local, hash_clientid, hash_topic, found "round_robbin"
  next: did you mean `mqtt.shared_subscription_strategy = round_robin`?
emqx.conf:7: mqtt.idle_timeout: expected a duration such as 15s or 1h30m, found "soon"
  next: the default is `mqtt.idle_timeout = 15s`
emqx.conf:8: mqtt.mqueue_priorities: expected disabled or topics with priorities from 1 to 255 such as { "t/1" = 10 }, found a section { }
  next: the default is `mqtt.mqueue_priorities = disabled`
emqx.conf:11: listeners.tcp.default.bind: expected a port or an IP address and port such as 0.0.0.0:1883, found "localhost:1883"
emqx.conf:12: listeners.tcp.default.max_conn_rate: expected a rate such as 1000/s or 1MB/s, or infinity, found "1000/fortnight"
  next: the default is `listeners.tcp.default.max_conn_rate = infinity`
emqx.conf:13: listeners.tcp.default.access_rules: expected a list of rules such as ["deny 192.168.0.0/24", "allow all"], found an array
  next: the default is `listeners.tcp.default.access_rules = ["allow all"]`
emqx.conf:14: listeners.tcp.default.enable: expected true or false, found "maybe"
  next: the default is `listeners.tcp.default.enable = true`
emqx.conf:16: listeners.tcp.default.tcp_options.keepalive: expected none or "idle,interval,probes" such as "240,30,5", found "240,30"
  next: the default is `listeners.tcp.default.tcp_options.keepalive = none`
emqx.conf:18: node.cookie: expected 1 to 255 characters without backslash, quotes or white space, found something else (not shown)
  next: the default is `node.cookie = emqxsecretcookie`
emqx.conf:19: node.name: expected a node name such as emqx@127.0.0.1, found "emqx"
  next: the default is `node.name = emqx@127.0.0.1`
emqx.conf:20: log.console.level: expected one of all, debug, info, notice, warning, error, critical, alert, emergency, none, found an array
  next: the default is `log.console.level = warning`
emqx.conf:21: force_shutdown: expected a section { }, found "5""#
    );
}

#[test]
fn an_unknown_key_is_an_error_with_a_suggestion() {
    let errors = load_text(
        "mqtt.max_paket_size = 1MB\nmqt { a = 1 }\nlisteners.tpc.default.bind = 1883\n\
         listeners.tcp.default.bnid = 1883\nmqtt.max_connections = 5\nzzz = 1\n\
         listeners.tcp.\"a b\".bind = 1884\n",
    )
    .unwrap_err();
    assert_eq!(
        errors,
        "emqx.conf:1: mqtt.max_paket_size: unknown key\n  \
         next: did you mean `mqtt.max_packet_size`?\n\
         emqx.conf:2: mqt: unknown key\n  next: did you mean `mqtt`?\n\
         emqx.conf:3: listeners.tpc: unknown key\n  next: did you mean `listeners.tcp`?\n\
         emqx.conf:4: listeners.tcp.default.bnid: unknown key\n  \
         next: did you mean `listeners.tcp.default.bind`?\n\
         emqx.conf:5: mqtt.max_connections: unknown key\n  \
         next: remove it, or see emqx.conf(5) for the keys\n\
         emqx.conf:6: zzz: unknown key\n  next: remove it, or see emqx.conf(5) for the keys\n\
         emqx.conf:7: listeners.tcp.a b: a name has up to 64 letters, digits, _ and -"
    );
}

#[test]
fn no_more_than_50_errors_are_listed() {
    let text: String = (0..60).map(|n| format!("unknown{n} = 1\n")).collect();
    let errors = load_text(&text).unwrap_err();
    assert_eq!(errors.matches("unknown key").count(), problems::ERRORS_MAX);
    let text: String = (0..60)
        .map(|n| format!("listeners.tcp.l{n} {{ bind = x }}\n"))
        .collect();
    let errors = load_text(&text).unwrap_err();
    assert!(errors.ends_with("\nand 10 more errors"), "{errors}");
}

#[test]
fn two_listeners_with_one_address_are_an_error_unless_one_is_off() {
    let text = "listeners.tcp.second.bind = \"0.0.0.0:1883\"";
    assert_eq!(
        load_text(text).unwrap_err(),
        "emqx.conf:1: listeners.tcp.second.bind: 0.0.0.0:1883 is the address of tcp:default already\n  \
         next: give each listener its own port, or set `listeners.tcp.second.enable = false`"
    );
    loaded(&format!("{text}\nlisteners.tcp.default.enable = false"));
    loaded("listeners.quic.default.bind = 1883");
}

#[test]
fn a_file_that_cannot_be_read_is_one_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nowhere.conf");
    let errors = load(Some(&path), std::iter::empty()).unwrap_err();
    let expected = format!("{}: cannot read this file: No such file or directory", path.display());
    assert_eq!(errors.to_string(), expected);
    assert_eq!(
        load_text("mqtt {\n  max_inflight = 5\n").unwrap_err(),
        "emqx.conf:3: the { of line 1 is not closed"
    );
}
