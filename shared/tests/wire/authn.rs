//! Requests and views of `authn`.

use emqx_shared::request::{AuthnRequest, Password, UserPlace, UserText};
use emqx_shared::views::*;
use emqx_shared::{Request, View};

/// In the order of the enum.
pub fn requests() -> Vec<Request> {
    let of = || UserPlace {
        authenticator: Some("scram:built_in_database".to_owned()),
        listener: Some("ssl:default".to_owned()),
    };
    let user_id = || "sensor-7".to_owned();
    let password = || Password("secret".to_owned());
    [
        AuthnRequest::List,
        AuthnRequest::ListUsers {
            of: UserPlace::default(),
            limit: Some(20),
            after: Some(user_id()),
        },
        AuthnRequest::AddUser {
            of: of(),
            user_id: user_id(),
            password: password(),
            is_superuser: true,
        },
        AuthnRequest::SetUserPassword {
            of: of(),
            user_id: user_id(),
            password: password(),
            is_superuser: Some(false),
        },
        AuthnRequest::DeleteUser {
            of: of(),
            user_id: user_id(),
        },
        AuthnRequest::ImportUsers {
            of: of(),
            is_json: false,
            are_hashes: true,
            overwrite: true,
            before: 500,
            text: UserText("user_id,password_hash,salt\nu,abcd,ef\n".to_owned()),
        },
    ]
    .map(Request::Authn)
    .into()
}

/// In the order of the enum.
pub fn views() -> Vec<View> {
    vec![
        View::Authenticators(vec![AuthenticatorView {
            listener: Some("ssl:default".to_owned()),
            id: "password_based:built_in_database".to_owned(),
            enable: true,
            detail: "sha256".to_owned(),
            user_id_type: Some("username".to_owned()),
            users: Some(3),
        }]),
        View::Users(vec![UserView {
            user_id: "sensor-7".to_owned(),
            is_superuser: true,
            authenticator: "password_based:built_in_database".to_owned(),
        }]),
    ]
}
