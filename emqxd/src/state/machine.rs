//! The facts as the consensus' state machine: committed commands come here, in one order on all nodes.
//!
//! A batch of commands is one transaction of the store, with the position of the log; accounts of clients follow in a
//! transaction of their own file, which a start makes up for after a crash between the two (`users.rs`).

use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

use emqxd_cluster::consensus::StateMachine;
use serde::Deserialize;

use super::answer::Answer;
use super::snapshot::{self, Installed};
use super::store::{Batch, Store, StoreError, rename_synced};
use super::{Command, Facts, Refusal, ReplicatedState, Writer, open_users, users_path};

/// Longest name of a command that is repeated to an operator.
const NAME_CHARS_MAX: usize = 64;

/// The state, as the consensus sees it.
pub(super) struct Machine {
    state: ReplicatedState,
}

impl Machine {
    pub(super) fn new(state: &ReplicatedState) -> Self {
        Self { state: state.clone() }
    }

    fn apply_to(&self, writer: &mut Writer, commands: &[String], position: &str) -> Result<Vec<Answer>, StoreError> {
        let inner = &self.state.inner;
        let mut applied = *inner.applied.borrow();
        let mut batch = Batch {
            facts: Facts::clone(&inner.facts.load()),
            position: Some(position.to_owned()),
            kept_from: inner.users.applied()?.saturating_add(1),
            ..Batch::default()
        };
        let mut answers = Vec::with_capacity(commands.len());
        let mut of_users = Vec::new();
        for text in commands {
            applied += 1;
            answers.push(match read(text) {
                Ok(command) if command.is_of_users() => {
                    of_users.push(answers.len());
                    batch.entries.push((applied, command));
                    Answer::done(applied, 0)
                }
                Ok(command) => {
                    let mut facts = batch.facts.clone();
                    match facts.apply(&command) {
                        Ok(changes) => {
                            let rows = changes.len();
                            batch.facts = facts;
                            batch.changes.extend(changes);
                            Answer::done(applied, rows)
                        }
                        Err(refusal) => Answer::refused(applied, &refusal),
                    }
                }
                Err(name) => {
                    inner.unknown_command(&name);
                    Answer::refused(applied, &Refusal::UnknownCommand(name))
                }
            });
        }
        batch.applied = applied;
        writer.commit(&batch)?;
        if !batch.entries.is_empty() {
            let judged = inner.users.apply(&batch.entries)?;
            for (place, judged) in of_users.into_iter().zip(judged) {
                let at = answers[place].at;
                answers[place] = match judged {
                    Ok(rows) => Answer::done(at, rows),
                    Err(refusal) => Answer::refused(at, &refusal),
                };
            }
        }
        writer.position = batch.position;
        inner.facts.store(Arc::new(batch.facts));
        inner.applied.send_replace(applied);
        Ok(answers)
    }
}

impl StateMachine for Machine {
    fn position(&self) -> io::Result<Option<String>> {
        Ok(self.state.inner.writer.lock().position.clone())
    }

    fn apply(&self, commands: &[String], position: &str) -> io::Result<Vec<String>> {
        let mut writer = self.state.inner.writer.lock();
        writer.check().map_err(io::Error::other)?;
        let answers = self.apply_to(&mut writer, commands, position);
        let answers = answers.map_err(|error| io::Error::other(writer.fail("commands of the cluster", &error)))?;
        Ok(answers.iter().map(Answer::text).collect())
    }

    fn snapshot(&self, to: &mut dyn Write) -> io::Result<Option<String>> {
        self.state.write_snapshot(to)
    }

    fn install(&self, from: &mut dyn Read, position: &str) -> io::Result<()> {
        self.state.install_snapshot(from, position)?;
        tracing::info!(
            level = "notice",
            applied = *self.state.inner.applied.borrow(),
            "state_taken_from_the_cluster"
        );
        Ok(())
    }
}

impl ReplicatedState {
    /// Writes all there is; returns how far the log had been applied.
    pub(super) fn write_snapshot(&self, to: &mut dyn Write) -> io::Result<Option<String>> {
        let inner = &self.inner;
        let (facts, users, applied, position) = {
            // Nothing is applied between the two looks.
            let writer = inner.writer.lock();
            let users = inner.users.freeze().map_err(io::Error::other)?;
            let applied = *inner.applied.borrow();
            (inner.facts.load_full(), users, applied, writer.position.clone())
        };
        snapshot::write(to, applied, &facts, &users)?;
        Ok(position)
    }

    /// Has what was written take the place of all there is.
    pub(super) fn install_snapshot(&self, from: &mut dyn Read, position: &str) -> io::Result<()> {
        let inner = &self.inner;
        let users = users_path(&inner.path);
        let new = snapshot::read(from, &inner.path, &users, position).map_err(io::Error::other)?;
        let mut writer = inner.writer.lock();
        writer.check().map_err(io::Error::other)?;
        let put = self.put_in_place(&mut writer, &new, &users);
        put.map_err(|error| io::Error::other(writer.fail("snapshot", &error)))
    }

    /// From the renaming of the store on the new facts hold, also after a crash: see `open_users`.
    fn put_in_place(&self, writer: &mut Writer, new: &Installed, users: &Path) -> Result<(), StoreError> {
        let inner = &self.inner;
        writer.store = None;
        inner.users.let_go();
        rename_synced(&new.store, &inner.path)?;
        let (store, loaded) = Store::open(&inner.path)?;
        inner.users.take_back(open_users(users, &store, &loaded)?);
        inner.facts.store(Arc::new(loaded.facts));
        inner.applied.send_replace(loaded.applied);
        writer.position = loaded.position;
        writer.store = Some(store);
        Ok(())
    }
}

/// The command of a text; or the name of one that this version does not know.
fn read(text: &str) -> Result<Command, String> {
    #[derive(Deserialize)]
    struct Named {
        #[serde(rename = "type")]
        name: String,
    }
    serde_json::from_str(text).map_err(|_| {
        let name = serde_json::from_str(text).map(|Named { name }| name);
        let name = name.unwrap_or_else(|_| "without a name".to_owned());
        name.chars().take(NAME_CHARS_MAX).collect()
    })
}
