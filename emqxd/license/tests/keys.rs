//! Keys: EMQX's public ones, our own, and everything that is none.

#![allow(clippy::unwrap_used)]

use emqx_license::{
    Algorithm, CustomerType, Date, Issuer, Issuers, KEY_BYTES_MAX, License, LicenseType, ParseError, Signature,
    SigningKey, Terms, inspect, parse,
};
use proptest::prelude::*;

/// `default` since 5.9, `evaluation` since 5.9, `default` in 5.8, `default` in 5.0: all signed by EMQX.
const PUBLIC_KEYS: [&str; 4] = [
    "MjIwMTExCjIKMTEKRGV2ZWxvcGVyCmNvbnRhY3RAZW1xeC5pbwpEZXZlbG9wbWVudAoyMDI1MDMwMgoxNDYwCjAK.MEUCIQCCyEkOUIFDop1/69mU3UoAGOTraIh+jYn5ZineZbZq+gIgIlkVl0h0aqajY8QtkxrXbdN3N8a3rPPluBxt+d2o3lM=",
    "MjIwMTExCjAKMTAKRXZhbHVhdGlvbgpjb250YWN0QGVtcXguaW8KdHJpYWwKMjAyNTAzMDIKMTQ2MAowCg==.MEYCIQDWjM8kgaaNlLWQCN/uwF+phG7Z1/oqUeYGKBQXRZjnNQIhALfCWmM9o3q7eEvuYZNAnp12vWZeaxVxKT4XFuX6Z+rp",
    "MjIwMTExCjAKMTAKRXZhbHVhdGlvbgpjb250YWN0QGVtcXguaW8KdHJpYWwKMjAyNDA0MTgKMTgyNQoyNQo=.MEUCICMWWkfrvyMwQaQAOXEsEcs+d6+5uXc1BDxR7j25fRy4AiEAmblQ4p+FFmdsvnKgcRRkv1zj7PExmZKVk3mVcxH3fgw=",
    "MjIwMTExCjAKMTAKRXZhbHVhdGlvbgpjb250YWN0QGVtcXguaW8KZGVmYXVsdAoyMDIzMDEwOQoxODI1CjEwMAo=.MEUCIG62t8W15g05f1cKx3tA3YgJoR0dmyHOPCdbUxBGxgKKAiEAhHKh8dUwhU+OxNEaOn8mgRDtiT3R8RZooqy6dEsOmDI=",
];

fn terms() -> Terms {
    Terms {
        license_type: LicenseType::Official,
        customer_type: CustomerType::SMALL,
        customer: "Acme 温".to_owned(),
        email: "ops@acme.example".to_owned(),
        deployment: "plant 7".to_owned(),
        start: Date::parse("20240101").unwrap(),
        days: 365,
        max_sessions: 100,
        max_tps: Some(2000),
    }
}

/// An issuer of our own, and the issuers that trust it.
fn issuer(algorithm: Algorithm) -> (SigningKey, Issuers) {
    let key = SigningKey::generate(algorithm).unwrap();
    let public = Issuer::from_pem("ours", &key.public_pem().unwrap()).unwrap();
    (key, Issuers::with([public]))
}

/// A key over any payload, as only who holds the private key can make it.
fn signed(key: &SigningKey, payload: &str) -> String {
    key.sign_payload(payload.as_bytes()).unwrap()
}

#[test]
fn emqx_s_public_keys_are_accepted_and_say_what_emqx_says() {
    let read: Vec<License> = PUBLIC_KEYS
        .iter()
        .map(|key| parse(key, &Issuers::default()).unwrap())
        .collect();
    assert!(read.iter().all(|license| license.issuer == "EMQX"));
    let facts: Vec<_> = read
        .iter()
        .map(|license| {
            let terms = &license.terms;
            let expiry = terms.expiry().to_string();
            (
                terms.license_type.name(),
                terms.customer_type.0,
                expiry,
                terms.session_limit(25),
            )
        })
        .collect();
    assert_eq!(
        facts,
        [
            ("community", 11, "2029-03-01".to_owned(), 10_000_000),
            ("trial", 10, "2029-03-01".to_owned(), 25),
            ("trial", 10, "2029-04-17".to_owned(), 25),
            ("trial", 10, "2028-01-08".to_owned(), 100),
        ]
    );
    let first = &read[0].terms;
    assert_eq!((&*first.customer, &*first.email), ("Developer", "contact@emqx.io"));
    assert_eq!((&*first.deployment, first.max_tps), ("Development", None));
}

#[test]
fn line_ends_and_blanks_in_a_key_do_not_matter() {
    let key = PUBLIC_KEYS[3];
    let wrapped = format!(" {}\r\n{} \n", &key[..40], &key[40..]);
    assert!(parse(&wrapped, &Issuers::default()).is_ok());
}

#[test]
fn what_we_issue_is_read_back_and_trusted_only_with_our_public_key() {
    for algorithm in [Algorithm::EcdsaP256, Algorithm::Rsa3072] {
        let (key, issuers) = issuer(algorithm);
        let text = key.issue(&terms()).unwrap();
        let license = parse(&text, &issuers).unwrap();
        assert_eq!((license.terms, &*license.issuer), (terms(), "ours"));
        assert_eq!(parse(&text, &Issuers::default()), Err(ParseError::InvalidSignature));
        let (signature, read) = inspect(&text, &Issuers::default()).unwrap();
        assert_eq!((signature, read), (Signature::Unknown, Ok(terms())));
        let again = SigningKey::from_pem(&key.private_pem().unwrap()).unwrap();
        assert!(parse(&again.issue(&terms()).unwrap(), &issuers).is_ok());
    }
}

#[test]
fn every_error_has_emqx_s_name() {
    let (key, issuers) = issuer(Algorithm::EcdsaP256);
    let word = |text: &str| parse(text, &issuers).unwrap_err().word();
    assert_eq!(word(""), "empty_string");
    assert_eq!(word(" \n"), "empty_string");
    for text in [
        "xyz",
        "no.base64!",
        "YQ==",
        "YQ.YQ==",
        "YQ==.YQ==.YQ==",
        "-----BEGIN CERTIFICATE-----",
    ] {
        assert_eq!(word(text), "bad_license_format", "{text}");
    }
    assert_eq!(word(&"A".repeat(KEY_BYTES_MAX + 1)), "bad_license_format");
    assert_eq!(word("YQ==.YQ=="), "invalid_signature");
    let good = "220111\n1\n0\nAcme\na@b\nd\n20240101\n365\n100\n";
    assert!(parse(&signed(&key, good), &issuers).is_ok());
    assert_eq!(
        word(&signed(&key, &good.replace("220111", "220112"))),
        "invalid_version"
    );
    assert_eq!(word(&signed(&key, "220111\n1\n0")), "unexpected_number_of_fields");
    assert_eq!(
        word(&signed(&key, &format!("{good}1\n2\n"))),
        "unexpected_number_of_fields"
    );
}

#[test]
fn every_field_that_makes_no_sense_is_named() {
    let (key, issuers) = issuer(Algorithm::EcdsaP256);
    let good = ["220111", "1", "0", "Acme", "a@b", "d", "20240101", "365", "100", "2000"];
    for (line, values, field, error) in [
        (
            1,
            &["3", "official", "", "-1", "01"][..],
            "license_type",
            "invalid_license_type",
        ),
        (
            2,
            &["x", "-1", "", "+1", "99999999999"],
            "customer_type",
            "invalid_customer_type",
        ),
        (3, &["a\u{1b}[2J", "a\u{202e}b"], "customer", "invalid_customer"),
        (4, &["a\u{7}"], "email", "invalid_email"),
        (5, &["a\tb"], "deployment", "invalid_deployment"),
        (
            6,
            &["20240230", "2024-1-1", "", "202401011"],
            "date_start",
            "invalid_date",
        ),
        (7, &["0", "-5", "x", "", "99999999"], "days", "invalid_int_value"),
        (
            8,
            &["0", "-5", "x", "", "1.5"],
            "max_connections",
            "invalid_connection_limit",
        ),
        (9, &["0", "-5", "x", "infinity"], "max_tps", "invalid_max_tps"),
    ] {
        for value in values {
            let mut lines = good;
            lines[line] = value;
            let refused = parse(&signed(&key, &lines.join("\n")), &issuers).unwrap_err();
            let ParseError::Fields(fields) = refused else {
                panic!("{field} = {value:?}: {refused:?}");
            };
            let named: Vec<_> = fields.iter().map(|wrong| (wrong.field, wrong.error)).collect();
            assert_eq!(named, [(field, error)], "{value:?}");
        }
    }
    let read = |line: usize, value: &str| {
        let mut lines = good;
        lines[line] = value;
        parse(&signed(&key, &lines.join("\n")), &issuers).unwrap().terms
    };
    assert_eq!(read(8, "1,000,000").max_sessions, 1_000_000);
    assert_eq!(read(9, "Infinity").max_tps, None);
    assert_eq!(read(9, "5").max_tps, Some(5));
}

#[test]
fn a_number_of_0_is_for_the_types_that_bring_their_own() {
    let (key, issuers) = issuer(Algorithm::EcdsaP256);
    for (kind, customer, limit) in [
        ("2", "11", Some(10_000_000)),
        ("0", "10", Some(25)),
        ("1", "3", Some(25)),
        ("1", "1", None),
    ] {
        let payload = format!("220111\n{kind}\n{customer}\nA\nb\nc\n20240101\n1\n0");
        let read = parse(&signed(&key, &payload), &issuers).ok();
        assert_eq!(
            read.map(|license| license.terms.session_limit(25)),
            limit,
            "{kind} {customer}"
        );
    }
}

#[test]
fn terms_that_would_not_read_back_are_not_issued() {
    let (key, _) = issuer(Algorithm::EcdsaP256);
    type Spoil = fn(&mut Terms);
    let spoils: [Spoil; 5] = [
        |terms| terms.customer = "a\nb".to_owned(),
        |terms| terms.email = " a".to_owned(),
        |terms| terms.days = 0,
        |terms| terms.max_sessions = 0,
        |terms| terms.max_tps = Some(0),
    ];
    for (index, spoil) in spoils.iter().enumerate() {
        let mut spoiled = terms();
        spoil(&mut spoiled);
        assert!(key.issue(&spoiled).is_err(), "{index}");
    }
}

#[test]
fn other_keys_and_no_keys_are_told_apart() {
    assert!(Issuer::from_pem("x", "nothing").is_err());
    assert!(Issuer::from_pem("x", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----").is_err());
    assert!(SigningKey::from_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----").is_err());
    let (key, _) = issuer(Algorithm::EcdsaP256);
    assert_eq!(format!("{key:?}"), "SigningKey(***)");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_text_makes_the_reader_panic_or_is_trusted(text in "[ -~\n]{0,300}") {
        prop_assert!(parse(&text, &Issuers::default()).is_err());
    }

    #[test]
    fn no_change_of_a_good_key_is_trusted(key in 0..4_usize, at in any::<prop::sample::Index>(), byte in 33..127_u8) {
        let good = PUBLIC_KEYS[key];
        let mut bytes = good.as_bytes().to_vec();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != byte);
        bytes[at] = byte;
        let text = String::from_utf8(bytes).unwrap();
        prop_assert!(parse(&text, &Issuers::default()).is_err(), "{text}");
    }

    #[test]
    fn signed_bytes_of_any_kind_are_read_or_refused(payload in prop::collection::vec(any::<u8>(), 0..200)) {
        let key = SigningKey::from_pem(TEST_KEY).unwrap();
        let issuer = Issuer::from_pem("ours", &key.public_pem().unwrap()).unwrap();
        let text = key.sign_payload(&payload).unwrap();
        let _read_or_refused = parse(&text, &Issuers::with([issuer]));
    }

    #[test]
    fn signed_lines_that_are_nearly_right_are_read_or_refused(
        lines in prop::collection::vec("[0-9]{1,9}|[a-zA-Z,. -]{0,9}|220111|Infinity|\\PC{0,5}", 9..11)
    ) {
        let key = SigningKey::from_pem(TEST_KEY).unwrap();
        let issuer = Issuer::from_pem("ours", &key.public_pem().unwrap()).unwrap();
        let mut lines = lines;
        lines[0] = "220111".to_owned();
        let text = key.sign_payload(lines.join("\n").as_bytes()).unwrap();
        if let Ok(license) = parse(&text, &Issuers::with([issuer])) {
            prop_assert!(license.terms.payload().is_ok(), "what is read can be written");
        }
    }
}

/// Signs in tests only; nothing trusts it.
const TEST_KEY: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgSOGx7aF/h3C4SmiD
GiGBABLz+7ol+Vl9YhczPAoxfkChRANCAAQZBCbYCRVM68rg6vsBto0y/Aea26HB
eoB2x/qNqGBpbMV1d4RHXh09NiCHwKamR9q0qBzScUXV+CYiv/yjO7jm
-----END PRIVATE KEY-----
";
