//! Limits, names and files of traces; lines go through a worker's `Tracer` as they do in the daemon.

use std::fs::{self, File, OpenOptions};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::time::Instant;

use emqxd_broker::{TraceEvent, TraceKind, TraceSink};
use nix::unistd::geteuid;

use super::super::tracer::Tracer;
use super::*;

const PATIENCE: Duration = Duration::from_secs(10);

struct Fixture {
    folder: tempfile::TempDir,
    traces: Traces,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let traces = Traces::open("emqx@127.0.0.1", folder.path(), Clock::start());
        Self { folder, traces }
    }

    fn restarted(self) -> Self {
        self.traces.close();
        let Self { folder, .. } = self;
        let traces = Traces::open("emqx@127.0.0.1", folder.path(), Clock::start());
        Self { folder, traces }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn start(&self, start: TraceStart) -> Result<Arc<Trace>, Failure> {
        let descriptor = match &start.destination {
            TraceDestination::Descriptor { shown } => Some(self.descriptor(shown)),
            _ => None,
        };
        self.traces.start(start, geteuid().as_raw(), descriptor)
    }

    fn descriptor(&self, name: &str) -> OwnedFd {
        let mut options = OpenOptions::new();
        options.append(true).create(true).open(self.path(name)).unwrap().into()
    }

    fn stop(&self, trace: &Arc<Trace>) {
        trace.retire("stopped");
        self.traces.finish(trace);
    }

    fn tell(&self, client_id: &str, count: usize) {
        let tracer = Tracer::new(&self.traces.running()).expect("a trace runs");
        for _ in 0..count {
            tracer.event(&TraceEvent {
                client_id,
                peer: None,
                kind: TraceKind::Published {
                    topic: "t",
                    payload: b"hello",
                },
            });
        }
    }
}

fn to_file(client_id: &str, file: &str) -> TraceStart {
    TraceStart {
        name: None,
        subject: TraceSubject::Client(client_id.to_owned()),
        level: LogLevel::Debug,
        format: TraceFormat::Text,
        payload: TracePayload::Text,
        payload_limit: 1024,
        duration_ms: None,
        max_bytes: None,
        rate: None,
        destination: TraceDestination::Descriptor { shown: file.to_owned() },
    }
}

fn named(name: &str, client_id: &str) -> TraceStart {
    TraceStart {
        name: Some(name.to_owned()),
        destination: TraceDestination::Folder,
        ..to_file(client_id, "")
    }
}

fn wait_stopped(trace: &Trace) -> String {
    let deadline = Instant::now() + PATIENCE;
    assert!(trace.queue.wait_end(deadline), "the writer has not ended");
    match trace.state() {
        TraceState::Stopped { reason } => reason,
        TraceState::Running => panic!("it runs"),
    }
}

#[test]
fn what_the_subject_does_stands_in_the_callers_file_once_the_trace_is_stopped() {
    let fixture = Fixture::new();
    let trace = fixture.start(to_file("c", "c.log")).unwrap();
    fixture.tell("c", 3);
    fixture.tell("other", 3);
    fixture.stop(&trace);
    let text = fs::read_to_string(fixture.path("c.log")).unwrap();
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(
        text.lines()
            .all(|line| line.contains("[PUBLISH] c msg: publish_to, topic: t"))
    );
    assert!(fixture.traces.list().is_empty(), "as in EMQX it leaves the list");
}

#[test]
fn a_named_trace_stays_listed_and_goes_on_after_a_restart() {
    let fixture = Fixture::new();
    let trace = fixture.start(named("mine", "c")).unwrap();
    let file = PathBuf::from(trace.definition.destination.clone().unwrap());
    fixture.tell("c", 2);
    let fixture = fixture.restarted();
    let list = fixture.traces.list();
    assert_eq!((list[0].name.as_str(), &list[0].state), ("mine", &TraceState::Running));
    fixture.tell("c", 3);
    let trace = fixture.traces.running().remove(0);
    fixture.stop(&trace);
    assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 5);
    let fixture = fixture.restarted();
    assert_eq!(fixture.traces.list()[0].state.as_str(), "stopped");
    assert!(fixture.traces.running().is_empty());
    let (trace, _) = fixture.traces.watch("mine").unwrap();
    fixture.traces.forget(&trace);
    assert!(!file.exists());
    assert!(fixture.restarted().traces.list().is_empty());
}

#[test]
fn a_subject_has_one_nameless_trace_and_a_name_one_trace() {
    let fixture = Fixture::new();
    let code = |result: Result<Arc<Trace>, Failure>| result.unwrap_err().code;
    fixture.start(to_file("c", "1.log")).unwrap();
    assert_eq!(code(fixture.start(to_file("c", "2.log"))), ErrorCode::TraceExists);
    fixture.start(named("mine", "c")).unwrap();
    assert_eq!(code(fixture.start(named("mine", "d"))), ErrorCode::TraceExists);
    let mut with_name = to_file("c", "3.log");
    with_name.name = Some("third".to_owned());
    fixture.start(with_name).unwrap();
    assert_eq!(fixture.traces.list().len(), 3);
}

#[test]
fn there_are_30_traces_at_most_and_one_that_stopped_gives_way() {
    let fixture = Fixture::new();
    for number in 0..TRACES_MAX {
        fixture
            .start(to_file(&format!("c{number}"), &format!("{number}.log")))
            .unwrap();
    }
    let refused = fixture.start(to_file("more", "more.log")).unwrap_err();
    assert_eq!(refused.code, ErrorCode::Busy);
    assert!(refused.message.contains("30"), "{}", refused.message);
    let first = fixture.traces.running().remove(0);
    first.retire("size");
    assert!(first.finish(PATIENCE));
    let deadline = Instant::now() + PATIENCE;
    while fixture.start(to_file("more", "more.log")).is_err() {
        assert!(Instant::now() < deadline, "its thread has ended, so there is room");
        std::thread::yield_now();
    }
    assert_eq!(fixture.traces.list().len(), TRACES_MAX);
}

#[test]
fn a_trace_ends_with_its_time() {
    let fixture = Fixture::new();
    fixture.start(to_file("old_form", "1.log")).unwrap();
    fixture.start(named("mine", "c")).unwrap();
    let mut asked = named("asked", "c");
    asked.duration_ms = Some(60_000);
    fixture.start(asked).unwrap();
    let now = fixture.traces.clock.now();
    let overdue = |after: Duration| -> Vec<String> {
        let overdue = fixture.traces.overdue(now.after(after));
        overdue.iter().map(|trace| trace.name().to_owned()).collect()
    };
    assert!(overdue(Duration::from_secs(59)).is_empty());
    assert_eq!(overdue(Duration::from_secs(61)), ["asked"]);
    assert!(overdue(Duration::from_secs(1799)).is_empty());
    assert_eq!(overdue(Duration::from_secs(1801)), ["mine"]);
    assert!(overdue(Duration::from_secs(24 * 3600 - 1)).is_empty());
    assert_eq!(overdue(Duration::from_secs(24 * 3600 + 1)), ["CLI-1"]);
    let reasons = fixture.traces.list().into_iter().map(|view| view.state);
    let duration = TraceState::Stopped {
        reason: "duration".to_owned(),
    };
    assert!(reasons.into_iter().all(|state| state == duration));
}

#[test]
fn a_trace_stops_at_its_size_with_a_whole_line() {
    let fixture = Fixture::new();
    let mut start = to_file("c", "c.log");
    start.max_bytes = Some(300);
    let trace = fixture.start(start).unwrap();
    fixture.tell("c", 10);
    assert_eq!(wait_stopped(&trace), "size");
    let text = fs::read_to_string(fixture.path("c.log")).unwrap();
    assert!(text.len() <= 300 && text.ends_with("hello\n"), "{text}");
    assert_eq!(trace.bytes(), text.len() as u64);
    assert_eq!(
        fixture.traces.list()[0].state.as_str(),
        "stopped",
        "the operator sees why"
    );
}

#[test]
fn a_rate_is_kept_and_what_is_above_is_counted_in_the_file() {
    let fixture = Fixture::new();
    let mut start = to_file("c", "c.log");
    start.rate = Some(5);
    let trace = fixture.start(start).unwrap();
    fixture.tell("c", 1000);
    fixture.stop(&trace);
    let text = fs::read_to_string(fixture.path("c.log")).unwrap();
    let told: u64 = text
        .lines()
        .filter_map(|line| {
            line.strip_prefix("… ")?
                .strip_suffix(" lines dropped")?
                .parse::<u64>()
                .ok()
        })
        .sum();
    let lines = text.lines().filter(|line| line.contains("publish_to")).count() as u64;
    assert!(lines <= 10, "{lines} lines within one second or two");
    assert_eq!(told, trace.queue.dropped());
    assert_eq!(lines + told, 1000);
}

/// A trace whose lines go to `file`, whatever it is.
fn with_file(fixture: &Fixture, file: File) -> Arc<Trace> {
    let mut start = to_file("c", "");
    start.destination = TraceDestination::Live;
    start.rate = Some(u32::MAX);
    let live = fixture.start(start).unwrap();
    let Trace { definition, .. } = &*live;
    let definition = Definition {
        name: "with_file".to_owned(),
        file_name: None,
        subject: definition.subject.clone(),
        level: definition.level,
        format: definition.format,
        payload: definition.payload,
        max_bytes: definition.max_bytes,
        rate: None,
        destination: Some("file".to_owned()),
        started_at_ms: 0,
        ends_at_ms: 0,
        ends_at: Time(u64::MAX),
    };
    fixture.stop(&live);
    let trace = Arc::new(Trace::new(definition, TraceState::Running));
    fixture.traces.spawn(&trace, Some(file)).unwrap();
    fixture.traces.list.lock().traces.push(Arc::clone(&trace));
    trace
}

#[test]
fn the_first_write_that_fails_stops_the_trace_and_says_so() {
    let fixture = Fixture::new();
    let full = OpenOptions::new().append(true).open("/dev/full").unwrap();
    let trace = with_file(&fixture, full);
    fixture.tell("c", 1);
    let reason = wait_stopped(&trace);
    assert!(reason.contains("No space left"), "{reason}");
    assert!(fixture.traces.running().is_empty());
}

#[test]
fn a_file_that_hangs_loses_lines_of_its_trace_and_holds_up_nobody() {
    let fixture = Fixture::new();
    let (_nobody_reads, pipe) = nix::unistd::pipe().unwrap();
    let hanging = with_file(&fixture, File::from(pipe));
    let other = fixture.start(named("other", "c")).unwrap();
    let file = PathBuf::from(other.definition.destination.clone().unwrap());
    for _ in 0..20 {
        fixture.tell("c", 500);
    }
    assert!(hanging.queue.dropped() > 0, "10,000 lines do not fit");
    assert!(!hanging.finish(Duration::from_millis(10)), "it hangs still");
    fixture.stop(&other);
    let told = fs::read_to_string(&file).unwrap();
    let lines = told.lines().filter(|line| line.contains("publish_to")).count() as u64;
    assert_eq!(lines + other.queue.dropped(), 10_000);
    assert!(lines > 0);
    // The list can be asked all the same.
    assert_eq!(fixture.traces.list().len(), 2);
}

#[test]
fn watchers_see_lines_and_the_end() {
    let fixture = Fixture::new();
    let mut start = to_file("c", "");
    start.destination = TraceDestination::Live;
    let trace = fixture.start(start).unwrap();
    let watch = fixture.traces.watch_trace(&trace).unwrap();
    assert_eq!(fixture.traces.list()[0].watchers, 1);
    fixture.tell("c", 2);
    fixture.stop(&trace);
    let lines = watch.take().unwrap();
    assert_eq!((lines.text.lines().count(), lines.dropped), (2, 0));
    assert!(watch.take().is_none());
    drop(watch);
}

#[test]
fn the_brokers_own_messages_are_not_traced() {
    let fixture = Fixture::new();
    let mut start = to_file("", "t.log");
    start.subject = TraceSubject::Topic("$SYS/#".to_owned());
    let trace = fixture.start(start).unwrap();
    let tracer = Tracer::new(&fixture.traces.running()).unwrap();
    for client_id in ["", "client"] {
        tracer.event(&TraceEvent {
            client_id,
            peer: None,
            kind: TraceKind::Published {
                topic: "$SYS/brokers",
                payload: b"",
            },
        });
    }
    drop(tracer);
    fixture.stop(&trace);
    let text = fs::read_to_string(fixture.path("t.log")).unwrap();
    assert_eq!(text.lines().count(), 1, "what a client tries is traced: {text}");
}
