//! Questions before something is closed or deleted.
//!
//! Asked only if stdin and stderr are terminals, and neither `--yes`, `--no-input` nor the name
//! `emqx_ctl` says otherwise. A script is never asked: EMQX's verbs go ahead without a question, those that EMQX does
//! not have want `--yes`.

use std::io::IsTerminal;

use dialoguer::{Confirm, Input};
use emqx_shared::ExitCode;

use crate::failure::CliFailure;

/// Whether questions may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompts {
    /// There is a person who can answer.
    Ask,
    /// The person has answered: `--yes`.
    Answered,
    /// Nobody can be asked.
    Never,
}

impl Prompts {
    /// Decides from the options and from what stdin and stderr are.
    pub fn choose(is_answered: bool, is_nobody_asked: bool) -> Self {
        if is_answered {
            Self::Answered
        } else if is_nobody_asked || !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
            Self::Never
        } else {
            Self::Ask
        }
    }

    /// A yes-or-no question; no is the default.
    ///
    /// # Errors
    /// A failure that says that nothing was changed.
    pub fn confirm(self, question: &str) -> Result<(), CliFailure> {
        let answer = match self {
            Self::Answered | Self::Never => Ok(true),
            Self::Ask => Confirm::new().with_prompt(question).default(false).interact(),
        };
        answer.unwrap_or(false).then_some(()).ok_or_else(declined)
    }

    /// As [`Prompts::type_word`], for a verb that EMQX does not have: a script has to say `--yes`.
    ///
    /// # Errors
    /// Nobody has confirmed it; nothing was changed.
    pub fn type_word_or_yes(self, question: &str, word: &str) -> Result<(), CliFailure> {
        match self {
            Self::Never => Err(CliFailure::usage("not confirmed, nothing was changed")
                .why(question)
                .next("say --yes to go ahead")),
            Self::Answered | Self::Ask => self.type_word(question, word),
        }
    }

    /// Asks for `word` to be typed.
    ///
    /// # Errors
    /// A failure that says that nothing was changed.
    pub fn type_word(self, question: &str, word: &str) -> Result<(), CliFailure> {
        let typed = match self {
            Self::Answered | Self::Never => return Ok(()),
            Self::Ask => Input::<String>::new()
                .with_prompt(format!("{question} Type {word} to go ahead"))
                .allow_empty(true)
                .interact_text(),
        };
        let same = typed.is_ok_and(|typed| typed == word);
        same.then_some(()).ok_or_else(declined)
    }
}

fn declined() -> CliFailure {
    CliFailure::new(
        "declined",
        ExitCode::NegativeAnswer,
        "not confirmed, nothing was changed",
    )
}
