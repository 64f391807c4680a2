//! The settings of the built-in databases: users with password hashes, users with SCRAM keys.

use emqx_auth::password::{Algorithm, MacFunction, SaltPosition};
use emqx_auth::scram;
use emqx_auth::user_file::RowType;

use super::super::entry::Entry;
use crate::config::authn::{DatabaseSettings, ScramSettings, UserIdType};

/// `password_based`, `built_in_database`
pub(super) fn database(entry: &mut Entry<'_, '_>) -> DatabaseSettings {
    let mut settings = DatabaseSettings::default();
    if entry.word("user_id_type", &["username", "clientid"]) == Some("clientid") {
        settings.user_id_type = UserIdType::ClientId;
    }
    if let Some(algorithm) = entry.section("password_hash_algorithm") {
        settings.algorithm = hash_algorithm(algorithm);
    }
    settings.bootstrap_file = entry.path("bootstrap_file");
    let kind = entry.word("bootstrap_type", &["hash", "plain"]);
    settings.bootstrap_type = kind.and_then(RowType::parse).unwrap_or_default();
    settings
}

fn hash_algorithm(mut entry: Entry<'_, '_>) -> Algorithm {
    let names = ["plain", "md5", "sha", "sha256", "sha512", "bcrypt", "pbkdf2"];
    let name = entry.word("name", &names).unwrap_or("sha256");
    let position = entry.word("salt_position", &SaltPosition::WORDS.map(|(word, _)| word));
    let position = position.and_then(SaltPosition::parse).unwrap_or_default();
    let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    let algorithm = match name {
        "plain" => Algorithm::Plain(position),
        "md5" => Algorithm::Md5(position),
        "sha" => Algorithm::Sha(position),
        "sha512" => Algorithm::Sha512(position),
        "bcrypt" => Algorithm::Bcrypt {
            salt_rounds: entry.integer("salt_rounds", 4, 31).map_or(10, small),
        },
        "pbkdf2" => Algorithm::Pbkdf2 {
            mac: entry
                .word("mac_fun", &MacFunction::WORDS.map(|(word, _)| word))
                .and_then(MacFunction::parse)
                .unwrap_or(MacFunction::Sha256),
            iterations: entry.integer("iterations", 1, u32::MAX.into()).map_or(4096, small),
            dk_length: entry.integer("dk_length", 1, u32::MAX.into()).map(small),
        },
        _ => Algorithm::Sha256(position),
    };
    if let Err(error) = algorithm.check() {
        entry.refuse("name", error.to_string(), None);
    }
    entry.finish();
    algorithm
}

/// `scram`, `built_in_database`
pub(super) fn scram(entry: &mut Entry<'_, '_>) -> ScramSettings {
    let (least, most) = (u64::from(scram::ITERATIONS_MIN), u64::from(scram::ITERATIONS_MAX));
    let count = entry.integer("iteration_count", least, most);
    ScramSettings {
        is_sha512: entry.word("algorithm", &["sha256", "sha512"]) == Some("sha512"),
        iteration_count: count
            .and_then(|count| u32::try_from(count).ok())
            .unwrap_or(scram::ITERATIONS_DEFAULT),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::super::load_text;
    use super::*;
    use crate::config::authn::AuthnBackend;

    fn settings(more: &str) -> DatabaseSettings {
        let text = format!("authentication = [{{ mechanism = password_based, backend = built_in_database {more} }}]");
        let loaded = load_text("x.conf", text.as_bytes(), None, std::iter::empty());
        let config = loaded.expect("a good configuration").config;
        match &config.authentication[0].backend {
            AuthnBackend::BuiltInDatabase(settings) => settings.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_bootstrap_file_is_of_plain_passwords_unless_it_is_said_to_be_of_hashes() {
        let file = ", bootstrap_file = \"/etc/users.csv\"";
        for (more, expected) in [
            (file.to_owned(), RowType::Plain),
            (format!("{file}, bootstrap_type = plain"), RowType::Plain),
            (format!("{file}, bootstrap_type = hash"), RowType::Hash),
        ] {
            let settings = settings(&more);
            assert_eq!(settings.bootstrap_type, expected, "{more}");
            assert!(settings.bootstrap_file.is_some());
        }
    }
}
