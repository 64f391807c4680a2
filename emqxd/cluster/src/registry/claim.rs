//! The way of one client into the cluster: which node is asked what, in which order, until its CONNECT may be answered.
//!
//! The caller carries each [`Step`] out and says in an [`Event`] what came of it; deadlines are the caller's, and what
//! was not answered in time is [`Event::Unreachable`]. There is no step whose failure keeps a client out: without a
//! lock, or without the session that an unreachable node has, it comes in all the same. Only the owner of the session
//! that was found can refuse it. A [careful](Claim::careful) one does not come in before all that may have its session
//! have answered.
//!
//! A session is moved in two halves: `Begin` ends its connection and brings what it is, and it goes on collecting
//! messages over there; once it is here and all know so (`Import`, `Spread`), `End` brings what was collected since.

use crate::consensus::NodeId;

/// What is to be done now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Take the lock of the id at its home.
    Lock,
    /// Look where the session is: here, and in the table of locations.
    LookUp,
    /// End the session over there.
    Discard(NodeId),
    /// Ask for the session over there.
    Begin(NodeId),
    /// Take it in. What is here of that client is older and ends.
    Import,
    /// Wait until all others know that it is here too, and what they sent to that node before has arrived there.
    Spread(NodeId),
    /// Ask for what was collected over there meanwhile; it is gone there then.
    End(NodeId),
    /// Put that before what has come here since.
    Merge,
    /// The session was not given away: drop what was taken in.
    Abandon,
    /// Let the rules answer CONNECT, then give the lock back with this node as holder.
    Enter,
    /// Refuse it as the node over there has refused it, or since somebody has not answered, and give the lock back.
    Refuse,
}

/// What came of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// `Lock`: granted.
    Locked {
        /// Who had the client last, if the home knows.
        last_holder: Option<NodeId>,
    },
    /// `LookUp`.
    Found {
        /// When the client whose session is here came last, Unix milliseconds.
        here: Option<u64>,
        /// The same of the other nodes that are said to have one.
        elsewhere: Vec<(NodeId, u64)>,
    },
    /// `Begin`, `End`: there it is.
    Session,
    /// `Begin`, `Discard`: there is nothing. `End`: it goes on over there, or somebody else has it.
    Nothing,
    /// `Begin`, `Discard`: it belongs to somebody else.
    Refused,
    /// It is done.
    Done,
    /// There was no answer, or none that helps.
    Unreachable,
}

/// One client on its way in.
#[derive(Debug, Clone)]
pub struct Claim {
    own: NodeId,
    is_clean_start: bool,
    is_careful: bool,
    step: Step,
    last_holder: Option<NodeId>,
    /// Who may have the session, the likeliest last.
    candidates: Vec<NodeId>,
    /// Whom nothing is asked any more.
    unreachable: Option<NodeId>,
    /// Whose session is being moved.
    source: Option<NodeId>,
    /// How often it may still be fetched anew after it was not given away.
    retries: u8,
}

/// Two nodes that fetch a session at once, by the locks of two homes, take it from each other no more than this often.
const RETRIES: u8 = 1;

impl Claim {
    /// A client wants to come in at node `own`; the first step is [`Step::Lock`].
    pub fn new(own: NodeId, is_clean_start: bool) -> Self {
        Self {
            own,
            is_clean_start,
            is_careful: false,
            step: Step::Lock,
            last_holder: None,
            candidates: Vec::new(),
            unreachable: None,
            source: None,
            retries: RETRIES,
        }
    }

    /// Refuses the client rather than let it in without its lock, or without a session that somebody may have.
    #[must_use]
    pub fn careful(mut self, is_careful: bool) -> Self {
        self.is_careful = is_careful;
        self
    }

    /// What is to be done now.
    pub fn step(&self) -> &Step {
        &self.step
    }

    /// A home that has not answered need not be asked as a holder.
    pub fn pass_over(&mut self, node: NodeId) {
        self.unreachable = Some(node);
    }

    /// Says what came of the present step; the next one is [`Self::step`]. Not to be called after the last one.
    pub fn on(&mut self, event: Event) {
        let is_careful = self.is_careful;
        self.step = match (&self.step, event) {
            (Step::Lock, Event::Locked { last_holder }) => {
                self.last_holder = last_holder;
                Step::LookUp
            }
            (
                Step::Lock
                | Step::LookUp
                | Step::Begin(_)
                | Step::Discard(_)
                | Step::Import
                | Step::End(_)
                | Step::Merge
                | Step::Abandon,
                Event::Unreachable,
            ) if is_careful => Step::Refuse,
            (Step::Lock, _) => Step::LookUp,
            (Step::LookUp, Event::Found { here, elsewhere }) => {
                self.consider(here, elsewhere);
                self.next_candidate()
            }
            (Step::Begin(_) | Step::Discard(_), Event::Refused) => Step::Refuse,
            (Step::Begin(at), Event::Session) => {
                self.source = Some(*at);
                Step::Import
            }
            (Step::Begin(_) | Step::Discard(_), _) => self.next_candidate(),
            (Step::Import, Event::Done) => self.source.map_or(Step::Enter, Step::Spread),
            // What came makes no sense; whether it is there still, time or the next claim shows.
            (Step::Import, _) => self.next_candidate(),
            // What some have still to send there would be lost: the session stays where it is.
            (Step::Spread(_), Event::Unreachable) if is_careful => {
                self.retries = 0;
                Step::Abandon
            }
            // Not all have answered: what they send there meanwhile, `End` brings, or nobody can.
            (Step::Spread(from), _) => Step::End(*from),
            (Step::End(_), Event::Session) => Step::Merge,
            (Step::End(_), Event::Nothing) if self.retries > 0 || is_careful => Step::Abandon,
            (Step::Abandon, _) if self.retries == 0 => Step::Refuse,
            (Step::Abandon, _) => {
                self.retries -= 1;
                self.candidates.extend(self.source.take());
                self.next_candidate()
            }
            // Both have it then, and the one whose client came last keeps it.
            (Step::LookUp | Step::End(_) | Step::Merge | Step::Enter, _) => Step::Enter,
            (Step::Refuse, _) => Step::Refuse,
        };
    }

    /// Finds out whom to ask. The word of the home is newer than the locations; among those the later client counts.
    fn consider(&mut self, here: Option<u64>, mut elsewhere: Vec<(NodeId, u64)>) {
        if here.is_some() && self.last_holder == Some(self.own) {
            // What the others are said to have has gone, or the conflict of two sessions ends it.
            return;
        }
        elsewhere.sort_by_key(|(node, since)| (*since, *node));
        for (node, since) in elsewhere {
            let is_older = here.is_some_and(|here| (here, self.own) > (since, node));
            if self.is_clean_start || !is_older {
                self.candidates.push(node);
            }
        }
        if let Some(last) = self.last_holder {
            self.candidates.retain(|node| *node != last);
            self.candidates.push(last);
        }
        let (own, unreachable) = (self.own, self.unreachable);
        self.candidates
            .retain(|node| *node != own && Some(*node) != unreachable);
    }

    fn next_candidate(&mut self) -> Step {
        match self.candidates.pop() {
            Some(node) if self.is_clean_start => Step::Discard(node),
            Some(node) => Step::Begin(node),
            None => Step::Enter,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The steps of a client that comes in at node 1, with these answers.
    fn steps(is_clean_start: bool, events: impl IntoIterator<Item = Event>) -> Vec<Step> {
        let mut claim = Claim::new(1, is_clean_start);
        let mut steps = vec![claim.step().clone()];
        for event in events {
            claim.on(event);
            steps.push(claim.step().clone());
        }
        steps
    }

    fn locked(last_holder: Option<NodeId>) -> Event {
        Event::Locked { last_holder }
    }

    fn found(here: Option<u64>, elsewhere: &[(NodeId, u64)]) -> Event {
        Event::Found {
            here,
            elsewhere: elsewhere.to_vec(),
        }
    }

    #[test]
    fn a_session_is_fetched_in_two_halves() {
        let answers = [
            locked(Some(2)),
            found(None, &[(2, 5)]),
            Event::Session,
            Event::Done,
            Event::Done,
            Event::Session,
            Event::Done,
        ];
        let expected = [
            Step::Lock,
            Step::LookUp,
            Step::Begin(2),
            Step::Import,
            Step::Spread(2),
            Step::End(2),
            Step::Merge,
            Step::Enter,
        ];
        assert_eq!(steps(false, answers), expected);
    }

    #[test]
    fn a_careful_one_comes_in_only_when_all_have_answered() {
        let careful = |events: &[Event]| {
            let mut claim = Claim::new(1, false).careful(true);
            events.iter().for_each(|event| claim.on(event.clone()));
            claim.step().clone()
        };
        let (lock, found) = (locked(Some(2)), found(None, &[]));
        assert_eq!(careful(&[Event::Unreachable]), Step::Refuse, "no lock");
        assert_eq!(
            careful(&[lock.clone(), Event::Unreachable]),
            Step::Refuse,
            "nobody knows where"
        );
        assert_eq!(
            careful(&[lock.clone(), found.clone(), Event::Unreachable]),
            Step::Refuse
        );
        assert_eq!(careful(&[lock.clone(), found.clone(), Event::Nothing]), Step::Enter);
        let not_spread = [&lock, &found, &Event::Session, &Event::Done, &Event::Unreachable].map(Clone::clone);
        assert_eq!(
            careful(&not_spread),
            Step::Abandon,
            "messages may be on their way there"
        );
        assert_eq!(careful(&[&not_spread[..], &[Event::Done]].concat()), Step::Refuse);
        let imported = [lock, found, Event::Session, Event::Done, Event::Done];
        assert_eq!(careful(&[&imported[..], &[Event::Unreachable]].concat()), Step::Refuse);
        let taken_twice = [&imported[..], &[Event::Nothing, Event::Done]].concat();
        let once_more = [Event::Session, Event::Done, Event::Done, Event::Nothing, Event::Done];
        assert_eq!(careful(&[taken_twice, once_more.to_vec()].concat()), Step::Refuse);
    }

    #[test]
    fn a_clean_start_ends_what_others_have() {
        let answers = [
            locked(None),
            found(Some(9), &[(2, 5), (3, 6)]),
            Event::Done,
            Event::Nothing,
        ];
        let expected = [
            Step::Lock,
            Step::LookUp,
            Step::Discard(3),
            Step::Discard(2),
            Step::Enter,
        ];
        assert_eq!(steps(true, answers), expected);
    }

    #[test]
    fn the_home_knows_better_than_the_locations() {
        let asked = steps(false, [locked(Some(3)), found(None, &[(2, 5)]), Event::Nothing]);
        assert_eq!(asked[2..], [Step::Begin(3), Step::Begin(2)]);
        let here = steps(false, [locked(Some(1)), found(Some(4), &[(2, 5)])]);
        assert_eq!(here[2..], [Step::Enter]);
    }

    #[test]
    fn of_two_sessions_the_newer_one_is_gone_on_with() {
        let newer_here = steps(false, [locked(None), found(Some(6), &[(2, 5)])]);
        assert_eq!(newer_here[2..], [Step::Enter]);
        let newer_there = steps(false, [locked(None), found(Some(5), &[(2, 6), (3, 4)])]);
        assert_eq!(newer_there[2..], [Step::Begin(2)]);
    }

    #[test]
    fn nothing_that_fails_keeps_a_client_out() {
        let no_home = steps(false, [Event::Unreachable, found(None, &[(2, 5)]), Event::Unreachable]);
        assert_eq!(no_home[2..], [Step::Begin(2), Step::Enter]);
        let no_end = [
            locked(Some(2)),
            found(None, &[]),
            Event::Session,
            Event::Done,
            Event::Unreachable,
            Event::Unreachable,
        ];
        assert_eq!(steps(false, no_end)[5..], [Step::End(2), Step::Enter]);
        let no_import = [locked(Some(2)), found(None, &[]), Event::Session, Event::Unreachable];
        assert_eq!(steps(false, no_import)[4], Step::Enter);
    }

    #[test]
    fn a_session_that_was_not_given_away_is_fetched_anew_once() {
        let once = [Event::Session, Event::Done, Event::Done, Event::Nothing];
        let twice = [locked(Some(2)), found(None, &[])]
            .into_iter()
            .chain(once.clone())
            .chain([Event::Done])
            .chain(once);
        let expected = [
            Step::End(2),
            Step::Abandon,
            Step::Begin(2),
            Step::Import,
            Step::Spread(2),
            Step::End(2),
            Step::Enter,
        ];
        assert_eq!(steps(false, twice)[5..], expected);
    }

    #[test]
    fn only_an_owner_refuses() {
        let refused = steps(true, [locked(Some(2)), found(None, &[]), Event::Refused]);
        assert_eq!(refused[3], Step::Refuse);
    }

    #[test]
    fn a_home_that_is_silent_is_not_asked_as_a_holder() {
        let mut claim = Claim::new(1, false);
        claim.pass_over(2);
        claim.on(Event::Unreachable);
        claim.on(found(None, &[(2, 5)]));
        assert_eq!(*claim.step(), Step::Enter);
    }
}
