//! What can be wrong with a packet: the parser's words that end a connection under their own name.
//! All of them reach an MQTT 5 client as 0x81 (malformed packet) or 0x82 (protocol error).

use super::entry::{Entry, Kind::DisconnectReason, entry, text};

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        DisconnectReason,
        "function_clause",
        &["parse failed for function_clause"],
        text(
            "the bytes are not a valid MQTT packet",
            "EMQX 4 name for any malformed packet; EMQX 5 says frame_error, malformed_packet or invalid_connect_packet.",
            "HTTP or another protocol sent to the MQTT port; text that is not UTF-8; a faulty MQTT library.",
            "Search the log for `Parse failed`; the `Frame data` in that line are the bytes as they came.",
        ),
        text(
            "收到的字节不是合法的 MQTT 报文",
            "EMQX 4 对一切畸形报文的称呼;EMQX 5 中为 frame_error、malformed_packet 或 invalid_connect_packet。",
            "向 MQTT 端口发送 HTTP 等其他协议;文本不是 UTF-8;MQTT 库有缺陷。",
            "在日志中搜索 Parse failed,该行的 Frame data 即原始字节。",
        ),
    ),
    entry(
        DisconnectReason,
        "bad_frame_header",
        &["malformed_variable_byte_integer"],
        text(
            "the header of a packet is not valid",
            "Packet type, its flag bits or the length field break the rules (MQTT 5, 2.1): reserved bits set, or a length of more than four bytes.",
            "Bytes lost or repeated in the stream, so that a header is looked for in the middle of a packet; not MQTT at all.",
            "Check that only one thread of the client writes to the socket; look at the Frame data in the log.",
        ),
        text(
            "报文头不合法",
            "报文类型、标志位或长度字段违反规则(MQTT 5 第 2.1 节),例如保留位被置位或长度超过四字节。",
            "字节流中丢失或重复字节,导致在报文中间解析头部;对端不是 MQTT。",
            "确认客户端只有一个线程写套接字;查看日志中的 Frame data。",
        ),
    ),
    entry(
        DisconnectReason,
        "bad_packet_id",
        &["invalid_packet_id"],
        text(
            "a packet id of zero",
            "Packets with QoS 1 or 2, SUBSCRIBE and UNSUBSCRIBE need a packet id from 1 to 65535 (MQTT 5, 2.2.1).",
            "A client's counter that wraps around to 0.",
            "Update the client library.",
        ),
        text(
            "报文标识符为 0",
            "QoS 1/2 的 PUBLISH、SUBSCRIBE、UNSUBSCRIBE 的报文标识符必须在 1 到 65535 之间(MQTT 5 第 2.2.1 节)。",
            "客户端计数器回绕到 0。",
            "升级客户端库。",
        ),
    ),
    entry(
        DisconnectReason,
        "bad_subqos",
        &["empty_topic_filters"],
        text(
            "a SUBSCRIBE or UNSUBSCRIBE with wrong content",
            "A requested QoS of 3, reserved option bits, or no topic filter at all.",
            "A faulty client; a list of subscriptions that is empty at run time.",
            "Log what the client subscribes to; skip the packet if there is nothing to subscribe.",
        ),
        text(
            "订阅或取消订阅报文内容有误",
            "请求的 QoS 为 3、选项保留位被置位,或没有任何主题过滤器。",
            "客户端缺陷;运行时订阅列表为空。",
            "检查客户端订阅的内容;列表为空时不要发送。",
        ),
    ),
    entry(
        DisconnectReason,
        "malformed_properties",
        &[
            "invalid_property_code",
            "invalid_property_value",
            "too_many_user_properties",
        ],
        text(
            "the properties of an MQTT 5 packet are not valid",
            "A property that is unknown, not allowed in this packet, given twice, out of range, or more of them than the broker takes.",
            "A client that mixes MQTT 3.1.1 and 5; user properties added in a loop.",
            "Compare with MQTT 5, 2.2.2; the log line names the property.",
        ),
        text(
            "MQTT 5 属性不合法",
            "属性未知、不允许出现在该报文中、重复、超出范围,或数量过多。",
            "客户端混用 MQTT 3.1.1 与 5;循环中不断追加用户属性。",
            "对照 MQTT 5 第 2.2.2 节,日志中会指出具体属性。",
        ),
    ),
    entry(
        DisconnectReason,
        "reserved_connect_flag",
        &[
            "invalid_will_qos",
            "invalid_will_retain",
            "invalid_password_flag",
            "invalid_proto_name",
        ],
        text(
            "a CONNECT whose name or flags contradict each other",
            "Protocol name other than MQTT (MQIsdp for 3.1), reserved flag set, will QoS 3, will flags without a will, or a password without user name before MQTT 5.",
            "A hand-written client.",
            "Compare the CONNECT in the Frame data with MQTT 3.1.2; let the library build it.",
        ),
        text(
            "CONNECT 的协议名或标志位有误",
            "协议名不是 MQTT(3.1 为 MQIsdp)、保留位被置位、遗嘱 QoS 为 3、没有遗嘱却设置遗嘱标志,或 MQTT 5 之前只有密码没有用户名。",
            "自行实现的客户端。",
            "用 Frame data 对照规范 3.1.2 节,建议由客户端库生成 CONNECT。",
        ),
    ),
    entry(
        DisconnectReason,
        "utf8_string_invalid",
        &[],
        text(
            "text that is not valid UTF-8",
            "A client id, user name, topic or property holds bytes that are not UTF-8, or a zero character (MQTT 5, 1.5.4).",
            "Names in another encoding (GBK, Latin-1); binary data in a topic.",
            "Encode as UTF-8 in the client; put binary data into the payload.",
        ),
        text(
            "文本不是合法的 UTF-8",
            "Client ID、用户名、主题或属性包含非 UTF-8 字节或空字符(MQTT 5 第 1.5.4 节)。",
            "使用了 GBK、Latin-1 等其他编码;主题中含二进制数据。",
            "客户端统一使用 UTF-8,二进制数据放入负载。",
        ),
    ),
    entry(
        DisconnectReason,
        "invalid_topic",
        &[],
        text(
            "a topic that cannot be",
            "The topic of a PUBLISH or will is empty or not allowed text.",
            "A topic built from an empty variable; wildcards `+` or `#` in a topic that is published to.",
            "Log the topic in the client; see topic_name_invalid and topic_filter_invalid.",
        ),
        text(
            "主题不合法",
            "PUBLISH 或遗嘱的主题为空或含有不允许的文本。",
            "用空变量拼接主题;发布的主题中含 + 或 #。",
            "在客户端打印主题;另见 topic_name_invalid 与 topic_filter_invalid。",
        ),
    ),
];
