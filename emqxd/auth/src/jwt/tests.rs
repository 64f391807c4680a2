//! Tokens that other programs signed, and what somebody who wants in could try.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Sha256, Sha384, Sha512};

use super::samples::*;
use super::*;

const NOW: i64 = 1_700_000_000;
const SECRET: &[u8] = b"emqxsecret";

fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A token with this header and these claims, signed here: the library's own signer proves nothing about it.
fn signed_with(secret: &[u8], header: &Value, claims: &Value) -> String {
    let message = format!(
        "{}.{}",
        base64url(header.to_string().as_bytes()),
        base64url(claims.to_string().as_bytes())
    );
    let signature = match header["alg"].as_str() {
        Some("HS384") => mac::<Hmac<Sha384>>(secret, &message),
        Some("HS512") => mac::<Hmac<Sha512>>(secret, &message),
        _ => mac::<Hmac<Sha256>>(secret, &message),
    };
    format!("{message}.{}", base64url(&signature))
}

fn mac<M: Mac + KeyInit>(secret: &[u8], message: &str) -> Vec<u8> {
    let mut mac = <M as KeyInit>::new_from_slice(secret).unwrap();
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn token(claims: &Value) -> String {
    signed_with(SECRET, &json!({"alg": "HS256", "typ": "JWT"}), claims)
}

fn hmac_verifier() -> Verifier {
    Verifier::hmac(SECRET).unwrap()
}

fn verify(token: &str) -> Result<Claims, JwtError> {
    hmac_verifier().verify(token.as_bytes(), NOW)
}

fn pem(key: &str) -> Verifier {
    Verifier::public_key_pem(key.as_bytes()).unwrap()
}

fn key_set() -> Value {
    json!({"keys": [
        {"kty": "RSA", "kid": "rsa-1", "use": "sig", "alg": "RS256", "n": RSA_N, "e": "AQAB"},
        {"kty": "EC", "kid": "ec-1", "crv": "P-256", "x": P256_XY[0], "y": P256_XY[1]},
        {"kty": "OKP", "crv": "Ed25519", "x": ED25519_X},
        {"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"},
        {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AA"},
        "no key",
    ]})
}

fn jwks(document: &Value) -> Result<Verifier, KeyError> {
    Verifier::jwks(document.to_string().as_bytes())
}

#[test]
fn the_hmac_example_of_rfc_7515_is_genuine_until_its_second() {
    let key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    let verifier = Verifier::hmac(&URL_SAFE_NO_PAD.decode(key).unwrap()).unwrap();
    let token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9\
                 .eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ\
                 .dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let claims = verifier.verify(token.as_bytes(), 1_300_819_379).unwrap();
    assert_eq!(claims.get("iss"), Some(&json!("joe")));
    assert_eq!(claims.expires_at(), Some(1_300_819_380));
    let expired = verifier.verify(token.as_bytes(), 1_300_819_380).unwrap_err();
    assert_eq!(expired.keyword(), "token_expired");
}

#[test]
fn the_ecdsa_example_of_rfc_7515_is_genuine() {
    let verifier = jwks(&json!({"keys": [{"kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}));
    let token = "eyJhbGciOiJFUzI1NiJ9\
                 .eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ\
                 .DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    assert!(verifier.unwrap().verify(token.as_bytes(), 1_300_819_379).is_ok());
}

#[test]
fn what_openssl_signed_is_genuine_for_its_key_and_for_no_other() {
    let keys = [RSA, P256, P384, ED25519];
    for (key, tokens) in [
        (RSA, &[TOKEN_RS256, TOKEN_RS512, TOKEN_PS256][..]),
        (P256, &[TOKEN_ES256]),
        (P384, &[TOKEN_ES384]),
        (ED25519, &[TOKEN_EDDSA]),
    ] {
        for token in tokens {
            let claims = pem(key).verify(token.as_bytes(), NOW).unwrap();
            assert!(claims.is_superuser() && claims.get("username") == Some(&json!("u")));
            for other in keys.iter().filter(|other| **other != key) {
                let refused = pem(other).verify(token.as_bytes(), NOW).unwrap_err();
                assert_eq!(refused.keyword(), "algorithm_not_allowed");
            }
            let refused = verify(token).unwrap_err();
            assert_eq!(refused.keyword(), "algorithm_not_allowed");
        }
    }
}

#[test]
fn every_changed_character_of_a_token_is_noticed() {
    for (verifier, token) in [
        (pem(RSA), TOKEN_RS256.to_owned()),
        (pem(P256), TOKEN_ES256.to_owned()),
        (hmac_verifier(), token(&json!({"username": "u"}))),
    ] {
        assert!(verifier.verify(token.as_bytes(), NOW).is_ok());
        for place in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'Q' } else { b'A' };
            // The last character of a part may carry bits that mean nothing; they have to be zero.
            assert!(verifier.verify(&changed, NOW).is_err(), "{place} of {token}");
        }
        for length in 0..token.len() {
            assert!(verifier.verify(&token.as_bytes()[..length], NOW).is_err());
        }
        assert!(verifier.verify(format!("{token}.").as_bytes(), NOW).is_err());
        assert!(verifier.verify(format!("{token}A").as_bytes(), NOW).is_err());
    }
}

#[test]
fn a_public_key_is_never_taken_for_a_secret() {
    // CVE-2015-9235: HMAC with the text of the public key as its secret.
    for key in [RSA, P256, ED25519] {
        for alg in ["HS256", "HS384", "HS512"] {
            let forged = signed_with(key.as_bytes(), &json!({"alg": alg}), &json!({"username": "u"}));
            let refused = pem(key).verify(forged.as_bytes(), NOW).unwrap_err();
            assert_eq!(refused, JwtError::AlgorithmNotAllowed(alg.to_owned()));
        }
    }
    let forged = signed_with(RSA_N.as_bytes(), &json!({"alg": "HS256", "kid": "rsa-1"}), &json!({}));
    let refused = jwks(&key_set()).unwrap().verify(forged.as_bytes(), NOW).unwrap_err();
    assert_eq!(refused.keyword(), "algorithm_not_allowed");
}

#[test]
fn a_token_without_a_signature_is_none_in_every_spelling() {
    let claims = base64url(br#"{"username":"u"}"#);
    for alg in ["none", "None", "NONE", "nOnE", "", "HS256 ", "hs256"] {
        let header = base64url(json!({"alg": alg}).to_string().as_bytes());
        for verifier in [hmac_verifier(), pem(RSA), jwks(&key_set()).unwrap()] {
            let refused = verifier
                .verify(format!("{header}.{claims}.").as_bytes(), NOW)
                .unwrap_err();
            assert_eq!(refused, JwtError::AlgorithmNotAllowed(alg.to_owned()));
        }
    }
    let header = base64url(br#"{"alg":"HS256"}"#);
    assert_eq!(verify(&format!("{header}.{claims}.")), Err(JwtError::InvalidSignature));
}

#[test]
fn keys_in_the_header_are_not_asked() {
    // CVE-2018-0114: the token brings the key along that it was signed with.
    let header = json!({"alg": "HS256", "jwk": {"kty": "oct", "k": base64url(b"mine")}, "jku": "http://evil/"});
    let forged = signed_with(b"mine", &header, &json!({"username": "u"}));
    assert_eq!(verify(&forged), Err(JwtError::InvalidSignature));
}

#[test]
fn what_is_no_token_is_refused() {
    let claims = base64url(b"{}");
    for bad in [
        String::new(),
        "password".to_owned(),
        "a.b".to_owned(),
        "..".to_owned(),
        "a.b.c.d".to_owned(),
        format!("!!.{claims}.AA"),
        format!("{}.{claims}.AA", base64url(b"{}")),
        format!("{}.{claims}.AA", base64url(b"[]")),
        format!("{}.{claims}.AA", base64url(b"{\"alg\":5}")),
        format!("{}.{claims}.AA", base64url("[".repeat(3000).as_bytes())),
        format!("{}.{claims}.AA", base64url(&[b' '; 4000])),
        signed_with(SECRET, &json!({"alg": "HS256", "crit": ["exp"]}), &json!({})),
        signed_with(SECRET, &json!({"alg": "HS256"}), &json!(["no", "object"])),
        signed_with(SECRET, &json!({"alg": "HS256"}), &json!("text")),
    ] {
        assert_eq!(verify(&bad).unwrap_err().keyword(), "malformed_token", "{bad:.100}");
    }
    assert_eq!(
        hmac_verifier().verify(&[0xff; 9], NOW).unwrap_err().keyword(),
        "malformed_token"
    );
    assert_eq!(verify(&"a".repeat(65_536)), Err(JwtError::TooLong));
    let deep = format!("{{\"a\":{}", "[".repeat(20_000));
    let message = format!("{}.{}", base64url(b"{\"alg\":\"HS256\"}"), base64url(deep.as_bytes()));
    let nested = format!("{message}.{}", base64url(&mac::<Hmac<Sha256>>(SECRET, &message)));
    assert_eq!(verify(&nested).unwrap_err().keyword(), "malformed_token");
}

#[test]
fn times_are_judged_to_the_second_for_the_time_that_is_given() {
    for (claims, keyword) in [
        (json!({}), None),
        (json!({"exp": NOW + 1, "nbf": NOW, "iat": NOW}), None),
        (json!({"exp": NOW as f64 + 0.5}), None),
        (json!({"exp": 1e300}), None),
        (json!({"exp": NOW}), Some("token_expired")),
        (json!({"exp": NOW as f64 - 0.5}), Some("token_expired")),
        (json!({"exp": -1}), Some("token_expired")),
        (json!({"nbf": NOW + 1}), Some("token_not_yet_valid")),
        (json!({"nbf": u64::MAX}), Some("token_not_yet_valid")),
        (json!({"iat": NOW + 1}), Some("token_issued_in_future")),
        (json!({"exp": "never"}), Some("bad_time_claim")),
        (json!({"exp": null}), Some("bad_time_claim")),
        (json!({"nbf": {}}), Some("bad_time_claim")),
        (json!({"iat": [NOW]}), Some("bad_time_claim")),
    ] {
        let found = verify(&token(&claims)).err().map(|error| error.keyword());
        assert_eq!(found, keyword, "{claims}");
    }
    let claims = verify(&token(&json!({"exp": NOW as f64 + 1.5}))).unwrap();
    assert_eq!(claims.expires_at(), Some(NOW + 1));
}

#[test]
fn all_lengths_of_hmac_and_both_forms_of_a_secret_are_taken() {
    for alg in ["HS256", "HS384", "HS512"] {
        assert!(verify(&signed_with(SECRET, &json!({"alg": alg}), &json!({}))).is_ok());
        assert!(verify(&signed_with(b"another", &json!({"alg": alg}), &json!({}))).is_err());
    }
    for secret in ["ZW1xeHNlY3JldA==", "ZW1xeHNlY3JldA", " ZW1xeHNlY3JldA==\n"] {
        let verifier = Verifier::hmac_base64(secret).unwrap();
        assert!(verifier.verify(token(&json!({})).as_bytes(), NOW).is_ok());
    }
    assert_eq!(Verifier::hmac_base64("emqx!").unwrap_err(), KeyError::NotBase64);
    assert_eq!(Verifier::hmac_base64("").unwrap_err(), KeyError::EmptySecret);
    assert_eq!(Verifier::hmac(b"").unwrap_err(), KeyError::EmptySecret);
    assert!(matches!(
        Verifier::hmac(&[1; 100_000]).unwrap_err(),
        KeyError::TooLong(_)
    ));
}

#[test]
fn a_key_set_is_used_by_the_name_in_the_token() {
    let verifier = jwks(&key_set()).unwrap();
    assert_eq!(verifier.keys().len(), 3, "unknown kinds are left out");
    assert_eq!(verifier.keys().ids().collect::<Vec<_>>(), ["rsa-1", "ec-1"]);
    let verify = |token: &str| verifier.verify(token.as_bytes(), NOW).map(|_| ());
    assert_eq!(verify(TOKEN_RS256), Ok(()));
    assert_eq!(verify(TOKEN_ES256), Ok(()));
    assert_eq!(
        verify(TOKEN_EDDSA),
        Ok(()),
        "without a name every key of the kind is tried"
    );
    // The key says `alg`: no other one of its family.
    assert_eq!(verify(TOKEN_RS512).unwrap_err().keyword(), "algorithm_not_allowed");
    let unknown = signed_with(SECRET, &json!({"alg": "RS256", "kid": "next-year"}), &json!({}));
    assert_eq!(verify(&unknown), Err(JwtError::UnknownKeyId("next-year".to_owned())));
    // The right name, the other kind of key.
    let crossed = signed_with(SECRET, &json!({"alg": "ES256", "kid": "rsa-1"}), &json!({}));
    assert_eq!(verify(&crossed).unwrap_err().keyword(), "algorithm_not_allowed");
}

#[test]
fn a_key_set_that_verifies_nothing_is_refused() {
    let rsa = key_set()["keys"][0].clone();
    let with = |name: &str, value: Value| {
        let mut key = rsa.clone();
        key[name] = value;
        key
    };
    for key in [
        json!({"kty": "oct", "k": "c2VjcmV0", "alg": "HS256"}),
        with("use", json!("enc")),
        with("alg", json!("none")),
        with("alg", json!("HS256")),
        with("alg", json!("ES256")),
    ] {
        let refused = jwks(&json!({"keys": [key.clone()]})).unwrap_err();
        assert_eq!(refused, KeyError::NoUsableKey(1), "{key}");
    }
    assert_eq!(jwks(&json!({"keys": []})).unwrap_err(), KeyError::NoUsableKey(0));
    for bad in [json!({}), json!([]), json!({"keys": {}})] {
        assert!(matches!(jwks(&bad).unwrap_err(), KeyError::NotJwks(_)), "{bad}");
    }
    assert!(Verifier::jwks(b"<html>").is_err());
    assert!(matches!(
        Verifier::jwks(&vec![b' '; 300_000]).unwrap_err(),
        KeyError::TooLong(_)
    ));
    let many: Vec<Value> = (0..100)
        .map(|number| with("kid", json!(format!("k{number}"))))
        .collect();
    assert_eq!(jwks(&json!({"keys": many})).unwrap().keys().len(), JWKS_KEYS_MAX);
}

#[test]
fn an_rsa_key_that_is_too_short_is_refused_when_it_is_read() {
    for (key, bits) in [(RSA_1024, 1024), (RSA_2047, 2047)] {
        let refused = Verifier::public_key_pem(key.as_bytes()).unwrap_err();
        assert_eq!(refused, KeyError::RsaBits(bits));
    }
    assert!(
        KeyError::RsaBits(1024)
            .to_string()
            .contains("1024 bits; 2048 to 8192 are allowed")
    );
    let alone = jwks(&json!({"keys": [{"kty": "RSA", "kid": "old", "n": RSA_1024_N, "e": "AQAB"}]}));
    assert_eq!(alone.unwrap_err(), KeyError::RsaBits(1024));
}

#[test]
fn keys_of_a_set_that_verify_nothing_are_left_out_and_named() {
    let [x, y] = P256_XY;
    let mut document = key_set();
    let keys = document["keys"].as_array_mut().unwrap();
    let good = jwks(&json!({ "keys": keys })).unwrap();
    assert_eq!(good.keys().skipped(), []);
    keys.extend([
        json!({"kty": "RSA", "kid": "old", "n": RSA_1024_N, "e": "AQAB"}),
        json!({"kty": "EC", "crv": "P-256", "kid": "crooked", "x": y, "y": x}),
        json!({"kty": "EC", "crv": "P-384", "kid": "short", "x": x, "y": y}),
        json!({"kty": "RSA", "n": "!", "e": "AQAB"}),
    ]);
    let verifier = jwks(&document).unwrap();
    assert_eq!(verifier.keys().len(), good.keys().len());
    let skipped: Vec<_> = verifier
        .keys()
        .skipped()
        .iter()
        .map(|key| (key.id.as_deref(), &key.why))
        .collect();
    assert_eq!(skipped[0], (Some("old"), &KeyError::RsaBits(1024)));
    let names: Vec<_> = skipped.iter().map(|(id, _)| *id).collect();
    assert_eq!(names, [Some("old"), Some("crooked"), Some("short"), None]);
    assert!(
        skipped[1..].iter().all(|(_, why)| matches!(why, KeyError::Unusable(_))),
        "{skipped:?}"
    );
    assert_eq!(verifier.verify(TOKEN_RS256.as_bytes(), NOW).map(|_| ()), Ok(()));
}

#[test]
fn where_no_key_of_a_set_has_a_name_the_name_in_a_token_says_nothing() {
    let mut key = key_set()["keys"][0].clone();
    key.as_object_mut().unwrap().remove("kid");
    let verifier = jwks(&json!({ "keys": [key] })).unwrap();
    assert_eq!(verifier.verify(TOKEN_RS256.as_bytes(), NOW).map(|_| ()), Ok(()));
}

#[test]
fn a_pem_text_that_is_no_public_key_is_refused() {
    let private = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n";
    assert_eq!(
        Verifier::public_key_pem(private.as_bytes()).unwrap_err(),
        KeyError::PrivateKey
    );
    for bad in ["", "emqxsecret", P521, &RSA[..200], &RSA.replace("MIIB", "AAAA")] {
        let refused = Verifier::public_key_pem(bad.as_bytes()).unwrap_err();
        assert!(matches!(refused, KeyError::NotPem(_)), "{bad}: {refused}");
    }
}

#[test]
fn claims_are_compared_with_the_client_that_shows_the_token() {
    let claims = verify(&token(&json!({
        "username": "u", "device": "c-u", "n": 7, "ok": true, "list": ["u"], "empty": "", "undefined": "undefined"
    })));
    let claims = claims.unwrap();
    let who = Subject {
        client_id: "c",
        username: Some("u"),
        common_name: None,
    };
    let check = |name: &str, wanted: &str, who: &Subject<'_>| {
        claims
            .check(&[ClaimCheck::new(name, wanted).unwrap()], who)
            .map_err(|error| error.keyword())
    };
    for (name, wanted) in [
        ("username", "${username}"),
        ("username", "%u"),
        ("device", "${clientid}-${username}"),
        ("username", "u"),
        ("n", "7"),
        ("ok", "true"),
        ("empty", ""),
    ] {
        assert_eq!(check(name, wanted, &who), Ok(()), "{name} = {wanted}");
    }
    for (name, wanted) in [
        ("username", "${clientid}"),
        ("username", "%c"),
        ("list", "u"),
        ("list", "[\"u\"]"),
        ("empty", "${username}"),
        ("username", "${cert_common_name}"),
    ] {
        assert_eq!(check(name, wanted, &who), Err("claim_mismatch"), "{name} = {wanted}");
    }
    assert_eq!(check("missing", "", &who), Err("missing_claim"));
    // A client without a user name must not pass as one called "undefined" or "".
    let nobody = Subject {
        client_id: "c",
        ..Subject::default()
    };
    for name in ["undefined", "empty", "username"] {
        assert_eq!(check(name, "${username}", &nobody), Err("claim_mismatch"));
    }
    for bad in ["${password}", "${username", "x${}"] {
        assert!(ClaimCheck::new("a", bad).is_err(), "{bad}");
    }
}

#[test]
fn what_a_token_grants_is_read_as_emqx_reads_it() {
    let claims = |claims: Value| verify(&token(&claims)).unwrap();
    for (value, is_superuser) in [
        (json!(true), true),
        (json!("true"), true),
        (json!("1"), true),
        (json!(1), true),
        (json!(false), false),
        (json!(0), false),
        (json!(-1), false),
        (json!("yes"), false),
        (json!(null), false),
        (json!([true]), false),
    ] {
        assert_eq!(
            claims(json!({"is_superuser": value})).is_superuser(),
            is_superuser,
            "{value}"
        );
    }
    assert!(!claims(json!({})).is_superuser());
    let claims = claims(json!({"acl": {"pub": ["t"]}, "client_attrs": {"site": "A", "n": 1}}));
    assert_eq!(claims.get("acl"), Some(&json!({"pub": ["t"]})));
    assert_eq!(claims.client_attrs().collect::<Vec<_>>(), [("site", "A")]);
    assert_eq!(claims.expires_at(), None);
}

#[test]
fn secrets_and_claims_are_in_no_debug_text() {
    let verifier = Verifier::hmac(b"Canary_7f3a!").unwrap();
    let token = signed_with(b"Canary_7f3a!", &json!({"alg": "HS256"}), &json!({"a": "Canary_7f3a!"}));
    let claims = verifier.verify(token.as_bytes(), NOW).unwrap();
    let said = format!("{verifier:?} {claims:?}");
    assert!(!said.contains("Canary") && said.contains("\"a\""), "{said}");
}
