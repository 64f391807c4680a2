//! What can be known when no daemon answers: what `emqxd --check-config` says of the configuration, whether the ports
//! are free, how systemd saw the service end.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use emqx_shared::port_holder::{PortUse, port_use};
use emqx_shared::views::ConfigFactsView;

use super::facts::{ConfigCheck, Facts, Holder, LastExit, Missing, PortFacts};
use super::program;

/// Where the package puts the daemon; beside this program is looked first.
const INSTALLED: [&str; 2] = ["/usr/sbin/emqxd", "/usr/bin/emqxd"];
const CONFIG_FILE_DEFAULT: &str = "/etc/emqx/emqx.conf";
const CHECK_TIMEOUT: Duration = Duration::from_secs(10);
const SYSTEMD_TIMEOUT: Duration = Duration::from_secs(5);
/// Errors and warnings that are kept.
const LINES_MAX: usize = 50;
/// The last lines of the journal.
const JOURNAL_LINES: &str = "5";

/// Lets the daemon's own program check the configuration.
pub(super) fn check_config(file: Option<&Path>, facts: &mut Facts) {
    let missing = |why: &str| Missing {
        what: "config".to_owned(),
        why: why.to_owned(),
    };
    let Some(emqxd) = emqxd_program() else {
        facts.missing.push(missing("no emqxd beside emqx-ctl to check it with"));
        return;
    };
    let mut arguments = vec!["--check-config".as_ref(), "--facts".as_ref()];
    if let Some(file) = file {
        arguments.extend(["--config".as_ref(), file.as_os_str()]);
    }
    let Some(said) = program::run(&emqxd, &arguments, CHECK_TIMEOUT) else {
        facts.missing.push(missing("emqxd --check-config could not be run"));
        return;
    };
    if said.code == Some(64) {
        facts.missing.push(missing("emqxd is older than this emqx-ctl"));
        return;
    }
    facts.config = serde_json::from_str::<ConfigFactsView>(&said.stdout).ok();
    let named = file.map(|file| file.display().to_string());
    let default = || {
        Path::new(CONFIG_FILE_DEFAULT)
            .exists()
            .then(|| CONFIG_FILE_DEFAULT.to_owned())
    };
    let warnings = said.stderr.lines().filter_map(|line| line.strip_prefix("WARNING: "));
    let errors = said
        .stderr
        .lines()
        .filter(|line| !line.starts_with("WARNING: ") && !line.trim().is_empty());
    let own = |line: &str| line.trim().to_owned();
    facts.config_check = Some(ConfigCheck {
        file: named.or_else(default).unwrap_or("(built-in defaults)".to_owned()),
        errors: match said.code {
            Some(0) => Vec::new(),
            _ => errors.map(own).take(LINES_MAX).collect(),
        },
        warnings: warnings.map(own).take(LINES_MAX).collect(),
    });
}

fn emqxd_program() -> Option<PathBuf> {
    let own = std::env::current_exe().ok()?;
    let beside = own.parent()?.join("emqxd");
    let installed = INSTALLED.iter().map(PathBuf::from);
    std::iter::once(beside).chain(installed).find(|path| path.is_file())
}

/// Who holds the ports that the configuration wants; the default one if it is not known.
pub(super) fn ports(config: Option<&ConfigFactsView>) -> Vec<PortFacts> {
    let wanted: Vec<(String, String)> = match config {
        Some(config) => config
            .listeners
            .iter()
            .filter(|listener| listener.is_enabled && listener.is_served)
            .map(|listener| (listener.id.clone(), listener.bind.clone()))
            .collect(),
        None => vec![("tcp:default".to_owned(), "0.0.0.0:1883".to_owned())],
    };
    let look = |(listener, bind): (String, String)| {
        let port = bind.parse::<SocketAddr>().ok()?.port();
        let (is_held, holder) = match port_use(port) {
            PortUse::Free => (false, None),
            PortUse::Held(holder) => (true, holder),
        };
        Some(PortFacts {
            listener,
            bind,
            is_held,
            holder: holder.map(|holder| Holder {
                pid: holder.pid,
                name: holder.name,
            }),
        })
    };
    wanted.into_iter().filter_map(look).collect()
}

/// What systemd remembers of `emqxd.service`, if systemd runs here.
pub(super) fn last_exit() -> Option<LastExit> {
    if !Path::new("/run/systemd/system").exists() {
        return None;
    }
    let arguments = [
        "show",
        "emqxd.service",
        "--property=LoadState,ActiveState,Result,ExecMainStatus",
    ];
    let said = program::run(Path::new("/usr/bin/systemctl"), &arguments, SYSTEMD_TIMEOUT)?;
    let mut exit = read_properties(&said.stdout)?;
    let arguments = [
        "--unit=emqxd",
        "--lines",
        JOURNAL_LINES,
        "--output=cat",
        "--no-pager",
        "--quiet",
    ];
    if let Some(said) = program::run(Path::new("/usr/bin/journalctl"), &arguments, SYSTEMD_TIMEOUT) {
        exit.lines = said.stdout.lines().map(str::to_owned).collect();
    }
    Some(exit)
}

fn read_properties(text: &str) -> Option<LastExit> {
    let property = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        line.unwrap_or_default().to_owned()
    };
    if property("LoadState") != "loaded" {
        return None;
    }
    Some(LastExit {
        state: property("ActiveState"),
        result: property("Result"),
        status: property("ExecMainStatus").parse().unwrap_or(0),
        lines: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systemd_s_properties_are_read() {
        let exit =
            read_properties("Result=exit-code\nExecMainStatus=78\nLoadState=loaded\nActiveState=failed\n").unwrap();
        assert_eq!(
            (exit.state.as_str(), exit.result.as_str(), exit.status),
            ("failed", "exit-code", 78)
        );
        assert!(read_properties("LoadState=not-found\n").is_none());
    }

    #[test]
    fn a_port_that_somebody_holds_is_told_with_its_holder() {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap().to_string();
        let mut config = ConfigFactsView::default();
        config.listeners.push(emqx_shared::views::ListenerFactsView {
            id: "tcp:default".to_owned(),
            bind: address,
            is_enabled: true,
            is_served: true,
            ..Default::default()
        });
        let held = ports(Some(&config));
        assert_eq!(
            held[0].holder.as_ref().map(|holder| holder.pid),
            Some(std::process::id())
        );
        drop(socket);
        assert!(!ports(Some(&config))[0].is_held);
    }
}
