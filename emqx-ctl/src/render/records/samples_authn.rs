//! Made-up authenticators and users, and their golden texts.

use emqx_shared::views::{AuthenticatorView, UserView};

use super::authn::ImportedUsers;

pub fn authenticators() -> Vec<AuthenticatorView> {
    let database = AuthenticatorView {
        listener: None,
        id: "password_based:built_in_database".to_owned(),
        enable: true,
        detail: "sha256".to_owned(),
        user_id_type: Some("username".to_owned()),
        users: Some(3),
    };
    let token = AuthenticatorView {
        listener: Some("ssl:default".to_owned()),
        id: "jwt".to_owned(),
        enable: false,
        detail: "jwks".to_owned(),
        user_id_type: None,
        users: None,
    };
    vec![database, token]
}

pub fn users() -> Vec<UserView> {
    let user = |user_id: &str, is_superuser| UserView {
        user_id: user_id.to_owned(),
        is_superuser,
        authenticator: "password_based:built_in_database".to_owned(),
    };
    vec![user("admin", true), user("night\nshift", false)]
}

pub fn imported() -> ImportedUsers {
    ImportedUsers { users: 1200 }
}
