//! The control socket under attack, with the real programs. Each of the 23 attacks has a test, here or nearer to the
//! code; `server` is `emqxd/src/control/server/tests.rs`, `cli` is `emqx-ctl/tests/cli.rs`.
//!
//! | attack | tests |
//! | --- | --- |
//! | 1. a thousand connects that send nothing | `server::a_thousand_silent_callers_do_not_keep_the_operator_out` |
//! | 2. a byte at a time | `server::a_request_that_comes_in_drops_is_cut_off`, `server::bytes_that_keep_coming_slowly_buy_no_time` |
//! | 3. impossible lengths | `server::impossible_lengths_end_their_own_connection_only` |
//! | 4. a good length, a garbage body | `server::a_body_that_makes_no_sense_is_answered_and_the_connection_goes_on` |
//! | 5. other versions of the protocol | `server::a_caller_of_another_protocol_learns_which_versions_we_speak`, `server::a_caller_that_speaks_later_versions_too_is_served_in_ours`, `cli::a_daemon_of_another_protocol_is_76_and_both_are_named` |
//! | 6. 100,000 nested arrays | `texts::a_hundred_thousand_nested_arrays_are_one_refusal`, `emqxd/src/control/data.rs`: `a_row_of_nested_arrays_is_refused` |
//! | 7. descriptors that nobody asked for | `server::descriptors_that_a_request_does_not_take_are_refused_and_closed`, `server::descriptors_attached_to_later_bytes_are_never_taken` |
//! | 8. descriptors of every wrong kind | `emqxd/src/trace/descriptor.rs`, `disk::a_trace_file_that_never_answers_holds_up_its_own_trace_only` |
//! | 9. the client killed at every byte | `exchange::a_caller_killed_at_any_byte_leaves_a_whole_change_or_none`, `exchange::a_caller_killed_at_any_byte_of_the_answer_harms_nobody`, `server::a_caller_killed_at_any_byte_harms_nobody`, `server::a_change_goes_on_when_its_caller_is_gone_and_others_wait_for_it` |
//! | 10. SIGSTOP for the CLI | `exchange::a_cli_that_is_stopped_in_a_long_list_loses_its_connection_and_says_so`, `server::a_caller_that_stops_reading_a_long_list_ends_it` (a million rows), `trace::a_watcher_that_stands_still_is_told_what_it_missed` |
//! | 11. SIGSTOP for the daemon | `exchange::a_daemon_that_is_stopped_is_75_with_a_clear_text` |
//! | 12. the daemon restarted under an open CLI | `exchange::a_cli_that_is_open_while_the_daemon_restarts_ends_with_a_reason`, `trace::the_end_of_the_daemon_leaves_whole_lines_and_frees_the_watcher` |
//! | 13. two daemons on one data folder | `places::a_second_daemon_on_the_folder_or_the_socket_of_the_first_is_refused` |
//! | 14. stale or replaced socket, stale lock | `places::what_stands_at_the_place_of_the_socket_is_refused_and_left_alone`, `places::a_socket_that_is_replaced_while_the_daemon_runs_is_told_apart`, `signals::a_daemon_that_was_killed_leaves_a_socket_that_the_next_one_replaces`, `emqxd/src/control/socket.rs` |
//! | 15. a uid outside the group | `users::a_user_outside_the_groups_is_77_whatever_the_file_modes`, `cli::a_socket_that_may_not_be_used_is_77_and_says_whose_it_is` |
//! | 16. from a user namespace | `users::root_of_a_user_namespace_is_nobody_special`, `emqxd/src/control/peer.rs` |
//! | 17. escapes in client ids | `texts::a_client_id_cannot_steer_a_terminal_nor_forge_a_line`, `cli::what_the_daemon_says_cannot_steer_the_terminal` |
//! | 18. EPIPE | `exchange::a_reader_that_takes_one_line_ends_the_cli_quietly`, `cli::a_list_is_shown_while_it_arrives_and_a_reader_that_leaves_is_no_panic` |
//! | 19. 32 licence reloads at once | `license::thirty_two_reloads_at_once_leave_one_whole_licence_and_every_other_as_a_backup` |
//! | 20. the clock set back during a request | `clock::a_clock_set_back_in_the_middle_of_a_request_changes_no_deadline`, `clock::a_cli_whose_clock_is_behind_shows_what_there_is` |
//! | 21. the disk full during a backup | `disk::an_export_that_does_not_fit_leaves_nothing_and_says_why`, `disk::a_licence_whose_copy_does_not_fit_is_in_force_and_its_predecessor_stays`, `disk::a_change_that_the_disk_does_not_take_is_refused_and_nothing_else_suffers` |
//! | 22. arguments with NUL, newline, a mebibyte, no UTF-8 | `texts::arguments_of_the_wrong_kind_are_refused_before_they_are_sent`, `texts::a_newline_in_an_argument_forges_no_audit_line`, `server::a_body_that_makes_no_sense_is_answered_and_the_connection_goes_on` |
//! | 23. during the start and the shutdown | `exchange::before_the_store_is_open_nobody_answers`, `exchange::a_change_asked_for_while_the_daemon_stops_is_made_or_refused`, `server::a_daemon_that_stops_closes_idle_callers_and_finishes_answers` |

mod clock;
mod disk;
mod exchange;
mod places;
mod texts;
mod users;

use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::thread;

use emqx_shared::frame::{Frame, REPLY_BYTES_MAX, REQUEST_BYTES_MAX, read_frame};
use emqx_shared::hello::{ClientHello, HELLO_BYTES};
use emqx_shared::request::BannedRequest;
use emqx_shared::{PROTOCOL, Reply, Request, Welcome, codec};
use emqx_tests::{DEADLINE, Daemon, wait_for, wait_until};

/// Whether these tests may become other users, mount and set limits.
fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// Says that a test was not carried out, past the test runner, which would keep it to itself.
fn skipped(why: &str) {
    let _ = io::stderr().write_all(format!("SKIPPED: {why}\n").as_bytes());
}

/// Runs a program that prepares a test; `false` if this machine does not let it.
fn can_run(program: &str, arguments: &[&str]) -> bool {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output();
    output.is_ok_and(|output| output.status.success())
}

/// Stops a process; none of its threads runs any more when this returns.
fn stop(pid: u32) {
    assert!(can_run("sh", &["-c", &format!("kill -STOP {pid}")]));
    wait_until("all its threads stand still", || {
        let threads = fs::read_dir(format!("/proc/{pid}/task")).unwrap();
        threads.flatten().all(|thread| {
            let status = fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
            // `pid (name) state …`
            status.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('T'))
        })
    });
}

/// A running `emqx-ctl`, ended when dropped.
struct Cli(Child);

impl Cli {
    fn start(daemon: &Daemon, arguments: &[&str]) -> Self {
        let mut command = daemon.ctl_command();
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self(command.spawn().unwrap())
    }

    fn stdout(&mut self) -> ChildStdout {
        self.0.stdout.take().unwrap()
    }

    /// Reads what it prints, to the end; tells when the first of it has come.
    fn drain(&mut self) -> mpsc::Receiver<()> {
        let (first, seen) = mpsc::channel();
        let mut stdout = self.stdout();
        thread::spawn(move || {
            let _is_some = stdout.read_exact(&mut [0]);
            let _nobody_may_wait = first.send(());
            io::copy(&mut stdout, &mut io::sink())
        });
        seen
    }

    fn signal(&self, name: &str) {
        assert!(can_run("sh", &["-c", &format!("kill -{name} {}", self.0.id())]));
    }

    /// Waits for its end: its exit code and what it said.
    fn end(&mut self) -> (Option<i32>, String) {
        let status = wait_for("emqx-ctl ends", || self.0.try_wait().unwrap());
        let mut said = String::new();
        self.0.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (status.code(), said)
    }
}

impl Drop for Cli {
    fn drop(&mut self) {
        let _it_may_have_ended = self.0.kill();
        let _status = self.0.wait();
    }
}

fn hello_bytes() -> [u8; HELLO_BYTES] {
    let hello = ClientHello {
        protocol: PROTOCOL,
        flags: 0,
    };
    hello.to_bytes()
}

fn request_bytes(request: &Request) -> Vec<u8> {
    let body = codec::encode(request).unwrap();
    Frame { request_id: 1, body }.to_bytes(REQUEST_BYTES_MAX).unwrap()
}

fn ban(who: &str, reason: &str) -> Request {
    Request::Banned(BannedRequest::Add {
        kind: "clientid".to_owned(),
        who: who.to_owned(),
        reason: reason.to_owned(),
        by: None,
        duration_ms: None,
        until_ms: None,
    })
}

/// The client ids that are banned.
fn banned(daemon: &Daemon) -> Vec<String> {
    let list = daemon.ctl(["-f", "json", "banned", "list"]).json();
    let rows = list["data"].as_array().unwrap();
    rows.iter().map(|row| row["who"].as_str().unwrap().to_owned()).collect()
}

/// A connection that says what it likes.
struct Caller(UnixStream);

impl Caller {
    fn connect(daemon: &Daemon) -> Self {
        let stream = UnixStream::connect(daemon.socket()).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.set_write_timeout(Some(DEADLINE)).unwrap();
        Self(stream)
    }

    /// One that has been welcomed; waits for a place, as callers that are gone may not have been noticed yet.
    fn welcomed(daemon: &Daemon) -> Self {
        wait_for("there is a place", || {
            let mut caller = Self::connect(daemon);
            let mut hello = [0; HELLO_BYTES];
            caller.0.write_all(&hello_bytes()).ok()?;
            caller.0.read_exact(&mut hello).ok()?;
            let frame = read_frame(&mut caller.0, REPLY_BYTES_MAX).ok()?;
            matches!(codec::decode(&frame.body), Ok(Welcome::Ready(_))).then_some(caller)
        })
    }

    fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).unwrap();
    }

    fn reply(&mut self) -> Reply {
        let frame = read_frame(&mut self.0, REPLY_BYTES_MAX).unwrap();
        codec::decode(&frame.body).unwrap()
    }
}
