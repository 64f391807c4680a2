//! Who may publish and subscribe to what, in EMQX's words.
//!
//! A [`RuleSet`] is read from the text of an `acl.conf` ([`RuleSet::parse`], Erlang terms, the forms of EMQX 4 and 5)
//! or from JSON ([`RuleSet::from_json`]: the `acl` claim of a token, rules of the built-in database). It is asked
//! with [`RuleSet::decide`], which allocates nothing. The first rule that matches decides; what holds if none does
//! is the caller's (`authorization.no_match`), and so is taking `$share/{group}/` off a filter.
//!
//! Where the rules differ from EMQX's on purpose (a subscription is judged by all that it would receive, the name of
//! a client is never a wildcard) stands in `topic_pattern.rs`. No file and no clock in here.
#![deny(missing_docs)]
#![forbid(unsafe_code)]

mod action_set;
mod address_range;
mod condition;
mod default_rules;
mod erlang;
mod error;
mod file;
mod json;
mod name_test;
mod placeholder;
mod question;
mod rule;
mod rule_set;
mod topic_overlap;
mod topic_pattern;
mod topic_pieces;

pub use action_set::ActionSet;
pub use default_rules::DEFAULT_ACL_CONF;
pub use error::{ParseError, RuleError};
pub use file::{RULES_MAX, TEXT_BYTES_MAX};
pub use question::{Action, Permission, SecurityProfile, Who};
pub use rule::Rule;
pub use rule_set::{Decision, RuleSet};
