//! `listeners.<type>.<name>.websocket`: what a `ws` or `wss` listener asks of its clients.
//!
//! Keys and defaults are EMQX's. Two subprotocols more are known than EMQX's list has: those that Eclipse Paho asks
//! for in MQTT 3.1 and MQTT.js in MQTT 5.

use std::time::Duration;

/// The settings of one listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebSocketOptions {
    /// Path of the requests that are granted.
    pub mqtt_path: String,
    /// Compression of frames.
    pub compress: bool,
    /// How long nothing may come, pings neither.
    pub idle_timeout: Duration,
    /// Bytes of the largest frame and message taken; `None` for no limit.
    pub max_frame_size: Option<u64>,
    /// Whether a request has to name a subprotocol.
    pub fail_if_no_subprotocol: bool,
    /// Those that are spoken.
    pub supported_subprotocols: Vec<String>,
    /// Whether pages of other origins than `check_origins` are refused.
    pub check_origin_enable: bool,
    /// Those that may connect.
    pub check_origins: Vec<String>,
    /// Whether a request without an origin may.
    pub allow_origin_absence: bool,
    /// The header in which trusted proxies tell the client's address.
    pub proxy_address_header: String,
    /// And its port.
    pub proxy_port_header: String,
}

impl Default for WebSocketOptions {
    fn default() -> Self {
        let list = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Self {
            mqtt_path: "/mqtt".to_owned(),
            compress: false,
            idle_timeout: Duration::from_secs(7200),
            max_frame_size: None,
            fail_if_no_subprotocol: true,
            supported_subprotocols: list(&["mqtt", "mqtt-v3", "mqtt-v3.1.1", "mqtt-v5", "mqttv3.1", "mqttv5"]),
            check_origin_enable: false,
            check_origins: list(&["http://localhost:18083", "http://127.0.0.1:18083"]),
            allow_origin_absence: true,
            proxy_address_header: "x-forwarded-for".to_owned(),
            proxy_port_header: "x-forwarded-port".to_owned(),
        }
    }
}
