//! `conf show|show_keys|check|diff|reload`.
//!
//! The file of the daemon itself is read here; text of other files is sent in pieces first and kept, for each
//! connection, in [`SentTexts`] until the question about it comes.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use emqx_shared::request::{ConfRequest, TEXT_BYTES_MAX};
use emqx_shared::views::{ConfChangeView, ConfCheckedView, ConfEffect, ConfKeyView, ConfProblemView};
use emqx_shared::{ErrorCode, Failure, View};
use parking_lot::Mutex;

use super::peer::Peer;
use super::server::ReplySender;
use crate::config::settings::Setting;
use crate::config::suggest::nearest;
use crate::config::{ConfigErrors, Loaded, Warning, schema};
use crate::node::NodeShared;
use crate::running_config::{self, Change, ReloadError, origin_view};

/// Texts that may wait for their question at the same time.
const TEXTS_MAX: usize = 8;
/// A text whose question does not come in this time makes room.
const TEXT_WAITS: Duration = Duration::from_secs(30);
/// Bytes that are told of each part of a problem.
const PROBLEM_BYTES_MAX: usize = 1024;
/// Warnings that are told.
const WARNINGS_MAX: usize = 200;

/// Texts on their way, by connection.
#[derive(Debug, Default)]
pub(super) struct SentTexts {
    texts: Mutex<HashMap<u64, (Instant, Vec<u8>)>>,
}

impl SentTexts {
    fn add(&self, connection: u64, offset: u32, piece: &[u8]) -> Result<(), Failure> {
        let mut texts = self.texts.lock();
        texts.retain(|_, (since, _)| since.elapsed() < TEXT_WAITS);
        if offset == 0 {
            if !texts.contains_key(&connection) && texts.len() >= TEXTS_MAX {
                let busy = Failure::new(ErrorCode::Busy, "too many files are being looked at");
                return Err(busy.next("try again"));
            }
            texts.insert(connection, (Instant::now(), piece.to_vec()));
            return Ok(());
        }
        match texts.get_mut(&connection) {
            Some((_, text)) if text.len() == offset as usize && text.len() + piece.len() <= TEXT_BYTES_MAX => {
                text.extend_from_slice(piece);
                Ok(())
            }
            _ => Err(Failure::new(ErrorCode::InvalidArgument, "a piece of the file is missing").next("try again")),
        }
    }

    fn take(&self, connection: u64) -> Result<Vec<u8>, Failure> {
        let text = self.texts.lock().remove(&connection);
        text.map(|(_, text)| text)
            .ok_or_else(|| Failure::new(ErrorCode::InvalidArgument, "the text of the file was not sent"))
    }
}

pub(super) async fn handle(
    node: &Arc<NodeShared>,
    texts: &SentTexts,
    peer: &Peer,
    request: ConfRequest,
    replies: ReplySender,
) -> Result<View, Failure> {
    match request {
        ConfRequest::Show { key } => show(node, key.as_deref(), replies).await,
        ConfRequest::ShowKeys => Ok(View::ConfRoots(roots())),
        ConfRequest::SendText { offset, piece } => {
            texts.add(peer.connection, offset, &piece.0)?;
            Ok(View::Nothing)
        }
        ConfRequest::Check { file } => {
            let (name, loaded) = load(node, texts, peer, file).await?;
            checked(name, loaded)
        }
        ConfRequest::Diff { file } => {
            let (name, loaded) = load(node, texts, peer, file).await?;
            let loaded = loaded.map_err(|error| refused(&name, error))?;
            let changes = running_config::changes(&node.running_config.settings(), &loaded.config.settings);
            send(changes, false, replies).await
        }
        ConfRequest::Reload => {
            let name = own_name(node);
            let reloaded = running_config::reload(node)
                .await
                .map_err(|error| refused(&name, error))?;
            send(reloaded.changes, true, replies).await
        }
    }
}

async fn show(node: &NodeShared, key: Option<&str>, replies: ReplySender) -> Result<View, Failure> {
    let settings = node.running_config.settings();
    let is_wanted = |name: &str| match key {
        None => true,
        Some(key) => name
            .strip_prefix(key)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.')),
    };
    let mut rows = replies.rows(View::ConfKeys);
    let mut is_empty = true;
    for (name, setting) in settings.iter().filter(|(name, _)| is_wanted(name)) {
        is_empty = false;
        rows.row(key_view(name, setting)).await?;
    }
    match key {
        // A section of EMQX that nobody has set is there and empty.
        Some(key) if is_empty && !roots().iter().any(|root| root == key) => Err(key_not_found(key, settings.keys())),
        _ => Ok(rows.finish(None).await?),
    }
}

fn key_not_found<'a>(key: &str, known: impl Iterator<Item = &'a String>) -> Failure {
    let failure = Failure::new(
        ErrorCode::KeyNotFound,
        format!("the configuration has no key \"{key}\""),
    );
    match nearest(key, known.map(String::as_str)) {
        Some(meant) => failure.next(format!("did you mean {meant}?")),
        None => failure.next("see all with `emqx-ctl conf show`"),
    }
}

fn key_view(key: &str, setting: &Setting) -> ConfKeyView {
    ConfKeyView {
        key: key.to_owned(),
        value: setting.shown.clone(),
        origin: origin_view(&setting.origin),
        has_effect: setting.has_effect,
    }
}

/// The first parts of all keys, sorted.
fn roots() -> Vec<String> {
    let first = |doc: &schema::KeyDoc| doc.key.split('.').next().unwrap_or(doc.key).to_owned();
    let roots: std::collections::BTreeSet<String> = schema::schema().iter().map(first).collect();
    roots.into_iter().collect()
}

/// Loads the daemon's own file, or the text that was sent under the name of another.
async fn load(
    node: &Arc<NodeShared>,
    texts: &SentTexts,
    peer: &Peer,
    file: Option<String>,
) -> Result<(String, Result<Loaded, ReloadError>), Failure> {
    let text = match &file {
        Some(_) => Some(texts.take(peer.connection)?),
        None => None,
    };
    let name = file.unwrap_or_else(|| own_name(node));
    let (its_node, its_name) = (Arc::clone(node), name.clone());
    // Files are read, and a large text takes a moment: not on a thread that others wait for.
    let loading = tokio::task::spawn_blocking(move || match text {
        Some(text) => running_config::load_sent(&its_node, &its_name, &text),
        None => running_config::load_own_file(&its_node),
    });
    let loaded = loading
        .await
        .map_err(|crash| Failure::new(ErrorCode::Internal, crash.to_string()))?;
    Ok((name, loaded))
}

fn own_name(node: &NodeShared) -> String {
    let file = node.config_file.as_deref();
    file.map_or_else(|| "the configuration".to_owned(), |file| file.display().to_string())
}

fn checked(file: String, loaded: Result<Loaded, ReloadError>) -> Result<View, Failure> {
    let none = ConfigErrors {
        errors: Vec::new(),
        more: 0,
        warnings: Vec::new(),
    };
    let (found, more_error) = match loaded {
        Ok(loaded) => (
            ConfigErrors {
                warnings: loaded.warnings,
                ..none
            },
            None,
        ),
        Err(ReloadError::Config(errors)) => (*errors, None),
        Err(ReloadError::Listener(error)) => (none, Some(error.to_string())),
        Err(ReloadError::License(error)) => (none, Some(error.to_string())),
        Err(ReloadError::Authn(error)) => (none, Some(error.to_string())),
        Err(ReloadError::Authz(error)) => (none, Some(error.to_string())),
        Err(error @ ReloadError::NoFile) => return Err(refused(&file, error)),
    };
    let mut errors: Vec<_> = found
        .errors
        .iter()
        .map(|error| ConfProblemView {
            origin: origin_view(&error.origin),
            key: error.key.clone().map(cut),
            message: cut(error.message.clone()),
            hint: error.hint.clone().map(cut),
        })
        .collect();
    errors.extend(more_error.map(|message| ConfProblemView {
        origin: emqx_shared::views::ConfOrigin::File {
            file: file.clone(),
            line: 0,
        },
        key: None,
        message,
        hint: None,
    }));
    Ok(View::ConfChecked(Box::new(ConfCheckedView {
        file,
        errors,
        more: found.more as u64,
        warnings: few(found.warnings.iter().map(Warning::to_string)),
    })))
}

/// A problem quotes the file, which may have a mebibyte on one line: as much of it as a person reads.
fn cut(mut text: String) -> String {
    if text.len() > PROBLEM_BYTES_MAX {
        text.truncate(text.floor_char_boundary(PROBLEM_BYTES_MAX));
        text.push('…');
    }
    text
}

/// As many warnings as fit into an answer, and how many more there are.
fn few(warnings: impl ExactSizeIterator<Item = String>) -> Vec<String> {
    let more = warnings.len().saturating_sub(WARNINGS_MAX);
    let mut few: Vec<String> = warnings.take(WARNINGS_MAX).map(cut).collect();
    if more > 0 {
        few.push(format!("{more} more warnings"));
    }
    few
}

fn refused(file: &str, error: ReloadError) -> Failure {
    match error {
        ReloadError::NoFile => Failure::new(ErrorCode::Config, "the daemon was started without a configuration file")
            .why("defaults and environment variables are all there is")
            .next("start it with `emqxd -c FILE`"),
        ReloadError::Listener(error) => {
            Failure::new(ErrorCode::Config, format!("{file}: nothing was changed")).why(error.to_string())
        }
        ReloadError::License(error) => Failure::new(ErrorCode::Config, format!("{file}: nothing was changed"))
            .why(error.to_string())
            .next("set `license.key` to a good one; `license.issuer_keys` names who may sign it"),
        ReloadError::Authn(error) => {
            let next = error.next_step();
            Failure::new(ErrorCode::Config, format!("{file}: nothing was changed"))
                .why(error.to_string())
                .next(next)
        }
        ReloadError::Authz(error) => {
            let next = error.next_step();
            Failure::new(ErrorCode::Config, format!("{file}: nothing was changed"))
                .why(error.to_string())
                .next(next)
        }
        ReloadError::Config(errors) => {
            let count = errors.errors.len() + errors.more;
            let plural = if count == 1 { "error" } else { "errors" };
            let mut failure = Failure::new(
                ErrorCode::Config,
                format!("{file} has {count} {plural}: nothing was changed"),
            );
            if let Some(first) = errors.errors.first() {
                failure = failure.why(cut(first.to_string().replace('\n', ";")));
            }
            failure.next("see all with `emqx-ctl conf check`")
        }
    }
}

async fn send(changes: Vec<Change>, was_reload: bool, replies: ReplySender) -> Result<View, Failure> {
    let mut rows = replies.rows(View::ConfChanges);
    for change in changes {
        let origin = change.new.as_ref().map(|new| origin_view(&new.origin));
        rows.row(ConfChangeView {
            running: change.running.map(|setting| setting.shown),
            new: change.new.map(|setting| setting.shown),
            origin: origin.unwrap_or(emqx_shared::views::ConfOrigin::Default),
            is_applied: was_reload && change.effect == ConfEffect::Live,
            effect: change.effect,
            key: change.key,
        })
        .await?;
    }
    Ok(rows.finish(None).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_put_together_for_its_connection_alone() {
        let texts = SentTexts::default();
        texts.add(1, 0, b"mqtt ").unwrap();
        texts.add(2, 0, b"other").unwrap();
        texts.add(1, 5, b"{}").unwrap();
        assert!(texts.add(1, 5, b"{}").is_err(), "not what follows");
        assert_eq!(texts.take(1).unwrap(), b"mqtt {}");
        assert!(texts.take(1).is_err(), "it is gone");
        assert!(texts.add(3, 9, b"x").is_err(), "its beginning was not sent");
    }

    #[test]
    fn what_is_told_of_a_file_fits_into_an_answer_whatever_is_in_the_file() {
        assert_eq!(cut("short".to_owned()), "short");
        let long = cut("é".repeat(1 << 19));
        assert!(long.len() <= PROBLEM_BYTES_MAX + '…'.len_utf8() && long.ends_with('…'));
        let told = few((0..5000)
            .map(|number| number.to_string())
            .collect::<Vec<_>>()
            .into_iter());
        assert_eq!((told.len(), told[WARNINGS_MAX].as_str()), (201, "4800 more warnings"));
    }

    #[test]
    fn a_new_text_replaces_the_old_one_and_there_are_only_so_many() {
        let texts = SentTexts::default();
        for connection in 0..TEXTS_MAX as u64 {
            texts.add(connection, 0, b"x").unwrap();
        }
        assert_eq!(texts.add(99, 0, b"x").unwrap_err().code, ErrorCode::Busy);
        texts.add(0, 0, b"y").unwrap();
        assert_eq!(texts.take(0).unwrap(), b"y");
    }

    #[test]
    fn the_sections_are_sorted_and_there_once() {
        let roots = roots();
        assert!(roots.is_sorted() && roots.iter().any(|root| root == "mqtt"));
        assert_eq!(roots.iter().filter(|root| *root == "mqtt").count(), 1);
    }
}
