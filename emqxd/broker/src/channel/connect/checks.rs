//! What can be held against a CONNECT: the limits, its will, whose session it names (MQTT 5, 3.1).

use mqtt_codec::{Connect, ProtocolVersion, ReasonCode};

use crate::channel::Peer;
use crate::session_owner::{Claim, Owner};
use crate::topic::validate_topic_name;
use crate::will::Will;
use crate::{Candidate, Identity, Refusal, Shard, Time};

/// Whether the topic is the broker's own, where no client may write: `$SYS` and all below.
pub(crate) fn is_reserved(topic: &str) -> bool {
    topic
        .strip_prefix("$SYS")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A method that nobody has taken part in is one that there is no authenticator for (MQTT 5, 4.12).
pub(super) fn check_method(connect: &Connect, identity: &Identity) -> Result<(), Refusal> {
    let asked = connect.properties.authentication_method.as_ref();
    match (asked, identity.enhanced.as_ref()) {
        (None, None) => Ok(()),
        (Some(asked), Some(enhanced)) if *asked == enhanced.method => Ok(()),
        _ => {
            let detail = "no authenticator of this listener knows the authentication method";
            Err(Refusal::new(ReasonCode::BadAuthenticationMethod, "", detail))
        }
    }
}

impl Shard {
    /// What can be held against a CONNECT whoever it is from: the limits, its will, and what the operator holds
    /// against who it claims to be ([`Admission`](crate::Admission)).
    pub(super) fn check_claims(
        &self,
        connect: &Connect,
        client_id: &str,
        is_assigned: bool,
        username: Option<&str>,
        peer: &Peer,
        now: Time,
    ) -> Result<(), Refusal> {
        self.check_connect(connect, client_id, is_assigned)?;
        self.admission.admit(&Candidate {
            client_id,
            username,
            address: peer.address,
            has_session: self.sessions.by_client_id(client_id).is_some(),
            now,
        })
    }

    fn check_connect(&self, connect: &Connect, client_id: &str, is_assigned: bool) -> Result<(), Refusal> {
        let config = &self.config;
        if client_id.len() > config.max_clientid_len {
            let detail = format!(
                "a client id of {} bytes; the limit is {}",
                client_id.len(),
                config.max_clientid_len
            );
            return Err(Refusal::new(ReasonCode::ClientIdentifierNotValid, "", detail));
        }
        // 3.1.1, 3.1.3-8: a session cannot be kept for a client that did not say who it is. MQTT 3.1 knows no
        // empty client id, but EMQX assigns one there too.
        if is_assigned && !connect.clean_start && connect.protocol_version != ProtocolVersion::V5 {
            let detail = "an empty client id with clean session 0";
            return Err(Refusal::new(ReasonCode::ClientIdentifierNotValid, "", detail));
        }
        match &connect.will {
            Some(will) => self.check_will(will),
            None => Ok(()),
        }
    }

    fn check_will(&self, will: &Will) -> Result<(), Refusal> {
        if will.qos > self.config.max_qos_allowed {
            return Err(Refusal::new(
                ReasonCode::QosNotSupported,
                "",
                "the will's QoS is above mqtt.max_qos_allowed",
            ));
        }
        if will.retain && !self.config.retain_available {
            return Err(Refusal::new(
                ReasonCode::RetainNotSupported,
                "",
                "the will is to be retained",
            ));
        }
        if let Err(error) = validate_topic_name(&will.topic, self.topic_limits) {
            return Err(Refusal::new(
                ReasonCode::TopicNameInvalid,
                "",
                format!("the will's topic: {error}"),
            ));
        }
        if is_reserved(&will.topic) {
            return Err(Refusal::new(
                ReasonCode::NotAuthorized,
                "",
                "the will's topic is the broker's own ($SYS)",
            ));
        }
        Ok(())
    }

    /// A session belongs to who opened it: nobody else may resume it, wipe it or push its client off
    /// (`mqtt.session_owner_check`).
    pub(crate) fn check_owner(
        &self,
        newcomer: &Owner,
        username: Option<&str>,
        client_id: &str,
    ) -> Result<Claim, Refusal> {
        let session = self.sessions.by_client_id(client_id);
        let Some(session) = session.and_then(|key| self.sessions.get(key)) else {
            return Ok(Claim::Owner);
        };
        if !self.config.session_owner_check {
            return Ok(Claim::Owner);
        }
        let nobody = Owner::default();
        let owner = session.owner.as_deref().unwrap_or(&nobody);
        let claim = owner.claim_of(session.username.as_deref(), newcomer, username);
        if claim != Claim::Foreign {
            return Ok(claim);
        }
        tracing::warn!(
            tag = "MQTT",
            clientid = client_id,
            username = username.unwrap_or("undefined"),
            owner = session.username.as_deref().unwrap_or("undefined"),
            "session_belongs_to_another_user"
        );
        let detail = if session.username.as_deref() == username {
            "the session of this client id belongs to a client that has proven who it is: by password, token or \
             certificate; this one has not, or not in the same way"
        } else {
            "the session of this client id belongs to another user name"
        };
        Err(Refusal::new(ReasonCode::NotAuthorized, "", detail))
    }
}
