//! Every request.

use emqx_shared::codec::{decode, encode};
use emqx_shared::request::{
    LicenseKey, LicensePeriod, LicenseRequest, TraceDestination, TraceFormat, TracePayload, TraceRequest, TraceStart,
    TraceSubject, TraceTarget,
};
use emqx_shared::{LogLevel, Request};

fn all() -> Vec<Request> {
    let listener = || "tcp:default".to_owned();
    let client_id = || "sensor-7".to_owned();
    let handler = || "console".to_owned();
    let level = LogLevel::Debug;
    vec![
        Request::Ping,
        Request::Status,
        Request::Version,
        Request::Broker,
        Request::BrokerStats,
        Request::BrokerMetrics,
        Request::ListListeners,
        Request::ShowListener { listener: listener() },
        Request::StartListener { listener: listener() },
        Request::StopListener { listener: listener() },
        Request::RestartListener { listener: listener() },
        Request::ListClients {
            limit: Some(1000),
            after: Some(client_id()),
        },
        Request::ShowClient { client_id: client_id() },
        Request::KickClient { client_id: client_id() },
        Request::ListTopics,
        Request::ShowTopic {
            topic: "t/#".to_owned(),
        },
        Request::ListSubscriptions,
        Request::ShowSubscriptions { client_id: client_id() },
        Request::AddSubscription {
            client_id: client_id(),
            topic: "t/1".to_owned(),
            qos: 2,
        },
        Request::DeleteSubscription {
            client_id: client_id(),
            topic: "t/1".to_owned(),
        },
        Request::RetainerInfo,
        Request::RetainerTopics {
            start: 1,
            limit: 70_000,
        },
        Request::CleanRetained { filter: None },
        Request::LogPrimaryLevel,
        Request::SetLogPrimaryLevel { level },
        Request::SetLogLevel { level },
        Request::ListLogHandlers,
        Request::StartLogHandler { handler: handler() },
        Request::StopLogHandler { handler: handler() },
        Request::SetLogHandlerLevel {
            handler: handler(),
            level,
        },
        Request::WhyClient {
            client_id: client_id(),
            all: true,
        },
        Request::ListDisconnects {
            limit: Some(10),
            reason: Some("keepalive_timeout".to_owned()),
            client_id: None,
            since_ms: Some(1_732_000_000_000),
        },
        Request::Trace(TraceRequest::List),
        Request::Trace(TraceRequest::Start(Box::new(TraceStart {
            name: Some("mytraces_ip".to_owned()),
            subject: TraceSubject::IpAddress("10.0.0.0/8".to_owned()),
            level,
            format: TraceFormat::Json,
            payload: TracePayload::Hidden,
            payload_limit: 1024,
            duration_ms: Some(1_800_000),
            max_bytes: Some(536_870_912),
            rate: Some(500),
            destination: TraceDestination::Descriptor {
                shown: "./trace_topic.log".to_owned(),
            },
        }))),
        Request::Trace(TraceRequest::Stop {
            target: TraceTarget::Subject(TraceSubject::Client(client_id())),
        }),
        Request::Trace(TraceRequest::Delete {
            name: "mytraces_ip".to_owned(),
        }),
        Request::Trace(TraceRequest::Tail {
            name: "mytraces_ip".to_owned(),
        }),
    ]
    .into_iter()
    .chain(super::diagnosis::requests())
    .chain(later_groups())
    .chain(super::admins::requests())
    .chain([Request::SetListenerEnabled {
        listener: "tcp:default".to_owned(),
        enable: false,
    }])
    .chain(super::tls::requests())
    .chain(super::authz::requests())
    .chain(super::authn::requests())
    .chain(super::lifecycle::requests())
    .chain(super::upgrade::requests())
    .chain(super::cluster::requests())
    .collect()
}

/// Groups that came after those of diagnosis.
fn later_groups() -> Vec<Request> {
    vec![
        Request::License(LicenseRequest::Info),
        Request::License(LicenseRequest::Preview { license: license() }),
        Request::License(LicenseRequest::Update { license: license() }),
        Request::License(LicenseRequest::Reload),
        Request::License(LicenseRequest::History {
            period: LicensePeriod::Daily,
            limit: 24,
        }),
    ]
}

fn license() -> LicenseKey {
    LicenseKey("MjIwMTEx.c2ln".to_owned())
}

#[test]
fn every_request_keeps_its_bytes() {
    let examples: Vec<_> = all()
        .iter()
        .map(|request| (super::variant(request), encode(request).unwrap()))
        .collect();
    super::compare("requests.hex", &examples);
}

#[test]
fn every_request_is_read_back_and_none_is_missing_here() {
    let mut places = Vec::new();
    for request in all() {
        let body = encode(&request).unwrap();
        assert_eq!(decode::<Request>(&body).as_ref(), Ok(&request));
        assert!(Request::is_known_verb(&body), "{request:?}");
        places.push(place(&body));
    }
    assert_eq!(places, every_place(), "a request is missing above or changed its place");
    for (group, next) in std::iter::once((None, Request::VERBS))
        .chain(Request::GROUPS.iter().map(|&(group, verbs)| (Some(group), verbs)))
    {
        let body: Vec<u8> = group.into_iter().chain([next; 64]).collect();
        assert!(!Request::is_known_verb(&body));
        let error = decode::<Request>(&body).unwrap_err().to_string();
        assert!(error.contains("variant"), "add the new request above: {error}");
    }
}

/// The variant that a body holds, and within a group the verb.
fn place(body: &[u8]) -> (u8, Option<u8>) {
    let is_group = Request::GROUPS.iter().any(|(group, _)| *group == body[0]);
    (body[0], is_group.then(|| body[1]))
}

fn every_place() -> Vec<(u8, Option<u8>)> {
    let verbs_of = |variant| Request::GROUPS.iter().find(|(group, _)| *group == variant);
    (0..Request::VERBS)
        .flat_map(|variant| match verbs_of(variant) {
            Some(&(_, verbs)) => (0..verbs).map(|verb| (variant, Some(verb))).collect(),
            None => vec![(variant, None)],
        })
        .collect()
}
