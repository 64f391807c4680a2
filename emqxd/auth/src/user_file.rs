//! Files of users for the built-in database: EMQX's `bootstrap_file`, and what `authn users import` reads.
//!
//! CSV with a header line, or a JSON array of objects; columns `user_id`, `is_superuser`, and `password_hash` with
//! `salt`, or `password` if the passwords are plain (`bootstrap_type`). One row that is wrong refuses the file, with its
//! line: half a list of users is worse than none. [`parse`] reads a whole text; of a text that comes in pieces each
//! piece is one.

use std::fmt;

use serde_json::Value;
use zeroize::Zeroize;

use crate::password::StoredPassword;

/// Longest user name or client id: MQTT's bound.
pub const USER_ID_BYTES_MAX: usize = 65_535;
/// Longest plain password of a user.
pub const PASSWORD_BYTES_MAX: usize = 1024;
/// Columns that a file has at most; others than ours are ignored.
const COLUMNS_MAX: usize = 32;

/// What the rows hold: EMQX's `bootstrap_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RowType {
    /// `plain`: passwords, hashed when they are taken over.
    #[default]
    Plain,
    /// `hash`: hashes with their salts, made by the configured algorithm.
    Hash,
}

impl RowType {
    /// EMQX's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Hash => "hash",
        }
    }

    /// The type of that word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Plain, Self::Hash].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Lines with commas.
    Csv,
    /// An array of objects.
    Json,
}

impl Format {
    /// By the ending of a file's name; `None` if it is neither `.csv` nor `.json`.
    pub fn of_name(name: &str) -> Option<Self> {
        let ending = name.rsplit_once('.')?.1;
        match ending.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// A user of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRow {
    /// User name or client id.
    pub user_id: String,
    /// What it logs in with.
    pub secret: Secret,
    /// Is not asked for permissions.
    pub is_superuser: bool,
    /// Line of a CSV, element of an array; counted from 1.
    pub place: usize,
}

/// What a user logs in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Secret {
    /// The password.
    Plain(PlainPassword),
    /// Its hash.
    Hash(StoredPassword),
}

/// A password as it is typed. Prints as `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct PlainPassword(pub String);

impl fmt::Debug for PlainPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Drop for PlainPassword {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// What is wrong with a file. Holds no secret of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{unit} {place}: {what}")]
pub struct UserFileError {
    /// `line` or `row`.
    pub unit: &'static str,
    /// Which, from 1.
    pub place: usize,
    /// What is wrong with it.
    pub what: String,
}

/// Reads all users of a text.
///
/// # Errors
/// The first line or row that is wrong.
pub fn parse(text: &str, format: Format, kind: RowType) -> Result<Vec<UserRow>, UserFileError> {
    match format {
        Format::Csv => parse_csv(text, kind),
        Format::Json => parse_json(text, kind),
    }
}

fn parse_csv(text: &str, kind: RowType) -> Result<Vec<UserRow>, UserFileError> {
    let error = |place: usize, what: String| UserFileError {
        unit: "line",
        place,
        what,
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text.lines().enumerate().map(|(number, line)| (number + 1, line));
    let (_, header) = lines.next().ok_or_else(|| error(1, "the file is empty".to_owned()))?;
    let header = split_line(header).map_err(|what| error(1, what.to_owned()))?;
    let header: Vec<String> = header
        .into_iter()
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    if let Some(what) = bad_header(&header, kind) {
        return Err(error(1, what));
    }
    let mut rows = Vec::new();
    for (place, line) in lines {
        if line.is_empty() {
            // The file's last line break may be doubled; a gap is a mistake.
            if text.lines().skip(place).all(str::is_empty) {
                break;
            }
            return Err(error(place, "it is empty".to_owned()));
        }
        let mut values = split_line(line).map_err(|what| error(place, what.to_owned()))?;
        if values.len() != header.len() {
            let (found, wanted) = (values.len(), header.len());
            return Err(error(place, format!("it has {found} values, the header has {wanted}")));
        }
        let mut fields = Fields::default();
        for (name, value) in header.iter().zip(&mut values) {
            fields.set(name, std::mem::take(value));
        }
        rows.push(fields.row(kind, place).map_err(|what| error(place, what))?);
    }
    Ok(rows)
}

fn bad_header(header: &[String], kind: RowType) -> Option<String> {
    let needed: &[&str] = match kind {
        RowType::Plain => &["user_id", "password"],
        RowType::Hash => &["user_id", "password_hash"],
    };
    let has = |name: &str| header.iter().any(|found| found == name);
    if let Some(missing) = needed.iter().find(|name| !has(name)) {
        return Some(format!(
            "the header has no column {missing}; of type {} it needs {}",
            kind.as_str(),
            needed.join(", ")
        ));
    }
    let doubled = header
        .iter()
        .enumerate()
        .find(|(number, name)| header[..*number].contains(name));
    doubled.map(|(_, name)| {
        format!(
            "the header has the column {} twice",
            name.chars().take(64).collect::<String>()
        )
    })
}

/// The values of a line; one in double quotes may hold commas, and `""` for a quote.
fn split_line(line: &str) -> Result<Vec<String>, &'static str> {
    let mut values = Vec::new();
    let mut rest = Some(line);
    while let Some(text) = rest {
        if values.len() == COLUMNS_MAX {
            return Err("it has too many values");
        }
        let (value, after) = match text.strip_prefix('"') {
            Some(quoted) => split_quoted(quoted)?,
            None => match text.split_once(',') {
                Some((value, after)) => (value.to_owned(), Some(after)),
                None => (text.to_owned(), None),
            },
        };
        values.push(value);
        rest = after;
    }
    Ok(values)
}

fn split_quoted(text: &str) -> Result<(String, Option<&str>), &'static str> {
    let mut value = String::new();
    let mut rest = text;
    loop {
        let (before, after) = rest.split_once('"').ok_or("a quote is not closed")?;
        value.push_str(before);
        match after.as_bytes().first() {
            Some(b'"') => {
                value.push('"');
                rest = &after[1..];
            }
            Some(b',') => return Ok((value, Some(&after[1..]))),
            None => return Ok((value, None)),
            Some(_) => return Err("something stands between a closing quote and the comma"),
        }
    }
}

fn parse_json(text: &str, kind: RowType) -> Result<Vec<UserRow>, UserFileError> {
    let error = |unit, place: usize, what: String| UserFileError { unit, place, what };
    // What serde says may quote a value, which may be a password: its place is enough.
    let document: Value = serde_json::from_str(text).map_err(|problem| {
        let what = format!("it is no JSON (column {})", problem.column());
        error("line", problem.line(), what)
    })?;
    let Value::Array(elements) = document else {
        return Err(error("line", 1, "it is no array of users".to_owned()));
    };
    let mut rows = Vec::with_capacity(elements.len());
    for (number, element) in elements.into_iter().enumerate() {
        let place = number + 1;
        rows.push(json_row(element, kind, place).map_err(|what| error("row", place, what))?);
    }
    Ok(rows)
}

fn json_row(element: Value, kind: RowType, place: usize) -> Result<UserRow, String> {
    let Value::Object(object) = element else {
        return Err("it is no object".to_owned());
    };
    let mut fields = Fields::default();
    for (name, value) in object {
        let text = match value {
            Value::String(text) => text,
            Value::Bool(answer) if name == "is_superuser" => answer.to_string(),
            Value::Null if name == "salt" || name == "is_superuser" => String::new(),
            _ if !Fields::knows(&name) => continue,
            _ => return Err(format!("{name} is no text")),
        };
        fields.set(&name, text);
    }
    fields.row(kind, place)
}

/// The values of a row by name.
#[derive(Default)]
struct Fields {
    user_id: Option<String>,
    password: Option<String>,
    password_hash: Option<String>,
    salt: Option<String>,
    is_superuser: Option<String>,
}

impl Fields {
    fn knows(name: &str) -> bool {
        Self::default().place_of(name).is_some()
    }

    fn place_of(&mut self, name: &str) -> Option<&mut Option<String>> {
        match name {
            "user_id" => Some(&mut self.user_id),
            "password" => Some(&mut self.password),
            "password_hash" => Some(&mut self.password_hash),
            "salt" => Some(&mut self.salt),
            "is_superuser" => Some(&mut self.is_superuser),
            _ => None,
        }
    }

    fn set(&mut self, name: &str, value: String) {
        if let Some(place) = self.place_of(name) {
            *place = Some(value);
        }
    }

    fn row(self, kind: RowType, place: usize) -> Result<UserRow, String> {
        let user_id = self.user_id.ok_or("it has no user_id")?;
        check_user_id(&user_id)?;
        let is_superuser = match self.is_superuser.as_deref() {
            None | Some("" | "false") => false,
            Some("true") => true,
            Some(_) => return Err("is_superuser is neither true nor false".to_owned()),
        };
        let secret = match kind {
            RowType::Plain => {
                let password = PlainPassword(self.password.ok_or("it has no password")?);
                check_password(&password.0)?;
                Secret::Plain(password)
            }
            RowType::Hash => {
                let hash = self.password_hash.ok_or("it has no password_hash")?;
                if hash.is_empty() {
                    return Err("its password_hash is empty".to_owned());
                }
                Secret::Hash(StoredPassword::new(hash, self.salt.unwrap_or_default()))
            }
        };
        Ok(UserRow {
            user_id,
            secret,
            is_superuser,
            place,
        })
    }
}

/// Whether a user may be called so.
///
/// # Errors
/// Says what is wrong.
pub fn check_user_id(user_id: &str) -> Result<(), &'static str> {
    match user_id {
        "" => Err("the user_id is empty"),
        long if long.len() > USER_ID_BYTES_MAX => Err("the user_id is longer than 65535 bytes"),
        nul if nul.contains('\0') => Err("the user_id holds a zero byte, which MQTT does not allow"),
        _ => Ok(()),
    }
}

/// Whether a user may have this password.
///
/// # Errors
/// Says what is wrong.
pub fn check_password(password: &str) -> Result<(), &'static str> {
    match password.len() {
        0 => Err("the password is empty"),
        1..=PASSWORD_BYTES_MAX => Ok(()),
        _ => Err("the password is longer than 1024 bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash_row(user_id: &str, hash: &str, salt: &str, is_superuser: bool, place: usize) -> UserRow {
        UserRow {
            user_id: user_id.to_owned(),
            secret: Secret::Hash(StoredPassword::new(hash.to_owned(), salt.to_owned())),
            is_superuser,
            place,
        }
    }

    #[test]
    fn both_formats_of_emqx_s_manual_are_read() {
        let csv = "user_id,password_hash,salt,is_superuser\n\
                   myuser4,$2b$12$x,,true\r\n\
                   \"my,\"\"user5\",abc,e378,false\n\n";
        let rows = parse(csv, Format::Csv, RowType::Hash).unwrap();
        assert_eq!(
            rows,
            [
                hash_row("myuser4", "$2b$12$x", "", true, 2),
                hash_row("my,\"user5", "abc", "e378", false, 3)
            ]
        );
        let json = r#"[{"user_id":"a","password_hash":"h","salt":"s","is_superuser":true},
                       {"user_id":"b","password_hash":"h","other":[1]}]"#;
        let rows = parse(json, Format::Json, RowType::Hash).unwrap();
        assert_eq!(
            rows,
            [hash_row("a", "h", "s", true, 1), hash_row("b", "h", "", false, 2)]
        );
    }

    #[test]
    fn plain_passwords_are_read_and_printed_nowhere() {
        let csv = "\u{feff}user_id,password\nu,Canary_7f3a!\n";
        let rows = parse(csv, Format::Csv, RowType::Plain).unwrap();
        assert!(matches!(&rows[0].secret, Secret::Plain(password) if password.0 == "Canary_7f3a!"));
        assert!(!format!("{rows:?}").contains("Canary"));
        let json = "[{\"user_id\":\"u\",\"password\":\"p\"}]";
        assert_eq!(parse(json, Format::Json, RowType::Plain).unwrap().len(), 1);
    }

    #[test]
    fn each_malformed_line_refuses_the_file_and_is_named() {
        const HEADER: &str = "user_id,password,is_superuser";
        for (line, what) in [
            ("\nu,p,", "empty"),
            (",p,", "user_id is empty"),
            ("u", "1 values, the header has 3"),
            ("u,p", "2 values"),
            ("u,p,,", "4 values"),
            ("u,,", "password is empty"),
            ("u,p,yes", "neither true nor false"),
            ("\"u,p,", "not closed"),
            ("\"u\"x,p,", "closing quote"),
            ("u\0,p,", "zero byte"),
            (&format!("u,{},", "x".repeat(1025)), "1024 bytes"),
            (&",".repeat(40), "too many values"),
        ] {
            let text = format!("{HEADER}\nok,ok,\n{line}\n");
            let error = parse(&text, Format::Csv, RowType::Plain).unwrap_err();
            assert_eq!((error.unit, error.place), ("line", 3), "{line:?}");
            assert!(error.what.contains(what), "{line:?}: {error}");
        }
        for (text, what) in [
            ("", "the file is empty"),
            ("user_id\nu\n", "no column password"),
            ("password_hash,salt\n", "no column user_id"),
            ("user_id,password,user_id\n", "twice"),
            ("u,p,\n", "no column user_id"),
        ] {
            let error = parse(text, Format::Csv, RowType::Plain).unwrap_err();
            assert!(error.place == 1 && error.what.contains(what), "{text:?}: {error}");
        }
    }

    #[test]
    fn each_malformed_row_of_json_refuses_the_file_and_is_named() {
        for (row, what) in [
            ("1", "no object"),
            ("{}", "no user_id"),
            ("{\"user_id\":1}", "user_id is no text"),
            ("{\"user_id\":\"\",\"password_hash\":\"h\"}", "empty"),
            ("{\"user_id\":\"u\"}", "no password_hash"),
            ("{\"user_id\":\"u\",\"password_hash\":\"\"}", "password_hash is empty"),
            (
                "{\"user_id\":\"u\",\"password_hash\":\"h\",\"is_superuser\":1}",
                "is_superuser is no text",
            ),
        ] {
            let text = format!("[{{\"user_id\":\"ok\",\"password_hash\":\"h\"}},{row}]");
            let error = parse(&text, Format::Json, RowType::Hash).unwrap_err();
            assert_eq!((error.unit, error.place), ("row", 2), "{row}");
            assert!(error.what.contains(what), "{row}: {error}");
        }
        for text in ["", "{}", "[", &"[".repeat(100_000), "[\"Canary\""] {
            let error = parse(text, Format::Json, RowType::Hash).unwrap_err();
            assert!(!error.to_string().contains("Canary"));
        }
        assert_eq!(parse("[]", Format::Json, RowType::Hash), Ok(Vec::new()));
    }

    #[test]
    fn the_ending_of_a_name_tells_the_format() {
        assert_eq!(Format::of_name("/etc/u.d/users.CSV"), Some(Format::Csv));
        assert_eq!(Format::of_name("users.json"), Some(Format::Json));
        assert_eq!(Format::of_name("users"), None);
    }
}
