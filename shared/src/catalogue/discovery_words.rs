//! Words of the log about finding other nodes.

use super::entry::{Entry, Kind::LogKeyword, entry, text};

pub(super) const ENTRIES: &[Entry] = &[entry(
    LogKeyword,
    "discovery_failed",
    &["discovery_works_again", "discovery_not_withdrawn"],
    text(
        "other nodes of the cluster could not be looked for",
        "What `cluster.discovery_strategy` asks (DNS, etcd, the API server of Kubernetes, a multicast group) did not answer, or not as expected; `asked` says what was asked of whom, `reason` what came. The node serves its clients and goes on asking; members that it knows stay members. `discovery_works_again` ends it. `discovery_not_withdrawn`: a node that stops could not take its entry away, which runs out by itself.",
        "A server that is down or cannot be reached from here; a wrong name in `cluster.dns`, `cluster.etcd`, `cluster.k8s` or `cluster.mcast`; a certificate, token or right that is missing.",
        "`next` in the line says what to do. Nodes can be joined by hand meanwhile: emqx-ctl cluster join NODE.",
    ),
    text(
        "无法查找集群中的其他节点",
        "cluster.discovery_strategy 所询问的对象(DNS、etcd、Kubernetes API 服务器或组播组)没有应答,或应答不符合预期;asked 为询问的内容与对象,reason 为结果。节点照常为客户端服务并继续询问;已知成员不受影响。discovery_works_again 表示已恢复。discovery_not_withdrawn 表示停止的节点未能删除自己的条目,该条目会自行过期。",
        "服务器宕机或从本机无法访问;cluster.dns、cluster.etcd、cluster.k8s 或 cluster.mcast 中的名称有误;缺少证书、令牌或权限。",
        "该行中的 next 说明如何处理。期间可手工加入:emqx-ctl cluster join 节点名。",
    ),
)];
