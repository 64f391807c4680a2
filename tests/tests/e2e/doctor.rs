//! `emqx-ctl doctor` on set-ups that were broken on purpose: each fault is found under its id, with numbers and a fix.
//! `emqx-ctl diagnose bundle`: what goes along, and what never does.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use emqx_tests::license::LicenseIssuer;
use emqx_tests::{ClientOptions, CtlOutput, DEADLINE, Daemon, QoS, wait_for, wait_until};
use serde_json::Value;

/// A password that is found wherever it leaks to.
const CANARY: &str = "Canary_7f3a!";
/// A licence that ran out and lets nobody in.
const EXPIRED: &str = "--type trial --customer-type 10 --days 100 --sessions 100 --start 20240101";

fn doctor(daemon: &Daemon, arguments: &[&str]) -> (Option<i32>, Vec<Value>) {
    findings(daemon.ctl(["-f", "json", "doctor"].iter().chain(arguments)))
}

#[track_caller]
fn findings(output: CtlOutput) -> (Option<i32>, Vec<Value>) {
    let document: Value = serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    (output.status, document["data"].as_array().expect("a list").clone())
}

/// The evidence and the fix of a finding that has to be there.
#[track_caller]
fn found(findings: &[Value], id: &str, severity: &str) -> (String, String) {
    let of_check: Vec<_> = findings.iter().filter(|finding| finding["id"] == id).collect();
    let finding = of_check.iter().find(|finding| finding["severity"] == severity);
    let finding = finding.unwrap_or_else(|| panic!("{id} is not {severity}: {of_check:?}"));
    let text = |field: &str| finding[field].as_str().unwrap_or_default().to_owned();
    (text("evidence"), text("fix"))
}

/// Polls until the check says so: what clients did is counted a moment later.
#[track_caller]
fn eventually(daemon: &Daemon, category: &str, id: &str, severity: &str) -> (String, String) {
    wait_for(&format!("{id} is {severity}"), || {
        let (_, findings) = doctor(daemon, &[category]);
        let is_there = findings
            .iter()
            .any(|finding| finding["id"] == id && finding["severity"] == severity);
        is_there.then(|| found(&findings, id, severity))
    })
}

fn config_file(daemon: &Daemon) -> PathBuf {
    daemon.folder().join("emqx.conf")
}

fn append(path: &Path, line: &str) {
    let mut file = fs::OpenOptions::new().append(true).open(path).unwrap();
    writeln!(file, "{line}").unwrap();
}

#[test]
fn a_new_node_has_a_cookie_and_a_password_that_everybody_knows() {
    let daemon = Daemon::start();
    let (_, all) = doctor(&daemon, &[]);
    assert!(found(&all, "D001", "ok").0.starts_with("running "));
    assert!(found(&all, "D002", "ok").0.contains(" = emqx-ctl "));
    let (evidence, fix) = found(&all, "D020", "warn");
    assert!(
        evidence.contains("node.cookie") && fix.contains("openssl rand -hex 32"),
        "{fix}"
    );
    let (evidence, fix) = found(&all, "D021", "warn");
    assert!(
        evidence.contains("admin") && fix == "emqx-ctl admins passwd admin",
        "{fix}"
    );
    for id in [
        "D014", "D016", "D018", "D022", "D024", "D025", "D027", "D050", "D051", "D054", "D061", "D062", "D070",
    ] {
        found(&all, id, "ok");
    }

    let (status, few) = doctor(&daemon, &["security"]);
    assert_eq!(status, Some(0), "warnings alone are no failure: {few:?}");
    assert_eq!(doctor(&daemon, &["security", "--strict"]).0, Some(1));
    let text = daemon.ctl(["doctor", "security"]).ok();
    assert!(
        text.contains("warn D020 security   : node.cookie is EMQX's default"),
        "{text}"
    );
    assert!(
        text.contains(" warnings, ") && text.contains("emqx-ctl explain D0"),
        "{text}"
    );
    let explained = daemon.ctl(["explain", "D020"]).ok();
    assert!(explained.contains("node.cookie"), "{explained}");

    daemon.ctl(["admins", "passwd", "admin", CANARY]).ok();
    found(&doctor(&daemon, &["security"]).1, "D021", "ok");
}

#[test]
fn a_port_that_another_process_took_is_found_with_its_holder() {
    let daemon = Daemon::start();
    daemon.ctl(["listeners", "stop", "tcp:default"]).ok();
    let (evidence, fix) = found(&doctor(&daemon, &["ports"]).1, "D014", "warn");
    assert!(evidence.contains("stopped by an operator"), "{evidence}");
    assert_eq!(fix, "emqx-ctl listeners start tcp:default");

    let thief = TcpListener::bind(daemon.address()).unwrap();
    assert_ne!(daemon.ctl(["listeners", "start", "tcp:default"]).status, Some(0));
    let (status, all) = doctor(&daemon, &["ports"]);
    let (evidence, fix) = found(&all, "D014", "fail");
    assert_eq!(status, Some(1));
    assert!(
        evidence.contains("EADDRINUSE") && evidence.contains("tcp:default"),
        "{evidence}"
    );
    let port = daemon.address().port();
    assert!(fix.contains(&format!("ss -ltnp 'sport = :{port}'")), "{fix}");
    drop(thief);
    daemon.ctl(["listeners", "start", "tcp:default"]).ok();
    found(&doctor(&daemon, &["ports"]).1, "D014", "ok");
}

#[test]
fn a_dead_daemon_leaves_half_of_the_checks() {
    let mut daemon = Daemon::start();
    daemon.signal("KILL");
    daemon.wait_end();
    let file = config_file(&daemon);
    let thief = TcpListener::bind(daemon.address()).unwrap();
    let config = file.to_str().unwrap();
    let (status, all) = doctor(&daemon, &["--config", config]);
    assert_eq!(status, Some(1));
    let (evidence, fix) = found(&all, "D001", "fail");
    assert!(
        evidence.contains("not running") && fix.contains("systemctl start emqxd"),
        "{evidence}: {fix}"
    );
    let (evidence, fix) = found(&all, "D014", "fail");
    let us = std::process::id();
    assert!(evidence.contains(&format!("(pid {us}) holds it")), "{evidence}");
    assert!(fix.contains(&format!("ps -fp {us}")), "{fix}");
    found(&all, "D020", "warn");
    found(&all, "D025", "ok");
    found(&all, "D062", "ok");
    assert!(found(&all, "D050", "skip").0.contains("needs the running daemon"));
    drop(thief);

    append(&file, "mqtt.max_inflght = 3");
    let (_, all) = doctor(&daemon, &["config", "ports", "--offline", "--config", config]);
    let (evidence, fix) = found(&all, "D025", "fail");
    assert!(
        evidence.contains("max_inflght") && evidence.contains("emqx.conf:"),
        "{evidence}"
    );
    assert!(fix.starts_with("emqxd --check-config"), "{fix}");

    fs::write(
        &file,
        fs::read_to_string(&file)
            .unwrap()
            .replace("mqtt.max_inflght = 3", "node.name = \"emqx@10.0.0.1\""),
    )
    .unwrap();
    let (_, all) = doctor(&daemon, &["storage", "--offline", "--config", config]);
    let (evidence, fix) = found(&all, "D062", "fail");
    assert!(
        evidence.contains("emqx@127.0.0.1") && evidence.contains("emqx@10.0.0.1"),
        "{evidence}"
    );
    assert!(fix.contains("node.id"), "{fix}");
}

#[test]
fn a_daemon_with_too_few_descriptors_is_found() {
    let daemon = Daemon::start();
    let pid = daemon.pid().to_string();
    let lowered = Command::new("prlimit")
        .args(["--pid", &pid, "--nofile=256:256"])
        .status();
    assert!(
        lowered.is_ok_and(|status| status.success()),
        "prlimit of util-linux is needed"
    );
    let (status, all) = doctor(&daemon, &["limits"]);
    let (evidence, fix) = found(&all, "D003", "fail");
    assert_eq!(status, Some(1));
    assert!(evidence.starts_with("nofile 256 (hard 256), "), "{evidence}");
    assert!(
        fix.contains(&format!("prlimit --pid {pid}")) && fix.contains("LimitNOFILE"),
        "{fix}"
    );
}

#[test]
fn files_that_everybody_may_change_are_found() {
    let daemon = Daemon::start();
    let chmod = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let file = config_file(&daemon);
    let (data, socket) = (daemon.folder().join("data"), daemon.socket().to_owned());
    for (path, id, mode) in [(&file, "D017", 0o666), (&data, "D016", 0o777), (&socket, "D018", 0o666)] {
        let before = fs::metadata(path).unwrap().permissions();
        chmod(path, mode);
        let (evidence, fix) = found(&doctor(&daemon, &["permissions"]).1, id, "fail");
        assert!(
            evidence.contains(&format!("{} is {mode:04o}", path.display())),
            "{evidence}"
        );
        assert!(
            fix.starts_with("sudo chmod 0") && fix.ends_with(path.to_str().unwrap()),
            "{fix}"
        );
        fs::set_permissions(path, before).unwrap();
    }
    let (_, all) = doctor(&daemon, &["permissions"]);
    assert!(all.iter().all(|finding| finding["severity"] != "fail"), "{all:?}");
}

#[test]
fn a_listener_that_strangers_reach_is_found_and_one_with_rules_is_not() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let open = format!("listeners.tcp.open.bind = \"0.0.0.0:{port}\"");
    let daemon = Daemon::builder().config(&open).start();
    let (_, all) = doctor(&daemon, &["security"]);
    let (evidence, fix) = found(&all, "D022", "warn");
    assert_eq!(
        evidence,
        format!("anonymous access allowed on tcp:open (0.0.0.0:{port})")
    );
    assert!(fix.contains("authentication = [{"), "{fix}");
    assert!(found(&all, "D023", "warn").0.contains("no_match"));
    assert!(found(&all, "D028", "warn").0.contains("{allow, all}"));
    let (evidence, fix) = found(&all, "D032", "warn");
    assert!(evidence.contains("tcp:open is open on all addresses"), "{evidence}");
    assert!(
        fix.contains(&format!("listeners.tcp.open.bind = \"127.0.0.1:{port}\"")),
        "{fix}"
    );
    drop(daemon);

    let weak = "authentication = [{ mechanism = password_based, backend = built_in_database, \
                password_hash_algorithm { name = md5, salt_position = disable } }]\n\
                psk_authentication.enable = true\nauthorization.no_match = deny\n\
                listeners.tcp.open.proxy_protocol = true";
    let daemon = Daemon::builder().config(&open).config(weak).start();
    let (status, all) = doctor(&daemon, &["security"]);
    assert_eq!(status, Some(1));
    for id in ["D022", "D023"] {
        found(&all, id, "ok");
    }
    assert!(
        found(&all, "D024", "fail")
            .0
            .contains("psk_authentication has no effect")
    );
    assert!(found(&all, "D029", "warn").0.contains("kept as md5"));
    assert!(found(&all, "D033", "fail").0.contains("tcp:open believes the address"));
    drop(daemon);

    let rules = "listeners.tcp.open.access_rules = [\"allow 127.0.0.1\", \"deny all\"]";
    let daemon = Daemon::builder().config(&open).config(rules).start();
    for id in ["D022", "D032"] {
        found(&doctor(&daemon, &["security"]).1, id, "ok");
    }
}

#[test]
fn rules_that_everybody_may_read_or_change_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("acl.conf");
    fs::write(&rules, "{deny, all}.\n").unwrap();
    let chmod = |mode| fs::set_permissions(&rules, fs::Permissions::from_mode(mode)).unwrap();
    chmod(0o644);
    let daemon = Daemon::with_config(&format!(
        "authorization.sources = [{{ type = file, path = {rules:?} }}]"
    ));
    let (evidence, fix) = found(&doctor(&daemon, &["security"]).1, "D034", "warn");
    assert!(
        evidence.contains("0644") && fix.contains("chmod 0640"),
        "{evidence}: {fix}"
    );
    chmod(0o666);
    found(&doctor(&daemon, &["security"]).1, "D034", "fail");
    chmod(0o640);
    found(&doctor(&daemon, &["security"]).1, "D034", "ok");
}

#[test]
fn strangers_on_the_mqtt_port_are_found() {
    let daemon = Daemon::start();
    for bytes in [
        &b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"[..],
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03aaaaaaaa",
    ] {
        daemon.connect_silently().write_all(bytes).unwrap();
    }
    wait_until("both are counted", || {
        let (_, all) = doctor(&daemon, &["clients"]);
        all.iter()
            .filter(|finding| finding["id"] == "D051" && finding["severity"] == "warn")
            .count()
            == 2
    });
    let (_, all) = doctor(&daemon, &["clients"]);
    let texts: Vec<_> = all
        .iter()
        .filter(|finding| finding["id"] == "D051")
        .map(|finding| finding["evidence"].to_string())
        .collect();
    assert!(
        texts[0].contains("HTTP on the MQTT port, once") && texts[1].contains("TLS on the MQTT port"),
        "{texts:?}"
    );
    assert_eq!(found(&all, "D051", "warn").1, "emqx-ctl errors");

    daemon.connect_v311("CENSYS").disconnect();
    let (evidence, _) = eventually(&daemon, "clients", "D052", "warn");
    assert!(evidence.contains("CENSYS from 127.0.0.1"), "{evidence}");
}

#[test]
fn two_devices_with_one_client_id_are_found() {
    let daemon = Daemon::start();
    let _each_ends_the_one_before: Vec<_> = (0..14).map(|_| daemon.connect_v5("twin")).collect();
    let (evidence, fix) = eventually(&daemon, "clients", "D050", "fail");
    assert!(
        evidence.contains("client id \"twin\" taken over 1") && evidence.contains("from one address"),
        "{evidence}"
    );
    assert_eq!(fix, "emqx-ctl why twin --all");
}

#[test]
fn messages_lost_and_packets_too_large_are_found() {
    let daemon = Daemon::with_config("mqtt { max_mqueue_len = 2, max_packet_size = 1KB }");
    let mut slow = daemon.connect(ClientOptions::v5("slow").persistent());
    slow.subscribe("t", QoS::AtLeastOnce);
    slow.disconnect();
    let mut publisher = daemon.connect_v5("fast");
    for _ in 0..10 {
        publisher.publish("t", "x", QoS::AtLeastOnce);
    }
    let (evidence, fix) = eventually(&daemon, "clients", "D054", "warn");
    assert!(
        evidence.starts_with("8 messages dropped") && evidence.contains("10 received"),
        "{evidence}"
    );
    assert!(fix.contains("top --sort dropped"), "{fix}");

    let mut large = daemon.connect_v5("large");
    large.send_bytes(&[0x30, 0x80, 0x10, 0, 1, b't']);
    let (evidence, fix) = eventually(&daemon, "clients", "D055", "warn");
    assert!(
        evidence.contains("(1024 bytes)") && evidence.contains("\"large\""),
        "{evidence}"
    );
    assert!(fix.contains("frame_too_large"), "{fix}");
}

#[test]
fn a_licence_that_ran_out_or_is_full_is_found() {
    let issuer = LicenseIssuer::new();
    let with_key = |options: &str| {
        let key = format!("license.key = \"{}\"", issuer.issue(options));
        Daemon::builder().config(&issuer.config()).config(&key).start()
    };
    let daemon = with_key("--days 19 --sessions 10");
    let (evidence, fix) = found(&doctor(&daemon, &["license"]).1, "D040", "warn");
    assert!(
        evidence.contains("in 19 days") || evidence.contains("in 18 days"),
        "{evidence}"
    );
    assert!(fix.starts_with("emqx-ctl license update"), "{fix}");
    let clients: Vec<_> = (0..8).map(|number| daemon.connect_v5(&format!("c{number}"))).collect();
    let (evidence, _) = eventually(&daemon, "license", "D041", "warn");
    assert!(evidence.starts_with("8 of 10 licensed sessions (80 %)"), "{evidence}");
    drop((clients, daemon));

    let daemon = with_key(EXPIRED);
    let (status, all) = doctor(&daemon, &["license"]);
    let (evidence, _) = found(&all, "D040", "fail");
    assert_eq!(status, Some(1));
    assert!(evidence.contains("expired on"), "{evidence}");
}

#[test]
fn a_file_that_is_not_in_force_and_one_that_cannot_be_loaded_are_found() {
    let daemon = Daemon::start();
    let file = config_file(&daemon);
    append(
        &file,
        "mqtt.max_inflight = 7\nrule_engine.jq_function_default_timeout = 10s",
    );
    let (_, all) = doctor(&daemon, &["config"]);
    let (evidence, fix) = found(&all, "D027", "warn");
    assert!(
        evidence.contains("mqtt.max_inflight") && fix.contains("conf reload"),
        "{evidence}"
    );
    append(&file, "mqtt.max_inflght = 3");
    let (status, all) = doctor(&daemon, &["config"]);
    let (evidence, _) = found(&all, "D025", "fail");
    assert_eq!(status, Some(1));
    assert!(
        evidence.contains("max_inflght") && evidence.contains("did you mean"),
        "{evidence}"
    );
}

/// Unpacks a bundle with the system's own program.
fn unpack(bundle: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let status = Command::new("tar")
        .arg("-xzf")
        .arg(bundle)
        .arg("-C")
        .arg(folder.path())
        .status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "tar cannot read {}",
        bundle.display()
    );
    folder
}

fn json(folder: &Path, name: &str) -> Value {
    serde_json::from_slice(&fs::read(folder.join(name)).unwrap()).unwrap()
}

#[test]
fn a_bundle_says_what_is_in_it_and_is_judged_without_the_node() {
    let daemon = Daemon::with_config("node.cookie = my_own_secret_cookie");
    daemon.connect_v5("sensor-17").kill();
    daemon.expect_shutdown_count("tcp_closed", 1);
    let bundle = daemon.folder().join("b.tar.gz");
    let make = |more: &[&str]| daemon.ctl(["diagnose", "bundle", "--out", "b.tar.gz"].iter().chain(more));
    assert_eq!(make(&[]).ok(), "b.tar.gz\n");
    assert_eq!(fs::metadata(&bundle).unwrap().permissions().mode() & 0o777, 0o600);
    let refused = make(&[]);
    assert_eq!(refused.status, Some(73), "{refused:?}");
    assert!(refused.stderr.contains("--force"), "{refused:?}");
    make(&["--force"]).ok();

    let folder = unpack(&bundle);
    let manifest = json(folder.path(), "manifest.json");
    let files = manifest["files"].as_array().unwrap();
    let names: Vec<_> = files.iter().filter_map(|file| file["name"].as_str()).collect();
    for name in [
        "facts.json",
        "doctor.json",
        "status.json",
        "listeners.json",
        "disconnects.json",
        "config.json",
        "license.json",
        "errors.json",
        "alarms.json",
    ] {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
    let missing = manifest["missing"].as_array().unwrap();
    assert!(
        missing
            .iter()
            .any(|absent| absent["name"] == "log.txt" && absent["why"].as_str().unwrap().contains("no log file"))
    );
    let all = fs::read_to_string(folder.path().join("config.json")).unwrap();
    assert!(
        !all.contains("my_own_secret_cookie") && all.contains("******"),
        "secrets are taken out"
    );
    assert!(
        fs::read_to_string(folder.path().join("disconnects.json"))
            .unwrap()
            .contains("sensor-17")
    );

    let (_, live) = doctor(&daemon, &["security", "clients"]);
    drop(daemon);
    let nowhere = Daemon::start();
    let (_, later) = findings(nowhere.ctl([
        "-f",
        "json",
        "diagnose",
        "analyze",
        bundle_copy(&folder).to_str().unwrap(),
    ]));
    for id in ["D020", "D021", "D022", "D050"] {
        let of = |findings: &[Value]| findings.iter().find(|finding| finding["id"] == id).cloned();
        assert_eq!(of(&live), of(&later), "{id}");
    }
    append(&folder.path().join("facts.json"), " ");
    let changed = bundle_copy(&folder);
    let refused = nowhere.ctl(["diagnose", "analyze", changed.to_str().unwrap()]);
    assert_eq!(refused.status, Some(65), "{refused:?}");
    assert!(
        refused.stderr.contains("facts.json is not what the manifest says"),
        "{refused:?}"
    );
    let garbage = folder.path().join("garbage");
    fs::write(&garbage, "no bundle").unwrap();
    let refused = nowhere.ctl(["diagnose", "analyze", garbage.to_str().unwrap()]);
    assert_eq!(refused.status, Some(65), "{refused:?}");
}

/// Packs the unpacked files again: the bundle itself went with its daemon's folder.
fn bundle_copy(folder: &tempfile::TempDir) -> PathBuf {
    let copy = folder.path().join("copy.tar.gz");
    let names = ["manifest.json", "facts.json"];
    let status = Command::new("tar")
        .arg("-czf")
        .arg(&copy)
        .arg("-C")
        .arg(folder.path())
        .args(names)
        .status();
    assert!(status.is_ok_and(|status| status.success()));
    copy
}

#[test]
fn an_anonymous_bundle_names_nobody() {
    let daemon = Daemon::with_config("log.file.default { enable = true, level = debug, path = \"log/emqx.log\" }");
    let _twins: Vec<_> = (0..14)
        .map(|_| daemon.connect(ClientOptions::v5("sensor-of-li").username("li-the-customer")))
        .collect();
    eventually(&daemon, "clients", "D050", "fail");
    daemon
        .ctl(["diagnose", "bundle", "--anonymize", "--out", "a.tar.gz"])
        .ok();
    let folder = unpack(&daemon.folder().join("a.tar.gz"));
    for entry in fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        for name in ["sensor-of-li", "li-the-customer"] {
            assert!(!text.contains(name), "{name} in {}", path.display());
        }
    }
    let facts = json(folder.path(), "facts.json");
    let pseudonym = facts["node"]["ends"]["takeovers"][0]["client_id"].as_str().unwrap();
    assert!(pseudonym.starts_with("client-"), "{pseudonym}");
    for file in ["disconnects.json", "doctor.json", "log.txt"] {
        let text = fs::read_to_string(folder.path().join(file)).unwrap();
        assert!(text.contains(pseudonym), "{file} speaks of somebody else");
    }
}

/// CONNECT of MQTT 3.1.1 with a user name and this password; `more` makes it malformed.
fn connect_with_password(address: SocketAddr, client_id: &str, more: &[u8]) {
    let mut body = b"\x00\x04MQTT\x04\xc2\x00\x3c".to_vec();
    for text in [client_id, "li", CANARY] {
        body.extend_from_slice(&(text.len() as u16).to_be_bytes());
        body.extend_from_slice(text.as_bytes());
    }
    body.extend_from_slice(more);
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    stream
        .write_all(&[0x10, body.len() as u8])
        .and_then(|()| stream.write_all(&body))
        .unwrap();
    if more.is_empty() {
        let mut answer = [0; 4];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(answer, [0x20, 2, 0, 0]);
    } else {
        let _it_is_closed = stream.read_to_end(&mut Vec::new());
    }
}

/// All regular files below a folder.
fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            files_below(&entry.path(), found);
        } else if kind.is_file() {
            found.push(entry.path());
        }
    }
}

#[test]
fn a_password_is_in_no_bundle_no_log_no_trace_and_no_file() {
    let daemon = Daemon::builder()
        .log_level("debug")
        .config("log.file.default { enable = true, level = debug, path = \"log/emqx.log\" }")
        .start();
    daemon
        .ctl(["trace", "client", "canary-1", "canary_trace.log", "debug"])
        .ok();
    connect_with_password(daemon.address(), "canary-1", b"");
    connect_with_password(daemon.address(), "canary-2", b"trailing");
    daemon.ctl(["admins", "passwd", "admin", CANARY]).ok();
    daemon.ctl(["admin", "admin", CANARY]).ok();
    daemon.expect_shutdown_count("tcp_closed", 1);
    wait_until("the malformed CONNECT is remembered", || {
        !daemon.ctl(["errors"]).ok().is_empty()
    });
    for more in [&[][..], &["--anonymize"]] {
        let name = format!("b{}.tar.gz", more.len());
        daemon
            .ctl(["diagnose", "bundle", "--out", &name].iter().chain(more))
            .ok();
    }
    daemon.ctl(["trace", "client", "canary-1", "off"]);

    let unpacked = [
        unpack(&daemon.folder().join("b0.tar.gz")),
        unpack(&daemon.folder().join("b1.tar.gz")),
    ];
    let mut files = Vec::new();
    for folder in [daemon.folder(), unpacked[0].path(), unpacked[1].path()] {
        files_below(folder, &mut files);
    }
    for needed in [
        "log/emqx.log",
        "output.log",
        "canary_trace.log",
        "log.txt",
        "errors.json",
        "events.json",
    ] {
        let is_there = files
            .iter()
            .any(|file| file.ends_with(needed) && fs::metadata(file).is_ok_and(|file| file.len() > 0));
        assert!(is_there, "{needed} would be searched");
    }
    let canary = CANARY.as_bytes();
    let has_it = |file: &&PathBuf| {
        fs::read(file)
            .unwrap()
            .windows(canary.len())
            .any(|bytes| bytes == canary)
    };
    let hits: Vec<_> = files.iter().filter(has_it).collect();
    let command_line = fs::read(format!("/proc/{}/cmdline", daemon.pid())).unwrap();
    assert!(!command_line.windows(canary.len()).any(|bytes| bytes == canary));
    println!("canary: {} files searched, {} hits", files.len(), hits.len());
    assert!(hits.is_empty(), "{hits:?}");
}
