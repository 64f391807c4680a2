//! `k8s`: the ready endpoints of a Kubernetes service are the hosts of nodes, whose short names are this node's.
//!
//! Asked is `GET /api/v1/namespaces/<namespace>/endpoints/<service>` with the token and the CA of the pod's service
//! account; both are files that Kubernetes renews, so the token is read for each question. Node names are EMQX's:
//!
//! | `address_type` | host |
//! | --- | --- |
//! | `ip` | `10.0.0.5` |
//! | `dns` | `10-0-0-5.<namespace>.<suffix>` |
//! | `hostname` | `<hostname>.<service>.<namespace>.<suffix>` |

use reqwest::Client;
use serde::Deserialize;

use crate::settings::{AddressType, K8s as Settings, Tls};
use crate::{DiscoveryError, http};

/// The API server, as long as it answers.
pub(crate) struct K8s {
    settings: Settings,
    short_name: String,
    client: Option<Client>,
}

/// `v1.Endpoints`, as far as it matters; what is not ready is in another list.
#[derive(Deserialize)]
struct Endpoints {
    #[serde(default)]
    subsets: Option<Vec<Subset>>,
}

#[derive(Deserialize)]
struct Subset {
    #[serde(default)]
    addresses: Option<Vec<Address>>,
}

#[derive(Deserialize)]
struct Address {
    ip: String,
    hostname: Option<String>,
}

impl K8s {
    pub(crate) fn new(settings: &Settings, short_name: &str) -> Self {
        Self {
            settings: settings.clone(),
            short_name: short_name.to_owned(),
            client: None,
        }
    }

    /// The names of the nodes that are ready.
    pub(crate) async fn find(&mut self) -> Result<Vec<String>, DiscoveryError> {
        let Settings {
            apiserver,
            namespace,
            service_name,
            ..
        } = &self.settings;
        let url = format!("{apiserver}/api/v1/namespaces/{namespace}/endpoints/{service_name}");
        let token = self.token()?;
        let client = match self.client.take() {
            Some(client) => client,
            None => http::client(apiserver, &self.tls())?,
        };
        let mut request = client.get(&url).header("accept", "application/json");
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer = http::ask(request).await.map_err(|came| {
            let next = "see whether `cluster.k8s.apiserver` can be reached from this pod";
            DiscoveryError::new(format!("GET {url}"), came, next)
        })?;
        if answer.status != 200 {
            return Err(self.refused(&url, &answer));
        }
        let endpoints: Endpoints = serde_json::from_slice(&answer.body).map_err(|error| {
            let next = "see whether `cluster.k8s.apiserver` is the API server of Kubernetes";
            DiscoveryError::new(format!("GET {url}"), format!("{error} in {}", answer.describe()), next)
        })?;
        // A client that worked is kept; after a failure the next one reads the CA anew.
        self.client = Some(client);
        self.names(&url, endpoints)
    }

    fn names(&self, url: &str, endpoints: Endpoints) -> Result<Vec<String>, DiscoveryError> {
        let subsets = endpoints.subsets.unwrap_or_default().into_iter();
        let addresses: Vec<Address> = subsets
            .flat_map(|subset| subset.addresses.unwrap_or_default())
            .collect();
        let hosts: Vec<String> = addresses.iter().filter_map(|address| self.host(address)).collect();
        if hosts.is_empty() && !addresses.is_empty() {
            let next = "make the service headless and the nodes a StatefulSet, or set `cluster.k8s.address_type = ip`";
            return Err(DiscoveryError::new(
                format!("GET {url}"),
                "no endpoint has a hostname",
                next,
            ));
        }
        Ok(hosts
            .into_iter()
            .map(|host| format!("{}@{host}", self.short_name))
            .collect())
    }

    fn host(&self, address: &Address) -> Option<String> {
        let Settings {
            service_name,
            namespace,
            suffix,
            ..
        } = &self.settings;
        let end = match suffix.as_str() {
            "" => String::new(),
            suffix => format!(".{suffix}"),
        };
        match self.settings.address_type {
            AddressType::Ip => Some(address.ip.clone()),
            AddressType::Dns => Some(format!("{}.{namespace}{end}", address.ip.replace(['.', ':'], "-"))),
            AddressType::Hostname => {
                let hostname = address.hostname.as_ref()?;
                Some(format!("{hostname}.{service_name}.{namespace}{end}"))
            }
        }
    }

    /// The token of the service account. An API server without TLS may have no use for one.
    fn token(&self) -> Result<Option<String>, DiscoveryError> {
        let path = self.settings.account.join("token");
        if !path.exists() && self.settings.apiserver.starts_with("http://") {
            return Ok(None);
        }
        let token = http::read_file(&path).map_err(|error| DiscoveryError {
            next: "give the pod a service account whose token is mounted (`automountServiceAccountToken`)".to_owned(),
            ..error
        })?;
        Ok(Some(String::from_utf8_lossy(&token).trim().to_owned()))
    }

    fn tls(&self) -> Tls {
        let ca = self.settings.account.join("ca.crt");
        Tls {
            cacertfile: ca.exists().then_some(ca),
            ..Tls::default()
        }
    }

    fn refused(&self, url: &str, answer: &http::Answer) -> DiscoveryError {
        let Settings {
            namespace,
            service_name,
            ..
        } = &self.settings;
        let next = match answer.status {
            401 => "see whether the token of the pod's service account is valid for this API server".to_owned(),
            403 => format!(
                "let the pod's service account `get` the resource `endpoints` in namespace {namespace} (a Role and a RoleBinding)"
            ),
            404 => format!(
                "make the service {service_name} in namespace {namespace}, or set `cluster.k8s.service_name` and \
                 `cluster.k8s.namespace`"
            ),
            _ => "see the log of the API server".to_owned(),
        };
        DiscoveryError::new(format!("GET {url}"), answer.describe(), next)
    }
}
