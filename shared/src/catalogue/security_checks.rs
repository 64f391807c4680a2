//! The checks of `emqx-ctl doctor` that look at what is open to strangers, by their ids. The others are in
//! `doctor_checks.rs`.

use super::entry::{Entry, Kind::DoctorCheck, entry, text};

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        DoctorCheck,
        "D028",
        &["EMQX-D028", "default acl"],
        text(
            "the rules for topics are not the ones that EMQX ships",
            "EMQX's acl.conf protects $SYS and the subscription to #, and ends with {allow, all}: every client may use every other topic of every other client.",
            "No acl.conf of one's own; the last rule was left in.",
            "Write rules for your topics, such as {allow, all, all, [\"devices/${clientid}/#\"]}., end the file with {deny, all}. and set authorization.no_match = deny.",
        ),
        text(
            "主题规则不是 EMQX 自带的默认规则",
            "EMQX 的 acl.conf 只保护 $SYS 与对 # 的订阅,最后一条是 {allow, all}:任何客户端都可以使用其他客户端的主题。",
            "没有自己的 acl.conf;保留了最后一条规则。",
            "为自己的主题编写规则,例如 {allow, all, all, [\"devices/${clientid}/#\"]}.,文件以 {deny, all}. 结尾,并设置 authorization.no_match = deny。",
        ),
    ),
    entry(
        DoctorCheck,
        "D029",
        &["EMQX-D029", "weak settings"],
        text(
            "no setting protects less than it seems to",
            "Some settings work and are weak: passwords kept in plain text or as a fast hash (md5, sha) without a salt, tokens without an end, secrets of a few letters.",
            "A configuration copied from an example; an old user database.",
            "Keep passwords with bcrypt or pbkdf2, or at least sha256 with a salt; give tokens an exp claim and HMAC secrets 32 random bytes: openssl rand -hex 32.",
        ),
        text(
            "没有名不副实的弱设置",
            "有些设置可用但很弱:明文或无盐快速哈希(md5、sha)保存密码,没有有效期的令牌,过短的密钥。",
            "配置抄自示例;沿用旧的用户库。",
            "密码使用 bcrypt 或 pbkdf2,至少 sha256 加盐;令牌包含 exp,HMAC 密钥使用 32 字节随机数:openssl rand -hex 32。",
        ),
    ),
    entry(
        DoctorCheck,
        "D030",
        &["EMQX-D030", "certificate days"],
        text(
            "no certificate of a listener ends soon",
            "Clients that check certificates refuse a listener from the day on which its certificate ends.",
            "Nobody renewed it; it was renewed and the daemon still has the old one.",
            "Renew it, put the files in place of the old ones, then: emqx-ctl tls reload. No client is disconnected.",
        ),
        text(
            "监听器证书没有即将到期",
            "证书到期后,校验证书的客户端会拒绝连接该监听器。",
            "没有续期;已续期但守护进程仍在使用旧证书。",
            "续期并替换文件,然后执行 emqx-ctl tls reload,不会断开任何客户端。",
        ),
    ),
    entry(
        DoctorCheck,
        "D031",
        &["EMQX-D031"],
        text(
            "no name is taken from a certificate that nobody checks",
            "mqtt.peer_cert_as_username or peer_cert_as_clientid takes a name from the client certificate. With verify_none anybody can make one with any name in it.",
            "peer_cert_as_username without ssl_options.verify = verify_peer; a client certificate that is not required.",
            "Set ssl_options { verify = verify_peer, fail_if_no_peer_cert = true, cacertfile = ... } of the listener.",
        ),
        text(
            "没有从未经校验的证书中取用名称",
            "mqtt.peer_cert_as_username 或 peer_cert_as_clientid 从客户端证书取名称。verify_none 时任何人都能伪造带任意名称的证书。",
            "设置了 peer_cert_as_username,却没有 ssl_options.verify = verify_peer;没有强制客户端证书。",
            "在监听器设置 ssl_options { verify = verify_peer, fail_if_no_peer_cert = true, cacertfile = ... }。",
        ),
    ),
    entry(
        DoctorCheck,
        "D032",
        &["EMQX-D032"],
        text(
            "no listener without TLS is open on all addresses",
            "Without TLS user names, passwords and messages travel in the clear: whoever is on the way can read and change them.",
            "The default bind 0.0.0.0:1883 or 0.0.0.0:8083.",
            "Bind it to 127.0.0.1 or an address of the inner network, or disable it and let clients use ssl (8883) or wss (8084).",
        ),
        text(
            "没有未加密的监听器对所有地址开放",
            "没有 TLS 时,用户名、密码与消息以明文传输,途中的任何人都可读取和篡改。",
            "默认绑定 0.0.0.0:1883 或 0.0.0.0:8083。",
            "绑定到 127.0.0.1 或内网地址,或停用它并让客户端使用 ssl(8883)或 wss(8084)。",
        ),
    ),
    entry(
        DoctorCheck,
        "D033",
        &["EMQX-D033"],
        text(
            "no address is taken from a header that anybody can send",
            "With proxy_protocol the client's address is what the PROXY header says. Whoever can reach the listener himself writes any address into it, past bans, access rules and logs.",
            "proxy_protocol = true on a listener that is not only reachable by the load balancer.",
            "Let in the load balancer alone: access_rules = [\"allow ADDRESS\", \"deny all\"], or a firewall.",
        ),
        text(
            "没有采用任何人都能伪造的地址头",
            "启用 proxy_protocol 后,客户端地址取自 PROXY 头。能直接访问监听器的人可写入任意地址,绕过封禁、访问规则与日志。",
            "proxy_protocol = true 的监听器并非只有负载均衡能访问。",
            "只放行负载均衡:access_rules = [\"allow 地址\", \"deny all\"],或使用防火墙。",
        ),
    ),
    entry(
        DoctorCheck,
        "D034",
        &["EMQX-D034"],
        text(
            "strangers can neither read keys nor change rules",
            "Private keys, acl.conf and files of users are for the daemon's user alone. Who can read a key can be the broker; who can change the rules decides who may do what.",
            "Files copied with cp or an editor, which let everybody read.",
            "chmod 0640 FILE and chown root:emqx FILE, so that the daemon reads and nobody else.",
        ),
        text(
            "陌生人不能读取私钥或修改规则",
            "私钥、acl.conf 与用户文件只应由守护进程的用户读取。能读私钥者可冒充 Broker,能改规则者可决定权限。",
            "用 cp 或编辑器复制的文件默认人人可读。",
            "chmod 0640 文件,chown root:emqx 文件,使守护进程可读而其他人不可读。",
        ),
    ),
    entry(
        DoctorCheck,
        "D035",
        &["EMQX-D035"],
        text(
            "the revocation lists of the listeners are up to date",
            "A revocation list says until when it is complete (nextUpdate). Past that day it stays in force: clients whose certificates it names are refused, all others connect, also those that were revoked since then. Nobody is refused because a list is old.",
            "The job that fetches the list has stopped; the list was put there and `tls reload` was not called; the CA publishes none any more.",
            "emqx-ctl tls check names the file. Fetch the newest list of the CA into it, then emqx-ctl tls reload; let a timer do both.",
        ),
        text(
            "监听器的证书吊销列表没有过期",
            "吊销列表自带有效期(nextUpdate)。过期后列表仍然生效:列表中的证书被拒绝,其余客户端(包括此后才被吊销的)仍可连接。不会因为列表过期而拒绝任何客户端。",
            "获取列表的任务已停止;已放置新列表但没有执行 tls reload;CA 不再发布列表。",
            "emqx-ctl tls check 会指出文件。取得 CA 的最新列表后执行 emqx-ctl tls reload;用定时任务完成这两步。",
        ),
    ),
];
