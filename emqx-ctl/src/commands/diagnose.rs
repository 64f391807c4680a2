//! `diagnose bundle|analyze`

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use emqx_shared::ExitCode;

use super::{Outcome, doctor};
use crate::app::App;
use crate::bundle::{self, ArchiveError, Manifest};
use crate::cli::{AnalyzeArgs, BundleArgs, DiagnoseCommand};
use crate::doctor::{Facts, Wanted, judge};
use crate::failure::CliFailure;
use crate::render::escape::escape;
use crate::time::Civil;

/// Bytes of a bundle, compressed, that are read.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

pub fn run(command: DiagnoseCommand, app: &mut App) -> Outcome {
    match command {
        DiagnoseCommand::Bundle(args) => make(args, app),
        DiagnoseCommand::Analyze(args) => analyze(&args, app),
    }
}

fn make(args: BundleArgs, app: &mut App) -> Outcome {
    let wanted = Wanted {
        offline: args.offline,
        config: args.config,
    };
    let collected = bundle::collect(args.anonymize, &wanted, app);
    let manifest = &collected.manifest;
    let path = args.out.unwrap_or_else(|| default_name(manifest, app));
    bundle::write(&path, &collected.files, args.force, manifest.made_at).map_err(|error| not_written(&path, &error))?;
    if !app.is_text() {
        let text = serde_json::to_string(manifest).unwrap_or_default();
        app.printer.raw(&format!("{text}\n"))?;
        return Ok(ExitCode::Done);
    }
    let shown = path.display().to_string();
    app.printer.raw(&format!("{}\n", escape(&shown)))?;
    if !app.printer.look.quiet {
        let bytes: u64 = manifest.files.iter().map(|file| file.bytes).sum();
        eprintln!(
            "{} files, {bytes} bytes before packing; read it before you send it:",
            manifest.files.len()
        );
        for file in &manifest.files {
            eprintln!("  {:<18} {:>9}  {}", file.name, file.bytes, file.what);
        }
        for absent in &manifest.missing {
            eprintln!("  {:<18} {:>9}  {}", absent.name, "missing", escape(&absent.why));
        }
    }
    Ok(ExitCode::Done)
}

fn default_name(manifest: &Manifest, app: &App) -> PathBuf {
    let moment = Civil::new(manifest.made_at / 1000, app.printer.look.utc_offset).date_time();
    let moment = moment.replace([' ', ':'], "-");
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let node: String = manifest
        .node
        .chars()
        .map(|c| if is_plain(c) { c } else { '-' })
        .collect();
    let node = if node.is_empty() || manifest.anonymized {
        "node".to_owned()
    } else {
        node
    };
    PathBuf::from(format!("emqx-diagnose-{node}-{moment}.tar.gz"))
}

fn not_written(path: &Path, error: &io::Error) -> CliFailure {
    let failure = CliFailure::new("cannot_create", ExitCode::CannotCreate, "the bundle was not written")
        .why(format!("{}: {error}", path.display()));
    match error.kind() {
        io::ErrorKind::AlreadyExists => failure.next("replace it with --force, or name another file with --out FILE"),
        _ => failure.next("name a file that you may write with --out FILE"),
    }
}

fn analyze(args: &AnalyzeArgs, app: &mut App) -> Outcome {
    let file = open(&args.file)?;
    let files = bundle::read(file).map_err(|error| no_bundle(&args.file, &error))?;
    let part = |name: &str| {
        files
            .iter()
            .find(|(part, _)| *part == name)
            .map(|(_, bytes)| bytes.as_slice())
    };
    let facts = part("facts.json").ok_or_else(|| damaged(&args.file, "it holds no facts.json"))?;
    let facts: Facts =
        serde_json::from_slice(facts).map_err(|error| damaged(&args.file, &format!("facts.json: {error}")))?;
    let manifest: Manifest = part("manifest.json")
        .and_then(|bytes| serde_json::from_slice(bytes).ok())
        .ok_or_else(|| damaged(&args.file, "it holds no manifest.json"))?;
    if let Some((name, _)) = files.iter().find(|(name, bytes)| !manifest.vouches_for(name, bytes)) {
        return Err(damaged(&args.file, &format!("{name} is not what the manifest says")).into());
    }
    if app.is_text() && !app.printer.look.quiet {
        let moment = Civil::new(manifest.made_at / 1000, 0).date_time();
        let node = escape(&manifest.node).into_owned();
        let (ctl, daemon) = (escape(&manifest.emqx_ctl), manifest.emqxd.as_deref().unwrap_or("none"));
        eprintln!(
            "bundle of {node}, made {moment} UTC by emqx-ctl {ctl}, emqxd {}",
            escape(daemon)
        );
    }
    doctor::show(judge(&facts, &[]), args.strict, app)
}

fn open(path: &Path) -> Result<impl Read, CliFailure> {
    let failed = |error: &io::Error| {
        CliFailure::new(
            "no_input",
            ExitCode::NoInput,
            format!("cannot read {}: {error}", path.display()),
        )
    };
    let metadata = std::fs::metadata(path).map_err(|error| failed(&error))?;
    if !metadata.is_file() || metadata.len() > FILE_BYTES_MAX {
        return Err(damaged(path, "it is no regular file of at most 64 MiB"));
    }
    let file = File::open(path).map_err(|error| failed(&error))?;
    Ok(file.take(FILE_BYTES_MAX))
}

fn no_bundle(path: &Path, error: &ArchiveError) -> CliFailure {
    damaged(path, &error.to_string())
}

fn damaged(path: &Path, why: &str) -> CliFailure {
    let message = format!("{} is no bundle of emqx-ctl", path.display());
    CliFailure::new("bad_data", ExitCode::BadData, message)
        .why(why)
        .next("make one with: emqx-ctl diagnose bundle")
}
