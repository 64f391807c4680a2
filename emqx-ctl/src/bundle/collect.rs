//! Gathers the parts of a bundle, takes secrets out, and lists what is there.

use emqx_shared::request::{AdminsRequest, ConfRequest, DataRequest, DiagnosisRequest, LicenseRequest, SystemRequest};
use emqx_shared::{Request, View};
use serde_json::{Value, json};

use super::archive::PARTS;
use super::log_tail;
use super::manifest::{Absent, Listed, Manifest, Redaction, SCHEMA, sha256};
use super::pseudonym::Pseudonyms;
use super::redact::{HIDDEN, is_secret_name, redact_line};
use crate::app::App;
use crate::connect::{Connection, unexpected};
use crate::doctor::{Facts, Wanted, gather, judge};
use crate::failure::{CliFailure, Stop};

/// Rows of one list at most.
const ROWS_MAX: usize = 10_000;
/// Connections that ended: the latest.
const DISCONNECTS_MAX: u32 = 2_000;
/// Bytes of a malformed frame that go along: its header, not what a client wrote into it.
const FRAME_BYTES_KEPT: usize = 12;

/// The parts of a bundle, the manifest first.
#[derive(Debug)]
pub struct Collected {
    pub manifest: Manifest,
    pub files: Vec<(&'static str, Vec<u8>)>,
}

struct Collector {
    files: Vec<(&'static str, Vec<u8>)>,
    missing: Vec<Absent>,
    names: Option<Pseudonyms>,
    secrets: u64,
}

/// Everything that is to be had.
pub fn collect(anonymize: bool, wanted: &Wanted, app: &mut App) -> Collected {
    let mut collector = Collector {
        files: Vec::new(),
        missing: Vec::new(),
        names: anonymize.then(Pseudonyms::new),
        secrets: 0,
    };
    let facts = gather(wanted, app);
    if facts.is_offline {
        collector.all_missing("not asked: --offline");
    } else {
        match app.connect() {
            Ok(mut connection) => collector.ask_everything(&mut connection),
            Err(failure) => collector.all_missing(&failure.message),
        }
    }
    collector.log(&facts);
    collector.facts(&facts);
    let node = facts
        .config
        .as_ref()
        .map_or(String::new(), |config| config.node.clone());
    collector.finish(Manifest {
        schema: SCHEMA.to_owned(),
        made_at: facts.taken_at_ms,
        node,
        emqx_ctl: facts.ctl_version,
        emqxd: facts.daemon_version,
        anonymized: anonymize,
        ..Manifest::default()
    })
}

/// What is asked of the daemon, and where it goes.
fn questions() -> Vec<(&'static str, Request)> {
    let disconnects = Request::ListDisconnects {
        limit: Some(DISCONNECTS_MAX),
        reason: None,
        client_id: None,
        since_ms: None,
    };
    let events = DiagnosisRequest::ListEvents {
        follow: false,
        client_id: None,
        kinds: Vec::new(),
    };
    vec![
        ("status.json", Request::Status),
        ("version.json", Request::Version),
        ("listeners.json", Request::ListListeners),
        ("stats.json", Request::BrokerStats),
        ("metrics.json", Request::BrokerMetrics),
        ("disconnects.json", disconnects),
        (
            "errors.json",
            Request::Diagnosis(DiagnosisRequest::ListMalformedFrames { limit: None }),
        ),
        ("events.json", Request::Diagnosis(events)),
        ("config.json", Request::Conf(ConfRequest::Show { key: None })),
        ("license.json", Request::License(LicenseRequest::Info)),
        ("admins.json", Request::Admins(AdminsRequest::List)),
        ("alarms.json", Request::Data(DataRequest::ListAlarms { history: false })),
        ("alarms.json", Request::Data(DataRequest::ListAlarms { history: true })),
        ("vm.json", Request::System(SystemRequest::Vm)),
        ("retainer.json", Request::RetainerInfo),
    ]
}

impl Collector {
    fn all_missing(&mut self, why: &str) {
        let mut names: Vec<_> = questions().into_iter().map(|(name, _)| name).collect();
        names.dedup();
        for name in names {
            self.absent(name, why);
        }
    }

    fn absent(&mut self, name: &str, why: impl Into<String>) {
        self.missing.push(Absent {
            name: name.to_owned(),
            why: why.into(),
        });
    }

    fn ask_everything(&mut self, connection: &mut Connection) {
        let mut parts: Vec<(&'static str, Value)> = Vec::new();
        for (name, request) in questions() {
            match (fetch(connection, &request), parts.last_mut()) {
                // Active alarms, then those that are over.
                (Ok(Value::Array(more)), Some((last, Value::Array(rows)))) if *last == name => rows.extend(more),
                (Ok(value), _) => parts.push((name, value)),
                (Err(failure), _) => self.absent(name, failure.message),
            }
        }
        for (name, mut value) in parts {
            if name == "errors.json" {
                cut_frames(&mut value);
            }
            self.document(name, value);
        }
    }

    fn document(&mut self, name: &'static str, mut value: Value) {
        self.secrets += hide_secrets(&mut value);
        if let Some(names) = &mut self.names {
            names.replace(&mut value, "");
        }
        let mut bytes = serde_json::to_vec_pretty(&value).unwrap_or_default();
        bytes.push(b'\n');
        self.files.push((name, bytes));
    }

    /// The facts and what they come to; with pseudonyms both speak of the same names.
    fn facts(&mut self, facts: &Facts) {
        let mut value = serde_json::to_value(facts).unwrap_or_default();
        self.secrets += hide_secrets(&mut value);
        if let Some(names) = &mut self.names {
            names.replace(&mut value, "");
        }
        let facts: Facts = serde_json::from_value(value.clone()).unwrap_or_default();
        let findings = serde_json::to_value(judge(&facts, &[])).unwrap_or_default();
        for (name, value) in [("facts.json", value), ("doctor.json", findings)] {
            let mut bytes = serde_json::to_vec_pretty(&value).unwrap_or_default();
            bytes.push(b'\n');
            self.files.push((name, bytes));
        }
    }

    fn log(&mut self, facts: &Facts) {
        let file = facts.config.as_ref().and_then(|config| config.log_files.first());
        // The socket's owner is the daemon's user, whatever the daemon says.
        let uid = facts.socket.as_ref().or(facts.data_dir.as_ref()).map(|file| file.uid);
        match (file, uid) {
            (Some(file), Some(uid)) => match log_tail::of_file(file.as_ref(), uid) {
                Ok(text) => self.lines("log.txt", &text),
                Err(why) => self.absent("log.txt", why),
            },
            (None, _) => self.absent("log.txt", "the configuration writes no log file"),
            (_, None) => self.absent("log.txt", "it is not known which user the daemon runs as"),
        }
        match log_tail::of_journal() {
            Ok(text) => self.lines("journal.txt", &text),
            Err(why) => self.absent("journal.txt", why),
        }
    }

    fn lines(&mut self, name: &'static str, text: &str) {
        let mut out = String::with_capacity(text.len());
        for line in text.lines() {
            let (mut line, count) = redact_line(line);
            self.secrets += count;
            if let Some(names) = &mut self.names {
                line = match serde_json::from_str::<Value>(&line) {
                    Ok(mut object @ Value::Object(_)) => {
                        names.replace(&mut object, "");
                        object.to_string()
                    }
                    _ => names.line(&line),
                };
            }
            out.push_str(&line);
            out.push('\n');
        }
        self.files.push((name, out.into_bytes()));
    }

    fn finish(mut self, mut manifest: Manifest) -> Collected {
        // In the order of the list, so that two bundles can be compared.
        self.files
            .sort_by_key(|(name, _)| PARTS.iter().position(|(part, _)| part == name));
        let what = |name: &str| {
            PARTS
                .iter()
                .find(|(part, _)| *part == name)
                .map_or("", |(_, what)| what)
        };
        manifest.files = self
            .files
            .iter()
            .map(|(name, bytes)| Listed {
                name: (*name).to_owned(),
                bytes: bytes.len() as u64,
                sha256: sha256(bytes),
                what: what(name).to_owned(),
            })
            .collect();
        manifest.missing = self.missing;
        manifest.redactions = vec![Redaction {
            what: "values of secret names, as ******".to_owned(),
            count: self.secrets,
        }];
        if let Some(mut names) = self.names {
            manifest.node = names.line(&manifest.node);
            for absent in &mut manifest.missing {
                absent.why = names.line(&absent.why);
            }
            manifest.redactions.push(Redaction {
                what: "client ids, user names, addresses and topics, as pseudonyms".to_owned(),
                count: names.replaced,
            });
        }
        let mut bytes = serde_json::to_vec_pretty(&manifest).unwrap_or_default();
        bytes.push(b'\n');
        self.files.insert(0, ("manifest.json", bytes));
        Collected {
            manifest,
            files: self.files,
        }
    }
}

/// What a verb answers, as JSON: the rows of a list, or the one view.
fn fetch(connection: &mut Connection, request: &Request) -> Result<Value, CliFailure> {
    let mut rows: Option<Vec<Value>> = None;
    let outcome = connection.exchange(request, None, &mut |view| {
        let Value::Array(chunk) = content(&view) else {
            return Err(unexpected(&view).into());
        };
        let rows = rows.get_or_insert_default();
        let room = ROWS_MAX.saturating_sub(rows.len());
        rows.extend(chunk.into_iter().take(room));
        Ok(())
    });
    match outcome {
        Ok(View::ListEnd(_)) => Ok(Value::Array(rows.unwrap_or_default())),
        Ok(view) => Ok(content(&view)),
        Err(Stop::Failure(failure)) => Err(*failure),
        Err(Stop::Output(error)) => Err(CliFailure::usage(error.to_string())),
    }
}

/// A view without its variant's name.
fn content(view: &View) -> Value {
    match serde_json::to_value(view) {
        Ok(Value::Object(fields)) => fields.into_iter().next().map_or(Value::Null, |(_, value)| value),
        Ok(other) => other,
        Err(error) => json!({ "error": error.to_string() }),
    }
}

/// Leaves the header of each malformed frame: the rest is a client's.
fn cut_frames(rows: &mut Value) {
    for row in rows.as_array_mut().into_iter().flatten() {
        if let Some(Value::Array(bytes)) = row.get_mut("bytes") {
            bytes.truncate(FRAME_BYTES_KEPT);
        }
    }
}

/// Hides values whose field has the name of a secret, and those in texts. Settings are rows of key and value.
///
/// Recursive as deep as the document, which is one of ours.
fn hide_secrets(value: &mut Value) -> u64 {
    match value {
        Value::Object(fields) => {
            let mut count = 0;
            for (name, value) in fields {
                match value {
                    Value::String(text) if is_secret_name(name) => {
                        *text = HIDDEN.to_owned();
                        count += 1;
                    }
                    _ => count += hide_secrets(value),
                }
            }
            count
        }
        Value::Array(items) => items.iter_mut().map(hide_secrets).sum(),
        Value::String(text) => {
            let (clean, count) = redact_line(text);
            if count > 0 {
                *text = clean;
            }
            count
        }
        _ => 0,
    }
}
