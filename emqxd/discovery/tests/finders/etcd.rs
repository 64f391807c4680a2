//! etcd, as Debian has it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use emqx_tests::EtcdServer;
use emqx_tests::pki::{Authority, Validity};
use emqxd_discovery::Finder;
use emqxd_discovery::settings::{Etcd, Kind, Settings, Tls};

use super::{finder, finder_with, names};

fn settings(servers: &[String]) -> Settings {
    Settings {
        kind: Kind::Etcd,
        etcd: Etcd {
            servers: servers.to_vec(),
            prefix: "emqxcl".to_owned(),
            node_ttl: Duration::from_secs(5),
            tls: Tls::default(),
        },
        ..Settings::default()
    }
}

/// Finds until it finds these.
async fn until_found(finder: &mut Finder, expected: &[&str]) {
    let started = Instant::now();
    loop {
        let found = names(finder).await;
        if found == expected {
            return;
        }
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "found {found:?}, not {expected:?}"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn nodes_find_each_other_until_one_withdraws() {
    let Some(server) = EtcdServer::start() else { return };
    let settings = settings(&[server.url()]);
    let mut one = finder(settings.clone(), "emqx@10.0.0.1");
    let mut two = finder(settings.clone(), "emqx@10.0.0.2");
    let mut other = finder_with(settings, "emqx@10.0.0.3", "another", "x").unwrap();
    assert_eq!(names(&mut one).await, [""; 0]);
    assert_eq!(names(&mut two).await, ["emqx@10.0.0.1"]);
    assert_eq!(names(&mut other).await, [""; 0]);
    assert_eq!(names(&mut one).await, ["emqx@10.0.0.2"]);
    two.withdraw().await.unwrap();
    assert_eq!(names(&mut one).await, [""; 0]);
    // And comes back.
    assert_eq!(names(&mut two).await, ["emqx@10.0.0.1"]);
    assert_eq!(names(&mut one).await, ["emqx@10.0.0.2"]);
}

#[tokio::test]
async fn a_node_that_died_is_forgotten_and_one_that_lives_longer_than_its_lease_is_not() {
    let Some(server) = EtcdServer::start() else { return };
    let settings = settings(&[server.url()]);
    let mut one = finder(settings.clone(), "emqx@10.0.0.1");
    let mut two = finder(settings, "emqx@10.0.0.2");
    names(&mut one).await;
    names(&mut two).await;
    drop(one);
    let started = Instant::now();
    until_found(&mut two, &[]).await;
    // Its own key is still there.
    assert!(started.elapsed() > Duration::from_secs(2), "{:?}", started.elapsed());
    let mut three = finder(settings_of(&server), "emqx@10.0.0.3");
    assert_eq!(names(&mut three).await, ["emqx@10.0.0.2"]);
}

fn settings_of(server: &EtcdServer) -> Settings {
    settings(&[server.url()])
}

#[tokio::test]
async fn another_server_is_asked_if_one_does_not_answer() {
    let Some(server) = EtcdServer::start() else { return };
    let settings = settings(&["http://127.0.0.1:1".to_owned(), server.url()]);
    let mut one = finder(settings.clone(), "emqx@10.0.0.1");
    let mut two = finder(settings, "emqx@10.0.0.2");
    names(&mut one).await;
    assert_eq!(names(&mut two).await, ["emqx@10.0.0.1"]);
}

#[tokio::test]
async fn a_server_that_went_away_is_named_with_what_to_do() {
    let Some(mut server) = EtcdServer::start() else { return };
    let mut one = finder(settings_of(&server), "emqx@10.0.0.1");
    names(&mut one).await;
    server.stop();
    let error = one.find().await.unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with(&format!("POST {}/v3/kv/range: ", server.url())),
        "{error}"
    );
    assert!(error.to_string().contains("Connection refused"), "{error}");
    assert!(error.next.contains("cluster.etcd.server"), "{error:?}");
}

#[tokio::test]
async fn a_server_that_is_no_etcd_is_told_from_one_that_is() {
    let server = emqx_tests::AuthServer::start(|_| (404, "not here".to_owned()));
    let mut one = finder(settings(&[format!("http://{}", server.address())]), "emqx@10.0.0.1");
    let error = one.announce().await.unwrap_err();
    assert!(
        error.to_string().ends_with("/v3/lease/grant: status 404: not here"),
        "{error}"
    );
    assert!(error.next.contains("3.4"), "{error:?}");
}

#[tokio::test]
async fn etcd_is_asked_by_mutual_tls() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::root("etcd CA");
    let file = |name: &str, text: &str| -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let ca = file("ca.pem", &authority.pem());
    let server = authority.server_and_client();
    let client = authority.client("emqx", Validity::Now);
    let (cert, key) = (file("s.pem", &server.certificate), file("s.key", &server.key));
    let Some(server) = EtcdServer::start_tls(&cert, &key, &ca) else {
        return;
    };
    let mut settings = settings_of(&server);
    settings.etcd.tls = Tls {
        is_unverified: false,
        cacertfile: Some(ca),
        certfile: Some(file("c.pem", &client.certificate)),
        keyfile: Some(file("c.key", &client.key)),
    };
    let mut one = finder(settings.clone(), "emqx@10.0.0.1");
    let mut two = finder(settings.clone(), "emqx@10.0.0.2");
    names(&mut one).await;
    assert_eq!(names(&mut two).await, ["emqx@10.0.0.1"]);
    let mut without = settings.clone();
    (without.etcd.tls.certfile, without.etcd.tls.keyfile) = (None, None);
    let error = finder(without, "emqx@10.0.0.3").announce().await.unwrap_err();
    assert!(error.next.contains("cluster.etcd.ssl_options"), "{error:?}");
    settings.etcd.tls.cacertfile = Some(Path::new("/nowhere/ca.pem").to_owned());
    let error = finder_with(settings, "emqx@10.0.0.1", "mine", "x").err().unwrap();
    assert_eq!(
        error.to_string(),
        "/nowhere/ca.pem: No such file or directory (os error 2)"
    );
}
