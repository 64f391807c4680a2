//! What is said in JSON, and what an operator asks of this node at another one.

use emqx_shared::{Reply, Request, codec};
use emqxd_cluster::consensus::{Call, members_at};

use crate::protocol::{Answer, Question};

pub fn texts(data: &[u8]) {
    let _question: Result<Question, _> = serde_json::from_slice(data);
    let _answer: Result<Answer, _> = serde_json::from_slice(data);
    let _call: Result<Call, _> = serde_json::from_slice(data);
    let _reply: Result<emqxd_cluster::consensus::Reply, _> = serde_json::from_slice(data);
    let _sums: Result<emqxd_cluster::stream::Sums, _> = serde_json::from_slice(data);
    if let Ok(text) = std::str::from_utf8(data) {
        let _members = members_at(text);
    }
    let _request: Result<Request, _> = codec::decode(data);
    let _reply: Result<Reply, _> = codec::decode(data);
}
