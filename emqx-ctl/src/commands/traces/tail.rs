//! `traces tail`: the lines of a trace from all nodes, in the order of their times.
//!
//! A thread waits for each node. What has come is held for [`HOLD`], so that a line of a slower node finds its place
//! before those that are younger; one that is later still comes when it comes. Clocks of nodes that differ show.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use emqx_shared::request::TraceRequest;
use emqx_shared::views::TraceLinesView;
use emqx_shared::{ExitCode, Request, View};

use super::warn;
use crate::app::App;
use crate::commands::Outcome;
use crate::commands::cluster::{self, Nodes, connect_to};
use crate::connect::{Connection, unexpected};
use crate::failure::{CliFailure, Stop};
use crate::moment;
use crate::render::escape::escape;

/// How long a line waits for older ones of other nodes.
const HOLD: Duration = Duration::from_millis(300);
/// Parts of answers that wait to be looked at; then their nodes are not read.
const PARTS_MAX: usize = 64;
/// Lines that are held; more go out at once.
const HELD_MAX: usize = 20_000;

enum Part {
    Lines(usize, TraceLinesView),
    /// The trace has ended there, or could not be followed.
    End(usize, Result<(), CliFailure>),
}

/// Shows lines until the trace has ended on all nodes, or the reader goes away.
pub fn run(name: &str, app: &mut App) -> Outcome {
    let Nodes { running, .. } = cluster::all(app)?;
    let (sender, parts) = sync_channel(PARTS_MAX);
    for (number, node) in running.iter().enumerate() {
        let connection = connect_to(node, app)?;
        let (name, sender) = (name.to_owned(), sender.clone());
        thread::spawn(move || follow(number, connection, name, &sender));
    }
    drop(sender);
    let mut failed = show(&running, &parts, app)?;
    if failed.len() == running.len() && !failed.is_empty() {
        return Err(failed.swap_remove(0).1.into());
    }
    Ok(match failed.is_empty() {
        true => ExitCode::Done,
        false => ExitCode::PartialSuccess,
    })
}

fn follow(number: usize, mut connection: Connection, name: String, parts: &SyncSender<Part>) {
    let request = Request::Trace(TraceRequest::Tail { name });
    let end = connection.watch(&request, &mut |view| match view {
        View::TraceLines(lines) => {
            let gone = |_| Stop::Output(std::io::ErrorKind::BrokenPipe.into());
            parts.send(Part::Lines(number, lines)).map_err(gone)
        }
        other => Err(unexpected(&other).into()),
    });
    let end = match end {
        Ok(_) => Ok(()),
        Err(Stop::Failure(failure)) => Err(*failure),
        // Nobody listens any more.
        Err(Stop::Output(_)) => return,
    };
    let _it_may_have_ended = parts.send(Part::End(number, end));
}

/// Prints until all have ended; which nodes failed.
fn show(nodes: &[String], parts: &Receiver<Part>, app: &mut App) -> Result<Vec<(String, CliFailure)>, Stop> {
    let (mut held, mut failed) = (Held::default(), Vec::new());
    loop {
        let now = match parts.recv_timeout(HOLD / 3) {
            Ok(Part::Lines(number, lines)) => {
                let now = Instant::now();
                held.add(&escape(&nodes[number]), &lines, now);
                now
            }
            Ok(Part::End(number, end)) => {
                if let Err(failure) = end {
                    failed.push((nodes[number].clone(), failure));
                    if failed.len() < nodes.len() {
                        warn(&failed[failed.len() - 1..]);
                    }
                }
                Instant::now()
            }
            Err(RecvTimeoutError::Timeout) => Instant::now(),
            Err(RecvTimeoutError::Disconnected) => break,
        };
        let text = held.take_due(now);
        if !text.is_empty() {
            app.printer.raw(&text)?;
        }
    }
    app.printer.raw(&held.take(held.lines.len()))?;
    Ok(failed)
}

/// Lines that wait for older ones.
#[derive(Default)]
struct Held {
    lines: Vec<HeldLine>,
}

struct HeldLine {
    /// Unix milliseconds, then the digits of the fraction, which are more.
    time: (u64, String),
    came: Instant,
    text: String,
}

impl Held {
    fn add(&mut self, node: &str, lines: &TraceLinesView, now: Instant) {
        let mut time = (0, String::new());
        let dropped = (lines.dropped > 0).then(|| format!("… {} lines dropped", lines.dropped));
        for line in lines.text.lines() {
            if let Some(stamp) = stamp(line) {
                time = stamp;
            }
            let dropped = dropped.iter().filter(|_| line.as_ptr() == lines.text.as_ptr());
            let texts = dropped.map(String::as_str).chain([line]);
            self.lines.extend(texts.map(|text| HeldLine {
                time: time.clone(),
                came: now,
                text: with_node(node, text),
            }));
        }
    }

    /// What has waited long enough, and all that is older.
    fn take_due(&mut self, now: Instant) -> String {
        // Stable: lines of one node keep their order.
        self.lines.sort_by(|left, right| left.time.cmp(&right.time));
        let is_due = |line: &HeldLine| now.duration_since(line.came) >= HOLD;
        let due = self.lines.iter().rposition(is_due).map_or(0, |last| last + 1);
        self.take(due.max(self.lines.len().saturating_sub(HELD_MAX)))
    }

    fn take(&mut self, count: usize) -> String {
        let taken = self.lines.drain(..count);
        taken.map(|line| line.text + "\n").collect()
    }
}

/// When a line of a trace was written: at its beginning, or first in its JSON.
fn stamp(line: &str) -> Option<(u64, String)> {
    let time = match line.strip_prefix("{\"time\":\"") {
        Some(rest) => rest.split('"').next()?,
        None => line.split(' ').next()?,
    };
    let (_, fraction) = time.split_once('.').unwrap_or_default();
    let end = fraction.find(|c: char| !c.is_ascii_digit()).unwrap_or(fraction.len());
    Some((moment::parse(time).ok()?, fraction[..end].to_owned()))
}

/// The line with the name of its node, which is a name without quotation marks.
fn with_node(node: &str, line: &str) -> String {
    match line.strip_prefix('{') {
        Some(rest) => format!("{{\"node\":\"{node}\",{rest}"),
        None => format!("{node} {line}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> TraceLinesView {
        TraceLinesView {
            dropped: 0,
            text: text.to_owned(),
        }
    }

    #[test]
    fn lines_of_all_nodes_come_in_the_order_of_their_times() {
        let (mut held, start) = (Held::default(), Instant::now());
        held.add(
            "a",
            &lines("2026-01-01T10:00:00.000002+00:00 [x] 2\n2026-01-01T10:00:00.500000+00:00 [x] 4\n"),
            start,
        );
        held.add(
            "b",
            &lines("2026-01-01T11:00:00.000001+01:00 [x] 1\n"),
            start + HOLD / 2,
        );
        assert_eq!(held.take_due(start + HOLD / 2), "");
        held.add(
            "b",
            &lines("{\"time\":\"2026-01-01T11:00:00.300000+01:00\",\"msg\":\"3\"}\n"),
            start + HOLD / 2,
        );
        held.add(
            "b",
            &lines("2026-01-01T11:00:09.000000+01:00 [x] 5\n"),
            start + HOLD / 2,
        );
        let text = held.take_due(start + HOLD);
        let order: Vec<&str> = text.lines().collect();
        assert_eq!(order.len(), 4, "{text}");
        assert!(order[0].ends_with('1') && order[1].ends_with('2'), "{text}");
        assert!(order[2].starts_with("{\"node\":\"b\",\"time\":\"2026"), "{text}");
        assert!(order[3].starts_with("a 2026") && order[3].ends_with('4'), "{text}");
        assert!(held.take_due(start + HOLD * 2).ends_with("5\n"));
    }

    #[test]
    fn what_was_lost_stands_before_the_line_that_follows_it() {
        let (mut held, start) = (Held::default(), Instant::now());
        let mut view = lines("2026-01-01T10:00:00.000002+00:00 [x] 2\n");
        view.dropped = 7;
        held.add("a", &view, start);
        assert!(held.take_due(start + HOLD).starts_with("a … 7 lines dropped\na 2026"));
    }
}
