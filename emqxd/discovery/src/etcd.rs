//! `etcd`: every node has a key that lives as long as its lease does.
//!
//! ```text
//! <prefix>/<cluster name>/nodes/<node name>
//! ```
//!
//! Spoken is the JSON gateway of etcd's version 3 API (3.4 and later), whose keys and values are base64. The lease lasts
//! `node_ttl`, is renewed at a third of it, and revoked when the node stops looking; a node that dies is forgotten when
//! it has run out. Servers are tried in turn, beginning with the one that answered last.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Client;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::finder::Own;
use crate::{DiscoveryError, http, settings};

/// Keys of one answer.
const KEYS_MAX: u32 = 1000;

/// Our key in etcd, and those of the others.
pub(crate) struct Etcd {
    clients: Vec<(String, Client)>,
    /// Which of them answered last.
    at: usize,
    /// What all keys of the cluster begin with.
    folder: String,
    node: String,
    ttl: Duration,
    lease: Option<Lease>,
}

struct Lease {
    id: String,
    renewed: Instant,
}

#[derive(Deserialize)]
struct Granted {
    #[serde(rename = "ID")]
    id: String,
}

#[derive(Deserialize)]
struct KeptAlive {
    result: Option<Life>,
}

#[derive(Deserialize)]
struct Life {
    /// Not there, or 0, when the lease has run out.
    #[serde(rename = "TTL")]
    ttl: Option<String>,
}

#[derive(Deserialize)]
struct Range {
    #[serde(default)]
    kvs: Vec<Pair>,
}

#[derive(Deserialize)]
struct Pair {
    key: String,
}

impl Etcd {
    pub(crate) fn new(settings: &settings::Etcd, own: &Own) -> Result<Self, DiscoveryError> {
        let clients = settings.servers.iter().map(|server| {
            let client = http::client(server, &settings.tls)?;
            Ok((server.clone(), client))
        });
        let prefix = settings.prefix.trim_end_matches('/');
        Ok(Self {
            clients: clients.collect::<Result<_, DiscoveryError>>()?,
            at: 0,
            folder: format!("{prefix}/{}/nodes/", own.cluster),
            node: own.node.clone(),
            ttl: settings.node_ttl,
            lease: None,
        })
    }

    /// Sees to it that our key is there.
    pub(crate) async fn announce(&mut self) -> Result<(), DiscoveryError> {
        if let Some(lease) = &self.lease {
            if lease.renewed.elapsed() < self.ttl / 3 {
                return Ok(());
            }
            let body = json!({ "ID": lease.id });
            let answer: KeptAlive = self.ask("lease/keepalive", &body).await?;
            let ttl = answer.result.and_then(|life| life.ttl?.parse::<i64>().ok());
            if let (Some(1..), Some(lease)) = (ttl, &mut self.lease) {
                lease.renewed = Instant::now();
                return Ok(());
            }
            self.lease = None;
        }
        let granted: Granted = self
            .ask("lease/grant", &json!({ "TTL": self.ttl.as_secs().to_string() }))
            .await?;
        let put = json!({
            "key": STANDARD.encode(format!("{}{}", self.folder, self.node)),
            "value": STANDARD.encode(&self.node),
            "lease": granted.id,
        });
        let _done: Value = self.ask("kv/put", &put).await?;
        self.lease = Some(Lease {
            id: granted.id,
            renewed: Instant::now(),
        });
        Ok(())
    }

    /// The names of all nodes that have a key.
    pub(crate) async fn find(&mut self) -> Result<Vec<String>, DiscoveryError> {
        // The first text that does not begin with the folder: `0` follows `/`.
        let end = format!("{}0", self.folder.trim_end_matches('/'));
        let range = json!({
            "key": STANDARD.encode(&self.folder),
            "range_end": STANDARD.encode(end),
            "keys_only": true,
            "limit": KEYS_MAX.to_string(),
        });
        let range: Range = self.ask("kv/range", &range).await?;
        let name = |pair: &Pair| {
            let key = String::from_utf8(STANDARD.decode(&pair.key).ok()?).ok()?;
            Some(key.strip_prefix(&self.folder)?.to_owned())
        };
        let names: Vec<String> = range.kvs.iter().filter_map(name).collect();
        if !names.contains(&self.node) {
            // Somebody has deleted it: the next announcement puts it there again.
            self.lease = None;
        }
        Ok(names)
    }

    /// Takes our key away.
    pub(crate) async fn withdraw(&mut self) -> Result<(), DiscoveryError> {
        let Some(lease) = self.lease.take() else { return Ok(()) };
        let _done: Value = self.ask("lease/revoke", &json!({ "ID": lease.id })).await?;
        Ok(())
    }

    /// Asks one server after the other until one answers.
    async fn ask<T: for<'a> Deserialize<'a>>(&mut self, what: &str, body: &Value) -> Result<T, DiscoveryError> {
        let mut first_failure = None;
        for _ in 0..self.clients.len() {
            let (server, client) = &self.clients[self.at];
            let url = format!("{server}/v3/{what}");
            let request = client.post(&url).body(body.to_string());
            match ask_one(&url, request).await {
                Ok(answer) => return Ok(answer),
                Err(error) => first_failure.get_or_insert(error),
            };
            self.at = (self.at + 1) % self.clients.len();
        }
        Err(first_failure.unwrap_or_else(|| {
            let next = "set `cluster.etcd.server`";
            DiscoveryError::new("etcd", "no server is set", next)
        }))
    }
}

async fn ask_one<T: for<'a> Deserialize<'a>>(url: &str, request: reqwest::RequestBuilder) -> Result<T, DiscoveryError> {
    let asked = || format!("POST {url}");
    let answer = http::ask(request).await.map_err(|came| {
        let next = "see whether etcd runs there (`cluster.etcd.server`) and trusts the certificate of `cluster.etcd.ssl_options`";
        DiscoveryError::new(asked(), came, next)
    })?;
    match answer.status {
        200 => serde_json::from_slice(&answer.body).map_err(|error| {
            let next = "see whether `cluster.etcd.server` is etcd 3.4 or later";
            DiscoveryError::new(asked(), format!("{error} in {}", answer.describe()), next)
        }),
        404 => {
            let next = "version 3.4 or later of etcd is needed, with its JSON gateway (`--enable-grpc-gateway`)";
            Err(DiscoveryError::new(asked(), answer.describe(), next))
        }
        401 | 403 => {
            let next = "let the client certificate of `cluster.etcd.ssl_options` read and write below the prefix";
            Err(DiscoveryError::new(asked(), answer.describe(), next))
        }
        503 if url.starts_with("https://") => {
            // The gateway is a client of its own server, with the server's certificate.
            let next = "see etcd's log; with `--client-cert-auth` its own certificate has to be good for clients, too";
            Err(DiscoveryError::new(asked(), answer.describe(), next))
        }
        _ => {
            let next = "see etcd's log, and `etcdctl endpoint health`";
            Err(DiscoveryError::new(asked(), answer.describe(), next))
        }
    }
}
