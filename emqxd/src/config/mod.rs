//! The configuration: `emqx.conf` in HOCON with EMQX 5's keys, EMQX 4 spellings, `EMQX_A__B`
//! variables, and what all of it means.
//!
//! [`load`] goes in steps: `hocon/` reads files (`v4/` where they are EMQX 4's) into a tree,
//! `environment.rs` lays the variables over it, `normalise.rs` renames older keys, `check.rs`
//! finds unknown ones by `schema/`, `decode/` reads the known ones into [`Config`]. Nothing is
//! created or written on the way, so checking a configuration is loading it.

pub mod access_rule;
pub mod authn;
pub mod authorization;
mod check;
mod cluster;
mod dashboard;
mod decode;
mod environment;
mod hocon;
mod license;
pub mod listener;
pub mod log;
mod node;
mod normalise;
pub mod problems;
mod rate;
pub mod schema;
pub mod sections;
pub mod settings;
pub(crate) mod suggest;
mod tls;
mod v4;
mod values;
mod websocket;

#[cfg(test)]
pub(crate) use v4::old_names;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use access_rule::AccessRule;
pub use authn::{AuthenticatorConfig, PeerCertAs};
pub use authorization::AuthorizationConfig;
pub use cluster::ClusterConfig;
pub use dashboard::DashboardSettings;
pub use license::LicenseSettings;
pub use listener::{ListenerConfig, ListenerKind};
pub use log::LogConfig;
pub use node::NodeConfig;
pub use problems::{ConfigErrors, Origin, Warning};
pub use rate::Rate;
pub use sections::{BannedSettings, ControlConfig, FlappingDetect, ForceShutdown, RetainerSettings, SysTopics};

use emqxd_broker::MqttConfig;

use crate::security_profile;
use decode::Folders;
use environment::Environment;
use hocon::{Object, Reader};
use problems::Problems;
use settings::Settings;

/// Everything an operator can set.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Who this daemon is.
    pub node: NodeConfig,
    /// Which other nodes it is one broker with.
    pub cluster: ClusterConfig,
    /// `node.workers`: threads that serve clients; `None` for one per core.
    pub workers: Option<usize>,
    /// By type, then name; disabled ones too. Only `tcp` ones are started.
    pub listeners: Vec<ListenerConfig>,
    /// The MQTT rules.
    pub mqtt: MqttConfig,
    /// `mqtt.idle_timeout`: how long a new connection may take to send CONNECT, and then to be authenticated.
    pub idle_timeout: Duration,
    /// Who is asked about clients; a listener may have a list of its own.
    pub authentication: Vec<AuthenticatorConfig>,
    /// `mqtt.peer_cert_as_username`
    pub peer_cert_as_username: Option<PeerCertAs>,
    /// `mqtt.peer_cert_as_clientid`
    pub peer_cert_as_clientid: Option<PeerCertAs>,
    /// Retained messages.
    pub retainer: RetainerSettings,
    /// Where the log goes.
    pub log: LogConfig,
    /// Bounds of one connection.
    pub force_shutdown: ForceShutdown,
    /// Who is banned on a new node.
    pub banned: BannedSettings,
    /// Clients that come and go too often.
    pub flapping_detect: FlappingDetect,
    /// What is published below `$SYS`.
    pub sys_topics: SysTopics,
    /// Who may do what.
    pub authorization: AuthorizationConfig,
    /// The licence.
    pub license: LicenseSettings,
    /// The account of a new node, and lock-out.
    pub dashboard: DashboardSettings,
    /// The socket of `emqx-ctl`.
    pub control: ControlConfig,
    /// Where each key was set, by its dotted name.
    pub origins: BTreeMap<String, Origin>,
    /// All of it as text, for who shows it.
    pub settings: Settings,
    /// Sections that are there to keep somebody out and that this version does not act on.
    pub unenforced: Vec<&'static str>,
}

/// What [`Config::unenforced`] names when it is set.
const PROTECTIVE_SECTIONS: [&str; 1] = ["psk_authentication"];

impl Config {
    /// What holds without a file: EMQX's defaults, listeners `tcp:default` on port 1883 and `ws:default` on
    /// 8083.
    #[must_use]
    pub fn default_config() -> Self {
        Self {
            node: NodeConfig::default(),
            cluster: ClusterConfig::default(),
            workers: None,
            listeners: vec![
                ListenerConfig::new(ListenerKind::Tcp, "default"),
                ListenerConfig::new(ListenerKind::Ws, "default"),
            ],
            mqtt: MqttConfig::default(),
            idle_timeout: Duration::from_secs(15),
            authentication: Vec::new(),
            peer_cert_as_username: None,
            peer_cert_as_clientid: None,
            retainer: RetainerSettings::default(),
            log: LogConfig::default(),
            force_shutdown: ForceShutdown::default(),
            banned: BannedSettings::default(),
            flapping_detect: FlappingDetect::default(),
            sys_topics: SysTopics::default(),
            authorization: AuthorizationConfig::default(),
            license: LicenseSettings::default(),
            dashboard: DashboardSettings::default(),
            control: ControlConfig::default(),
            origins: BTreeMap::new(),
            settings: Settings::new(),
            unenforced: Vec::new(),
        }
    }

    /// Where the value of a dotted key comes from; `None` if there is no such key.
    #[must_use]
    #[cfg_attr(not(test), allow(dead_code, reason = "for who shows a running configuration"))]
    pub fn origin_of(&self, key: &str) -> Option<Origin> {
        if let Some(origin) = self.origins.get(key) {
            return Some(origin.clone());
        }
        schema::find(key).map(|_| Origin::Default)
    }
}

/// A configuration, and what to tell the operator about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// All settings.
    pub config: Config,
    /// One line each.
    pub warnings: Vec<Warning>,
}

/// Loads a configuration: defaults, then the file at `path` with its `conf.d/*.conf`, then `env`.
///
/// Without a path the defaults and `env` are all there is. Reads only.
///
/// # Errors
/// All errors that were found, in the order of the files.
pub fn load(path: Option<&Path>, env: impl Iterator<Item = (String, String)>) -> Result<Loaded, ConfigErrors> {
    let mut reader = Reader::new();
    let mut root = Object::new();
    if let Some(path) = path {
        reader.read_file(path, &mut root);
        for drop_in in drop_ins(path) {
            reader.read_file(&drop_in, &mut root);
        }
    }
    finish(reader, root, path, Environment::new(env))
}

/// As [`load`], of a text that somebody sent under the name of its file: nothing is opened, so nothing can be included.
///
/// `path` is the daemon's own file, beside which relative paths are meant.
///
/// # Errors
/// As [`load`].
pub fn load_text(
    name: &str,
    text: &[u8],
    path: Option<&Path>,
    env: impl Iterator<Item = (String, String)>,
) -> Result<Loaded, ConfigErrors> {
    let mut reader = Reader::new();
    let mut root = Object::new();
    reader.read_sent(Path::new(name), text, &mut root);
    finish(reader, root, path, Environment::new(env))
}

/// From what was read to what it means.
fn finish(mut reader: Reader, mut root: Object, path: Option<&Path>, env: Environment) -> Result<Loaded, ConfigErrors> {
    reader.v4.finish(&mut root);
    if let Err(error) = hocon::resolve(&mut root) {
        reader.problems.syntax(error.place, error.message);
    }
    // A file that was not read to its end would only cause misleading errors below.
    if reader.problems.is_unread() {
        return Err(refused(reader.problems));
    }
    env.overlay(&mut reader, &mut root);
    env.default_log_handler(&mut reader, &mut root);
    normalise::normalise(&mut root);
    let mut problems = reader.problems;
    check::check_keys(&root, &mut problems);
    let folders = Folders {
        log: env.get("EMQX_LOG_DIR").unwrap_or("log").to_owned(),
        etc: etc_folder(path, &env),
    };
    let mut config = Config::default_config();
    let places = decode::decode(&root, &folders, &mut problems, &mut config);
    config.origins = places
        .into_iter()
        .map(|(key, place)| (key, problems.origin(place)))
        .collect();
    config.unenforced = PROTECTIVE_SECTIONS
        .into_iter()
        .filter(|name| root.contains_key(*name))
        .collect();
    let judgement = security_profile::apply(&mut config);
    let changed = problems.judged(judgement);
    config.settings = settings::collect(&root, &config, &problems);
    settings::show_defaults(&mut config.settings, changed);
    let warnings = problems.finish()?;
    Ok(Loaded { config, warnings })
}

fn refused(problems: Problems) -> ConfigErrors {
    match problems.finish() {
        Err(errors) => errors,
        Ok(warnings) => ConfigErrors {
            errors: Vec::new(),
            more: 0,
            warnings,
        },
    }
}

/// `conf.d/*.conf` beside the file, in the order of their names; hidden files are left out.
fn drop_ins(path: &Path) -> Vec<PathBuf> {
    let folder = path.parent().unwrap_or(Path::new("")).join("conf.d");
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "conf"))
        .filter(|path| {
            path.file_name()
                .is_some_and(|name| !name.as_encoded_bytes().starts_with(b"."))
        })
        .collect();
    files.sort();
    files
}

/// The folder that `${EMQX_ETC_DIR}` names.
fn etc_folder(path: Option<&Path>, env: &Environment) -> String {
    if let Some(folder) = env.get("EMQX_ETC_DIR") {
        return folder.to_owned();
    }
    let folder = path.and_then(Path::parent).map(Path::to_string_lossy);
    match folder {
        Some(folder) if !folder.is_empty() => folder.into_owned(),
        _ => "etc".to_owned(),
    }
}

#[cfg(test)]
mod tests;
