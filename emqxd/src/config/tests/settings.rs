//! Settings of every section, and a whole file of EMQX 5.

use super::*;

#[test]
fn value_types_end_up_in_their_settings() {
    let config = loaded(
        r#"
        node { name = emqx3@node-3, data_dir = "/var/lib/emqx", workers = 4 }
        mqtt {
          idle_timeout = 1m30s
          max_packet_size = 64KB
          max_qos_allowed = 1
          max_mqueue_len = 0
          max_awaiting_rel = infinity
          max_mqueue_bytes = infinity
          server_keepalive = 30
          keepalive_backoff = 1.0
          retry_interval = 30s
          message_expiry_interval = 1d
          strict_mode = on
          shared_subscription_strategy = hash_topic
          mqueue_priorities { "t/1" = 10, "a.b" = 255 }
          mqueue_default_priority = highest
        }
        retainer { msg_expiry_interval = 1h, delivery_rate = infinity, backend.max_retained_messages = 10 }
        force_shutdown { max_message_queue_len = 5000, max_heap_size = 64MB }
        flapping_detect { enable = true, ban_time = 10m }
        sys_topics { sys_msg_interval = disabled, sys_event_messages.client_subscribed = true }
        control { socket = "/run/emqx/emqxd.sock", admin_group = wheel }
        "#,
    );
    assert_eq!(config.node.name, "emqx3@node-3");
    assert_eq!(config.workers, Some(4));
    assert_eq!(config.idle_timeout, Duration::from_secs(90));
    let mqtt = &config.mqtt;
    assert_eq!(mqtt.max_packet_size, 65_536);
    assert_eq!(mqtt.max_qos_allowed, mqtt_codec::QoS::AtLeastOnce);
    assert_eq!(mqtt.max_mqueue_len, None);
    assert_eq!(mqtt.max_awaiting_rel, None);
    assert_eq!(mqtt.max_mqueue_bytes, None);
    assert_eq!(mqtt.server_keepalive, Some(30));
    assert_eq!(mqtt.keepalive_multiplier, 2.0);
    assert_eq!(mqtt.retry_interval, Some(Duration::from_secs(30)));
    assert_eq!(mqtt.message_expiry_interval, Some(Duration::from_secs(86_400)));
    assert!(mqtt.strict_mode);
    assert_eq!(mqtt.shared_subscription_strategy, ShareStrategy::HashTopic);
    assert_eq!(mqtt.mqueue_priorities["t/1"], 10);
    assert_eq!(mqtt.mqueue_priorities["a.b"], 255);
    assert!(mqtt.mqueue_default_priority_highest);
    assert_eq!(config.retainer.msg_expiry_interval, Some(Duration::from_secs(3600)));
    assert_eq!(config.retainer.delivery_rate, None);
    assert_eq!(config.retainer.max_retained_messages, Some(10));
    assert_eq!(config.force_shutdown.max_mailbox_size, 5000);
    assert_eq!(config.force_shutdown.max_heap_size, 64 << 20);
    assert!(config.flapping_detect.enable);
    assert_eq!(config.flapping_detect.ban_time, Duration::from_secs(600));
    assert_eq!(config.sys_topics.sys_msg_interval, None);
    assert!(config.sys_topics.client_subscribed);
    assert_eq!(
        config.control.socket.as_deref(),
        Some(Path::new("/run/emqx/emqxd.sock"))
    );
    assert_eq!(config.control.admin_group, "wheel");
}

#[test]
fn listeners_of_every_type_are_read_and_the_default_one_stays() {
    let config = loaded(
        r#"
        listeners.tcp.internal {
          enabled = false
          bind = "127.0.0.1:11883"
          acceptors = 4
          max_connections = 1000
          max_conn_rate = "500/10s"
          max_conn_burst = "100/s"
          bytes_rate = "1MB/s"
          mountpoint = "dev/${clientid}/"
          access_rules = ["allow 10.0.0.0/8", "deny all"]
          proxy_protocol = true
          tcp_options { keepalive = "240,30,5", nodelay = false, recbuf = 16KB }
        }
        listeners.ssl.default {
          bind = 8883
          ssl_options { certfile = "cert.pem", versions = ["tlsv1.3"] }
        }
        listeners.wss.default { enable = false, websocket.mqtt_path = "/mqtt" }
        listeners.quic.default { enable = false, bind = 14567, keyfile = "key.pem" }
        "#,
    );
    let ids: Vec<&str> = config.listeners.iter().map(|listener| listener.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "tcp:default",
            "tcp:internal",
            "ssl:default",
            "ws:default",
            "wss:default",
            "quic:default"
        ]
    );
    let internal = &config.listeners[1];
    assert!(!internal.enable);
    assert_eq!(internal.bind, SocketAddr::from(([127, 0, 0, 1], 11883)));
    assert_eq!(internal.max_connections, Some(1000));
    let rate = internal.max_conn_rate.unwrap();
    assert_eq!((rate.amount, rate.per, rate.burst), (500, Duration::from_secs(10), 100));
    assert_eq!(internal.bytes_rate.unwrap().amount, 1 << 20);
    assert_eq!(internal.mountpoint, "dev/${clientid}/");
    assert!(!AccessRule::allows(&internal.access_rules, [11, 0, 0, 1].into()));
    assert!(internal.proxy_protocol);
    assert_eq!(internal.tcp_options.keepalive.unwrap().probes, 5);
    assert_eq!(internal.tcp_options.recbuf, Some(16 << 10));
    assert!(!internal.tcp_options.nodelay);
    assert_eq!(config.listeners[2].listen_on, ":8883");
    assert_eq!(config.listeners[2].kind, ListenerKind::Ssl);
}

#[test]
fn websocket_settings_are_read_in_emqxs_forms_and_as_lists() {
    let config = loaded(
        r#"
        listeners.ws.default {
          trusted_proxies = ["10.0.0.0/8", "::1"]
          websocket {
            mqtt_path = "/broker", idle_timeout = 1m, max_frame_size = 64KB, fail_if_no_subprotocol = false
            supported_subprotocols = "mqtt, mqtt-v5", check_origin_enable = true
            check_origins = ["https://example.com"], allow_origin_absence = false
          }
        }
        "#,
    );
    let ws = &config.listeners[1];
    assert!(ws.is_trusted_proxy([10, 1, 2, 3].into()) && !ws.is_trusted_proxy([11, 1, 2, 3].into()));
    assert!(ws.may_send_proxy_header([10, 1, 2, 3].into()) && !ws.may_send_proxy_header([11, 1, 2, 3].into()));
    let options = &ws.websocket;
    assert_eq!(options.mqtt_path, "/broker");
    assert_eq!(options.idle_timeout, Duration::from_secs(60));
    assert_eq!(options.max_frame_size, Some(64 << 10));
    assert_eq!(options.supported_subprotocols, ["mqtt", "mqtt-v5"]);
    assert_eq!(options.check_origins, ["https://example.com"]);
    assert!(!options.fail_if_no_subprotocol && options.check_origin_enable && !options.allow_origin_absence);
}

#[test]
fn a_listener_that_is_there_by_default_can_be_taken_away() {
    let config = loaded("listeners.ws.default = marked_for_deletion");
    let ids: Vec<&str> = config.listeners.iter().map(|listener| listener.id.as_str()).collect();
    assert_eq!(ids, ["tcp:default"]);
}

#[test]
fn log_handlers_are_read_in_all_their_forms() {
    let config = loaded(
        r#"
        log {
          console { level = debug, formatter = json, time_offset = "+02:00" }
          file { level = error, to = "/var/log/emqx.log", rotation_size = infinity }
          throttling.time_window = 30s
        }
        "#,
    );
    assert_eq!(config.log.console.level, LogLevel::Debug);
    assert_eq!(config.log.console.formatter, LogFormatter::Json);
    assert_eq!(config.log.console.time_offset, TimeOffset::Fixed(120));
    let [file] = &config.log.files[..] else {
        panic!("one file");
    };
    assert_eq!(file.name, "default");
    assert_eq!(file.path, Path::new("/var/log/emqx.log"));
    assert_eq!(file.rotation_size, None);
    assert_eq!(file.handler.level, LogLevel::Error);
    assert!(file.handler.enable);
    assert_eq!(config.log.throttling_window, Duration::from_secs(30));

    let config = loaded("log.file { a { level = info }, b { enable = false, timestamp_format = epoch } }");
    let names: Vec<&str> = config.log.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(config.log.files[1].handler.timestamp_format, TimestampFormat::Epoch);
    assert_eq!(config.log.files[1].path, Path::new("log/emqx.log"));
}

#[test]
fn sections_without_effect_are_warned_of_once() {
    assert_eq!(
        warnings(
            "dashboard { listeners.http.bind = 18083 }\nnode.role = core\n\
             dashboard.default_username = admin\n\
             listeners.tcp.default.limiter {}\nlisteners.tcp.b { bind = 1884, limiter {} }"
        ),
        "emqx.conf:1: `dashboard.listeners` is accepted but has no effect yet\n\
         emqx.conf:5: `listeners.tcp.b.limiter` is accepted but has no effect yet\n\
         emqx.conf:2: `node.role` is accepted but has no effect yet"
    );
}

#[test]
fn a_realistic_file_of_emqx_5_loads() {
    let loaded = load_text(
        r#"
## NOTE:
## The EMQX configuration is prioritized in a certain order.
node {
  name = "emqx@127.0.0.1"
  cookie = "s3cret"
  data_dir = "data"
  role = core
  process_limit = 2097152
}

cluster {
  name = emqxcl
  discovery_strategy = static
  static { seeds = ["emqx@10.0.0.1", "emqx@10.0.0.2"] }
}

dashboard {
  listeners {
    http { bind = 18083 }
    https {
      bind = 0 # disabled
      ssl_options { certfile = "${EMQX_ETC_DIR}/certs/cert.pem" }
    }
  }
  default_password = public
}

log {
  console_handler { enable = true, level = info }
  file {
    enable = true
    path = "${EMQX_LOG_DIR}/emqx.log"
    rotation_count = 20
  }
}

listeners.tcp.default { bind = "0.0.0.0:1883", max_connections = 1024000, tcp_options.active_n = 10 }
listeners.ssl.default {
  bind = "0.0.0.0:8883"
  max_connections = 512000
  ssl_options {
    keyfile = "${EMQX_ETC_DIR}/certs/key.pem"
    certfile = "${EMQX_ETC_DIR}/certs/cert.pem"
    cacertfile = "${EMQX_ETC_DIR}/certs/cacert.pem"
    verify = verify_peer
  }
}
listeners.ws.default { bind = "0.0.0.0:8083", websocket.mqtt_path = "/mqtt" }
listeners.wss.default { bind = "0.0.0.0:8084", ssl_options.verify = verify_none }

authentication = [
  { mechanism = password_based, backend = built_in_database, user_id_type = username
    password_hash_algorithm { name = sha256, salt_position = suffix } }
]
authorization {
  no_match = allow
  sources = [ { type = file, enable = true, path = "${EMQX_ETC_DIR}/acl.conf" } ]
}
rule_engine.rules.my_rule {
  sql = """~
    SELECT * FROM "t/#"
    WHERE payload.x > 1
  ~"""
}
mqtt.max_packet_size = 2MB
flapping_detect { enable = true, window_time = 1m, max_count = 15, ban_time = 5m }
"#,
    )
    .unwrap();
    assert_eq!(loaded.config.node.cookie, "s3cret");
    assert!(!loaded.config.node.has_known_cookie());
    assert_eq!(loaded.config.listeners.len(), 4);
    assert_eq!(loaded.config.log.console.level, LogLevel::Info);
    assert_eq!(loaded.config.log.files[0].rotation_count, 20);
    assert_eq!(loaded.config.log.files[0].path, Path::new("log/emqx.log"));
    let texts: Vec<&str> = loaded
        .warnings
        .iter()
        .map(|warning| warning.message.split('`').nth(1).unwrap())
        .collect();
    assert_eq!(
        texts,
        ["dashboard.listeners", "node.process_limit", "node.role", "rule_engine"]
    );
}
