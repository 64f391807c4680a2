//! The messages of RFC 5802, section 7: read strictly, bounded, without recursion.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{ClientFirst, ScramError};

/// Longest message that is looked at.
pub const MESSAGE_BYTES_MAX: usize = 4096;

/// A client's second message.
pub(super) struct ClientFinal<'a> {
    /// `c=`, decoded.
    pub(super) channel_binding: Vec<u8>,
    /// `r=`
    pub(super) nonce: &'a str,
    /// Everything before `,p=`.
    pub(super) without_proof: &'a str,
    /// `p=`, decoded.
    pub(super) proof: Vec<u8>,
}

/// Bytes as base64 text.
pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

fn text(message: &[u8]) -> Result<&str, ScramError> {
    if message.len() > MESSAGE_BYTES_MAX {
        return Err(ScramError::TooLong);
    }
    let text = std::str::from_utf8(message).map_err(|_| ScramError::Malformed("it is not UTF-8"))?;
    if text.contains('\0') {
        return Err(ScramError::Malformed("it holds a zero byte"));
    }
    Ok(text)
}

/// Reads a client's first message.
pub(super) fn client_first(message: &[u8]) -> Result<ClientFirst, ScramError> {
    let message = text(message)?;
    let mut parts = message.splitn(3, ',');
    let (Some(binding), Some(identity), Some(bare)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(ScramError::Malformed("it has no GS2 header"));
    };
    match binding {
        // `y`: the client could bind and saw that the server does not offer it, which is so.
        "n" | "y" => {}
        _ if binding.starts_with("p=") => return Err(ScramError::ChannelBinding),
        _ => return Err(ScramError::Malformed("its GS2 header is none")),
    }
    let mut attributes = bare.split(',');
    let mut first = attributes.next().unwrap_or_default();
    if first.starts_with("m=") {
        return Err(ScramError::MandatoryExtension);
    }
    first = first
        .strip_prefix("n=")
        .ok_or(ScramError::Malformed("it names no user"))?;
    let username = name(first)?;
    let nonce = attributes.next().and_then(|attribute| attribute.strip_prefix("r="));
    let nonce = nonce.ok_or(ScramError::Malformed("it has no nonce"))?;
    if nonce.is_empty() || !nonce.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(ScramError::Malformed("its nonce is not printable"));
    }
    match identity.strip_prefix("a=") {
        None if identity.is_empty() => {}
        None => return Err(ScramError::Malformed("its GS2 header is none")),
        Some(other) if name(other)? == username => {}
        Some(_) => return Err(ScramError::AuthorizationIdentity),
    }
    Ok(ClientFirst {
        username,
        nonce: nonce.to_owned(),
        gs2_header: message[..message.len() - bare.len()].to_owned(),
        bare: bare.to_owned(),
    })
}

/// A name in which `=2C` is a comma and `=3D` an equals sign.
fn name(escaped: &str) -> Result<String, ScramError> {
    let mut name = String::with_capacity(escaped.len());
    let mut rest = escaped;
    while let Some((before, after)) = rest.split_once('=') {
        name.push_str(before);
        let (character, behind) = match (after.strip_prefix("2C"), after.strip_prefix("3D")) {
            (Some(behind), _) => (',', behind),
            (_, Some(behind)) => ('=', behind),
            _ => return Err(ScramError::Malformed("its user name has a stray =")),
        };
        name.push(character);
        rest = behind;
    }
    name.push_str(rest);
    if name.is_empty() {
        return Err(ScramError::Malformed("its user name is empty"));
    }
    Ok(name)
}

impl<'a> ClientFinal<'a> {
    pub(super) fn parse(message: &'a [u8]) -> Result<Self, ScramError> {
        let message = text(message)?;
        let (without_proof, proof) = message
            .rsplit_once(",p=")
            .ok_or(ScramError::Malformed("it has no proof"))?;
        let decode = |text: &str, what| STANDARD.decode(text).map_err(|_| ScramError::Malformed(what));
        let proof = decode(proof, "its proof is not base64")?;
        let mut attributes = without_proof.split(',');
        let binding = attributes.next().and_then(|attribute| attribute.strip_prefix("c="));
        let binding = binding.ok_or(ScramError::Malformed("it has no channel binding"))?;
        let channel_binding = decode(binding, "its channel binding is not base64")?;
        let nonce = attributes.next().and_then(|attribute| attribute.strip_prefix("r="));
        let nonce = nonce.ok_or(ScramError::Malformed("it has no nonce"))?;
        if attributes.any(|attribute| attribute.starts_with("m=")) {
            return Err(ScramError::MandatoryExtension);
        }
        Ok(Self {
            channel_binding,
            nonce,
            without_proof,
            proof,
        })
    }
}
