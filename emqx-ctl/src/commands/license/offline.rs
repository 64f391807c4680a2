//! What needs no daemon: looking at a licence, comparing two, making keys, issuing.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use emqx_license::{
    Algorithm, CustomerType, Date, Gate, Issuer, Issuers, LicenseType, ParseError, Rules, Signature, SigningKey,
    SigningKeyError, Terms, inspect, judge, warnings,
};
use emqx_shared::ExitCode;
use emqx_shared::views::{LicensePreviewView, LicenseView};

use super::{refused, source};
use crate::app::App;
use crate::cli::{IssueArgs, LicenseTypeChoice};
use crate::commands::Outcome;
use crate::failure::CliFailure;
use crate::render::{IssuedLicense, KeyPair, ShownLicense};

/// `license show SRC`
pub fn show(text: &str, issuer_keys: &[PathBuf], app: &mut App) -> Outcome {
    let shown = look_at(text, issuer_keys, today(app))?;
    app.printer.one(&shown)?;
    Ok(ExitCode::Done)
}

/// `license diff SRC OTHER`
pub fn diff(new: &str, other: &str, app: &mut App) -> Outcome {
    let today = today(app);
    let preview = LicensePreviewView {
        current: look_at(other, &[], today)?.license,
        new: look_at(new, &[], today)?.license,
        consequences: Vec::new(),
    };
    super::print_diff(&preview, app)?;
    Ok(ExitCode::Done)
}

fn today(app: &App) -> Date {
    Date::of_unix(app.printer.look.now_ms / 1000)
}

fn look_at(text: &str, issuer_keys: &[PathBuf], today: Date) -> Result<ShownLicense, CliFailure> {
    let issuers = issuer_keys.iter().map(|path| {
        let pem = source::read_file(path)?;
        let name = path.display().to_string();
        Issuer::from_pem(name.clone(), &pem).map_err(|error| {
            CliFailure::new(
                "bad_issuer_key",
                ExitCode::BadData,
                format!("{name} is no public key to check with"),
            )
            .why(error.to_string())
        })
    });
    let issuers = Issuers::with(issuers.collect::<Result<Vec<_>, _>>()?);
    let built_in = |terms| (None, terms);
    let (signature, terms) = match text.trim() {
        "default" => built_in(Terms::built_in()),
        "evaluation" => built_in(Terms::evaluation()),
        key => {
            let (signature, terms) = inspect(key, &issuers).map_err(|error| refused(&error))?;
            (Some(signature), terms.map_err(|error| refused(&error))?)
        }
    };
    Ok(shown(&terms, signature, today))
}

/// The terms with the rules of a daemon that was not told otherwise.
fn shown(terms: &Terms, signature: Option<Signature>, today: Date) -> ShownLicense {
    let verdict = judge(terms, today, &Rules::default());
    let (signature, issuer) = match signature {
        None => ("none, it is built in".to_owned(), None),
        Some(Signature::By(issuer)) => (format!("good, by {issuer}"), Some(issuer)),
        Some(Signature::Unknown) => ("by no issuer known here".to_owned(), None),
    };
    let license = LicenseView {
        customer: terms.customer.clone(),
        email: terms.email.clone(),
        deployment: terms.deployment.clone(),
        license_type: terms.license_type.name().to_owned(),
        customer_type: terms.customer_type.0,
        start_at: terms.start.to_string(),
        expiry_at: terms.expiry().to_string(),
        days_left: verdict.days_left,
        is_expired: verdict.is_expired,
        is_overdue: verdict.is_overdue,
        max_sessions: verdict.max_sessions,
        refused_from: Gate::new(&verdict).ceiling(),
        max_tps: terms.max_tps,
        issuer,
        source: String::new(),
        set_at_ms: None,
        set_by: None,
        sessions: 0,
        connections: 0,
        judged_on: today.to_string(),
        warnings: warnings(terms, &verdict),
    };
    ShownLicense { license, signature }
}

/// `license keygen FILE`
pub fn keygen(file: &Path, rsa: bool, app: &mut App) -> Outcome {
    let algorithm = if rsa { Algorithm::Rsa3072 } else { Algorithm::EcdsaP256 };
    let key = SigningKey::generate(algorithm).map_err(|error| not_issued(&error))?;
    let private = key.private_pem().map_err(|error| not_issued(&error))?;
    let public = key.public_pem().map_err(|error| not_issued(&error))?;
    let mut public_file = file.as_os_str().to_owned();
    public_file.push(".pub");
    let public_file = PathBuf::from(public_file);
    write_new(file, &private, 0o600)?;
    if let Err(failure) = write_new(&public_file, &public, 0o644) {
        // Half a pair is of no use.
        let _it_was_ours = fs::remove_file(file);
        return Err(failure.into());
    }
    app.printer.one(&KeyPair {
        private_key: file.display().to_string(),
        public_key: public_file.display().to_string(),
    })?;
    Ok(ExitCode::Done)
}

/// `license issue …`
pub fn issue(args: &IssueArgs, app: &mut App) -> Outcome {
    let pem = source::read_file(&args.key)?;
    let key = SigningKey::from_pem(&pem).map_err(|error| {
        let shown = args.key.display();
        CliFailure::new(
            "bad_key",
            ExitCode::BadData,
            format!("{shown} is no key to issue licences with"),
        )
        .why(error.to_string())
        .next("emqx-ctl license keygen FILE")
    })?;
    let start = match &args.start {
        None => today(app),
        Some(text) => Date::parse(text)
            .ok_or_else(|| CliFailure::usage(format!("--start {text}: a day is written as 20261122")))?,
    };
    let terms = Terms {
        license_type: match args.license_type {
            LicenseTypeChoice::Trial => LicenseType::Trial,
            LicenseTypeChoice::Official => LicenseType::Official,
            LicenseTypeChoice::Community => LicenseType::Community,
        },
        customer_type: CustomerType(args.customer_type),
        customer: args.customer.clone(),
        email: args.email.clone(),
        deployment: args.deployment.clone(),
        start,
        days: args.days,
        max_sessions: args.sessions,
        max_tps: args.tps,
    };
    let license = key.issue(&terms).map_err(|error| not_issued(&error))?;
    let file = match &args.output {
        None => None,
        Some(path) => {
            write_new(path, &format!("{license}\n"), 0o600)?;
            Some(path.display().to_string())
        }
    };
    app.printer.one(&IssuedLicense { license, file })?;
    Ok(ExitCode::Done)
}

fn not_issued(error: &SigningKeyError) -> CliFailure {
    let exit = match error {
        SigningKeyError::Terms(_) => ExitCode::Usage,
        _ => ExitCode::Internal,
    };
    CliFailure::new("not_issued", exit, "nothing was issued").why(error.to_string())
}

/// Writes a file that must not be there yet: a key that is overwritten is lost.
fn write_new(path: &Path, text: &str, mode: u32) -> Result<(), CliFailure> {
    let write = || -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|error| {
        let failure = CliFailure::new(
            "cannot_create",
            ExitCode::CannotCreate,
            format!("{} was not written", path.display()),
        );
        failure.why(error.to_string()).next("name a file that is not there yet")
    })
}

/// What is wrong with a key that no daemon has to be asked about.
///
/// # Errors
/// It is none.
pub fn check_form(text: &str) -> Result<(), ParseError> {
    match text.trim() {
        "default" | "evaluation" => Ok(()),
        key => inspect(key, &Issuers::default()).map(|_| ()),
    }
}

/// What the daemon will have found wrong with it, besides the signature.
pub fn form_error(text: &str) -> Option<ParseError> {
    match inspect(text, &Issuers::default()) {
        Err(error) | Ok((_, Err(error))) => Some(error),
        Ok((_, Ok(_))) => None,
    }
}
