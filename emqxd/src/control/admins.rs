//! `admins list|add|passwd|del`. The rules are in `admins/`, the accounts in the replicated state.

use emqx_shared::request::AdminsRequest;
use emqx_shared::views::AdminView;
use emqx_shared::{ErrorCode, Failure, View};

use super::server::ReplySender;
use super::state::refused;
use crate::admins::AdminError;
use crate::node::NodeShared;
use crate::state::AdminRole;

/// Answers the verbs of the group.
pub(super) async fn handle(node: &NodeShared, request: AdminsRequest, replies: ReplySender) -> Result<View, Failure> {
    let admins = &node.admins;
    let done = match request {
        AdminsRequest::List => return list(node, replies).await,
        AdminsRequest::Add {
            username,
            password,
            description,
            role,
        } => {
            let role = parse_role(role.as_deref())?;
            admins.add(username, password.0, description, role).await
        }
        AdminsRequest::SetPassword { username, password } => admins.set_password(username, password.0).await,
        AdminsRequest::Delete { username } => admins.delete(username).await,
    };
    done.map(|()| View::Nothing).map_err(failure)
}

async fn list(node: &NodeShared, replies: ReplySender) -> Result<View, Failure> {
    let now = node.clock.now();
    let mut rows = replies.rows(View::Admins);
    for admin in node.admins.list() {
        let locked_until = node.admins.locked_until(&admin.username, now);
        rows.row(AdminView {
            username: admin.username.clone(),
            description: admin.description.clone(),
            role: admin.role.as_str().to_owned(),
            must_change_password: admin.must_change_password,
            locked_until_ms: locked_until.map(|until| node.clock.unix_ms(until)),
            created_at_ms: admin.created_at_ms,
            password_set_at_ms: admin.password_set_at_ms,
        })
        .await?;
    }
    Ok(rows.finish(None).await?)
}

fn parse_role(role: Option<&str>) -> Result<AdminRole, Failure> {
    let Some(word) = role else {
        return Ok(AdminRole::default());
    };
    AdminRole::parse(word).ok_or_else(|| {
        Failure::new(ErrorCode::InvalidArgument, format!("\"{word}\" is no role"))
            .next("choose administrator or viewer")
    })
}

fn failure(error: AdminError) -> Failure {
    match error {
        AdminError::Rule(text) => Failure::new(ErrorCode::InvalidArgument, text),
        AdminError::Apply(error) => refused(error),
        AdminError::Random(error) => Failure::new(ErrorCode::Io, error.to_string()),
    }
}
