//! `data export|import`

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum DataCommand {
    /// Write administrators, bans and accounts of clients into a file that another node can import
    Export {
        /// The folder of the file; otherwise the one you are in
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
    /// Take over what another node exported; what has the same name is replaced, the rest stays
    Import {
        /// Such as emqx-export-2026-11-22-14-03-22.118.tar.gz
        file: PathBuf,
    },
}
