//! What a listener has between the socket and MQTT, made when it is started.

use std::sync::Arc;

use emqxd_transport::{TlsServer, UpgradeSettings};

use super::ListenerError;
use crate::config::ListenerConfig;
use crate::tls::{log_findings, tls_server_for};

/// The layers; `negotiate/` puts them on each new connection.
#[derive(Debug)]
pub struct Layers {
    /// A PROXY header comes first.
    pub proxy_protocol: bool,
    /// `ssl` and `wss`
    pub tls: Option<Arc<TlsServer>>,
    /// `ws` and `wss`
    pub websocket: Option<UpgradeSettings>,
}

impl Layers {
    /// Those of a listener with these settings.
    ///
    /// # Errors
    /// It needs a certificate and has none, or one that cannot be used.
    pub fn new(config: &ListenerConfig) -> Result<Self, ListenerError> {
        let tls = config.kind.is_tls().then(|| tls_server_for(config)).transpose()?;
        if let Some(tls) = &tls {
            log_findings(&config.id, &tls.findings());
        }
        Ok(Self {
            proxy_protocol: config.proxy_protocol,
            tls,
            websocket: config.kind.is_websocket().then(|| upgrade_settings(config)),
        })
    }

    /// Whether MQTT begins at the first byte.
    pub fn is_plain(&self) -> bool {
        !self.proxy_protocol && self.tls.is_none() && self.websocket.is_none()
    }
}

fn upgrade_settings(config: &ListenerConfig) -> UpgradeSettings {
    let options = &config.websocket;
    UpgradeSettings {
        path: options.mqtt_path.clone(),
        subprotocols: options.supported_subprotocols.clone(),
        requires_subprotocol: options.fail_if_no_subprotocol,
        origins: options.check_origin_enable.then(|| options.check_origins.clone()),
        allows_no_origin: options.allow_origin_absence,
        max_frame_size: options.max_frame_size,
        address_header: options.proxy_address_header.clone(),
        port_header: options.proxy_port_header.clone(),
    }
}
