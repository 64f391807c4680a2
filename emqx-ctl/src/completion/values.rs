//! What an argument of the command line can be: a word of a list, the name of a file, or a name that the daemon
//! knows.
//!
//! Enums of the command line and paths say so themselves; the table here is of the arguments that are free text
//! there.

use clap::{Arg, Command, ValueHint};
use emqx_shared::LogLevel;
use emqx_shared::catalogue::{self, Kind};
use emqx_shared::views::EventKind;

use super::Candidate;
use super::live::Names;
use crate::commands::HELP_TOPICS;

/// The possible values of an argument.
#[derive(Debug, PartialEq, Eq)]
pub enum Values {
    /// Nobody can know.
    Nothing,
    Files,
    Words(Vec<Candidate>),
    Live(Names),
}

/// As what somebody can be banned.
const BANNED_AS: [&str; 5] = ["clientid", "username", "peerhost", "clientid_re", "username_re"];

/// The values of `argument` of the command at `path`, whose words so far are `given`.
pub fn of(root: &Command, path: &[&str], argument: &Arg, given: &[&str]) -> Values {
    if argument.is_hide_set() {
        return Values::Nothing;
    }
    let possible = argument.get_possible_values();
    if !possible.is_empty() {
        let shown = possible.iter().filter(|value| !value.is_hide_set());
        let help = |value: &clap::builder::PossibleValue| value.get_help().map(ToString::to_string).unwrap_or_default();
        return Values::Words(
            shown
                .map(|value| Candidate::new(value.get_name(), help(value)))
                .collect(),
        );
    }
    if argument.get_value_hint() == ValueHint::AnyPath {
        return Values::Files;
    }
    match (path, argument.get_id().as_str()) {
        (["help"], _) => help_topics(root, given),
        (path, id) => live(path, id, given).map_or_else(|| text(path, id), Values::Live),
    }
}

/// Names that the daemon knows.
fn live(path: &[&str], id: &str, given: &[&str]) -> Option<Names> {
    let is_of_client = matches!(given.last(), Some(&("client" | "clientid")));
    Some(match (path, id) {
        (_, "listener") => Names::Listeners,
        (_, "handler") => Names::LogHandlers,
        (_, "client" | "client_id" | "client_ids" | "clientid")
        | (["clients", "list"], "after")
        | (["trace", "client"], "value")
        | (["authz", "cache-clean"], "target") => Names::Clients,
        (["trace" | "traces", "start"], "value") | (["trace", "stop"], "target") | (["banned", "add"], "who")
            if is_of_client =>
        {
            Names::Clients
        }
        (["trace", "stop"], "target") if given.is_empty() => Names::Traces,
        (["trace", "tail" | "delete"] | ["traces", "stop" | "delete"], "name") => Names::Traces,
        (["admins" | "admin", "passwd" | "del"], "username") => Names::Admins,
        (["banned", "del"], "who") => Names::Bans {
            kind: given.last().copied().unwrap_or_default().to_owned(),
        },
        _ => return None,
    })
}

/// Text that is not as free as it looks.
fn text(path: &[&str], id: &str) -> Values {
    match (path, id) {
        (["license", _], "source" | "other" | "file") | (["trace", _], "file") => Values::Files,
        (["log", ..] | ["trace", ..], "level") => words(LogLevel::ALL.map(LogLevel::as_str)),
        (["listeners", "enable"], "enable") => words(["true", "false"]),
        (["banned", _], "kind") => words(BANNED_AS),
        (["subscriptions", "add"], "qos") => words(["0", "1", "2"]),
        (["authz", "rules", "add"], "permission") => words(["allow", "deny"]),
        (["authz", "rules", "add"], "action") => words(["publish", "subscribe", "all"]),
        (["license", "history"], "period") => words(["daily", "monthly"]),
        (["events"], "kinds") => words(EventKind::ALL.map(|kind| kind.as_str())),
        (["disconnects"], "reason") => words(
            catalogue::all()
                .filter(|entry| entry.kind == Kind::DisconnectReason)
                .map(|entry| entry.term),
        ),
        (["explain"], "terms") => words(catalogue::all().flat_map(|entry| entry.names())),
        _ => Values::Nothing,
    }
}

fn help_topics(root: &Command, given: &[&str]) -> Values {
    let mut command = Some(root);
    for word in given {
        command = command.and_then(|command| command.find_subcommand(word));
    }
    let commands = command.into_iter().flat_map(Command::get_subcommands);
    let shown = commands.filter(|command| !command.is_hide_set()).map(Command::get_name);
    let topics = HELP_TOPICS.into_iter().filter(|_| given.is_empty());
    words(shown.chain(topics))
}

fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> Values {
    Values::Words(words.into_iter().map(|word| Candidate::new(word, "")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::definition;

    /// Calls `look` with each command and its path.
    fn each_command(command: &Command, path: &[&str], look: &mut impl FnMut(&[&str], &Command)) {
        look(path, command);
        for below in command.get_subcommands() {
            each_command(below, &[path, &[below.get_name()]].concat(), look);
        }
    }

    #[test]
    fn every_argument_that_is_called_an_id_is_looked_up_in_the_daemon() {
        let mut seen = 0;
        each_command(&definition(), &[], &mut |path, command| {
            for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
                let name = argument.get_value_names().unwrap_or_default().concat();
                let is_id = name.contains("CLIENTID") || name == "ID" && argument.get_id() != "authenticator";
                if is_id {
                    seen += 1;
                    let values = of(command, path, argument, &[]);
                    assert!(matches!(values, Values::Live(_)), "{path:?} {name}: {values:?}");
                }
            }
        });
        assert!(seen > 15, "{seen}");
    }

    #[test]
    fn what_a_value_is_can_depend_on_the_word_before_it() {
        let of_line = |path: &[&str], id: &str, given: &[&str]| live(path, id, given);
        assert_eq!(of_line(&["trace", "start"], "value", &["client"]), Some(Names::Clients));
        assert_eq!(of_line(&["trace", "start"], "value", &["topic"]), None);
        assert_eq!(of_line(&["trace", "stop"], "target", &[]), Some(Names::Traces));
        assert_eq!(of_line(&["trace", "stop"], "target", &["topic"]), None);
        assert_eq!(of_line(&["trace", "stop"], "target", &["client"]), Some(Names::Clients));
        assert_eq!(of_line(&["banned", "add"], "who", &["clientid"]), Some(Names::Clients));
        assert_eq!(
            of_line(&["banned", "del"], "who", &["peerhost"]),
            Some(Names::Bans {
                kind: "peerhost".to_owned()
            })
        );
    }
}
