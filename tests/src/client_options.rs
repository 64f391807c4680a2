//! How a [`TestClient`] connects.

use std::net::SocketAddr;

use bytes::Bytes;
use mqtt_codec::{Connect, ConnectProperties, ProtocolVersion, QoS, Will, WillProperties};

use crate::{Refused, TestClient};

/// A CONNECT to be sent; what is not set is left out.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// For what the methods below do not cover.
    pub connect: Connect,
}

impl ClientOptions {
    /// MQTT 3.1, clean session.
    pub fn v31(client_id: &str) -> Self {
        Self::new(ProtocolVersion::V31, client_id)
    }

    /// MQTT 3.1.1, clean session.
    pub fn v311(client_id: &str) -> Self {
        Self::new(ProtocolVersion::V311, client_id)
    }

    /// MQTT 5, clean start, no session expiry.
    pub fn v5(client_id: &str) -> Self {
        Self::new(ProtocolVersion::V5, client_id)
    }

    fn new(protocol_version: ProtocolVersion, client_id: &str) -> Self {
        Self {
            connect: Connect {
                protocol_version,
                is_bridge: false,
                clean_start: true,
                keep_alive: 0,
                client_id: client_id.into(),
                username: None,
                password: None,
                will: None,
                properties: ConnectProperties::default(),
            },
        }
    }

    /// A session that outlives the connection: resumed if there is one, kept for an hour (MQTT 5) or for as
    /// long as the broker keeps them.
    #[must_use]
    pub fn persistent(mut self) -> Self {
        self.connect.clean_start = false;
        if self.connect.protocol_version == ProtocolVersion::V5 {
            self.connect.properties.session_expiry_interval = Some(3600);
        }
        self
    }

    /// Clean Start; Clean Session before MQTT 5.
    #[must_use]
    pub fn clean_start(mut self, clean_start: bool) -> Self {
        self.connect.clean_start = clean_start;
        self
    }

    /// Keep Alive in seconds.
    #[must_use]
    pub fn keep_alive(mut self, seconds: u16) -> Self {
        self.connect.keep_alive = seconds;
        self
    }

    /// Session Expiry Interval in seconds (MQTT 5).
    #[must_use]
    pub fn session_expiry(mut self, seconds: u32) -> Self {
        self.connect.properties.session_expiry_interval = Some(seconds);
        self
    }

    /// Receive Maximum (MQTT 5).
    #[must_use]
    pub fn receive_maximum(mut self, messages: u16) -> Self {
        self.connect.properties.receive_maximum = Some(messages);
        self
    }

    /// User name.
    #[must_use]
    pub fn username(mut self, name: &str) -> Self {
        self.connect.username = Some(name.into());
        self
    }

    /// A will.
    #[must_use]
    pub fn will(mut self, topic: &str, payload: &str, qos: QoS) -> Self {
        self.connect.will = Some(Box::new(Will {
            qos,
            retain: false,
            topic: topic.into(),
            payload: Bytes::copy_from_slice(payload.as_bytes()),
            properties: WillProperties::default(),
        }));
        self
    }

    /// Connects; the broker has to accept.
    ///
    /// # Panics
    /// If it does not.
    #[track_caller]
    pub fn connect(self, address: SocketAddr) -> TestClient {
        let client_id = self.connect.client_id.clone();
        match self.try_connect(address) {
            Ok(client) => client,
            Err(refused) => panic!("{client_id} was not accepted: {refused:?}"),
        }
    }

    /// Connects.
    ///
    /// # Errors
    /// [`Refused`] if the broker does not accept.
    #[track_caller]
    pub fn try_connect(self, address: SocketAddr) -> Result<TestClient, Refused> {
        TestClient::connect(address, self)
    }
}
