//! Alarms: in `emqx-ctl alarms list`, and on `$SYS/brokers/<node>/alarms/activate` and `…/deactivate`.

use emqx_tests::{Daemon, QoS};
use serde_json::Value;

#[test]
fn an_alarm_that_comes_and_goes_is_published_and_listed() {
    let daemon = Daemon::start();
    let mut watcher = daemon.connect_v5("watcher");
    watcher.subscribe("$SYS/brokers/+/alarms/#", QoS::AtMostOnce);
    let others: Vec<_> = (0..21).map(|number| daemon.connect_v5(&format!("c{number}"))).collect();
    // 22 of 25 sessions are more than 80 %; a change of the licence is looked at once.
    daemon.ctl(["license", "update", "evaluation"]).ok();
    let raised = watcher.expect_publish();
    assert_eq!(raised.topic, "$SYS/brokers/emqx@127.0.0.1/alarms/activate");
    let alarm: Value = serde_json::from_slice(&raised.payload).unwrap();
    assert_eq!(alarm["name"], "license_quota");
    assert_eq!(alarm["message"], "License: sessions quota exceeds 80%");
    assert_eq!(alarm["details"]["high_watermark"], "80");
    assert_eq!(
        (&alarm["activated"], &alarm["deactivate_at"]),
        (&true.into(), &"infinity".into())
    );
    let listed = daemon.ctl(["-f", "json", "alarms", "list"]).json();
    assert_eq!(listed["data"][0]["name"], "license_quota");
    assert_eq!(daemon.ctl(["alarms", "list", "--history"]).ok(), "No alarms.\n");

    drop(others);
    daemon.ctl(["license", "update", "default"]).ok();
    let cleared = watcher.expect_publish();
    assert_eq!(cleared.topic, "$SYS/brokers/emqx@127.0.0.1/alarms/deactivate");
    let alarm: Value = serde_json::from_slice(&cleared.payload).unwrap();
    assert_eq!(
        (&alarm["name"], &alarm["activated"]),
        (&"license_quota".into(), &false.into())
    );
    assert!(
        alarm["deactivate_at"].as_u64() >= alarm["activate_at"].as_u64(),
        "{alarm}"
    );
    assert_eq!(daemon.ctl(["alarms", "list"]).ok(), "No alarms.\n");
}
