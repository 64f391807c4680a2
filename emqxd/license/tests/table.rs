//! The licence table: each type, before and after its end, below, at and above its limit, with an invented clock.
//!
//! Run with `--nocapture` to read it: who is connected stays in every row, because nothing here ends a connection;
//! `new` is a client without a session, `back` one whose session is still there.

#![allow(clippy::unwrap_used)]

use emqx_license::{CustomerType, Date, Decision, Gate, LicenseType, Rules, Terms, judge};

const LIMIT: u64 = 100;

fn license(license_type: LicenseType, customer_type: u32) -> Terms {
    Terms {
        license_type,
        customer_type: CustomerType(customer_type),
        customer: "Acme".to_owned(),
        email: String::new(),
        deployment: String::new(),
        start: Date::parse("20240101").unwrap(),
        days: 365,
        max_sessions: LIMIT,
        max_tps: None,
    }
}

fn word(decision: Decision) -> &'static str {
    match decision {
        Decision::Admit => "accepted",
        Decision::Expired => "0x97 expired",
        Decision::LimitReached => "0x97 quota",
    }
}

/// The table as text; one line for each type, grace, day and number of sessions.
fn table() -> String {
    let mut text = format!(
        "{:<10} {:<18} {:>5} {:>9} {:>8}  {:<5} {:<13} {:<13}\n",
        "type", "customer type", "grace", "days left", "sessions", "live", "new", "back"
    );
    let rows = [
        (LicenseType::Trial, 10, 0),
        (LicenseType::Trial, 0, 15),
        (LicenseType::Community, 11, 0),
        (LicenseType::Official, 0, 0),
        (LicenseType::Official, 0, 15),
        (LicenseType::Official, 1, 0),
        (LicenseType::Official, 2, 0),
        (LicenseType::Official, 4, 0),
    ];
    for (license_type, customer_type, grace_days) in rows {
        let terms = license(license_type, customer_type);
        let rules = Rules {
            grace_days,
            ..Rules::default()
        };
        for days_left in [1, 0, -1, -15, -16, -400] {
            let verdict = judge(&terms, terms.expiry().plus_days(-days_left), &rules);
            assert_eq!(verdict.days_left, days_left);
            let gate = Gate::new(&verdict);
            for sessions in [LIMIT - 1, LIMIT, LIMIT + 9, LIMIT + 10] {
                text += &format!(
                    "{:<10} {:<18} {grace_days:>5} {days_left:>9} {sessions:>8}  {:<5} {:<13} {:<13}\n",
                    license_type.name(),
                    terms.customer_type.name(),
                    "kept",
                    word(gate.decide(sessions, false)),
                    word(gate.decide(sessions, true)),
                );
            }
        }
    }
    text
}

#[test]
fn the_table_follows_the_rules_of_the_faq() {
    let table = table();
    println!("{table}");
    for row in table.lines().skip(1) {
        let cells: Vec<&str> = row.split_whitespace().collect();
        let is_official = cells[0] == "official";
        let is_small = cells[1] == "small";
        // The customer type has one to five words; the numbers follow it.
        let numbers: Vec<i64> = cells.iter().filter_map(|cell| cell.parse().ok()).take(3).collect();
        let [grace, days_left, sessions] = numbers[..] else {
            panic!("{row}");
        };
        let allowed_until = if is_official && is_small { -grace } else { 0 };
        let is_restricted = (!is_official || is_small) && days_left < allowed_until;
        let expected_new = match (is_restricted, sessions >= 110) {
            (true, _) => "0x97 expired",
            (false, true) => "0x97 quota",
            (false, false) => "accepted",
        };
        let expected_back = if is_restricted { "0x97 expired" } else { "accepted" };
        let outcome = row.split("kept").nth(1).unwrap();
        let words: Vec<&str> = outcome
            .split("  ")
            .map(str::trim)
            .filter(|word| !word.is_empty())
            .collect();
        assert_eq!(words, [expected_new, expected_back], "{row}");
    }
}

#[test]
fn the_last_day_is_valid_and_the_next_is_not() {
    let terms = license(LicenseType::Trial, 10);
    assert_eq!(terms.expiry().to_string(), "2024-12-31");
    let on = |date: &str| judge(&terms, Date::parse(date).unwrap(), &Rules::default());
    assert!(!on("20241231").is_expired);
    assert!(on("20250101").is_expired && on("20250101").is_overdue);
    assert_eq!(on("20250110").days_expired(), 10);
}

#[test]
fn grace_is_for_official_licences_of_small_customers_alone() {
    let rules = Rules {
        grace_days: 15,
        ..Rules::default()
    };
    let overdue = |terms: &Terms, days: i64| judge(terms, terms.expiry().plus_days(days), &rules).is_overdue;
    let small = license(LicenseType::Official, 0);
    assert!(!overdue(&small, 15) && overdue(&small, 16));
    assert!(overdue(&license(LicenseType::Trial, 0), 1));
    assert!(!overdue(&license(LicenseType::Official, 1), 4000));
}

#[test]
fn business_critical_customers_have_the_lower_of_two_limits() {
    let mut terms = license(LicenseType::Official, 3);
    let rules = |dynamic_max_sessions| Rules {
        dynamic_max_sessions,
        ..Rules::default()
    };
    let limit = |terms: &Terms, dynamic| judge(terms, terms.start, &rules(dynamic)).max_sessions;
    assert_eq!((limit(&terms, 25), limit(&terms, 1000)), (25, 100));
    terms.max_sessions = 0;
    assert_eq!(limit(&terms, 40), 40);
}

#[test]
fn the_expiry_alarm_comes_30_days_ahead() {
    let terms = license(LicenseType::Official, 1);
    let near = |left: i64| judge(&terms, terms.expiry().plus_days(-left), &Rules::default()).is_expiry_near();
    assert!(!near(30) && near(29) && near(-5));
}

#[test]
fn the_built_in_licence_never_ends() {
    let terms = Terms::built_in();
    let verdict = judge(&terms, Date::MAX, &Rules::default());
    assert!(terms.is_perpetual() && !verdict.is_expired);
    assert_eq!(verdict.max_sessions, 10_000_000);
    assert_eq!(
        judge(&Terms::evaluation(), Date::MAX, &Rules::default()).max_sessions,
        25
    );
}

#[test]
fn warnings_have_emqx_s_words() {
    let terms = license(LicenseType::Trial, 10);
    let lines = |days: i64| {
        let verdict = judge(&terms, terms.expiry().plus_days(days), &Rules::default());
        emqx_license::warnings(&terms, &verdict)
    };
    let valid = lines(-10);
    assert_eq!(
        valid[1],
        "Using an evaluation license limited to 100 concurrent sessions."
    );
    assert_eq!(valid[0], "=".repeat(72));
    let expired = lines(9);
    assert_eq!(expired[1], "License has been expired for 9 days.");
    assert_eq!(expired[0], "=".repeat(76));
    assert!(expired.iter().any(|line| line == "The license certificate is expired!"));
}
