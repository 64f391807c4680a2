//! `help [TOPIC|COMMAND]`

use emqx_shared::ExitCode;

use super::Outcome;
use crate::app::App;
use crate::cli::{HelpArgs, definition};
use crate::distance::closest;
use crate::failure::CliFailure;

/// What there is help on besides commands.
pub const TOPICS: [&str; 3] = ["exit-codes", "formats", "compat"];

const FORMATS: &str = "\
auto    table on a terminal, EMQX's text everywhere else (the default)
emqx    EMQX's text: for scripts, frozen
table   for people: may change
json    {\"schema\":\"emqx-ctl/listeners/1\",\"node\":…,\"data\":…}: names are only ever added
ndjson  one object a line, without the envelope
csv     header and rows, the same names as json

What is printed never depends on the terminal, only how it is laid out. Pin it with --format,
with EMQX_CTL_FORMAT, or by calling the program emqx_ctl: a terminal made by docker exec -t,
ssh -t or Ansible is a terminal too.

Errors go to stderr; with json and ndjson as one object {\"error\":{\"code\":…,\"exit\":…}}. In the
emqx format what EMQX prints on stdout (Not Found., Invalid listener: …) is printed there.
Characters that would steer a terminal are written out: \\n, \\x1b, \\u{202e}; in JSON as \\u001b.
Colours: --color, NO_COLOR and TERM=dumb are respected.
";

/// What is understood besides the names in `--help`; also in the manual.
pub const COMPAT: &str = "\
Under the name emqx_ctl the program prints EMQX's text and asks nothing; under the name emqx it
knows EMQX's emqx ctl VERB, emqx ping, emqx console and emqx check_config.

EMQX_COMPAT=4 (--compat 4) prints EMQX 4's text: listener ids such as mqtt:tcp:external, fields
in its order, the words takeovered and closed, nothing for an empty list.
EMQX_CTL_LEGACY_EXIT=1 exits as EMQX does: 0 also after a verb that printed its failure and after
wrong arguments, 1 for an unknown verb and for a daemon that does not answer.

Understood besides the names in --help:
  listener …                     listeners …
  listeners stop mqtt:tcp:external   listeners stop tcp:default
  listeners stop PROTOCOL PORT   the listener bound to it
  listeners enable ID true|false listeners enable ID, listeners disable ID
  routes list|show               topics list|show
  trace client ID FILE [LEVEL]   trace start client ID FILE [LEVEL]; topic and ip_address likewise
  trace topic FILTER off         trace stop topic FILTER; client and ip_address likewise
  traces list|start|stop|delete  traces with a name, in the daemon's folder
  admin USER PASSWORD            admins passwd USER PASSWORD
  license reload [FILE]          license update FILE, without a question
  log set-level LEVEL            log level LEVEL
  log primary-level [LEVEL]      the level of the log without that of its handlers
  log handlers list              where the log goes
  acl cache-clean …              authz cache-clean …
  vm [all|load|memory|process|io|ports], mnesia, olp status|enable|disable, pem_cache clean all|node NODE,
  plugins list, cluster status [--json]|join|leave   figures of this process; nothing to do where there is no such part
  help                           --help
";

pub fn run(args: &HelpArgs, app: &mut App) -> Outcome {
    let text = match args.topic.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["exit-codes"] => exit_codes(),
        ["formats"] => FORMATS.to_owned(),
        ["compat"] => COMPAT.to_owned(),
        ref words => of_command(words)?,
    };
    app.printer.raw(&text)?;
    Ok(ExitCode::Done)
}

fn exit_codes() -> String {
    let row = |code: &ExitCode| format!("{:>4}  {}\n", code.number(), code.meaning());
    let mut text: String = ExitCode::ALL.iter().map(row).collect();
    text.push_str("\nMore on one of them: emqx-ctl explain exit-69\n");
    text
}

fn of_command(words: &[&str]) -> Result<String, CliFailure> {
    let mut command = definition();
    command.build();
    for word in words {
        if let Some(found) = command.find_subcommand(word).cloned() {
            command = found;
            continue;
        }
        let mut failure = CliFailure::usage(format!("there is no help on '{word}'"));
        let known = command.get_subcommands().map(|known| known.get_name());
        if let Some(guess) = closest(word, known.chain(TOPICS)) {
            failure = failure.next(format!("did you mean '{guess}'?"));
        }
        return Err(failure);
    }
    let text = match words {
        [] => command.render_help(),
        _ => command.render_long_help(),
    };
    Ok(text.to_string())
}
