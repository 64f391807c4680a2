//! `authn list`, `authn users list|add|passwd|del|import`, and EMQX 4's `user` and `clientid`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::admins::{GivenPassword, PasswordArgs};

#[derive(Debug, Subcommand)]
pub enum AuthnCommand {
    /// Who is asked about clients that connect, in order
    #[command(visible_alias = "status")]
    List,
    /// Users that are kept on this node (backend built_in_database)
    #[command(subcommand, alias = "user")]
    Users(UsersCommand),
}

/// Where the password of a user comes from: asked for if there is no file. Never from the list of processes.
#[derive(Debug, Args)]
pub struct PasswordFileArgs {
    /// Read the password from a file, or from stdin with -
    #[arg(long, value_name = "FILE|-")]
    pub password_file: Option<PathBuf>,
}

/// Whose users.
#[derive(Debug, Args)]
pub struct UserPlaceArgs {
    /// Such as scram:built_in_database, if there are two
    #[arg(long, value_name = "ID")]
    pub authenticator: Option<String>,
    /// The listener whose own chain it is in, such as ssl:default
    #[arg(long, value_name = "ID")]
    pub listener: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum UsersCommand {
    /// All users, by name
    List {
        #[command(flatten)]
        of: UserPlaceArgs,
        /// At most so many
        #[arg(long, value_name = "N")]
        limit: Option<u32>,
        /// Only names behind this one, to go on with a list
        #[arg(long, value_name = "USER")]
        after: Option<String>,
    },
    /// Add one; asks for the password if no file is given
    Add {
        /// User name or client id, as the authenticator's user_id_type says
        #[arg(value_name = "USER")]
        user_id: String,
        #[command(flatten)]
        of: UserPlaceArgs,
        /// Is not asked for permissions
        #[arg(long)]
        superuser: bool,
        #[command(flatten)]
        source: PasswordFileArgs,
    },
    /// Give one a new password
    Passwd {
        /// Whose
        #[arg(value_name = "USER")]
        user_id: String,
        #[command(flatten)]
        of: UserPlaceArgs,
        /// Whether it is asked for permissions from now on
        #[arg(long, value_name = "true|false")]
        superuser: Option<bool>,
        #[command(flatten)]
        source: PasswordFileArgs,
    },
    /// Remove one; its connection stays until it ends
    Del {
        /// Who goes
        #[arg(value_name = "USER")]
        user_id: String,
        #[command(flatten)]
        of: UserPlaceArgs,
    },
    /// Take over the users of a .csv or .json file
    Import {
        /// CSV with a header, or a JSON array: user_id, is_superuser, and password, or password_hash and salt
        file: PathBuf,
        #[command(flatten)]
        of: UserPlaceArgs,
        /// What the file holds
        #[arg(long = "type", value_enum, default_value = "plain")]
        kind: RowKind,
        /// Leave users as they are that are there already
        #[arg(long)]
        keep: bool,
    },
}

/// EMQX's `bootstrap_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RowKind {
    /// Passwords
    Plain,
    /// Hashes, made with the algorithm of the authenticator
    Hash,
}

/// EMQX 4's `user …` and `clientid …`.
#[derive(Debug, Subcommand)]
pub enum ClassicUsersCommand {
    /// All of them
    List,
    /// Add one
    Add {
        name: String,
        password: Option<GivenPassword>,
        #[command(flatten)]
        source: PasswordArgs,
    },
    /// Give one a new password
    Update {
        name: String,
        password: Option<GivenPassword>,
        #[command(flatten)]
        source: PasswordArgs,
    },
    /// Remove one
    Del { name: String },
}
