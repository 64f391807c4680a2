//! CONNECT and the will in it.

use mqtt_codec::DecodeError::*;
use mqtt_codec::PacketType::*;
use mqtt_codec::ProtocolVersion::{V5, V31, V311};
use mqtt_codec::*;

use crate::bytes::*;

#[rustfmt::skip] // One row a line.
pub(crate) fn rows() -> Vec<Row> {
    let version = |name, level| UnsupportedProtocolVersion { name, level };
    let will_qos = |qos, will| InvalidWillQos { qos, will };
    let will = |topic: &[u8]| connect(V311, 0x06, &[b"\0\x01c", topic, b"\0\x01p"].concat());
    vec![
        ("no bytes", New, vec![0x10, 0], Truncated(Connect)),
        ("name in lower case", New, framed(0x10, b"\0\x04mqtt\x04\x02\0\x3c\0\0"), InvalidProtocolName),
        ("name too long", New, framed(0x10, b"\0\x05MQTTT\x04\x02\0\x3c\0\0"), InvalidProtocolName),
        ("no name", New, framed(0x10, b"\0\0\x04\x02\0\x3c\0\0"), InvalidProtocolName),
        ("name not UTF-8", New, framed(0x10, b"\0\x04MQT\xFF\x04\x02\0\x3c\0\0"), InvalidProtocolName),
        ("name overruns", New, framed(0x10, b"\0\x09MQTT\x04"), Truncated(Connect)),
        ("level 6", New, framed(0x10, b"\0\x04MQTT\x06\x02\0\x3c\0\0"), version("MQTT", 6)),
        ("level 3 of MQTT", New, framed(0x10, b"\0\x04MQTT\x03\x02\0\x3c\0\0"), version("MQTT", 3)),
        ("level 0", New, framed(0x10, b"\0\x04MQTT\x00\x02\0\x3c\0\0"), version("MQTT", 0)),
        ("level 4 of MQIsdp", New, framed(0x10, b"\0\x06MQIsdp\x04\x02\0\x3c\0\0"), version("MQIsdp", 4)),
        ("level 0x86", New, framed(0x10, b"\0\x04MQTT\x86\x02\0\x3c\0\0"), version("MQTT", 0x86)),
        ("no level", New, framed(0x10, b"\0\x04MQTT"), Truncated(Connect)),
        ("no flags", New, framed(0x10, b"\0\x04MQTT\x04"), Truncated(Connect)),
        ("half a keep alive", New, framed(0x10, b"\0\x04MQTT\x04\x02\x00"), Truncated(Connect)),
        ("no client id", New, connect(V311, 0x02, b""), Truncated(Connect)),
        ("client id overruns", New, connect(V311, 0x02, b"\0\x02c"), Truncated(Connect)),
        ("client id not UTF-8", New, connect(V311, 0x02, b"\0\x02\xC3\x28"), InvalidUtf8),
        ("client id with U+0000", New, connect(V311, 0x02, b"\0\x03a\0b"), NulInString),
        ("reserved flag", New, connect(V311, 0x03, b"\0\x01c"), ReservedConnectFlag),
        ("reserved flag in 5", New, connect(V5, 0x01, b"\0\0\x01c"), ReservedConnectFlag),
        ("reserved flag in 3.1", New, connect(V31, 0x03, b"\0\x01c"), ReservedConnectFlag),
        ("will QoS 3", New, connect(V311, 0x1E, b"\0\x01c\0\x01t\0\x01p"), will_qos(3, true)),
        ("will QoS 3 in 3.1", New, connect(V31, 0x1E, b"\0\x01c\0\x01t\0\x01p"), will_qos(3, true)),
        ("will QoS 3 in 5", New, connect(V5, 0x1E, b"\0\0\x01c\0\0\x01t\0\x01p"), will_qos(3, true)),
        ("will QoS without will", New, connect(V311, 0x0A, b"\0\x01c"), will_qos(1, false)),
        ("will QoS 3 without will", New, connect(V5, 0x1A, b"\0\0\x01c"), will_qos(3, false)),
        ("will retain without will", New, connect(V311, 0x22, b"\0\x01c"), WillRetainWithoutWill),
        ("will topic missing", New, connect(V311, 0x06, b"\0\x01c"), Truncated(Connect)),
        ("will payload missing", New, connect(V311, 0x06, b"\0\x01c\0\x01t"), Truncated(Connect)),
        ("will topic empty", New, will(b"\0\0"), InvalidWillTopic),
        ("will topic with +", New, will(b"\0\x03a/+"), InvalidWillTopic),
        ("will topic with #", New, will(b"\0\x01#"), InvalidWillTopic),
        ("will topic with U+0000", New, will(b"\0\x01\0"), NulInString),
        ("will topic not UTF-8", New, will(b"\0\x01\xFF"), InvalidUtf8),
        ("password alone", New, connect(V311, 0x42, b"\0\x01c\0\x01p"), PasswordWithoutUsername),
        ("password alone in 3.1", New, connect(V31, 0x42, b"\0\x01c\0\x01p"), PasswordWithoutUsername),
        ("user name missing", New, connect(V311, 0x82, b"\0\x01c"), Truncated(Connect)),
        ("user name with U+0000", New, connect(V311, 0x82, b"\0\x01c\0\x01\0"), NulInString),
        ("user name not UTF-8", New, connect(V311, 0x82, b"\0\x01c\0\x02\xED\xA0"), InvalidUtf8),
        ("password missing", New, connect(V311, 0xC2, b"\0\x01c\0\x01u"), Truncated(Connect)),
        ("password overruns", New, connect(V5, 0x42, b"\0\0\x01c\0\x05p"), Truncated(Connect)),
        ("bytes after client id", New, connect(V311, 0x02, b"\0\x01cxx"), TrailingBytes { packet: Connect, count: 2, }),
        ("no properties in 5", New, connect(V5, 0x02, b""), Truncated(Connect)),
        ("property length overruns", New, connect(V5, 0x02, b"\x09\0\x01c"), PropertyLengthOverrun(Connect)),
        ("authentication data alone", New, connect_with(b"\x16\0\x01d"), AuthenticationDataWithoutMethod),
        ("receive maximum 0", New, connect_with(b"\x21\0\0"), invalid(PropertyId::ReceiveMaximum, 0)),
        ("maximum packet size 0", New, connect_with(b"\x27\0\0\0\0"), invalid(PropertyId::MaximumPacketSize, 0)),
        ("request response information 2", New, connect_with(b"\x19\x02"), invalid(PropertyId::RequestResponseInformation, 2)),
        ("request problem information 2", New, connect_with(b"\x17\x02"), invalid(PropertyId::RequestProblemInformation, 2)),
        ("will payload format 2", New, will_with(b"\x01\x02"), invalid(PropertyId::PayloadFormatIndicator, 2)),
        ("will response topic with +", New, will_with(b"\x08\0\x01+"), InvalidResponseTopic),
        ("will response topic empty", New, will_with(b"\x08\0\0"), InvalidResponseTopic),
        ("will property cut", New, will_with(b"\x18\0\0"), PropertyTruncated(Connect)),
        ("authentication method not UTF-8", New, connect_with(b"\x15\0\x01\xFF"), InvalidUtf8),
    ]
}
