//! `admins list|add|passwd|del`, `admin USER PASSWORD`

use emqx_shared::request::AdminsRequest;
use emqx_shared::{ErrorCode, ExitCode, Request, View};

use super::{Outcome, stream_list};
use crate::app::App;
use crate::cli::{AdminCommand, AdminsCommand, GivenPassword, PasswordArgs};
use crate::compat::Compat;
use crate::connect::unexpected;
use crate::failure::CliFailure;
use crate::password;
use crate::render::{Deed, DeedKind};

pub fn run(command: AdminsCommand, app: &mut App) -> Outcome {
    match command {
        AdminsCommand::List => {
            let mut connection = app.connect()?;
            let list = app.printer.list();
            let request = Request::Admins(AdminsRequest::List);
            stream_list(&mut connection, &request, list, |view| match view {
                View::Admins(rows) => Ok(rows),
                other => Err(unexpected(&other)),
            })?;
            Ok(ExitCode::Done)
        }
        AdminsCommand::Add {
            username,
            password,
            description,
            role,
            described,
            with_role,
            source,
        } => {
            let password = obtain(&username, password, &source, app)?;
            let deed = Deed::new(DeedKind::AddAdmin, &username);
            let request = AdminsRequest::Add {
                username,
                password,
                description: described.unwrap_or(description),
                role: role.or(with_role),
            };
            change(request, &deed, app)
        }
        AdminsCommand::Passwd {
            username,
            password,
            source,
        } => {
            let password = obtain(&username, password, &source, app)?;
            let deed = Deed::new(DeedKind::SetAdminPassword, &username);
            change(AdminsRequest::SetPassword { username, password }, &deed, app)
        }
        AdminsCommand::Del { username, backend } => {
            if backend.is_some_and(|backend| backend != "local") {
                return Err(CliFailure::usage("only accounts of the backend \"local\" are there").into());
            }
            let deed = Deed::new(DeedKind::DeleteAdmin, &username);
            change(AdminsRequest::Delete { username }, &deed, app)
        }
    }
}

/// As [`run`]; `admin USER PASSWORD` is `admins passwd`.
pub fn run_alias(command: AdminCommand, app: &mut App) -> Outcome {
    let words = match command {
        AdminCommand::Admins(command) => return run(command, app),
        AdminCommand::Passwd(words) => words,
    };
    match <[String; 2]>::try_from(words) {
        Ok([username, password]) => {
            let command = AdminsCommand::Passwd {
                username,
                password: Some(GivenPassword(password)),
                source: PasswordArgs { password_file: None },
            };
            run(command, app)
        }
        Err(_) => Err(CliFailure::usage("`admin` takes a user name and a password")
            .next("emqx-ctl admins passwd USER, to be asked for the password")
            .next("emqx-ctl help admins")
            .into()),
    }
}

fn obtain(
    username: &str,
    given: Option<GivenPassword>,
    source: &PasswordArgs,
    app: &App,
) -> Result<emqx_shared::request::Password, CliFailure> {
    password::obtain(username, given, source, app.prompts, app.printer.look.quiet)
}

fn change(request: AdminsRequest, deed: &Deed, app: &mut App) -> Outcome {
    let compat = app.printer.look.compat;
    let is_add = matches!(request, AdminsRequest::Add { .. });
    let request = Request::Admins(request);
    let answer = app.connect()?.ask(&request);
    answer.map_err(|failure| as_emqx(failure, compat, is_add))?;
    app.printer.one(deed)?;
    Ok(ExitCode::Done)
}

/// EMQX's line for a refusal.
fn as_emqx(failure: CliFailure, compat: Compat, is_add: bool) -> CliFailure {
    let code = failure.code;
    let is = |wanted: ErrorCode| code == wanted.name();
    let text = match compat {
        Compat::V4 if is(ErrorCode::AdminExists) => "Error: already existed".to_owned(),
        Compat::V4 if is(ErrorCode::AdminNotFound) && !is_add => "{error,<<\"Username Not Found\">>}".to_owned(),
        _ if is(ErrorCode::AdminExists) || is(ErrorCode::AdminNotFound) || is(ErrorCode::InvalidArgument) => {
            format!("Error: {}", failure.message)
        }
        _ => return failure,
    };
    failure.classic(text + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use emqx_shared::Failure;

    #[test]
    fn each_generation_of_emqx_has_its_own_words() {
        let said = |compat, code, message: &str, is_add| {
            as_emqx(Failure::new(code, message).into(), compat, is_add)
                .classic
                .unwrap_or_default()
        };
        let (found, exists) = (ErrorCode::AdminNotFound, ErrorCode::AdminExists);
        assert_eq!(
            said(Compat::V5, found, "username_not_found", false),
            "Error: username_not_found\n"
        );
        assert_eq!(
            said(Compat::V5, exists, "username_already_exists", true),
            "Error: username_already_exists\n"
        );
        assert_eq!(
            said(Compat::V4, found, "username_not_found", false),
            "{error,<<\"Username Not Found\">>}\n"
        );
        assert_eq!(
            said(Compat::V4, exists, "username_already_exists", true),
            "Error: already existed\n"
        );
        assert_eq!(said(Compat::V5, ErrorCode::Busy, "busy", true), "");
    }
}
