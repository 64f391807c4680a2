//! The exchange of RFC 7677, section 3, and what a client can get wrong or try.

use super::*;

const CLIENT_FIRST: &str = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
const NONCE: &str = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
const SERVER_NONCE: &str = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
const SALT: &str = "W22ZaJ0SNY7soEsUEjb6gQ==";
const PROOF: &str = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";

fn credential(mechanism: Mechanism) -> Credential {
    let salt = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, SALT).unwrap();
    Credential::derive(mechanism, b"pencil", &salt.try_into().unwrap(), 4096)
}

fn challenge(mechanism: Mechanism) -> (String, Challenge) {
    let first = ClientFirst::parse(CLIENT_FIRST.as_bytes()).unwrap();
    first.challenge_with_nonce(mechanism, &credential(mechanism), SERVER_NONCE)
}

fn finish(message: &str) -> Result<String, ScramError> {
    challenge(Mechanism::Sha256).1.finish(message.as_bytes())
}

#[test]
fn the_exchange_of_rfc_7677_goes_as_printed() {
    let (server_first, challenge) = challenge(Mechanism::Sha256);
    assert_eq!(server_first, format!("r={NONCE},s={SALT},i=4096"));
    assert_eq!(challenge.username(), "user");
    assert_eq!(
        challenge
            .finish(format!("c=biws,r={NONCE},p={PROOF}").as_bytes())
            .unwrap(),
        "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
    );
}

/// The same exchange, its last messages computed by Python's `hmac` and `hashlib`.
#[test]
fn with_sha_512_it_goes_as_python_computes_it() {
    let (_, challenge) = challenge(Mechanism::Sha512);
    let proof = "gMGXRcevScNtxZ6/8lQYpGtnsNAc3mGcmNomv+xnoOMw+3R2xNJdMNnzMlTN8PPC6wdp6dybEmDYXYTxwnYPJQ==";
    assert_eq!(
        challenge
            .finish(format!("c=biws,r={NONCE},p={proof}").as_bytes())
            .unwrap(),
        "v=ZQnYEgWQMFmmsM8aQMF0nDDCy/AgCzkwk8CmMZYcMg0vSVlKDanekLtifDSeVGT4+5ZxXnJq199RVG2rR7N7Zw=="
    );
}

/// `stored_key` and `server_key` by Python's `hmac` and `hashlib`.
#[test]
fn a_credential_can_be_taken_over_from_emqx_s_texts() {
    let (stored, server) = (
        "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=",
        "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
    );
    let taken = Credential::from_base64(Mechanism::Sha256, SALT, stored, server, 4096).unwrap();
    assert!(taken == credential(Mechanism::Sha256));
    assert!(taken.verify_password(Mechanism::Sha256, b"pencil"));
    assert!(!taken.verify_password(Mechanism::Sha256, b"pencils"));
    let json = serde_json::to_string(&taken).unwrap();
    assert!(serde_json::from_str::<Credential>(&json).unwrap() == taken);
    for (mechanism, salt, stored, iterations) in [
        (Mechanism::Sha512, SALT, stored, 4096),
        (Mechanism::Sha256, "", stored, 4096),
        (Mechanism::Sha256, "!", stored, 4096),
        (Mechanism::Sha256, SALT, "aaaa", 4096),
        (Mechanism::Sha256, SALT, stored, 0),
        (Mechanism::Sha256, SALT, stored, u32::MAX),
    ] {
        assert!(Credential::from_base64(mechanism, salt, stored, server, iterations).is_err());
    }
}

#[test]
fn a_wrong_proof_a_foreign_nonce_and_another_header_are_refused() {
    for (message, error) in [
        (
            format!("c=biws,r={NONCE},p={}", PROOF.replace("dHz", "dHy")),
            ScramError::InvalidProof,
        ),
        (format!("c=biws,r={NONCE},p="), ScramError::InvalidProof),
        (format!("c=biws,r={NONCE},p=dHzb"), ScramError::InvalidProof),
        // Nobody may leave out the server's part of the nonce, or replay an old one.
        (
            format!("c=biws,r=rOprNGfwEbeRWgbNEkqO,p={PROOF}"),
            ScramError::OtherNonce,
        ),
        (format!("c=biws,r={NONCE}x,p={PROOF}"), ScramError::OtherNonce),
        // `eSws` is `y,,`: not what the first message said.
        (format!("c=eSws,r={NONCE},p={PROOF}"), ScramError::ChannelBinding),
        (
            format!("c=biws,r={NONCE},m=x,p={PROOF}"),
            ScramError::MandatoryExtension,
        ),
    ] {
        assert_eq!(finish(&message), Err(error), "{message}");
    }
}

#[test]
fn an_extension_is_signed_along_and_otherwise_ignored() {
    let message = format!("c=biws,r={NONCE},x=1,p={PROOF}");
    assert_eq!(
        finish(&message),
        Err(ScramError::InvalidProof),
        "the proof is of another text"
    );
}

#[test]
fn a_proof_that_is_longer_than_the_hash_is_refused_even_if_it_begins_right() {
    let engine = base64::engine::general_purpose::STANDARD;
    let mut proof = base64::Engine::decode(&engine, PROOF).unwrap();
    proof.push(0);
    let message = format!("c=biws,r={NONCE},p={}", base64(&proof));
    assert_eq!(finish(&message), Err(ScramError::InvalidProof));
}

#[test]
fn messages_that_are_none_are_refused() {
    for (message, error) in [
        ("p=tls-unique,,n=user,r=x", ScramError::ChannelBinding),
        ("n,a=other,n=user,r=x", ScramError::AuthorizationIdentity),
        ("n,,m=x,n=user,r=x", ScramError::MandatoryExtension),
    ] {
        assert_eq!(ClientFirst::parse(message.as_bytes()).unwrap_err(), error, "{message}");
    }
    for message in [
        "",
        "n",
        "n,,",
        "n,",
        ",,n=user,r=x",
        "n,,n=,r=x",
        "n,,n=user",
        "n,,n=user,r=",
        "n,,n=user,r=a b",
        "n,,n=us=er,r=x",
        "n,,n=us=2cer,r=x",
        "n,,r=x,n=user",
        "n,user,n=user,r=x",
        "n,,n=us\0er,r=x",
    ] {
        let refused = ClientFirst::parse(message.as_bytes()).unwrap_err();
        assert!(matches!(refused, ScramError::Malformed(_)), "{message:?}: {refused}");
    }
    for message in [
        "",
        "p=",
        "c=biws",
        "r=x,p=x",
        "c=biws,p=aaaa",
        "c=!,r=x,p=aaaa",
        "c=biws,r=x,p=!",
    ] {
        let refused = finish(message).unwrap_err();
        assert!(matches!(refused, ScramError::Malformed(_)), "{message:?}: {refused}");
    }
    let long = format!("n,,n={},r=x", "a".repeat(MESSAGE_BYTES_MAX));
    assert_eq!(ClientFirst::parse(long.as_bytes()), Err(ScramError::TooLong));
    assert!(ClientFirst::parse(b"n,,n=\xff,r=x").is_err());
    assert_eq!(finish(&long), Err(ScramError::TooLong));
}

#[test]
fn names_are_unescaped_and_may_be_asserted_twice() {
    let username = |message: &str| ClientFirst::parse(message.as_bytes()).unwrap().username().to_owned();
    assert_eq!(username("y,,n=a=2Cb=3Dc,r=x"), "a,b=c");
    assert_eq!(username("n,a=user,n=user,r=x,e=1"), "user");
}

#[test]
fn a_user_that_is_not_there_is_answered_as_one_that_is() {
    let key = DecoyKey::new([7; 32]);
    let decoy = key.credential(Mechanism::Sha256, "nobody", 4096);
    assert_eq!(decoy.check(Mechanism::Sha256), Ok(()));
    let first = ClientFirst::parse(b"n,,n=nobody,r=abc").unwrap();
    let (server_first, challenge) = first.challenge(Mechanism::Sha256, &decoy, &[1; NONCE_BYTES]);
    let real = ClientFirst::parse(b"n,,n=nobody,r=abc").unwrap();
    let (real_first, _) = real.challenge(Mechanism::Sha256, &credential(Mechanism::Sha256), &[1; NONCE_BYTES]);
    assert_eq!(server_first.len(), real_first.len());
    let nonce = server_first[2..].split(',').next().unwrap().to_owned();
    let message = format!("c=biws,r={nonce},p={PROOF}");
    assert_eq!(challenge.finish(message.as_bytes()), Err(ScramError::InvalidProof));
    // Asking again tells nothing, asking for another name does not give the same.
    assert!(key.credential(Mechanism::Sha256, "nobody", 4096) == decoy);
    assert_ne!(key.credential(Mechanism::Sha256, "nobody2", 4096).salt(), decoy.salt());
    assert_ne!(
        DecoyKey::new([8; 32])
            .credential(Mechanism::Sha256, "nobody", 4096)
            .salt(),
        decoy.salt()
    );
}

#[test]
fn secrets_are_in_no_debug_text() {
    let key = DecoyKey::new([1; 32]);
    let credential = credential(Mechanism::Sha256);
    let (_, challenge) = challenge(Mechanism::Sha256);
    assert_eq!(format!("{key:?} {credential:?}"), "*** ***");
    assert_eq!(format!("{challenge:?}"), "Challenge { username: \"user\" }");
}
