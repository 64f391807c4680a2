//! The completions of `emqxd`, which clap_complete writes: its few options need nobody to be asked while somebody types.
//! Those of `emqx-ctl` are written by hand and ask the program.

use clap::Command;

use super::page::compare;

/// The completions of a program for bash, zsh and fish, under the names these shells look for.
pub fn compare_completions(command: &Command) {
    use clap_complete::Shell::{Bash, Fish, Zsh};
    let program = command.get_name().to_owned();
    for (shell, file) in [
        (Bash, program.clone()),
        (Zsh, format!("_{program}")),
        (Fish, format!("{program}.fish")),
    ] {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut command.clone(), &program, &mut script);
        let mut script = String::from_utf8(script).unwrap();
        if shell == Bash {
            // clap_complete 4.6 writes a `-` of the program's name in one way where it sets the
            // state and in another where it asks for it.
            script = script.replace(&program.replace('-', "__subcmd__"), &program.replace('-', "__"));
            assert_every_state_is_handled(&script);
        }
        compare(&format!("completions/{file}"), &script);
    }
}

/// bash falls silent without an error where a state has no branch.
fn assert_every_state_is_handled(script: &str) {
    let states = script.lines().filter_map(|line| line.trim().strip_prefix("cmd=\""));
    for state in states
        .map(|state| state.trim_end_matches('"'))
        .filter(|state| !state.is_empty())
    {
        let branch = format!("{state})");
        let is_handled = script.lines().any(|line| line.trim() == branch);
        assert!(is_handled, "no branch completes {state}");
    }
}
