//! A certification authority for tests: certificates that are valid from now, expired, revoked, or badly chained.
//!
//! Everything is made anew in each test; nothing in the repository can expire.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertificateRevocationListParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256, RevokedCertParams,
    RsaKeySize, SerialNumber, date_time_ymd,
};

const DAY: i64 = 86_400;

/// When a certificate is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// From yesterday, for a year.
    Now,
    /// Until yesterday.
    Expired,
    /// For so many seconds from now.
    Seconds(i64),
    /// From tomorrow.
    Later,
}

/// The kind of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// P-256
    Ecdsa,
    /// 2048 bits
    Rsa,
}

/// A CA: a root, or an intermediate.
#[derive(Debug)]
pub struct Authority {
    certificate: Certificate,
    issuer: Issuer<'static, KeyPair>,
    name: String,
}

/// A certificate with its key.
#[derive(Debug)]
pub struct Identity {
    /// In PEM.
    pub certificate: String,
    /// In PEM.
    pub key: String,
    serial: SerialNumber,
}

impl Identity {
    /// With the certificate of the CA above it behind its own.
    #[must_use]
    pub fn below(mut self, intermediate: &Authority) -> Self {
        self.certificate.push_str(&intermediate.pem());
        self
    }
}

impl Authority {
    /// A root.
    #[must_use]
    pub fn root(name: &str) -> Self {
        let (params, key) = (Self::params(name), key(KeyKind::Ecdsa));
        let certificate = params.self_signed(&key).expect("sound parameters");
        Self {
            certificate,
            issuer: Issuer::new(params, key),
            name: name.to_owned(),
        }
    }

    /// A CA below this one.
    #[must_use]
    pub fn intermediate(&self, name: &str) -> Self {
        let (params, key) = (Self::params(name), key(KeyKind::Ecdsa));
        let certificate = params.signed_by(&key, &self.issuer).expect("sound parameters");
        Self {
            certificate,
            issuer: Issuer::new(params, key),
            name: name.to_owned(),
        }
    }

    fn params(name: &str) -> CertificateParams {
        let mut params = params(name, Validity::Now, &[]);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![
            KeyUsagePurpose::KeyCertSign,
            KeyUsagePurpose::CrlSign,
            KeyUsagePurpose::DigitalSignature,
        ];
        params
    }

    /// Its own certificate in PEM.
    #[must_use]
    pub fn pem(&self) -> String {
        self.certificate.pem()
    }

    /// A server's certificate for `localhost` and 127.0.0.1.
    #[must_use]
    pub fn server(&self, kind: KeyKind, validity: Validity) -> Identity {
        let mut params = params("localhost", validity, &["localhost", "127.0.0.1"]);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.sign(params, kind)
    }

    /// A server's certificate for `localhost` and 127.0.0.1 with which it may be a client, too, as etcd is of itself.
    #[must_use]
    pub fn server_and_client(&self) -> Identity {
        let mut params = params("localhost", Validity::Now, &["localhost", "127.0.0.1"]);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(params, KeyKind::Ecdsa)
    }

    /// A client's certificate: `CN=name,OU=devices,O=Test`.
    #[must_use]
    pub fn client(&self, name: &str, validity: Validity) -> Identity {
        let mut params = params(name, validity, &[]);
        let mut subject = DistinguishedName::new();
        subject.push(DnType::OrganizationName, "Test");
        subject.push(DnType::OrganizationalUnitName, "devices");
        subject.push(DnType::CommonName, name);
        params.distinguished_name = subject;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(params, KeyKind::Ecdsa)
    }

    /// A certificate that a node of a cluster shows at both ends of links.
    #[must_use]
    pub fn node(&self, name: &str) -> Identity {
        let mut params = params(name, Validity::Now, &[]);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(params, KeyKind::Ecdsa)
    }

    fn sign(&self, mut params: CertificateParams, kind: KeyKind) -> Identity {
        let key = key(kind);
        // The key is random, and so is the number.
        let serial = SerialNumber::from_slice(&[&[0x01][..], &key.public_key_raw()[8..16]].concat());
        params.serial_number = Some(serial.clone());
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &self.issuer).expect("sound parameters");
        Identity {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
            serial,
        }
    }

    /// A revocation list in PEM.
    #[must_use]
    pub fn revocation_list(&self, revoked: &[&Identity]) -> String {
        self.revocation_list_until(30, revoked)
    }

    /// One whose successor should have been there for two days.
    #[must_use]
    pub fn expired_revocation_list(&self, revoked: &[&Identity]) -> String {
        self.revocation_list_until(-2, revoked)
    }

    fn revocation_list_until(&self, days: i64, revoked: &[&Identity]) -> String {
        let in_days =
            |days: i64| date_time_ymd(1970, 1, 1) + Duration::from_secs((unix_now() + days * DAY).unsigned_abs());
        let revoked_certs = revoked
            .iter()
            .map(|identity| RevokedCertParams {
                serial_number: identity.serial.clone(),
                revocation_time: in_days(-10),
                reason_code: None,
                invalidity_date: None,
            })
            .collect();
        let list = CertificateRevocationListParams {
            this_update: in_days(-10),
            next_update: in_days(days),
            crl_number: SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs,
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let list = list.signed_by(&self.issuer).expect("sound parameters");
        list.pem().expect("it can be written")
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

fn params(name: &str, validity: Validity, hosts: &[&str]) -> CertificateParams {
    let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let mut params = CertificateParams::new(hosts).expect("sound names");
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, name);
    params.distinguished_name = subject;
    let now = unix_now();
    let (from, until) = match validity {
        Validity::Now => (now - DAY, now + 365 * DAY),
        Validity::Expired => (now - 10 * DAY, now - DAY),
        Validity::Seconds(seconds) => (now - DAY, now + seconds),
        Validity::Later => (now + DAY, now + 365 * DAY),
    };
    // The type of a time is that of a crate that nobody here needs besides.
    let at = |seconds: i64| date_time_ymd(1970, 1, 1) + Duration::from_secs(seconds.unsigned_abs());
    params.not_before = at(from);
    params.not_after = at(until);
    params
}

fn key(kind: KeyKind) -> KeyPair {
    match kind {
        KeyKind::Ecdsa => KeyPair::generate(),
        KeyKind::Rsa => KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048),
    }
    .expect("the system has random bytes")
}

fn unix_now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_secs()).expect("before the end of time")
}
