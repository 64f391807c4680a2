//! Members that come, go silent, say goodbye and start again, by an invented clock.

use super::*;

fn member(number: u8) -> (NodeId, Member) {
    let member = Member {
        name: format!("emqx@10.0.0.{number}"),
        address: format!("10.0.0.{number}:4370"),
    };
    (NodeId::from(number), member)
}

fn gossip(ids: &[NodeId], boot: u64) -> BTreeMap<NodeId, Signs> {
    let signs = Signs {
        gossip: Some(boot),
        ..Signs::default()
    };
    ids.iter().map(|id| (*id, signs.clone())).collect()
}

fn after(start: Instant, ms: u64) -> Instant {
    start + Duration::from_millis(ms)
}

#[test]
fn a_member_is_up_at_its_first_sign_and_down_when_nothing_is_heard_for_the_grace() {
    let (mut roster, start) = (Roster::default(), Instant::now());
    let members = [member(2)];
    assert!(roster.look(&members, &BTreeMap::new(), start).is_empty());
    assert!(!roster.table().all()[0].is_up);
    let events = roster.look(&members, &gossip(&[2], 7), after(start, 100));
    assert!(matches!(&events[..], [RosterEvent::Up(info)] if info.boot == 7));
    assert!(roster.look(&members, &BTreeMap::new(), after(start, 3_000)).is_empty());
    assert!(roster.table().all()[0].is_up, "it is in its grace");
    let events = roster.look(&members, &BTreeMap::new(), after(start, 3_100));
    assert!(matches!(&events[..], [RosterEvent::Down(info)] if info.boot == 7));
    assert_eq!(roster.down_for(2, after(start, 4_100)), Some(Duration::from_secs(1)));
}

#[test]
fn a_member_that_is_down_when_this_node_starts_is_told_after_a_while_and_once() {
    let (mut roster, start) = (Roster::default(), Instant::now());
    let members = [member(2)];
    assert!(roster.look(&members, &BTreeMap::new(), start).is_empty());
    assert!(roster.look(&members, &BTreeMap::new(), after(start, 9_999)).is_empty());
    let events = roster.look(&members, &BTreeMap::new(), after(start, 10_000));
    assert!(matches!(&events[..], [RosterEvent::Down(_)]));
    assert!(roster.look(&members, &BTreeMap::new(), after(start, 20_000)).is_empty());
}

#[test]
fn an_answer_keeps_a_member_up_that_gossip_has_lost() {
    let (mut roster, start) = (Roster::default(), Instant::now());
    let members = [member(2)];
    let answered = |ms| {
        let answered = Some((after(start, ms), 7));
        BTreeMap::from([(
            2,
            Signs {
                answered,
                ..Signs::default()
            },
        )])
    };
    roster.look(&members, &answered(0), start);
    roster.look(&members, &answered(10_000), after(start, 10_500));
    assert!(roster.table().all()[0].is_up);
    roster.look(&members, &answered(10_000), after(start, 13_600));
    assert!(
        !roster.table().all()[0].is_up,
        "the last answer is old and the grace is over"
    );
}

#[test]
fn who_says_goodbye_is_down_at_once_and_up_when_it_starts_again() {
    let (mut roster, start) = (Roster::default(), Instant::now());
    let members = [member(2)];
    roster.look(&members, &gossip(&[2], 7), start);
    let mut signs = gossip(&[2], 7);
    signs.get_mut(&2).unwrap().goodbye = Some(7);
    let events = roster.look(&members, &signs, after(start, 1));
    assert!(matches!(&events[..], [RosterEvent::Down(_)]), "{events:?}");
    signs.get_mut(&2).unwrap().gossip = Some(9);
    let events = roster.look(&members, &signs, after(start, 2));
    assert!(matches!(&events[..], [RosterEvent::Up(info)] if info.boot == 9));
}

#[test]
fn another_start_of_a_member_that_was_up_is_told() {
    let (mut roster, start) = (Roster::default(), Instant::now());
    roster.look(&[member(2)], &gossip(&[2], 7), start);
    let events = roster.look(&[member(2)], &gossip(&[2], 8), after(start, 1));
    assert!(matches!(&events[..], [RosterEvent::Up(info)] if info.boot == 8));
    let events = roster.look(&[member(2)], &gossip(&[2], 7), after(start, 2));
    assert!(events.is_empty(), "old gossip of the start before");
    assert_eq!(roster.table().all()[0].boot, 8);
}

#[test]
fn a_slot_goes_to_another_node_only_after_a_rest() {
    let (mut roster, start) = (Roster::default(), Instant::now());
    let all: Vec<_> = (1..=SLOTS).map(member).collect();
    assert!(roster.look(&all, &BTreeMap::new(), start).is_empty());
    let slot_of_9 = roster.table().by_id(9).unwrap().slot;
    let without_9: Vec<_> = all.iter().filter(|(id, _)| *id != 9).cloned().collect();
    let events = roster.look(&without_9, &BTreeMap::new(), after(start, 1));
    assert!(matches!(&events[..], [RosterEvent::Gone(info)] if info.id == 9));
    let with_100: Vec<_> = without_9.iter().cloned().chain([member(100)]).collect();
    let events = roster.look(&with_100, &BTreeMap::new(), after(start, 2));
    assert!(matches!(&events[..], [RosterEvent::NoSlot(_)]));
    assert!(
        roster.look(&with_100, &BTreeMap::new(), after(start, 3)).is_empty(),
        "said once"
    );
    roster.look(&with_100, &BTreeMap::new(), after(start, 600_002));
    assert_eq!(roster.table().by_id(100).unwrap().slot, slot_of_9);
}

#[test]
fn a_node_that_comes_back_has_its_slot_again() {
    let (mut roster, start) = (Roster::default(), Instant::now());
    roster.look(&[member(2), member(3)], &BTreeMap::new(), start);
    let slot = roster.table().by_id(3).unwrap().slot;
    roster.look(&[member(2)], &BTreeMap::new(), after(start, 1));
    roster.look(&[member(2), member(4)], &BTreeMap::new(), after(start, 2));
    assert_ne!(roster.table().by_id(4).unwrap().slot, slot);
    roster.look(&[member(2), member(4), member(3)], &BTreeMap::new(), after(start, 3));
    assert_eq!(roster.table().by_id(3).unwrap().slot, slot);
}

#[test]
fn silence_does_not_count_while_nobody_listened() {
    let (mut roster, start) = (Roster::default(), Instant::now());
    roster.look(&[member(2), member(3)], &gossip(&[2, 3], 7), start);
    let slot = roster.table().by_id(3).unwrap().slot;
    roster.look(&[member(3)], &gossip(&[3], 7), start);
    roster.go_on(after(start, 60_000));
    let events = roster.look(&[member(3)], &BTreeMap::new(), after(start, 60_100));
    assert!(events.is_empty(), "{events:?}");
    let peer = roster.table().by_id(3).unwrap().clone();
    assert!(peer.is_up && peer.slot == slot);
    let events = roster.look(&[member(3)], &BTreeMap::new(), after(start, 63_000));
    assert!(
        matches!(&events[..], [RosterEvent::Down(info)] if info.id == 3),
        "{events:?}"
    );
}
