//! Defaults: of the schema, of the shipped file, and without any file.

use super::*;

#[test]
fn no_file_gives_the_defaults_with_listeners_for_tcp_and_websocket() {
    let loaded = load(None, std::iter::empty()).unwrap();
    assert_eq!(without_origins(loaded.config.clone()), Config::default_config());
    assert!(loaded.warnings.is_empty());
    let [tcp, ws] = &loaded.config.listeners[..] else {
        panic!("two listeners");
    };
    assert_eq!((&*tcp.id, &*tcp.listen_on), ("tcp:default", "0.0.0.0:1883"));
    assert_eq!((&*ws.id, &*ws.listen_on), ("ws:default", "0.0.0.0:8083"));
    assert!(tcp.enable && ws.enable);
}

#[test]
fn the_shipped_file_says_the_defaults_and_the_data_folder_of_the_service() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/emqx.conf");
    let loaded = load(Some(&path), std::iter::empty()).unwrap();
    assert_eq!(loaded.warnings, []);
    let mut expected = Config::default_config();
    expected.node.data_dir = "/var/lib/emqx".into();
    assert_eq!(without_origins(loaded.config), expected);
}

#[test]
fn the_comments_of_the_shipped_file_are_valid_settings() {
    let text: String = include_str!("../../../packaging/emqx.conf")
        .lines()
        .map(|line| format!("{}\n", line.replacen("# ", "", usize::from(!line.contains("##")))))
        .collect();
    let config = loaded(&text);
    assert_eq!(config.log.files[0].path, Path::new("/var/log/emqx/emqx.log"));
    assert_eq!(config.listeners[0].access_rules.len(), 2);
    assert!(config.listeners[0].bytes_rate.is_some());
}

#[test]
fn every_default_of_the_schema_is_the_default_of_the_daemon() {
    for doc in schema().iter().filter(|doc| !doc.default.is_empty()) {
        let key = doc.key.replace("<type>", "tcp").replace("<name>", "default");
        let value = match doc.value_type {
            ValueType::AccessRules | ValueType::Networks | ValueType::Texts => doc.default.to_owned(),
            ValueType::NodeNames | ValueType::Ports => doc.default.to_owned(),
            _ => format!("{:?}", doc.default),
        };
        let line = format!("{key} = {value}");
        let config = loaded(&line);
        assert!(config.origins.contains_key(&key), "{key} is never read");
        let mut expected = Config::default_config();
        if key.starts_with("log.file.") {
            let file = log::FileHandlerConfig::new("default", "log/emqx.log");
            expected.log.files.push(file);
        }
        assert_eq!(without_origins(config), expected, "{line}");
    }
}

#[test]
fn every_key_without_a_default_is_read_too() {
    for doc in schema() {
        if doc.effect != Effect::Acts || !doc.default.is_empty() {
            continue;
        }
        let key = doc.key.replace("<type>", "tcp").replace("<name>", "default");
        let value = match doc.value_type {
            ValueType::Bind => "1884",
            ValueType::Rate => "10/s",
            ValueType::Size { .. } => "8KB",
            ValueType::Urls => "\"http://127.0.0.1:2379\"",
            ValueType::Server => "127.0.0.1",
            ValueType::Any | ValueType::Authenticators => "[]",
            _ => "text",
        };
        let config = loaded(&format!("{key} = {value}"));
        assert!(config.origins.contains_key(&key), "{key} is never read");
        assert_ne!(config.origin_of(&key), Some(Origin::Default));
    }
}

#[test]
fn null_means_the_default() {
    let config = loaded("mqtt.max_inflight = null\nlisteners.tcp.default = null\nnode = null");
    assert_eq!(without_origins(config), Config::default_config());
}
