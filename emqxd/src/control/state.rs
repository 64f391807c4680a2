//! What the groups that change the replicated state share: its refusals as failures.

use emqx_shared::{ErrorCode, Failure};

use crate::state::{ApplyError, Refusal};

/// What an operator is told of a command that was not applied.
pub(super) fn refused(error: ApplyError) -> Failure {
    let text = error.to_string();
    match error {
        ApplyError::Refused(refusal) => {
            let (code, next) = match refusal {
                Refusal::UsernameExists => (ErrorCode::AdminExists, "emqx-ctl admins passwd USER"),
                Refusal::UsernameNotFound => (ErrorCode::AdminNotFound, "emqx-ctl admins list"),
                Refusal::AlreadyBanned { .. } => (ErrorCode::AlreadyBanned, "emqx-ctl banned del AS WHO"),
                Refusal::NotBanned { .. } => (ErrorCode::BanNotFound, "emqx-ctl banned list"),
                Refusal::TooManyAdmins(_) => (ErrorCode::LimitReached, "emqx-ctl admins del USER"),
                Refusal::TooManyBans { .. } => (ErrorCode::LimitReached, "emqx-ctl banned del AS WHO"),
                Refusal::TooManyListeners(_) => (ErrorCode::LimitReached, "set `enable` in the configuration"),
                Refusal::BadBan { .. } | Refusal::TooLong { .. } | Refusal::TooManyRows { .. } => {
                    return Failure::new(ErrorCode::InvalidArgument, text);
                }
            };
            Failure::new(code, text).next(next)
        }
        ApplyError::Storage(_) | ApplyError::ReadOnly => {
            Failure::new(ErrorCode::Io, text).next("see to the disk, then restart emqxd")
        }
        ApplyError::Stopping => Failure::new(ErrorCode::Stopping, text),
    }
}
