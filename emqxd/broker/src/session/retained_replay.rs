//! Retained messages on their way to a new subscription, a page at a time.
//!
//! Only the place reached is kept, so a subscription to a million retained topics costs no list of them, and a
//! slow client pauses the replay instead of losing part of it.

use std::sync::Arc;

use bytestring::ByteString;

use super::Surroundings;
use crate::{Message, PageEnd, PageLimits, SubscriptionOptions};

/// Topics that one page looks at, at most.
const PAGE_STEPS: usize = 2048;

/// The replay of one subscription.
#[derive(Debug, Clone)]
pub(crate) struct RetainedReplay {
    pub filter: ByteString,
    pub options: SubscriptionOptions,
    /// The last topic looked at.
    pub after: Option<ByteString>,
}

impl RetainedReplay {
    /// Appends at most `limit` messages to `page`; whether those were the last.
    pub fn next_page(&mut self, limit: usize, around: &Surroundings<'_>, page: &mut Vec<Arc<Message>>) -> bool {
        let limits = PageLimits {
            messages: limit,
            steps: PAGE_STEPS,
        };
        match around
            .retained
            .page(&self.filter, self.after.as_deref(), around.now, limits, page)
        {
            PageEnd::Done => true,
            PageEnd::More { after } => {
                self.after = Some(after);
                false
            }
        }
    }
}
