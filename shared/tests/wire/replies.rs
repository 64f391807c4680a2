//! Every view, every kind of reply, every error code.

use emqx_shared::codec::{decode, encode};
use emqx_shared::{ErrorCode, Failure, Progress, Reply, View};

use super::samples::views;

fn frames() -> Vec<Reply> {
    vec![
        Reply::Progress(Progress {
            what: "closing connections".to_owned(),
            done: 3,
            total: Some(9),
        }),
        Reply::Chunk(View::Nothing),
        Reply::Done(View::Nothing),
        Reply::Failed(
            Failure::new(ErrorCode::AddressInUse, "listener tcp:default was not started")
                .why("nginx (pid 812) holds 0.0.0.0:1883")
                .next("stop nginx"),
        ),
    ]
}

/// In the order of the enum.
const ERROR_CODES: [ErrorCode; 48] = [
    ErrorCode::ListenerNotFound,
    ErrorCode::ListenerAlreadyStarted,
    ErrorCode::ListenerNotRunning,
    ErrorCode::AddressInUse,
    ErrorCode::AddressNotAvailable,
    ErrorCode::ClientNotFound,
    ErrorCode::SubscriptionNotFound,
    ErrorCode::LogHandlerNotFound,
    ErrorCode::InvalidArgument,
    ErrorCode::PermissionDenied,
    ErrorCode::Busy,
    ErrorCode::Starting,
    ErrorCode::Stopping,
    ErrorCode::Timeout,
    ErrorCode::UnknownVerb,
    ErrorCode::Malformed,
    ErrorCode::Disabled,
    ErrorCode::Internal,
    ErrorCode::Config,
    ErrorCode::Io,
    ErrorCode::TopicNotFound,
    ErrorCode::TraceNotFound,
    ErrorCode::TraceExists,
    ErrorCode::BadDescriptor,
    ErrorCode::KeyNotFound,
    ErrorCode::NodeNotInCluster,
    ErrorCode::NotSupported,
    ErrorCode::BadLicense,
    ErrorCode::LicenseSignature,
    ErrorCode::AdminNotFound,
    ErrorCode::AdminExists,
    ErrorCode::BanNotFound,
    ErrorCode::AlreadyBanned,
    ErrorCode::LimitReached,
    ErrorCode::BadData,
    ErrorCode::RuleNotFound,
    ErrorCode::RuleExists,
    ErrorCode::UserNotFound,
    ErrorCode::UserExists,
    ErrorCode::AuthenticatorNotFound,
    ErrorCode::UpgradeRefused,
    ErrorCode::NodeNotFound,
    ErrorCode::NodeUnreachable,
    ErrorCode::NoMajority,
    ErrorCode::Undecided,
    ErrorCode::NodeDown,
    ErrorCode::AlreadyInCluster,
    ErrorCode::JoinRefused,
];

#[test]
fn every_view_keeps_its_bytes() {
    let examples: Vec<_> = views()
        .into_iter()
        .map(|view| (super::variant(&view), encode(&Reply::Done(view)).unwrap()))
        .collect();
    super::compare("views.hex", &examples);
}

#[test]
fn every_kind_of_reply_keeps_its_bytes() {
    let examples: Vec<_> = frames()
        .iter()
        .map(|reply| (super::variant(reply), encode(reply).unwrap()))
        .collect();
    super::compare("replies.hex", &examples);
}

#[test]
fn every_error_code_keeps_its_place() {
    let examples: Vec<_> = ERROR_CODES
        .into_iter()
        .map(|code| {
            let failure = Reply::Failed(Failure::new(code, ""));
            (code.name().to_owned(), encode(&failure).unwrap())
        })
        .collect();
    super::compare("error_codes.hex", &examples);
}

#[test]
fn everything_is_read_back_and_nothing_is_missing_here() {
    for (place, view) in views().into_iter().enumerate() {
        let reply = Reply::Done(view);
        let body = encode(&reply).unwrap();
        assert_eq!(usize::from(body[1]), place, "{reply:?} changed its place");
        assert_eq!(decode::<Reply>(&body), Ok(reply));
    }
    for reply in frames() {
        assert_eq!(decode::<Reply>(&encode(&reply).unwrap()), Ok(reply));
    }
    // The first number after the last one known must be no variant.
    for unknown in [
        vec![2, views().len() as u8, 0],
        vec![frames().len() as u8, 0],
        vec![3, ERROR_CODES.len() as u8, 0, 0, 0],
    ] {
        let error = decode::<Reply>(&unknown).unwrap_err().to_string();
        assert!(error.contains("variant"), "add the new variant above: {error}");
    }
}

#[test]
fn a_view_cut_at_any_byte_is_refused() {
    for view in views() {
        let body = encode(&Reply::Done(view)).unwrap();
        for cut in 0..body.len() {
            assert!(decode::<Reply>(&body[..cut]).is_err());
        }
    }
}

#[test]
fn a_view_with_any_byte_changed_never_panics() {
    for view in views() {
        let body = encode(&Reply::Done(view)).unwrap();
        for place in 0..body.len() {
            for value in [0, 1, 127, 250, 251, 252, 253, 254, 255] {
                let mut changed = body.clone();
                changed[place] = value;
                let _ = decode::<Reply>(&changed);
            }
        }
    }
}
