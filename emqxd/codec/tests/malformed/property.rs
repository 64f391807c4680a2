//! Every property in every packet: where it belongs, once, whole, and not too often.

use ::bytes::Bytes;
use mqtt_codec::DecodeError::*;
use mqtt_codec::PacketType::*;
use mqtt_codec::ProtocolVersion::V5;
use mqtt_codec::*;

use crate::bytes::*;

/// Bytes of a valid value of each property, and the packets that have it.
#[rustfmt::skip] // One row a line.
pub(crate) fn properties() -> Vec<(PropertyId, &'static [u8], &'static [&'static str])> {
    use PropertyId::*;
    vec![
        (PayloadFormatIndicator, b"\x01", &["PUBLISH", "will"]),
        (MessageExpiryInterval, b"\0\0\0\x01", &["PUBLISH", "will"]),
        (ContentType, b"\0\x01a", &["PUBLISH", "will"]),
        (ResponseTopic, b"\0\x01a", &["PUBLISH", "will"]),
        (CorrelationData, b"\0\x01a", &["PUBLISH", "will"]),
        (SubscriptionIdentifier, b"\x01", &["PUBLISH", "SUBSCRIBE"]),
        (SessionExpiryInterval, b"\0\0\0\x01", &["CONNECT", "CONNACK", "DISCONNECT"]),
        (AssignedClientIdentifier, b"\0\x01a", &["CONNACK"]),
        (ServerKeepAlive, b"\0\x01", &["CONNACK"]),
        (AuthenticationMethod, b"\0\x01a", &["CONNECT", "CONNACK", "AUTH"]),
        (AuthenticationData, b"\0\x01a", &["CONNECT", "CONNACK", "AUTH"]),
        (RequestProblemInformation, b"\x01", &["CONNECT"]),
        (WillDelayInterval, b"\0\0\0\x01", &["will"]),
        (RequestResponseInformation, b"\x01", &["CONNECT"]),
        (ResponseInformation, b"\0\x01a", &["CONNACK"]),
        (ServerReference, b"\0\x01a", &["CONNACK", "DISCONNECT"]),
        (ReasonString, b"\0\x01a", &["CONNACK", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBACK", "UNSUBACK", "DISCONNECT", "AUTH", ]),
        (ReceiveMaximum, b"\0\x01", &["CONNECT", "CONNACK"]),
        (TopicAliasMaximum, b"\0\x01", &["CONNECT", "CONNACK"]),
        (TopicAlias, b"\0\x01", &["PUBLISH"]),
        (MaximumQos, b"\x01", &["CONNACK"]),
        (RetainAvailable, b"\x01", &["CONNACK"]),
        (UserProperty, b"\0\x01a\0\x01b", &["CONNECT", "will", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBSCRIBE", "SUBACK", "UNSUBSCRIBE", "UNSUBACK", "DISCONNECT", "AUTH", ]),
        (MaximumPacketSize, b"\0\0\0\x01", &["CONNECT", "CONNACK"]),
        (WildcardSubscriptionAvailable, b"\x01", &["CONNACK"]),
        (SubscriptionIdentifierAvailable, b"\x01", &["CONNACK"]),
        (SharedSubscriptionAvailable, b"\x01", &["CONNACK"]),
    ]
}

/// A packet around a list of properties.
pub(crate) type Carrier = fn(&[u8]) -> Vec<u8>;

/// Every place for properties.
pub(crate) const CARRIERS: [(&str, PacketType, Carrier); 14] = [
    ("CONNECT", Connect, |properties| connect_with(properties)),
    ("will", Connect, |properties| will_with(properties)),
    ("CONNACK", Connack, |properties| connack_with(properties)),
    ("PUBLISH", Publish, |properties| publish_with(properties)),
    ("PUBACK", Puback, |properties| reason_with(0x40, b"\0\x01", properties)),
    ("PUBREC", Pubrec, |properties| reason_with(0x50, b"\0\x01", properties)),
    ("PUBREL", Pubrel, |properties| reason_with(0x62, b"\0\x01", properties)),
    ("PUBCOMP", Pubcomp, |properties| {
        reason_with(0x70, b"\0\x01", properties)
    }),
    ("SUBSCRIBE", Subscribe, |properties| {
        with_id(0x82, properties, b"\0\x01a\0")
    }),
    ("SUBACK", Suback, |properties| with_id(0x90, properties, b"\0")),
    ("UNSUBSCRIBE", Unsubscribe, |properties| {
        with_id(0xA2, properties, b"\0\x01a")
    }),
    ("UNSUBACK", Unsuback, |properties| with_id(0xB0, properties, b"\0")),
    ("DISCONNECT", Disconnect, |properties| {
        reason_with(0xE0, b"", properties)
    }),
    ("AUTH", Auth, |properties| reason_with(0xF0, b"", properties)),
];

#[test]
fn every_property_is_taken_where_the_specification_has_it_and_refused_elsewhere() {
    for (place, packet, carrier) in CARRIERS {
        for (property, value, places) in properties() {
            let mut bytes = vec![property as u8];
            bytes.extend_from_slice(value);
            let is_auth_data_alone = property == PropertyId::AuthenticationData && place == "CONNECT";
            if is_auth_data_alone || (place == "AUTH" && property != PropertyId::AuthenticationMethod) {
                bytes.extend_from_slice(b"\x15\0\x01m");
            }
            let result = decode(Client(V5), &carrier(&bytes));
            if places.contains(&place) {
                assert!(matches!(result, Ok(Some(_))), "{property} in {place}: {result:?}");
            } else {
                assert_eq!(
                    result,
                    Err(PropertyNotAllowed { packet, property }),
                    "{property} in {place}"
                );
            }
        }
    }
}

#[test]
fn a_property_may_appear_twice_only_where_the_specification_says_so() {
    for (place, _, carrier) in CARRIERS {
        for (property, value, places) in properties() {
            if !places.contains(&place) {
                continue;
            }
            let once = [&[property as u8], value].concat();
            let result = decode(Client(V5), &carrier(&[&once[..], &once[..], b"\x15\0\x01m"].concat()));
            let may_repeat = property == PropertyId::UserProperty
                || (property == PropertyId::SubscriptionIdentifier && place == "PUBLISH");
            if may_repeat {
                assert!(
                    !matches!(result, Err(DuplicateProperty(_))),
                    "{property} in {place}: {result:?}"
                );
            } else {
                assert_eq!(result, Err(DuplicateProperty(property)), "{property} in {place}");
            }
        }
    }
}

#[test]
fn a_property_cut_at_any_byte_is_refused() {
    for (place, packet, carrier) in CARRIERS {
        for (property, value, places) in properties() {
            if !places.contains(&place) {
                continue;
            }
            let whole = [&[property as u8], value].concat();
            for cut in 1..whole.len() {
                let result = decode(Client(V5), &carrier(&whole[..cut]));
                assert_eq!(
                    result,
                    Err(PropertyTruncated(packet)),
                    "{property} in {place} cut to {cut}"
                );
            }
        }
    }
}

#[test]
fn a_string_property_that_is_not_text_is_refused_in_every_packet() {
    let bad: [(&[u8], DecodeError); 6] = [
        (b"\0\x01\0", NulInString),
        (b"\0\x03a\0b", NulInString),
        (b"\0\x01\xFF", InvalidUtf8),
        (b"\0\x02\xC3\x28", InvalidUtf8),
        (b"\0\x03\xED\xBF\xBF", InvalidUtf8),
        (b"\0\x02a\xE2", InvalidUtf8),
    ];
    let strings = [
        PropertyId::ContentType,
        PropertyId::ResponseTopic,
        PropertyId::AssignedClientIdentifier,
        PropertyId::AuthenticationMethod,
        PropertyId::ResponseInformation,
        PropertyId::ServerReference,
        PropertyId::ReasonString,
    ];
    for (place, _, carrier) in CARRIERS {
        for (bytes, error) in &bad {
            for (property, _, places) in properties() {
                if strings.contains(&property) && places.contains(&place) {
                    let result = decode(Client(V5), &carrier(&[&[property as u8], *bytes].concat()));
                    assert_eq!(result.as_ref(), Err(error), "{property} in {place}: {bytes:02x?}");
                }
            }
            for user in [[b"\x26", *bytes, b"\0\0"], [b"\x26", b"\0\0", *bytes]] {
                let result = decode(Client(V5), &carrier(&user.concat()));
                assert_eq!(result.as_ref(), Err(error), "user property in {place}: {user:02x?}");
            }
        }
    }
}

#[test]
fn user_properties_are_limited_in_every_packet() {
    for (place, _, carrier) in CARRIERS {
        let limits = DecodeLimits {
            max_user_properties: 2,
            ..DecodeLimits::default()
        };
        let decode = |count: usize| {
            let mut properties = b"\x26\0\0\0\0".repeat(count);
            if place == "AUTH" {
                properties.extend_from_slice(b"\x15\0\x01m");
            }
            let mut decoder = Decoder::with_version(V5, limits);
            decoder.decode(&mut Bytes::from(carrier(&properties)))
        };
        assert!(matches!(decode(2), Ok(Some(_))), "{place}");
        assert_eq!(decode(3), Err(TooManyUserProperties { limit: 2 }), "{place}");
    }
}
