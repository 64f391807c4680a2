//! Any bytes as a token, as the header and the claims of a token that is signed, as a key set, as a key in PEM.
#![no_main]

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use emqx_auth::jwt::{ClaimCheck, Subject, Verifier};
use hmac::{Hmac, KeyInit, Mac};
use libfuzzer_sys::fuzz_target;
use sha2::Sha256;

const SECRET: &[u8] = b"secret";
const NOW: i64 = 1_700_000_000;
const KEY: &str = include_str!("key.pem");
const KEY_SET: &str = include_str!("keys.json");

static VERIFIERS: LazyLock<[Verifier; 3]> = LazyLock::new(|| {
    [
        Verifier::hmac(SECRET).expect("it is a secret"),
        Verifier::public_key_pem(KEY.as_bytes()).expect("it is a key"),
        Verifier::jwks(KEY_SET.as_bytes()).expect("it is a key set"),
    ]
});

fuzz_target!(|data: &[u8]| {
    let [hmac, key, key_set] = &*VERIFIERS;
    for verifier in [hmac, key, key_set] {
        // Nobody signed it: a fuzzer that finds one that verifies has found a hole.
        assert!(verifier.verify(data, NOW).is_err());
    }
    let mut parts = data.splitn(2, |byte| *byte == 0);
    let (header, claims) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let signed = sign(header, claims);
    for verifier in [key, key_set] {
        assert!(verifier.verify(signed.as_bytes(), NOW).is_err());
    }
    if let Ok(claims) = hmac.verify(signed.as_bytes(), NOW) {
        assert!(claims.expires_at().is_none_or(|at| at >= NOW));
        let _answers = (claims.is_superuser(), claims.client_attrs().count());
        let nobody = Subject::default();
        for name in ["username", "sub"] {
            let check = ClaimCheck::new(name, "${username}").expect("it is a template");
            assert!(claims.check(&[check], &nobody).is_err());
        }
    }
    if let Ok(text) = std::str::from_utf8(data) {
        let _template = ClaimCheck::new("claim", text);
        let _secret = Verifier::hmac_base64(text);
    }
    let read = [Verifier::jwks(data), Verifier::public_key_pem(data)];
    for verifier in read.into_iter().flatten() {
        assert!(!verifier.keys().is_empty());
        assert!(verifier.verify(signed.as_bytes(), NOW).is_err());
    }
});

fn sign(header: &[u8], claims: &[u8]) -> String {
    let encode = |part: &[u8]| URL_SAFE_NO_PAD.encode(part);
    let message = format!("{}.{}", encode(header), encode(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET).expect("HMAC takes a key of any length");
    mac.update(message.as_bytes());
    format!("{message}.{}", encode(&mac.finalize().into_bytes()))
}
