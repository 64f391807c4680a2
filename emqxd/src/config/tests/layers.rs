//! Environment variables, drop-ins, and where each value comes from.

use super::*;

#[test]
fn variables_win_over_the_file() {
    let loaded = load_text_with(
        "mqtt.max_packet_size = 1MB\nmqtt.max_inflight = 5\nlisteners.tcp.default.bind = 1883",
        &[
            ("EMQX_MQTT__MAX_PACKET_SIZE", "2MB"),
            ("EMQX_LISTENERS__TCP__DEFAULT__BIND", "127.0.0.1:1884"),
            ("EMQX_LISTENERS__TCP__DEFAULT__MOUNTPOINT", "${clientid}/"),
            (
                "EMQX_LISTENERS__TCP__DEFAULT__ACCESS_RULES",
                "[\"deny 10.0.0.1\", \"allow all\"]",
            ),
            ("EMQX_FLAPPING_DETECT", "{enable = true}"),
            ("EMQX_NODE__COOKIE", "\"c0okie\""),
            ("EMQX_NODE_NAME", "emqx2@h"),
            ("EMQX_NOSUCH__THING", "1"),
            ("EMQX_CTL__PORT", "1"),
            ("EMQX_COMPAT", "4"),
            ("HOME", "/root"),
        ],
    )
    .unwrap();
    let config = &loaded.config;
    assert_eq!(config.mqtt.max_packet_size, 2 << 20);
    assert_eq!(config.mqtt.max_inflight, 5);
    assert_eq!(config.listeners[0].listen_on, "127.0.0.1:1884");
    assert_eq!(config.listeners[0].mountpoint, "${clientid}/");
    assert_eq!(config.listeners[0].access_rules.len(), 2);
    assert!(config.flapping_detect.enable);
    assert_eq!(config.node.cookie, "c0okie");
    assert_eq!(config.node.name, "emqx2@h");
    let env = |name: &str| Some(Origin::Env(name.to_owned()));
    assert_eq!(
        config.origin_of("mqtt.max_packet_size"),
        env("EMQX_MQTT__MAX_PACKET_SIZE")
    );
    assert_eq!(config.origin_of("mqtt.max_awaiting_rel"), Some(Origin::Default));
    assert_eq!(config.origin_of("mqtt.nonsense"), None);
    let Some(Origin::File { line: 2, .. }) = config.origin_of("mqtt.max_inflight") else {
        panic!("{:?}", config.origin_of("mqtt.max_inflight"));
    };
    let warnings: Vec<String> = loaded.warnings.iter().map(Warning::to_string).collect();
    assert_eq!(
        warnings,
        [
            "EMQX_NOSUCH__THING: ignored: there is no `nosuch` in the configuration",
            "EMQX_LISTENERS__TCP__DEFAULT__MOUNTPOINT: `listeners.tcp.default.mountpoint` is accepted but has no \
             effect yet",
        ]
    );
}

#[test]
fn a_wrong_variable_is_named() {
    assert_eq!(
        load_text_with("", &[("EMQX_MQTT__MAX_INFLIGHT", "many"), ("EMQX_LOG__TO", "printer")]).unwrap_err(),
        "EMQX_LOG__TO: log.to: expected one of console, file, both, found \"printer\"\n\
         EMQX_MQTT__MAX_INFLIGHT: mqtt.max_inflight: expected a whole number from 1 to 65535, found \"many\"\n  \
         next: the default is `mqtt.max_inflight = 32`"
    );
}

#[test]
fn variables_of_container_images_make_the_node_name_and_choose_the_log() {
    let name = |text: &str, env: &[(&str, &str)]| load_text_with(text, env).unwrap().config.node.name;
    assert_eq!(name("", &[("EMQX_HOST", "10.0.0.5")]), "emqx@10.0.0.5");
    assert_eq!(name("node.name = a@b", &[("EMQX_NAME", "c")]), "c@b");
    assert_eq!(
        name(
            "",
            &[("EMQX_NAME", "c"), ("EMQX_HOST", "d"), ("EMQX_NODE__NAME", "e@f")]
        ),
        "e@f"
    );
    let outputs = |text: &str, env: &[(&str, &str)]| {
        let log = load_text_with(text, env).unwrap().config.log;
        (log.console.enable, log.files.iter().any(|file| file.handler.enable))
    };
    assert_eq!(outputs("", &[]), (true, false));
    assert_eq!(outputs("", &[("EMQX_LOG__TO", "file")]), (false, true));
    assert_eq!(outputs("", &[("EMQX_LOG__TO", "both")]), (true, true));
    assert_eq!(
        outputs("log.file.path = x", &[("EMQX_LOG__TO", "console")]),
        (true, false)
    );
    assert_eq!(outputs("", &[("EMQX_DEFAULT_LOG_HANDLER", "file")]), (false, true));
    assert_eq!(
        outputs("log.console.enable = true", &[("EMQX_DEFAULT_LOG_HANDLER", "file")]),
        (true, true)
    );
}

#[test]
fn drop_ins_are_read_after_the_file_in_the_order_of_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("emqx.conf");
    fs::write(&path, "mqtt { max_inflight = 1, max_mqueue_len = 1 }").unwrap();
    let drop_ins = folder.path().join("conf.d");
    fs::create_dir(&drop_ins).unwrap();
    fs::write(drop_ins.join("20-b.conf"), "mqtt.max_inflight = 3").unwrap();
    fs::write(
        drop_ins.join("10-a.conf"),
        "mqtt.max_inflight = 2\nmqtt.max_awaiting_rel = 9",
    )
    .unwrap();
    fs::write(drop_ins.join("30-c.conf.bak"), "mqtt.max_inflight = 4").unwrap();
    fs::write(drop_ins.join(".hidden.conf"), "mqtt.max_inflight = 5").unwrap();
    let config = load(Some(&path), std::iter::empty()).unwrap().config;
    assert_eq!(config.mqtt.max_inflight, 3);
    assert_eq!(config.mqtt.max_mqueue_len, Some(1));
    assert_eq!(config.mqtt.max_awaiting_rel, Some(9));
    let origin = config.origin_of("mqtt.max_inflight").unwrap().to_string();
    assert!(origin.ends_with("conf.d/20-b.conf:1"), "{origin}");
}

#[test]
fn loading_creates_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("emqx.conf");
    let text = format!(
        "node.data_dir = \"{0}/data\"\nlog.file.path = \"{0}/log/emqx.log\"\ncontrol.socket = \"{0}/s\"",
        folder.path().display()
    );
    fs::write(&path, text).unwrap();
    load(Some(&path), std::iter::empty()).unwrap();
    let names: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names, ["emqx.conf"]);
}
