//! DNS, answered by dnsmasq.

use emqx_tests::DnsServer;
use emqxd_discovery::settings::{Dns, Kind, RecordType, Settings};

use super::{finder, names};

fn settings(server: &str, name: &str, record_type: RecordType) -> Settings {
    Settings {
        kind: Kind::Dns,
        dns: Dns {
            name: name.to_owned(),
            record_type,
            server: Some(server.to_owned()),
        },
        ..Settings::default()
    }
}

#[tokio::test]
async fn each_address_of_a_name_is_a_node_with_our_short_name() {
    let records = [
        "--host-record=nodes.test,10.0.0.1",
        "--host-record=nodes.test,10.0.0.2",
        "--host-record=nodes.test,fd00::3",
    ];
    let Some(server) = DnsServer::start(&records) else {
        return;
    };
    let mut finder = finder(
        settings(&server.address(), "nodes.test", RecordType::A),
        "emqx1@10.0.0.1",
    );
    assert_eq!(names(&mut finder).await, ["emqx1@10.0.0.2", "emqx1@fd00::3"]);
    let seeds = finder.find().await.unwrap().seeds;
    assert_eq!(seeds[0].address, "10.0.0.2:4371");
    assert_eq!(seeds[1].address, "[fd00::3]:4371");
}

#[tokio::test]
async fn more_addresses_than_a_datagram_holds_are_asked_for_by_tcp() {
    let records: Vec<String> = (1..=200)
        .map(|n| format!("--host-record=nodes.test,10.0.1.{n}"))
        .collect();
    let records: Vec<&str> = records.iter().map(String::as_str).collect();
    let Some(server) = DnsServer::start(&records) else {
        return;
    };
    let mut finder = finder(
        settings(&server.address(), "nodes.test", RecordType::A),
        "emqx@10.0.0.1",
    );
    assert_eq!(names(&mut finder).await.len(), 200);
}

#[tokio::test]
async fn each_target_of_srv_records_is_a_node_whatever_its_port_says() {
    let records = [
        "--srv-host=nodes.test,one.test,1883",
        "--srv-host=nodes.test,two.test,4370,10,10",
        "--host-record=one.test,10.0.0.1",
    ];
    let Some(server) = DnsServer::start(&records) else {
        return;
    };
    let mut finder = finder(
        settings(&server.address(), "nodes.test", RecordType::Srv),
        "emqx@one.test",
    );
    assert_eq!(names(&mut finder).await, ["emqx@two.test"]);
}

#[tokio::test]
async fn what_went_wrong_is_told_with_what_to_do() {
    let Some(server) = DnsServer::start(&["--host-record=nodes.test,10.0.0.1"]) else {
        return;
    };
    let fails = async |name: &str, record_type| {
        let mut finder = finder(settings(&server.address(), name, record_type), "emqx@10.0.0.1");
        let error = finder.find().await.unwrap_err();
        (error.to_string(), error.next)
    };
    let (text, next) = fails("nobody.test", RecordType::A).await;
    assert_eq!(
        text,
        format!(
            "A and AAAA records of nobody.test, by {}: there is no such name",
            server.address()
        )
    );
    assert_eq!(
        next,
        "see whether `cluster.dns.name = nobody.test` is right and has records by now"
    );
    let (text, next) = fails("nodes.test", RecordType::Srv).await;
    assert!(text.ends_with("the name has no such records"), "{text}");
    assert_eq!(next, "add SRV records to it, or set `cluster.dns.record_type = a`");
}

#[tokio::test]
async fn a_server_that_is_not_there_costs_a_bounded_time() {
    let nowhere = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = nowhere.local_addr().unwrap().to_string();
    let mut finder = finder(settings(&address, "nodes.test", RecordType::A), "emqx@10.0.0.1");
    let started = std::time::Instant::now();
    let error = finder.find().await.unwrap_err();
    assert!(started.elapsed().as_secs() < 12, "{:?}", started.elapsed());
    assert!(error.next.contains("cluster.dns.server"), "{error:?}");
}
