//! The traces of the node: starting, finding, stopping, keeping them over a restart.
//!
//! Asks file systems, so it is not for a thread that others wait for. Who is to be told of a change (the workers) is
//! the matter of `mod.rs`.

use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use emqx_shared::request::{TraceDestination, TraceFormat, TracePayload, TraceStart, TraceSubject, TraceTarget};
use emqx_shared::views::{TraceState, TraceView};
use emqx_shared::{ErrorCode, Failure, LogLevel};
use emqxd_broker::Time;
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::descriptor;
use super::folder::{Folder, Kept};
use super::payload::PayloadForm;
use super::running::{Definition, Trace};
use super::subject::Subject;
use super::tail::Watch;
use super::writer::{Alive, Writer};
use crate::clock::{Clock, unix_ms_now};

/// Traces at the same time; EMQX's bound.
const TRACES_MAX: usize = 30;
/// Bytes at which a trace stops unless asked otherwise; EMQX's bound.
const BYTES_DEFAULT: u64 = 512 * 1024 * 1024;
/// How long a trace lasts unless asked otherwise: debug left on is the classic outage.
const DURATION_DEFAULT: Duration = Duration::from_secs(30 * 60);
/// The same for EMQX's old `trace client C FILE`, which knows no end there.
const DURATION_OF_OLD_FORM: Duration = Duration::from_secs(24 * 3600);
/// The longest that may be asked for.
const DURATION_MAX: Duration = Duration::from_secs(30 * 24 * 3600);
/// Lines a second for somebody who only watches.
const RATE_OF_WATCHED: u32 = 500;
/// How long a stop waits for lines on their way to a file.
const FINISH_WAIT: Duration = Duration::from_secs(1);

/// All traces.
pub struct Traces {
    node: String,
    clock: Clock,
    folder: Folder,
    list: Mutex<List>,
    /// Writer threads, those that hang included.
    writers: Arc<AtomicUsize>,
    /// Something began or ended.
    pub(super) changed: Arc<Notify>,
}

#[derive(Default)]
struct List {
    traces: Vec<Arc<Trace>>,
    /// Names made up so far.
    made_up: u64,
    /// Of what workers are told: several tell them at the same time, and the newest counts.
    version: u64,
}

impl Traces {
    /// The traces that were kept in the folder go on.
    pub fn open(node: &str, data_dir: &Path, clock: Clock) -> Self {
        let traces = Self {
            node: node.to_owned(),
            clock,
            folder: Folder::below(data_dir),
            list: Mutex::default(),
            writers: Arc::default(),
            changed: Arc::default(),
        };
        for kept in traces.folder.kept().into_iter().take(TRACES_MAX) {
            let name = kept.name.clone();
            if let Err(failure) = traces.resume(kept) {
                tracing::error!(trace = name, reason = failure.message, "trace_not_resumed");
            }
        }
        traces
    }

    /// Starts a trace for `uid`, with the descriptor that came along.
    ///
    /// # Errors
    /// A name that is taken, a subject or a file that cannot be, too many traces.
    pub(crate) fn start(
        &self,
        start: TraceStart,
        uid: u32,
        descriptor: Option<OwnedFd>,
    ) -> Result<Arc<Trace>, Failure> {
        let subject = Subject::new(start.subject.clone())?;
        let now_ms = unix_ms_now();
        let duration = start
            .duration_ms
            .map_or(default_duration(&start), Duration::from_millis);
        let duration = duration.min(DURATION_MAX);
        let max_bytes = start.max_bytes.unwrap_or(BYTES_DEFAULT).max(1);
        self.check_free(&start)?;
        let mut file_name = None;
        let mut destination = None;
        let file = match (&start.destination, descriptor) {
            (TraceDestination::Descriptor { shown }, Some(descriptor)) => {
                destination = Some(shown.clone());
                Some(descriptor::check(descriptor, uid, max_bytes)?)
            }
            (TraceDestination::Descriptor { .. }, None) => {
                return Err(Failure::new(
                    ErrorCode::BadDescriptor,
                    "no descriptor came with the request",
                ));
            }
            (TraceDestination::Folder, _) => {
                let name = Folder::file_name(start.name.as_deref().unwrap_or_default(), now_ms);
                let file = self.folder.open(&name, max_bytes)?;
                destination = Some(self.folder.shown(&name));
                file_name = Some(name);
                Some(file)
            }
            (TraceDestination::Live, _) => None,
        };
        let is_watched_only = destination.is_none();
        // From here on nothing waits: the list is locked.
        let mut list = self.list.lock();
        let name = list.name_for(&start)?;
        list.make_room()?;
        let definition = Definition {
            name,
            file_name,
            subject,
            level: start.level.max(LogLevel::Debug),
            format: start.format,
            payload: PayloadForm {
                encode: start.payload,
                limit: start.payload_limit as usize,
            },
            max_bytes,
            rate: start.rate.or(is_watched_only.then_some(RATE_OF_WATCHED)),
            destination,
            started_at_ms: now_ms,
            ends_at_ms: now_ms.saturating_add(millis(duration)),
            ends_at: self.clock.now().after(duration),
        };
        let trace = Arc::new(Trace::new(definition, TraceState::Running));
        self.spawn(&trace, file)?;
        list.traces.push(Arc::clone(&trace));
        self.keep(&list);
        drop(list);
        self.changed.notify_one();
        Ok(trace)
    }

    /// Begins to watch a trace.
    ///
    /// # Errors
    /// There is none of that name, or it has too many watchers.
    pub(crate) fn watch(&self, name: &str) -> Result<(Arc<Trace>, Watch), Failure> {
        let trace = self.find(&TraceTarget::Name(name.to_owned()))?.remove(0);
        let watch = self.watch_trace(&trace)?;
        Ok((trace, watch))
    }

    pub(crate) fn watch_trace(&self, trace: &Trace) -> Result<Watch, Failure> {
        trace.watch().ok_or_else(|| {
            let message = format!("too many watch the trace {} already", trace.name());
            Failure::new(ErrorCode::Busy, message).next("end one of them")
        })
    }

    /// The traces that a target names; at least one.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn find(&self, target: &TraceTarget) -> Result<Vec<Arc<Trace>>, Failure> {
        let list = self.list.lock();
        let is_meant = |trace: &&Arc<Trace>| match target {
            TraceTarget::Name(name) => trace.name() == name,
            // EMQX's `trace stop client C` means its local traces, not the named ones of the folder.
            TraceTarget::Subject(subject) => {
                trace.definition.subject.asked() == subject && trace.definition.file_name.is_none()
            }
        };
        let found: Vec<_> = list.traces.iter().filter(is_meant).cloned().collect();
        if !found.is_empty() {
            return Ok(found);
        }
        let known: Vec<_> = list.traces.iter().map(|trace| trace.name()).collect();
        let message = match target {
            TraceTarget::Name(name) => format!("no trace \"{name}\""),
            TraceTarget::Subject(subject) => format!("no trace of {} {}", subject.kind(), subject.value()),
        };
        let known = if known.is_empty() {
            "none".to_owned()
        } else {
            known.join(" ")
        };
        Err(Failure::new(ErrorCode::TraceNotFound, message).next(format!("known: {known}")))
    }

    /// Ends a trace that the workers feed no more: its lines are written, and it leaves the list unless it is one of
    /// the folder's.
    pub(crate) fn finish(&self, trace: &Arc<Trace>) {
        if !trace.finish(FINISH_WAIT) {
            tracing::warn!(trace = trace.name(), "trace_file_does_not_answer");
        }
        let mut list = self.list.lock();
        if trace.definition.file_name.is_none() {
            list.traces.retain(|each| !Arc::ptr_eq(each, trace));
        }
        self.keep(&list);
    }

    /// Ends a trace that nobody waits for any more, right after its start.
    pub(crate) fn give_up(&self, trace: &Arc<Trace>) {
        trace.retire("its caller left");
        self.changed.notify_one();
        self.finish(trace);
    }

    /// Forgets a trace that has been finished, and removes its file if it is in the folder.
    pub(crate) fn forget(&self, trace: &Arc<Trace>) {
        let mut list = self.list.lock();
        list.traces.retain(|each| !Arc::ptr_eq(each, trace));
        if let Some(file_name) = &trace.definition.file_name {
            self.folder.remove(file_name);
        }
        self.keep(&list);
    }

    /// All of them, oldest first.
    pub(crate) fn list(&self) -> Vec<TraceView> {
        self.list
            .lock()
            .traces
            .iter()
            .map(|trace| trace.view(&self.node))
            .collect()
    }

    /// One as operators see it.
    pub(crate) fn view(&self, trace: &Trace) -> TraceView {
        trace.view(&self.node)
    }

    /// Those that want events, and a number that grows with every call.
    pub(super) fn running_now(&self) -> (u64, Vec<Arc<Trace>>) {
        let mut list = self.list.lock();
        list.version += 1;
        let running = list.traces.iter().filter(|trace| trace.is_running());
        (list.version, running.cloned().collect())
    }

    /// Those that want events.
    pub(super) fn running(&self) -> Vec<Arc<Trace>> {
        let list = self.list.lock();
        list.traces.iter().filter(|trace| trace.is_running()).cloned().collect()
    }

    /// Those whose time is over now; they are marked as stopped.
    pub(super) fn overdue(&self, now: Time) -> Vec<Arc<Trace>> {
        let running = self.running();
        let overdue = running.into_iter().filter(|trace| trace.definition.ends_at <= now);
        overdue.inspect(|trace| trace.retire("duration")).collect()
    }

    /// Writes the list after traces have stopped by themselves.
    pub(super) fn keep_list(&self) {
        self.keep(&self.list.lock());
    }

    /// Lets all writers end; the named traces are running in the list, and go on at the next start.
    pub(super) fn close(&self) {
        let traces = self.running();
        for trace in &traces {
            trace.queue.close();
        }
        for trace in traces {
            trace.finish(FINISH_WAIT);
        }
    }

    fn check_free(&self, start: &TraceStart) -> Result<(), Failure> {
        let list = self.list.lock();
        list.check_name(start)?;
        let is_same = |trace: &&Arc<Trace>| {
            trace.is_running()
                && trace.definition.file_name.is_none()
                && trace.definition.destination.is_some()
                && *trace.definition.subject.asked() == start.subject
        };
        let is_descriptor = matches!(start.destination, TraceDestination::Descriptor { .. });
        match list.traces.iter().find(is_same) {
            Some(trace) if is_descriptor && start.name.is_none() => {
                let (kind, value) = (start.subject.kind(), start.subject.value());
                let file = trace.definition.destination.as_deref().unwrap_or_default();
                Err(Failure::new(
                    ErrorCode::TraceExists,
                    format!("{kind} {value} is traced already, to {file}"),
                )
                .next(format!(
                    "stop it (emqx-ctl trace stop {}), or give this one a --name",
                    trace.name()
                )))
            }
            _ => Ok(()),
        }
    }

    fn spawn(&self, trace: &Arc<Trace>, file: Option<std::fs::File>) -> Result<(), Failure> {
        let quota = trace.definition.file_name.as_ref().map(|_| self.folder.quota());
        let alive = Alive::take(&self.writers, TRACES_MAX).ok_or_else(|| {
            Failure::new(
                ErrorCode::Busy,
                format!("{TRACES_MAX} trace files are being written, or do not answer"),
            )
            .next("stop traces (emqx-ctl trace list)")
        })?;
        let writer = Writer {
            trace: Arc::clone(trace),
            file,
            quota,
            changed: Arc::clone(&self.changed),
            _alive: alive,
        };
        writer.spawn().map_err(|error| {
            Failure::new(ErrorCode::Busy, "no thread can be started for the trace").why(error.to_string())
        })
    }

    fn keep(&self, list: &List) {
        let kept: Vec<_> = list.traces.iter().filter_map(|trace| kept(trace)).collect();
        if let Err(error) = self.folder.keep(&kept) {
            tracing::error!(reason = %error, "traces_not_kept");
        }
    }

    fn resume(&self, kept: Kept) -> Result<(), Failure> {
        let refused = |what: &str| Failure::new(ErrorCode::Malformed, format!("{what} in the list of traces"));
        let asked = match kept.kind.as_str() {
            "clientid" => TraceSubject::Client(kept.value),
            "topic" => TraceSubject::Topic(kept.value),
            "ip_address" => TraceSubject::IpAddress(kept.value),
            _ => return Err(refused("an unknown type")),
        };
        let left = kept.ends_at_ms.saturating_sub(unix_ms_now());
        let left = Duration::from_millis(left).min(DURATION_MAX);
        let definition = Definition {
            name: kept.name,
            subject: Subject::new(asked)?,
            level: kept.level.parse().map_err(|_| refused("an unknown level"))?,
            format: match kept.formatter.as_str() {
                "json" => TraceFormat::Json,
                _ => TraceFormat::Text,
            },
            payload: PayloadForm {
                encode: match kept.payload_encode.as_str() {
                    "text" => TracePayload::Text,
                    "hex" => TracePayload::Hex,
                    _ => TracePayload::Hidden,
                },
                limit: kept.payload_limit,
            },
            max_bytes: kept.max_bytes,
            rate: kept.rate,
            destination: Some(self.folder.shown(&kept.file)),
            started_at_ms: kept.started_at_ms,
            ends_at_ms: kept.ends_at_ms,
            ends_at: self.clock.now().after(left),
            file_name: Some(kept.file.clone()),
        };
        let state = match kept.stopped {
            Some(reason) => TraceState::Stopped { reason },
            None if left.is_zero() => TraceState::Stopped {
                reason: "duration".to_owned(),
            },
            None => TraceState::Running,
        };
        let trace = Arc::new(Trace::new(definition, state));
        if trace.is_running() {
            match self.folder.open(&kept.file, trace.definition.max_bytes) {
                Ok(file) => self.spawn(&trace, Some(file))?,
                Err(failure) => trace.retire(failure.why.as_deref().unwrap_or(&failure.message)),
            }
        }
        self.list.lock().traces.push(trace);
        Ok(())
    }
}

impl List {
    fn check_name(&self, start: &TraceStart) -> Result<(), Failure> {
        let is_taken = |name: &&String| self.traces.iter().any(|trace| trace.name() == *name);
        match start.name.as_ref().filter(is_taken) {
            Some(name) => Err(
                Failure::new(ErrorCode::TraceExists, format!("there is a trace \"{name}\" already"))
                    .next(format!("choose another name, or: emqx-ctl trace delete {name}")),
            ),
            None => Ok(()),
        }
    }

    fn name_for(&mut self, start: &TraceStart) -> Result<String, Failure> {
        self.check_name(start)?;
        if let Some(name) = &start.name {
            return Ok(name.clone());
        }
        loop {
            self.made_up += 1;
            let name = format!("CLI-{}", self.made_up);
            if self.traces.iter().all(|trace| trace.name() != name) {
                return Ok(name);
            }
        }
    }

    /// A trace that has stopped and has no file in the folder gives way.
    fn make_room(&mut self) -> Result<(), Failure> {
        if self.traces.len() < TRACES_MAX {
            return Ok(());
        }
        let gives_way = |trace: &Arc<Trace>| !trace.is_running() && trace.definition.file_name.is_none();
        match self.traces.iter().position(gives_way) {
            Some(place) => {
                self.traces.remove(place);
                Ok(())
            }
            None => Err(Failure::new(
                ErrorCode::Busy,
                format!("there are {TRACES_MAX} traces, which is the most"),
            )
            .next("stop or delete some (emqx-ctl trace list)")),
        }
    }
}

/// What the list in the folder says of a trace; `None` if it is not kept.
fn kept(trace: &Trace) -> Option<Kept> {
    let definition = &trace.definition;
    let subject = definition.subject.asked();
    Some(Kept {
        name: definition.name.clone(),
        kind: subject.kind().to_owned(),
        value: subject.value().to_owned(),
        level: definition.level.as_str().to_owned(),
        formatter: definition.format.as_str().to_owned(),
        payload_encode: definition.payload.encode.as_str().to_owned(),
        payload_limit: definition.payload.limit,
        rate: definition.rate,
        max_bytes: definition.max_bytes,
        started_at_ms: definition.started_at_ms,
        ends_at_ms: definition.ends_at_ms,
        stopped: match trace.state() {
            TraceState::Running => None,
            TraceState::Stopped { reason } => Some(reason),
        },
        file: definition.file_name.clone()?,
    })
}

fn default_duration(start: &TraceStart) -> Duration {
    match start.destination {
        TraceDestination::Descriptor { .. } if start.name.is_none() => DURATION_OF_OLD_FORM,
        _ => DURATION_DEFAULT,
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
