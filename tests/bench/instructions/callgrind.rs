//! Runs a case under callgrind and reads how many instructions it took.
//!
//! The processor's own counters are not there on every machine and differ from run to run; valgrind counts the
//! instructions of a simulated one. The environment is emptied, since its size moves the stack.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use crate::case::Case;

/// First argument of a run that does one case: `--case NAME OPERATIONS`.
pub const CHILD_FLAG: &str = "--case";

/// Instructions that one more operation of `case` takes when everything is warm.
///
/// The profile stays in `<target>/callgrind/`, for `callgrind_annotate`.
pub fn instructions_per_operation(case: &Case) -> Result<f64, String> {
    let once = count(case, case.operations)?;
    let twice = count(case, case.operations * 2)?;
    let difference = twice
        .checked_sub(once)
        .ok_or_else(|| format!("{}: twice the work took fewer instructions", case.name))?;
    Ok(difference as f64 / f64::from(case.operations))
}

fn count(case: &Case, operations: u32) -> Result<u64, String> {
    let executable = env::current_exe().map_err(|error| format!("the path of this program: {error}"))?;
    let profile = profile_path(&executable, case.name)?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet", "--collect-atstart=no"])
        .arg("--toggle-collect=*::case::counted*")
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .arg(&executable)
        .args([CHILD_FLAG, case.name, &operations.to_string()])
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap_or_default())
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("valgrind was not started: {error}\n  next: apt-get install valgrind"))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        return Err(format!(
            "{} failed under valgrind ({}):\n{text}",
            case.name, output.status
        ));
    }
    let text = fs::read_to_string(&profile).map_err(|error| format!("{}: {error}", profile.display()))?;
    match total(&text) {
        Some(instructions) if instructions > 0 => Ok(instructions),
        _ => Err(format!("{}: callgrind counted nothing", case.name)),
    }
}

fn profile_path(executable: &Path, name: &str) -> Result<PathBuf, String> {
    // <target>/release/deps/instructions-<hash>
    let target = executable
        .ancestors()
        .nth(3)
        .ok_or("this program is not in a target folder")?;
    let folder = target.join("callgrind");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder.join(format!("{name}.out")))
}

/// The line `summary: N` or `totals: N` of a callgrind profile.
fn total(profile: &str) -> Option<u64> {
    profile
        .lines()
        .find_map(|line| line.strip_prefix("summary: ").or_else(|| line.strip_prefix("totals: ")))
        .and_then(|number| number.trim().parse().ok())
}
