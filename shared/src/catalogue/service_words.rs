//! Words of the log about the daemon as a service: workers that hang, the service manager, inherited sockets.

use super::entry::{Entry, Kind::LogKeyword, entry, text};

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        LogKeyword,
        "worker_stalled",
        &["watchdog_withheld", "worker_recovered", "watchdog_resumed"],
        text(
            "a data worker makes no turn: its clients wait",
            "The worker did not answer for half a second or longer. `watchdog_withheld` says that no sign of life (`WATCHDOG=1`) is sent any more; once `WatchdogSec=` of the unit is over, systemd ends the process and starts it anew. `worker_recovered` and `watchdog_resumed` say that it answers again.",
            "A machine without processor time to give (overloaded, throttled by its hypervisor or a CPU quota), memory that is swapped out, a process stopped by SIGSTOP or a debugger; a fault of the daemon if it happens on an idle machine.",
            "emqx-ctl olp status shows the delay of each worker. Look at the load (`uptime`, steal time in `vmstat 1`) and at `dmesg`. If the machine is idle report it, with emqx-ctl diagnose bundle.",
        ),
        text(
            "数据工作线程停滞,其客户端在等待",
            "该工作线程至少半秒没有应答。watchdog_withheld 表示不再发送存活信号(WATCHDOG=1);超过单元的 WatchdogSec= 后,systemd 会结束并重新启动进程。worker_recovered 与 watchdog_resumed 表示已恢复应答。",
            "机器没有可用的 CPU 时间(过载、被虚拟化平台或 CPU 配额限制)、内存被换出、进程被 SIGSTOP 或调试器暂停;若机器空闲时出现则是守护进程的缺陷。",
            "emqx-ctl olp status 显示每个工作线程的延迟。检查负载(uptime、vmstat 1 中的 steal)与 dmesg。若机器空闲,请用 emqx-ctl diagnose bundle 收集信息并报告。",
        ),
    ),
    entry(
        LogKeyword,
        "inherited_socket_closed",
        &["inherited_descriptor_not_used"],
        text(
            "a listening socket that systemd handed over was closed",
            "No enabled listener has the address of this socket, so the daemon closed it and had systemd forget it. Clients that connect there are refused, and those that waited in its backlog are disconnected.",
            "The address of a listener was changed, or a listener removed or disabled, since the last start; `ListenStream=` in emqxd.socket without the address, which means [::] and not 0.0.0.0.",
            "Nothing, if the listener is gone on purpose. Otherwise compare `ListenStream=` (systemctl cat emqxd.socket) with emqx-ctl listeners.",
        ),
        text(
            "systemd 交来的监听套接字被关闭",
            "没有启用的监听器使用该套接字的地址,守护进程已将其关闭并让 systemd 丢弃它。之后连接该地址的客户端会被拒绝,在其队列中等待的连接会断开。",
            "自上次启动以来监听器地址被修改、监听器被删除或禁用;emqxd.socket 中的 ListenStream= 没有写地址,此时为 [::] 而不是 0.0.0.0。",
            "若监听器是有意去掉的则无需处理;否则对照 ListenStream=(systemctl cat emqxd.socket)与 emqx-ctl listeners。",
        ),
    ),
    entry(
        LogKeyword,
        "service_manager_not_told",
        &["service_manager_not_reached"],
        text(
            "systemd does not take what the daemon tells it",
            "The socket named in `NOTIFY_SOCKET` did not take a message such as READY=1 or WATCHDOG=1. Clients are served all the same; but systemd may think that the daemon has not started or hangs, and end it.",
            "systemd is overloaded or was replaced; the daemon runs in a container or a mount namespace where the socket is not visible.",
            "Look at `systemctl status` and `ls -l /run/systemd/notify`. In a container without systemd start the daemon without NOTIFY_SOCKET.",
        ),
        text(
            "systemd 没有接收守护进程的通知",
            "NOTIFY_SOCKET 指定的套接字没有接收 READY=1 或 WATCHDOG=1 之类的消息。客户端服务不受影响,但 systemd 可能认为守护进程未启动或已挂起而结束它。",
            "systemd 过载或已被替换;守护进程运行在看不到该套接字的容器或挂载命名空间中。",
            "检查 systemctl status 与 ls -l /run/systemd/notify;在没有 systemd 的容器中请不要设置 NOTIFY_SOCKET。",
        ),
    ),
];
