//! `alarms list`, `data export` and `data import`.
//!
//! An export is rows of JSON by table, named as EMQX names its tables; the CLI packs and unpacks the archive. Rows of
//! an import are checked one by one and go through the state machine, so they can do no more than the verbs can.

use emqx_shared::request::{DataRequest, SecretRow};
use emqx_shared::views::{AlarmView, DataRowView};
use emqx_shared::{ErrorCode, Failure, View};
use serde::de::DeserializeOwned;

use super::authn;
use super::server::ReplySender;
use super::state::refused;
use crate::admins::{check_username, password};
use crate::alarms::Alarm;
use crate::authz;
use crate::node::NodeShared;
use crate::state::{Admin, Command, ImportedRows, UserTable};

/// EMQX's name of the table of administrators.
const ADMINS: &str = "emqx_admin";
/// EMQX's name of the table of bans.
const BANNED: &str = "emqx_banned";
/// EMQX's name of the table of the built-in database's rules about topics.
const ACCESS_RULES: &str = "emqx_acl";

/// Answers the verbs of the group.
pub(super) async fn handle(node: &NodeShared, request: DataRequest, replies: ReplySender) -> Result<View, Failure> {
    match request {
        DataRequest::ListAlarms { history } => {
            let alarms = if history {
                node.alarms.history()
            } else {
                node.alarms.active()
            };
            let mut rows = replies.rows(View::Alarms);
            for alarm in alarms {
                rows.row(view(node, alarm)).await?;
            }
            Ok(rows.finish(None).await?)
        }
        DataRequest::Export => export(node, replies).await,
        DataRequest::Import { table, rows } => import(node, &table, &rows).await,
    }
}

fn view(node: &NodeShared, alarm: Alarm) -> AlarmView {
    AlarmView {
        node: node.config.node.name.clone(),
        name: alarm.name,
        message: alarm.message,
        details: alarm.details.to_string(),
        activate_at_ms: alarm.activate_at_ms,
        deactivate_at_ms: alarm.deactivate_at_ms,
    }
}

async fn export(node: &NodeShared, replies: ReplySender) -> Result<View, Failure> {
    // One snapshot: the tables of an export belong together.
    let facts = node.state.facts();
    let mut rows = replies.rows(View::DataRows);
    let row = |table: &str, row: serde_json::Result<String>| {
        let row = row.map_err(|error| Failure::new(ErrorCode::Internal, error.to_string()))?;
        let (table, row) = (table.to_owned(), SecretRow(row));
        Ok::<_, Failure>(DataRowView { table, row })
    };
    for admin in facts.admins.values() {
        rows.row(row(ADMINS, serde_json::to_string(&**admin))?).await?;
    }
    for ban in facts.banned.iter() {
        rows.row(row(BANNED, serde_json::to_string(&**ban))?).await?;
    }
    for rules in facts.access_rules.iter() {
        rows.row(row(ACCESS_RULES, serde_json::to_string(&rules.stored()))?)
            .await?;
    }
    for table in UserTable::ALL {
        let mut page = authn::export_page(node, table, None).await?;
        while !page.is_empty() {
            for user in &page {
                rows.row(row(table.emqx_name(), serde_json::to_string(user))?).await?;
            }
            page = authn::export_page(node, table, page.pop()).await?;
        }
    }
    Ok(rows.finish(None).await?)
}

async fn import(node: &NodeShared, table: &str, rows: &[SecretRow]) -> Result<View, Failure> {
    let mut imported = ImportedRows::default();
    match table {
        ADMINS => imported.admins = parse(table, rows, check_admin)?,
        BANNED => imported.banned = parse(table, rows, |_| Ok(()))?,
        ACCESS_RULES => imported.access_rules = parse(table, rows, |_| Ok(()))?,
        other if let Some(table) = user_table(other) => {
            let users = parse(other, rows, |user| authn::check_exported(user, table))?;
            let overwrite = true;
            let applied = node
                .state
                .apply(Command::ImportUsers { users, overwrite })
                .await
                .map_err(refused)?;
            return Ok(View::RowsChanged(applied.rows as u64));
        }
        other => {
            let message = format!("\"{other}\" is no table of an export");
            return Err(Failure::new(ErrorCode::BadData, message));
        }
    }
    let has_access_rules = !imported.access_rules.is_empty();
    let rows = Box::new(imported);
    let applied = node.state.apply(Command::Import { rows }).await.map_err(refused)?;
    if has_access_rules {
        authz::rules_changed(node).await;
    }
    Ok(View::RowsChanged(applied.rows as u64))
}

fn user_table(name: &str) -> Option<UserTable> {
    UserTable::ALL.into_iter().find(|table| table.emqx_name() == name)
}

fn parse<T: DeserializeOwned>(
    table: &str,
    rows: &[SecretRow],
    check: impl Fn(&T) -> Result<(), &'static str>,
) -> Result<Vec<T>, Failure> {
    // What serde says may quote a value, which may be a hash: the place is enough.
    let bad = |number: usize| {
        let message = format!("row {} of this piece of {table} is none of an export", number + 1);
        Failure::new(ErrorCode::BadData, message)
    };
    let mut parsed = Vec::with_capacity(rows.len());
    for (number, row) in rows.iter().enumerate() {
        let value: T = serde_json::from_str(&row.0).map_err(|_| bad(number))?;
        check(&value).map_err(|why| bad(number).why(why))?;
        parsed.push(value);
    }
    Ok(parsed)
}

fn check_admin(admin: &Admin) -> Result<(), &'static str> {
    check_username(&admin.username)?;
    if password::is_hash(&admin.password) {
        return Ok(());
    }
    Err("its password is no hash of this version")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Ban;

    #[test]
    fn a_row_of_nested_arrays_is_refused() {
        let depth = 100_000;
        for (open, close) in [("[", "]"), ("{\"who\":", "}")] {
            let row = SecretRow(open.repeat(depth) + &close.repeat(depth));
            let refused = parse::<Ban>(BANNED, &[row], |_| Ok(())).unwrap_err();
            assert_eq!(refused.code, ErrorCode::BadData);
            assert!(refused.message.starts_with("row 1 of this piece"), "{refused:?}");
        }
    }
}
