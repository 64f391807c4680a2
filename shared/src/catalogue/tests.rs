//! What the catalogue promises: every word an operator meets is in it, under one entry only.

use std::collections::HashMap;

use super::*;
use crate::ExitCode;

/// Every reason EMQX counts or logs: 5.x and 6.x names, then those of 4.x and older.
const DISCONNECT_REASONS: &str = "keepalive_timeout tcp_closed ssl_closed idle_timeout protocol_error \
    frame_too_large frame_error invalid_connect_packet malformed_packet bad_frame_header bad_packet_id bad_subqos \
    malformed_properties malformed_variable_byte_integer invalid_packet_id invalid_property_code \
    reserved_connect_flag invalid_will_qos invalid_will_retain invalid_password_flag utf8_string_invalid \
    invalid_topic empty_topic_filters takenover discarded kicked expired not_authorized \
    bad_username_or_password client_identifier_not_valid unsupported_protocol_version banned server_unavailable \
    server_busy quota_exceeded use_another_server server_moved bad_authentication_method unspecified_error \
    topic_name_invalid topic_filter_invalid topic_alias_invalid receive_maximum_exceeded packet_too_large \
    disconnect_with_will_message send_timeout etimedout econnreset epipe ehostunreach enetunreach \
    ssl_upgrade_timeout ssl_error ssl_failure proxy_proto_close proxy_proto_timeout peercert_field_invalid \
    clientinfo_field_invalid mailbox_overflow proc_heap_too_large \
    normal closed einval enotconn timeout function_clause proto_unexpected_connect proto_unexpected_c \
    proto_not_connected takeovered discard conflict message_queue_too_long proxy_protocol_config_disabled \
    parse_error destroy max_connections listener_stopped server_shutting_down internal_error econnaborted enetdown \
    too_many_user_properties invalid_proto_name invalid_property_value \
    proxy_proto_invalid proxy_proto_untrusted websocket_upgrade_failed websocket_upgrade_timeout \
    websocket_frame_error websocket_idle_timeout";

#[test]
fn every_disconnect_reason_has_an_entry_of_that_kind() {
    for reason in DISCONNECT_REASONS.split_whitespace() {
        let entry = lookup(reason).unwrap_or_else(|| panic!("no entry for {reason}"));
        assert_eq!(entry.kind, Kind::DisconnectReason, "{reason}");
        for wrapped in [
            format!("{{shutdown,{reason}}}"),
            format!("reason: {{shutdown, {reason}}}"),
        ] {
            assert_eq!(lookup(&wrapped), Some(entry), "{wrapped}");
        }
    }
}

#[test]
fn every_reason_code_of_mqtt_5_is_found_by_number_and_name() {
    let codes = [0x00, 0x01, 0x02, 0x04, 0x10, 0x11, 0x18, 0x19]
        .into_iter()
        .chain(0x80..=0xa2);
    let mut count = 0;
    for code in codes {
        count += 1;
        let entry = lookup(&format!("0x{code:02X}")).unwrap_or_else(|| panic!("no entry for {code:#04x}"));
        assert_eq!(entry.code, Some(code));
        assert_eq!(lookup(&format!("{code:02x}")), Some(entry));
        assert_eq!(lookup(entry.term), Some(entry));
        if code >= 0x80 {
            assert_eq!(lookup(&code.to_string()), Some(entry));
        }
    }
    assert_eq!(all().filter(|entry| entry.code.is_some()).count(), count);
    assert_eq!(lookup("0x03"), None);
    assert_eq!(lookup("0x100"), None);
}

#[test]
fn every_exit_code_of_ours_has_an_entry() {
    for code in ExitCode::ALL {
        let number = code.number();
        let entry = lookup(&format!("exit-{number}")).unwrap_or_else(|| panic!("no entry for exit-{number}"));
        assert_eq!(entry.kind, Kind::ExitCode);
        assert_eq!(lookup(&format!("exit {number}")), Some(entry));
        assert_eq!(lookup(&format!("status={number}/ANYTHING")), Some(entry));
    }
    assert_eq!(lookup("69"), lookup("exit-69"));
    let exits = all().filter(|entry| entry.kind == Kind::ExitCode).count();
    assert_eq!(exits, ExitCode::ALL.len());
}

#[test]
fn no_name_and_no_code_belongs_to_two_entries() {
    let mut owners: HashMap<String, &str> = HashMap::new();
    for entry in all() {
        for name in entry.names() {
            let before = owners.insert(normalized(name), entry.term);
            assert_eq!(before, None, "{name} of {} is taken", entry.term);
        }
        if let Some(code) = entry.code {
            let before = owners.insert(format!("{code:#04x}"), entry.term);
            assert_eq!(before, None, "{code:#04x}");
        }
    }
}

#[test]
fn every_entry_is_complete_in_both_languages() {
    for entry in all() {
        let (english, chinese) = (entry.text(Language::English), entry.text(Language::Chinese));
        for part in [english.title, english.meaning, english.causes, english.next] {
            assert!(!part.is_empty() && part.is_ascii(), "{}: {part:?}", entry.term);
        }
        for part in [chinese.title, chinese.meaning, chinese.causes, chinese.next] {
            assert!(!part.is_empty(), "{}", entry.term);
        }
        assert!(
            !chinese.title.is_ascii() && !chinese.meaning.is_ascii(),
            "{}",
            entry.term
        );
        assert!(!english.title.ends_with('.'), "{}: a title is no sentence", entry.term);
        assert!(
            english.title.len() <= 72,
            "{}: title of {} bytes",
            entry.term,
            english.title.len()
        );
    }
}

#[test]
fn what_an_entry_points_to_with_explain_exists() {
    for entry in all() {
        let next = entry.text(Language::English).next;
        for (_, rest) in next
            .match_indices("emqx-ctl explain ")
            .map(|(at, found)| next.split_at(at + found.len()))
        {
            let word = match rest.strip_prefix('"') {
                Some(quoted) => quoted.split('"').next(),
                None => rest.split([' ', '.', ',', ';', ')']).next(),
            };
            if let Some(word) = word.filter(|word| *word != "with") {
                assert!(lookup(word).is_some(), "{} points to {word:?}", entry.term);
            }
        }
    }
}

#[test]
fn words_are_found_however_an_operator_writes_them() {
    for (asked, term) in [
        ("Keepalive timeout", "keepalive_timeout"),
        (" TCP_CLOSED ", "tcp_closed"),
        ("eaddrinuse", "EADDRINUSE"),
        ("Address already in use", "EADDRINUSE"),
        ("Too many open files", "EMFILE"),
        ("censys", "CENSYS"),
        ("maximum heap size reached", "maximum heap size reached"),
        ("Parse failed for function_clause", "function_clause"),
        ("Dropped msg due to mqueue is full", "mqueue is full"),
        ("mqueue is full", "mqueue is full"),
        ("Frame data", "Parse failed"),
        ("certificate expired", "certificate_expired"),
        ("0x8E", "session_taken_over"),
        ("8e", "session_taken_over"),
        ("status=78/CONFIG", "exit-78"),
        ("flapping detector", "flapping_detected"),
        ("EMQX_SECURITY_PROFILE", "security_profile"),
        ("hardened", "security_profile"),
        ("anonymous access", "D022"),
    ] {
        assert_eq!(lookup(asked).map(|entry| entry.term), Some(term), "{asked:?}");
    }
}

#[test]
fn a_pasted_log_line_is_explained_by_its_longest_known_word() {
    for (line, term) in [
        (
            r#"{ssl_error,{tls_alert,{unknown_ca,"TLS server: In state certify received CLIENT ALERT: Fatal - Unknown CA\n"}}}"#,
            "unknown_ca",
        ),
        (
            "2026-08-27T20:50:13.087122+00:00 [info] clientid: w, msg: some_event, reason: {shutdown,takenover}",
            "takenover",
        ),
        (
            "WARNING: Default (insecure) Erlang cookie is in use.",
            "Default (insecure) Erlang cookie is in use",
        ),
        ("Parse failed for x, Frame data: <<16,0>>", "Parse failed"),
    ] {
        assert_eq!(lookup(line).map(|entry| entry.term), Some(term), "{line}");
    }
}

#[test]
fn nonsense_finds_nothing_and_costs_little() {
    let endless = "x ".repeat(1_000_000);
    for term in [
        "",
        "  ",
        "{}",
        "zzz",
        "0x",
        "0xzz",
        "999",
        "-1",
        "\u{1f980}",
        "x",
        endless.as_str(),
    ] {
        assert_eq!(lookup(term), None, "{term:.20}");
    }
    assert!(suggest(&endless).is_empty());
    assert!(suggest("").is_empty());
    assert!(suggest("qqqqqqqqqq").is_empty());
}

#[test]
fn a_misspelt_word_brings_the_right_one_first() {
    for (asked, term) in [
        ("keepalive_timout", "keepalive_timeout"),
        ("takenovr", "takenover"),
        ("EADDRINUS", "EADDRINUSE"),
        ("unknwon_ca", "unknown_ca"),
        ("tcp_close", "tcp_closed"),
    ] {
        assert!(lookup(asked).is_none(), "{asked}");
        assert_eq!(suggest(asked).first(), Some(&term), "{asked}: {:?}", suggest(asked));
    }
    assert!(suggest("timeout_").len() <= 5);
}

#[test]
fn the_language_follows_the_locale() {
    for locale in ["zh_CN.UTF-8", "zh", "zh_TW", "zh-Hans"] {
        assert_eq!(Language::from_locale(locale), Language::Chinese);
    }
    for locale in ["en_US.UTF-8", "C", "", "POSIX", "zhx"] {
        assert_eq!(Language::from_locale(locale), Language::English);
    }
}
