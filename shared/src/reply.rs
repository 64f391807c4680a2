//! What the daemon answers to a request: any number of `Progress` and `Chunk` frames, then exactly
//! one `Done` or `Failed`. All carry the id of the request.

use serde::{Deserialize, Serialize};

use crate::{Failure, View};

/// One frame of an answer. Encoded by position: appended to, never reordered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    /// Work goes on.
    Progress(Progress),
    /// Rows of a list, in the order in which they are to be shown.
    Chunk(View),
    /// The verb succeeded. After chunks the view is [`View::ListEnd`].
    Done(View),
    /// The verb failed; chunks sent before remain true.
    Failed(Failure),
}

impl Reply {
    /// Whether no further frame follows for this request.
    pub const fn is_last(&self) -> bool {
        matches!(self, Self::Done(_) | Self::Failed(_))
    }
}

/// How far a longer verb has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What is being done, such as `closing connections of tcp:default`.
    pub what: String,
    /// Units finished.
    pub done: u64,
    /// Units in all, where known.
    pub total: Option<u64>,
}
