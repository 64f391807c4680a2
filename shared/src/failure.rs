//! Why a request was not carried out: a code for programs, and what happened, why and what to do
//! next for a person. `emqx-ctl` draws it; its exit code follows from [`ErrorCode::exit_code`].

use serde::{Deserialize, Serialize};

use crate::ExitCode;
use crate::rows::bounded;

/// A refusal or a failed verb.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// For programs.
    pub code: ErrorCode,
    /// What happened, with the values that matter: one line, no full stop.
    pub message: String,
    /// Why, where that is more than the message says.
    pub why: Option<String>,
    /// What the operator can do, one step an element; may be empty.
    #[serde(deserialize_with = "bounded")]
    pub next: Vec<String>,
}

impl Failure {
    /// A failure that says what happened and nothing more.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            why: None,
            next: Vec::new(),
        }
    }

    /// Adds why it happened.
    #[must_use]
    pub fn why(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }

    /// Adds a step that the operator can take.
    #[must_use]
    pub fn next(mut self, step: impl Into<String>) -> Self {
        self.next.push(step.into());
        self
    }
}

/// What kind of failure it was. Encoded by position: appended to, never reordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ErrorCode {
    /// No such listener in the configuration.
    ListenerNotFound,
    /// The listener already runs.
    ListenerAlreadyStarted,
    /// The listener does not run.
    ListenerNotRunning,
    /// Another process, or another listener, holds the address.
    AddressInUse,
    /// The address is not one of this machine's.
    AddressNotAvailable,
    /// Neither connected nor with a kept session.
    ClientNotFound,
    /// The client has no such subscription.
    SubscriptionNotFound,
    /// No log handler of that name.
    LogHandlerNotFound,
    /// An argument was refused; the message names it.
    InvalidArgument,
    /// The caller's role does not allow the verb, or it has none.
    PermissionDenied,
    /// A limit of connections or of work is met; later it may succeed.
    Busy,
    /// The node is not up yet.
    Starting,
    /// The node is on its way down.
    Stopping,
    /// The daemon could not finish in time.
    Timeout,
    /// The daemon does not know the verb: it is older than the CLI.
    UnknownVerb,
    /// The frame held no request.
    Malformed,
    /// What was asked for is switched off in the configuration.
    Disabled,
    /// A bug in the daemon; its log says more.
    Internal,
    /// The configuration does not allow what was asked.
    Config,
    /// A file or socket of the daemon failed.
    Io,
    /// No such topic.
    TopicNotFound,
    /// No trace of that name, or of that subject.
    TraceNotFound,
    /// The name is taken, or the subject is traced already.
    TraceExists,
    /// What came as a file to write to is none that the daemon writes to.
    BadDescriptor,
    /// The configuration has no such key.
    KeyNotFound,
    /// The node is in no cluster of several.
    NodeNotInCluster,
    /// This version cannot do it.
    NotSupported,
    /// The text is no licence key, or makes no sense.
    BadLicense,
    /// Nobody who is trusted signed the licence.
    LicenseSignature,
    /// No administrator of that name.
    AdminNotFound,
    /// The name of the administrator is taken.
    AdminExists,
    /// Nothing of that value is banned.
    BanNotFound,
    /// It is banned already.
    AlreadyBanned,
    /// The list is full.
    LimitReached,
    /// What is to be imported is no export of ours.
    BadData,
    /// There is no such rule.
    RuleNotFound,
    /// The rule is there already.
    RuleExists,
    /// No user of that name.
    UserNotFound,
    /// The name of the user is taken.
    UserExists,
    /// No such authenticator, or none that keeps its users here.
    AuthenticatorNotFound,
    /// Another process cannot go on with the clients; this one does.
    UpgradeRefused,
    /// The cluster has no node of that name.
    NodeNotFound,
    /// That node does not answer.
    NodeUnreachable,
    /// The node reaches no majority of its cluster; nothing was changed.
    NoMajority,
    /// The cluster has not agreed on a change in time; it may still happen.
    Undecided,
    /// Another node cannot be reached.
    NodeDown,
    /// The node is in a cluster of several already.
    AlreadyInCluster,
    /// The cluster does not take the node in.
    JoinRefused,
}

impl ErrorCode {
    /// The code as JSON output spells it.
    pub const fn name(self) -> &'static str {
        self.row().0
    }

    /// How `emqx-ctl` exits after it.
    pub const fn exit_code(self) -> ExitCode {
        self.row().1
    }

    const fn row(self) -> (&'static str, ExitCode) {
        match self {
            Self::ListenerNotFound => ("listener_not_found", ExitCode::NotFound),
            Self::ListenerAlreadyStarted => ("listener_already_started", ExitCode::NegativeAnswer),
            Self::ListenerNotRunning => ("listener_not_running", ExitCode::NegativeAnswer),
            Self::AddressInUse => ("address_in_use", ExitCode::NegativeAnswer),
            Self::AddressNotAvailable => ("address_not_available", ExitCode::NegativeAnswer),
            Self::ClientNotFound => ("client_not_found", ExitCode::NotFound),
            Self::SubscriptionNotFound => ("subscription_not_found", ExitCode::NotFound),
            Self::LogHandlerNotFound => ("log_handler_not_found", ExitCode::NotFound),
            Self::InvalidArgument => ("invalid_argument", ExitCode::Usage),
            Self::PermissionDenied => ("permission_denied", ExitCode::NoPermission),
            Self::Busy => ("busy", ExitCode::TryAgain),
            Self::Starting => ("starting", ExitCode::TryAgain),
            Self::Stopping => ("stopping", ExitCode::TryAgain),
            Self::Timeout => ("timeout", ExitCode::TryAgain),
            Self::UnknownVerb => ("unknown_verb", ExitCode::Protocol),
            Self::Malformed => ("malformed", ExitCode::Protocol),
            Self::Disabled => ("disabled", ExitCode::NegativeAnswer),
            Self::Internal => ("internal", ExitCode::Internal),
            Self::Config => ("config", ExitCode::Config),
            Self::Io => ("io_error", ExitCode::Io),
            Self::TopicNotFound => ("topic_not_found", ExitCode::NotFound),
            Self::TraceNotFound => ("trace_not_found", ExitCode::NotFound),
            Self::TraceExists => ("trace_exists", ExitCode::NegativeAnswer),
            Self::BadDescriptor => ("bad_descriptor", ExitCode::CannotCreate),
            Self::KeyNotFound => ("key_not_found", ExitCode::NotFound),
            Self::NodeNotInCluster => ("node_not_in_cluster", ExitCode::NegativeAnswer),
            Self::NotSupported => ("not_supported", ExitCode::NegativeAnswer),
            Self::BadLicense => ("bad_license", ExitCode::BadData),
            Self::LicenseSignature => ("invalid_signature", ExitCode::BadData),
            Self::AdminNotFound => ("admin_not_found", ExitCode::NotFound),
            Self::AdminExists => ("admin_exists", ExitCode::NegativeAnswer),
            Self::BanNotFound => ("ban_not_found", ExitCode::NotFound),
            Self::AlreadyBanned => ("already_banned", ExitCode::NegativeAnswer),
            Self::LimitReached => ("limit_reached", ExitCode::NegativeAnswer),
            Self::BadData => ("bad_data", ExitCode::BadData),
            Self::RuleNotFound => ("rule_not_found", ExitCode::NotFound),
            Self::RuleExists => ("rule_exists", ExitCode::NegativeAnswer),
            Self::UserNotFound => ("user_not_found", ExitCode::NotFound),
            Self::UserExists => ("user_exists", ExitCode::NegativeAnswer),
            Self::AuthenticatorNotFound => ("authenticator_not_found", ExitCode::NotFound),
            Self::UpgradeRefused => ("upgrade_refused", ExitCode::Protocol),
            Self::NodeNotFound => ("node_not_found", ExitCode::NotFound),
            Self::NodeUnreachable => ("node_unreachable", ExitCode::Unavailable),
            Self::NoMajority => ("no_majority", ExitCode::Unavailable),
            Self::Undecided => ("undecided", ExitCode::TryAgain),
            Self::NodeDown => ("node_down", ExitCode::Unavailable),
            Self::AlreadyInCluster => ("already_in_cluster", ExitCode::NegativeAnswer),
            Self::JoinRefused => ("join_refused", ExitCode::NegativeAnswer),
        }
    }
}
