//! Any bytes as a file of users, as stored hashes and as messages of SCRAM: what comes from outside beside tokens.
#![no_main]

use emqx_auth::password::{Algorithm, StoredPassword};
use emqx_auth::scram::{ClientFirst, DecoyKey, Mechanism, NONCE_BYTES, ScramError};
use emqx_auth::user_file::{self, Format, RowType, Secret};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        files(text);
        stored(text);
    }
    exchange(data);
});

fn files(text: &str) {
    for format in [Format::Csv, Format::Json] {
        for kind in [RowType::Plain, RowType::Hash] {
            let Ok(rows) = user_file::parse(text, format, kind) else {
                continue;
            };
            for row in rows {
                assert_eq!(user_file::check_user_id(&row.user_id), Ok(()));
                match row.secret {
                    Secret::Plain(password) => assert_eq!(user_file::check_password(&password.0), Ok(())),
                    Secret::Hash(stored) => assert!(!stored.hash().is_empty()),
                }
            }
        }
    }
}

fn stored(text: &str) {
    let stored = StoredPassword::new(text.to_owned(), String::new());
    let bcrypt = Algorithm::Bcrypt { salt_rounds: 4 };
    let is_hash = bcrypt.check_stored(&stored).is_ok();
    // Some milliseconds at most: what costs more is left to the tests.
    if !is_hash || text.starts_with("$2b$04$") {
        assert!(is_hash || !bcrypt.verify(&stored, b"password"));
    }
    let _right = Algorithm::default().verify(&stored, b"password");
}

fn exchange(data: &[u8]) {
    let mut messages = data.splitn(2, |byte| *byte == b'\n');
    let Ok(first) = ClientFirst::parse(messages.next().unwrap_or_default()) else {
        return;
    };
    let decoy = DecoyKey::new([7; 32]).credential(Mechanism::Sha256, first.username(), 4096);
    let (answer, challenge) = first.challenge(Mechanism::Sha256, &decoy, &[0; NONCE_BYTES]);
    assert!(answer.starts_with("r="));
    let refused = challenge.finish(messages.next().unwrap_or_default());
    assert!(matches!(refused, Err(error) if error != ScramError::MandatoryExtension || data.contains(&b'm')));
}
