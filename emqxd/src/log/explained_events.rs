//! Compares what the modules of a cluster log with the catalogue of `emqx-ctl explain`: a line that tells an operator
//! what to do next has an entry there, which tells more.

use std::fs;
use std::path::{Path, PathBuf};

use emqx_shared::catalogue;

/// Folders whose events are looked at.
const FOLDERS: [&str; 3] = ["src/cluster", "src/state", "discovery/src"];

#[test]
fn what_a_cluster_logs_with_a_next_step_is_explained() {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in FOLDERS {
        add_sources(&crate_folder.join(folder), &mut files);
    }
    let mut seen = 0;
    for file in files {
        let source = fs::read_to_string(&file).unwrap();
        for event in events_with_next_step(&source) {
            seen += 1;
            let is_known = catalogue::lookup(event).is_some_and(|entry| entry.names().any(|name| name == event));
            let file = file.display();
            assert!(is_known, "{file}: add {event} to an entry in shared/src/catalogue");
        }
    }
    assert!(seen > 20, "{seen} events were found");
}

fn add_sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            add_sources(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn events_with_next_step(source: &str) -> Vec<&str> {
    let begins = ["tracing::warn!(", "tracing::error!("];
    let calls = begins.iter().flat_map(|begin| source.split(begin).skip(1));
    let calls = calls.map(arguments).filter(|arguments| arguments.contains("next"));
    // The event is the last text.
    calls.filter_map(|arguments| arguments.rsplit('"').nth(1)).collect()
}

/// Up to the parenthesis that ends the call.
fn arguments(rest: &str) -> &str {
    let (mut depth, mut is_text, mut is_escaped) = (1, false, false);
    for (at, character) in rest.char_indices() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => is_text = !is_text,
            '(' if !is_text => depth += 1,
            ')' if !is_text => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &rest[..at];
        }
    }
    rest
}
