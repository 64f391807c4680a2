//! What a run costs the server: processor time from `/proc`, memory through the control socket.
//!
//! Both are told only of a server on this machine: the daemon whose control socket answers, if it is the one that is
//! driven, whose count of connections has to grow with ours; or a process that the operator names.

use std::fs;
use std::net::{IpAddr, UdpSocket};

use emqx_shared::views::StatusView;
use emqx_shared::{Request, View};
use nix::sys::resource::{UsageWho, getrusage};

use crate::app::App;
use crate::connect::unexpected;
use crate::failure::CliFailure;

/// Units of processor time in `/proc/PID/stat`: 100 on every architecture that Linux still knows.
const TICKS_PER_SECOND: f64 = 100.0;

/// Whom to watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Watch {
    /// The daemon behind the control socket.
    Daemon,
    /// These processes, whatever they are; their figures are added up.
    Processes(Vec<u32>),
}

/// The server that is driven, as far as it can be watched.
#[derive(Debug)]
pub struct Server {
    before: Option<Before>,
    /// Why nothing can be told, for the report.
    pub unknown: Option<String>,
}

/// What it was before the run.
#[derive(Debug)]
struct Before {
    pids: Vec<u32>,
    memory_bytes: Option<u64>,
    /// As the control socket counts them; `None` for a process that was named.
    connections: Option<u64>,
}

impl Server {
    /// Looks at the server before the run.
    pub fn find(app: &mut App, watch: &Watch, target: IpAddr) -> Self {
        if !is_own(target) {
            return Self::nobody(format!("{target} is another machine"));
        }
        let before = match watch {
            Watch::Processes(pids) => {
                if let Some(pid) = pids.iter().find(|pid| cpu_of(**pid).is_none()) {
                    return Self::nobody(format!("there is no process {pid}, or it cannot be looked at"));
                }
                Before {
                    memory_bytes: memory_of(pids, "VmRSS:"),
                    pids: pids.clone(),
                    connections: None,
                }
            }
            Watch::Daemon => match status(app) {
                Ok(status) => Before {
                    pids: vec![status.pid],
                    memory_bytes: status.memory_bytes,
                    connections: Some(status.connections),
                },
                Err(failure) => return Self::nobody(failure.message),
            },
        };
        Self {
            before: Some(before),
            unknown: None,
        }
    }

    fn nobody(why: String) -> Self {
        Self {
            before: None,
            unknown: Some(why),
        }
    }

    /// Looks again once our connections are up: is it the daemon that has them?
    pub fn confirm(&mut self, app: &mut App, connections: u32) {
        let Some(before) = self.before.as_ref().and_then(|before| before.connections) else {
            return;
        };
        match status(app) {
            // Others may have left meanwhile.
            Ok(now) if now.connections.saturating_sub(before) >= u64::from(connections.div_ceil(2)) => {}
            Ok(_) => *self = Self::nobody("the control socket belongs to another daemon than the port".to_owned()),
            Err(failure) => *self = Self::nobody(failure.message),
        }
    }

    /// Processor time it has used so far, user and system, in seconds.
    pub fn cpu_seconds(&self) -> Option<f64> {
        self.before.as_ref()?.pids.iter().map(|pid| cpu_of(*pid)).sum()
    }

    /// Its resident memory before the run, in bytes.
    pub fn memory_before(&self) -> Option<u64> {
        self.before.as_ref()?.memory_bytes
    }

    /// Its resident memory now, in bytes.
    pub fn memory_now(&self, app: &mut App) -> Option<u64> {
        let before = self.before.as_ref()?;
        match before.connections {
            Some(_) => status(app).ok()?.memory_bytes,
            None => memory_of(&before.pids, "VmRSS:"),
        }
    }

    /// Lets [`Server::memory_peak`] begin anew; `false` if this user may not.
    pub fn forget_peak(&self) -> bool {
        let Some(before) = &self.before else {
            return false;
        };
        // proc(5), clear_refs: 5 resets the peak of the resident memory.
        let mut pids = before.pids.iter();
        pids.all(|pid| fs::write(format!("/proc/{pid}/clear_refs"), "5").is_ok())
    }

    /// The most resident memory since [`Server::forget_peak`], in bytes.
    pub fn memory_peak(&self) -> Option<u64> {
        memory_of(&self.before.as_ref()?.pids, "VmHWM:")
    }
}

/// A field of `/proc/PID/status` in bytes, of all these together.
fn memory_of(pids: &[u32], field: &str) -> Option<u64> {
    pids.iter().map(|pid| memory_of_one(*pid, field)).sum()
}

fn memory_of_one(pid: u32, field: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024)
}

fn cpu_of(pid: u32) -> Option<f64> {
    let in_ticks = || cpu_in(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?);
    cpu_of_threads(pid).or_else(in_ticks)
}

fn status(app: &mut App) -> Result<StatusView, CliFailure> {
    match app.connect()?.ask(&Request::Status)? {
        View::Status(status) => Ok(status),
        other => Err(unexpected(&other)),
    }
}

/// Whether `address` is one of this machine's.
fn is_own(address: IpAddr) -> bool {
    address.is_loopback() || UdpSocket::bind((address, 0)).is_ok()
}

/// Processor time of the threads there are, in seconds, to the nanosecond; `None` if the system does not tell. A daemon
/// whose threads come and go would look cheaper than it is: ours stay.
fn cpu_of_threads(pid: u32) -> Option<f64> {
    let mut nanoseconds = 0;
    for thread in fs::read_dir(format!("/proc/{pid}/task")).ok()? {
        let text = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        nanoseconds += text.split_whitespace().next()?.parse::<u64>().ok()?;
    }
    Some(nanoseconds as f64 / 1e9)
}

/// User and system time out of `/proc/PID/stat`; the name of the program, in parentheses, may contain anything.
fn cpu_in(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut numbers = fields.split_whitespace().skip(11);
    let user: f64 = numbers.next()?.parse().ok()?;
    let system: f64 = numbers.next()?.parse().ok()?;
    Some((user + system) / TICKS_PER_SECOND)
}

/// Processor time that this process has used so far, in seconds.
pub fn own_cpu_seconds() -> f64 {
    let Ok(usage) = getrusage(UsageWho::RUSAGE_SELF) else {
        return 0.0;
    };
    [usage.user_time(), usage.system_time()]
        .iter()
        .map(|time| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6)
        .sum()
}

/// How long this process has been ready to run without a processor, in seconds; `None` if the system does not tell.
pub fn own_waiting_seconds() -> Option<f64> {
    let text = fs::read_to_string("/proc/self/schedstat").ok()?;
    let nanoseconds: u64 = text.split_whitespace().nth(1)?.parse().ok()?;
    Some(nanoseconds as f64 / 1e9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processor_time_is_found_behind_any_name() {
        let stat = "812 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0 20 0 1 0 100";
        assert_eq!(cpu_in(stat), Some(3.0));
        assert_eq!(cpu_in("812 (emqxd"), None);
    }
}
