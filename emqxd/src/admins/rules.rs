//! What a user name and a password of an administrator may be: EMQX's rules, in EMQX's words.

/// EMQX's bounds of a password, in characters.
const PASSWORD_LENGTH: std::ops::RangeInclusive<usize> = 8..=64;

/// Checks the name of a new administrator.
pub fn check_username(username: &str) -> Result<(), &'static str> {
    if username.is_empty() {
        return Err("Username cannot be empty");
    }
    if username
        .bytes()
        .all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
    {
        return Ok(());
    }
    Err("Bad Username. Only upper and lower case letters, numbers and underscores are supported")
}

/// Checks a new password. The text never holds the password.
pub fn check_password(password: &str) -> Result<(), &'static str> {
    if !password.is_ascii() {
        return Err("Only ascii characters are allowed in the password");
    }
    if !PASSWORD_LENGTH.contains(&password.len()) {
        return Err("The range of password length is 8~64");
    }
    let kinds: [fn(&u8) -> bool; 3] = [u8::is_ascii_alphabetic, u8::is_ascii_digit, |byte| {
        !byte.is_ascii_alphanumeric()
    }];
    let kinds_used = kinds.iter().filter(|kind| password.as_bytes().iter().any(kind)).count();
    if kinds_used >= 2 {
        return Ok(());
    }
    Err(
        "Bad password. At least two different kind of characters from groups of letters, numbers, and special \
         characters. For example, if password is composed from letters, it must contain at least one number or a \
         special character.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_letters_digits_and_underscores() {
        for good in ["admin", "A_1", "_"] {
            assert_eq!(check_username(good), Ok(()));
        }
        assert_eq!(check_username(""), Err("Username cannot be empty"));
        for bad in ["a b", "a-b", "ä", "a\n"] {
            assert!(
                check_username(bad).unwrap_err().starts_with("Bad Username. Only upper"),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn passwords_have_8_to_64_characters_of_two_kinds() {
        for good in ["Public_1", "abcdefg1", "1234567!", &"a1".repeat(32)] {
            assert_eq!(check_password(good), Ok(()));
        }
        for (bad, why) in [
            ("public", "The range of password length is 8~64"),
            (&*"a1".repeat(33), "The range of password length is 8~64"),
            ("abcdefgä1", "Only ascii characters are allowed in the password"),
        ] {
            assert_eq!(check_password(bad), Err(why));
        }
        for bad in ["abcdefgh", "12345678", "!!!!!!!!"] {
            assert!(
                check_password(bad)
                    .unwrap_err()
                    .starts_with("Bad password. At least two"),
                "{bad}"
            );
        }
    }
}
