//! `doctor [CATEGORY..]`: gathers facts, judges them, draws the findings.

use emqx_shared::ExitCode;

use super::Outcome;
use crate::app::App;
use crate::cli::DoctorArgs;
use crate::doctor::{Finding, Severity, Wanted, gather, judge};

pub fn run(args: DoctorArgs, app: &mut App) -> Outcome {
    let wanted = Wanted {
        offline: args.offline,
        config: args.config,
    };
    let facts = gather(&wanted, app);
    show(judge(&facts, &args.categories), args.strict, app)
}

/// Draws findings and says how to exit: 1 if anything failed, with `is_strict` for warnings too.
pub fn show(findings: Vec<Finding>, is_strict: bool, app: &mut App) -> Outcome {
    let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    let (failed, warnings) = (count(Severity::Fail), count(Severity::Warn));
    let summary = summary(
        &findings,
        [failed, warnings, count(Severity::Ok), count(Severity::Skip)],
    );
    let is_text = app.is_text();
    let mut list = app.printer.list();
    list.push(findings)?;
    list.finish()?;
    if is_text && !app.printer.look.quiet {
        app.printer.raw(&summary)?;
    }
    let is_negative = failed > 0 || (is_strict && warnings > 0);
    Ok(if is_negative {
        ExitCode::NegativeAnswer
    } else {
        ExitCode::Done
    })
}

fn summary(findings: &[Finding], [failed, warnings, fine, skipped]: [usize; 4]) -> String {
    let skipped = match skipped {
        0 => String::new(),
        skipped => format!(", {skipped} not checked"),
    };
    let plural = if warnings == 1 { "" } else { "s" };
    let worst = findings
        .iter()
        .max_by_key(|finding| (finding.severity, std::cmp::Reverse(finding.id)));
    let details = match worst {
        Some(worst) if worst.severity >= Severity::Warn => format!(" Details: emqx-ctl explain {}", worst.id),
        _ => String::new(),
    };
    format!("{failed} failed, {warnings} warning{plural}, {fine} ok{skipped}.{details}\n")
}
