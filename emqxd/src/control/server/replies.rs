//! What a verb's handler writes its rows and its progress into.
//!
//! The queue behind it is short and its far end writes to the caller's socket, so a handler that
//! lists a million rows waits for a slow reader and holds two chunks, not the list.

use emqx_shared::rows::Chunker;
use emqx_shared::views::ListEnd;
use emqx_shared::{ErrorCode, Failure, Progress, Reply, View};
use serde::Serialize;
use thiserror::Error;
use tokio::sync::mpsc;

/// Frames that wait for the socket.
const FRAMES_QUEUED_MAX: usize = 2;

/// Where a handler sends frames other than the last.
#[derive(Debug)]
pub(crate) struct ReplySender(mpsc::Sender<Reply>);

/// The caller went away or does not read: nobody wants the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the caller is gone")]
pub(crate) struct CallerGone;

impl From<CallerGone> for Failure {
    fn from(gone: CallerGone) -> Self {
        Self::new(ErrorCode::Io, gone.to_string())
    }
}

impl ReplySender {
    pub(super) fn channel() -> (Self, mpsc::Receiver<Reply>) {
        let (sender, receiver) = mpsc::channel(FRAMES_QUEUED_MAX);
        (Self(sender), receiver)
    }

    /// Sends rows of a list; a view of at most [`emqx_shared::rows::ROWS_MAX`] rows.
    ///
    /// # Errors
    /// [`CallerGone`]; a handler that only reads may stop then.
    pub(crate) async fn chunk(&self, rows: View) -> Result<(), CallerGone> {
        self.send(Reply::Chunk(rows)).await
    }

    /// Says how far a longer verb has come.
    ///
    /// # Errors
    /// [`CallerGone`]; a handler that changes something goes on all the same.
    pub(crate) async fn progress(&self, progress: Progress) -> Result<(), CallerGone> {
        self.send(Reply::Progress(progress)).await
    }

    /// For lists: cuts rows into chunks as they come, `view` being `View::Clients` and the like.
    pub(crate) fn rows<T: Serialize>(self, view: fn(Vec<T>) -> View) -> RowSender<T> {
        RowSender {
            replies: self,
            view,
            chunker: Chunker::default(),
        }
    }

    async fn send(&self, reply: Reply) -> Result<(), CallerGone> {
        self.0.send(reply).await.map_err(|_| CallerGone)
    }
}

/// Sends a list row by row.
#[derive(Debug)]
pub(crate) struct RowSender<T> {
    replies: ReplySender,
    view: fn(Vec<T>) -> View,
    chunker: Chunker<T>,
}

impl<T: Serialize> RowSender<T> {
    /// Adds a row; waits when the caller is slow.
    ///
    /// # Errors
    /// [`CallerGone`]
    pub(crate) async fn row(&mut self, row: T) -> Result<(), CallerGone> {
        match self.chunker.push(row) {
            Some(rows) => self.replies.chunk((self.view)(rows)).await,
            None => Ok(()),
        }
    }

    /// Sends what is left and returns the view that ends the list. `total` is how many rows there
    /// would be without a limit, where that is known.
    ///
    /// # Errors
    /// [`CallerGone`]
    pub(crate) async fn finish(mut self, total: Option<u64>) -> Result<View, CallerGone> {
        if let Some(rows) = self.chunker.take_rest() {
            self.replies.chunk((self.view)(rows)).await?;
        }
        Ok(View::ListEnd(ListEnd {
            rows: self.chunker.total(),
            total,
        }))
    }
}
