//! What the groups that change the replicated state share: its refusals as failures.

use emqx_shared::{ErrorCode, Failure};

use crate::state::{ApplyError, Refusal};

/// What an operator is told of a command that was not applied.
pub(super) fn refused(error: ApplyError) -> Failure {
    let text = error.to_string();
    match error {
        ApplyError::Refused(refusal) => {
            let (code, next) = match refusal {
                Refusal::UserExists => (ErrorCode::UserExists, "emqx-ctl authn users passwd USER"),
                Refusal::UserNotFound => (ErrorCode::UserNotFound, "emqx-ctl authn users list"),
                Refusal::TooManyUsers(_) => (ErrorCode::LimitReached, "emqx-ctl authn users del USER"),
                Refusal::UsernameExists => (ErrorCode::AdminExists, "emqx-ctl admins passwd USER"),
                Refusal::UsernameNotFound => (ErrorCode::AdminNotFound, "emqx-ctl admins list"),
                Refusal::AlreadyBanned { .. } => (ErrorCode::AlreadyBanned, "emqx-ctl banned del AS WHO"),
                Refusal::NotBanned { .. } => (ErrorCode::BanNotFound, "emqx-ctl banned list"),
                Refusal::TooManyAdmins(_) => (ErrorCode::LimitReached, "emqx-ctl admins del USER"),
                Refusal::TooManyBans { .. } => (ErrorCode::LimitReached, "emqx-ctl banned del AS WHO"),
                Refusal::TooManyListeners(_) => (ErrorCode::LimitReached, "set `enable` in the configuration"),
                Refusal::AccessRuleExists => (ErrorCode::RuleExists, "emqx-ctl authz rules list"),
                Refusal::NoSuchAccessRule => (ErrorCode::RuleNotFound, "emqx-ctl authz rules list"),
                Refusal::TooManyAccessRules { .. } => (ErrorCode::LimitReached, "emqx-ctl authz rules del"),
                Refusal::BadAccessRule(_)
                | Refusal::BadUserName(_)
                | Refusal::BadBan { .. }
                | Refusal::TooLong { .. }
                | Refusal::TooManyRows { .. }
                | Refusal::Other(_) => {
                    return Failure::new(ErrorCode::InvalidArgument, text);
                }
                Refusal::UnknownCommand(_) => (
                    ErrorCode::NotSupported,
                    "run the same version of emqxd on all nodes of the cluster",
                ),
            };
            Failure::new(code, text).next(next)
        }
        ApplyError::Storage(_) | ApplyError::ReadOnly => {
            Failure::new(ErrorCode::Io, text).next("see to the disk, then restart emqxd")
        }
        ApplyError::Stopping => Failure::new(ErrorCode::Stopping, text),
        ApplyError::NoMajority { .. } => Failure::new(ErrorCode::NoMajority, text)
            .why("nothing was changed: what the cluster knows is changed by more than half of its nodes together")
            .next("emqx-ctl cluster status")
            .next("start the nodes that are down, or ask a node that reaches the others"),
        ApplyError::NotAdmitted => Failure::new(ErrorCode::NoMajority, text)
            .why("nothing was changed: what it knows is to be replaced by what the cluster knows")
            .next("wait until it has joined: emqx-ctl cluster status")
            .next("emqx-ctl cluster leave gives the join up"),
        ApplyError::Unknown => Failure::new(ErrorCode::Undecided, text)
            .why("the nodes that were asked have not answered")
            .next("look whether it has happened before you try again"),
        ApplyError::InCluster { .. } => {
            Failure::new(ErrorCode::NoMajority, text).next("start the node, or ask one that runs")
        }
        ApplyError::LostLog => Failure::new(ErrorCode::NoMajority, text)
            .next("on another node: emqx-ctl cluster force-leave THIS_NODE")
            .next("then here: emqx-ctl cluster join OTHER_NODE"),
    }
}
