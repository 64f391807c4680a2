//! Words of failed TLS handshakes. `CLIENT ALERT` in the line means that the client refused our
//! certificate or offer, `SERVER ALERT` that we refused the client's.

use super::entry::{Entry, Kind::TlsAlert, entry, text};

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        TlsAlert,
        "certificate_expired",
        &["cert_expired"],
        text(
            "a certificate is past its date",
            "The side that raised the alert found the other side's certificate, or one above it in the chain, expired or not yet valid.",
            "Certificate not renewed; renewed on disk but not loaded; a wrong clock on the device.",
            "openssl s_client -connect HOST:8883 </dev/null | openssl x509 -noout -dates. SERVER ALERT: renew the client's certificate; CLIENT ALERT: renew ours. Check both clocks.",
        ),
        text(
            "证书不在有效期内",
            "发出告警的一方发现对方的证书(或其上级证书)已过期或尚未生效。",
            "证书没有续期;已续期但没有重新加载;设备时钟不准。",
            "用 openssl s_client -connect 主机:8883 </dev/null | openssl x509 -noout -dates 查看日期。SERVER ALERT 更新客户端证书,CLIENT ALERT 更新服务端证书,并核对两端时钟。",
        ),
    ),
    entry(
        TlsAlert,
        "no_suitable_cipher",
        &["no_cipher_suites_in_common"],
        text(
            "no cipher suite both sides accept",
            "Client and broker share no cipher suite that also fits the type of the certificate.",
            "Old device with RSA key exchange, CBC or SHA-1 suites only; an ECDSA certificate for clients that know RSA only.",
            "Compare `ssl_options.ciphers` with what the client offers (openssl s_client -cipher ...); use a certificate type the client knows, or update its TLS library.",
        ),
        text(
            "没有双方都支持的密码套件",
            "客户端与服务端没有共同的、且与证书类型匹配的密码套件。",
            "老设备只支持 RSA 密钥交换、CBC 或 SHA-1 套件;客户端只支持 RSA 而服务端用 ECDSA 证书。",
            "对照 ssl_options.ciphers 与客户端支持的套件;换用客户端支持的证书类型,或升级其 TLS 库。",
        ),
    ),
    entry(
        TlsAlert,
        "handshake_failure",
        &["handshake_failed"],
        text(
            "the handshake failed for a reason the peer did not name",
            "The general alert: one side found no acceptable parameters, or refused the other's identity.",
            "Host name not in the server certificate; no common cipher, curve or signature algorithm; missing client certificate.",
            "Read the client's own error beside this line. Check that the name the client connects to is in the certificate (subjectAltName).",
        ),
        text(
            "握手失败,对端没有给出具体原因",
            "通用告警:一方找不到可接受的参数,或不接受对方的身份。",
            "连接的地址不在服务端证书的域名中;没有共同的套件、曲线或签名算法;缺少客户端证书。",
            "结合客户端自身的报错分析;确认客户端连接的域名在证书的 subjectAltName 中。",
        ),
    ),
    entry(
        TlsAlert,
        "unknown_ca",
        &["unknownissuer", "unknown_issuer"],
        text(
            "the issuer of a certificate is not trusted",
            "A certificate could not be traced to a root the checking side trusts.",
            "Intermediate certificate left out of the chain; root CA not given or the wrong one; self-signed certificate.",
            "CLIENT ALERT: complete our `certfile` with the intermediates and give the client our root. SERVER ALERT: put the CA of the client certificates into `cacertfile`.",
        ),
        text(
            "证书的签发者不受信任",
            "校验方无法把证书追溯到自己信任的根证书。",
            "证书链缺少中间 CA;没有指定或指定了错误的根 CA;使用自签名证书。",
            "CLIENT ALERT:在 certfile 中补全中间证书,并让客户端信任我们的根 CA。SERVER ALERT:把客户端证书的 CA 加入 cacertfile。",
        ),
    ),
    entry(
        TlsAlert,
        "protocol_version",
        &["unsupported_tls_version"],
        text(
            "no TLS version both sides accept",
            "The client offers only TLS versions that the listener does not allow, or the reverse.",
            "Device limited to TLS 1.0 or 1.1; listener limited to TLS 1.3.",
            "Check `ssl_options.versions` and the client's TLS library; TLS 1.2 is the oldest version worth allowing.",
        ),
        text(
            "双方没有共同的 TLS 版本",
            "客户端只支持监听器不允许的 TLS 版本,或者相反。",
            "设备只支持 TLS 1.0/1.1;监听器只开放 TLS 1.3。",
            "检查 ssl_options.versions 与客户端 TLS 库;建议最低使用 TLS 1.2。",
        ),
    ),
    entry(
        TlsAlert,
        "bad_certificate",
        &[],
        text(
            "a certificate is damaged or its signature is wrong",
            "The certificate could not be read, or a signature in its chain does not verify.",
            "Certificate and key of different pairs; a wrong order in the chain file; a truncated file.",
            "openssl verify -CAfile CA CERT; compare the public keys of certificate and key.",
        ),
        text(
            "证书损坏或签名无效",
            "证书无法解析,或证书链中的签名校验失败。",
            "证书与私钥不配对;链文件顺序错误;文件被截断。",
            "用 openssl verify -CAfile CA 证书 检查,并比对证书与私钥的公钥。",
        ),
    ),
    entry(
        TlsAlert,
        "certificate_unknown",
        &[],
        text(
            "a certificate was refused for another reason",
            "The checking side does not accept the certificate and does not say why.",
            "Host name mismatch, wrong key usage, a policy of the client's platform; common from Java and mobile clients.",
            "Look at the client's log for the exact check that failed.",
        ),
        text(
            "证书因其他原因被拒绝",
            "校验方不接受该证书,但没有说明原因。",
            "域名不匹配、密钥用途不符、客户端平台策略;常见于 Java 与移动端。",
            "查看客户端日志,确认是哪一项校验失败。",
        ),
    ),
    entry(
        TlsAlert,
        "certificate_required",
        &["peer_did_not_return_a_certificate", "nocertificatespresented"],
        text(
            "the client sent no certificate",
            "The listener verifies clients (`verify = verify_peer`, `fail_if_no_peer_cert = true`) and this one presented none.",
            "Client configured without certificate and key; a port scanner.",
            "Give the client its certificate, or use a listener without mutual TLS.",
        ),
        text(
            "客户端没有提供证书",
            "监听器要求双向认证(verify_peer 且 fail_if_no_peer_cert),而客户端没有出示证书。",
            "客户端没有配置证书与私钥;端口扫描。",
            "为客户端配置证书,或改用不要求双向认证的监听器。",
        ),
    ),
    entry(
        TlsAlert,
        "certificate_revoked",
        &[],
        text(
            "a certificate was revoked by its issuer",
            "The checking side found the certificate on a revocation list.",
            "Key reported lost; device taken out of service.",
            "Issue a new certificate if the device is legitimate.",
        ),
        text(
            "证书已被吊销",
            "校验方在吊销列表中找到了该证书。",
            "私钥泄露或设备已停用。",
            "若设备合法,请重新签发证书。",
        ),
    ),
    entry(
        TlsAlert,
        "insufficient_security",
        &[],
        text(
            "what was offered is too weak",
            "The refusing side wants stronger parameters than those offered.",
            "Short RSA keys, weak curves or old suites on one side.",
            "Renew keys with at least RSA 2048 or P-256 and update the older TLS library.",
        ),
        text(
            "安全参数过弱",
            "拒绝的一方要求比对方更强的参数。",
            "一方使用过短的 RSA 密钥、弱曲线或老旧套件。",
            "使用 RSA 2048 或 P-256 以上的密钥,并升级较旧的 TLS 库。",
        ),
    ),
    entry(
        TlsAlert,
        "decrypt_error",
        &[],
        text(
            "a signature in the handshake does not verify",
            "The peer could not prove that it holds the key of its certificate.",
            "Certificate and private key do not belong together; a faulty crypto chip.",
            "Check that key and certificate are a pair on the side the alert complains about.",
        ),
        text(
            "握手中的签名校验失败",
            "对端无法证明自己持有证书对应的私钥。",
            "证书与私钥不配对;加密芯片故障。",
            "检查被告警一方的证书与私钥是否成对。",
        ),
    ),
    entry(
        TlsAlert,
        "unexpected_message",
        &["unsupported_record_type"],
        text(
            "something else than TLS came to the TLS port",
            "The first bytes are no TLS record, or a message came where the protocol has no room for it.",
            "MQTT without TLS, an HTTP request or a PROXY header sent to port 8883; a scanner.",
            "`emqx-ctl disconnects` says what it looked like. Switch TLS on in the client, or use the tcp listener (1883); for a load balancer set `proxy_protocol = true`.",
        ),
        text(
            "TLS 端口收到了非 TLS 数据",
            "首字节不是 TLS 记录,或者在协议不允许的位置收到了消息。",
            "客户端未启用 TLS 就连接 8883;HTTP 请求或 PROXY 头;扫描器。",
            "用 emqx-ctl disconnects 查看其内容。在客户端启用 TLS,或改用 tcp 监听器(1883);经负载均衡时设置 proxy_protocol = true。",
        ),
    ),
    entry(
        TlsAlert,
        "unsupported_certificate",
        &["invalid_purpose"],
        text(
            "a certificate is of a kind that is not accepted",
            "The checking side does not take certificates with this use or this type of key.",
            "A server's certificate used by a client (extended key usage without clientAuth), or the reverse; an old or exotic key type.",
            "openssl x509 -in CERT -noout -ext extendedKeyUsage; issue one for the use it has.",
        ),
        text(
            "证书类型不被接受",
            "校验方不接受这种用途或密钥类型的证书。",
            "客户端使用了服务端证书(扩展密钥用途中没有 clientAuth)或相反;密钥类型过旧或过新。",
            "用 openssl x509 -in 证书 -noout -ext extendedKeyUsage 查看用途,并按用途重新签发。",
        ),
    ),
    entry(
        TlsAlert,
        "illegal_parameter",
        &[],
        text(
            "a field of the handshake is against the rules",
            "One side sent a value that TLS does not allow there.",
            "A faulty or very old TLS library; a device in between that changes packets.",
            "Update the client's TLS library; try without the device in between.",
        ),
        text(
            "握手参数不合法",
            "一方发送了 TLS 不允许的值。",
            "TLS 库有缺陷或过旧;中间设备改写了报文。",
            "升级客户端 TLS 库,并绕过中间设备再试。",
        ),
    ),
    entry(
        TlsAlert,
        "decode_error",
        &[],
        text(
            "a message of the handshake cannot be read",
            "Its length or structure is wrong.",
            "A faulty TLS library; a scanner; bytes lost on a serial or radio link.",
            "If it is a device of yours, update its TLS library; else ignore it.",
        ),
        text(
            "握手消息无法解析",
            "消息的长度或结构不正确。",
            "TLS 库有缺陷;扫描器;串口或无线链路丢字节。",
            "若是自己的设备,请升级其 TLS 库;否则可忽略。",
        ),
    ),
    entry(
        TlsAlert,
        "bad_record_mac",
        &["decryption_failed"],
        text(
            "an encrypted record does not verify",
            "A record was changed or damaged on its way, or the two sides use different keys.",
            "Faulty memory or network hardware; a faulty TLS library.",
            "If one device does it again and again, look at that device; else at the network.",
        ),
        text(
            "加密记录校验失败",
            "记录在途中被改动或损坏,或双方密钥不一致。",
            "内存或网络硬件故障;TLS 库有缺陷。",
            "若总是同一设备,请检查该设备;否则检查网络。",
        ),
    ),
];
