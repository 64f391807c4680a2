//! Hashes that other programs made, and what can be no hash.

use super::*;

const SALT: &str = "salt";

fn accepts(algorithm: &Algorithm, hash: &str, salt: &str, password: &[u8]) -> bool {
    algorithm.verify(&StoredPassword::new(hash.to_owned(), salt.to_owned()), password)
}

fn pbkdf2(mac: MacFunction, iterations: u32, dk_length: Option<u32>) -> Algorithm {
    Algorithm::Pbkdf2 {
        mac,
        iterations,
        dk_length,
    }
}

/// Digests by `printf saltpublic | openssl dgst -<name>`, or Python's `hashlib.new(name, b"saltpublic").hexdigest()`.
#[test]
fn digests_with_the_salt_before_behind_and_nowhere_are_those_of_openssl() {
    use SaltPosition::{Disable, Prefix, Suffix};
    for (algorithm, hash) in [
        (Algorithm::Plain(Prefix), "saltpublic"),
        (Algorithm::Plain(Suffix), "publicsalt"),
        (Algorithm::Plain(Disable), "public"),
        (Algorithm::Md5(Prefix), "c91e85973ceee05f005996584f067a72"),
        (Algorithm::Md5(Suffix), "b8fe9a6d76f4fa94adda07a7833e6402"),
        (Algorithm::Md5(Disable), "4c9184f37cff01bcdc32dc486ec36961"),
        (Algorithm::Sha(Prefix), "54625c8c5d22e86e9a3d2732bf48d0f43d343366"),
        (Algorithm::Sha(Suffix), "43e71834067d59d83ae934bb80670178b810b9be"),
        (Algorithm::Sha(Disable), "61c9b2b17db77a27841bbeeabff923448b0f6388"),
        (
            Algorithm::Sha256(Prefix),
            "f2ef7f9aedb2c3b5040bc16691a1177758a92ad91e1ee77770215a332bf6099f",
        ),
        (
            Algorithm::Sha256(Suffix),
            "f4a8615be301fbaf6213df33cfe5f22953aafc0c31beb8f2daef55b127444d27",
        ),
        (
            Algorithm::Sha256(Disable),
            "EFA1F375D76194FA51A3556A97E641E61685F914D446979DA50A551A4333FFD7",
        ),
        (
            Algorithm::Sha512(Prefix),
            "82112846414ba6fd95be5ac402188c3a7cf1a178485e937fded30f9e398c94094d2d742a41dd0982febd36484be12f19\
             d3cf9130fe2d903d61b5c7ae9a327185",
        ),
        (
            Algorithm::Sha512(Suffix),
            "7ffaf674fc0b94835d6cdba9f3e80b7d7dc8efe5fe7cfe9f01d38d309718cef339fc3014fb007d2133d65d6fea8e9048\
             17670aeb69ca47a74554804c15e1bd4f",
        ),
    ] {
        assert!(accepts(&algorithm, hash, SALT, b"public"), "{algorithm:?}");
        assert!(!accepts(&algorithm, hash, SALT, b"Public"), "{algorithm:?}");
        let stored = StoredPassword::new(hash.to_owned(), SALT.to_owned());
        assert_eq!(algorithm.check_stored(&stored), Ok(()), "{algorithm:?}");
    }
}

/// By Python's `hashlib.pbkdf2_hmac(name, b"public", b"salt", 3, length).hex()`.
#[test]
fn pbkdf2_gives_what_python_s_hashlib_gives() {
    for (mac, dk_length, hash) in [
        (MacFunction::Md5, None, "2308c6d6437765b91694cfed4b0aee40"),
        (MacFunction::Sha, None, "d09bb0cb70c8f7f06a57d4c6b8afb8746eae8fe4"),
        (
            MacFunction::Sha,
            Some(45),
            "d09bb0cb70c8f7f06a57d4c6b8afb8746eae8fe4b4e4999a63e3bdddf4a00d3c95bc90c53bbea65be6c054ce27",
        ),
        (
            MacFunction::Sha224,
            None,
            "0be4e32d01fd69608c6c2df13df0c247f17975abc3e9bf8c5ac4eb8f",
        ),
        (
            MacFunction::Sha256,
            None,
            "05ab1c1a30a96e5d7bd377570c4af1a895ff4f24114c7aadd5b7c4c3d9e3b5fe",
        ),
        (MacFunction::Sha256, Some(8), "05ab1c1a30a96e5d"),
        (
            MacFunction::Sha384,
            None,
            "802076f5b96d8aaea32298f08616e46b6369a29c9f6e832a78d14c34b77fc3882a0699d4a1a664d8113d79ab70393edd",
        ),
        (
            MacFunction::Sha512,
            None,
            "6afde20233d014784fe6838d643f3b069a61efee0c771b0ce6a5c87265029ba5339dbb01254c816eb2949aa36662b729\
             69e792a508c53429220b80815415331d",
        ),
    ] {
        let algorithm = pbkdf2(mac, 3, dk_length);
        assert!(accepts(&algorithm, hash, SALT, b"public"), "{algorithm:?}");
        assert!(!accepts(&algorithm, hash, "Salt", b"public"), "{algorithm:?}");
        assert!(!accepts(&pbkdf2(mac, 4, dk_length), hash, SALT, b"public"));
    }
}

/// By libcrypt: `perl -e 'print crypt("public", q($2b$04$abcdefghijklmnopqrstuu))'`.
#[test]
fn bcrypt_gives_what_libcrypt_gives() {
    let bcrypt = Algorithm::Bcrypt { salt_rounds: 4 };
    let long = [b'x'; 100];
    for (hash, password) in [
        (
            "$2b$04$abcdefghijklmnopqrstuuaNoRgelGRsJ2Tm9Zn/HHRlHib6lnzBu",
            &b"public"[..],
        ),
        ("$2a$05$abcdefghijklmnopqrstuu0oImNDIy4flhldV9YqunRgBAePKmw7m", b""),
        ("$2y$04$......................SZFhVdUK5wGKY4lx/QrgUMHG0XsWjbi", &long),
        (
            "$2a$04$CCCCCCCCCCCCCCCCCCCCC.TKL0PRqKTFpW12ixR4oYE99BBVQw9Ee",
            "p\u{e4}ss".as_bytes(),
        ),
    ] {
        assert!(accepts(&bcrypt, hash, "", password), "{hash}");
        assert!(!accepts(&bcrypt, hash, "", b"Public"), "{hash}");
    }
    // Bytes behind the 72nd do not count, also not here.
    let hash = "$2y$04$......................SZFhVdUK5wGKY4lx/QrgUMHG0XsWjbi";
    assert!(accepts(&bcrypt, hash, "", &[b'x'; 72]));
    assert!(!accepts(&bcrypt, hash, "", &[b'x'; 71]));
}

#[test]
fn a_zero_byte_does_not_cut_a_password_short() {
    let bcrypt = Algorithm::Bcrypt { salt_rounds: 4 };
    let hash = "$2b$04$abcdefghijklmnopqrstuuaNoRgelGRsJ2Tm9Zn/HHRlHib6lnzBu";
    assert!(!accepts(&bcrypt, hash, "", b"public\0other"));
    assert!(!accepts(
        &Algorithm::Plain(SaltPosition::Disable),
        "public",
        "",
        b"public\0"
    ));
}

#[test]
fn what_was_hashed_is_known_again_and_has_emqx_s_form() {
    let random = [0xa5; RANDOM_BYTES];
    for (algorithm, salt, length) in [
        (Algorithm::Plain(SaltPosition::Prefix), "", 6),
        (Algorithm::Md5(SaltPosition::Suffix), "a5", 32),
        (Algorithm::Sha(SaltPosition::Prefix), "a5", 40),
        (Algorithm::default(), "a5", 64),
        (Algorithm::Sha512(SaltPosition::Disable), "a5", 128),
        (pbkdf2(MacFunction::Sha512, 10, Some(20)), "a5", 40),
        (Algorithm::Bcrypt { salt_rounds: 5 }, "$2b$05$", 60),
    ] {
        let stored = hash(&algorithm, "public", &random);
        assert!(verify(&algorithm, &stored, b"public"), "{algorithm:?}");
        assert!(!verify(&algorithm, &stored, b"publi"), "{algorithm:?}");
        assert!(!verify(&algorithm, &stored, b""), "{algorithm:?}");
        assert!(stored.salt().starts_with(salt), "{algorithm:?}");
        assert_eq!(stored.hash().len(), length, "{algorithm:?}");
        assert_eq!(algorithm.check_stored(&stored), Ok(()));
        let other = hash(&algorithm, "public", &[1; RANDOM_BYTES]);
        let is_salted = !matches!(algorithm, Algorithm::Plain(_) | Algorithm::Sha512(_));
        assert_eq!(stored != other, is_salted || !matches!(algorithm, Algorithm::Plain(_)));
    }
    let sha256 = hash(&Algorithm::default(), "public", &random);
    assert_eq!(sha256.salt(), "a5".repeat(16), "32 digits, which are hashed as text");
}

#[test]
fn a_decoy_has_the_form_and_the_cost_of_a_hash_and_matches_nothing() {
    for algorithm in [
        Algorithm::Plain(SaltPosition::Disable),
        Algorithm::default(),
        Algorithm::Sha512(SaltPosition::Prefix),
        pbkdf2(MacFunction::Sha, 10, Some(50)),
        Algorithm::Bcrypt { salt_rounds: 4 },
    ] {
        let decoy = algorithm.decoy(&[7; RANDOM_BYTES]);
        assert_eq!(algorithm.check_stored(&decoy), Ok(()), "{algorithm:?}");
        assert!(!verify(&algorithm, &decoy, b"") && !verify(&algorithm, &decoy, b"public"));
        if let Algorithm::Bcrypt { .. } = algorithm {
            assert_eq!(bcrypt::parse(decoy.hash()).unwrap().cost, 4);
        }
    }
}

#[test]
fn a_record_that_would_cost_minutes_or_is_no_hash_is_refused_and_matches_nothing() {
    let bcrypt = Algorithm::Bcrypt { salt_rounds: 10 };
    let good = "$2b$04$abcdefghijklmnopqrstuuaNoRgelGRsJ2Tm9Zn/HHRlHib6lnzBu";
    for bad in [
        good.replace("$04$", "$31$"),
        good.replace("$04$", "$16$"),
        good.replace("$04$", "$03$"),
        good.replace("$04$", "$4$"),
        good.replace("$04$", "$+4$"),
        good.replace("$2b$", "$2$"),
        good.replace("$2b$", "$5$"),
        good[..59].to_owned(),
        format!("{good}u"),
        good.replace("GRs", "\u{20ac}"),
        good.replace("GRs", "!!!"),
        String::new(),
        "$".repeat(60),
    ] {
        let stored = StoredPassword::new(bad.clone(), bad.clone());
        assert!(bcrypt.check_stored(&stored).is_err(), "{bad}");
        assert!(!bcrypt.verify(&stored, b"public"), "{bad}");
    }
    for bad in ["", "zz", &"a".repeat(63), &"g".repeat(64), &"a".repeat(4096)] {
        let stored = StoredPassword::new(bad.to_owned(), String::new());
        assert!(Algorithm::default().check_stored(&stored).is_err(), "{bad}");
        assert!(!Algorithm::default().verify(&stored, b"public"), "{bad}");
    }
}

#[test]
fn an_empty_record_is_no_plain_password() {
    assert!(!accepts(&Algorithm::Plain(SaltPosition::Disable), "", "", b""));
}

#[test]
fn parameters_that_would_cost_minutes_are_refused_by_name() {
    for (algorithm, name) in [
        (Algorithm::Bcrypt { salt_rounds: 31 }, "salt_rounds"),
        (Algorithm::Bcrypt { salt_rounds: 0 }, "salt_rounds"),
        (pbkdf2(MacFunction::Sha256, 0, None), "iterations"),
        (pbkdf2(MacFunction::Sha256, u32::MAX, None), "iterations"),
        (pbkdf2(MacFunction::Sha256, 5_000_000, Some(33)), "iterations"),
        (pbkdf2(MacFunction::Sha256, 1, Some(0)), "dk_length"),
        (pbkdf2(MacFunction::Sha256, 1, Some(u32::MAX)), "dk_length"),
    ] {
        assert_eq!(algorithm.check().unwrap_err().name, name, "{algorithm:?}");
    }
    assert_eq!(pbkdf2(MacFunction::Sha256, 600_000, None).check(), Ok(()));
    assert_eq!(Algorithm::Bcrypt { salt_rounds: 12 }.check(), Ok(()));
    // A configuration that was not checked hangs nobody either.
    let costly = pbkdf2(MacFunction::Sha256, u32::MAX, Some(256));
    assert!(!accepts(&costly, &"a".repeat(512), "", b"public"));
}

#[test]
fn secrets_are_in_no_debug_text() {
    let stored = StoredPassword::new("Canary_7f3a!".to_owned(), "Canary_7f3a!".to_owned());
    let problem = Algorithm::default().check_stored(&stored).unwrap_err();
    assert!(!format!("{stored:?} {problem:?} {problem}").contains("Canary"));
}
