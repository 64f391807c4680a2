//! Words of log lines and alarms about finding out who a client is: accounts, keys of tokens, too many at once.

use super::entry::{Entry, Kind::LogKeyword, entry, text};

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        LogKeyword,
        "user_database_damaged",
        &["state_damaged"],
        text(
            "a damaged file of the state was put aside at the start",
            "The daemon moved the damaged file away, began with an empty one and raised an alarm, instead of not starting. user_database_damaged: the accounts of clients are gone from its sight, so none of them can connect. state_damaged: the same for licence, admins, bans and rules.",
            "A power cut on a disk that does not keep its promises; a full or failing disk; a copy made while the daemon ran.",
            "emqx-ctl alarms shows where the file went (moved_to). Stop the daemon and put the file of a backup in its place, or import an export: emqx-ctl data import FILE. Users alone: emqx-ctl authn users import FILE. Then emqx-ctl doctor storage.",
        ),
        text(
            "启动时损坏的状态文件已被移开",
            "守护进程将损坏的文件移走,以空文件启动并产生告警,而不是拒绝启动。user_database_damaged:客户端账号不可见,它们都无法连接。state_damaged:许可证、管理员、封禁和规则同样如此。",
            "磁盘在断电时丢失数据;磁盘已满或故障;运行中复制文件。",
            "emqx-ctl alarms 显示文件被移到何处(moved_to)。停止守护进程后放回备份文件,或导入:emqx-ctl data import 文件;只导入用户:emqx-ctl authn users import 文件。然后执行 emqx-ctl doctor storage。",
        ),
    ),
    entry(
        LogKeyword,
        "jwks_key_skipped",
        &[],
        text(
            "a key of the key set (JWKS) verifies nothing and is not used",
            "RSA keys have to have 2048 to 8192 bits (RFC 7518), points have to be on their curve. The other keys of the set are in force; a token that is signed with this one is refused.",
            "An old RSA key of 1024 bits; a key set that was written by hand.",
            "Let whoever issues tokens make a new key (openssl genrsa 3072), publish it under endpoint and sign with it. emqx-ctl why CLIENTID names the client that was refused.",
        ),
        text(
            "密钥集(JWKS)中有无法使用的密钥",
            "RSA 密钥须为 2048 至 8192 位(RFC 7518),椭圆曲线公钥须在曲线上。其余密钥仍然有效;用该密钥签名的令牌被拒绝。",
            "旧的 1024 位 RSA 密钥;手工编写的密钥集。",
            "请令牌签发方生成新密钥(openssl genrsa 3072),发布到 endpoint 并用其签名。emqx-ctl why 客户端ID 显示被拒绝的客户端。",
        ),
    ),
    entry(
        LogKeyword,
        "authentication_overloaded",
        &[],
        text(
            "too many clients are being asked who they are",
            "At most 10000 clients are asked at a time, 5000 of one network, and 4096 passwords wait for their hash, 2048 of one network. Who finds no room gets CONNACK 0x89 at once, and nobody is let in unasked.",
            "All clients come back after a restart; a slow or dead authentication server; an expensive hash (bcrypt, pbkdf2); somebody who tries passwords.",
            "peerhost in the line shows who: emqx-ctl banned add peerhost ADDRESS, or max_conn_rate and max_connections_per_address of the listener. Many clients behind one load balancer: proxy_protocol. Lower salt_rounds or iterations, or use tokens.",
        ),
        text(
            "正在认证的客户端过多",
            "同时认证的客户端最多 10000 个,同一网络 5000 个;等待计算的密码哈希最多 4096 个,同一网络 2048 个。没有位置的客户端立即收到 CONNACK 0x89,不会有人未经认证而进入。",
            "重启后所有客户端同时返回;认证服务器缓慢或停机;哈希开销大(bcrypt、pbkdf2);有人在尝试密码。",
            "该行的 peerhost 显示来源:emqx-ctl banned add peerhost 地址,或设置监听器的 max_conn_rate、max_connections_per_address。负载均衡后的客户端:启用 proxy_protocol。降低 salt_rounds 或 iterations,或改用令牌。",
        ),
    ),
];
