//! Words of log lines and reasons about who may come in, how often and how fast.

use super::entry::{Entry, Kind::LogKeyword, entry, text};

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        LogKeyword,
        "flapping_detected",
        &[
            "flapping detector",
            "flapping is detected",
            "flapping_detect",
            "flapping",
        ],
        text(
            "a client came and went too often and is banned for a while",
            "It ended more than flapping_detect.max_count (15) connections within window_time (1m), so it is kept out for ban_time (5m): its client id, from the address or under the user name that did it. Takeovers and kicks do not count.",
            "A program that crashes and starts again; a certificate, keep alive or ACL that ends each connection at once; somebody who plays with the client id of another.",
            "emqx-ctl why CLIENTID shows how its connections ended: cure that. Let it in at once: emqx-ctl banned del clientid CLIENTID.",
        ),
        text(
            "客户端频繁上下线,被暂时封禁",
            "它在 window_time(1m)内断开超过 flapping_detect.max_count(15)次,因此在 ban_time(5m)内被拒绝:针对该客户端 ID 及造成问题的地址或用户名。被接管和被踢出不计入。",
            "程序反复崩溃重启;证书、心跳或 ACL 使连接立即断开;有人冒用他人的客户端 ID。",
            "emqx-ctl why 客户端ID 查看断开原因并解决;立即放行:emqx-ctl banned del clientid 客户端ID。",
        ),
    ),
    entry(
        LogKeyword,
        "flapping_not_banned",
        &[],
        text(
            "a client that comes and goes too often could not be banned",
            "The list of bans takes 10000 for flapping, or the store cannot be written; the reason in the line says which.",
            "Many client ids that flap, perhaps on purpose; a full disk.",
            "Ban their address or network: emqx-ctl banned add peerhost ADDRESS. Limit connections: max_connections_per_address, max_conn_rate of the listener.",
        ),
        text(
            "频繁上下线的客户端未能被封禁",
            "因频繁上下线的封禁最多 10000 条,或存储无法写入,具体见该行的 reason。",
            "大量客户端 ID 频繁上下线,可能是故意的;磁盘已满。",
            "封禁其地址或网段:emqx-ctl banned add peerhost 地址;并限制监听器的 max_connections_per_address 与 max_conn_rate。",
        ),
    ),
    entry(
        LogKeyword,
        "max_connections_per_address",
        &[],
        text(
            "one address has all the connections it may have",
            "listeners.TYPE.NAME.max_connections_per_address bounds the connections of one IPv4 address, or of one IPv6 network of 64 bits; one more was closed at once. Off unless set.",
            "Many devices behind one NAT address; a client that opens connections and forgets them; an attack.",
            "emqx-ctl clients list --limit 100 shows who is there. Raise the limit for a NAT; ban an attacker: emqx-ctl banned add peerhost ADDRESS.",
        ),
        text(
            "单个地址的连接数已达上限",
            "listeners.类型.名称.max_connections_per_address 限制一个 IPv4 地址(或一个 IPv6 /64 网段)的连接数,超出的连接立即关闭。默认不限制。",
            "大量设备共用一个 NAT 地址;客户端不断建立连接而不关闭;攻击。",
            "emqx-ctl clients list --limit 100 查看连接;NAT 场景请调大上限;攻击者可封禁:emqx-ctl banned add peerhost 地址。",
        ),
    ),
    entry(
        LogKeyword,
        "socket_receive_paused_by_rate_limit",
        &["messages_rate", "bytes_rate", "rate_limit", "max_conn_rate"],
        text(
            "a client sends faster than its limit and is read more slowly",
            "messages_rate or bytes_rate of the listener was reached: the socket is not read for paused_ms, and TCP slows the sender down. Nothing is dropped. Connections above max_conn_rate wait in the same way.",
            "A limit lower than what the client has to send; a client that sends without measure.",
            "emqx-ctl clients show CLIENTID shows what it sends; raise the limit or its burst (messages_burst, bytes_burst) if that is meant.",
        ),
        text(
            "客户端发送过快,读取被放慢",
            "达到监听器的 messages_rate 或 bytes_rate:在 paused_ms 内不读取该套接字,由 TCP 让发送方减速,不丢弃任何数据。超过 max_conn_rate 的新连接同样等待。",
            "上限低于客户端的正常发送量;客户端无节制发送。",
            "emqx-ctl clients show 客户端ID 查看其流量;若属正常,调大上限或突发值(messages_burst、bytes_burst)。",
        ),
    ),
    entry(
        LogKeyword,
        "bans_of_bootstrap_file",
        &["banned.bootstrap_file"],
        text(
            "bans were read from a file",
            "A node without bans reads banned.bootstrap_file at its start: CSV with the columns as,who,by,reason,at,until. Once there are bans the file is not looked at any more.",
            "-",
            "emqx-ctl banned list shows all; to read the file again: emqx-ctl banned clear, then restart emqxd.",
        ),
        text(
            "已从文件读取封禁列表",
            "没有封禁记录的节点在启动时读取 banned.bootstrap_file:CSV,列为 as,who,by,reason,at,until。已有封禁时不再读取。",
            "-",
            "emqx-ctl banned list 查看全部;要重新读取:emqx-ctl banned clear 后重启 emqxd。",
        ),
    ),
    entry(
        LogKeyword,
        "security_profile",
        &["EMQX_SECURITY_PROFILE", "hardened", "node.security_profile"],
        text(
            "the security profile decides what is open by default",
            "With hardened, listeners without an address bind to loopback, clients are refused until an authenticator is configured, topics that no rule names are denied, and the daemon does not start with the cookie or password that everybody knows. What is set in the file holds, and is named at the start where it is against the profile.",
            "node.security_profile = hardened, or EMQX_SECURITY_PROFILE=hardened in the environment; legacy is the default.",
            "emqxd --check-config names what is missing; emqx-ctl doctor security shows what is open.",
        ),
        text(
            "安全配置档决定默认开放的内容",
            "hardened 时:未指定地址的监听器绑定回环地址;配置认证器之前拒绝客户端;没有规则的主题被拒绝;使用公开的默认 Cookie 或密码时不启动。文件中的显式设置仍然有效,与配置档矛盾时启动时会指出。",
            "node.security_profile = hardened,或环境变量 EMQX_SECURITY_PROFILE=hardened;默认为 legacy。",
            "emqxd --check-config 指出缺少的设置;emqx-ctl doctor security 显示开放的内容。",
        ),
    ),
    entry(
        LogKeyword,
        "allow_anonymous",
        &["node.allow_anonymous", "anonymous_not_allowed"],
        text(
            "whether clients may connect while nobody asks who they are",
            "Without an authenticator everybody is let in, as in EMQX. With node.allow_anonymous = false (EMQX 4: allow_anonymous = false) nobody is, until one is configured; then it alone decides.",
            "The setting, or the security profile hardened.",
            "Configure authentication, such as authentication = [{ mechanism = password_based, backend = built_in_database }], and add users: emqx-ctl authn users add.",
        ),
        text(
            "未配置认证时是否允许客户端连接",
            "没有认证器时,与 EMQX 一样允许任何人连接。node.allow_anonymous = false(EMQX 4:allow_anonymous = false)时,在配置认证器之前拒绝所有人;配置后由认证器决定。",
            "该设置,或安全配置档 hardened。",
            "配置认证,例如 authentication = [{ mechanism = password_based, backend = built_in_database }],并添加用户:emqx-ctl authn users add。",
        ),
    ),
    entry(
        LogKeyword,
        "authn_http_request_failed",
        &["authz_http_request_failed", "jwks_not_fetched"],
        text(
            "a server that is asked about clients does not answer as it should",
            "The HTTP server of an authenticator or of an authorization source, or the one with the keys of tokens (JWKS), could not be reached, was too slow, or answered with something else. Until it answers, those whom it decides about stay out or may do nothing; keys that were fetched before stay in force.",
            "The server is down or overloaded; a wrong url; a firewall; its certificate is not trusted.",
            "curl the url in the configuration from this machine; the reason in the line says what was wrong. Bounds: connect_timeout, request_timeout, pool_size.",
        ),
        text(
            "认证或授权所询问的服务器没有正常应答",
            "认证器或授权源的 HTTP 服务器,或令牌公钥(JWKS)所在的服务器无法访问、过慢或应答有误。在其恢复之前,由它决定的客户端不能连接或不能操作;此前取得的公钥仍然有效。",
            "服务器停机或过载;url 错误;防火墙;其证书不受信任。",
            "在本机用 curl 访问配置中的 url;该行的 reason 说明原因。相关上限:connect_timeout、request_timeout、pool_size。",
        ),
    ),
    entry(
        LogKeyword,
        "authz_no_rules",
        &["authz_rules_loaded"],
        text(
            "the file with rules for topics holds none",
            "authorization.sources names a file without a rule, so authorization.no_match decides about every topic: allow unless set.",
            "An empty acl.conf; one whose rules are all commented out with %.",
            "emqx-ctl authz show; write rules such as {allow, all, all, [\"devices/${clientid}/#\"]}. or set authorization.no_match = deny.",
        ),
        text(
            "主题规则文件中没有规则",
            "authorization.sources 指定的文件没有任何规则,因此由 authorization.no_match 决定所有主题,未设置时为 allow。",
            "acl.conf 为空,或规则全部被 % 注释。",
            "emqx-ctl authz show 查看;编写规则,例如 {allow, all, all, [\"devices/${clientid}/#\"]}.,或设置 authorization.no_match = deny。",
        ),
    ),
    entry(
        LogKeyword,
        "user_database_unreadable",
        &[],
        text(
            "the users of the built-in database cannot be read",
            "The store in the data folder gave an error, so clients that authenticate with a password are refused.",
            "A bad disk; a store that was damaged by a power cut or by a copy made while the daemon ran.",
            "emqx-ctl doctor storage; restore the state folder from a backup, or import an export: emqx-ctl data import FILE.",
        ),
        text(
            "内置用户库无法读取",
            "数据目录中的存储出错,使用密码认证的客户端被拒绝。",
            "磁盘故障;断电或运行中复制造成存储损坏。",
            "执行 emqx-ctl doctor storage;从备份恢复 state 目录,或导入:emqx-ctl data import 文件。",
        ),
    ),
];
