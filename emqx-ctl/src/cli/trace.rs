//! `trace` and `traces`, with EMQX's older forms `trace client C FILE` and `trace topic T off`.
//!
//! `-f` means "follow" here, and "format" for every other command. [`spell_follow`] tells the two apart before clap
//! reads the line: `-f` before the name of a format is that format.

use std::ffi::OsString;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use emqx_shared::request::{TraceFormat, TracePayload, TraceSubject};

use crate::duration;

#[derive(Debug, Subcommand)]
pub enum TraceCommand {
    /// All traces: what they follow, where to, what they lost
    List,
    /// Follow a client, a topic or an address: into FILE, into the daemon's folder (--name), or here (-f)
    Start(StartTrace),
    /// Stop a trace: by its name, or by TYPE VALUE as it was started
    Stop {
        #[arg(value_name = "NAME|TYPE VALUE", num_args = 1..=2, required = true)]
        target: Vec<String>,
    },
    /// Show the lines of a running trace from now on
    Tail {
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// Stop a trace and remove its file from the daemon's folder
    Delete {
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// trace client CLIENTID FILE [LEVEL] | off
    #[command(hide = true, alias = "clientid")]
    Client(OldTrace),
    /// trace topic FILTER FILE [LEVEL] | off
    #[command(hide = true)]
    Topic(OldTrace),
    /// trace ip_address ADDRESS FILE [LEVEL] | off
    #[command(hide = true, name = "ip_address", alias = "ip-address")]
    IpAddress(OldTrace),
}

#[derive(Debug, Args)]
pub struct StartTrace {
    #[arg(value_name = "TYPE")]
    pub kind: SubjectKind,
    /// A client id, a topic filter, an address or a network such as 10.0.0.0/8
    pub value: String,
    #[command(flatten)]
    pub target: TraceTargetArgs,
}

#[derive(Debug, Args)]
pub struct OldTrace {
    pub value: String,
    #[command(flatten)]
    pub target: TraceTargetArgs,
}

#[derive(Debug, Args)]
pub struct TraceTargetArgs {
    /// Opened by emqx-ctl with your rights, written by the daemon
    pub file: Option<String>,
    /// debug, info, notice, warning, error, critical, alert, emergency; also all
    pub level: Option<String>,
    /// How lines look
    #[arg(value_enum)]
    pub formatter: Option<LineFormat>,
    /// The trace's name; without FILE it is written in the daemon's folder
    #[arg(long)]
    pub name: Option<String>,
    /// Show the lines here, too (-f); without FILE and --name the trace ends with this command
    #[arg(long)]
    pub follow: bool,
    /// When it stops by itself: 90s, 30m, 8h; 30m unless said otherwise, 24h for FILE without --name
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    pub duration: Option<Duration>,
    /// Size at which it stops: 10MiB, 1GiB; 512MiB unless said otherwise
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub max_size: Option<u64>,
    /// Lines a second, the others are lost and counted; 500/s for what is only watched
    #[arg(long, value_name = "LINES", value_parser = rate)]
    pub rate: Option<u32>,
    /// How payloads look
    #[arg(long, value_enum, default_value = "text")]
    pub payload: PayloadChoice,
    /// Longer payloads are cut, bytes
    #[arg(long, value_name = "BYTES", default_value_t = 1024)]
    pub payload_limit: u32,
    /// Write behind what FILE has already
    #[arg(long)]
    pub append: bool,
}

#[derive(Debug, Subcommand)]
pub enum TracesCommand {
    /// The named traces of all nodes
    List,
    /// Start a trace on every node that runs, into the folder of its daemon
    ///
    /// A node that starts or joins later has none; `emqx-ctl --node NODE traces start` with the same words gives it one.
    Start {
        name: String,
        #[arg(value_name = "TYPE")]
        kind: SubjectKind,
        /// A client id, a topic filter, an address or a network
        value: String,
        /// Seconds, or 30m, 8h; 1800 unless said otherwise
        #[arg(value_name = "DURATION", value_parser = duration::parse)]
        duration: Option<Duration>,
        #[arg(value_enum)]
        formatter: Option<LineFormat>,
    },
    /// Stop a trace on every node
    Stop { name: String },
    /// Show the lines of all nodes from now on, in the order of their times
    Tail { name: String },
    /// Stop a trace on every node and remove its files
    Delete { name: String },
}

/// `client`, `topic`, `ip_address`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SubjectKind {
    #[value(alias = "clientid")]
    Client,
    Topic,
    #[value(name = "ip_address", alias = "ip-address")]
    IpAddress,
}

impl SubjectKind {
    pub fn subject(self, value: &str) -> TraceSubject {
        let value = value.to_owned();
        match self {
            Self::Client => TraceSubject::Client(value),
            Self::Topic => TraceSubject::Topic(value),
            Self::IpAddress => TraceSubject::IpAddress(value),
        }
    }
}

/// `text`, `json`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LineFormat {
    Text,
    Json,
}

impl From<LineFormat> for TraceFormat {
    fn from(format: LineFormat) -> Self {
        match format {
            LineFormat::Text => Self::Text,
            LineFormat::Json => Self::Json,
        }
    }
}

/// `--payload`
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PayloadChoice {
    /// As text, hexadecimal if it is none
    Text,
    /// Hexadecimal
    Hex,
    /// Not at all
    #[value(alias = "none")]
    Hidden,
}

impl From<PayloadChoice> for TracePayload {
    fn from(choice: PayloadChoice) -> Self {
        match choice {
            PayloadChoice::Text => Self::Text,
            PayloadChoice::Hex => Self::Hex,
            PayloadChoice::Hidden => Self::Hidden,
        }
    }
}

/// Reads `512MiB`, `10M`, `1000`.
fn size(text: &str) -> Result<u64, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor: u64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        _ => return Err("expected a number with KiB, MiB or GiB, such as 512MiB".to_owned()),
    };
    let bytes = number.parse::<u64>().ok().and_then(|number| number.checked_mul(factor));
    bytes
        .filter(|bytes| *bytes > 0)
        .ok_or_else(|| "expected a number above 0 with KiB, MiB or GiB, such as 512MiB".to_owned())
}

/// Reads `500` or `500/s`.
fn rate(text: &str) -> Result<u32, String> {
    let number = text.strip_suffix("/s").unwrap_or(text);
    let rate = number.parse::<u32>().ok().filter(|rate| *rate > 0);
    rate.ok_or_else(|| "expected a number above 0 such as 500 or 500/s".to_owned())
}

/// What `-f` may be followed by if it means the format.
const FORMATS: [&str; 6] = ["auto", "emqx", "table", "json", "ndjson", "csv"];

/// Writes `--follow` for a `-f` after `trace` or `events` that is no format.
pub fn spell_follow(arguments: &[OsString]) -> Vec<OsString> {
    let mut spelled = arguments.to_vec();
    let Some(group) =
        group_place(arguments).filter(|place| arguments[*place] == "trace" || arguments[*place] == "events")
    else {
        return spelled;
    };
    for place in group + 1..spelled.len() {
        let is_format = |next: &OsString| next.to_str().is_some_and(|next| FORMATS.contains(&next));
        match spelled[place].to_str() {
            // What follows is no option any more.
            Some("--") => break,
            Some("-f") if !spelled.get(place + 1).is_some_and(is_format) => spelled[place] = "--follow".into(),
            _ => {}
        }
    }
    spelled
}

/// Where the command stands: the first word that is neither an option nor the value of one.
fn group_place(arguments: &[OsString]) -> Option<usize> {
    const WITH_VALUE: [&str; 9] = [
        "-s",
        "--socket",
        "-f",
        "--format",
        "-t",
        "--timeout",
        "--color",
        "--lang",
        "--compat",
    ];
    let mut place = 1;
    while let Some(word) = arguments.get(place) {
        let Some(text) = word.to_str().filter(|text| text.starts_with('-')) else {
            return Some(place);
        };
        place += if WITH_VALUE.contains(&text) { 2 } else { 1 };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(line: &str) -> String {
        let words: Vec<OsString> = line.split(' ').map(Into::into).collect();
        let words = spell_follow(&words);
        let words: Vec<_> = words.iter().map(|word| word.to_str().unwrap()).collect();
        words.join(" ")
    }

    #[test]
    fn the_letter_f_means_follow_for_traces_unless_a_format_comes_next() {
        for (line, expected) in [
            ("ctl trace topic t -f", "ctl trace topic t --follow"),
            ("ctl trace -f client c", "ctl trace --follow client c"),
            ("ctl trace client c -f json", "ctl trace client c -f json"),
            ("ctl trace client c -f json -f", "ctl trace client c -f json --follow"),
            ("ctl -f json trace client c -f", "ctl -f json trace client c --follow"),
            ("ctl -t 5s trace topic t/# -f", "ctl -t 5s trace topic t/# --follow"),
            ("ctl clients list -f", "ctl clients list -f"),
            ("ctl why trace -f", "ctl why trace -f"),
            ("ctl trace topic -- -f", "ctl trace topic -- -f"),
        ] {
            assert_eq!(spelled(line), expected);
        }
    }

    #[test]
    fn sizes_have_units_of_1024() {
        for (text, bytes) in [
            ("1000", 1000),
            ("512MiB", 512 << 20),
            ("1g", 1 << 30),
            ("10K", 10 << 10),
        ] {
            assert_eq!(size(text), Ok(bytes));
        }
        for text in [
            "",
            "0",
            "MiB",
            "1TiB",
            "-1",
            "1.5M",
            "99999999999999999999",
            "99999999999GiB",
        ] {
            assert!(size(text).is_err(), "{text}");
        }
    }
}
