//! `$share/{group}/{filter}`: members take turns, and one that is away keeps its turn.

use emqx_tests::{ClientOptions, Daemon, QoS, wait_until};

const GROUP: &str = "$share/g/jobs/#";

#[test]
fn each_message_goes_to_one_member() {
    let daemon = Daemon::with_config("mqtt.shared_subscription_strategy = round_robin");
    let mut members = ["m1", "m2", "m3"].map(|id| daemon.connect_v5(id));
    for member in &mut members {
        member.subscribe(GROUP, QoS::AtLeastOnce);
    }
    let mut publisher = daemon.connect_v311("p");
    for job in 0..30 {
        publisher.publish("jobs/1", job.to_string(), QoS::AtLeastOnce);
    }
    let mut jobs: Vec<u32> = Vec::new();
    for member in &mut members {
        jobs.extend(
            member
                .expect_payloads(10)
                .iter()
                .filter_map(|job| job.parse::<u32>().ok()),
        );
        member.expect_no_publish();
    }
    jobs.sort_unstable();
    assert_eq!(jobs, Vec::from_iter(0..30), "every job once");
}

#[test]
fn an_ordinary_subscriber_gets_every_message_beside_the_group() {
    let daemon = Daemon::start();
    let mut member = daemon.connect_v5("member");
    member.subscribe(GROUP, QoS::AtMostOnce);
    let mut watcher = daemon.connect_v5("watcher");
    watcher.subscribe("jobs/+", QoS::AtMostOnce);
    let mut publisher = daemon.connect_v5("p");
    for job in ["1", "2", "3"] {
        publisher.publish("jobs/1", job, QoS::AtLeastOnce);
    }
    assert_eq!(member.expect_payloads(3), ["1", "2", "3"]);
    assert_eq!(watcher.expect_payloads(3), ["1", "2", "3"]);
}

#[test]
fn a_member_that_is_away_with_a_session_keeps_receiving_into_it() {
    let daemon = Daemon::with_config("mqtt.shared_subscription_strategy = round_robin");
    let mut present = daemon.connect_v5("present");
    present.subscribe(GROUP, QoS::AtLeastOnce);
    let mut away = daemon.connect(ClientOptions::v5("away").persistent());
    away.subscribe(GROUP, QoS::AtLeastOnce);
    away.disconnect();
    wait_until("it is away", || {
        daemon.ctl(["clients", "show", "away"]).ok().contains("connected=false")
    });

    let mut publisher = daemon.connect_v5("p");
    for job in 0..10 {
        publisher.publish("jobs/1", job.to_string(), QoS::AtLeastOnce);
    }
    let mut jobs = present.expect_payloads(5);
    present.expect_no_publish();
    let mut back = daemon.connect(ClientOptions::v5("away").persistent());
    assert!(back.session_present());
    jobs.extend(back.expect_payloads(5));
    jobs.sort_unstable();
    let expected: Vec<String> = (0..10).map(|job| job.to_string()).collect();
    assert_eq!(jobs, expected);
}
