//! Configuration of EMQX 4, whole files and single lines.

use super::*;

#[test]
fn a_file_of_emqx_4_is_read_line_by_line() {
    let text = r#"##====================================================================
## EMQ X Configuration
##====================================================================
node.name = emqx@127.0.0.1
node.cookie = emqxsecretcookie
node.data_dir = data
node.async_threads = 4
log.to = both
log.level = error
log.dir = /var/log/emqx
log.file = emqx.log
allow_anonymous = true
acl_nomatch = allow
mqtt.max_packet_size = 2MB
mqtt.acl_nomatch = allow
zone.external.idle_timeout = 20s
zone.external.max_mqueue_len = 0
zone.external.force_shutdown_policy = 10000|64MB
zone.external.mqueue_priorities = t/1=10,t/2=20
zone.external.keepalive_backoff = 0.75
zone.external.enable_flapping_detect = on
zone.external.rate_limit.conn_messages_in = 100,10s
zone.external.rate_limit.conn_bytes_in = 100KB,10s
listener.tcp.external = 0.0.0.0:1883
listener.tcp.external.max_conn_rate = 1000
listener.tcp.external.rate_limit = 1024,4096
listener.tcp.external.access.1 = deny 10.0.0.0/8
listener.tcp.external.access.2 = allow all
listener.tcp.external.zone = external
listener.tcp.internal = 127.0.0.1:11883
listener.ssl.external = 8883
listener.ssl.external.reuse_sessions = on
broker.sys_interval = 2m
broker.shared_subscription_strategy = random
"#;
    let loaded = load_text(text).unwrap();
    let config = &loaded.config;
    assert_eq!(config.mqtt.max_packet_size, 2 << 20);
    assert_eq!(config.idle_timeout, Duration::from_secs(20));
    assert_eq!(config.mqtt.max_mqueue_len, None);
    assert_eq!(config.mqtt.keepalive_multiplier, 1.5);
    assert_eq!(config.mqtt.mqueue_priorities["t/2"], 20);
    assert_eq!(config.mqtt.shared_subscription_strategy, ShareStrategy::Random);
    assert_eq!(config.force_shutdown.max_mailbox_size, 10_000);
    assert_eq!(config.force_shutdown.max_heap_size, 64 << 20);
    assert!(config.flapping_detect.enable);
    assert_eq!(config.sys_topics.sys_msg_interval, Some(Duration::from_secs(120)));
    assert_eq!(config.log.console.level, LogLevel::Error);
    assert_eq!(config.log.files[0].path, Path::new("/var/log/emqx/emqx.log"));
    assert_eq!(config.log.files[0].handler.level, LogLevel::Error);
    let ids: Vec<&str> = config.listeners.iter().map(|listener| listener.id.as_str()).collect();
    assert_eq!(ids, ["tcp:default", "tcp:internal", "ssl:default", "ws:default"]);
    let tcp = &config.listeners[0];
    assert_eq!(tcp.max_conn_rate.unwrap().amount, 1000);
    let rate = tcp.bytes_rate.unwrap();
    assert_eq!((rate.amount, rate.burst), (1024, 4096));
    assert_eq!(tcp.access_rules.len(), 2);
    assert!(!tcp.access_rules[0].allow);
    for id in ["tcp:default", "ssl:default", "ws:default"] {
        let listener = config.listeners.iter().find(|listener| listener.id == id).unwrap();
        let rate = listener.messages_rate.unwrap();
        assert_eq!((rate.amount, rate.per), (100, Duration::from_secs(10)), "{id}");
    }
    assert!(config.node.allow_anonymous);
    let all: Vec<String> = loaded.warnings.iter().map(|warning| warning.message.clone()).collect();
    for expected in [
        "`listener.tcp.external.rate_limit` is a key of EMQX 4, read as `listeners.tcp.default.bytes_rate`",
        "`zone.external.force_shutdown_policy` is a key of EMQX 4, read as `force_shutdown.max_mailbox_size` and `force_shutdown.max_heap_size`",
        "`node.async_threads` is a key of EMQX 4 without effect here",
        "`log.dir` is a key of EMQX 4, read as the folder of `log.file.default.path`",
        "`zone.external.rate_limit.conn_bytes_in` is a key of EMQX 4, read as `bytes_rate` of the listeners named default",
    ] {
        assert!(all.iter().any(|line| line == expected), "{expected}\n{all:#?}");
    }
}

#[test]
fn who_may_do_what_is_taken_over_from_emqx_4() {
    let config = loaded(
        "allow_anonymous = false\nacl_nomatch = deny\nacl_file = etc/my_acl.conf\nacl_deny_action = disconnect\n\
         enable_acl_cache = off\nflapping_detect_policy = 30, 2m, 10m\nlistener.tcp.external = 1883\n",
    );
    assert!(!config.node.allow_anonymous);
    assert_eq!(config.flapping_detect.max_count, 30);
    assert_eq!(config.flapping_detect.ban_time, Duration::from_secs(600));
    let shown = |key: &str| config.settings[key].shown.clone();
    assert_eq!(shown("authorization.no_match"), "deny");
    assert_eq!(shown("authorization.deny_action"), "disconnect");
    assert_eq!(shown("authorization.cache.enable"), "off");
    let sources = shown("authorization.sources");
    assert!(
        sources.contains("type = file") && sources.contains("etc/my_acl.conf"),
        "{sources}"
    );
}

#[test]
fn errors_in_a_file_of_emqx_4_name_the_line() {
    assert_eq!(
        load_text("listener.tcp.external = 1883\nmqtt.max_paket_size = 1MB\nlistener.tcp.external.rate_limit = fast\n")
            .unwrap_err(),
        "emqx.conf:2: mqtt.max_paket_size: unknown key\n  next: did you mean `mqtt.max_packet_size`?\n\
         emqx.conf:3: listeners.tcp.default.bytes_rate: expected a rate such as 1000/s or 1MB/s, or infinity, found \"fast\"\n  \
         next: the default is `listeners.tcp.default.bytes_rate = infinity`"
    );
    assert_eq!(
        load_text("zone.external.force_shutdown_policy = 10000\nmqtt.max_inflight = x\n").unwrap_err(),
        "emqx.conf:1: zone.external.force_shutdown_policy: expected a policy such as 10000|64MB, found \"10000\"\n\
         emqx.conf:2: mqtt.max_inflight: expected a whole number from 1 to 65535, found \"x\"\n  \
         next: the default is `mqtt.max_inflight = 32`"
    );
}

#[test]
fn lines_of_emqx_4_between_hocon_are_taken() {
    let text = "mqtt {\n  max_inflight = 5\n}\nlistener.tcp.external.rate_limit = 1024,4096\n\
                listener.tcp.external.max_conn_rate = 1000 # a second\nforce_shutdown_policy = 10000|64MB\n\
                mqtt.acl_nomatch = allow\nmqtt.max_mqueue_len = 7\n";
    let config = loaded(text);
    assert_eq!(config.mqtt.max_inflight, 5);
    assert_eq!(config.mqtt.max_mqueue_len, Some(7));
    assert_eq!(config.listeners[0].bytes_rate.unwrap().burst, 4096);
    assert_eq!(config.listeners[0].max_conn_rate.unwrap().amount, 1000);
    assert_eq!(config.force_shutdown.max_heap_size, 64 << 20);
    assert_eq!(
        warnings(text).lines().next(),
        Some(
            "emqx.conf:4: `listener.tcp.external.rate_limit` is a key of EMQX 4, read as `listeners.tcp.default.bytes_rate`"
        )
    );
}
