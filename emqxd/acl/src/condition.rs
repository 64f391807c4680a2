//! Whom a rule is about: everybody, a name, an address, or several of these together.
//!
//! Conditions inside conditions come from files of rules only, which bound how deep they go (`erlang/term.rs`); so
//! asking and printing may recurse.

use std::fmt::{self, Display};

use crate::address_range::AddressRange;
use crate::erlang::Quoted;
use crate::name_test::NameTest;
use crate::placeholder::attribute;
use crate::question::{SecurityProfile, Who};

/// Whom a rule is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    Everybody,
    Username(NameTest),
    ClientId(NameTest),
    /// One of these.
    Addresses(Box<[AddressRange]>),
    Attribute(Box<str>, NameTest),
    Zone(NameTest),
    Listener(NameTest),
    Profile(SecurityProfile),
    AllOf(Box<[Condition]>),
    AnyOf(Box<[Condition]>),
}

impl Condition {
    /// Whether it holds for a client, whose address is in canonical form. `if_too_long`: see [`NameTest::holds`].
    pub(crate) fn holds(&self, who: &Who<'_>, profile: SecurityProfile, if_too_long: bool) -> bool {
        match self {
            Self::Everybody => true,
            Self::Username(test) => who.username.is_some_and(|name| test.holds(name, if_too_long)),
            Self::ClientId(test) => test.holds(who.client_id, if_too_long),
            Self::Addresses(ranges) => ranges.iter().any(|range| range.contains(who.address)),
            Self::Attribute(name, test) => attribute(who, name).is_some_and(|value| test.holds(value, if_too_long)),
            Self::Zone(test) => test.holds(who.zone, if_too_long),
            Self::Listener(test) => test.holds(who.listener, if_too_long),
            Self::Profile(expected) => *expected == profile,
            Self::AllOf(parts) => parts.iter().all(|part| part.holds(who, profile, if_too_long)),
            Self::AnyOf(parts) => parts.iter().any(|part| part.holds(who, profile, if_too_long)),
        }
    }

    /// What it says of everybody; `None` if that depends on the client.
    pub(crate) fn for_everybody(&self, profile: SecurityProfile) -> Option<bool> {
        match self {
            Self::Everybody => Some(true),
            Self::Profile(expected) => Some(*expected == profile),
            _ => None,
        }
    }

    /// Whether it looks at attributes of the client.
    pub(crate) fn needs_attributes(&self) -> bool {
        match self {
            Self::Attribute(..) => true,
            Self::AllOf(parts) | Self::AnyOf(parts) => parts.iter().any(Self::needs_attributes),
            _ => false,
        }
    }

    /// Whether it takes longer than comparing topics, and is better asked after them.
    pub(crate) fn is_costly(&self) -> bool {
        match self {
            Self::Everybody | Self::Profile(_) => false,
            Self::Addresses(ranges) => ranges.len() > 4,
            Self::Username(test) | Self::ClientId(test) | Self::Zone(test) | Self::Listener(test) => test.is_pattern(),
            Self::Attribute(..) | Self::AllOf(_) | Self::AnyOf(_) => true,
        }
    }
}

/// The Erlang term, in EMQX 5's words.
impl Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everybody => f.write_str("all"),
            Self::Username(test) => write!(f, "{{username, {test}}}"),
            Self::ClientId(test) => write!(f, "{{clientid, {test}}}"),
            Self::Addresses(ranges) => match &**ranges {
                [one] => write!(f, "{{ipaddr, \"{one}\"}}"),
                many => {
                    f.write_str("{ipaddrs, [")?;
                    separated(f, many, |f, range| write!(f, "\"{range}\""))?;
                    f.write_str("]}")
                }
            },
            Self::Attribute(name, test) => write!(f, "{{client_attr, {}, {test}}}", Quoted(name)),
            Self::Zone(test) => write!(f, "{{zone, {test}}}"),
            Self::Listener(test) => write!(f, "{{listener, {test}}}"),
            Self::Profile(profile) => write!(f, "{{security_profile, {profile}}}"),
            Self::AllOf(parts) => several(f, "and", parts),
            Self::AnyOf(parts) => several(f, "or", parts),
        }
    }
}

fn several(f: &mut fmt::Formatter<'_>, word: &str, parts: &[Condition]) -> fmt::Result {
    write!(f, "{{'{word}', [")?;
    separated(f, parts, |f, part| part.fmt(f))?;
    f.write_str("]}")
}

/// With commas between.
pub(crate) fn separated<T>(
    f: &mut fmt::Formatter<'_>,
    all: &[T],
    print: impl Fn(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    for (index, one) in all.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        print(f, one)?;
    }
    Ok(())
}
