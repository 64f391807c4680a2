//! From the checked tree to [`Config`]: which setting each key ends up in.
//!
//! [`Decoder`] reads one key at a time into a slot that already holds the default. A value that
//! is not what the schema says becomes an error and the slot keeps the default, so that all
//! errors of a file are found in one go.

mod authn;
mod authorization;
mod cluster;
mod dashboard;
mod entry;
mod license;
mod listeners;
mod log;
mod mqtt;
mod sections;
mod tls;
mod websocket;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::Config;
use super::check::{is_deleted, is_null};
use super::hocon::{Node, Object, Place, Value, lookup};
use super::problems::Problems;
use super::rate::Rate;
use super::schema::{self, ValueType};
use super::suggest;
use super::values;

/// Folders that EMQX's paths may name.
#[derive(Debug)]
pub(super) struct Folders {
    /// `${EMQX_LOG_DIR}`
    pub(super) log: String,
    /// `${EMQX_ETC_DIR}`
    pub(super) etc: String,
}

/// Reads `root` over `config`, which holds the defaults; gives the place of every key that is set.
pub(super) fn decode(
    root: &Object,
    folders: &Folders,
    problems: &mut Problems,
    config: &mut Config,
) -> BTreeMap<String, Place> {
    let mut decoder = Decoder {
        root,
        folders,
        problems,
        places: BTreeMap::new(),
    };
    cluster::read(&mut decoder, &mut config.cluster);
    dashboard::read(&mut decoder, config);
    sections::read(&mut decoder, config);
    mqtt::read(&mut decoder, config);
    listeners::read(&mut decoder, config);
    authn::read(&mut decoder, config);
    authorization::read(&mut decoder, &mut config.authorization);
    license::read(&mut decoder, &mut config.license);
    log::read(&mut decoder, &mut config.log);
    decoder.places
}

/// Reads single keys.
struct Decoder<'a> {
    root: &'a Object,
    folders: &'a Folders,
    problems: &'a mut Problems,
    places: BTreeMap<String, Place>,
}

impl<'a> Decoder<'a> {
    /// The value of a key, unless it is not set or `null`.
    fn value(&mut self, key: &str) -> Option<&'a Value> {
        let path: Vec<&str> = key.split('.').collect();
        let value = lookup(self.root, &path).filter(|value| !is_null(value))?;
        self.places.insert(key.to_owned(), value.place);
        Some(value)
    }

    /// The names below a section, such as those of `listeners.tcp`.
    fn names(&self, section: &str) -> Vec<String> {
        let path: Vec<&str> = section.split('.').collect();
        match lookup(self.root, &path).map(|value| &value.node) {
            Some(Node::Object(fields)) => fields
                .iter()
                .filter(|(name, value)| !name.contains('.') && !is_null(value))
                .map(|(name, _)| name.clone())
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Whether a section that is there by default was taken away.
    fn is_deleted(&self, section: &str) -> bool {
        let path: Vec<&str> = section.split('.').collect();
        lookup(self.root, &path).is_some_and(is_deleted)
    }

    /// Reads `key` into `slot` with `parse`, which gives `None` for what is not of its type.
    fn read<T>(&mut self, key: &str, slot: &mut T, parse: impl FnOnce(&Value, ValueType) -> Option<T>) {
        let Some(value) = self.value(key) else {
            return;
        };
        let doc = schema::find(key).expect("every key that is read is in the schema");
        match parse(value, doc.value_type) {
            Some(parsed) => *slot = parsed,
            None => self.refuse(key, value, doc),
        }
    }

    fn refuse(&mut self, key: &str, value: &Value, doc: &schema::KeyDoc) {
        let found = match doc.value_type {
            ValueType::Cookie | ValueType::Secret => "something else (not shown)".to_owned(),
            _ => value.describe(),
        };
        let expected = doc.value_type.expected();
        let meant = match (doc.value_type, text(value)) {
            (ValueType::OneOf(words), Some(text)) => {
                suggest::nearest(text, words.iter().copied()).map(|word| format!("did you mean `{key} = {word}`?"))
            }
            _ => None,
        };
        let hint =
            meant.or_else(|| (!doc.default.is_empty()).then(|| format!("the default is `{key} = {}`", doc.default)));
        let message = format!("expected {expected}, found {found}");
        self.problems.value(value.place, key, message, hint);
    }

    fn boolean(&mut self, key: &str, slot: &mut bool) {
        self.read(key, slot, |value, _| values::boolean(text(value)?));
    }

    fn integer<T: TryFrom<u64>>(&mut self, key: &str, slot: &mut T) {
        self.read(key, slot, |value, value_type| {
            let number = text(value)?.parse::<u64>().ok()?;
            match value_type {
                ValueType::Integer { min, max } => (min..=max).contains(&number).then_some(()),
                _ => None,
            }?;
            T::try_from(number).ok()
        });
    }

    /// `None` for the word of the type and, where the type allows it, for 0.
    fn integer_or_none<T: TryFrom<u64>>(&mut self, key: &str, slot: &mut Option<T>) {
        self.read(key, slot, |value, value_type| {
            let ValueType::IntegerOr { word, min, max } = value_type else {
                return None;
            };
            let text = text(value)?;
            if text == word {
                return Some(None);
            }
            let number = text.parse::<u64>().ok()?;
            match number {
                0 if min == 0 => Some(None),
                _ if (min..=max).contains(&number) => T::try_from(number).ok().map(Some),
                _ => None,
            }
        });
    }

    fn duration(&mut self, key: &str, slot: &mut Duration) {
        self.read(key, slot, |value, _| values::duration(text(value)?));
    }

    /// `None` for the word of the type and for 0.
    fn duration_or_none(&mut self, key: &str, slot: &mut Option<Duration>) {
        self.read(key, slot, |value, value_type| {
            let text = text(value)?;
            match value_type {
                ValueType::DurationOr(word) if text == word => Some(None),
                _ => values::duration(text).map(|time| (!time.is_zero()).then_some(time)),
            }
        });
    }

    fn size<T: TryFrom<u64>>(&mut self, key: &str, slot: &mut T) {
        self.read(key, slot, parse_size);
    }

    fn size_if_set<T: TryFrom<u64>>(&mut self, key: &str, slot: &mut Option<T>) {
        self.read(key, slot, |value, value_type| parse_size(value, value_type).map(Some));
    }

    /// `None` for the word of the type.
    fn size_or_none<T: TryFrom<u64>>(&mut self, key: &str, slot: &mut Option<T>) {
        self.read(key, slot, |value, value_type| {
            let text = text(value)?;
            match value_type {
                ValueType::SizeOr(word) if text == word => Some(None),
                _ => T::try_from(values::size(text)?).ok().map(Some),
            }
        });
    }

    fn rate(&mut self, key: &str, slot: &mut Option<Rate>) {
        self.read(key, slot, |value, _| match text(value)? {
            "infinity" => Some(None),
            text => text.parse().ok().map(Some),
        });
    }

    /// A part of a whole in tenths of a percent.
    fn per_mille(&mut self, key: &str, slot: &mut u32) {
        self.read(key, slot, |value, _| values::per_mille(text(value)?));
    }

    fn text(&mut self, key: &str, slot: &mut String) {
        self.read(key, slot, |value, _| text(value).map(str::to_owned));
    }

    fn path(&mut self, key: &str, slot: &mut PathBuf) {
        let folders = self.folders;
        self.read(key, slot, |value, _| {
            let text = text(value).filter(|text| !text.is_empty() && !text.contains('\0'))?;
            Some(folders.put_into(text))
        });
    }

    /// The word that stands in the file, if it is one of the type's.
    fn word(&mut self, key: &str) -> Option<&'static str> {
        let mut found = None;
        self.read(key, &mut found, |value, value_type| match value_type {
            ValueType::OneOf(words) => {
                let text = text(value)?;
                words.iter().find(|word| **word == text).copied().map(Some)
            }
            _ => None,
        });
        found
    }
}

impl Folders {
    /// `text` with `${EMQX_LOG_DIR}` and `${EMQX_ETC_DIR}` replaced.
    fn put_into(&self, text: &str) -> PathBuf {
        PathBuf::from(
            text.replace("${EMQX_LOG_DIR}", &self.log)
                .replace("${EMQX_ETC_DIR}", &self.etc),
        )
    }
}

fn parse_size<T: TryFrom<u64>>(value: &Value, value_type: ValueType) -> Option<T> {
    let size = values::size(text(value)?)?;
    match value_type {
        ValueType::Size { min, max } if (min..=max).contains(&size) => T::try_from(size).ok(),
        _ => None,
    }
}

/// The text of a scalar.
fn text(value: &Value) -> Option<&str> {
    match &value.node {
        Node::Scalar { text, .. } => Some(text),
        _ => None,
    }
}
