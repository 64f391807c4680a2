//! Words of log lines that operators search for.

use super::entry::{Entry, Kind::LogKeyword, entry, text};

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        LogKeyword,
        "maximum heap size reached",
        &["maximum heap size", "force_shutdown", "force_shutdown_policy"],
        text(
            "a client was closed because it held too much memory",
            "Queue, inflight messages and buffers of one client passed `force_shutdown.max_heap_size` (32MB); EMQX 4: the second half of `force_shutdown_policy = 10000|64MB`. Closing it keeps the broker alive.",
            "Messages pile up: they are published faster than this client takes them.",
            "Make the client faster, share the load (`$share/group/topic`), send less. Raise the limit only if memory for all clients is there.",
        ),
        text(
            "客户端占用内存过多而被关闭",
            "单个客户端的队列、飞行窗口与缓冲区超过 force_shutdown.max_heap_size(32MB);EMQX 4 中为 force_shutdown_policy = 10000|64MB 的后半部分。关闭它以保证 Broker 可用。",
            "消息堆积:生产速度超过该客户端的消费速度。",
            "优化客户端处理逻辑,使用共享订阅($share/组/主题)分担负载,或减少发送;内存充足时才调大上限。",
        ),
    ),
    entry(
        LogKeyword,
        "Parse failed",
        &["frame_parse_error", "frame_parse_failed", "Frame data"],
        text(
            "a packet could not be parsed",
            "The bytes in `Frame data` are not a valid MQTT packet; the connection was closed.",
            "HTTP, TLS or another protocol on the MQTT port (`GET /` = 47 45 54 20, TLS = 16 03); text that is not UTF-8; a faulty client.",
            "Read the first bytes: they usually name the protocol. Then: emqx-ctl explain with the reason in the line.",
        ),
        text(
            "报文解析失败",
            "Frame data 中的字节不是合法的 MQTT 报文,连接已关闭。",
            "HTTP、TLS 等其他协议连到 MQTT 端口(GET / 为 47 45 54 20,TLS 为 16 03);文本不是 UTF-8;客户端缺陷。",
            "先看开头的字节,通常能看出是什么协议;再用 emqx-ctl explain 查询该行中的 reason。",
        ),
    ),
    entry(
        LogKeyword,
        "mqueue is full",
        &["Dropped msg due to mqueue is full", "mqueue_full", "queue_full"],
        text(
            "a client's queue is full: its oldest message was dropped",
            "The send window (`mqtt.max_inflight`, or the client's Receive Maximum) was used up, and `mqtt.max_mqueue_len` (1000) messages were waiting already. The newest goes in, the oldest is lost. Logged once a minute; a summary line counts the rest.",
            "A client that acknowledges slowly, or is offline with a session that goes on collecting.",
            "At peaks only: raise `mqtt.max_mqueue_len`. All the time: make the client faster or use shared subscriptions. emqx-ctl clients show CLIENTID shows mqueue_len and mqueue_dropped.",
        ),
        text(
            "客户端消息队列已满,最旧的消息被丢弃",
            "飞行窗口(mqtt.max_inflight 或客户端的 Receive Maximum)已用尽,且已有 mqtt.max_mqueue_len(1000)条消息在排队。新消息入队,最旧的消息被丢弃。该日志每分钟一条,其余由汇总行计数。",
            "客户端确认缓慢,或离线但会话仍在累积消息。",
            "仅高峰出现时可调大 mqtt.max_mqueue_len;持续出现则优化客户端或使用共享订阅。emqx-ctl clients show 客户端ID 可查看 mqueue_len 与 mqueue_dropped。",
        ),
    ),
    entry(
        LogKeyword,
        "dropped_qos0_msg",
        &[],
        text(
            "a QoS 0 message was dropped",
            "The client was offline or its window full, and `mqtt.mqueue_store_qos0` is false; or its connection could not take more.",
            "QoS 0 to a slow or absent client.",
            "Publish with QoS 1 what must not be lost, or set `mqtt.mqueue_store_qos0 = true`.",
        ),
        text(
            "QoS 0 消息被丢弃",
            "客户端离线或窗口已满且 mqtt.mqueue_store_qos0 为 false,或连接无法接收更多数据。",
            "向慢速或离线客户端发送 QoS 0 消息。",
            "不能丢失的消息使用 QoS 1,或设置 mqtt.mqueue_store_qos0 = true。",
        ),
    ),
    entry(
        LogKeyword,
        "log_events_throttled_during_last_period",
        &["throttled"],
        text(
            "the same event happened many times",
            "Some events are written once a minute (`log.throttling.time_window`) however often they occur; this line says how many were held back.",
            "One cause repeated for each message or connection.",
            "Look for the first line of each name. With the level `debug` nothing is held back: emqx-ctl log set-level debug.",
        ),
        text(
            "同一事件重复多次",
            "某些事件每分钟(log.throttling.time_window)只写一次,该行说明被省略的次数。",
            "同一原因随每条消息或每个连接重复出现。",
            "查看各名称首次出现的日志;debug 级别下不会省略:emqx-ctl log set-level debug。",
        ),
    ),
    entry(
        LogKeyword,
        "log_lines_dropped",
        &[],
        text(
            "log lines were lost",
            "Lines came faster than they could be written, or could not be written at all.",
            "Debug level under load, a slow or full disk, a terminal that does not read.",
            "Raise the level (emqx-ctl log set-level warning); check df -h.",
        ),
        text(
            "部分日志行丢失",
            "日志产生过快,或无法写入。",
            "高负载下使用 debug 级别、磁盘过慢或已满、终端不读取。",
            "提高日志级别(emqx-ctl log set-level warning),检查 df -h。",
        ),
    ),
    entry(
        LogKeyword,
        "emqx_connection_terminated",
        &["terminate", "terminated"],
        text(
            "a connection has ended",
            "Written for every connection that ends; `reason` in the line says why: {shutdown,normal} is a clean DISCONNECT, all others have an entry of their own.",
            "-",
            "emqx-ctl explain with the reason; emqx-ctl why CLIENTID for the story of one client.",
        ),
        text(
            "连接已结束",
            "每个连接结束时都会记录,reason 说明原因:{shutdown,normal} 为正常断开,其他原因均有独立条目。",
            "-",
            "用 emqx-ctl explain 查询 reason;用 emqx-ctl why 客户端ID 查看单个客户端的经过。",
        ),
    ),
    entry(
        LogKeyword,
        "Default (insecure) Erlang cookie is in use",
        &[
            "insecure cookie",
            "node.cookie",
            "EMQX_NODE__COOKIE",
            "emqxsecretcookie",
        ],
        text(
            "the cluster cookie is the one everybody knows",
            "Only nodes with the same cookie form a cluster; the default keeps nobody out.",
            "`node.cookie` was not set.",
            "Set the same long random `node.cookie` in emqx.conf of every node, or EMQX_NODE__COOKIE in the environment. A single machine without cluster ports is not at risk.",
        ),
        text(
            "使用了默认(不安全)的集群 Cookie",
            "只有 Cookie 相同的节点才能组成集群,默认值起不到隔离作用。",
            "没有设置 node.cookie。",
            "在所有节点的 emqx.conf 中设置相同的随机 node.cookie,或使用环境变量 EMQX_NODE__COOKIE;未开放集群端口的单机不受影响。",
        ),
    ),
    entry(
        LogKeyword,
        "The license certificate is expired",
        &[
            "license expired",
            "connection_rejected_due_to_license_limit_reached",
            "connection_rejected_due_to_license_expired",
            "license_has_expired",
        ],
        text(
            "the licence has run out or its limit is reached",
            "Existing connections stay. For trial and small licences no new ones are accepted after the end; for others they are, up to the limit.",
            "Not renewed; more connections than licensed.",
            "Renew the licence; clients refused for it are counted as quota_exceeded.",
        ),
        text(
            "License 已过期或达到上限",
            "现有连接不受影响。试用或小型 license 过期后不再接受新连接;其他类型在上限内仍可接受。",
            "没有续期;连接数超过授权。",
            "更新 license;因此被拒绝的客户端计入 quota_exceeded。",
        ),
    ),
    entry(
        LogKeyword,
        "authentication_failure",
        &["authentication failed"],
        text(
            "a client was refused at login",
            "An authenticator said no; `reason` in the line is what the client was told.",
            "Wrong password, unknown user, expired token; someone trying passwords.",
            "emqx-ctl why CLIENTID names the authenticator that refused. Logged once a minute, all are counted: emqx-ctl listeners. Many from one address: emqx-ctl banned add peerhost ADDRESS.",
        ),
        text(
            "客户端认证失败",
            "认证被拒绝,日志中的 reason 是返回给客户端的原因。",
            "密码错误、用户不存在、令牌过期;有人在尝试密码。",
            "emqx-ctl why 客户端ID 给出拒绝的认证器。该日志每分钟一条,全部次数见 emqx-ctl listeners;若大量来自同一地址:emqx-ctl banned add peerhost 地址。",
        ),
    ),
    entry(
        LogKeyword,
        "authorization_permission_denied",
        &[
            "cannot_publish_to_topic_due_to_not_authorized",
            "cannot_subscribe_topic_filter",
        ],
        text(
            "a client may not publish or subscribe there",
            "An access rule refused a topic. The client is told 0x87 or disconnected, as `authorization.deny_action` says.",
            "Rule missing for this client; topic misspelt.",
            "emqx-ctl why CLIENTID names the rule and its line. Compare topic and user name with acl.conf; see also emqx-ctl explain not_authorized.",
        ),
        text(
            "客户端没有发布或订阅权限",
            "访问规则拒绝了该主题。依据 authorization.deny_action,客户端收到 0x87 或被断开。",
            "缺少该客户端的规则;主题拼写错误。",
            "emqx-ctl why 客户端ID 给出命中的规则及其行号;对照 acl.conf 检查主题与用户名;参见 emqx-ctl explain not_authorized。",
        ),
    ),
    entry(
        LogKeyword,
        "session_takeover_given_up",
        &[],
        text(
            "a session that was to move to another node stayed",
            "Its client had connected to another node of the cluster, which asked for the session and then did not go through with it in time. The session goes on here, with every message that came meanwhile.",
            "The other node stopped, or the nodes could not reach each other for some seconds; the client gave up.",
            "Nothing, if it comes alone: the client gets its session when it connects again. If it comes often, look at the links between the nodes: emqx-ctl cluster status.",
        ),
        text(
            "准备迁往其他节点的会话留在了本节点",
            "该客户端连接到了集群中的另一个节点,对方请求了会话,但未在限定时间内完成接管。会话在本节点继续,期间收到的消息全部保留。",
            "对方节点已停止,节点之间有数秒无法互通,或客户端放弃了连接。",
            "偶尔出现无需处理:客户端再次连接时即可取得会话。频繁出现时请检查节点间的链路:emqx-ctl cluster status。",
        ),
    ),
    entry(
        LogKeyword,
        "subscription_not_taken_over",
        &[],
        text(
            "a subscription was not kept when its session moved to this node",
            "The limits of this node do not allow it (`reason` names which), or another client of this node holds the exclusive topic. The rest of the session moved.",
            "The nodes are configured differently; two clients subscribed to one `$exclusive/` topic on two nodes.",
            "Give all nodes the same mqtt settings, then let the client subscribe again.",
        ),
        text(
            "会话迁入本节点时有一个订阅未能保留",
            "本节点的限制不允许该订阅(见 reason),或本节点的其他客户端已占用该排他主题。会话的其余部分已迁入。",
            "各节点配置不一致;两个客户端在两个节点上订阅了同一个 $exclusive/ 主题。",
            "让所有节点使用相同的 mqtt 配置,然后让客户端重新订阅。",
        ),
    ),
];
