//! Why connections end below MQTT: WebSocket and the PROXY protocol. What both have in common with all connections
//! stands in `disconnect_reasons.rs`, TLS in `tls_alerts.rs`.

use super::entry::{Entry, Kind::DisconnectReason, entry, text};

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        DisconnectReason,
        "proxy_proto_invalid",
        &["proxy_protocol_invalid"],
        text(
            "the connection did not begin with a PROXY header",
            "The listener has proxy_protocol = true, so the first bytes must be a PROXY header of version 1 or 2. They were something else, or a header with an error.",
            "A client that connects directly and not by way of the load balancer; a load balancer without send-proxy; two load balancers in a row.",
            "HAProxy: server ... send-proxy or send-proxy-v2; nginx: proxy_protocol on. For direct clients use a listener without proxy_protocol. emqx-ctl errors shows the bytes.",
        ),
        text(
            "连接没有以 PROXY 头开始",
            "监听器设置了 proxy_protocol = true,首字节必须是 v1 或 v2 的 PROXY 头,而收到的是其他内容或有错误的头。",
            "客户端绕过负载均衡直接连接;负载均衡没有启用 send-proxy;两级负载均衡。",
            "HAProxy:server ... send-proxy 或 send-proxy-v2;nginx:proxy_protocol on。直连客户端请使用未启用 proxy_protocol 的监听器。emqx-ctl errors 显示收到的字节。",
        ),
    ),
    entry(
        DisconnectReason,
        "proxy_proto_untrusted",
        &[],
        text(
            "a PROXY header came from an address that is not trusted",
            "trusted_proxies of the listener names the load balancers that may tell the address of a client. This connection came from another address, so its header was not read.",
            "A load balancer with a new address; somebody who tries to pretend another address.",
            "If it is a load balancer of yours, add its address to listeners.TYPE.NAME.trusted_proxies and restart the listener.",
        ),
        text(
            "PROXY 头来自不受信任的地址",
            "监听器的 trusted_proxies 列出可以告知客户端地址的负载均衡。该连接来自其他地址,因此没有读取其头部。",
            "负载均衡更换了地址;有人试图伪造地址。",
            "若是自己的负载均衡,将其地址加入 listeners.类型.名称.trusted_proxies 并重启监听器。",
        ),
    ),
    entry(
        DisconnectReason,
        "websocket_upgrade_failed",
        &["ws_upgrade_failed"],
        text(
            "the HTTP request for a WebSocket was refused",
            "The request was no WebSocket upgrade, or asked for another path than websocket.mqtt_path (/mqtt), without the subprotocol mqtt, or came from a page whose origin is not in check_origins.",
            "A client without the path: ws://HOST:8083/mqtt; a browser or health check that only asks for a page; a missing subprotocol; an HTTP proxy that does not pass Upgrade on.",
            "The detail in emqx-ctl disconnects and in the log says which. nginx: proxy_set_header Upgrade $http_upgrade and Connection upgrade; see also websocket.fail_if_no_subprotocol.",
        ),
        text(
            "WebSocket 的 HTTP 请求被拒绝",
            "请求不是 WebSocket 升级,或路径不是 websocket.mqtt_path(/mqtt),或没有子协议 mqtt,或来源网页不在 check_origins 中。",
            "客户端地址缺少路径:ws://主机:8083/mqtt;浏览器或健康检查的普通请求;缺少子协议;HTTP 代理没有转发 Upgrade。",
            "emqx-ctl disconnects 与日志中的 detail 说明具体原因。nginx 需设置 proxy_set_header Upgrade $http_upgrade 与 Connection upgrade;另见 websocket.fail_if_no_subprotocol。",
        ),
    ),
    entry(
        DisconnectReason,
        "websocket_upgrade_timeout",
        &[],
        text(
            "the HTTP request for a WebSocket was not complete in time",
            "The whole request has to come within mqtt.idle_timeout (15s).",
            "A connection that was opened and not used; an attack that sends byte by byte; a TLS client on the ws port.",
            "One from time to time is nothing. Many from one address: emqx-ctl banned add peerhost ADDRESS.",
        ),
        text(
            "WebSocket 的 HTTP 请求超时",
            "整个请求必须在 mqtt.idle_timeout(15s)内到达。",
            "建立连接后不发送数据;逐字节发送的慢速攻击;TLS 客户端连到 ws 端口。",
            "偶尔出现无需处理;大量来自同一地址:emqx-ctl banned add peerhost 地址。",
        ),
    ),
    entry(
        DisconnectReason,
        "websocket_frame_error",
        &["ws_frame_error"],
        text(
            "WebSocket frames were against their rules",
            "A frame without a mask, a text frame, a frame or message above websocket.max_frame_size, or one that its opcode does not allow.",
            "A client library that sends MQTT in text frames; a payload above the limit; a faulty proxy.",
            "Send MQTT in binary frames (6.0 of MQTT 5); the detail in emqx-ctl disconnects says which rule.",
        ),
        text(
            "WebSocket 帧不符合规则",
            "没有掩码的帧、文本帧、超过 websocket.max_frame_size 的帧或消息,或操作码不允许的帧。",
            "客户端库用文本帧发送 MQTT;负载超限;有缺陷的代理。",
            "MQTT 必须使用二进制帧(MQTT 5 第 6 章);emqx-ctl disconnects 中的 detail 说明具体规则。",
        ),
    ),
    entry(
        DisconnectReason,
        "websocket_idle_timeout",
        &[],
        text(
            "a WebSocket client sent nothing for a long time",
            "Neither MQTT nor a WebSocket ping came within websocket.idle_timeout (7200s).",
            "A client with keep alive 0, whose network went away.",
            "Give the client a keep alive, which finds this sooner.",
        ),
        text(
            "WebSocket 客户端长时间没有发送数据",
            "在 websocket.idle_timeout(7200s)内既没有 MQTT 报文也没有 WebSocket ping。",
            "客户端 keep alive 为 0 且网络已断开。",
            "为客户端设置 keep alive,可更早发现。",
        ),
    ),
];
