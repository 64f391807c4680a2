//! Clients that have begun anew while some nodes owned no sessions: what those have of them is over.
//!
//! A node that is cut off keeps the sessions of its clients. One whose client has begun anew elsewhere meanwhile must not
//! be gone on with later, not even if the new session has ended by then and nobody has one any more. So a node that lets
//! a client begin anew notes it while another is missing, and who has a lease again asks all for their notes before it
//! takes clients in.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use bytestring::ByteString;
use emqxd_broker::DisconnectReason;
use emqxd_broker::handover::{Field, Malformed, Reader, Writer};
use emqxd_cluster::consensus::NodeId;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::holder::on_owner;
use super::question::About;
use super::{ANSWER_TIME, Counts, ask};
use crate::cluster::PeerInfo;
use crate::node::NodeShared;

/// Notes kept; the oldest is dropped, and counted.
const NOTES_MAX: usize = 65_536;
/// Notes in one answer.
const PAGE: usize = 512;

/// The notes of this node, and how far it has heard those of others.
#[derive(Debug, Default)]
pub(super) struct BegunAnew {
    notes: Mutex<Notes>,
    /// By node: which start of it, and the number of the last note heard.
    heard: Mutex<HashMap<NodeId, (u64, u64)>>,
}

#[derive(Debug, Default)]
struct Notes {
    kept: VecDeque<Note>,
    last: u64,
}

#[derive(Debug)]
struct Note {
    number: u64,
    client_id: ByteString,
    /// Unix milliseconds.
    at: u64,
    /// Who has not heard of it.
    missing: Vec<NodeId>,
}

/// A page of notes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct NotesPage {
    /// Clients, and when they began, Unix milliseconds.
    pub clients: Vec<(ByteString, u64)>,
    /// The number of the last one.
    pub last: u64,
    /// There are more.
    pub has_more: bool,
}

impl Field for NotesPage {
    fn write(&self, out: &mut Writer<'_>) {
        out.put(&self.clients);
        out.put(&(self.last, self.has_more));
    }

    fn read(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let clients = input.take()?;
        let (last, has_more) = input.take()?;
        Ok(Self {
            clients,
            last,
            has_more,
        })
    }
}

impl BegunAnew {
    /// A client has begun anew here; whether an older note had to be dropped for it.
    fn note(&self, client_id: ByteString, at: u64, missing: Vec<NodeId>) -> bool {
        let mut notes = self.notes.lock();
        notes.last += 1;
        let number = notes.last;
        notes.kept.push_back(Note {
            number,
            client_id,
            at,
            missing,
        });
        let is_full = notes.kept.len() > NOTES_MAX;
        if is_full {
            notes.kept.pop_front();
        }
        is_full
    }

    /// What is for a node, behind the note with this number. What all have heard is forgotten.
    pub fn page(&self, of: NodeId, after: u64) -> NotesPage {
        let mut notes = self.notes.lock();
        for note in notes.kept.iter_mut().take_while(|note| note.number <= after) {
            note.missing.retain(|node| *node != of);
        }
        notes.kept.retain(|note| !note.missing.is_empty());
        let mut page = NotesPage {
            last: notes.last,
            ..NotesPage::default()
        };
        let wanted = notes.kept.iter().filter(|note| note.number > after);
        for note in wanted.filter(|note| note.missing.contains(&of)) {
            if page.clients.len() == PAGE {
                page.has_more = true;
                break;
            }
            page.clients.push((note.client_id.clone(), note.at));
            page.last = note.number;
        }
        if !page.has_more {
            page.last = notes.last;
        }
        page
    }

    /// Forgets nodes that are members no more.
    pub fn forget_others(&self, is_member: impl Fn(NodeId) -> bool) {
        {
            let mut notes = self.notes.lock();
            for note in &mut notes.kept {
                note.missing.retain(|node| is_member(*node));
            }
            notes.kept.retain(|note| !note.missing.is_empty());
        }
        self.heard.lock().retain(|node, _| is_member(*node));
    }
}

/// A client begins anew here, with nothing of what there was: nodes that are missing now, or were not asked, are to hear
/// of it later.
pub(super) fn note(node: &NodeShared, client_id: &ByteString, since: u64, skipped: &[NodeId]) {
    let (table, lease) = (node.cluster.peers(), &node.cluster.lease);
    let is_missing = |peer: &&PeerInfo| !peer.is_up || lease.is_out(peer.id) || skipped.contains(&peer.id);
    let missing: Vec<NodeId> = table.all().iter().filter(is_missing).map(|peer| peer.id).collect();
    if missing.is_empty() {
        return;
    }
    if node.registry.begun_anew.note(client_id.clone(), since, missing) {
        let dropped = Counts::inc(&node.registry.counts.notes_dropped);
        if dropped == 1 {
            tracing::warn!(
                kept = NOTES_MAX,
                why = "more clients have begun anew than are noted while a node is missing",
                next = "bring the node back, or strike it off: `emqx-ctl cluster force-leave`",
                "begun_anew_notes_dropped"
            );
        }
    }
}

/// Ends the sessions here whose clients have begun anew at another node meanwhile; whether all was heard.
pub async fn hear_who_began_anew(node: &Arc<NodeShared>, peer: &PeerInfo) -> bool {
    let nobody = ByteString::new();
    loop {
        let heard = node.registry.begun_anew.heard.lock().get(&peer.id).copied();
        let after = heard.filter(|(boot, _)| *boot == peer.boot).map_or(0, |(_, last)| last);
        let deadline = Instant::now() + ANSWER_TIME;
        let page: Option<NotesPage> = ask(node, peer.id, &nobody, About::BegunAnew { after }, deadline).await;
        let Some(page) = page else { return false };
        for (client_id, at) in page.clients {
            if !end_older(node, &client_id, at).await {
                return false;
            }
        }
        let heard = (peer.boot, page.last);
        node.registry.begun_anew.heard.lock().insert(peer.id, heard);
        if !page.has_more {
            return true;
        }
    }
}

async fn end_older(node: &NodeShared, client_id: &ByteString, at: u64) -> bool {
    // The very session may be on its way here.
    if node.registry.moving.is_claimed(client_id) {
        return false;
    }
    let id = client_id.clone();
    let ended = on_owner(node, client_id, move |shard, now, effects| {
        let is_older = shard.client_since(&id).is_some_and(|since| since < at);
        is_older.then(|| shard.discard(&id, None, DisconnectReason::Discarded, now, effects))
    });
    match ended.await {
        Some(Some(_)) => {
            Counts::inc(&node.registry.counts.discarded);
            tracing::debug!(clientid = %client_id, "session_ended_as_begun_anew_elsewhere");
            true
        }
        Some(None) => true,
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(page: &NotesPage) -> Vec<&str> {
        page.clients.iter().map(|(id, _)| &**id).collect()
    }

    #[test]
    fn each_hears_what_it_missed_and_what_all_have_heard_is_forgotten() {
        let begun = BegunAnew::default();
        begun.note("a".into(), 1, vec![2, 3]);
        begun.note("b".into(), 2, vec![3]);
        let page = begun.page(2, 0);
        assert_eq!((names(&page), page.last, page.has_more), (vec!["a"], 2, false));
        assert_eq!(names(&begun.page(2, page.last)), [""; 0]);
        let page = begun.page(3, 0);
        assert_eq!(names(&page), ["a", "b"], "an answer that was lost is given again");
        assert_eq!(names(&begun.page(3, page.last)), [""; 0]);
        assert!(begun.notes.lock().kept.is_empty());
    }

    #[test]
    fn many_come_in_pages_and_the_oldest_are_dropped() {
        let begun = BegunAnew::default();
        let dropped = (0..NOTES_MAX + 3).filter(|number| begun.note(number.to_string().into(), 0, vec![2]));
        assert_eq!(dropped.count(), 3);
        let (mut after, mut all) = (0, Vec::new());
        loop {
            let page = begun.page(2, after);
            after = page.last;
            all.extend(page.clients);
            if !page.has_more {
                break;
            }
        }
        assert_eq!((all.len(), &*all[0].0), (NOTES_MAX, "3"));
    }

    #[test]
    fn who_is_a_member_no_more_is_not_waited_for() {
        let begun = BegunAnew::default();
        begun.note("a".into(), 1, vec![2]);
        begun.forget_others(|node| node != 2);
        assert!(begun.notes.lock().kept.is_empty());
    }
}
