//! What one node asks another on a control link: the first byte of a question names the service that answers it.

/// Who answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Service {
    /// The engine of the consensus ([`emqxd_cluster::consensus::Call`]).
    Consensus = 0,
    /// Gossip (told, not asked).
    Gossip = 1,
    /// Who wants to become a member, or not to be one.
    Admission = 2,
    /// Locks of client ids, takeover, discard, kick.
    Sessions = 3,
    /// Verbs of operators who asked at another node.
    Operators = 4,
    /// Leases of the nodes, granted by the leader of the consensus.
    Leases = 5,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Consensus,
        Self::Gossip,
        Self::Admission,
        Self::Sessions,
        Self::Operators,
        Self::Leases,
    ];

    /// By its number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|service| *service as u8 == number)
    }

    /// A question with its address.
    pub fn envelope(self, question: &[u8]) -> Vec<u8> {
        let mut envelope = Vec::with_capacity(1 + question.len());
        envelope.push(self as u8);
        envelope.extend_from_slice(question);
        envelope
    }
}
