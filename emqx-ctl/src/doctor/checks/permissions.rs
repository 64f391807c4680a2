//! Who may read and write the node's files.

use super::super::facts::{Facts, FileFacts};
use super::super::finding::Verdict;
use super::word;

/// For everybody: read, write, enter.
const OTHERS: u32 = 0o007;
const OTHERS_WRITE: u32 = 0o002;
const OTHERS_READ: u32 = 0o004;
const GROUP_WRITE: u32 = 0o020;
const STICKY: u32 = 0o1000;

fn described(file: &FileFacts) -> String {
    format!("{} is {:04o} {}:{}", file.path, file.mode, file.owner, file.group)
}

fn chmod(mode: &str, file: &FileFacts) -> String {
    format!("sudo chmod {mode} {}", word(&file.path))
}

pub fn data_dir(facts: &Facts) -> Vec<Verdict> {
    let Some(dir) = &facts.data_dir else {
        let Some(config) = &facts.config else {
            return vec![Verdict::skip("it is not known where the data folder is")];
        };
        return vec![match &facts.node {
            Some(_) => Verdict::skip(format!("{} may not be looked at by this user", config.data_dir)),
            None => Verdict::ok(format!("{} is not there yet; a start makes it", config.data_dir)),
        }];
    };
    let evidence = described(dir);
    if !dir.is_dir {
        return vec![Verdict::fail(
            format!("{evidence}, and no folder"),
            format!("ls -ld {}", word(&dir.path)),
        )];
    }
    vec![match &facts.node {
        Some(node) if node.uid != dir.uid && node.uid != 0 => Verdict::fail(
            format!("{evidence}; the daemon runs as uid {}", node.uid),
            format!("sudo chown -R {}:{} {}", node.uid, node.gid, word(&dir.path)),
        ),
        _ if dir.mode & OTHERS_WRITE != 0 => {
            Verdict::fail(format!("{evidence}: everybody may write"), chmod("0750", dir))
        }
        _ if dir.mode & OTHERS != 0 => Verdict::warn(format!("{evidence}: everybody may look"), chmod("0750", dir)),
        _ => Verdict::ok(evidence),
    }]
}

pub fn config_files(facts: &Facts) -> Vec<Verdict> {
    if facts.config_files.is_empty() {
        let why = facts
            .why_missing("config_files")
            .unwrap_or("no configuration file in use");
        return vec![Verdict::skip(why)];
    }
    let own_cookie = facts.config.as_ref().is_some_and(|config| !config.has_known_cookie);
    let trouble = |file: &FileFacts| {
        let evidence = described(file);
        let tight = if file.is_dir { "o-w" } else { "0640" };
        if file.mode & OTHERS_WRITE != 0 && file.mode & STICKY == 0 {
            return Some(Verdict::fail(
                format!("{evidence}: everybody may change it"),
                chmod(tight, file),
            ));
        }
        if file.is_dir {
            return None;
        }
        if file.mode & GROUP_WRITE != 0 {
            let group = &file.group;
            return Some(Verdict::warn(
                format!("{evidence}: group {group} may change it"),
                chmod("g-w", file),
            ));
        }
        if file.mode & OTHERS_READ != 0 && own_cookie {
            return Some(Verdict::warn(
                format!("{evidence}: everybody may read the secrets in it"),
                chmod("0640", file),
            ));
        }
        None
    };
    let verdicts: Vec<_> = facts.config_files.iter().filter_map(trouble).collect();
    if verdicts.is_empty() {
        let files = facts.config_files.iter().filter(|file| !file.is_dir);
        let shown: Vec<_> = files.map(described).collect();
        return vec![Verdict::ok(super::some(&shown, 2))];
    }
    verdicts
}

/// Keys, rules and users.
pub fn guarded_files(facts: &Facts) -> Vec<Verdict> {
    if facts.config.is_none() {
        return super::needs_daemon(facts, "config");
    }
    let trouble = |file: &FileFacts| {
        let evidence = described(file);
        if file.mode & OTHERS_WRITE != 0 {
            return Some(Verdict::fail(
                format!("{evidence}: everybody may change it"),
                chmod("0640", file),
            ));
        }
        if file.mode & GROUP_WRITE != 0 {
            let group = &file.group;
            return Some(Verdict::warn(
                format!("{evidence}: group {group} may change it"),
                chmod("0640", file),
            ));
        }
        (file.mode & OTHERS_READ != 0)
            .then(|| Verdict::warn(format!("{evidence}: everybody may read it"), chmod("0640", file)))
    };
    let verdicts: Vec<_> = facts.guarded_files.iter().filter_map(trouble).collect();
    if verdicts.is_empty() {
        return vec![Verdict::ok("no file with keys, rules or users is open to everybody")];
    }
    verdicts
}

pub fn socket(facts: &Facts) -> Vec<Verdict> {
    let Some(socket) = &facts.socket else {
        return vec![Verdict::skip(
            "the control socket is not there, or may not be looked at",
        )];
    };
    let evidence = described(socket);
    vec![if socket.mode & OTHERS != 0 {
        Verdict::fail(
            format!("{evidence}: everybody may talk to the daemon"),
            chmod("0660", socket),
        )
    } else {
        Verdict::ok(evidence)
    }]
}
