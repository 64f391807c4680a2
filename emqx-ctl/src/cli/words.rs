//! `explain` and `help`

use clap::Args;

#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A reason, a reason code (0x8E), an error, or a whole log line in quotes
    #[arg(value_name = "TERM", required = true)]
    pub terms: Vec<String>,
}

#[derive(Debug, Default, Args)]
pub struct HelpArgs {
    /// A command such as `clients kick`, or exit-codes, formats, compat
    #[arg(value_name = "TOPIC")]
    pub topic: Vec<String>,
}
