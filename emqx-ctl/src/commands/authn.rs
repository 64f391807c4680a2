//! `authn list`, `authn users …`, and EMQX 4's `user …` and `clientid …`.
//!
//! Passwords are asked for or read from a file, never taken from the command line but in EMQX 4's spelling, whose scripts
//! give them so. A file of users is sent in pieces that are whole by themselves.

use std::fs;
use std::path::Path;

use emqx_shared::request::{AuthnRequest, Password, USER_IMPORT_BYTES_MAX, UserPlace, UserText};
use emqx_shared::views::{AuthenticatorView, UserView};
use emqx_shared::{ErrorCode, ExitCode, Request, View};
use serde_json::Value;

use super::{Outcome, stream_list};
use crate::app::App;
use crate::cli::{
    AuthnCommand, ClassicUsersCommand, GivenPassword, PasswordArgs, PasswordFileArgs, RowKind, UserPlaceArgs,
    UsersCommand,
};
use crate::connect::unexpected;
use crate::failure::{CliFailure, Stop};
use crate::password;
use crate::render::{Deed, DeedKind, ImportedUsers};

/// Longest file that is read.
const FILE_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// Rows of one piece whose passwords the daemon has to hash: each may take a third of a second.
const PLAIN_ROWS_MAX: usize = 20;
/// Rows of one piece of hashes.
const HASH_ROWS_MAX: usize = 500;

pub fn run(command: AuthnCommand, app: &mut App) -> Outcome {
    match command {
        AuthnCommand::List => {
            let mut connection = app.connect()?;
            let list = app.printer.list();
            stream_list(
                &mut connection,
                &Request::Authn(AuthnRequest::List),
                list,
                authenticators,
            )?;
            Ok(ExitCode::Done)
        }
        AuthnCommand::Users(command) => run_users(command, app),
    }
}

fn authenticators(view: View) -> Result<Vec<AuthenticatorView>, CliFailure> {
    match view {
        View::Authenticators(rows) => Ok(rows),
        other => Err(unexpected(&other)),
    }
}

fn users(view: View) -> Result<Vec<UserView>, CliFailure> {
    match view {
        View::Users(rows) => Ok(rows),
        other => Err(unexpected(&other)),
    }
}

fn run_users(command: UsersCommand, app: &mut App) -> Outcome {
    match command {
        UsersCommand::List { of, limit, after } => {
            let of = place(of);
            list_users(AuthnRequest::ListUsers { of, limit, after }, app)
        }
        UsersCommand::Add {
            user_id,
            of,
            superuser,
            source,
        } => {
            let password = ask_password(&user_id, source, app)?;
            let deed = Deed::new(DeedKind::AddUser, &user_id);
            let request = AuthnRequest::AddUser {
                of: place(of),
                user_id,
                password,
                is_superuser: superuser,
            };
            change(request, &deed, app)
        }
        UsersCommand::Passwd {
            user_id,
            of,
            superuser,
            source,
        } => {
            let password = ask_password(&user_id, source, app)?;
            let deed = Deed::new(DeedKind::SetUserPassword, &user_id);
            let request = AuthnRequest::SetUserPassword {
                of: place(of),
                user_id,
                password,
                is_superuser: superuser,
            };
            change(request, &deed, app)
        }
        UsersCommand::Del { user_id, of } => {
            let deed = Deed::new(DeedKind::DeleteUser, &user_id);
            let of = place(of);
            change(AuthnRequest::DeleteUser { of, user_id }, &deed, app)
        }
        UsersCommand::Import { file, of, kind, keep } => import(&file, place(of), kind, !keep, app),
    }
}

fn place(of: UserPlaceArgs) -> UserPlace {
    UserPlace {
        authenticator: of.authenticator,
        listener: of.listener,
    }
}

fn ask_password(user_id: &str, source: PasswordFileArgs, app: &App) -> Result<Password, CliFailure> {
    let password_file = source.password_file;
    let source = PasswordArgs { password_file };
    password::obtain(user_id, None, &source, app.prompts, app.printer.look.quiet)
}

fn list_users(request: AuthnRequest, app: &mut App) -> Outcome {
    let mut connection = app.connect()?;
    let list = app.printer.list();
    stream_list(&mut connection, &Request::Authn(request), list, users)?;
    Ok(ExitCode::Done)
}

fn change(request: AuthnRequest, deed: &Deed, app: &mut App) -> Outcome {
    app.connect()?.ask(&Request::Authn(request))?;
    app.printer.one(deed)?;
    Ok(ExitCode::Done)
}

/// EMQX 4's `user …` (`id_type` is `username`) and `clientid …`.
pub fn run_classic(command: ClassicUsersCommand, id_type: &'static str, app: &mut App) -> Outcome {
    let of = UserPlace {
        authenticator: Some("password_based:built_in_database".to_owned()),
        listener: None,
    };
    check_id_type(id_type, app)?;
    let obtain = |name: &str, given: Option<GivenPassword>, source: &PasswordArgs, app: &App| {
        password::obtain(name, given, source, app.prompts, app.printer.look.quiet)
    };
    let (request, deed) = match command {
        ClassicUsersCommand::List => {
            let request = AuthnRequest::ListUsers {
                of,
                limit: None,
                after: None,
            };
            return list_users(request, app);
        }
        ClassicUsersCommand::Add { name, password, source } => {
            let request = AuthnRequest::AddUser {
                of,
                password: obtain(&name, password, &source, app)?,
                user_id: name.clone(),
                is_superuser: false,
            };
            (request, Deed::new(DeedKind::AddUser, name))
        }
        ClassicUsersCommand::Update { name, password, source } => {
            let request = AuthnRequest::SetUserPassword {
                of,
                password: obtain(&name, password, &source, app)?,
                user_id: name.clone(),
                is_superuser: None,
            };
            (request, Deed::new(DeedKind::SetUserPassword, name))
        }
        ClassicUsersCommand::Del { name } => {
            let user_id = name.clone();
            (
                AuthnRequest::DeleteUser { of, user_id },
                Deed::new(DeedKind::DeleteUser, name),
            )
        }
    };
    match change(request, &deed, app) {
        Err(Stop::Failure(failure)) => Err(as_emqx_4(*failure).into()),
        other => other,
    }
}

/// A database knows users by one of the two only; the other word must not change it.
fn check_id_type(id_type: &'static str, app: &mut App) -> Result<(), Stop> {
    let mut found = None;
    app.connect()?
        .stream(&Request::Authn(AuthnRequest::List), &mut |view| {
            let rows = authenticators(view)?;
            let mut here = rows.into_iter().filter(|row| row.listener.is_none());
            if let Some(row) = here.find(|row| row.id == "password_based:built_in_database") {
                found = row.user_id_type;
            }
            Ok(())
        })?;
    match found {
        Some(known) if known == id_type => Ok(()),
        Some(known) => Err(
            CliFailure::usage(format!("users are known by {known} here, not by {id_type}"))
                .next("emqx-ctl authn list")
                .into(),
        ),
        // The daemon says what is missing.
        None => Ok(()),
    }
}

fn as_emqx_4(failure: CliFailure) -> CliFailure {
    let is = |code: ErrorCode| failure.code == code.name();
    let text = match () {
        () if is(ErrorCode::UserExists) => "Error: existed\n",
        () if is(ErrorCode::UserNotFound) => "Error: not_found\n",
        () if is(ErrorCode::InvalidArgument) => "Error: Input is illegal\n",
        () => return failure,
    };
    failure.classic(text)
}

fn import(path: &Path, of: UserPlace, kind: RowKind, overwrite: bool, app: &mut App) -> Outcome {
    let are_hashes = kind == RowKind::Hash;
    let rows_max = if are_hashes { HASH_ROWS_MAX } else { PLAIN_ROWS_MAX };
    let (is_json, text) = read(path)?;
    let pieces = if is_json {
        json_pieces(&text, rows_max)
    } else {
        Ok(csv_pieces(&text, rows_max))
    };
    let pieces = pieces.map_err(|why| bad_file(path, &why))?;
    let mut connection = app.connect()?;
    let mut imported = 0;
    for (before, text) in pieces {
        let request = AuthnRequest::ImportUsers {
            of: of.clone(),
            is_json,
            are_hashes,
            overwrite,
            before,
            text: UserText(text),
        };
        match connection.ask(&Request::Authn(request)) {
            Ok(View::RowsChanged(users)) => imported += users,
            Ok(other) => return Err(unexpected(&other).into()),
            Err(failure) if imported == 0 => return Err(failure.into()),
            Err(failure) => {
                let done = format!("{imported} users of the lines before are there; the import can be run again");
                return Err(failure.next(done).into());
            }
        }
    }
    app.printer.one(&ImportedUsers { users: imported })?;
    Ok(ExitCode::Done)
}

fn bad_file(path: &Path, why: &str) -> CliFailure {
    let message = format!("{} was not imported", path.display());
    CliFailure::new("bad_data", ExitCode::BadData, message).why(why)
}

/// The text of a file, and whether it is JSON.
fn read(path: &Path) -> Result<(bool, String), CliFailure> {
    let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
    let is_json = match ending.as_ref().and_then(|ending| ending.to_str()) {
        Some("json") => true,
        Some("csv") => false,
        _ => return Err(bad_file(path, "its name ends neither in .csv nor in .json")),
    };
    let length = fs::metadata(path).map_or(0, |metadata| metadata.len());
    if length > FILE_BYTES_MAX {
        return Err(bad_file(path, "it is longer than 512 MiB; split it"));
    }
    let bytes = fs::read(path).map_err(|error| {
        let (code, exit) = match error.kind() {
            std::io::ErrorKind::NotFound => ("no_input", ExitCode::NoInput),
            _ => ("io_error", ExitCode::Io),
        };
        let message = format!("cannot read {}", path.display());
        CliFailure::new(code, exit, message).why(error.to_string())
    })?;
    let text = String::from_utf8(bytes).map_err(|_| bad_file(path, "it is not UTF-8"))?;
    Ok((is_json, text))
}

/// Lines under their header, with how many lines of the file come before them.
fn csv_pieces(text: &str, rows_max: usize) -> Vec<(u64, String)> {
    let mut lines = text.lines();
    let header = lines.next().unwrap_or_default();
    let mut pieces: Vec<(u64, String)> = vec![(0, header.to_owned() + "\n")];
    let (mut rows, mut before) = (0, 0);
    for line in lines {
        let is_full = |piece: &String| rows >= rows_max || piece.len() + line.len() >= USER_IMPORT_BYTES_MAX;
        if rows > 0 && pieces.last().is_some_and(|(_, piece)| is_full(piece)) {
            pieces.push((before, header.to_owned() + "\n"));
            rows = 0;
        }
        if let Some((_, piece)) = pieces.last_mut() {
            piece.push_str(line);
            piece.push('\n');
        }
        rows += 1;
        before += 1;
    }
    pieces
}

/// Arrays of some elements each, with how many elements come before them.
fn json_pieces(text: &str, rows_max: usize) -> Result<Vec<(u64, String)>, String> {
    let document: Value = serde_json::from_str(text)
        .map_err(|error| format!("it is no JSON (line {}, column {})", error.line(), error.column()))?;
    let Value::Array(elements) = document else {
        return Err("it is no array of users".to_owned());
    };
    let mut pieces: Vec<(u64, String)> = Vec::new();
    let (mut rows, mut before) = (0, 0);
    for element in elements {
        let element = element.to_string();
        let is_full = |piece: &String| rows >= rows_max || piece.len() + element.len() + 2 > USER_IMPORT_BYTES_MAX;
        match pieces.last_mut().filter(|(_, piece)| !is_full(piece)) {
            Some((_, piece)) => {
                piece.push(',');
                piece.push_str(&element);
            }
            None => {
                pieces.push((before, format!("[{element}")));
                rows = 0;
            }
        }
        rows += 1;
        before += 1;
    }
    for (_, piece) in &mut pieces {
        piece.push(']');
    }
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_piece_of_a_csv_has_the_header_and_knows_its_place() {
        let text = "user_id,password\r\na,1\nb,2\nc,3\n";
        assert_eq!(
            csv_pieces(text, 2),
            [
                (0, "user_id,password\na,1\nb,2\n".to_owned()),
                (2, "user_id,password\nc,3\n".to_owned())
            ]
        );
        assert_eq!(
            csv_pieces("", 2),
            [(0, "\n".to_owned())],
            "the daemon says what is wrong"
        );
        let long = format!("h\n{0}\n{0}\n{0}\n", "x".repeat(USER_IMPORT_BYTES_MAX / 2));
        let pieces = csv_pieces(&long, 100);
        assert_eq!(pieces.len(), 3);
        assert!(pieces.iter().all(|(_, piece)| piece.len() <= USER_IMPORT_BYTES_MAX));
    }

    #[test]
    fn each_piece_of_json_is_an_array_and_knows_its_place() {
        let pieces = json_pieces("[{\"user_id\":\"a\"}, 1, [2]]", 2).unwrap();
        assert_eq!(
            pieces,
            [(0, "[{\"user_id\":\"a\"},1]".to_owned()), (2, "[[2]]".to_owned())]
        );
        assert_eq!(json_pieces("[]", 2), Ok(Vec::new()));
        assert!(json_pieces("{}", 2).is_err());
        assert!(!json_pieces("[\"Canary", 2).unwrap_err().contains("Canary"));
    }

    #[test]
    fn refusals_have_emqx_4_s_words() {
        let said = |code: ErrorCode| {
            let failure = emqx_shared::Failure::new(code, "x");
            as_emqx_4(failure.into()).classic.unwrap_or_default()
        };
        assert_eq!(said(ErrorCode::UserExists), "Error: existed\n");
        assert_eq!(said(ErrorCode::UserNotFound), "Error: not_found\n");
        assert_eq!(said(ErrorCode::Busy), "");
    }
}
