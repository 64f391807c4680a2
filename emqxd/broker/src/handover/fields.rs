//! The types of MQTT and of the rules, as fields of a hand-over.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::num::NonZeroU32;
use std::sync::Arc;

use emqx_acl::RuleSet;
use mqtt_codec::{PacketId, PacketType, ProtocolVersion, PublishProperties, QoS, RetainHandling, WillProperties};

use super::codec::{Field, Malformed, Reader, Writer};
use crate::record;
use crate::session::{Awaited, InflightEntry, Outgoing, RetainedReplay};
use crate::session_owner::Owner;
use crate::{
    EnhancedAuthentication, Identity, Message, OwnedActor, Peer, SubscriptionOptions, TlsPeer, Transport, Will,
};

record!(Message {
    id,
    topic,
    payload,
    qos,
    retain,
    properties,
    publisher,
    published_at,
    expires_at
});
record!(PublishProperties {
    payload_is_utf8,
    message_expiry_interval,
    topic_alias,
    response_topic,
    correlation_data,
    user_properties,
    subscription_identifiers,
    content_type,
});
record!(Will {
    qos,
    retain,
    topic,
    payload,
    properties
});
record!(WillProperties {
    will_delay_interval,
    payload_is_utf8,
    message_expiry_interval,
    content_type,
    response_topic,
    correlation_data,
    user_properties,
});
record!(Outgoing {
    message,
    qos,
    retain,
    subscription_identifier,
    group
});
record!(InflightEntry {
    packet_id,
    awaited,
    outgoing,
    sent_at,
    needs_resend
});
record!(RetainedReplay { filter, options, after });
record!(SubscriptionOptions {
    qos,
    no_local,
    retain_as_published,
    retain_handling,
    subscription_identifier
});
record!(Owner {
    is_authenticated,
    is_client_id_proven,
    certificate
});
record!(Peer {
    listener,
    address,
    listener_port,
    transport,
    tls
});
record!(TlsPeer {
    version,
    cipher,
    server_name,
    common_name,
    subject
});
record!(OwnedActor {
    client_id,
    username,
    peer,
    protocol_level,
    identity
});
record!(Identity {
    username,
    is_superuser,
    rules,
    expires_at,
    authenticated_by,
    is_client_id_proven,
    enhanced,
});
record!(EnhancedAuthentication { method, data });

/// An enum whose values are numbers on the way.
macro_rules! numbered {
    ($type:ident { $($number:literal = $value:ident),* $(,)? }) => {
        impl Field for $type {
            fn write(&self, out: &mut Writer<'_>) {
                let number: u8 = match self {
                    $(Self::$value => $number,)*
                };
                out.put(&number);
            }

            fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
                match input.take::<u8>()? {
                    $($number => Ok(Self::$value),)*
                    _ => Err(Malformed(stringify!($type))),
                }
            }
        }
    };
}

numbered!(Awaited { 0 = Puback, 1 = Pubrec, 2 = Pubcomp });
numbered!(ProtocolVersion { 3 = V31, 4 = V311, 5 = V5 });
numbered!(RetainHandling { 0 = SendAtSubscribe, 1 = SendIfNew, 2 = DoNotSend });
numbered!(Transport { 0 = Tcp, 1 = Ssl, 2 = Ws, 3 = Wss });
numbered!(QoS { 0 = AtMostOnce, 1 = AtLeastOnce, 2 = ExactlyOnce });

impl Field for PacketType {
    fn write(&self, out: &mut Writer<'_>) {
        out.put(&(*self as u8));
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        Self::from_u8(input.take()?).ok_or(Malformed("a packet type"))
    }
}

impl Field for PacketId {
    fn write(&self, out: &mut Writer<'_>) {
        out.put(&self.get());
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        Self::new(input.take()?).ok_or(Malformed("packet identifier 0"))
    }
}

impl Field for NonZeroU32 {
    fn write(&self, out: &mut Writer<'_>) {
        out.put(&self.get());
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        Self::new(input.take()?).ok_or(Malformed("subscription identifier 0"))
    }
}

impl Field for SocketAddr {
    fn write(&self, out: &mut Writer<'_>) {
        match self.ip() {
            IpAddr::V4(ip) => {
                out.put(&4_u8);
                out.put(&ip.to_bits());
            }
            IpAddr::V6(ip) => {
                out.put(&6_u8);
                let bits = ip.to_bits();
                out.put(&((bits >> 64) as u64));
                out.put(&(bits as u64));
                let scope = if let Self::V6(address) = self {
                    address.scope_id()
                } else {
                    0
                };
                out.put(&scope);
            }
        }
        out.put(&self.port());
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        match input.take::<u8>()? {
            4 => {
                let ip = Ipv4Addr::from_bits(input.take()?);
                Ok(Self::from((ip, input.take()?)))
            }
            6 => {
                let (high, low): (u64, u64) = input.take()?;
                let ip = Ipv6Addr::from_bits(u128::from(high) << 64 | u128::from(low));
                let scope = input.take()?;
                Ok(Self::V6(SocketAddrV6::new(ip, input.take()?, 0, scope)))
            }
            _ => Err(Malformed("an address")),
        }
    }
}

impl Field for Arc<TlsPeer> {
    fn write(&self, out: &mut Writer<'_>) {
        out.put(&**self);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        input.take().map(Self::new)
    }
}

/// As text, which rules print as and are read from.
impl Field for Arc<RuleSet> {
    fn write(&self, out: &mut Writer<'_>) {
        let text: String = self.rules().map(|rule| format!("{rule}.\n")).collect();
        out.put(&text);
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let text: String = input.take()?;
        RuleSet::parse(&text)
            .map(Self::new)
            .map_err(|_| Malformed("rules of a token"))
    }
}
