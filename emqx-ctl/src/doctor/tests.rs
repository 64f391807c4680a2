//! The judge with invented facts: each fault alone is found under its id, with its fix, and with nothing wrong no
//! check complains.

use std::collections::HashSet;

use emqx_shared::catalogue;
use emqx_shared::views::{
    AlarmView, ConfigFactsView, EndFactsView, LicenseView, ListenerFactsView, ListenerKind, ListenerState,
    ListenerView, NodeFactsView, TakeoverFactsView,
};

use super::facts::{ConfigCheck, DiskFacts, FileFacts, Holder, KernelFacts, LastExit, Missing, PortFacts};
use super::*;

const GIB: u64 = 1024 * 1024 * 1024;

fn listener_facts() -> ListenerFactsView {
    ListenerFactsView {
        id: "tcp:default".to_owned(),
        bind: "10.0.0.1:1883".to_owned(),
        is_enabled: true,
        is_served: true,
        lets_strangers_in: false,
        max_connections: None,
        backlog: 1024,
        ..ListenerFactsView::default()
    }
}

fn listener() -> ListenerView {
    ListenerView {
        id: "tcp:default".to_owned(),
        kind: ListenerKind::Tcp,
        listen_on: "10.0.0.1:1883".to_owned(),
        acceptors: 16,
        proxy_protocol: false,
        enabled: true,
        state: ListenerState::Running,
        started_at_ms: Some(1),
        current_conn: 9,
        peak_conn: 9,
        max_conns: None,
        accepted: 9,
        refused_limit: 0,
        refused_rate: 0,
        refused_access: 0,
        shutdown_counts: Vec::new(),
        paused_rate: 0,
    }
}

fn license() -> LicenseView {
    LicenseView {
        customer: "Acme".to_owned(),
        email: String::new(),
        deployment: String::new(),
        license_type: "trial".to_owned(),
        customer_type: 0,
        start_at: "2026-01-01".to_owned(),
        expiry_at: "2027-11-30".to_owned(),
        days_left: 364,
        is_expired: false,
        is_overdue: false,
        max_sessions: 100,
        refused_from: 110,
        max_tps: None,
        issuer: None,
        source: "license.key".to_owned(),
        set_at_ms: None,
        set_by: None,
        sessions: 18,
        connections: 18,
        judged_on: "2026-12-01".to_owned(),
        warnings: Vec::new(),
    }
}

fn file(path: &str, mode: u32, is_dir: bool) -> FileFacts {
    FileFacts {
        path: path.to_owned(),
        mode,
        uid: 990,
        gid: 990,
        owner: "emqx".to_owned(),
        group: "emqx".to_owned(),
        is_dir,
    }
}

/// A node that nothing is wrong with.
fn healthy() -> Facts {
    let config = ConfigFactsView {
        node: "emqx@127.0.0.1".to_owned(),
        file: Some("/etc/emqx/emqx.conf".to_owned()),
        data_dir: "/var/lib/emqx".to_owned(),
        max_packet_size: 1_048_576,
        listeners: vec![listener_facts()],
        ..ConfigFactsView::default()
    };
    let node = NodeFactsView {
        now_ms: 1,
        uptime_ms: 259_200_000,
        pid: 812,
        uid: 990,
        gid: 990,
        config: config.clone(),
        files_soft: 1_048_576,
        files_hard: 1_048_576,
        files_open: Some(40),
        ends: EndFactsView {
            window_ms: 3_600_000,
            ended: 100,
            ..EndFactsView::default()
        },
        ..NodeFactsView::default()
    };
    Facts {
        ctl_version: "1.0.0".to_owned(),
        daemon_version: Some("1.0.0".to_owned()),
        node: Some(node),
        config: Some(config),
        config_check: Some(ConfigCheck {
            file: "/etc/emqx/emqx.conf".to_owned(),
            ..ConfigCheck::default()
        }),
        pending: Some(Vec::new()),
        listeners: vec![listener()],
        license: Some(license()),
        weak_admins: Some(Vec::new()),
        alarms: Some(Vec::new()),
        socket: Some(file("/run/emqx/emqxd.sock", 0o660, false)),
        data_dir: Some(file("/var/lib/emqx", 0o750, true)),
        config_files: vec![
            file("/etc/emqx/emqx.conf", 0o640, false),
            file("/etc/emqx", 0o755, true),
        ],
        guarded_files: vec![file("/etc/emqx/key.pem", 0o640, false)],
        node_id: Some("emqx@127.0.0.1".to_owned()),
        disk: Some(DiskFacts {
            path: "/var/lib/emqx".to_owned(),
            total: 100 * GIB,
            free: 50 * GIB,
            files_total: 1_000_000,
            files_free: 900_000,
        }),
        kernel: KernelFacts {
            release: None,
            file_max: Some(1_000_000),
            files_used: Some(2_000),
            somaxconn: Some(4096),
            local_ports: Some((32_768, 60_999)),
            tcp_mem: Some((1000, 2000, 3000)),
            tcp_mem_used: Some(10),
            conntrack: Some((10, 262_144)),
            memory_total: Some(8 * GIB),
            memory_available: Some(4 * GIB),
            swap_total: Some(0),
            swap_free: Some(0),
            overcommit: Some(0),
        },
        clock_synchronised: Some(true),
        ..Facts::default()
    }
}

fn node(facts: &mut Facts) -> &mut NodeFactsView {
    facts.node.as_mut().unwrap()
}

fn config(facts: &mut Facts) -> &mut ConfigFactsView {
    facts.config.as_mut().unwrap()
}

type Break = fn(&mut Facts);

/// Each fault: what breaks, the id that finds it, how bad, words of the evidence, words of the fix.
#[rustfmt::skip]
const FAULTS: &[(Break, &str, Severity, &[&str], &str)] = &[
    (|f| f.alarms = Some(vec![AlarmView { node: "n".to_owned(), name: "license_expiry".to_owned(), message: "soon".to_owned(), details: "{}".to_owned(), activate_at_ms: 1, deactivate_at_ms: None }]), "D004", Severity::Warn, &["1 active", "license_expiry"], "alarms list"),
    (|f| f.daemon_version = Some("1.2.0".to_owned()), "D002", Severity::Warn, &["1.2.0", "1.0.0"], "apt-get install"),
    (|f| f.config_check.as_mut().unwrap().warnings = vec!["emqx.conf:3: `allow_anonymous` is a key of EMQX 4 without effect here".to_owned()], "D080", Severity::Warn, &["1 key of EMQX 4", "allow_anonymous"], "--check-config"),
    (|f| f.listeners[0].state = ListenerState::Failed { error: "EADDRINUSE".to_owned(), why: "held by nginx (pid 812)".to_owned() }, "D014", Severity::Fail, &["tcp:default 10.0.0.1:1883 not bound", "nginx (pid 812)"], "listeners start tcp:default"),
    (|f| f.listeners[0].state = ListenerState::Stopped, "D014", Severity::Warn, &["stopped by an operator"], "emqx-ctl listeners start tcp:default"),
    (|f| config(f).listeners.push(ListenerFactsView { id: "ssl:default".to_owned(), is_served: false, ..listener_facts() }), "D015", Severity::Warn, &["ssl:default"], "listeners.ssl.default.enable = false"),
    (|f| node(f).files_soft = 256, "D003", Severity::Fail, &["nofile 256", "40 open"], "prlimit --pid 812"),
    (|f| node(f).files_soft = 4096, "D003", Severity::Warn, &["nofile 4096", "infinity"], "LimitNOFILE=1048576"),
    (|f| { node(f).files_soft = 70_000; node(f).config.listeners[0].max_connections = Some(100_000) }, "D003", Severity::Fail, &["nofile 70000", "max_connections 100000"], "prlimit"),
    (|f| node(f).files_open = Some(1_000_000), "D003", Severity::Fail, &["1000000 open"], "prlimit"),
    (|f| f.kernel.files_used = Some(950_000), "D006", Severity::Fail, &["950000 used"], "fs.file-max"),
    (|f| f.kernel.somaxconn = Some(128), "D007", Severity::Warn, &["somaxconn 128", "1024"], "net.core.somaxconn = 32768"),
    (|f| f.kernel.local_ports = Some((50_000, 51_000)), "D008", Severity::Warn, &["1001"], "ip_local_port_range"),
    (|f| f.kernel.tcp_mem_used = Some(2_500), "D009", Severity::Warn, &["2500 pages"], "net.ipv4.tcp_mem = 2000 4000 6000"),
    (|f| f.kernel.tcp_mem_used = Some(3_000), "D009", Severity::Fail, &["3000 pages"], "tcp_mem"),
    (|f| f.kernel.conntrack = Some((262_000, 262_144)), "D010", Severity::Fail, &["262000 of 262144"], "nf_conntrack_max = 1048576"),
    (|f| { f.kernel.swap_total = Some(2 * GIB); f.kernel.swap_free = Some(GIB) }, "D011", Severity::Warn, &["1 GiB of 2 GiB"], "swapoff"),
    (|f| f.kernel.overcommit = Some(2), "D012", Severity::Warn, &["vm.overcommit_memory 2"], "vm.overcommit_memory = 0"),
    (|f| f.data_dir.as_mut().unwrap().mode = 0o777, "D016", Severity::Fail, &["/var/lib/emqx is 0777 emqx:emqx"], "chmod 0750 /var/lib/emqx"),
    (|f| f.data_dir.as_mut().unwrap().mode = 0o755, "D016", Severity::Warn, &["0755"], "chmod 0750"),
    (|f| f.data_dir.as_mut().unwrap().uid = 0, "D016", Severity::Fail, &["uid 990"], "chown -R 990:990 /var/lib/emqx"),
    (|f| f.config_files[0].mode = 0o666, "D017", Severity::Fail, &["0666", "everybody may change"], "chmod 0640 /etc/emqx/emqx.conf"),
    (|f| f.config_files[0].mode = 0o660, "D017", Severity::Warn, &["group emqx may change"], "chmod g-w /etc/emqx/emqx.conf"),
    (|f| f.config_files[0].mode = 0o644, "D017", Severity::Warn, &["read the secrets"], "chmod 0640"),
    (|f| f.config_files[1].mode = 0o777, "D017", Severity::Fail, &["/etc/emqx is 0777"], "chmod o-w /etc/emqx"),
    (|f| f.socket.as_mut().unwrap().mode = 0o666, "D018", Severity::Fail, &["0666"], "chmod 0660 /run/emqx/emqxd.sock"),
    (|f| config(f).has_known_cookie = true, "D020", Severity::Warn, &["node.cookie"], "openssl rand -hex 32"),
    (|f| f.weak_admins = Some(vec!["admin".to_owned()]), "D021", Severity::Warn, &["admin"], "emqx-ctl admins passwd admin"),
    (|f| open(f, |_| {}), "D022", Severity::Warn, &["anonymous access allowed on tcp:default (0.0.0.0:1883)"], "authentication = [{ mechanism"),
    (|f| open(f, |f| config(f).listeners.push(ListenerFactsView { authenticates: true, ..listener_facts() })), "D022", Severity::Warn, &["anonymous access allowed on tcp:default"], "listeners.tcp.default.enable_authn = true"),
    (|f| open(f, |_| {}), "D023", Severity::Warn, &["no_match is allow"], "authorization.no_match = deny"),
    (|f| open(f, |f| config(f).listeners[0].authenticates = true), "D023", Severity::Warn, &["every topic that no rule names"], "authorization.no_match = deny"),
    (|f| open(f, |f| config(f).has_default_rules = true), "D028", Severity::Warn, &["{allow, all}"], "explain D028"),
    (|f| config(f).weak_settings = vec!["passwords are kept as md5".to_owned()], "D029", Severity::Warn, &["md5"], "explain D029"),
    (|f| config(f).listeners[0].certificate_days_left = Some(-2), "D030", Severity::Fail, &["tcp:default ended 2 days ago"], "tls reload"),
    (|f| config(f).listeners[0].certificate_days_left = Some(1), "D030", Severity::Warn, &["ends in 1 day"], "tls reload"),
    (|f| config(f).listeners[0].takes_unverified_names = true, "D031", Severity::Fail, &["tcp:default", "nobody checks"], "verify = verify_peer"),
    (|f| open(f, |_| {}), "D032", Severity::Warn, &["tcp:default is open on all addresses (0.0.0.0:1883)"], "bind = \"127.0.0.1:1883\""),
    (|f| open(f, |f| config(f).listeners[0].trusts_any_proxy = true), "D033", Severity::Fail, &["PROXY header"], "listeners.tcp.default.access_rules"),
    (|f| f.guarded_files[0].mode = 0o644, "D034", Severity::Warn, &["/etc/emqx/key.pem is 0644", "may read"], "chmod 0640 /etc/emqx/key.pem"),
    (|f| f.guarded_files[0].mode = 0o660, "D034", Severity::Warn, &["group", "may change it"], "chmod 0640 /etc/emqx/key.pem"),
    (|f| f.guarded_files[0].mode = 0o642, "D034", Severity::Fail, &["may change"], "chmod 0640 /etc/emqx/key.pem"),
    (|f| config(f).listeners[0].revocation_days_left = Some(-1), "D035", Severity::Warn, &["list of tcp:default ended 1 day ago"], "tls reload"),
    (|f| config(f).unenforced = vec!["psk_authentication".to_owned()], "D024", Severity::Fail, &["psk_authentication has no effect"], "access_rules"),
    (|f| f.config_check.as_mut().unwrap().errors = vec!["emqx.conf:3: mqtt.max_inflght: unknown key".to_owned()], "D025", Severity::Fail, &["emqx.conf:3", "unknown key"], "emqxd --check-config --config /etc/emqx/emqx.conf"),
    (|f| config(f).without_effect = vec!["rule_engine (emqx.conf:9)".to_owned()], "D026", Severity::Warn, &["1 key without effect", "rule_engine (emqx.conf:9)"], "--check-config"),
    (|f| f.pending = Some(vec!["mqtt.max_inflight".to_owned()]), "D027", Severity::Warn, &["1 setting of the file", "mqtt.max_inflight"], "conf diff"),
    (|f| { let l = f.license.as_mut().unwrap(); (l.days_left, l.is_expired, l.is_overdue) = (-3, true, true) }, "D040", Severity::Fail, &["3 days ago", "refused"], "license update"),
    (|f| { let l = f.license.as_mut().unwrap(); (l.days_left, l.is_expired) = (-3, true) }, "D040", Severity::Fail, &["3 days ago", "still accepted"], "license update"),
    (|f| f.license.as_mut().unwrap().days_left = 19, "D040", Severity::Warn, &["in 19 days"], "license update"),
    (|f| f.license.as_mut().unwrap().sessions = 80, "D041", Severity::Warn, &["80 of 100", "80 %"], "license history"),
    (|f| f.license.as_mut().unwrap().sessions = 110, "D041", Severity::Fail, &["110 of 100", "refused"], "license update"),
    (|f| node(f).ends.takeovers = vec![storm(40, 60_000)], "D050", Severity::Fail, &["\"twin\" taken over 40 times", "2 addresses", "10.0.0.9:5000"], "emqx-ctl why twin --all"),
    (|f| node(f).ends.takeovers = vec![storm(6, 180_000)], "D050", Severity::Warn, &["6 times"], "emqx-ctl why twin --all"),
    (|f| { node(f).ends.http = 3; node(f).ends.http_peer = Some("192.0.2.7:80".to_owned()) }, "D051", Severity::Warn, &["HTTP on the MQTT port", "3 times", "192.0.2.7:80"], "emqx-ctl errors"),
    (|f| { node(f).ends.tls = 1; node(f).ends.tls_peer = Some("192.0.2.7:443".to_owned()) }, "D051", Severity::Warn, &["TLS on the MQTT port"], "emqx-ctl errors"),
    (|f| node(f).ends.scanners = vec!["CENSYS from 192.0.2.1".to_owned()], "D052", Severity::Warn, &["CENSYS from 192.0.2.1"], "banned add"),
    (|f| node(f).ends.keepalive_lost = 30, "D053", Severity::Warn, &["30 of 100", "30 %"], "disconnects --reason keepalive_timeout"),
    (|f| node(f).dropped_queue_full = 7, "D054", Severity::Warn, &["7 messages dropped"], "top --sort dropped"),
    (|f| node(f).ends.frame_too_large = 2, "D055", Severity::Warn, &["2 connections", "1048576 bytes"], "disconnects --reason frame_too_large"),
    (|f| f.disk.as_mut().unwrap().free = 100 * 1024 * 1024, "D060", Severity::Fail, &["100 MiB of 100 GiB"], "df -h /var/lib/emqx"),
    (|f| f.disk.as_mut().unwrap().free = 4 * GIB, "D060", Severity::Warn, &["4 %"], "df -h"),
    (|f| f.disk.as_mut().unwrap().files_free = 10, "D060", Severity::Fail, &["10 more files"], "df -h"),
    (|f| node(f).damage = Some("bad checksum; kept as /var/lib/emqx/state/x".to_owned()), "D061", Severity::Fail, &["bad checksum"], "data import"),
    (|f| f.damaged_stores = vec!["state.redb.damaged.1".to_owned()], "D061", Severity::Warn, &["state.redb.damaged.1"], "data import"),
    (|f| f.node_id = Some("emqx@10.0.0.1".to_owned()), "D062", Severity::Fail, &["emqx@10.0.0.1", "emqx@127.0.0.1"], "rm /var/lib/emqx/node.id"),
    (|f| { node(f).clock_steps = 2; node(f).clock_last_step_ms = -3_600_000 }, "D070", Severity::Warn, &["2 times", "-3600000 ms"], "set-ntp true"),
    (|f| f.clock_synchronised = Some(false), "D071", Severity::Warn, &["not synchronised"], "set-ntp true"),
    (|f| dead(f, |_| {}), "D001", Severity::Fail, &["emqxd is not running"], "systemctl start emqxd"),
    (|f| dead(f, |f| f.is_forbidden = true), "D001", Severity::Fail, &["emqxd is not running"], "sudo emqx-ctl doctor"),
    (|f| dead(f, |f| f.lock_holder = Some(9)), "D001", Severity::Fail, &["pid 9", "does not answer"], "sudo emqx-ctl doctor"),
    (|f| dead(f, |f| f.last_exit = Some(LastExit { state: "failed".to_owned(), result: "exit-code".to_owned(), status: 78, lines: vec!["bad key".to_owned()] })), "D005", Severity::Fail, &["status 78", "configuration", "bad key"], "journalctl -xeu emqxd"),
    (|f| dead(f, |f| f.ports = vec![port(Some(Holder { pid: 812, name: "nginx".to_owned() }))]), "D014", Severity::Fail, &["nginx (pid 812)"], "ps -fp 812"),
    (|f| dead(f, |f| f.ports = vec![port(None)]), "D014", Severity::Fail, &["another user"], "ss -ltnp"),
];

/// Strangers reach the listener.
fn open(facts: &mut Facts, more: Break) {
    let listener = &mut config(facts).listeners[0];
    listener.lets_strangers_in = true;
    listener.bind = "0.0.0.0:1883".to_owned();
    more(facts);
}

fn storm(count: u64, over_ms: u64) -> TakeoverFactsView {
    TakeoverFactsView {
        client_id: "twin".to_owned(),
        count,
        over_ms,
        addresses: 2,
        last_peer: "10.0.0.9:5000".to_owned(),
    }
}

fn port(holder: Option<Holder>) -> PortFacts {
    PortFacts {
        listener: "tcp:default".to_owned(),
        bind: "0.0.0.0:1883".to_owned(),
        is_held: true,
        holder,
    }
}

/// Nobody answers.
fn dead(facts: &mut Facts, more: Break) {
    facts.node = None;
    facts.daemon_version = None;
    facts.unreachable = Some("emqxd is not running (/run/emqx/emqxd.sock: no such file)".to_owned());
    (facts.license, facts.weak_admins, facts.alarms, facts.pending) = (None, None, None, None);
    facts.listeners.clear();
    more(facts);
}

#[test]
fn nothing_is_found_on_a_healthy_node() {
    for finding in judge(&healthy(), &[]) {
        assert_eq!(finding.severity, Severity::Ok, "{finding:?}");
        assert_eq!(finding.fix, None, "{finding:?}");
    }
}

#[test]
fn each_fault_is_found_under_its_id_with_its_fix() {
    for (number, (break_it, id, severity, words, fix)) in FAULTS.iter().enumerate() {
        let mut facts = healthy();
        break_it(&mut facts);
        let findings = judge(&facts, &[]);
        let of_check: Vec<_> = findings.iter().filter(|finding| finding.id == *id).collect();
        let found = of_check.iter().find(|finding| finding.severity == *severity);
        let found = found.unwrap_or_else(|| panic!("fault {number}: {id} says {of_check:?}"));
        for word in *words {
            assert!(
                found.evidence.contains(word),
                "fault {number}, {id}: no {word:?} in {:?}",
                found.evidence
            );
        }
        let text = found.fix.as_deref().unwrap_or_default();
        assert!(text.contains(fix), "fault {number}, {id}: no {fix:?} in {text:?}");
    }
}

#[test]
fn every_check_has_a_fault_that_it_finds() {
    let found: HashSet<_> = FAULTS.iter().map(|(_, id, ..)| *id).collect();
    for id in judge::ids() {
        assert!(found.contains(id), "no fault for {id}");
    }
}

#[test]
fn every_check_is_explained_and_has_an_id_of_its_own() {
    let mut seen = HashSet::new();
    for id in judge::ids() {
        assert!(seen.insert(id), "{id} twice");
        let entry = catalogue::lookup(id).unwrap_or_else(|| panic!("{id} is not explained"));
        assert_eq!((entry.term, entry.kind), (id, catalogue::Kind::DoctorCheck));
    }
    let explained = catalogue::all()
        .filter(|entry| entry.kind == catalogue::Kind::DoctorCheck)
        .count();
    assert_eq!(explained, seen.len(), "a check is explained that does not exist");
}

#[test]
fn what_could_not_be_looked_at_is_said_with_the_reason() {
    let findings = judge(&Facts::default(), &[]);
    assert!(
        findings.iter().all(|finding| finding.severity != Severity::Fail),
        "{findings:?}"
    );
    let mut facts = healthy();
    facts.license = None;
    facts.missing.push(Missing {
        what: "license".to_owned(),
        why: "no answer within 10 s".to_owned(),
    });
    let findings = judge(&facts, &[Category::License]);
    assert!(
        findings
            .iter()
            .any(|finding| finding.severity == Severity::Skip && finding.evidence.contains("10 s"))
    );
}

#[test]
fn a_category_is_judged_alone_and_says_whether_the_daemon_answers() {
    let findings = judge(&healthy(), &[Category::Clock]);
    let ids: Vec<_> = findings.iter().map(|finding| finding.id).collect();
    assert_eq!(ids, ["D001", "D070", "D071"]);
}

#[test]
fn a_client_id_in_a_fix_stays_one_word_for_a_shell() {
    let mut facts = healthy();
    node(&mut facts).ends.takeovers = vec![TakeoverFactsView {
        client_id: "x'; reboot; '".to_owned(),
        ..storm(40, 60_000)
    }];
    let findings = judge(&facts, &[Category::Clients]);
    let storm = findings.iter().find(|finding| finding.id == "D050").unwrap();
    assert_eq!(storm.fix.as_deref(), Some(r"emqx-ctl why 'x'\''; reboot; '\''' --all"));
}

#[test]
fn names_of_a_stranger_s_bundle_do_not_become_commands() {
    let evil = || "x'; reboot; '".to_owned();
    let mut facts = healthy();
    facts.listeners[0].id = evil();
    facts.listeners[0].listen_on = "1:1'; reboot; '".to_owned();
    facts.listeners[0].state = ListenerState::Failed {
        error: String::new(),
        why: String::new(),
    };
    for listener in &mut config(&mut facts).listeners {
        (listener.id, listener.bind, listener.lets_strangers_in) = (evil(), "0.0.0.0:1".to_owned(), true);
    }
    config(&mut facts).file = Some(evil());
    config(&mut facts).data_dir = evil();
    config(&mut facts).has_known_cookie = true;
    (facts.node_id, facts.weak_admins) = (Some("n".to_owned()), Some(vec![evil()]));
    facts.config_files[0] = file("/x'; reboot; '", 0o666, false);
    let quoted = |fix: &str| {
        fix.replace(r"'\''", "")
            .split('\'')
            .skip(1)
            .step_by(2)
            .any(|part| part.contains("reboot"))
    };
    let fixes: Vec<_> = judge(&facts, &[])
        .into_iter()
        .filter_map(|finding| finding.fix)
        .collect();
    let named: Vec<_> = fixes.iter().filter(|fix| fix.contains("reboot")).collect();
    assert!(named.len() >= 4, "{fixes:?}");
    assert!(named.iter().all(|fix| quoted(fix)), "{named:?}");
}

#[test]
fn what_is_closed_is_not_complained_about() {
    let mut facts = healthy();
    open(&mut facts, |f| {
        let config = config(f);
        config.listeners[0].authenticates = true;
        config.listeners[0].has_tls = true;
        config.listeners[0].certificate_days_left = Some(80);
        config.listeners[0].revocation_days_left = Some(0);
        config.no_match = Some("deny".to_owned());
    });
    let found = judge(&facts, &[Category::Security]);
    assert!(
        found.iter().all(|finding| finding.severity == Severity::Ok),
        "{found:?}"
    );
    open(&mut facts, |f| {
        config(f).listeners[0].authenticates = false;
        config(f).refuses_anonymous = true;
    });
    let found = judge(&facts, &[Category::Security]);
    assert!(
        found.iter().all(|finding| finding.severity == Severity::Ok),
        "{found:?}"
    );
}

#[test]
fn facts_survive_the_way_through_a_bundle() {
    let facts = healthy();
    let text = serde_json::to_string(&facts).unwrap();
    let read: Facts = serde_json::from_str(&text).unwrap();
    assert_eq!(judge(&read, &[]), judge(&facts, &[]));
    let empty: Facts = serde_json::from_str("{}").unwrap();
    assert!(!judge(&empty, &[]).is_empty());
}
