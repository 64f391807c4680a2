//! Under systemd the log is the journal: records with fields, and ids by which `journalctl -x` finds the answer.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use emqx_tests::{ClientOptions, Daemon, DaemonBuilder, Journal, JournalRecord, ServiceManager};

fn builder(journal: &Journal) -> DaemonBuilder {
    Daemon::builder()
        .service(&Arc::new(ServiceManager::start()))
        .journal(journal)
}

/// What `journalctl -x` would print below a record.
fn answer_to(record: &JournalRecord) -> String {
    let catalogue = Path::new(env!("CARGO_MANIFEST_DIR")).join("../emqxd/packaging/systemd/emqx.catalog");
    let text = fs::read_to_string(catalogue).unwrap();
    let id = &record["MESSAGE_ID"];
    let entry = text.split("\n-- ").find(|entry| entry.starts_with(id.as_str()));
    entry
        .unwrap_or_else(|| panic!("{id} is not in the catalogue"))
        .to_owned()
}

#[test]
fn a_record_has_fields_to_search_by_and_the_answer_to_its_reason() {
    if !cfg!(debug_assertions) {
        eprintln!("skipped: only a test build looks for a journal other than the system's");
        return;
    }
    let journal = Journal::start();
    let daemon = builder(&journal).start();
    let started = journal.expect("EMQX_MSG", "listener_started");
    assert_eq!(started["PRIORITY"], "5");
    assert_eq!(started["SYSLOG_IDENTIFIER"], "emqxd");
    assert!(
        started["MESSAGE"].starts_with("[notice] msg: listener_started"),
        "{started:?}"
    );

    let client = daemon.connect(ClientOptions::v5("sensor\n7"));
    drop(client);
    let ended = journal.expect("EMQX_REASON", "{shutdown,tcp_closed}");
    assert_eq!(ended["EMQX_CLIENTID"], "sensor\\n7", "no line of its own");
    assert!(answer_to(&ended).contains("the client closed the TCP connection without DISCONNECT"));
    assert!(
        !daemon.log().contains("listener_started"),
        "it is told once: {}",
        daemon.log()
    );
}

#[test]
fn why_it_did_not_start_is_one_record_with_the_answer_to_its_exit_code() {
    if !cfg!(debug_assertions) {
        eprintln!("skipped: only a test build looks for a journal other than the system's");
        return;
    }
    let journal = Journal::start();
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let (status, _) = builder(&journal).run_to_end(port);
    assert_eq!(status.code(), Some(75));
    let record = journal.expect("PRIORITY", "3");
    assert!(
        record["MESSAGE"].starts_with("Error: emqxd did not start\n  why:"),
        "{record:?}"
    );
    assert!(record["MESSAGE"].contains("\n  next: "), "{record:?}");
    assert!(answer_to(&record).contains("exit-75"), "{}", answer_to(&record));

    let journal = Journal::start();
    let (status, _) = builder(&journal).config("mqtt.max_packt_size = 1MB").run_to_end(port);
    assert_eq!(status.code(), Some(78));
    let record = journal.expect("PRIORITY", "3");
    assert!(record["MESSAGE"].contains("max_packt_size"), "{record:?}");
    assert!(answer_to(&record).contains("exit-78"), "{}", answer_to(&record));
}

#[test]
fn without_the_journal_s_socket_lines_on_standard_error_carry_their_priority() {
    if !cfg!(debug_assertions) {
        eprintln!("skipped: only a test build looks for a journal other than the system's");
        return;
    }
    let journal = Journal::start();
    let daemon = builder(&journal)
        .env("EMQXD_TEST_JOURNAL_SOCKET", "/nowhere/socket")
        .start();
    let line = daemon.expect_log(&["msg: listener_started"]);
    assert!(line.starts_with("<5>[notice] msg: listener_started"), "{line}");
    assert!(journal.records().is_empty());
}
