//! A configuration from text to settings, through [`load`].

mod cluster;
mod defaults;
mod emqx_4;
mod errors;
mod layers;
mod license;
mod settings;
mod tls;

use std::fs;
use std::net::SocketAddr;

use emqxd_broker::ShareStrategy;

use super::authorization::{FileRules, SourceConfig};
use super::log::{LogFormatter, LogLevel, TimeOffset, TimestampFormat};
use super::schema::{Effect, ValueType, schema};
use super::*;

/// Loads `text` as `emqx.conf` with `env`; file names in messages are cut to their last part.
fn load_text_with(text: &str, env: &[(&str, &str)]) -> Result<Loaded, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("emqx.conf");
    fs::write(&path, text).unwrap();
    let env = env
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let prefix = format!("{}/", folder.path().display());
    load(Some(&path), env).map_err(|errors| errors.to_string().replace(&prefix, ""))
}

fn load_text(text: &str) -> Result<Loaded, String> {
    load_text_with(text, &[])
}

fn loaded(text: &str) -> Config {
    load_text(text).unwrap().config
}

/// The warnings as one text, with the file's name only.
fn warnings(text: &str) -> String {
    let warnings = load_text(text).unwrap().warnings;
    let lines: Vec<String> = warnings
        .iter()
        .map(|warning| {
            let text = warning.to_string();
            match text.find("emqx.conf:") {
                Some(start) => text[start..].to_owned(),
                None => text,
            }
        })
        .collect();
    lines.join("\n")
}

/// As it would be without a file, whose folder says where other files are.
fn without_origins(mut config: Config) -> Config {
    config.origins.clear();
    config.settings.clear();
    for source in &mut config.authorization.sources {
        if let SourceConfig::File(FileRules::Default(path)) = source {
            *path = PathBuf::from("etc/acl.conf");
        }
    }
    config
}
