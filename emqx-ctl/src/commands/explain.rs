//! `explain TERM..`: from the catalogue compiled in, so it works without a daemon.
//!
//! Several words are looked up together first, because a name or a pasted log line may have been
//! typed without quotes; if they mean nothing together, each by itself.

use emqx_shared::ExitCode;
use emqx_shared::catalogue::{self, Entry};

use super::Outcome;
use crate::app::App;
use crate::cli::ExplainArgs;
use crate::failure::CliFailure;
use crate::render::{Explanation, emqx};

pub fn run(args: &ExplainArgs, app: &mut App) -> Outcome {
    let (found, unknown) = look_up(&args.terms);
    let language = app.printer.look.language;
    let explanations = found.into_iter().map(|entry| Explanation { entry, language });
    if app.is_text() {
        for (index, explanation) in explanations.enumerate() {
            let gap = if index > 0 { "\n" } else { "" };
            let text = emqx::block(&explanation, &app.printer.look);
            app.printer.raw(&format!("{gap}{text}"))?;
        }
    } else {
        let mut list = app.printer.list();
        list.push(explanations.collect())?;
        list.finish()?;
    }
    match unknown.first() {
        Some(term) => Err(unknown_term(term).into()),
        None => Ok(ExitCode::Done),
    }
}

fn look_up(terms: &[String]) -> (Vec<&'static Entry>, Vec<&str>) {
    let each: Vec<_> = terms.iter().map(|term| (term, catalogue::lookup(term))).collect();
    let all_known = each.iter().all(|(_, entry)| entry.is_some());
    if !all_known && let Some(entry) = catalogue::lookup(&terms.join(" ")) {
        return (vec![entry], Vec::new());
    }
    let unknown = each.iter().filter(|(_, entry)| entry.is_none());
    let unknown = unknown.map(|(term, _)| term.as_str()).collect();
    (each.into_iter().filter_map(|(_, entry)| entry).collect(), unknown)
}

fn unknown_term(term: &str) -> CliFailure {
    let message = format!("nothing is known about \"{term}\"");
    let failure = CliFailure {
        handled: true,
        ..CliFailure::new("unknown_term", ExitCode::NotFound, message)
    };
    let close = catalogue::suggest(term);
    if close.is_empty() {
        failure.next("give a reason, an error name, a reason code such as 0x8E, or a whole log line")
    } else {
        failure.next(format!("did you mean {}?", close.join(", ")))
    }
}
