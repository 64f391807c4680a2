//! `completion SHELL`

use clap::Args;

use crate::completion::Shell;

#[derive(Debug, Args)]
pub struct CompletionArgs {
    /// Whose; the packages install all three
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: Shell,
}
