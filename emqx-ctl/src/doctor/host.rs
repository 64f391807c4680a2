//! Limits and state of the machine, from `/proc`: the same whether a daemon runs or not.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::facts::{DiskFacts, KernelFacts};
use super::program;

/// Longest file of `/proc` that is looked at here is far below it.
const TEXT_BYTES_MAX: usize = 64 * 1024;
/// Where systemd's own time service says that the clock is right.
const TIMESYNC_MARK: &str = "/run/systemd/timesync/synchronized";
const TIMEDATECTL: &str = "/usr/bin/timedatectl";
const TIMEDATECTL_TIMEOUT: Duration = Duration::from_secs(2);

pub(super) fn kernel() -> KernelFacts {
    let meminfo = read("/proc/meminfo").unwrap_or_default();
    let memory = |name| meminfo_bytes(&meminfo, name);
    let conntrack =
        number("/proc/sys/net/netfilter/nf_conntrack_count").zip(number("/proc/sys/net/netfilter/nf_conntrack_max"));
    KernelFacts {
        release: read("/proc/sys/kernel/osrelease").map(|text| text.trim().to_owned()),
        file_max: number("/proc/sys/fs/file-max"),
        files_used: numbers("/proc/sys/fs/file-nr").first().copied(),
        somaxconn: number("/proc/sys/net/core/somaxconn"),
        local_ports: match numbers("/proc/sys/net/ipv4/ip_local_port_range")[..] {
            [first, last] => Some((first, last)),
            _ => None,
        },
        tcp_mem: match numbers("/proc/sys/net/ipv4/tcp_mem")[..] {
            [low, pressure, high] => Some((low, pressure, high)),
            _ => None,
        },
        tcp_mem_used: read("/proc/net/sockstat").and_then(|text| tcp_memory(&text)),
        conntrack,
        memory_total: memory("MemTotal"),
        memory_available: memory("MemAvailable"),
        swap_total: memory("SwapTotal"),
        swap_free: memory("SwapFree"),
        overcommit: number("/proc/sys/vm/overcommit_memory"),
    }
}

/// The file system that `path` is on.
pub(super) fn disk(path: &Path) -> Option<DiskFacts> {
    let found = nix::sys::statvfs::statvfs(path).ok()?;
    let size = found.fragment_size();
    Some(DiskFacts {
        path: path.display().to_string(),
        total: found.blocks().saturating_mul(size),
        free: found.blocks_available().saturating_mul(size),
        files_total: found.files(),
        files_free: found.files_available(),
    })
}

/// What the system says of its clock; `None` if nobody here knows.
pub(super) fn is_clock_synchronised() -> Option<bool> {
    if Path::new(TIMESYNC_MARK).exists() {
        return Some(true);
    }
    let arguments = ["show", "--property=NTPSynchronized", "--value"];
    let said = program::run(Path::new(TIMEDATECTL), &arguments, TIMEDATECTL_TIMEOUT)?;
    match said.stdout.trim() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

fn read(path: &str) -> Option<String> {
    fs::read_to_string(path)
        .ok()
        .filter(|text| text.len() <= TEXT_BYTES_MAX)
}

fn number(path: &str) -> Option<u64> {
    numbers(path).first().copied()
}

fn numbers(path: &str) -> Vec<u64> {
    let text = read(path).unwrap_or_default();
    text.split_whitespace().filter_map(|word| word.parse().ok()).collect()
}

fn meminfo_bytes(text: &str, name: &str) -> Option<u64> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

/// `TCP: inuse 5 orphan 0 tw 0 alloc 7 mem 3`: pages.
fn tcp_memory(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("TCP:"))?;
    let mut words = line.split_whitespace();
    words.find(|word| *word == "mem")?;
    words.next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_proc_are_read() {
        let meminfo = "MemTotal:        8000 kB\nSwapTotal:       1 kB\n";
        assert_eq!(meminfo_bytes(meminfo, "MemTotal"), Some(8_192_000));
        assert_eq!(meminfo_bytes(meminfo, "Mem"), None);
        let sockstat = "sockets: used 3\nTCP: inuse 5 orphan 0 tw 0 alloc 7 mem 42\nUDP: inuse 1 mem 2\n";
        assert_eq!(tcp_memory(sockstat), Some(42));
        assert_eq!(tcp_memory(""), None);
    }

    #[test]
    fn this_machine_tells_something() {
        let kernel = kernel();
        assert!(kernel.file_max.is_some() && kernel.memory_total.is_some());
        assert!(disk(Path::new("/")).is_some_and(|disk| disk.total > 0));
    }
}
