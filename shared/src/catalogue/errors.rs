//! Errors of the operating system that operators meet, and the scanners of the Internet.

use super::entry::{Entry, Kind::Errno, Kind::Scanner, entry, text};

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        Errno,
        "EADDRINUSE",
        &["address already in use", "port in use"],
        text(
            "the port is taken",
            "A listener could not bind its address because another socket holds it.",
            "A second broker (mosquitto, another emqxd or EMQX) on 1883, 8883, 8083, 8084 or 18083; two listeners with the same address in emqx.conf.",
            "ss -ltnp 'sport = :1883' names the holder. Stop it, or change `listeners.tcp.default.bind`, then: emqx-ctl listeners start tcp:default.",
        ),
        text(
            "端口被占用",
            "监听器无法绑定地址,因为该端口已被其他套接字占用。",
            "1883、8883、8083、8084 或 18083 上已有其他服务(mosquitto、另一个 emqxd 或 EMQX);emqx.conf 中两个监听器地址相同。",
            "用 ss -ltnp 'sport = :1883' 找到占用者;停掉它或修改 listeners.tcp.default.bind,然后执行 emqx-ctl listeners start tcp:default。",
        ),
    ),
    entry(
        Errno,
        "EADDRNOTAVAIL",
        &["cannot assign requested address"],
        text(
            "the address is not one of this machine",
            "A listener names an IP address that no interface has.",
            "Wrong address in `bind`; interface not up yet when the daemon started; a container that got another address.",
            "ip addr; bind to 0.0.0.0 or [::], or start after network-online.target.",
        ),
        text(
            "地址不属于本机",
            "监听器绑定的 IP 地址不在任何网卡上。",
            "bind 地址有误;启动时网卡尚未就绪;容器地址发生变化。",
            "用 ip addr 查看;改为绑定 0.0.0.0 或 [::],或在 network-online.target 之后启动。",
        ),
    ),
    entry(
        Errno,
        "EMFILE",
        &["too many open files", "max_fds"],
        text(
            "the daemon has no file descriptor left",
            "Each connection takes one descriptor, and the limit of the process is reached: new connections wait or are refused.",
            "LimitNOFILE of the unit or `ulimit -n` too low for the number of clients; limits.conf does not apply to services.",
            "systemctl edit emqxd: LimitNOFILE=1048576, then restart; or lower `max_connections` of the listeners.",
        ),
        text(
            "文件描述符用尽",
            "每个连接占用一个描述符,进程已达到上限,新连接会等待或被拒绝。",
            "服务单元的 LimitNOFILE 或 ulimit -n 低于客户端数量;limits.conf 对系统服务不生效。",
            "systemctl edit emqxd 设置 LimitNOFILE=1048576 后重启;或降低监听器的 max_connections。",
        ),
    ),
    entry(
        Errno,
        "ENFILE",
        &["file table overflow"],
        text(
            "the whole machine has no file descriptor left",
            "The kernel's table of open files is full, for all processes together.",
            "fs.file-max too low, or another process leaks descriptors.",
            "sysctl fs.file-nr; raise fs.file-max.",
        ),
        text(
            "整机文件描述符用尽",
            "内核的打开文件表已满。",
            "fs.file-max 过小,或其他进程泄漏描述符。",
            "用 sysctl fs.file-nr 查看,调大 fs.file-max。",
        ),
    ),
    entry(
        Errno,
        "EACCES",
        &["permission denied", "EPERM"],
        text(
            "permission denied",
            "The daemon's user may not read a file, write to a folder, or bind a port below 1024.",
            "TLS key readable by root only; data or log folder of another user; port 443 without the capability.",
            "namei -l PATH shows which part of the path refuses; for low ports AmbientCapabilities=CAP_NET_BIND_SERVICE in the unit.",
        ),
        text(
            "权限不足",
            "守护进程的用户无法读取文件、写入目录,或绑定 1024 以下端口。",
            "TLS 私钥只有 root 可读;数据或日志目录属于其他用户;绑定 443 端口缺少能力。",
            "用 namei -l 路径 找出拒绝访问的一级;低端口需在服务单元中设置 AmbientCapabilities=CAP_NET_BIND_SERVICE。",
        ),
    ),
    entry(
        Errno,
        "ENOSPC",
        &["no space left on device"],
        text(
            "the disk is full",
            "Data or log lines could not be written.",
            "Logs, traces or stored messages filled the disk, or it has no inodes left.",
            "df -h and df -i; make room, lower `rotation_size` and `rotation_count`; lost log lines are told as log_lines_dropped.",
        ),
        text(
            "磁盘已满",
            "数据或日志无法写入。",
            "日志、追踪或持久化消息占满磁盘,或 inode 用尽。",
            "用 df -h 与 df -i 查看并清理;调小 rotation_size 与 rotation_count;丢失的日志行由 log_lines_dropped 说明。",
        ),
    ),
    entry(
        Errno,
        "ENOMEM",
        &["out of memory", "cannot allocate memory"],
        text(
            "no memory left",
            "The kernel refused memory, or is about to end processes.",
            "More clients or longer queues than the machine has memory for; a MemoryMax= of the unit.",
            "Lower `mqtt.max_mqueue_len`, `force_shutdown.max_heap_size` or `max_connections`, or add memory; dmesg tells of the OOM killer.",
        ),
        text(
            "内存不足",
            "内核拒绝分配内存,或即将结束进程。",
            "客户端过多或消息队列过长;服务单元设置了 MemoryMax=。",
            "调小 mqtt.max_mqueue_len、force_shutdown.max_heap_size 或 max_connections,或增加内存;dmesg 中可查看 OOM 记录。",
        ),
    ),
    entry(
        Errno,
        "ECONNREFUSED",
        &["connection refused"],
        text(
            "nobody listens there",
            "The machine answered that no program accepts connections on this address and port. In the log of emqxd `connection_refused` is something else: we refused a client, for the `reason` in the line.",
            "Listener stopped or bound to another address; emqxd not running; wrong port in the client.",
            "emqx-ctl listeners; ss -ltn.",
        ),
        text(
            "连接被拒绝",
            "目标地址与端口上没有程序在监听。emqxd 日志中的 connection_refused 另有含义:Broker 拒绝了某个连接,原因见该行的 reason。",
            "监听器已停止或绑定在其他地址;emqxd 没有运行;客户端端口有误。",
            "执行 emqx-ctl listeners 与 ss -ltn 检查。",
        ),
    ),
    entry(
        Scanner,
        "CENSYS",
        &["censysinspect", "shodan", "unknown client"],
        text(
            "a scanner of the public Internet found this broker",
            "Censys, Shodan and others probe the MQTT ports of every IPv4 address. A client id like CENSYS, or one you do not know, means that strangers can connect.",
            "Port 1883 open to the Internet; clients accepted without authentication.",
            "Close or filter the ports in the firewall, require authentication and authorization, use TLS with client certificates, change default passwords: emqx-ctl doctor security names what is open. Then: emqx-ctl banned add clientid_re '(?i)censys|shodan'; HTTP and TLS probes stand in emqx-ctl errors.",
        ),
        text(
            "互联网扫描器发现了这个 Broker",
            "Censys、Shodan 等会周期性探测全部 IPv4 地址的 MQTT 端口。出现 CENSYS 或陌生的 Client ID,说明陌生人可以连接进来。",
            "1883 端口对公网开放;未启用认证。",
            "在防火墙关闭或限制端口,启用认证与授权,使用 TLS 双向认证,修改默认密码:emqx-ctl doctor security 会列出开放之处。随后 emqx-ctl banned add clientid_re '(?i)censys|shodan';HTTP 与 TLS 探测见 emqx-ctl errors。",
        ),
    ),
];
