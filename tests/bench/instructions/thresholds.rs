//! The recorded figures, `bench/thresholds.json`, and how a new figure compares.
//!
//! More than the tolerance above the recorded figure fails. Fewer only ask for a renewal: otherwise the gain could
//! be lost again unseen.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Map, Value, json};

/// The heading over [`Thresholds::line`].
pub const HEADING: &str = "case                       recorded     counted   change";

/// Percent that a figure may grow where the file does not say.
const TOLERANCE_PERCENT: f64 = 3.0;

/// Whether all figures are within their thresholds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// They are.
    Held,
    /// At least one is not, or is not recorded.
    Exceeded,
}

/// The recorded figures.
pub struct Thresholds {
    tolerance_percent: f64,
    compiler: String,
    recorded: Map<String, Value>,
}

impl Thresholds {
    /// What the file says; nothing if there is none.
    pub fn load() -> Result<Self, String> {
        let text = match fs::read_to_string(path()) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => "{}".to_owned(),
            Err(error) => return Err(format!("{}: {error}", path().display())),
        };
        let file: Value = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path().display()))?;
        Ok(Self {
            tolerance_percent: file["tolerance_percent"].as_f64().unwrap_or(TOLERANCE_PERCENT),
            compiler: file["compiler"].as_str().unwrap_or_default().to_owned(),
            recorded: file["instructions"].as_object().cloned().unwrap_or_default(),
        })
    }

    /// One line of the table.
    pub fn line(&self, name: &str, instructions: f64) -> String {
        let Some(recorded) = self.recorded(name) else {
            return format!("{name:<24} {:>10} {instructions:>11.2}            not recorded", "-");
        };
        let change = change_percent(recorded, instructions);
        let verdict = if change > self.tolerance_percent {
            format!("EXCEEDED (allowed: +{} %)", self.tolerance_percent)
        } else if change < -self.tolerance_percent {
            "better: renew the file".to_owned()
        } else {
            "ok".to_owned()
        };
        format!("{name:<24} {recorded:>10.2} {instructions:>11.2} {change:>+7.2} %  {verdict}")
    }

    /// Whether all that was counted holds.
    pub fn outcome(&self, counted: &[(&str, f64)]) -> Outcome {
        let is_within = |&(name, instructions): &(&str, f64)| {
            self.recorded(name)
                .is_some_and(|recorded| change_percent(recorded, instructions) <= self.tolerance_percent)
        };
        if counted.iter().all(is_within) {
            Outcome::Held
        } else {
            Outcome::Exceeded
        }
    }

    /// Writes what was counted into the file; with `is_all` nothing else stays in it.
    pub fn renew(&mut self, counted: &[(&str, f64)], is_all: bool) -> Result<(), String> {
        if is_all {
            self.recorded.clear();
        }
        for &(name, instructions) in counted {
            let rounded = (instructions * 100.0).round() / 100.0;
            self.recorded.insert(name.to_owned(), json!(rounded));
        }
        let file = json!({
            "tolerance_percent": self.tolerance_percent,
            "compiler": compiler(),
            "instructions": self.recorded,
        });
        let text = serde_json::to_string_pretty(&file).map_err(|error| error.to_string())?;
        fs::write(path(), text + "\n").map_err(|error| format!("{}: {error}", path().display()))
    }

    /// A word of caution if the figures were recorded with another compiler.
    pub fn compiler_note(&self) -> Option<String> {
        let now = compiler();
        (!self.compiler.is_empty() && now != self.compiler).then(|| {
            format!(
                "Recorded with {}, counted with {now}: the compilers are part of the difference.",
                self.compiler
            )
        })
    }

    fn recorded(&self, name: &str) -> Option<f64> {
        self.recorded.get(name).and_then(Value::as_f64)
    }
}

fn change_percent(recorded: f64, counted: f64) -> f64 {
    (counted / recorded - 1.0) * 100.0
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("bench/thresholds.json")
}

/// `rustc 1.95.0` of the rustc on the path, and the architecture; without the commit.
fn compiler() -> String {
    let version = Command::new("rustc").arg("--version").output();
    let text = version.map_or_else(
        |_| String::new(),
        |output| String::from_utf8_lossy(&output.stdout).into_owned(),
    );
    let words: Vec<&str> = text.split_whitespace().take(2).collect();
    format!("{} {}", words.join(" "), std::env::consts::ARCH)
}
