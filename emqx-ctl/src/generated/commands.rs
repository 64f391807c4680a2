//! The pages of section 1 but for `emqx-ctl(1)`: one for each command with all that is below it, and one for the words
//! of EMQX that `--help` leaves out.
//!
//! What a page says of usage, commands, options, roles and exit codes comes from the program. The rest stands in
//! `man1/PAGE.md`; a command without such a file has a whole page as well.

use clap::Command;
use clap_mangen::Man;
use emqx_shared::{ExitCode, Role};

use super::language::Words;
use super::markup::sections;
use super::page::{Section, exit_status, name_line, page, prose, rendered, root, take, without_heading};
use super::{VERSION, verbs};
use crate::cli::definition;
use crate::commands::COMPAT;

/// Commands that stand in the page of another one.
const SHARED: [(&str, &str); 6] = [
    ("ping", "status"),
    ("version", "status"),
    ("disconnects", "why"),
    ("traces", "trace"),
    ("help", "explain"),
    ("errors", "events"),
];

/// The page of what `--help` does not show.
pub const COMPAT_PAGE: &str = "compat";

/// Hand-written sections that stand behind all others, in this order.
const LAST: [&str; 7] = [
    "EXIT STATUS",
    "ENVIRONMENT",
    "FILES",
    "SECURITY",
    "NOTES",
    "EXAMPLES",
    "SEE ALSO",
];

/// One page of commands.
pub struct Group {
    /// Without `emqx-ctl-`.
    pub name: String,
    /// What stands in it; the first one gives it its name, in the page of hidden ones none does.
    pub commands: Vec<Command>,
}

impl Group {
    pub fn page_name(&self) -> String {
        format!("emqx-ctl-{}", self.name)
    }

    /// Under which other names it can be looked up.
    pub fn other_names(&self) -> Vec<String> {
        let names = self
            .commands
            .iter()
            .map(|command| format!("emqx-ctl-{}", command.get_name()));
        names.filter(|name| *name != self.page_name()).collect()
    }

    fn is_compat(&self) -> bool {
        self.name == COMPAT_PAGE
    }
}

/// The program in the language of `words`, with the usage of every command.
pub fn program(words: &Words) -> Command {
    let mut program = words.program(definition());
    program.build();
    program
}

/// All pages of commands.
pub fn groups(program: &Command) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let (hidden, visible): (Vec<&Command>, Vec<&Command>) =
        program.get_subcommands().partition(|command| command.is_hide_set());
    for command in visible.iter().filter(|command| home_of(command.get_name()).is_none()) {
        let guests = visible
            .iter()
            .filter(|guest| home_of(guest.get_name()) == Some(command.get_name()));
        let commands = std::iter::once(command).chain(guests).map(|command| (*command).clone());
        groups.push(Group {
            name: command.get_name().to_owned(),
            commands: commands.collect(),
        });
    }
    groups.push(Group {
        name: COMPAT_PAGE.to_owned(),
        commands: hidden.into_iter().cloned().collect(),
    });
    groups
}

pub fn home_of(command: &str) -> Option<&'static str> {
    let shared = SHARED.iter().find(|(guest, _)| *guest == command);
    shared.map(|(_, home)| *home)
}

/// The page of a group.
pub fn group_page(words: &Words, group: &Group) -> String {
    let mut written = written(words, &group.page_name());
    let abouts: Vec<String> = group.commands.iter().map(about).collect();
    let names = std::iter::once(group.page_name()).chain(group.other_names());
    let names = names.collect::<Vec<_>>().join(", ");
    let in_a_line = match group.is_compat() {
        true => "words of EMQX that emqx-ctl understands besides its own",
        false => abouts.first().map(String::as_str).unwrap_or_default(),
    };
    let usages: String = group
        .commands
        .iter()
        .flat_map(leaves)
        .map(|(_, leaf)| usage(&leaf))
        .collect::<Vec<_>>()
        .join(".br\n");
    let description = take(&mut written, "DESCRIPTION").unwrap_or_else(|| {
        let sentences = abouts
            .iter()
            .map(|about| prose(&format!("{}{}", about.trim_end_matches('.'), words.full_stop)));
        sentences.collect::<Vec<_>>().join(".PP\n")
    });
    let mut all: Vec<Section> = vec![
        ("NAME".to_owned(), name_line(&names, in_a_line)),
        ("SYNOPSIS".to_owned(), words.generated(usages)),
        ("DESCRIPTION".to_owned(), description),
        ("COMMANDS".to_owned(), words.generated(commands(words, group))),
        ("OPTIONS OF EVERY COMMAND".to_owned(), global_options(words, group)),
    ];
    if group.is_compat() {
        let text: String = COMPAT.lines().map(|line| format!("    {line}\n")).collect();
        all.extend(sections(&format!(
            "# NOTES\nThis is what `emqx-ctl help compat` prints:\n\n{text}"
        )));
    }
    let role = roles(words, group);
    let security = take(&mut written, "SECURITY").unwrap_or_default();
    all.push(("SECURITY".to_owned(), join(role, security)));
    let asks_nobody = group.commands.iter().all(|command| LOCAL.contains(&command.get_name()));
    let codes = usual_exit_codes(words, asks_nobody);
    let status = take(&mut written, "EXIT STATUS").map_or(codes.clone(), |own| join(own, codes));
    all.push(("EXIT STATUS".to_owned(), status));
    all.extend(written);
    see_also(&mut all, words, &[]);
    finished(words, &group.page_name(), all)
}

fn join(first: String, second: String) -> String {
    match second.is_empty() || first.is_empty() || second.starts_with(".TP") {
        true => first + &second,
        false => format!("{first}.PP\n{second}"),
    }
}

/// Everything in its order.
pub fn finished(words: &Words, name: &str, all: Vec<Section>) -> String {
    let place = |heading: &str| {
        LAST.iter()
            .position(|last| *last == heading)
            .map_or(0, |place| place + 1)
    };
    let mut all = all;
    all.sort_by_key(|(heading, _)| place(heading));
    let all: Vec<Section> = all
        .into_iter()
        .map(|(heading, text)| (words.heading(&heading), text))
        .collect();
    page(name, 1, &format!("emqx-ctl {VERSION}"), words.manual, &all)
}

/// What is hand-written of a page.
pub fn written(words: &Words, name: &str) -> Vec<Section> {
    let folder = root().join("emqx-ctl/src/generated").join(words.folder).join("man1");
    let text = std::fs::read_to_string(folder.join(format!("{name}.md")));
    sections(&text.unwrap_or_default())
}

/// The pages that every page refers to, behind those that it names itself.
pub fn see_also(all: &mut Vec<Section>, words: &Words, more: &[String]) {
    let mut named = take(all, "SEE ALSO").unwrap_or_default().trim_end().to_owned();
    let usual = ["emqx-ctl(1)", "emqx-disconnect-reasons(7)", "emqx.conf(5)", "emqxd(8)"];
    let is_overview = !more.is_empty();
    let usual = usual
        .iter()
        .filter(|page| !(is_overview && **page == "emqx-ctl(1)"))
        .map(|page| (*page).to_owned());
    for page in more.iter().cloned().chain(usual) {
        let page = prose(&page).trim_end().to_owned();
        if !named.contains(&page) {
            let comma = if named.is_empty() {
                String::new()
            } else {
                format!("{}\n", words.comma.trim_end())
            };
            named = format!("{named}{comma}{page}");
        }
    }
    all.push(("SEE ALSO".to_owned(), named));
}

pub fn about(command: &Command) -> String {
    command.get_about().unwrap_or_default().to_string()
}

/// A command that can be used as it is, and those below it, with their whole names.
fn leaves(command: &Command) -> Vec<(String, Command)> {
    let mut all = tree(command);
    all.retain(|(_, command)| !command.has_subcommands() || !command.is_subcommand_required_set());
    all
}

/// A command and all below it, in the order of the help. A hidden command shows all of its parts.
pub fn tree(top: &Command) -> Vec<(String, Command)> {
    let mut all = Vec::new();
    let mut left = vec![(top.get_name().to_owned(), top.clone())];
    while let Some((path, command)) = left.pop() {
        let below = command
            .get_subcommands()
            .filter(|below| !below.is_hide_set() && below.get_name() != "help");
        let mut below: Vec<_> = below
            .map(|below| (format!("{path} {}", below.get_name()), below.clone()))
            .collect();
        below.reverse();
        left.extend(below);
        all.push((path, command));
    }
    all
}

fn usage(command: &Command) -> String {
    // Options of every command say nothing about this one.
    let own = command.clone().mut_args(|argument| {
        let is_everywhere = argument.is_global_set() || argument.get_id() == "help";
        if is_everywhere { argument.hide(true) } else { argument }
    });
    let mut own = own;
    let usage = own.render_usage().to_string();
    let forms = usage.lines().map(|line| line.trim_start_matches("Usage:").trim());
    forms
        .map(|form| prose(&format!("`{form}`")))
        .collect::<Vec<_>>()
        .join(".br\n")
}

/// Every command of a page, with what is below it.
fn commands(words: &Words, group: &Group) -> String {
    let all = group.commands.iter().flat_map(tree);
    all.map(|(path, command)| one_command(words, &path, &command)).collect()
}

fn one_command(words: &Words, path: &str, command: &Command) -> String {
    let described = command.clone().mut_args(|argument| {
        // The usage has its name, and there is no more to say; options of every command stand apart.
        let is_plain = argument.get_help().is_none() && argument.is_positional();
        let is_everywhere = argument.is_global_set() || argument.get_id() == "help";
        if is_plain || is_everywhere {
            argument.hide(true)
        } else {
            argument
        }
    });
    let man = Man::new(described.clone());
    let mut text = format!(".SS {}\n", super::markup::escape(path));
    text.push_str(&without_heading(&rendered(|out| man.render_description_section(out))));
    let aliases: Vec<String> = described.get_all_aliases().map(|alias| format!("`{alias}`")).collect();
    if !aliases.is_empty() {
        let [before, after] = words.also_called;
        text.push_str(".PP\n");
        text.push_str(&prose(&format!("{before}{}{after}", aliases.join(words.comma))));
    }
    if described.get_arguments().any(|argument| !argument.is_hide_set()) {
        text.push_str(&without_heading(&rendered(|out| man.render_options_section(out))));
    }
    text
}

/// The names of the options that stand in `emqx-ctl(1)`.
fn global_options(words: &Words, group: &Group) -> String {
    let command = group.commands.first().unwrap();
    let mut names = Vec::new();
    for argument in command
        .get_arguments()
        .filter(|argument| argument.is_global_set() || argument.get_id() == "help")
    {
        let short = argument.get_short().map(|short| format!("-{short}"));
        let long = argument.get_long().map(|long| format!("--{long}"));
        let both: Vec<String> = short.into_iter().chain(long).map(|name| format!("`{name}`")).collect();
        names.push(both.join(" "));
    }
    let [before, after] = words.explained_in;
    prose(&format!("{before}{}{after}", names.join(words.comma)))
}

/// Who may use the verbs of a page.
fn roles(words: &Words, group: &Group) -> String {
    let mut verbs = Vec::new();
    for command in &group.commands {
        verbs.extend(verbs::of_command(command.get_name()));
    }
    let with = |role: Role| -> Vec<String> {
        let verbs = verbs.iter().filter(|(_, needed)| *needed == role);
        verbs.map(|(verb, _)| format!("`{verb}`")).collect()
    };
    let mut out = Vec::new();
    for (role, sentence) in [(Role::ReadOnly, words.look), (Role::Admin, words.change)] {
        let verbs = with(role);
        if !verbs.is_empty() {
            out.push(prose(&format!(
                "{sentence}{}{}",
                verbs.join(words.comma),
                words.full_stop
            )));
        }
    }
    match out.is_empty() {
        true => prose(words.no_role),
        false => out.join(".PP\n"),
    }
}

/// Commands whose answer is in the program: no daemon can be down, busy or unwilling.
const LOCAL: [&str; 1] = ["completion"];

/// The codes that any command may end with.
fn usual_exit_codes(words: &Words, asks_nobody: bool) -> String {
    let usual = [
        ExitCode::Done,
        ExitCode::NotFound,
        ExitCode::Usage,
        ExitCode::Unavailable,
        ExitCode::TryAgain,
        ExitCode::NoPermission,
    ];
    let by_daemon = [
        ExitCode::NotFound,
        ExitCode::Unavailable,
        ExitCode::TryAgain,
        ExitCode::NoPermission,
    ];
    let usual = usual
        .into_iter()
        .filter(|code| !asks_nobody || !by_daemon.contains(code));
    let rows: Vec<_> = usual.map(|code| (code, words.exit_code(code))).collect();
    let rows = exit_status(rows.iter().map(|(code, text)| (*code, text.as_str())));
    format!("{rows}.PP\n{}", prose(words.more_codes))
}
