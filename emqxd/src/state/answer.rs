//! What a command came to, as text: it goes from the node that leads to the one where it was asked for.
//!
//! Every node that applies the command makes the same answer.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Applied, Refusal};

/// The answer to one command.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Answer {
    /// The place of the command among all: whoever has applied so many has applied it.
    pub(super) at: u64,
    /// Rows that changed or went.
    #[serde(default)]
    rows: usize,
    /// Why the rules refuse it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refused: Option<Value>,
    /// The same in words, for a node that does not know the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

impl Answer {
    /// It was applied.
    pub(super) fn done(at: u64, rows: usize) -> Self {
        let (refused, why) = (None, None);
        Self { at, rows, refused, why }
    }

    /// It was refused.
    pub(super) fn refused(at: u64, refusal: &Refusal) -> Self {
        Self {
            at,
            rows: 0,
            refused: serde_json::to_value(refusal).ok(),
            why: Some(refusal.to_string()),
        }
    }

    /// As text.
    pub(super) fn text(&self) -> String {
        serde_json::to_string(self).expect("plain data with text keys has a JSON form")
    }

    /// Of a text; `None` if it is none.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// What it says.
    pub(super) fn outcome(self) -> Result<Applied, Refusal> {
        let Some(why) = self.why else {
            let index = if self.rows == 0 { 0 } else { self.at };
            return Ok(Applied { index, rows: self.rows });
        };
        let refusal = self.refused.and_then(|value| serde_json::from_value(value).ok());
        Err(refusal.unwrap_or(Refusal::Other(why)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::BanKind;

    fn carried(answer: &Answer) -> Result<Applied, Refusal> {
        Answer::from_text(&answer.text()).unwrap().outcome()
    }

    #[test]
    fn every_kind_of_answer_arrives_as_it_was_given() {
        assert_eq!(carried(&Answer::done(7, 2)), Ok(Applied { index: 7, rows: 2 }));
        assert_eq!(carried(&Answer::done(7, 0)), Ok(Applied { index: 0, rows: 0 }));
        let refusals = [
            Refusal::UsernameExists,
            Refusal::TooManyAdmins(3),
            Refusal::BadUserName("user_id".into()),
            Refusal::AlreadyBanned {
                kind: BanKind::Clientid,
                who: "c".to_owned(),
            },
            Refusal::TooLong {
                what: "license".into(),
                length: 9,
                limit: 8,
            },
        ];
        for refusal in refusals {
            assert_eq!(carried(&Answer::refused(1, &refusal)), Err(refusal));
        }
    }

    #[test]
    fn a_reason_of_a_later_version_is_given_in_its_words() {
        let text = r#"{"at":4,"refused":{"of_the_future":1},"why":"not on Sundays"}"#;
        let refused = Answer::from_text(text).unwrap().outcome();
        assert_eq!(refused, Err(Refusal::Other("not on Sundays".to_owned())));
    }
}
