//! `emqx-ctl(1)`: what the program is, the options of every command, and one line for each command that says which page
//! tells more. What is written by hand stands in `man1/emqx-ctl.md`.

use std::path::Path;

use clap::Command;
use emqx_shared::ExitCode;
use emqx_shared::socket_path::{PATH_BYTES_MAX, Places, SOCKET_ENV};

use super::commands::{about, finished, groups, home_of, program, see_also, written};
use super::language::Words;
use super::page::{Section, exit_status, fill, name_line, options, synopsis, tagged, take};

/// What the commands are for, in the order of the overview; others stand at its end.
const AREAS: [(&str, &str, &[&str]); 4] = [
    (
        "Observe",
        "观察",
        &[
            "status",
            "ping",
            "version",
            "broker",
            "listeners",
            "clients",
            "why",
            "disconnects",
            "topics",
            "subscriptions",
            "retainer",
            "cluster",
            "top",
            "events",
            "alarms",
        ],
    ),
    (
        "Diagnose",
        "诊断",
        &["doctor", "explain", "errors", "trace", "traces", "log", "diagnose"],
    ),
    (
        "Change",
        "变更",
        &[
            "license", "admins", "authn", "authz", "banned", "conf", "tls", "data", "reload", "shutdown", "upgrade",
        ],
    ),
    ("Tools", "工具", &["bench", "completion", "help"]),
];

/// `emqx-ctl(1)`.
pub fn page_of_emqx_ctl(words: &Words) -> String {
    let program = program(words);
    let mut written = written(words, "emqx-ctl");
    let about = words.generated(name_line(
        "emqx-ctl",
        &program.get_about().unwrap_or_default().to_string(),
    ));
    let mut all: Vec<Section> = vec![
        ("NAME".to_owned(), about),
        ("SYNOPSIS".to_owned(), words.generated(synopsis(&program))),
        ("DESCRIPTION".to_owned(), take(&mut written, "DESCRIPTION").unwrap()),
        ("COMMANDS".to_owned(), areas(words, &program)),
    ];
    all.extend(
        options(&program)
            .into_iter()
            .map(|(heading, text)| (heading, words.generated(text))),
    );
    let codes: Vec<(ExitCode, String)> = ExitCode::ALL.map(|code| (code, words.exit_code(code))).into();
    let codes = exit_status(codes.iter().map(|(code, text)| (*code, text.as_str())));
    let parts = [
        ("EXIT_STATUS", codes),
        ("SOCKETS", sockets(words)),
        ("SOCKET_ENV", SOCKET_ENV.to_owned()),
        ("PATH_BYTES_MAX", PATH_BYTES_MAX.to_string()),
    ];
    all.extend(written);
    let pages = groups(&program)
        .into_iter()
        .map(|group| format!("{}(1)", group.page_name()));
    let pages: Vec<String> = pages.chain(["emqx-control-protocol(7)".to_owned()]).collect();
    see_also(&mut all, words, &pages);
    fill(finished(words, "emqx-ctl", all), &parts)
}

/// The overview of commands.
fn areas(words: &Words, program: &Command) -> String {
    let visible: Vec<&Command> = program
        .get_subcommands()
        .filter(|command| !command.is_hide_set())
        .collect();
    let mut text = String::new();
    let area = |name: &str| AREAS.iter().position(|(_, _, commands)| commands.contains(&name));
    let titles = AREAS
        .iter()
        .map(|(english, chinese, _)| if words.is_chinese() { *chinese } else { *english });
    let others = if words.is_chinese() { "其他" } else { "Others" };
    for (index, title) in titles.chain([others]).enumerate() {
        let mut members: Vec<&&Command> = visible
            .iter()
            .filter(|command| area(command.get_name()).unwrap_or(AREAS.len()) == index)
            .collect();
        if let Some((_, _, order)) = AREAS.get(index) {
            members.sort_by_key(|command| order.iter().position(|name| *name == command.get_name()));
        }
        if !members.is_empty() {
            text.push_str(&format!(".SS {title}\n"));
        }
        for command in members {
            let home = home_of(command.get_name()).unwrap_or(command.get_name());
            let reference = format!("emqx-ctl-{home}(1)");
            let sentence = about(command).trim_end_matches('.').to_owned();
            let sentence = match words.is_chinese() {
                true => format!("{sentence}。见 {reference}。"),
                false => format!("{sentence}; see {reference}."),
            };
            text.push_str(&tagged(&forms(command), &sentence));
        }
    }
    text
}

/// `clients list|show|kick`
fn forms(command: &Command) -> String {
    let below = command.get_subcommands().filter(|below| !below.is_hide_set());
    let below: Vec<&str> = below.map(Command::get_name).collect();
    match below.is_empty() {
        true => command.get_name().to_owned(),
        false => format!("{} {}", command.get_name(), below.join("|")),
    }
}

/// The places where the socket is looked for, in their order.
fn sockets(words: &Words) -> String {
    let xdg = Path::new("/XDG_RUNTIME_DIR");
    let places = Places {
        xdg_runtime_dir: Some(xdg),
        ..Places::default()
    };
    let why = match words.is_chinese() {
        false => [
            "The packaged daemon's.",
            "A daemon of this user's session. Passed over when root came by way of sudo.",
            "A daemon that was started in this folder.",
        ],
        true => [
            "软件包安装的守护进程。",
            "当前用户会话中的守护进程；通过 sudo 成为 root 时跳过。",
            "在当前目录启动的守护进程。",
        ],
    };
    let paths = places.to_try().unwrap();
    assert_eq!(paths.len(), why.len());
    let names = paths.iter().map(|path| path.display().to_string());
    let names = names.map(|name| name.replace("/XDG_RUNTIME_DIR", "$XDG_RUNTIME_DIR"));
    names.zip(why).map(|(name, why)| tagged(&name, why)).collect()
}
