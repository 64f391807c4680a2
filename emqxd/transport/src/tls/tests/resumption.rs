//! Sessions that are resumed, and those that must not be.

use rustls::version::{TLS12, TLS13};
use rustls::{AlertDescription, Error};

use super::*;
use crate::tls::accept::lapsed;
use crate::tls::certificate::unix_now;
use crate::tls::{TicketKeys, TicketSecret};

fn resuming(mut site: Site) -> Site {
    site.settings.ticket_keys = Some(TicketKeys::random());
    site
}

/// Connects and reads what comes after the handshake, where TLS 1.3 has its tickets.
async fn session(server: &TlsServer, config: &Arc<ClientConfig>) -> Result<TlsSession, TlsFailure> {
    let (accepted, _client, _) = connect(server, config).await;
    accepted.map(|(_, session)| session)
}

#[tokio::test]
async fn a_client_that_comes_back_is_resumed() {
    let site = resuming(Site::new());
    let server = site.server();
    for versions in [&[&TLS13][..], &[&TLS12]] {
        let config = site.client().versions(versions).config();
        assert!(!session(&server, &config).await.unwrap().is_resumed);
        for _ in 0..3 {
            assert!(session(&server, &config).await.unwrap().is_resumed, "{versions:?}");
        }
    }
}

#[tokio::test]
async fn without_tickets_every_handshake_is_a_full_one() {
    let site = Site::new();
    let server = site.server();
    for versions in [&[&TLS13][..], &[&TLS12]] {
        let config = site.client().versions(versions).config();
        for _ in 0..2 {
            assert!(!session(&server, &config).await.unwrap().is_resumed);
        }
    }
}

#[tokio::test]
async fn a_resumed_client_is_known_by_its_certificate() {
    let site = resuming(Site::verifying());
    let server = site.server();
    let identity = site.root.client("device-7", Validity::Now);
    for versions in [&[&TLS13][..], &[&TLS12]] {
        let config = site.client().identity(&identity).versions(versions).config();
        session(&server, &config).await.unwrap();
        let resumed = session(&server, &config).await.unwrap();
        assert!(resumed.is_resumed);
        let peer = resumed.peer_certificate.unwrap();
        assert_eq!(peer.common_name.as_deref(), Some("device-7"));
    }
}

#[tokio::test]
async fn a_revoked_client_cannot_resume_around_the_list() {
    let mut site = resuming(Site::verifying());
    let stolen = site.root.client("stolen", Validity::Now);
    let other = site.root.client("other", Validity::Now);
    site.settings.crl_paths = vec![site.write("list.crl", &site.root.revocation_list(&[]))];
    let server = site.server();
    for versions in [&[&TLS13][..], &[&TLS12]] {
        site.write("list.crl", &site.root.revocation_list(&[]));
        server.reload().unwrap();
        let config = site.client().identity(&stolen).versions(versions).config();
        let innocent = site.client().identity(&other).versions(versions).config();
        session(&server, &config).await.unwrap();
        session(&server, &innocent).await.unwrap();
        assert!(session(&server, &config).await.unwrap().is_resumed);
        site.write("list.crl", &site.root.revocation_list(&[&stolen]));
        server.reload().unwrap();
        let (accepted, _client, shaken) = connect(&server, &config).await;
        assert_eq!(accepted.map(|_| ()).unwrap_err().keyword, "certificate_revoked");
        assert_eq!(shaken, Err(Error::AlertReceived(AlertDescription::CertificateRevoked)));
        // Everybody shows the certificate again once.
        assert!(!session(&server, &innocent).await.unwrap().is_resumed);
    }
}

#[tokio::test]
async fn a_ticket_of_a_listener_without_verification_opens_no_other() {
    let keys = TicketKeys::random();
    keys.set(TicketSecret::new([1; 32]), None);
    let mut open = Site::new();
    open.settings.ticket_keys = Some(Arc::clone(&keys));
    let server = open.server();
    let config = open.client().config();
    session(&server, &config).await.unwrap();
    // The same listener, from now on with verification, and the same keys.
    let mut settings = open.settings.clone();
    settings.verification = ClientVerification::Required;
    server.reconfigure(settings).unwrap();
    let failure = session(&server, &config).await.map(|_| ()).unwrap_err();
    assert_eq!(failure.keyword, "certificate_required");
}

#[test]
fn a_certificate_that_expires_ends_resumption() {
    let root = Authority::root("Root");
    let der = |identity: &Identity| CertificateDer::from_pem_slice(identity.certificate.as_bytes()).unwrap();
    let chain = [der(&root.client("device", Validity::Seconds(60)))];
    assert_eq!(lapsed(&chain, unix_now()), None);
    assert!(lapsed(&chain, unix_now() + 61).unwrap().contains("has expired"));
    assert!(
        lapsed(&chain, unix_now() - 10 * 86_400)
            .unwrap()
            .contains("is not valid before")
    );
}
