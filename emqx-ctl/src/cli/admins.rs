//! `admins list|add|passwd|del`, and `admin USER PASSWORD` as EMQX's FAQ writes it.

use std::convert::Infallible;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand};

/// A password of the command line. Prints as `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct GivenPassword(pub String);

impl std::fmt::Debug for GivenPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl FromStr for GivenPassword {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

/// Where a password comes from: asked for when none of these is given.
#[derive(Debug, Args)]
pub struct PasswordArgs {
    /// Read the password from a file, or from stdin with -
    #[arg(long, value_name = "FILE|-", conflicts_with = "password")]
    pub password_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum AdminsCommand {
    /// All administrators
    List,
    /// Add one; asks for the password if none is given
    Add {
        /// Letters, digits and underscores
        username: String,
        /// Better left out: others see it in the list of processes
        password: Option<GivenPassword>,
        /// For people
        #[arg(default_value = "", hide_default_value = true)]
        description: String,
        /// administrator or viewer
        role: Option<String>,
        /// As DESCRIPTION, where no password stands on the command line
        #[arg(long = "description", value_name = "TEXT", conflicts_with = "description")]
        described: Option<String>,
        /// As ROLE, where no password stands on the command line
        #[arg(long = "role", value_name = "ROLE", conflicts_with = "role")]
        with_role: Option<String>,
        #[command(flatten)]
        source: PasswordArgs,
    },
    /// Give one a new password, and let it in again after too many wrong ones
    Passwd {
        /// Whose
        username: String,
        /// Better left out: others see it in the list of processes
        password: Option<GivenPassword>,
        #[command(flatten)]
        source: PasswordArgs,
    },
    /// Remove one
    Del {
        /// Who goes
        username: String,
        /// Only `local` accounts are there
        #[arg(hide = true)]
        backend: Option<String>,
    },
}

/// `admin`: as `admins`, and `admin USER PASSWORD`.
#[derive(Subcommand)]
pub enum AdminCommand {
    #[command(flatten)]
    Admins(AdminsCommand),
    /// `admin USER PASSWORD` is `admins passwd USER PASSWORD`
    #[command(external_subcommand)]
    Passwd(Vec<String>),
}

impl std::fmt::Debug for AdminCommand {
    /// Without the password that is among the words.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Admins(command) => command.fmt(f),
            Self::Passwd(_) => f.write_str("Passwd(***)"),
        }
    }
}
