//! Kubernetes: its endpoints as an API server tells them.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;

use emqx_tests::pki::{Authority, KeyKind, Validity};
use emqx_tests::real_clients::RealClient;
use emqx_tests::{KubernetesApi, wait_until};
use emqxd_discovery::settings::{AddressType, K8s, Kind, Settings};

use super::{finder, names};

fn settings(api: &KubernetesApi, address_type: AddressType, suffix: &str) -> Settings {
    Settings {
        kind: Kind::K8s,
        k8s: K8s {
            apiserver: api.url(),
            service_name: "emqx-headless".to_owned(),
            address_type,
            namespace: "iot".to_owned(),
            suffix: suffix.to_owned(),
            account: api.account().to_owned(),
        },
        ..Settings::default()
    }
}

#[tokio::test]
async fn ready_endpoints_are_nodes_by_address_name_of_the_pod_or_host_name() {
    let api = KubernetesApi::start();
    api.set(
        &[("10.0.0.1", Some("emqx-0")), ("10.0.0.2", Some("emqx-1"))],
        &[("10.0.0.3", Some("emqx-2"))],
    );
    for (address_type, suffix, own, expected) in [
        (AddressType::Ip, "pod.local", "emqx@10.0.0.1", "emqx@10.0.0.2"),
        (
            AddressType::Dns,
            "pod.cluster.local",
            "emqx@10-0-0-1.iot.pod.cluster.local",
            "emqx@10-0-0-2.iot.pod.cluster.local",
        ),
        (
            AddressType::Hostname,
            "svc.cluster.local",
            "emqx@emqx-0.emqx-headless.iot.svc.cluster.local",
            "emqx@emqx-1.emqx-headless.iot.svc.cluster.local",
        ),
        (
            AddressType::Hostname,
            "",
            "emqx@emqx-0.emqx-headless.iot",
            "emqx@emqx-1.emqx-headless.iot",
        ),
    ] {
        let mut finder = finder(settings(&api, address_type, suffix), own);
        assert_eq!(names(&mut finder).await, [expected]);
    }
}

#[tokio::test]
async fn a_service_without_endpoints_has_no_nodes_and_pods_that_become_ready_are_found() {
    let api = KubernetesApi::start();
    let mut finder = finder(settings(&api, AddressType::Ip, ""), "emqx@10.0.0.1");
    assert_eq!(names(&mut finder).await, [""; 0]);
    api.set(&[], &[("10.0.0.2", None)]);
    assert_eq!(names(&mut finder).await, [""; 0]);
    api.set(&[("10.0.0.2", None)], &[]);
    assert_eq!(names(&mut finder).await, ["emqx@10.0.0.2"]);
}

#[tokio::test]
async fn a_refusal_says_what_to_give_the_service_account() {
    let api = KubernetesApi::start();
    api.set(&[("10.0.0.2", None)], &[]);
    let mut hostname = finder(settings(&api, AddressType::Hostname, "x"), "emqx@h");
    let error = hostname.find().await.unwrap_err();
    assert!(error.next.contains("StatefulSet"), "{error:?}");

    let mut settings = settings(&api, AddressType::Ip, "");
    let url = format!("GET {}/api/v1/namespaces/iot/endpoints/emqx-headless", api.url());
    let mut own = finder(settings.clone(), "emqx@10.0.0.1");
    api.forbid(true);
    let error = own.find().await.unwrap_err();
    assert!(
        error.to_string().starts_with(&format!("{url}: status 403: ")),
        "{error}"
    );
    assert!(error.next.contains("RoleBinding"), "{error:?}");
    api.forbid(false);
    assert_eq!(names(&mut own).await, ["emqx@10.0.0.2"]);

    settings.k8s.service_name = "emqx".to_owned();
    let error = finder(settings.clone(), "emqx@10.0.0.1").find().await.unwrap_err();
    assert!(error.to_string().contains("status 404"), "{error}");
    assert!(error.next.contains("cluster.k8s.service_name"), "{error:?}");

    fs::write(api.account().join("token"), "expired").unwrap();
    let error = own.find().await.unwrap_err();
    assert!(error.to_string().contains("status 401"), "{error}");
    assert!(!format!("{error:?}").contains("expired"));
    assert!(error.next.contains("token"), "{error:?}");

    fs::remove_file(api.account().join("token")).unwrap();
    settings.k8s.apiserver = "https://127.0.0.1:1".to_owned();
    let error = finder(settings, "emqx@10.0.0.1").find().await.unwrap_err();
    assert!(error.next.contains("automountServiceAccountToken"), "{error:?}");
}

#[tokio::test]
async fn the_api_server_is_believed_by_the_ca_of_the_service_account_alone() {
    let Some(mut openssl) = RealClient::OpenSsl.find() else {
        return;
    };
    let api = KubernetesApi::start();
    api.set(&[("10.0.0.2", None)], &[]);
    let authority = Authority::root("cluster CA");
    let identity = authority.server(KeyKind::Ecdsa, Validity::Now);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("api/v1/namespaces/iot/endpoints");
    fs::create_dir_all(&path).unwrap();
    fs::write(path.join("emqx-headless"), api.whole_answer()).unwrap();
    fs::write(folder.path().join("s.pem"), &identity.certificate).unwrap();
    fs::write(folder.path().join("s.key"), &identity.key).unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut server = openssl
        .args([
            "s_server", "-HTTP", "-quiet", "-cert", "s.pem", "-key", "s.key", "-accept",
        ])
        .arg(format!("127.0.0.1:{port}"))
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_until("openssl to listen", || TcpStream::connect(("127.0.0.1", port)).is_ok());
    let mut settings = settings(&api, AddressType::Ip, "");
    settings.k8s.apiserver = format!("https://127.0.0.1:{port}");
    let mut finder = finder(settings, "emqx@10.0.0.1");
    fs::write(api.account().join("ca.crt"), Authority::root("another CA").pem()).unwrap();
    let stranger = finder.find().await;
    fs::write(api.account().join("ca.crt"), authority.pem()).unwrap();
    let found = finder.find().await;
    server.kill().unwrap();
    server.wait().unwrap();
    let error = stranger.unwrap_err();
    assert!(error.to_string().contains("certificate"), "{error}");
    assert_eq!(found.unwrap().seeds[0].node, "emqx@10.0.0.2");
}
