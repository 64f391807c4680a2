//! What a licence says: the lines of its payload, read and written.
//!
//! Reading is strict: each line is what EMQX's parser takes it for or an error under EMQX's name, and every text is
//! printable, because it goes to logs and terminals.

use crate::{Date, FieldError, ParseError};

/// The first line of every payload of this format.
pub const FORMAT_VERSION: &str = "220111";
/// Sessions of a community licence that names no number.
const COMMUNITY_SESSIONS: u64 = 10_000_000;
/// Sessions of an evaluation licence that names no number.
const EVALUATION_SESSIONS: u64 = 25;
/// The longest customer name, address or deployment.
const TEXT_BYTES_MAX: usize = 1024;
/// About the days of 8000 years: what lies beyond is no date any more.
const DAYS_MAX: u32 = 2_932_896;

/// What a licence says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// What happens at its end.
    pub license_type: LicenseType,
    /// For whom it was made.
    pub customer_type: CustomerType,
    /// The customer's name.
    pub customer: String,
    /// The customer's address.
    pub email: String,
    /// What it is for, such as `default`.
    pub deployment: String,
    /// The first day.
    pub start: Date,
    /// How many days it is valid.
    pub days: u32,
    /// As written; 0 stands for the number that comes with the type. See [`Terms::session_limit`].
    pub max_sessions: u64,
    /// Messages a second; `None` for no limit.
    pub max_tps: Option<u64>,
}

/// What kind of licence it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LicenseType {
    /// To try it out; nothing goes on after its end.
    Trial,
    /// Paid for.
    Official,
    /// Free.
    Community,
}

impl LicenseType {
    /// Its number in the payload.
    pub const fn code(self) -> u8 {
        match self {
            Self::Trial => 0,
            Self::Official => 1,
            Self::Community => 2,
        }
    }

    /// Its name, as EMQX shows it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trial => "trial",
            Self::Official => "official",
            Self::Community => "community",
        }
    }

    /// The type of a name or a number.
    pub fn find(text: &str) -> Option<Self> {
        [Self::Trial, Self::Official, Self::Community]
            .into_iter()
            .find(|kind| kind.name() == text || kind.code().to_string() == text)
    }
}

/// For whom a licence was made: EMQX's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CustomerType(pub u32);

impl CustomerType {
    /// Small customers (standard ones since 5.9): nothing goes on after the end.
    pub const SMALL: Self = Self(0);
    /// Business critical: the limit is the lower of the licence's and `license.dynamic_max_connections`.
    pub const BUSINESS_CRITICAL: Self = Self(3);
    /// Evaluation.
    pub const EVALUATION: Self = Self(10);
    /// Developers.
    pub const DEVELOPER: Self = Self(11);

    /// EMQX's name; `other` for numbers without one.
    pub const fn name(self) -> &'static str {
        match self.0 {
            0 => "small",
            1 => "medium",
            2 => "large",
            3 => "business critical",
            4 => "bring your own cloud",
            5 => "education or non-profit",
            10 => "evaluation",
            11 => "developer",
            _ => "other",
        }
    }
}

/// Why terms cannot be written into a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub struct TermsError {
    /// Which field.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: &'static str,
}

impl Terms {
    /// What a broker without any key may do: everything, for ever.
    pub fn built_in() -> Self {
        let start = Date::parse("20220111").expect("a day of the calendar");
        Self {
            license_type: LicenseType::Community,
            customer_type: CustomerType::DEVELOPER,
            customer: "Community".to_owned(),
            email: String::new(),
            deployment: "default".to_owned(),
            start,
            days: u32::try_from(Date::MAX.days_since(start)).expect("below 8000 years"),
            max_sessions: COMMUNITY_SESSIONS,
            max_tps: None,
        }
    }

    /// The key word `evaluation`: 25 sessions, for ever; to see how a limit feels.
    pub fn evaluation() -> Self {
        Self {
            license_type: LicenseType::Trial,
            customer_type: CustomerType::EVALUATION,
            customer: "Evaluation".to_owned(),
            deployment: "trial".to_owned(),
            max_sessions: EVALUATION_SESSIONS,
            ..Self::built_in()
        }
    }

    /// The last day on which it is valid.
    pub fn expiry(&self) -> Date {
        self.start.plus_days(i64::from(self.days))
    }

    /// Whether it ends at all within the calendar.
    pub fn is_perpetual(&self) -> bool {
        self.expiry() >= Date::MAX
    }

    /// Sessions it allows. `dynamic_max` is `license.dynamic_max_connections`.
    pub fn session_limit(&self, dynamic_max: u64) -> u64 {
        match (self.max_sessions, self.customer_type, self.license_type) {
            (0, CustomerType::BUSINESS_CRITICAL, _) => dynamic_max,
            (limit, CustomerType::BUSINESS_CRITICAL, _) => limit.min(dynamic_max),
            (0, CustomerType::EVALUATION, _) => EVALUATION_SESSIONS,
            (0, _, LicenseType::Community) => COMMUNITY_SESSIONS,
            (limit, ..) => limit,
        }
    }

    /// Reads a payload.
    pub(crate) fn read(payload: &[u8]) -> Result<Self, ParseError> {
        let text = std::str::from_utf8(payload).map_err(|_| ParseError::BadFormat("its content is not text"))?;
        let lines: Vec<&str> = text.trim().split('\n').map(str::trim).collect();
        if let 9 | 10 = lines.len()
            && lines[0] != FORMAT_VERSION
        {
            return Err(ParseError::InvalidVersion);
        }
        let (fields, tps): (&[&str; 9], Option<&str>) = match lines.as_slice() {
            [fields @ .., tps] if fields.len() == 9 => (fields.try_into().expect("9 of them"), Some(tps)),
            fields => match fields.try_into() {
                Ok(fields) => (fields, None),
                Err(_) => return Err(ParseError::UnexpectedNumberOfFields(lines.len())),
            },
        };
        Self::read_fields(fields, tps)
    }

    fn read_fields(fields: &[&str; 9], tps: Option<&str>) -> Result<Self, ParseError> {
        let [
            _,
            license_type,
            customer_type,
            customer,
            email,
            deployment,
            start,
            days,
            sessions,
        ] = *fields;
        let mut wrong = Wrong(Vec::new());
        let kind = LicenseType::find(license_type).filter(|_| license_type.len() == 1);
        let license_type = wrong.take("license_type", "invalid_license_type", kind);
        let customer_type = wrong.take("customer_type", "invalid_customer_type", number(customer_type));
        let customer = wrong.take("customer", "invalid_customer", printable(customer));
        let email = wrong.take("email", "invalid_email", printable(email));
        let deployment = wrong.take("deployment", "invalid_deployment", printable(deployment));
        let start = wrong.take("date_start", "invalid_date", Date::parse(start));
        let days = number(days).filter(|days| (1..=DAYS_MAX).contains(days));
        let days = wrong.take("days", "invalid_int_value", days);
        let sessions = number(&sessions.replace(',', "")).filter(|limit| {
            let has_default = license_type == Some(LicenseType::Community)
                || matches!(
                    customer_type.map(CustomerType),
                    Some(CustomerType::BUSINESS_CRITICAL | CustomerType::EVALUATION)
                );
            *limit > 0 || has_default
        });
        let max_sessions = wrong.take("max_connections", "invalid_connection_limit", sessions);
        let max_tps = wrong.take("max_tps", "invalid_max_tps", tps_limit(tps));
        let terms = || {
            Some(Self {
                license_type: license_type?,
                customer_type: CustomerType(customer_type?),
                customer: customer?,
                email: email?,
                deployment: deployment?,
                start: start?,
                days: days?,
                max_sessions: max_sessions?,
                max_tps: max_tps?,
            })
        };
        terms().ok_or(ParseError::Fields(wrong.0))
    }

    /// Writes the payload, so that reading it gives these terms again.
    ///
    /// # Errors
    /// A text that cannot be told from another field or is not printable, or a number out of range.
    pub fn payload(&self) -> Result<String, TermsError> {
        for (field, text) in [
            ("customer", &self.customer),
            ("email", &self.email),
            ("deployment", &self.deployment),
        ] {
            if printable(text).is_none() || text.trim() != text {
                let problem = "must be printable, without blanks around it, and at most 1024 bytes long";
                return Err(TermsError { field, problem });
            }
        }
        let tps = self.max_tps.map(|tps| format!("{tps}\n")).unwrap_or_default();
        let text = format!(
            "{FORMAT_VERSION}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{tps}",
            self.license_type.code(),
            self.customer_type.0,
            self.customer,
            self.email,
            self.deployment,
            self.start.compact(),
            self.days,
            self.max_sessions,
        );
        match Self::read(text.as_bytes()) {
            Ok(read) if read == *self => Ok(text),
            Err(ParseError::Fields(wrong)) => {
                let field = wrong.first().map_or("a field", |wrong| wrong.field);
                let problem = "is out of range";
                Err(TermsError { field, problem })
            }
            _ => Err(TermsError {
                field: "a field",
                problem: "would not read back as it was written",
            }),
        }
    }
}

/// Collects the fields that make no sense.
struct Wrong(Vec<FieldError>);

impl Wrong {
    fn take<T>(&mut self, field: &'static str, error: &'static str, value: Option<T>) -> Option<T> {
        if value.is_none() {
            self.0.push(FieldError { field, error });
        }
        value
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    // `+5` is a number to Rust.
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// `Some(None)` for no limit.
fn tps_limit(text: Option<&str>) -> Option<Option<u64>> {
    match text {
        None => Some(None),
        Some(text) if text.starts_with("Inf") => Some(None),
        Some(text) => number(text).filter(|tps| *tps > 0).map(Some),
    }
}

/// The text, if it can be shown as it is: no control characters, nothing that turns or hides what follows.
fn printable(text: &str) -> Option<String> {
    let hides =
        |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    let is_good = text.len() <= TEXT_BYTES_MAX && !text.chars().any(|c| c.is_control() || hides(c));
    is_good.then(|| text.to_owned())
}
