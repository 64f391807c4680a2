//! `authz list|show|check|rules|reload`. EMQX's `authz cache-clean` is in `system.rs`.

use emqx_shared::request::{AuthzQuestion, AuthzRequest, RuleHolder};
use emqx_shared::{ExitCode, Request, View};

use super::{Outcome, stream_list, system};
use crate::app::App;
use crate::cli::{AuthzCommand, CheckArgs, CheckedAction, HolderArgs, RulesCommand};
use crate::connect::unexpected;
use crate::failure::CliFailure;
use crate::render::{Deed, DeedKind};

pub fn run(command: AuthzCommand, app: &mut App) -> Outcome {
    match command {
        AuthzCommand::List => list(app),
        AuthzCommand::Show => rules(AuthzRequest::Show, app),
        AuthzCommand::Check(args) => check(args, app),
        AuthzCommand::Rules(command) => run_rules(command, app),
        AuthzCommand::Reload => {
            ask(AuthzRequest::Reload, app)?;
            done(DeedKind::ReloadRules, "acl.conf", app)
        }
        AuthzCommand::CacheClean { target } => system::clean_authz_cache(&target, app),
    }
}

fn ask(request: AuthzRequest, app: &mut App) -> Result<View, CliFailure> {
    app.connect()?.ask(&Request::Authz(request))
}

fn done(kind: DeedKind, target: &str, app: &mut App) -> Outcome {
    app.printer.one(&Deed::new(kind, target))?;
    Ok(ExitCode::Done)
}

fn list(app: &mut App) -> Outcome {
    let mut connection = app.connect()?;
    let list = app.printer.list();
    let request = Request::Authz(AuthzRequest::List);
    stream_list(&mut connection, &request, list, |view| match view {
        View::AuthzSources(rows) => Ok(rows),
        other => Err(unexpected(&other)),
    })?;
    Ok(ExitCode::Done)
}

fn rules(request: AuthzRequest, app: &mut App) -> Outcome {
    let mut connection = app.connect()?;
    let list = app.printer.list();
    stream_list(&mut connection, &Request::Authz(request), list, |view| match view {
        View::AuthzRules(rows) => Ok(rows),
        other => Err(unexpected(&other)),
    })?;
    Ok(ExitCode::Done)
}

fn check(args: CheckArgs, app: &mut App) -> Outcome {
    let question = AuthzQuestion {
        client_id: args.client_id,
        username: args.username,
        address: args.ip.map(|address| address.to_string()),
        action: match args.action {
            CheckedAction::Publish => "publish",
            CheckedAction::Subscribe => "subscribe",
        }
        .to_owned(),
        topic: args.topic,
        qos: args.qos,
        retain: args.retain,
    };
    let decision = match ask(AuthzRequest::Check(Box::new(question)), app)? {
        View::AuthzDecision(decision) => decision,
        other => return Err(unexpected(&other).into()),
    };
    app.printer.one(&*decision)?;
    Ok(if decision.is_allowed {
        ExitCode::Done
    } else {
        ExitCode::NegativeAnswer
    })
}

fn run_rules(command: RulesCommand, app: &mut App) -> Outcome {
    match command {
        RulesCommand::List(holder) => rules(AuthzRequest::ListRules { holder: holder.read() }, app),
        RulesCommand::Add {
            holder,
            permission,
            action,
            topic,
            qos,
            retain,
        } => {
            let holder = needed(holder)?;
            let target = topic.clone();
            let request = AuthzRequest::AddRule {
                holder,
                permission,
                action,
                topic,
                qos,
                retain,
            };
            ask(request, app)?;
            done(DeedKind::AddRule, &target, app)
        }
        RulesCommand::Del { holder, topic } => {
            let holder = needed(holder)?;
            let target = topic.clone().unwrap_or_else(|| "all".to_owned());
            ask(AuthzRequest::DeleteRules { holder, topic }, app)?;
            done(DeedKind::DeleteRules, &target, app)
        }
    }
}

fn needed(holder: HolderArgs) -> Result<RuleHolder, CliFailure> {
    let missing = || CliFailure::usage("whose rules? choose --clientid CLIENTID, --username NAME or --all");
    holder.read().ok_or_else(missing)
}

impl HolderArgs {
    fn read(self) -> Option<RuleHolder> {
        match self {
            Self { all: true, .. } => Some(RuleHolder::All),
            Self {
                clientid: Some(name), ..
            } => Some(RuleHolder::ClientId(name)),
            Self {
                username: Some(name), ..
            } => Some(RuleHolder::Username(name)),
            _ => None,
        }
    }
}
