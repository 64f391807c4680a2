//! Requests and views of `admins`, `banned`, `alarms` and `data`.

use emqx_shared::request::{AdminsRequest, BannedRequest, DataRequest, Password, SecretRow};
use emqx_shared::views::*;
use emqx_shared::{Request, View};

const TIME: u64 = 1_732_000_000_000;

fn name() -> String {
    "admin".to_owned()
}

fn row() -> SecretRow {
    SecretRow("{}".to_owned())
}

/// In the order of the enums.
pub fn requests() -> Vec<Request> {
    let (kind, who) = ("clientid".to_owned(), "sensor-7".to_owned());
    let password = Password("Public_1".to_owned());
    vec![
        Request::Admins(AdminsRequest::List),
        Request::Admins(AdminsRequest::Add {
            username: name(),
            password: password.clone(),
            description: "d".to_owned(),
            role: Some("viewer".to_owned()),
        }),
        Request::Admins(AdminsRequest::SetPassword {
            username: name(),
            password,
        }),
        Request::Admins(AdminsRequest::Delete { username: name() }),
        Request::Banned(BannedRequest::List),
        Request::Banned(BannedRequest::Add {
            kind: kind.clone(),
            who: who.clone(),
            reason: "r".to_owned(),
            by: Some("li".to_owned()),
            duration_ms: Some(3_600_000),
            until_ms: Some(1_732_003_600_000),
        }),
        Request::Banned(BannedRequest::Delete { kind, who }),
        Request::Banned(BannedRequest::Clear),
        Request::Data(DataRequest::ListAlarms { history: true }),
        Request::Data(DataRequest::Export),
        Request::Data(DataRequest::Import {
            table: "emqx_banned".to_owned(),
            rows: vec![row()],
        }),
    ]
}

/// In the order of the enum.
pub fn views() -> Vec<View> {
    let ban = BanView {
        kind: "clientid".to_owned(),
        who: "sensor-7".to_owned(),
        by: "li".to_owned(),
        reason: "r".to_owned(),
        at_ms: TIME,
        until_ms: Some(TIME + 1),
    };
    vec![
        View::Admins(vec![AdminView {
            username: name(),
            description: "d".to_owned(),
            role: "administrator".to_owned(),
            must_change_password: true,
            locked_until_ms: Some(TIME),
            created_at_ms: TIME,
            password_set_at_ms: TIME,
        }]),
        View::Bans(vec![ban.clone()]),
        View::Banned(Box::new(BannedView { ban, kicked: 1 })),
        View::RowsChanged(7),
        View::Alarms(vec![AlarmView {
            node: "emqx@127.0.0.1".to_owned(),
            name: "license_expiry".to_owned(),
            message: "license_expiry".to_owned(),
            details: "{}".to_owned(),
            activate_at_ms: TIME,
            deactivate_at_ms: Some(TIME + 1),
        }]),
        View::DataRows(vec![DataRowView {
            table: "emqx_admin".to_owned(),
            row: row(),
        }]),
    ]
}
