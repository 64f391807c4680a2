//! Rules of an `acl.conf`, of the configuration itself, or EMQX's own.
//!
//! Read whole when the node starts and on every reload: a file with an error is refused as a whole, so nobody is left
//! with half of the rules.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use emqx_acl::{Action, ActionSet, Decision, ParseError, Permission, RuleSet, SecurityProfile, TEXT_BYTES_MAX, Who};

use super::exposure::Exposure;
use super::{Openness, attributes};
use crate::config::authorization::FileRules;

/// The rules of a source of type `file`.
#[derive(Debug)]
pub struct FileSource {
    rules: RuleSet,
    place: RulesPlace,
    exposure: Option<Exposure>,
}

/// Where rules are from, for those who look for a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RulesPlace {
    /// This file.
    File(PathBuf),
    /// `rules` of the source in the configuration.
    Configuration,
    /// EMQX's own rules: there is no file in the usual place.
    BuiltIn,
}

impl std::fmt::Display for RulesPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Configuration => f.write_str("authorization.sources"),
            Self::BuiltIn => f.write_str("the built-in acl.conf"),
        }
    }
}

/// Why rules cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// The file cannot be read.
    #[error("cannot read the rules of authorization.sources: {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There was a file in the usual place when the rules were read last.
    #[error("{} is gone, and without it the built-in rules would allow every topic", path.display())]
    Gone {
        /// The file.
        path: PathBuf,
    },
    /// Something in it is no rule.
    #[error("{place}:{}:{}: {}", error.line, error.column, error.message)]
    Wrong {
        /// Where the rules are from.
        place: RulesPlace,
        /// What is wrong, with line and column.
        error: ParseError,
    },
}

impl RulesError {
    /// What the operator can do.
    pub fn next_step(&self) -> String {
        match self {
            Self::Unreadable { path, source } if source.kind() == io::ErrorKind::NotFound => {
                format!(
                    "put the rules into {}, or name another file in `authorization.sources`",
                    path.display()
                )
            }
            Self::Unreadable { path, source } if source.kind() == io::ErrorKind::InvalidData => {
                format!("save {} as UTF-8", path.display())
            }
            Self::Unreadable { path, source } if source.kind() == io::ErrorKind::InvalidInput => {
                format!("put a file with the rules in the place of {}", path.display())
            }
            Self::Gone { path } => format!(
                "put {} back; the built-in rules are taken when emqxd is started without it",
                path.display()
            ),
            Self::Unreadable { path, .. } => format!("make {} readable for this user", path.display()),
            Self::Wrong { error, .. } => error.hint.clone(),
        }
    }
}

impl FileSource {
    /// Reads the rules.
    ///
    /// # Errors
    /// See [`RulesError`]; nothing of them is used then.
    pub fn load(rules: &FileRules, profile: SecurityProfile) -> Result<Self, RulesError> {
        match rules {
            FileRules::Inline(text) => Self::parse(text, RulesPlace::Configuration, profile),
            FileRules::Path(path) => {
                let (text, exposure) = read(path).map_err(|source| unreadable(path, source))?;
                let source = Self::parse(&text, RulesPlace::File(path.clone()), profile)?;
                Ok(Self { exposure, ..source })
            }
            FileRules::Default(path) => match read(path) {
                Ok((text, exposure)) => {
                    let source = Self::parse(&text, RulesPlace::File(path.clone()), profile)?;
                    Ok(Self { exposure, ..source })
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    Self::parse(emqx_acl::DEFAULT_ACL_CONF, RulesPlace::BuiltIn, profile)
                }
                Err(source) => Err(unreadable(path, source)),
            },
        }
    }

    fn parse(text: &str, place: RulesPlace, profile: SecurityProfile) -> Result<Self, RulesError> {
        match RuleSet::parse(text).and_then(attributes::refuse) {
            Ok(rules) => Ok(Self {
                rules: rules.with_profile(profile),
                place,
                exposure: None,
            }),
            Err(error) => Err(RulesError::Wrong { place, error }),
        }
    }

    /// What the first rule that matches says.
    pub fn decide(&self, who: &Who<'_>, action: &Action<'_>) -> Option<Decision> {
        self.rules.decide(who, action)
    }

    /// Which rule a decision is by, in words: `rule 3 at /etc/emqx/acl.conf:12`.
    pub fn name_of(&self, decision: &Decision) -> String {
        match decision.line {
            Some(line) => format!("rule {} at {}:{line}", decision.rule, self.place),
            None => format!("rule {} of {}", decision.rule, self.place),
        }
    }

    /// The rule of a decision, as it is written.
    pub fn text_of(&self, decision: &Decision) -> Option<String> {
        self.rules.rule(decision.rule).map(ToString::to_string)
    }

    /// Where the rules are from.
    pub fn place(&self) -> &RulesPlace {
        &self.place
    }

    /// Whether others than the daemon's user and root may change them.
    pub fn exposure(&self) -> Option<&Exposure> {
        self.exposure.as_ref()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// The rules with their lines, as they are written.
    pub fn rules(&self) -> impl Iterator<Item = (Option<u32>, String)> {
        self.rules.rules().map(|rule| (rule.line(), rule.to_string()))
    }

    /// Whether everybody may publish, or subscribe, by these rules.
    pub fn openness(&self, actions: ActionSet) -> Openness {
        match self.rules.decides_for_all(actions) {
            Some(Permission::Allow) => Openness::Open,
            Some(Permission::Deny) => Openness::Closed,
            None => Openness::Undecided,
        }
    }
}

fn unreadable(path: &Path, source: io::Error) -> RulesError {
    RulesError::Unreadable {
        path: path.to_owned(),
        source,
    }
}

/// The text of a file that is not too large, and who may change it; what is longer is refused as too long by the parser.
fn read(path: &Path) -> io::Result<(String, Option<Exposure>)> {
    // Before it is opened: a pipe would keep whoever opens it waiting.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no file"));
    }
    let file = File::open(path)?;
    let exposure = Exposure::of(path, &file.metadata()?);
    let mut bytes = Vec::new();
    let limit = u64::try_from(TEXT_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    file.take(limit).read_to_end(&mut bytes)?;
    if bytes.len() > TEXT_BYTES_MAX {
        // It may end within a character; the parser does not look at it.
        return Ok((String::from_utf8_lossy(&bytes).into_owned(), exposure));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..good].iter().filter(|byte| **byte == b'\n').count();
        io::Error::new(io::ErrorKind::InvalidData, format!("line {line} is no UTF-8"))
    })?;
    Ok((text, exposure))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(rules: &FileRules) -> Result<FileSource, RulesError> {
        FileSource::load(rules, SecurityProfile::Legacy)
    }

    #[test]
    fn without_a_file_in_the_usual_place_emqx_s_rules_hold_and_leave_publishing_open() {
        let folder = tempfile::tempdir().unwrap();
        let usual = FileRules::Default(folder.path().join("acl.conf"));
        let built_in = load(&usual).unwrap();
        assert_eq!(*built_in.place(), RulesPlace::BuiltIn);
        assert_eq!(built_in.openness(ActionSet::PUBLISH), Openness::Open);
        assert_eq!(built_in.openness(ActionSet::SUBSCRIBE), Openness::Closed);
        let hardened = FileSource::load(&usual, SecurityProfile::Hardened).unwrap();
        assert_eq!(hardened.openness(ActionSet::PUBLISH), Openness::Undecided);
        fs::write(folder.path().join("acl.conf"), "{deny, all}.").unwrap();
        assert_eq!(load(&usual).unwrap().openness(ActionSet::PUBLISH), Openness::Closed);
    }

    #[test]
    fn what_cannot_be_read_says_why_and_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("my.conf");
        let named = FileRules::Path(path.clone());
        fs::write(&path, b"{allow, all}.\n% K\xfcche\n").unwrap();
        let error = load(&named).unwrap_err();
        assert!(error.to_string().contains("line 2 is no UTF-8"), "{error}");
        assert!(error.next_step().contains("UTF-8"), "{}", error.next_step());
        fs::write(&path, "ä".repeat(TEXT_BYTES_MAX / 2 + 1)).unwrap();
        let error = load(&named).unwrap_err();
        assert!(error.to_string().contains("at most"), "{error}");
        let error = load(&FileRules::Path(folder.path().to_owned())).unwrap_err();
        assert!(error.to_string().contains("no file"), "{error}");
    }

    #[test]
    fn a_file_that_was_named_has_to_be_there_and_right() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("my.conf");
        let named = FileRules::Path(path.clone());
        let missing = load(&named).unwrap_err();
        assert!(missing.to_string().contains("my.conf") && missing.next_step().contains("authorization.sources"));
        fs::write(&path, "{allow, all}.\n{alow, all}.").unwrap();
        let wrong = load(&named).unwrap_err();
        assert!(
            wrong.to_string().starts_with(&format!("{}:2:", path.display())),
            "{wrong}"
        );
        assert!(!wrong.next_step().is_empty());
        let inline = load(&FileRules::Inline("{allow}.".into())).unwrap_err();
        assert!(inline.to_string().starts_with("authorization.sources:1:"), "{inline}");
    }
}
