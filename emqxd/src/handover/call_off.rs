//! Up to when a hand-over can be called off: the node may be told to stop while one is under way.
//!
//! A node that stops lets its clients go, and one that hands over gives them away; both at once would do neither. So
//! whoever stops the node first ends the hand-over ([`CallOff::call_off`]): its wire is cut, which wakes it wherever it
//! waits for the other process, and it undoes what it has done. Behind [`UnderWay::commit`] there is nothing to be undone.

use std::io;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;

use parking_lot::Mutex;
use tokio::sync::watch;

/// The hand-over of a node, if one is under way, and whether there may be one.
#[derive(Debug)]
pub(super) struct CallOff {
    state: Mutex<State>,
    is_under_way: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct State {
    is_called_off: bool,
    /// Of a hand-over that can be undone.
    wire: Option<UnixStream>,
}

/// A hand-over, from its beginning until it has come to its end or is undone.
#[derive(Debug)]
pub(super) struct UnderWay<'a>(&'a CallOff);

impl Default for CallOff {
    fn default() -> Self {
        Self {
            state: Mutex::default(),
            is_under_way: watch::Sender::new(false),
        }
    }
}

impl CallOff {
    /// One begins over this wire; `None` if the node is to stop, or another is under way.
    pub fn begin(&self, wire: &UnixStream) -> io::Result<Option<UnderWay<'_>>> {
        let wire = wire.try_clone()?;
        let mut state = self.state.lock();
        if state.is_called_off || self.is_under_way.send_replace(true) {
            return Ok(None);
        }
        state.wire = Some(wire);
        Ok(Some(UnderWay(self)))
    }

    /// None begins any more, and the one under way ends if it can; returns when there is none.
    pub async fn call_off(&self) {
        {
            let mut state = self.state.lock();
            state.is_called_off = true;
            if let Some(wire) = state.wire.take() {
                let _the_other_may_have_ended = wire.shutdown(Shutdown::Both);
            }
        }
        let mut news = self.is_under_way.subscribe();
        let _its_sender_is_ours = news.wait_for(|is_under_way| !is_under_way).await;
    }

    pub fn is_called_off(&self) -> bool {
        self.state.lock().is_called_off
    }
}

impl UnderWay<'_> {
    /// From now on it cannot be called off; `false` if it has been.
    pub fn commit(&self) -> bool {
        let mut state = self.0.state.lock();
        state.wire = None;
        !state.is_called_off
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.state.lock().wire = None;
        self.0.is_under_way.send_replace(false);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[tokio::test]
    async fn one_that_is_called_off_is_woken_and_waited_for_and_is_the_last() {
        let call_off = CallOff::default();
        let (ours, _theirs) = UnixStream::pair().unwrap();
        let under_way = call_off.begin(&ours).unwrap().unwrap();
        assert!(call_off.begin(&ours).unwrap().is_none(), "one at a time");
        let calling = async {
            call_off.call_off().await;
            assert!(!*call_off.is_under_way.borrow());
        };
        let ending = async {
            tokio::task::yield_now().await;
            assert_eq!((&ours).read(&mut [0]).unwrap(), 0, "it waits no longer");
            assert!(!under_way.commit());
            drop(under_way);
        };
        tokio::join!(calling, ending);
        assert!(call_off.begin(&ours).unwrap().is_none());
    }

    #[tokio::test]
    async fn one_that_is_past_its_point_of_no_return_is_only_waited_for() {
        let call_off = CallOff::default();
        let (ours, theirs) = UnixStream::pair().unwrap();
        let under_way = call_off.begin(&ours).unwrap().unwrap();
        assert!(under_way.commit());
        let calling = call_off.call_off();
        let ending = async {
            tokio::task::yield_now().await;
            use std::io::Write;
            (&theirs).write_all(b"r").unwrap();
            assert_eq!((&ours).read(&mut [0]).unwrap(), 1, "its wire is whole");
            drop(under_way);
        };
        tokio::join!(calling, ending);
    }
}
