//! `license`

use emqx_license::Watermarks;

use super::super::hocon::{Node, Value};
use super::super::license::LicenseSettings;
use super::{Decoder, text};

/// Issuers beside EMQX's own.
const ISSUERS_MAX: usize = 64;

pub(super) fn read(decoder: &mut Decoder<'_>, license: &mut LicenseSettings) {
    decoder.text("license.key", &mut license.key);
    decoder.read("license.issuer_keys", &mut license.issuer_keys, |value, _| texts(value));
    let Watermarks {
        mut low_per_mille,
        mut high_per_mille,
    } = license.watermarks;
    decoder.per_mille("license.connection_low_watermark", &mut low_per_mille);
    decoder.per_mille("license.connection_high_watermark", &mut high_per_mille);
    if low_per_mille < high_per_mille {
        license.watermarks = Watermarks {
            low_per_mille,
            high_per_mille,
        };
    } else {
        let key = "license.connection_high_watermark";
        let other = "license.connection_low_watermark";
        if let Some(value) = decoder.value(key).or_else(|| decoder.value(other)) {
            let message = "the high watermark must be above the low one".to_owned();
            let hint = Some(format!("the defaults are `{key} = 80%` and `{other} = 75%`"));
            decoder.problems.value(value.place, key, message, hint);
        }
    }
    decoder.integer("license.grace_days", &mut license.grace_days);
    decoder.integer("license.dynamic_max_connections", &mut license.dynamic_max_connections);
}

/// A list of texts, or one alone.
fn texts(value: &Value) -> Option<Vec<String>> {
    match &value.node {
        Node::Array(items) => items
            .iter()
            .map(|item| text(item).map(str::to_owned))
            .collect::<Option<Vec<_>>>()
            .filter(|texts| texts.len() <= ISSUERS_MAX),
        _ => text(value).map(|text| vec![text.to_owned()]),
    }
}
