//! Words of the log, and alarms, about the nodes of a cluster: who joins, leaves, is down, and how they reach each other.

use super::entry::{Entry, Kind::LogKeyword, entry, text};

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        LogKeyword,
        "peer_down",
        &["peer_up", "node_unreachable"],
        text(
            "another node of the cluster is down, or cannot be reached",
            "Nothing was heard of it for some seconds (gossip, answers), or it said that it stops. Its routes and clients are dropped here, its vote stays. An alarm `peer_down:NODE` stands until `peer_up`. While most voting nodes are up, everything can be changed; else licence, admins, bans and users can be read only.",
            "The process or machine stopped; the network between the nodes is cut; a firewall drops the link port (4370 and 5370, plus the number the node's name ends in).",
            "Start it again; it takes up by itself what it has missed. If it is gone for good: emqx-ctl cluster force-leave NODE. From here: emqx-ctl cluster nodes, and nc -vz HOST 4370.",
        ),
        text(
            "集群中的另一节点宕机或无法访问",
            "数秒内没有收到该节点的任何消息(gossip 与应答),或它已告知将停止。本节点丢弃其路由与客户端记录,但保留其投票权。告警 peer_down:节点名 持续到 peer_up 为止。多数投票节点在线时一切可修改;否则许可证、管理员、黑名单与用户只读。",
            "进程或机器停止;节点间网络中断;防火墙丢弃链路端口(4370 与 5370,加上节点名末尾的数字)。",
            "重新启动该节点,它会自行补上错过的内容。若永久下线:emqx-ctl cluster force-leave 节点名。在本机检查:emqx-ctl cluster nodes 与 nc -vz 主机 4370。",
        ),
    ),
    entry(
        LogKeyword,
        "cluster_link_refused",
        &["cluster_link_broken"],
        text(
            "a connection to the link port was refused",
            "Somebody opened a connection to the port that nodes use among themselves, and did not pass: no proof of the cookie, no TLS or the wrong kind, no member, or the name or number of this node. Logged once a minute for each reason; `repeated` counts the others.",
            "Another `node.cookie` or `cluster.proto_dist` there; a node that was struck off and still runs; two nodes with one name; a port scan.",
            "Compare both settings on the nodes (emqx-ctl conf show node, emqx-ctl conf show cluster). Let a firewall keep everybody else away from the link port.",
        ),
        text(
            "到链路端口的连接被拒绝",
            "有人连接了节点间使用的端口但未通过:未证明 cookie、未使用 TLS 或类型不符、不是成员,或与本节点同名或同号。每种原因每分钟记录一次,repeated 为其余次数。",
            "对方的 node.cookie 或 cluster.proto_dist 不同;已被移除的节点仍在运行;两个节点同名;端口扫描。",
            "对照各节点的这两项设置(emqx-ctl conf show node、emqx-ctl conf show cluster);用防火墙阻止其他主机访问链路端口。",
        ),
    ),
    entry(
        LogKeyword,
        "link_port_not_bound",
        &[
            "second_link_port_not_bound",
            "cluster_links_not_served",
            "cluster_links_served",
        ],
        text(
            "the port for other nodes could not be bound",
            "A node with a name or `cluster` settings listens on 4370 and 5370, plus the number its name ends in. `link_port_not_bound`: it serves its clients, but no other node can join it, and it can join none. `second_link_port_not_bound` costs nothing as long as the first is bound. `cluster_links_not_served`: after an upgrade the port was not free in time; the node is cut off.",
            "Another process has the port (two nodes of one number on one host); the host of `node.name` is no address of this machine.",
            "ss -ltnp 'sport = :4370' names the holder. End it, or set `node.name` to a name with another number, such as emqx2@HOST; then restart.",
        ),
        text(
            "无法绑定供其他节点使用的端口",
            "设置了节点名或 cluster 的节点监听 4370 与 5370(加上节点名末尾的数字)。link_port_not_bound:节点照常服务客户端,但其他节点无法加入它,它也无法加入别人。只要第一个端口已绑定,second_link_port_not_bound 没有影响。cluster_links_not_served:升级后端口未能及时释放,节点与集群隔离。",
            "其他进程占用该端口(同一主机上两个编号相同的节点);node.name 中的主机不是本机地址。",
            "用 ss -ltnp 'sport = :4370' 找到占用者并停掉它,或将 node.name 改为末尾数字不同的名称(如 emqx2@主机),然后重启。",
        ),
    ),
    entry(
        LogKeyword,
        "join_not_finished",
        &[
            "join_gone_on_with",
            "join_not_gone_on_with",
            "unfinished_join_unreadable",
            "unfinished_join_given_up",
            "join_not_forgotten",
            "cluster_join_not_finished",
        ],
        text(
            "a join that ended midway is gone on with",
            "This node ended, or lost the others, between leaving its own cluster and being a member of the other one. It asks to be admitted until it is, or is told no (`unfinished_join_given_up`: it is a cluster of its own again, with the facts it had). Until then it serves its clients and changes nothing.",
            "A crash, a power cut or a cut network while `cluster join` ran.",
            "Start the nodes it is to join. To give it up: `emqx-ctl cluster leave` here, and `emqx-ctl cluster force-leave` there if they show it as a member.",
        ),
        text(
            "中途中断的加入正在继续",
            "本节点在离开自己的集群与成为另一集群成员之间停止或失去了连接。它会一直请求加入,直到成功或被拒绝(`unfinished_join_given_up`:它重新成为独立集群,保留原有数据)。在此之前它继续服务客户端,但不做任何更改。",
            "`cluster join` 执行期间崩溃、断电或网络中断。",
            "启动要加入的节点。若要放弃:在本节点执行 `emqx-ctl cluster leave`;若其他节点仍显示它为成员,在那里执行 `emqx-ctl cluster force-leave`。",
        ),
    ),
    entry(
        LogKeyword,
        "license_of_this_node_put_aside",
        &[],
        text(
            "the cluster's licence is in force here, not the one this node had",
            "A node that joins takes the state of the cluster whole, its licence or that it has none. What this node had in `license/emqx.lic` is kept as the file `backup` and is not in force.",
            "The node was licensed on its own before it joined.",
            "If this licence is to be in force on all nodes: emqx-ctl license update BACKUP, on any of them. Else nothing.",
        ),
        text(
            "此处生效的是集群的许可证,而不是本节点原有的许可证",
            "加入的节点完整采用集群的状态,包括其许可证,或没有许可证这一事实。本节点 license/emqx.lic 中原有的内容保存在 backup 所指文件中,不再生效。",
            "该节点在加入前单独拥有许可证。",
            "若要让该许可证在所有节点生效:在任一节点执行 emqx-ctl license update 备份文件。否则无需操作。",
        ),
    ),
    entry(
        LogKeyword,
        "cluster_not_joined",
        &["cluster_found_not_joined", "peer_not_admitted", "join_refused"],
        text(
            "this node, or another one, could not join the cluster",
            "`reason` says why. The node that wanted to join is a cluster of its own again, with the licence, admins, bans and users it had. `cluster_found_not_joined`: discovery found the cluster; it is tried again and again. `peer_not_admitted` is the same seen from the cluster.",
            "No majority of the voting nodes is up; another `cluster.name`; a node of that name is a member already; an operator has struck it off; a licence for one node; no way from the cluster back to the node's own link port.",
            "Remove the reason, then on the node: emqx-ctl cluster join NODE.",
        ),
        text(
            "本节点或其他节点未能加入集群",
            "reason 为原因。要加入的节点恢复为单独的集群,保留原有的许可证、管理员、黑名单与用户。cluster_found_not_joined:由自动发现找到该集群,会不断重试。peer_not_admitted 为集群一侧看到的同一事件。",
            "在线的投票节点不足多数;cluster.name 不同;已有同名成员;运维人员已将其移除;许可证仅限单节点;集群无法回连到该节点的链路端口。",
            "消除原因后在该节点执行:emqx-ctl cluster join 节点名。",
        ),
    ),
    entry(
        LogKeyword,
        "cluster_joined",
        &[
            "cluster_left",
            "peer_joins",
            "peer_left",
            "discovery_found",
            "discovery_switched",
        ],
        text(
            "the members of the cluster change",
            "`peer_joins`: a node asks to be admitted. `cluster_joined`: this node is a member; it has the cluster's licence, admins, bans and users now in place of its own. `cluster_left`, `peer_left`: this node, or another one, is a member no more. A node that left looks for no others (`discovery_switched`).",
            "An operator, or what `cluster.discovery_strategy` found (`discovery_found`).",
            "Nothing. emqx-ctl cluster nodes shows all; after a leave emqx-ctl cluster discovery enable has the node look again.",
        ),
        text(
            "集群成员发生变化",
            "peer_joins:某节点请求加入。cluster_joined:本节点成为成员,其许可证、管理员、黑名单与用户改为集群的内容。cluster_left、peer_left:本节点或其他节点不再是成员。离开的节点不再查找其他节点(discovery_switched)。",
            "由运维人员操作,或由 cluster.discovery_strategy 发现(discovery_found)。",
            "无需处理。emqx-ctl cluster nodes 显示全部节点;离开后可用 emqx-ctl cluster discovery enable 重新开始查找。",
        ),
    ),
    entry(
        LogKeyword,
        "struck_off_from_cluster",
        &["peer_struck_off", "struck_off_not_forgotten"],
        text(
            "a node was struck off the cluster",
            "On the node itself: the others do not count it among them any more, so it is a cluster of its own now, with the facts it had. `by_operator`: it looks for no others until it is told to. `peer_struck_off` is the same seen from the others. The other words: who was struck off is not known everywhere, so the node may be taken in again by discovery.",
            "emqx-ctl cluster force-leave at another node; `cluster.autoclean` after it had been down for so long; or it missed that the cluster was founded anew.",
            "If it is wanted: emqx-ctl cluster join NODE there. If not: stop it, or set `cluster.discovery_strategy = manual` there.",
        ),
        text(
            "节点被移出集群",
            "在该节点上:其他节点不再将其视为成员,它成为单独的集群,保留已有的数据。by_operator:在收到指示前不再查找其他节点。peer_struck_off 为其他节点看到的同一事件。其余词表示并非所有节点都知道谁被移除,该节点可能经自动发现再次加入。",
            "在其他节点执行了 emqx-ctl cluster force-leave;宕机时间超过 cluster.autoclean;或错过了集群的重新建立。",
            "若仍需要它:在该节点执行 emqx-ctl cluster join 节点名。若不需要:停止它,或在其上设置 cluster.discovery_strategy = manual。",
        ),
    ),
    entry(
        LogKeyword,
        "peer_autocleaned",
        &["peer_not_autocleaned"],
        text(
            "a node that was down for too long was struck off",
            "It had been down for longer than `cluster.autoclean` (24h), so the leader struck it off: its vote no longer counts for the majority. `peer_not_autocleaned`: it was not agreed on; the leader tries again every ten seconds.",
            "A node that was retired without leaving; a long outage. Not agreed on: a majority of the voting nodes is not up.",
            "Nothing, if it is gone. If it comes back it is a cluster of its own: emqx-ctl cluster join NODE there, unless discovery does.",
        ),
        text(
            "长时间宕机的节点被移除",
            "该节点宕机超过 cluster.autoclean(24h),由 leader 移除,其投票不再计入多数。peer_not_autocleaned:未达成一致,leader 每十秒重试一次。",
            "节点未离开集群就被停用;长时间故障。未达成一致:在线投票节点不足多数。",
            "若已停用则无需处理。若它再次启动则为单独的集群:在其上执行 emqx-ctl cluster join 节点名(自动发现时会自行加入)。",
        ),
    ),
    entry(
        LogKeyword,
        "peer_without_slot",
        &[],
        text(
            "the cluster has more nodes than this one can serve",
            "A node knows 32 others. Nothing of one more is known here: no routes, no clients, no messages to it. The place of a node that left is given to another one after ten minutes.",
            "More than 33 nodes; or nodes that came and went within minutes.",
            "emqx-ctl cluster nodes lists the members. Strike off those that are gone: emqx-ctl cluster force-leave NODE.",
        ),
        text(
            "集群节点数超过本节点的上限",
            "一个节点最多认识 32 个其他节点。再多的节点在此没有任何记录:没有路由、客户端,也不向其发送消息。离开的节点的位置在十分钟后才分配给其他节点。",
            "节点超过 33 个;或节点在数分钟内反复加入与离开。",
            "emqx-ctl cluster nodes 列出成员;移除已停用的节点:emqx-ctl cluster force-leave 节点名。",
        ),
    ),
    entry(
        LogKeyword,
        "node_identity_damaged",
        &[],
        text(
            "the number of this node in its cluster was lost",
            "`cluster/node.json` in the data folder could not be read, or is another node's. It was put aside with the log beside it (`moved_to`), and the node has a new number: to the others it is a new node, of a cluster of its own, with the licence, admins, bans and users it had.",
            "A damaged disk; a data folder that was copied from another node; a changed `node.name`.",
            "On another node: emqx-ctl cluster force-leave OLD_NAME. Then here: emqx-ctl cluster join NODE. To run two nodes never copy the folder `cluster`.",
        ),
        text(
            "本节点在集群中的编号丢失",
            "数据目录中的 cluster/node.json 无法读取,或属于其他节点。它与旁边的日志已被移开(moved_to),节点获得新编号:对其他节点而言它是新节点,自成集群,保留原有的许可证、管理员、黑名单与用户。",
            "磁盘损坏;数据目录从其他节点复制而来;node.name 被修改。",
            "在其他节点执行 emqx-ctl cluster force-leave 旧名称,再在本节点执行 emqx-ctl cluster join 节点名。运行两个节点时不要复制 cluster 目录。",
        ),
    ),
    entry(
        LogKeyword,
        "cluster_founded_again_without_the_other",
        &["cluster_not_founded_again"],
        text(
            "one of two nodes goes on alone",
            "One node of two is no majority. An operator said that the other one is gone (`force-leave`), so this one founded the cluster again, of itself alone, with all facts. `cluster_not_founded_again`: that failed, and the facts can be read only.",
            "emqx-ctl cluster force-leave on a node of a cluster of two whose other node was down. Failed: the disk.",
            "Do not start the other one as it was: remove the folder `cluster` of its data folder first, or it believes in the old cluster. Then let it join again.",
        ),
        text(
            "两个节点中的一个单独继续",
            "两个节点中的一个不构成多数。运维人员表明另一个已停用(force-leave),因此本节点带着全部数据单独重建集群。cluster_not_founded_again:重建失败,数据只读。",
            "在两节点集群中,另一节点宕机时执行了 emqx-ctl cluster force-leave。失败原因:磁盘。",
            "不要原样启动另一节点:先删除其数据目录中的 cluster 目录,否则它仍认为旧集群存在;然后让它重新加入。",
        ),
    ),
    entry(
        LogKeyword,
        "discovery_questions_dropped",
        &[],
        text(
            "too many questions in the multicast group",
            "`cluster.discovery_strategy = mcast` answers a bounded number of questions a second; the rest was dropped, and counted in `dropped`.",
            "Many clusters in one multicast group; somebody who floods it.",
            "Give each cluster a group or port of its own (`cluster.mcast.addr`, `cluster.mcast.ports`); tcpdump shows who sends.",
        ),
        text(
            "组播组中的询问过多",
            "cluster.discovery_strategy = mcast 每秒只应答有限数量的询问,其余被丢弃,数量为 dropped。",
            "多个集群共用一个组播组;有人大量发送。",
            "为每个集群设置各自的组或端口(cluster.mcast.addr、cluster.mcast.ports);用 tcpdump 查看发送者。",
        ),
    ),
];
