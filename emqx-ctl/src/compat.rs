//! Which EMQX the output imitates, and how listeners are called there.
//!
//! `EMQX_COMPAT=4` (or `--compat 4`) brings back EMQX 4's spellings: `takeovered`, `closed`,
//! `mqtt:tcp:external`, and silence where EMQX 5 says `No clients.` EMQX 4's listener ids are
//! understood as input whatever the setting.

use clap::ValueEnum;

/// The generation of EMQX whose texts are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Compat {
    /// EMQX 4.3 and 4.4.
    #[value(name = "4")]
    V4,
    /// EMQX 5 and later.
    #[default]
    #[value(name = "5")]
    V5,
}

impl Compat {
    /// The id of a listener as this generation shows it.
    pub fn listener_id(self, id: &str) -> String {
        match (self, id.split_once(':')) {
            (Self::V4, Some((kind, "default"))) => format!("mqtt:{kind}:external"),
            (Self::V4, Some(_)) => format!("mqtt:{id}"),
            _ => id.to_owned(),
        }
    }

    /// The word for a reason, of the two that a view carries.
    pub fn reason<'a>(self, v5: &'a str, v4: &'a str) -> &'a str {
        match self {
            Self::V4 => v4,
            Self::V5 => v5,
        }
    }
}

/// Turns `mqtt:tcp:external` into `tcp:default` and leaves every other id alone.
pub fn canonical_listener(id: &str) -> String {
    match id.strip_prefix("mqtt:").map(|rest| rest.split_once(':')) {
        Some(Some((kind, "external"))) => format!("{kind}:default"),
        Some(Some((kind, name))) => format!("{kind}:{name}"),
        _ => id.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_emqx_4_names_the_listener_of_emqx_5() {
        for (old, new) in [
            ("mqtt:tcp:external", "tcp:default"),
            ("mqtt:tcp:internal", "tcp:internal"),
            ("mqtt:wss:external", "wss:default"),
            ("tcp:default", "tcp:default"),
            ("mqtt:tcp", "mqtt:tcp"),
            ("", ""),
        ] {
            assert_eq!(canonical_listener(old), new);
        }
    }

    #[test]
    fn mode_4_shows_the_ids_that_it_understands() {
        for id in ["tcp:default", "tcp:internal", "ssl:default", "ws:a"] {
            assert_eq!(canonical_listener(&Compat::V4.listener_id(id)), id);
            assert_eq!(Compat::V5.listener_id(id), id);
        }
    }
}
