//! `doctor` and `diagnose`

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::doctor::Category;

#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Only checks of these kinds; all unless given
    #[arg(value_name = "CATEGORY", value_enum)]
    pub categories: Vec<Category>,
    /// Do not ask the daemon: configuration, ports, files and kernel only
    #[arg(long)]
    pub offline: bool,
    /// Exit with 1 for warnings, too
    #[arg(long)]
    pub strict: bool,
    /// The configuration file to look at when no daemon answers
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum DiagnoseCommand {
    /// Write a file for those who are to help; secrets are taken out
    Bundle(BundleArgs),
    /// Judge the facts in such a file as doctor does
    Analyze(AnalyzeArgs),
}

#[derive(Debug, Args)]
pub struct BundleArgs {
    /// Where to write it; a name with node and time in this folder unless given
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Pseudonyms in place of client ids, user names, addresses and topics
    #[arg(long)]
    pub anonymize: bool,
    /// Replace a file that is there
    #[arg(long)]
    pub force: bool,
    /// Do not ask the daemon
    #[arg(long)]
    pub offline: bool,
    /// The configuration file to look at when no daemon answers
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct AnalyzeArgs {
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Exit with 1 for warnings, too
    #[arg(long)]
    pub strict: bool,
}
