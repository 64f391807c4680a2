//! Words of the log, and alarms, about what the nodes of a cluster share: agreed facts, routes, messages, sessions.

use super::entry::{Entry, Kind::LogKeyword, entry, text};

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        LogKeyword,
        "consensus_log_lost",
        &["consensus_not_started", "consensus_not_taken_back", "no_majority"],
        text(
            "licence, admins, bans and users can be read and not changed",
            "What nodes agree on goes through a log of which each has a copy. `consensus_log_lost`: this node's copy is gone; voting with an empty one could undo what was agreed on, so it has no say. `consensus_not_started`, `consensus_not_taken_back`: it could not be opened. `no_majority`: too few voting nodes reach each other. Clients are served all the same.",
            "A full or damaged disk; a deleted folder `cluster`; rights of the data folder; half of the nodes or more are down or cut off.",
            "Lost: on another node emqx-ctl cluster force-leave THIS_NODE, then here emqx-ctl cluster join OTHER_NODE. Not opened: see to the folder named in the line, then restart. No majority: start the nodes that emqx-ctl cluster status shows as stopped.",
        ),
        text(
            "许可证、管理员、黑名单与用户可读不可改",
            "节点间达成一致的内容写入每个节点都有副本的日志。consensus_log_lost:本节点的副本丢失;用空日志投票可能撤销已达成的决定,因此它没有发言权。consensus_not_started、consensus_not_taken_back:日志无法打开。no_majority:能互相访问的投票节点过少。客户端服务不受影响。",
            "磁盘已满或损坏;cluster 目录被删除;数据目录权限;半数以上节点宕机或被隔离。",
            "丢失:在其他节点执行 emqx-ctl cluster force-leave 本节点,再在本节点执行 emqx-ctl cluster join 其他节点。无法打开:处理该行所指的目录后重启。无多数:启动 emqx-ctl cluster status 显示为停止的节点。",
        ),
    ),
    entry(
        LogKeyword,
        "state_write_failed",
        &[],
        text(
            "a change of licence, admins, bans or users could not be written",
            "The disk did not take it, and after that nothing more is written: what a disk that failed once says cannot be trusted. The change was not made; what was there before is in force, and clients are served.",
            "A full disk; a file system that became read-only; a failing disk.",
            "df -h and dmesg; see to the disk, then restart emqxd.",
        ),
        text(
            "许可证、管理员、黑名单或用户的修改无法写入",
            "磁盘未接受写入,之后不再写入任何内容:曾经失败的磁盘不可信。修改未生效,原有内容仍然有效,客户端服务不受影响。",
            "磁盘已满;文件系统变为只读;磁盘故障。",
            "查看 df -h 与 dmesg;处理磁盘后重启 emqxd。",
        ),
    ),
    entry(
        LogKeyword,
        "state_command_unknown",
        &[
            "peer_question_unknown",
            "peer_lane_unknown",
            "peer_question_unreadable",
            "consensus_call_unreadable",
            "consensus_reply_unwritable",
            "lane_from_peer_broken",
        ],
        text(
            "the nodes of the cluster run versions that differ too much",
            "A node of another version said something that this one does not understand. `state_command_unknown` is the serious one: the cluster has agreed on a change that this node could not make, so its licence, admins, bans or users are not those of the others any more (an alarm stands). The other words: one question went unanswered, or messages from that node wait.",
            "An upgrade that has reached only part of the nodes.",
            "Run the same version everywhere: emqx-ctl cluster nodes shows who has which. After `state_command_unknown` let the node leave and join again once it is upgraded.",
        ),
        text(
            "集群节点的版本差异过大",
            "其他版本的节点发来了本节点无法理解的内容。其中 state_command_unknown 最严重:集群已同意一项本节点无法执行的修改,因此其许可证、管理员、黑名单或用户与其他节点不再一致(有告警)。其余词表示一个询问未得到应答,或来自该节点的消息在等待。",
            "升级只完成了部分节点。",
            "在所有节点运行同一版本:emqx-ctl cluster nodes 显示各节点版本。出现 state_command_unknown 后,升级该节点,再让其离开并重新加入。",
        ),
    ),
    entry(
        LogKeyword,
        "state_taken_from_the_cluster",
        &[
            "applied_elsewhere_first",
            "command_of_start_not_applied",
            "too_many_commands_at_start",
        ],
        text(
            "this node takes what the cluster has agreed on",
            "`state_taken_from_the_cluster`: a node that joined, or was away for long, got licence, admins, bans and users as a whole. `applied_elsewhere_first`: a change was agreed on, and this node shows it a little later than it was answered. The other two: what the start of this node wanted to make sure of (such as the first admin) was refused or left out.",
            "Joining; a long absence; a node whose disk is slower than the others'.",
            "Nothing for the first two. For the others compare emqx-ctl admins list and emqx-ctl banned list with what you expect.",
        ),
        text(
            "本节点接收集群已达成一致的内容",
            "state_taken_from_the_cluster:刚加入或长时间离线的节点整体获得许可证、管理员、黑名单与用户。applied_elsewhere_first:修改已达成一致,本节点稍后才显示。另外两个表示本节点启动时要确保的内容(如首个管理员)被拒绝或略过。",
            "加入集群;长时间离线;磁盘比其他节点慢。",
            "前两者无需处理;后两者请用 emqx-ctl admins list 与 emqx-ctl banned list 核对。",
        ),
    ),
    entry(
        LogKeyword,
        "own_facts_not_restored",
        &["own_facts_not_removed", "half_a_snapshot_not_removed", "ban_not_usable"],
        text(
            "facts of this node could not be put back, or not be taken over",
            "Before a node joins a cluster its own licence, admins, bans and users are put into the file `own-facts`, for the case that joining fails. `own_facts_not_restored`: it failed, and so did putting them back. `own_facts_not_removed`, `half_a_snapshot_not_removed`: the file is needed no more and holds hashes of passwords. `ban_not_usable`: one ban is of a form that this version cannot read; the others are in force.",
            "The disk, or rights of the data folder. A ban: a pattern of another version.",
            "Not restored: emqx-ctl admins list, emqx-ctl banned list, emqx-ctl license info; what is missing comes from a backup (emqx-ctl data import). Not removed: delete the file. A ban: add it in another form.",
        ),
        text(
            "本节点的数据无法恢复或无法接收",
            "节点加入集群前,自己的许可证、管理员、黑名单与用户存入文件 own-facts,以备加入失败。own_facts_not_restored:加入失败且未能恢复。own_facts_not_removed、half_a_snapshot_not_removed:该文件已不再需要,其中有密码哈希。ban_not_usable:某条黑名单的形式本版本无法读取,其余仍有效。",
            "磁盘或数据目录权限;黑名单:来自其他版本的模式。",
            "未恢复:检查 emqx-ctl admins list、emqx-ctl banned list、emqx-ctl license info,缺少的内容从备份恢复(emqx-ctl data import)。未删除:删除该文件。黑名单:换一种形式重新添加。",
        ),
    ),
    entry(
        LogKeyword,
        "messages_to_peer_dropped",
        &["lane_broken"],
        text(
            "messages for clients of another node were lost",
            "What is published here for clients of another node goes over a link to it. `lane_broken`: the link ended; QoS 1 and 2 wait for the next one. While the node is down QoS 0 is dropped at once, and QoS 1 and 2 once more than 16 MiB or 65,536 messages wait; `messages` says how many were dropped, first line of a minute and a count of the rest.",
            "That node or the network is down; a node that takes messages more slowly than they come, for long.",
            "emqx-ctl cluster nodes: the columns state and waiting. Mend the node or the network.",
        ),
        text(
            "发往其他节点客户端的消息丢失",
            "本节点上发布给其他节点客户端的消息经链路送达。lane_broken:链路中断,QoS 1 与 2 等待下一条链路。该节点宕机期间 QoS 0 立即丢弃;等待的消息超过 16 MiB 或 65,536 条后 QoS 1 与 2 也被丢弃。messages 为丢弃数,每分钟记录首行与其余的计数。",
            "该节点或网络故障;该节点长期接收过慢。",
            "查看 emqx-ctl cluster nodes 的 state 与 waiting 列;修复节点或网络。",
        ),
    ),
    entry(
        LogKeyword,
        "stream_broken",
        &[
            "stream_lost",
            "stream_follower_lost",
            "stream_snapshot_taken",
            "stream_rows_dropped",
            "retained_messages_compared",
        ],
        text(
            "what another node owns is read anew, or dropped",
            "Each node tells the others its routes, clients and retained messages as a stream. `stream_lost`, `stream_follower_lost`: the link ended; it is made again. `stream_broken`: what came did not fit what is known; a snapshot mends it. `stream_snapshot_taken`: all was read. `stream_rows_dropped`: the node is down, and its rows went. `retained_messages_compared`: the nodes' retained messages differed and are made alike.",
            "Starts, stops, network failures. `stream_broken`, or many snapshots of a node that stays up: a change rate above what the link takes, or versions that differ.",
            "Nothing, unless it comes again and again: emqx-ctl cluster nodes shows how far each stream is behind, emqx-ctl cluster digest whether the nodes agree.",
        ),
        text(
            "重新读取或丢弃其他节点的数据",
            "每个节点以流的形式向其他节点通告自己的路由、客户端与保留消息。stream_lost、stream_follower_lost:链路中断,会重新建立。stream_broken:内容与已知不符,以快照修复。stream_snapshot_taken:已全部读取。stream_rows_dropped:该节点宕机,其记录被丢弃。retained_messages_compared:各节点的保留消息不同,正在统一。",
            "启动、停止、网络故障。stream_broken,或节点一直在线却频繁快照:变化速度超过链路能力,或版本不同。",
            "偶尔出现无需处理。反复出现时:emqx-ctl cluster nodes 显示各流落后多少,emqx-ctl cluster digest 显示各节点是否一致。",
        ),
    ),
    entry(
        LogKeyword,
        "session_stepdown_request_timeout",
        &["session_not_taken_in", "session_too_large_to_move"],
        text(
            "a client came in without the session another node had",
            "The client connected here, and its session is on another node, which did not hand it over: it did not answer in time, this node could not take the session in, or the session with its messages and those of others on their way is larger than 256 MiB. Where the client comes in nevertheless, session present is 0 and it has to subscribe anew.",
            "A node that is overloaded, down or cut off; a very long queue.",
            "emqx-ctl cluster nodes. For large sessions lower `mqtt.max_mqueue_len` or `mqtt.max_mqueue_bytes`.",
        ),
        text(
            "客户端未能带入其他节点上的会话",
            "客户端连接到本节点,其会话在另一节点上却未能移交:对方未及时应答、本节点无法接收该会话,或会话及在途会话的消息超过 256 MiB。若客户端仍被允许进入,则 session present 为 0,需要重新订阅。",
            "节点过载、宕机或被隔离;队列过长。",
            "查看 emqx-ctl cluster nodes。会话过大时调低 mqtt.max_mqueue_len 或 mqtt.max_mqueue_bytes。",
        ),
    ),
    entry(
        LogKeyword,
        "client_lock_not_taken",
        &["client_locks_expired", "clients_between_nodes", "client_not_let_in"],
        text(
            "two nodes may let in the same client id at once",
            "Before a client comes in its node takes a lock of the client id from the node that keeps it. That one did not answer, or the client id connects over and over. `client_locks_expired`: a node took a lock and gave it back too late. `client_not_let_in`: the client was refused, `reason` says why. `clients_between_nodes` sums up when a node stops.",
            "A node that is down or cut off, for the seconds until this is known; two devices with one client id.",
            "If it goes on: emqx-ctl cluster nodes, and emqx-ctl why CLIENTID for a client that pushes itself off.",
        ),
        text(
            "两个节点可能同时接纳同一客户端 ID",
            "客户端进入前,其节点先向保管该 ID 的节点取得锁。对方未应答,或该 ID 不断重复连接。client_locks_expired:某节点取得锁后过迟归还。client_not_let_in:客户端被拒绝,reason 为原因。clients_between_nodes 为节点停止时的汇总。",
            "节点宕机或被隔离,而尚未被察觉的数秒内;两台设备使用同一客户端 ID。",
            "若持续出现:emqx-ctl cluster nodes;对互相顶替的客户端用 emqx-ctl why 客户端ID。",
        ),
    ),
    entry(
        LogKeyword,
        "session_lease_lost",
        &["session_lease_taken", "sessions_not_owned"],
        text(
            "this node may not go on with kept sessions: it reaches no majority",
            "With `cluster.sessions_need_majority = true` only a node that reaches most of the nodes has clients with sessions that outlive their connections. This one sent its own away (`clients` of them, reason code 0x9C) and takes none in; clients without such sessions stay. The alarm `sessions_not_owned` stands until `session_lease_taken`.",
            "The network between the nodes is cut, or most of the nodes are down.",
            "emqx-ctl cluster status; mend the network or start the nodes. Clients have to know the addresses of more than one node.",
        ),
        text(
            "本节点无法访问多数节点,不得继续保留会话",
            "设置 cluster.sessions_need_majority = true 后,只有能访问多数节点的节点才能拥有会话长于连接的客户端。本节点已让这些客户端离开(数量为 clients,原因码 0x9C),且不再接纳;没有此类会话的客户端不受影响。告警 sessions_not_owned 持续到 session_lease_taken 为止。",
            "节点间网络中断,或多数节点宕机。",
            "执行 emqx-ctl cluster status;修复网络或启动节点。客户端应配置多个节点的地址。",
        ),
    ),
    entry(
        LogKeyword,
        "session_conflict",
        &[],
        text(
            "a client had sessions on two nodes: the older one was ended",
            "While the nodes did not reach each other the client connected to both. Now that they do, the session it opened last stays; the other one is ended with reason code 0x8E, and what only that one had (subscriptions, waiting messages) is gone.",
            "A network that was cut between the nodes, with clients on both sides.",
            "Mend the network. If one of two sessions must not be lost in this way: `cluster.sessions_need_majority = true`.",
        ),
        text(
            "客户端在两个节点上都有会话:较早的已结束",
            "节点互相无法访问期间,客户端先后连接了两个节点。恢复后保留最后打开的会话;另一会话以原因码 0x8E 结束,只有它拥有的订阅与等待的消息随之丢失。",
            "节点间网络中断,且两侧都有客户端。",
            "修复网络。若不允许这样丢失会话:设置 cluster.sessions_need_majority = true。",
        ),
    ),
    entry(
        LogKeyword,
        "control_command_of_peer",
        &["peer_operator_gone"],
        text(
            "an operator at another node runs a command here",
            "emqx-ctl with `--node`, `--all-nodes`, or a command that asks all nodes was used at the node `peer`, by the user `uid` there. The command follows in the audit lines as any other. `peer_operator_gone`: the operator or the link went away before the answer.",
            "Operators at work.",
            "Nothing. Nodes believe each other who their operators are: keep `node.cookie` secret.",
        ),
        text(
            "其他节点上的运维人员在此执行命令",
            "在节点 peer 上由用户 uid 使用了 emqx-ctl 的 --node、--all-nodes 或询问所有节点的命令。该命令同样写入审计日志。peer_operator_gone:应答前运维人员或链路已断开。",
            "运维操作。",
            "无需处理。节点互相信任对方的运维身份:请保管好 node.cookie。",
        ),
    ),
];
