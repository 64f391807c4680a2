//! All bans, ordered so that a CONNECT is judged by a few look-ups.
//!
//! Part of the facts; `facts.rs` changes it, the check at CONNECT asks [`BanList::find`]. Maps are shared between
//! snapshots until one changes, so a snapshot costs nothing and a change copies references only.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::util::syntax;
use regex_automata::{Input, MatchKind};

use super::{Ban, BanKind, Refusal};

/// Bans of all kinds together. Some 30 MiB if all are in use.
pub const BANS_MAX: usize = 100_000;
/// Patterns among them: each is tried at every CONNECT.
pub const BAN_PATTERNS_MAX: usize = 256;
/// Longest pattern, in bytes.
const PATTERN_BYTES_MAX: usize = 1024;
/// Memory of a compiled pattern.
const PATTERN_MEMORY_MAX: usize = 128 * 1024;
/// Memory that compiling one may take meanwhile.
const COMPILING_MEMORY_MAX: usize = 1024 * 1024;
/// Bytes that the patterns may look at for one CONNECT, all together: about 2 ms. A longer name is kept out, since
/// otherwise it would be the way past them.
const PATTERN_WORK_MAX: usize = 1024 * 1024;
/// Groups inside groups of a pattern.
const PATTERN_NESTING_MAX: u32 = 32;
/// Longest client id or user name.
const NAME_BYTES_MAX: usize = 65_535;
/// Longest reason, and name of who banned.
const NOTE_BYTES_MAX: usize = 1024;

/// Bits before an IPv4 address that is written as IPv6.
const MAPPED_PREFIX: u8 = 96;

/// The bans by kind.
#[derive(Debug, Clone, Default)]
pub struct BanList {
    clientids: Arc<BTreeMap<Arc<str>, Arc<Ban>>>,
    usernames: Arc<BTreeMap<Arc<str>, Arc<Ban>>>,
    addresses: Arc<BTreeMap<IpAddr, Arc<Ban>>>,
    networks: Arc<BTreeMap<Network, Arc<Ban>>>,
    patterns: Arc<BTreeMap<(BanKind, Arc<str>), Pattern>>,
}

/// A pattern as a table that is walked once, a step a byte, whatever the pattern and whatever the text.
type PatternTable = dense::DFA<Vec<u32>>;

#[derive(Debug, Clone)]
struct Pattern {
    table: Arc<PatternTable>,
    ban: Arc<Ban>,
}

impl Pattern {
    fn is_match(&self, text: &str) -> bool {
        let input = Input::new(text).earliest(true);
        // It has no byte at which it gives up, so there is no error.
        !matches!(self.table.try_search_fwd(&input), Ok(None))
    }
}

impl BanList {
    /// A list of one ban; `None` if it cannot be one.
    pub fn of(ban: &Ban) -> Option<Self> {
        let mut list = Self::default();
        list.insert(ban).ok().map(|_| list)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        let named = self.clientids.len() + self.usernames.len();
        named + self.addresses.len() + self.networks.len() + self.patterns.len()
    }

    /// Whether nobody is banned.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The ban that keeps this client out, if one does. Names come before addresses, patterns come last.
    pub fn find(&self, client_id: &str, username: Option<&str>, address: IpAddr, now_ms: u64) -> Option<&Arc<Ban>> {
        if self.is_empty() {
            return None;
        }
        let address = address.to_canonical();
        let in_force = |ban: &&Arc<Ban>| ban.is_in_force(now_ms) && ban.covers(username, address);
        (self.clientids.get(client_id).filter(in_force))
            .or_else(|| self.usernames.get(username?).filter(in_force))
            .or_else(|| self.addresses.get(&address).filter(in_force))
            .or_else(|| self.find_network(address, now_ms))
            .or_else(|| self.find_pattern(client_id, username, now_ms))
    }

    /// The number of patterns, if they are too many for names of this length.
    pub fn too_many_patterns_for(&self, client_id: &str, username: Option<&str>) -> Option<usize> {
        let bytes = client_id.len().max(username.map_or(0, str::len));
        let patterns = self.patterns.len();
        (bytes.saturating_mul(patterns) > PATTERN_WORK_MAX).then_some(patterns)
    }

    fn find_network(&self, address: IpAddr, now_ms: u64) -> Option<&Arc<Ban>> {
        // One look-up for each length of prefix: 33 or 129 at most, however many networks there are.
        let mut prefix = u8::MAX;
        while let Some((network, _)) = self.networks.range(..Network::first(prefix)).next_back() {
            prefix = network.prefix;
            let found = Network::of(address, prefix).and_then(|wanted| self.networks.get(&wanted));
            if let Some(ban) = found.filter(|ban| ban.is_in_force(now_ms)) {
                return Some(ban);
            }
        }
        None
    }

    fn find_pattern(&self, client_id: &str, username: Option<&str>, now_ms: u64) -> Option<&Arc<Ban>> {
        let matches = |kind: BanKind, pattern: &Pattern| match kind {
            BanKind::UsernameRe => username.is_some_and(|username| pattern.is_match(username)),
            _ => pattern.is_match(client_id),
        };
        let mut patterns = self.patterns.iter();
        let found = patterns.find(|((kind, _), pattern)| pattern.ban.is_in_force(now_ms) && matches(*kind, pattern));
        found.map(|(_, pattern)| &pattern.ban)
    }

    /// All of them, by kind, then by what is banned.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Ban>> {
        let named = self.clientids.values().chain(self.usernames.values());
        let placed = self.addresses.values().chain(self.networks.values());
        named
            .chain(placed)
            .chain(self.patterns.values().map(|pattern| &pattern.ban))
    }

    /// The ban of exactly this value.
    pub fn get(&self, kind: BanKind, who: &str) -> Option<&Arc<Ban>> {
        match Who::parse(kind, who).ok()? {
            Who::Clientid => self.clientids.get(who),
            Who::Username => self.usernames.get(who),
            Who::Address(address) => self.addresses.get(&address),
            Who::Network(network) => self.networks.get(&network),
            Who::Pattern(_) => self.patterns.get(&(kind, who.into())).map(|pattern| &pattern.ban),
        }
    }

    /// Puts a ban in, in the place of one of the same value. Its `who` is written the one way that counts
    /// (`010.0.0.1/8` is no address; `10.2.3.4/16` becomes `10.2.0.0/16`).
    pub(super) fn insert(&mut self, ban: &Ban) -> Result<Arc<Ban>, Refusal> {
        let who = Who::parse(ban.kind, &ban.who).map_err(|why| Refusal::BadBan {
            kind: ban.kind,
            who: ban.who.chars().take(256).collect(),
            why,
        })?;
        for (what, text) in [("reason", &ban.reason), ("by", &ban.by)] {
            if text.len() > NOTE_BYTES_MAX {
                let (length, limit) = (text.len(), NOTE_BYTES_MAX);
                return Err(Refusal::TooLong {
                    what: what.into(),
                    length,
                    limit,
                });
            }
        }
        let mut ban = ban.clone();
        match &who {
            Who::Address(address) => ban.who = address.to_string(),
            Who::Network(network) => ban.who = network.to_string(),
            Who::Clientid | Who::Username | Who::Pattern(_) => {}
        }
        let name = || Arc::<str>::from(ban.who.as_str());
        let ban = Arc::new(ban.clone());
        let kept = Arc::clone(&ban);
        let _replaced = match who {
            Who::Clientid => Arc::make_mut(&mut self.clientids).insert(name(), ban),
            Who::Username => Arc::make_mut(&mut self.usernames).insert(name(), ban),
            Who::Address(address) => Arc::make_mut(&mut self.addresses).insert(address, ban),
            Who::Network(network) => Arc::make_mut(&mut self.networks).insert(network, ban),
            Who::Pattern(table) => {
                let patterns = Arc::make_mut(&mut self.patterns);
                let table = Arc::new(*table);
                let pattern = Pattern { table, ban };
                patterns.insert((kept.kind, name()), pattern).map(|pattern| pattern.ban)
            }
        };
        Ok(kept)
    }

    /// Takes a ban out.
    pub(super) fn remove(&mut self, kind: BanKind, who: &str) -> Option<Arc<Ban>> {
        match Who::parse(kind, who).ok()? {
            Who::Clientid => Arc::make_mut(&mut self.clientids).remove(who),
            Who::Username => Arc::make_mut(&mut self.usernames).remove(who),
            Who::Address(address) => Arc::make_mut(&mut self.addresses).remove(&address),
            Who::Network(network) => Arc::make_mut(&mut self.networks).remove(&network),
            Who::Pattern(_) => {
                let removed = Arc::make_mut(&mut self.patterns).remove(&(kind, who.into()));
                removed.map(|pattern| pattern.ban)
            }
        }
    }

    /// How many a kind's own bound counts.
    pub(super) fn patterns(&self) -> usize {
        self.patterns.len()
    }
}

/// A client id or user name, parsed to what its kind compares.
enum Who {
    Clientid,
    Username,
    Address(IpAddr),
    Network(Network),
    Pattern(Box<PatternTable>),
}

impl Who {
    fn parse(kind: BanKind, who: &str) -> Result<Self, String> {
        if who.is_empty() || who.len() > NAME_BYTES_MAX {
            return Err(format!("it has {} bytes; 1 to {NAME_BYTES_MAX} are allowed", who.len()));
        }
        match kind {
            BanKind::Clientid => Ok(Self::Clientid),
            BanKind::Username => Ok(Self::Username),
            BanKind::Peerhost => {
                let address = who.parse::<IpAddr>().map_err(|error| error.to_string())?;
                Ok(Self::Address(address.to_canonical()))
            }
            BanKind::PeerhostNet => Network::parse(who).map(Self::Network),
            BanKind::ClientidRe | BanKind::UsernameRe => compile(who).map(Self::Pattern),
        }
    }
}

/// EMQX's regular expressions go by bytes, and so do these: `\w` is ASCII.
fn compile(pattern: &str) -> Result<Box<PatternTable>, String> {
    if pattern.len() > PATTERN_BYTES_MAX {
        return Err(format!(
            "a pattern of {} bytes; at most {PATTERN_BYTES_MAX} are allowed",
            pattern.len()
        ));
    }
    let syntax = syntax::Config::new()
        .unicode(false)
        .utf8(false)
        .nest_limit(PATTERN_NESTING_MAX);
    let nfa = thompson::Config::new()
        .utf8(false)
        .which_captures(WhichCaptures::None)
        .nfa_size_limit(Some(COMPILING_MEMORY_MAX));
    let table = dense::Config::new()
        .start_kind(StartKind::Unanchored)
        .match_kind(MatchKind::LeftmostFirst)
        .dfa_size_limit(Some(PATTERN_MEMORY_MAX))
        .determinize_size_limit(Some(COMPILING_MEMORY_MAX));
    let built = dense::Builder::new()
        .syntax(syntax)
        .thompson(nfa)
        .configure(table)
        .build(pattern);
    built.map(Box::new).map_err(|error| {
        // A syntax error has several lines, the last of which says it.
        let cause = innermost(&error);
        match cause.lines().last() {
            Some(line) if line.starts_with("error: ") => line.trim_start_matches("error: ").to_owned(),
            _ => "it would take too much memory: shorter repetitions, or an ^ in front, help".to_owned(),
        }
    })
}

/// What an error says that caused this one, or itself.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// Addresses that begin with the same bits. Ordered by the number of bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Network {
    prefix: u8,
    base: IpAddr,
}

impl Network {
    /// Not above any network of this length.
    const fn first(prefix: u8) -> Self {
        Self {
            prefix,
            base: IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED),
        }
    }

    /// The network of an address; `None` if it has fewer bits than that.
    fn of(address: IpAddr, prefix: u8) -> Option<Self> {
        let base = match address {
            IpAddr::V4(address) if prefix <= 32 => {
                let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
                IpAddr::V4((address.to_bits() & mask).into())
            }
            IpAddr::V6(address) if prefix <= 128 => {
                let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
                IpAddr::V6((address.to_bits() & mask).into())
            }
            _ => return None,
        };
        Some(Self { prefix, base })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let wanted = "such as 10.2.0.0/16 or fd00::/8";
        let (address, prefix) = text
            .split_once('/')
            .ok_or_else(|| format!("no prefix length, {wanted}"))?;
        let address = address
            .parse()
            .map_err(|_| format!("no address before the slash, {wanted}"))?;
        let prefix = prefix
            .parse()
            .map_err(|_| format!("no prefix length after the slash, {wanted}"))?;
        let network = Self::of(address, prefix).ok_or_else(|| format!("the address has fewer than {prefix} bits"))?;
        Ok(network.canonical())
    }

    /// IPv4 written as IPv6 (`::ffff:10.0.0.0/104`) as IPv4: so the addresses of clients are compared.
    fn canonical(self) -> Self {
        match (self.base, self.prefix.checked_sub(MAPPED_PREFIX)) {
            (IpAddr::V6(base), Some(prefix)) => match base.to_ipv4_mapped() {
                Some(base) => Self {
                    prefix,
                    base: base.into(),
                },
                None => self,
            },
            _ => self,
        }
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.base, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::super::BanScope;
    use super::*;

    const NOW: u64 = 1000;

    fn list(bans: &[(BanKind, &str)]) -> BanList {
        let mut list = BanList::default();
        for (kind, who) in bans {
            list.insert(&ban(*kind, who)).unwrap();
        }
        list
    }

    fn ban(kind: BanKind, who: &str) -> Ban {
        Ban {
            kind,
            who: who.to_owned(),
            by: "t".to_owned(),
            reason: String::new(),
            at_ms: 0,
            until_ms: None,
            only: Vec::new(),
        }
    }

    fn who_stops<'a>(list: &'a BanList, client_id: &str, username: Option<&str>, address: &str) -> Option<&'a str> {
        let found = list.find(client_id, username, address.parse().unwrap(), NOW);
        found.map(|ban| ban.who.as_str())
    }

    #[test]
    fn each_kind_stops_whom_it_names_and_nobody_else() {
        let list = list(&[
            (BanKind::Clientid, "c1"),
            (BanKind::Username, "u1"),
            (BanKind::Peerhost, "10.0.0.1"),
            (BanKind::PeerhostNet, "10.2.0.0/16"),
            (BanKind::PeerhostNet, "fd00::/8"),
            (BanKind::ClientidRe, "^bot-[0-9]+$"),
            (BanKind::UsernameRe, "evil"),
        ]);
        assert_eq!(who_stops(&list, "c1", None, "1.1.1.1"), Some("c1"));
        assert_eq!(who_stops(&list, "x", Some("u1"), "1.1.1.1"), Some("u1"));
        assert_eq!(who_stops(&list, "x", None, "10.0.0.1"), Some("10.0.0.1"));
        assert_eq!(who_stops(&list, "x", None, "::ffff:10.0.0.1"), Some("10.0.0.1"));
        assert_eq!(who_stops(&list, "x", None, "10.2.255.9"), Some("10.2.0.0/16"));
        assert_eq!(who_stops(&list, "x", None, "fd12::1"), Some("fd00::/8"));
        assert_eq!(who_stops(&list, "bot-7", None, "1.1.1.1"), Some("^bot-[0-9]+$"));
        assert_eq!(who_stops(&list, "x", Some("an evil one"), "1.1.1.1"), Some("evil"));
        assert_eq!(who_stops(&list, "evil", None, "1.1.1.1"), None);
        assert_eq!(who_stops(&list, "u1", Some("c1"), "10.3.0.1"), None);
        assert_eq!(list.len(), 7);
    }

    #[test]
    fn a_network_is_found_among_networks_of_other_lengths() {
        let list = list(&[
            (BanKind::PeerhostNet, "10.0.0.0/8"),
            (BanKind::PeerhostNet, "192.168.7.0/24"),
            (BanKind::PeerhostNet, "192.168.8.1/32"),
            (BanKind::PeerhostNet, "2001:db8::/128"),
        ]);
        assert_eq!(who_stops(&list, "", None, "10.9.9.9"), Some("10.0.0.0/8"));
        assert_eq!(who_stops(&list, "", None, "192.168.7.200"), Some("192.168.7.0/24"));
        assert_eq!(who_stops(&list, "", None, "192.168.8.1"), Some("192.168.8.1/32"));
        assert_eq!(who_stops(&list, "", None, "192.168.8.2"), None);
        assert_eq!(who_stops(&list, "", None, "2001:db8::"), Some("2001:db8::/128"));
        let mapped = self::list(&[(BanKind::PeerhostNet, "::ffff:10.1.0.0/112")]);
        assert_eq!(who_stops(&mapped, "", None, "10.1.2.3"), Some("10.1.0.0/16"));
        assert_eq!(who_stops(&mapped, "", None, "10.2.2.3"), None);
        let all = self::list(&[(BanKind::PeerhostNet, "0.0.0.0/0")]);
        assert_eq!(who_stops(&all, "", None, "8.8.8.8"), Some("0.0.0.0/0"));
        assert_eq!(who_stops(&all, "", None, "fd00::1"), None);
    }

    #[test]
    fn a_network_is_kept_the_one_way_it_can_be_written() {
        let mut list = BanList::default();
        let kept = list.insert(&ban(BanKind::PeerhostNet, "10.2.3.4/16")).unwrap();
        assert_eq!(kept.who, "10.2.0.0/16");
        assert!(list.get(BanKind::PeerhostNet, "10.2.9.9/16").is_some());
        assert!(list.remove(BanKind::PeerhostNet, "10.2.0.0/16").is_some());
        assert!(list.is_empty());
    }

    #[test]
    fn values_that_cannot_be_what_they_say_are_refused_with_the_reason() {
        for (kind, who, why) in [
            (BanKind::Clientid, "", "0 bytes"),
            (BanKind::Peerhost, "10.0.0.256", "invalid IP address"),
            (BanKind::Peerhost, "10.0.0.0/8", "invalid IP address"),
            (BanKind::PeerhostNet, "10.0.0.0", "no prefix length"),
            (BanKind::PeerhostNet, "10.0.0.0/33", "fewer than 33 bits"),
            (BanKind::PeerhostNet, "10.0.0.0/x", "after the slash"),
            (BanKind::ClientidRe, "a(", "unclosed group"),
            (BanKind::ClientidRe, "(a{1000}){1000}", "too much memory"),
            (BanKind::ClientidRe, "[ab]*a[ab]{20}$", "too much memory"),
        ] {
            let refused = BanList::default().insert(&ban(kind, who)).unwrap_err().to_string();
            assert!(refused.contains(why), "{refused}");
        }
        let deep = format!("{}a{}", "(".repeat(400), ")".repeat(400));
        assert!(BanList::default().insert(&ban(BanKind::UsernameRe, &deep)).is_err());
    }

    #[test]
    fn a_pattern_is_what_it_is_in_emqx_bytes_and_found_anywhere() {
        let list = list(&[
            (BanKind::ClientidRe, "(?i)cam[0-9]{1,3}x"),
            (BanKind::ClientidRe, r"^\w+-é$"),
            (BanKind::UsernameRe, r"\broot\b"),
        ]);
        assert_eq!(
            who_stops(&list, "the CAM17X!", None, "1.1.1.1"),
            Some("(?i)cam[0-9]{1,3}x")
        );
        assert!(who_stops(&list, "cam1234x", None, "1.1.1.1").is_none());
        assert!(who_stops(&list, "ab-é", None, "1.1.1.1").is_some());
        assert!(who_stops(&list, "aß-é", None, "1.1.1.1").is_none());
        assert!(who_stops(&list, "", Some("a root b"), "1.1.1.1").is_some());
        assert!(who_stops(&list, "", Some("groots"), "1.1.1.1").is_none());
    }

    #[test]
    fn no_name_is_too_long_for_a_few_patterns_and_none_slips_past_many() {
        let mut list = BanList::default();
        for number in 0..256 {
            list.insert(&ban(BanKind::UsernameRe, &format!("x{number}y"))).unwrap();
        }
        assert_eq!(list.too_many_patterns_for("c", Some(&"u".repeat(4 * 1024))), None);
        assert_eq!(
            list.too_many_patterns_for("c", Some(&"u".repeat(4 * 1024 + 1))),
            Some(256)
        );
        let few = self::list(&[(BanKind::ClientidRe, "x$")]);
        assert_eq!(few.too_many_patterns_for(&"c".repeat(NAME_BYTES_MAX), None), None);
    }

    #[test]
    fn a_ban_that_is_narrowed_leaves_the_owner_of_the_name_alone() {
        let mut list = BanList::default();
        let mut narrow = ban(BanKind::Clientid, "c");
        narrow.reason = "flapping is detected".to_owned();
        narrow.only = vec![
            BanScope::Peerhost("10.0.0.9".parse().unwrap()),
            BanScope::Username("mallory".to_owned()),
        ];
        list.insert(&narrow).unwrap();
        assert_eq!(who_stops(&list, "c", None, "::ffff:10.0.0.9"), Some("c"));
        assert_eq!(who_stops(&list, "c", Some("mallory"), "1.1.1.1"), Some("c"));
        assert_eq!(who_stops(&list, "c", Some("owner"), "1.1.1.1"), None);
        assert_eq!(
            narrow.shown_reason(),
            "flapping is detected (only 10.0.0.9, user mallory)"
        );
    }

    #[test]
    fn a_ban_that_has_ended_stops_nobody() {
        let mut list = BanList::default();
        let mut short = ban(BanKind::Clientid, "c");
        short.until_ms = Some(NOW);
        list.insert(&short).unwrap();
        let address = IpAddr::from([1, 1, 1, 1]);
        assert!(list.find("c", None, address, NOW - 1).is_some());
        assert!(list.find("c", None, address, NOW).is_none());
    }
}
