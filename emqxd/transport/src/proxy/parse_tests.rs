//! Headers as load balancers send them, and headers that nobody should.

use proptest::prelude::*;
use proxy_header::ProxiedAddress;

use super::*;

fn header(bytes: &[u8]) -> Result<ProxyHeader, ProxyError> {
    match parse(bytes)? {
        Parsed::Complete { header, len } => {
            assert_eq!(len, bytes.len());
            Ok(header)
        }
        Parsed::Incomplete => panic!("incomplete: {bytes:02x?}"),
    }
}

/// A header of version 2 of HAProxy with these TLVs.
fn v2(tlvs: Vec<Tlv<'_>>) -> Vec<u8> {
    let address = ProxiedAddress::stream("192.0.2.1:40000".parse().unwrap(), "10.0.0.1:1883".parse().unwrap());
    let mut bytes = Vec::new();
    Wire::with_tlvs(Some(address), tlvs).encode_v2(&mut bytes).unwrap();
    bytes
}

/// What `send-proxy-v2-ssl-cn` tells of a client with this certificate.
fn of_tls(verify: u32, common_name: &str) -> SslInfo<'static> {
    let mut ssl = SslInfo::new(true, true, true, verify);
    ssl.append_tlv(Tlv::SslVersion("TLSv1.3".into()));
    ssl.append_tlv(Tlv::SslCn(common_name.to_owned().into()));
    ssl.append_tlv(Tlv::SslCipher("TLS_AES_128_GCM_SHA256".into()));
    ssl
}

#[test]
fn a_line_of_version_1_tells_client_and_listener() {
    let header = header(b"PROXY TCP4 192.0.2.1 10.0.0.1 40000 1883\r\n").unwrap();
    assert_eq!(header.source, Some("192.0.2.1:40000".parse().unwrap()));
    assert_eq!(header.destination, Some("10.0.0.1:1883".parse().unwrap()));
    assert_eq!(header.tls, None);
}

#[test]
fn a_balancer_that_speaks_for_itself_names_no_client() {
    for line in [&b"PROXY UNKNOWN\r\n"[..], b"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n"] {
        assert_eq!(header(line).unwrap(), ProxyHeader::default());
    }
    let mut bytes = Vec::new();
    Wire::with_local().encode_v2(&mut bytes).unwrap();
    assert_eq!(header(&bytes).unwrap(), ProxyHeader::default());
}

#[test]
fn the_common_name_of_a_verified_certificate_is_told_and_of_another_not() {
    let told = |verify| {
        let bytes = v2(vec![
            Tlv::Authority("broker.example.com".into()),
            Tlv::Ssl(of_tls(verify, "device-7")),
        ]);
        header(&bytes).unwrap().tls.unwrap()
    };
    let tls = told(0);
    assert_eq!(tls.common_name.as_deref(), Some("device-7"));
    assert_eq!(tls.version.as_deref(), Some("TLSv1.3"));
    assert_eq!(tls.cipher.as_deref(), Some("TLS_AES_128_GCM_SHA256"));
    assert_eq!(tls.server_name.as_deref(), Some("broker.example.com"));
    assert_eq!(told(1).common_name, None);
}

#[test]
fn texts_with_control_characters_are_refused() {
    let bytes = v2(vec![Tlv::Ssl(of_tls(0, "admin\n"))]);
    assert!(matches!(header(&bytes), Err(ProxyError::Malformed(_))));
}

#[test]
fn a_tlv_that_is_longer_than_the_header_is_refused() {
    let mut bytes = v2(vec![Tlv::Authority("example.com".into())]);
    let at = bytes.len() - "example.com".len() - 1;
    bytes[at] += 1;
    assert!(matches!(header(&bytes), Err(ProxyError::Malformed(_))));
}

#[test]
fn what_is_no_header_is_told_at_its_first_byte_and_a_wrong_one_at_its_end() {
    assert!(matches!(parse(b"\x10"), Err(ProxyError::NoHeader(_))));
    assert!(matches!(parse(b"PROXX"), Err(ProxyError::NoHeader(_))));
    assert!(matches!(parse(b"\r\n\r\n\0\r\nQUIT\nx"), Ok(Parsed::Incomplete)));
    let malformed = [
        &b"PROXY TCP4 192.0.2.1 10.0.0.1 040000 1883\r\n"[..],
        b"PROXY TCP4 192.0.2.1 10.0.0.1 40000 70000\r\n",
        b"PROXY TCP4 192.0.2.1 10.0.0.1 40000\r\n",
        b"PROXY TCP4 ::1 10.0.0.1 40000 1883\r\n",
        b"PROXY TCP4 192.0.2.1 10.0.0.1 40000 1883\n",
        b"PROXY SCTP 192.0.2.1 10.0.0.1 40000 1883\r\n",
    ];
    for line in malformed {
        let text = String::from_utf8_lossy(line);
        assert!(
            matches!(parse(line), Err(ProxyError::Malformed(_))),
            "{text}: {:?}",
            parse(line)
        );
    }
}

#[test]
fn headers_without_an_end_are_refused_at_their_bound() {
    let endless = [b"PROXY TCP4 ".to_vec(), vec![b'1'; 200]].concat();
    assert!(matches!(parse(&endless[..106]), Ok(Parsed::Incomplete)));
    assert!(matches!(parse(&endless), Err(ProxyError::Malformed(_))));
    let mut declared = V2_PREFIX.to_vec();
    declared.extend_from_slice(&[0x21, 0x11, 0xFF, 0xFF]);
    assert!(matches!(parse(&declared), Err(ProxyError::TooLong)));
}

proptest! {
    #[test]
    fn a_header_means_the_same_however_much_of_what_follows_is_there(cut in 0..200usize, rest in any::<Vec<u8>>()) {
        let bytes = v2(vec![Tlv::Ssl(of_tls(0, "device-7")), Tlv::Noop(9)]);
        let whole = header(&bytes).unwrap();
        let cut = cut.min(bytes.len() - 1);
        prop_assert!(matches!(parse(&bytes[..cut]), Ok(Parsed::Incomplete)));
        let parsed = parse(&[&bytes[..], &rest].concat()).unwrap();
        prop_assert_eq!(parsed, Parsed::Complete { header: whole, len: bytes.len() });
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), version in 0..3u8) {
        let prefix: &[u8] = match version {
            1 => V1_PREFIX,
            2 => V2_PREFIX,
            _ => b"",
        };
        let _any_answer_will_do = parse(&[prefix, &bytes].concat());
    }
}
