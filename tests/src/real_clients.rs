//! Other projects' MQTT clients: mosquitto's, Eclipse Paho (Python) and MQTT.js.
//!
//! `.ci/run` installs them and sets `EMQX_TESTS_REQUIRE_CLIENTS=1`; then a missing one fails the
//! test. Without it the test says on standard error that it was skipped, and what to install, so
//! that the other tests pass on a bare machine.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::binaries;

/// A client program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RealClient {
    /// `mosquitto_sub`
    MosquittoSub,
    /// `mosquitto_pub`
    MosquittoPub,
    /// `tests/clients/paho_client.py`
    Paho,
    /// `tests/clients/mqttjs_client.js`
    MqttJs,
    /// `haproxy`, no client but in front of some
    Haproxy,
    /// `openssl`
    OpenSsl,
    /// `systemd-analyze`, which judges units
    SystemdAnalyze,
    /// `zsh`, into which command lines are typed
    Zsh,
    /// `fish`, likewise
    Fish,
    /// `dnsmasq`, a DNS server
    Dnsmasq,
    /// `etcd`, a server in which nodes find each other
    Etcd,
    /// `ip`, which makes network namespaces, and the right to do so
    Netns,
}

impl RealClient {
    /// A command that runs it, without arguments; `None`, with a line on standard error, if it is not
    /// installed and not required.
    ///
    /// # Panics
    /// If it is not installed and `EMQX_TESTS_REQUIRE_CLIENTS=1`.
    #[track_caller]
    pub fn find(self) -> Option<Command> {
        let found = match self {
            Self::MosquittoSub => program("mosquitto_sub", "--help"),
            Self::MosquittoPub => program("mosquitto_pub", "--help"),
            Self::Paho => paho(),
            Self::MqttJs => mqttjs(),
            Self::Haproxy => program("haproxy", "-v").or_else(|| program("/usr/sbin/haproxy", "-v")),
            Self::OpenSsl => program("openssl", "version"),
            Self::SystemdAnalyze => program("systemd-analyze", "--version"),
            Self::Zsh => program("zsh", "--version"),
            Self::Fish => program("fish", "--version"),
            Self::Dnsmasq => program("dnsmasq", "--version").or_else(|| program("/usr/sbin/dnsmasq", "--version")),
            Self::Etcd => program("etcd", "--version"),
            Self::Netns => ["ip", "/usr/sbin/ip"].into_iter().find_map(netns),
        };
        if found.is_none() {
            let missing = self.missing();
            let is_required = std::env::var_os("EMQX_TESTS_REQUIRE_CLIENTS").is_some_and(|value| value == "1");
            assert!(
                !is_required,
                "{missing}, and EMQX_TESTS_REQUIRE_CLIENTS=1 does not allow to skip the test"
            );
            // Not `eprintln!`: the test runner would swallow it, since the test passes.
            // One write, so that lines of tests that run at the same time do not mix.
            let _ = io::stderr().write_all(format!("SKIPPED: {missing}\n").as_bytes());
        }
        found
    }

    fn missing(self) -> &'static str {
        match self {
            Self::MosquittoSub => "needs mosquitto_sub (apt install mosquitto-clients)",
            Self::MosquittoPub => "needs mosquitto_pub (apt install mosquitto-clients)",
            Self::Paho => "needs Python with paho-mqtt 2 (bash .ci/run clients)",
            Self::MqttJs => "needs Node.js with mqtt 5 (bash .ci/run clients)",
            Self::Haproxy => "needs haproxy (apt install haproxy)",
            Self::OpenSsl => "needs openssl (apt install openssl)",
            Self::SystemdAnalyze => "needs systemd-analyze (apt install systemd)",
            Self::Zsh => "needs zsh (apt install zsh)",
            Self::Fish => "needs fish (apt install fish)",
            Self::Dnsmasq => "needs dnsmasq (apt install dnsmasq-base)",
            Self::Etcd => "needs etcd (apt install etcd-server)",
            Self::Netns => "needs ip (apt install iproute2), and root, who may make network namespaces",
        }
    }
}

fn paho() -> Option<Command> {
    let installed = clients_dir().join("python/bin/python");
    let mut candidates = [Command::new(installed), Command::new("python3")].into_iter();
    let mut python = candidates.find_map(|mut python| {
        let has_paho = succeeds(python.args(["-c", "from paho.mqtt.enums import CallbackAPIVersion"]));
        has_paho.then(|| Command::new(python.get_program()))
    })?;
    python.arg(script("paho_client.py"));
    Some(python)
}

fn mqttjs() -> Option<Command> {
    let modules = clients_dir().join("node/node_modules");
    let mut probe = Command::new("node");
    if !succeeds(probe.env("NODE_PATH", &modules).args(["-e", "require('mqtt')"])) {
        return None;
    }
    let mut node = Command::new("node");
    node.env("NODE_PATH", modules).arg(script("mqttjs_client.js"));
    Some(node)
}

fn program(name: &str, probe: &str) -> Option<Command> {
    let runs = Command::new(name)
        .arg(probe)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    runs.is_ok().then(|| Command::new(name))
}

/// `ip`, if it may make a network namespace here.
fn netns(ip: &str) -> Option<Command> {
    let name = format!("emqxd-probe-{}", std::process::id());
    let is_made = succeeds(Command::new(ip).args(["netns", "add", &name]));
    // Nobody else has one of that name.
    let _taken_away = is_made && succeeds(Command::new(ip).args(["netns", "del", &name]));
    is_made.then(|| Command::new(ip))
}

fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

fn clients_dir() -> PathBuf {
    binaries::target_dir().join("clients")
}

fn script(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "clients", name].iter().collect()
}
