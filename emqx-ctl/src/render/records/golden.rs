//! Every record in every format, compared whole with `tests/golden/`.
//!
//! `EMQX_CTL_RENEW_GOLDEN=1 cargo test -p emqx-ctl golden` writes the files anew; read the
//! difference before keeping it, because scripts depend on all but the tables.

use std::cell::RefCell;
use std::io::{self, Write};
use std::path::Path;
use std::rc::Rc;

use emqx_shared::LogLevel;
use emqx_shared::catalogue::{self, Language};
use emqx_shared::views::{RetainedCleanedView, RetainerView};

use super::{
    samples, samples_admins, samples_authn, samples_authz, samples_cluster, samples_diagnosis, samples_doctor,
    samples_lifecycle, samples_tls,
};
use crate::compat::Compat;
use crate::render::{
    Deed, DeedKind, Explanation, Format, IssuedLicense, KeyPair, Kicked, Level, LicenseCheck, LicenseDifference, Look,
    Printer, Record, RetainedTopic, ShownLicense, TraceDeed, TraceRow, Versions, escape,
};

const RENEW_ENV: &str = "EMQX_CTL_RENEW_GOLDEN";

#[derive(Clone, Default)]
struct Paper(Rc<RefCell<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn look(format: Format, compat: Compat) -> Look {
    Look {
        format,
        compat,
        color: false,
        language: Language::English,
        quiet: false,
        width: None,
        node: samples::NODE.to_owned(),
        utc_offset: 8 * 3600,
        now_ms: samples::NOW_MS,
    }
}

fn drawn(look: Look, draw: impl FnOnce(&mut Printer)) -> String {
    let paper = Paper::default();
    draw(&mut Printer::new(Box::new(paper.clone()), look));
    let bytes = paper.0.borrow().clone();
    String::from_utf8(bytes).unwrap()
}

/// All formats of one drawing, below each other.
fn sheet(draw: impl Fn(&mut Printer)) -> String {
    let mut sheet = String::new();
    for (title, format, compat) in [
        ("emqx", Format::Emqx, Compat::V5),
        ("emqx, mode 4", Format::Emqx, Compat::V4),
        ("table", Format::Table, Compat::V5),
        ("json", Format::Json, Compat::V5),
        ("ndjson", Format::Ndjson, Compat::V5),
        ("csv", Format::Csv, Compat::V5),
    ] {
        let text = drawn(look(format, compat), &draw);
        assert!(
            !text.chars().any(|c| c != '\n' && escape::is_dangerous(c)),
            "{title}: {text:?}"
        );
        sheet.push_str(&format!("==== {title} ====\n{text}"));
    }
    sheet
}

fn compare(name: &str, actual: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let path = folder.join(format!("{name}.txt"));
    if std::env::var_os(RENEW_ENV).is_some() {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(&path, actual).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == actual,
        "{} differs; {RENEW_ENV}=1 renews it\n--- expected\n{expected}\n--- actual\n{actual}",
        path.display()
    );
}

fn one<R: Record>(name: &str, record: impl Fn() -> R) {
    check_fields::<R>();
    compare(name, &sheet(|printer| printer.one(&record()).unwrap()));
}

fn list<R: Record>(name: &str, rows: impl Fn() -> Vec<R>) {
    check_fields::<R>();
    compare(
        name,
        &sheet(|printer| {
            let mut list = printer.list();
            list.push(rows()).unwrap();
            list.finish().unwrap();
        }),
    );
}

fn check_fields<R: Record>() {
    let mut names: Vec<_> = R::FIELDS.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count, "a field name twice in {}", R::SCHEMA);
}

#[test]
fn golden_bench() {
    one("bench", samples::bench);
    one("bench-connect", samples::bench_connect);
}

#[test]
fn golden_authz() {
    list("authz-sources", samples_authz::sources);
    list("authz-rules", samples_authz::rules);
    one("authz-refused", samples_authz::refused);
    one("authz-allowed", samples_authz::allowed);
}

#[test]
fn golden_status() {
    one("status", samples::status);
}

#[test]
fn golden_version() {
    one("version", || Versions {
        daemon: samples::version(),
    });
}

#[test]
fn golden_broker() {
    one("broker", samples::broker);
    list("counts", samples::counts);
}

#[test]
fn golden_listeners() {
    list("listeners", samples::listeners);
    one("listener", || samples::listeners().remove(1));
}

#[test]
fn golden_clients() {
    list("clients", samples::clients);
    one("client", || samples::clients().remove(1));
    list("clients-empty", Vec::<emqx_shared::views::ClientView>::new);
    list("clients-kick", || {
        [("a", true), ("b", false)]
            .map(|(id, existed)| Kicked {
                client_id: id.to_owned(),
                existed,
            })
            .into()
    });
}

#[test]
fn golden_topics_and_subscriptions() {
    list("topics", samples::topics);
    list("subscriptions", samples::subscriptions);
    list("subscriptions-empty", Vec::<emqx_shared::views::SubscriptionView>::new);
}

#[test]
fn golden_retainer() {
    one("retainer", || RetainerView {
        enabled: true,
        messages: 3,
        bytes: 120,
        max_messages: None,
    });
    list("retainer-topics", || vec![RetainedTopic("t/1".to_owned())]);
    one("retainer-clean", || RetainedCleanedView { messages: 3 });
}

#[test]
fn golden_license() {
    one("license", samples::license);
    one("license-show", || ShownLicense {
        license: samples::license(),
        signature: "good, by EMQX".to_owned(),
    });
    list("license-diff", || LicenseDifference::rows(&samples::license_preview()));
    one("license-update", samples::license_applied);
    one("license-check", || LicenseCheck::new(samples::license(), 30));
    list("license-history", samples::license_history);
    list(
        "license-history-empty",
        Vec::<emqx_shared::views::LicenseHistoryView>::new,
    );
    one("license-keygen", || KeyPair {
        private_key: "issuer.pem".to_owned(),
        public_key: "issuer.pem.pub".to_owned(),
    });
    one("license-issue", || IssuedLicense {
        license: "MjIwMTEx.c2ln".to_owned(),
        file: None,
    });
}

#[test]
fn golden_log() {
    one("log-level", || Level(LogLevel::Debug));
    list("log-handlers", samples::log_handlers);
}

#[test]
fn golden_deeds() {
    let deeds = [
        ("ping", DeedKind::Pong, ""),
        ("listeners-start", DeedKind::StartListener, "tcp:default"),
        ("listeners-stop", DeedKind::StopListener, "tcp:default"),
        ("listeners-restart", DeedKind::RestartListener, "tcp:default"),
        ("listeners-enable", DeedKind::EnableListener, "tcp:default"),
        ("listeners-disable", DeedKind::DisableListener, "tcp:default"),
        ("subscriptions-add", DeedKind::AddSubscription, "emqx_c"),
        ("subscriptions-del", DeedKind::DeleteSubscription, "emqx_c"),
        ("log-handlers-start", DeedKind::StartLogHandler, "console"),
        ("log-handlers-stop", DeedKind::StopLogHandler, "console"),
    ];
    for (name, kind, target) in deeds {
        one(name, || Deed {
            address: "0.0.0.0:1883".to_owned(),
            ..Deed::new(kind, target)
        });
    }
}

#[test]
fn golden_disconnects() {
    list("disconnects", || {
        let mut rows = samples::disconnects();
        rows.push(samples::never_connected());
        rows
    });
}

#[test]
fn golden_authenticators_and_users() {
    list("authn", samples_authn::authenticators);
    list("authn-users", samples_authn::users);
    one("authn-users-import", samples_authn::imported);
}

#[test]
fn golden_admins_bans_and_alarms() {
    list("admins", samples_admins::admins);
    list("banned", samples_admins::bans);
    one("ban", samples_admins::banned);
    list("alarms", samples_admins::alarms);
}

#[test]
fn golden_traces() {
    let rows = |is_cluster| {
        let rows = samples_diagnosis::traces().into_iter();
        let row = move |view: emqx_shared::views::TraceView| match is_cluster {
            true => TraceRow {
                sizes: vec![(view.node.clone(), view.bytes)],
                view,
            },
            false => TraceRow::of_node(view),
        };
        rows.map(row).collect::<Vec<_>>()
    };
    list("trace-list", || rows(false));
    list("traces-list", || rows(true));
    one("trace-start", || TraceDeed {
        sentence: "trace clientid sensor-7 successfully".to_owned(),
        note: Some("level debug, stops in 30 min or at 512 MiB".to_owned()),
        row: rows(false).remove(0),
    });
}

#[test]
fn golden_why() {
    one("why", samples::why);
    one("why-online", samples::why_online);
}

#[test]
fn golden_explain() {
    let entry = catalogue::lookup("keepalive_timeout").unwrap();
    let language = Language::English;
    list("explain", || vec![Explanation { entry, language }]);
}

#[test]
fn the_lines_that_scripts_look_for_are_emqx_s_byte_for_byte() {
    let emqx = || look(Format::Emqx, Compat::V5);
    let status = drawn(emqx(), |printer| printer.one(&samples::status()).unwrap());
    assert_eq!(status, "Node 'emqx@127.0.0.1' 5.8.0 is started\n");
    let broker = drawn(emqx(), |printer| printer.one(&samples::broker()).unwrap());
    assert_eq!(
        broker,
        "sysdescr  : EMQX\nversion   : 5.8.0\n\
         datetime  : 2024-10-21T10:21:50.095047713+08:00\n\
         uptime    : 1 days, 2 hours, 3 minutes, 4 seconds\n"
    );
    let listener = drawn(emqx(), |printer| {
        printer.one(&samples::listeners()[1]).unwrap();
    });
    assert_eq!(
        listener,
        "tcp:default\n\
         \x20 listen_on       : 0.0.0.0:1883\n\
         \x20 acceptors       : 16\n\
         \x20 proxy_protocol  : false\n\
         \x20 running         : true\n\
         \x20 current_conn    : 9\n\
         \x20 max_conns       : infinity\n\
         \x20 shutdown_count  : [{keepalive_timeout,1},{idle_timeout,2}]\n"
    );
}

#[test]
fn a_list_comes_out_while_it_arrives() {
    for format in [Format::Emqx, Format::Json, Format::Ndjson, Format::Csv] {
        let paper = Paper::default();
        let mut printer = Printer::new(Box::new(paper.clone()), look(format, Compat::V5));
        let mut list = printer.list();
        list.push(samples::clients()).unwrap();
        assert!(!paper.0.borrow().is_empty(), "{format:?}");
        list.push(samples::clients()).unwrap();
        list.finish().unwrap();
        let text = String::from_utf8(paper.0.borrow().clone()).unwrap();
        if format == Format::Json {
            let document: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(document["schema"], "emqx-ctl/clients/1");
            assert_eq!(document["data"].as_array().unwrap().len(), 4);
        }
    }
}

#[test]
fn a_list_that_broke_off_is_still_json_and_says_so() {
    let text = drawn(look(Format::Json, Compat::V5), |printer| {
        let mut list = printer.list();
        list.push(samples::topics()).unwrap();
        list.break_off().unwrap();
    });
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["complete"], false);
}

#[test]
fn columns_are_chosen_by_name_and_a_wrong_one_names_the_right_ones() {
    let text = drawn(look(Format::Csv, Compat::V5), |printer| {
        let names = ["keepalive".to_owned(), "clientid".to_owned()];
        let mut list = printer.list().choose(&names).unwrap();
        list.push(samples::clients()[..1].to_vec()).unwrap();
        list.finish().unwrap();
    });
    assert_eq!(text, "keepalive,clientid\n60,emqx_c\n");
    let mut printer = Printer::new(Box::new(io::sink()), look(Format::Csv, Compat::V5));
    let list = printer.list::<emqx_shared::views::ClientView>();
    let failure = list.choose(&["id".to_owned()]).err().unwrap();
    assert!(failure.next[0].contains("clientid"), "{failure:?}");
}

#[test]
fn only_colour_that_was_asked_for_is_drawn() {
    let table = |color| {
        let look = Look {
            color,
            width: Some(100),
            ..look(Format::Table, Compat::V5)
        };
        drawn(look, |printer| {
            let mut list = printer.list();
            list.push(samples::listeners()).unwrap();
            list.finish().unwrap();
        })
    };
    assert!(table(true).contains("\x1b["));
    assert!(!table(false).contains('\x1b'));
}

#[test]
fn a_table_fits_into_a_narrow_terminal_without_losing_text() {
    let look = Look {
        width: Some(60),
        ..look(Format::Table, Compat::V5)
    };
    let text = drawn(look, |printer| {
        let mut list = printer.list();
        list.push(samples::topics()).unwrap();
        let mut long = samples::topics();
        long[0].topic = "level/".repeat(20);
        list.push(long).unwrap();
        list.finish().unwrap();
    });
    assert!(text.lines().all(|line| line.chars().count() <= 60), "{text}");
    assert_eq!(text.matches("level").count(), 20, "{text}");
}

#[test]
fn a_long_table_is_drawn_in_parts_that_bound_its_memory() {
    let paper = Paper::default();
    let mut printer = Printer::new(Box::new(paper.clone()), look(Format::Table, Compat::V5));
    let mut list = printer.list();
    for _ in 0..600 {
        list.push(samples::topics()).unwrap();
    }
    assert!(!paper.0.borrow().is_empty(), "the first part does not wait for the end");
    list.finish().unwrap();
    let text = String::from_utf8(paper.0.borrow().clone()).unwrap();
    assert_eq!(text.lines().count(), 1200 + 2);
}

#[test]
fn golden_diagnosis() {
    list("errors", samples_diagnosis::malformed_frames);
    list("errors-empty", Vec::<emqx_shared::views::MalformedFrameView>::new);
    list("events", samples_diagnosis::events);
    one("log-level-borrowed", samples_diagnosis::borrowed_level);
    list("top", || {
        let view = samples_diagnosis::top();
        view.rows
            .iter()
            .map(|row| crate::render::TopClient::of(&view, row))
            .collect()
    });
}

#[test]
fn golden_conf() {
    list("conf", samples_diagnosis::conf_keys);
    one("conf-keys", || {
        crate::render::ConfRoots(vec!["listeners".to_owned(), "mqtt".to_owned()])
    });
    one("conf-check", || {
        crate::render::ConfChecked(samples_diagnosis::conf_checked())
    });
    list("conf-changes", samples_diagnosis::conf_changes);
    list("conf-changes-empty", Vec::<emqx_shared::views::ConfChangeView>::new);
}

#[test]
fn golden_tls() {
    list("tls-certs", samples_tls::certificates);
    list("tls-certs-empty", Vec::<emqx_shared::views::TlsCertificateView>::new);
    list("tls-check", samples_tls::checked);
    list("tls-reload", samples_tls::reloads);
    list("reload", samples_lifecycle::reload);
    one("drained", samples_lifecycle::drained);
    one("upgraded", samples_lifecycle::upgraded);
    one("ask-reload", || Deed::new(DeedKind::AskReload, samples::NODE));
}

#[test]
fn golden_system() {
    one("vm", || crate::render::Vm {
        view: samples_diagnosis::vm(),
        part: crate::cli::VmPart::All,
    });
    one("olp", || {
        crate::render::Overload(emqx_shared::views::OverloadView {
            node: samples::NODE.to_owned(),
            is_overloaded: false,
        })
    });
    one("cluster", || {
        crate::render::ClusterNodes(emqx_shared::views::ClusterView {
            running_nodes: vec![samples::NODE.to_owned()],
            stopped_nodes: Vec::new(),
        })
    });
    list("cluster-nodes", samples_cluster::nodes);
    list("cluster-nodes-empty", Vec::<emqx_shared::views::ClusterNodeView>::new);
    one("cluster-digest", || crate::render::Digest(samples_cluster::digest()));
    one("cluster-discovery", || {
        crate::render::Discovery(samples_cluster::discovery())
    });
    one("said", || crate::render::Said {
        verb: "pem_cache clean",
        sentence: "PEM cache clean OK".to_owned(),
    });
    list("listeners-watch", || {
        let view = samples::listeners().remove(1);
        let mut before = view.clone();
        before.accepted -= before.accepted.min(5);
        if let Some(row) = before.shutdown_counts.last_mut() {
            row.count -= 1;
        }
        vec![crate::render::WatchedListener {
            time_ms: samples::NOW_MS,
            elapsed_ms: 2000,
            view,
            before: Some(before),
        }]
    });
}

#[test]
fn golden_doctor() {
    list("doctor", samples_doctor::findings);
}
