//! What nodes find each other by, for tests: dnsmasq and etcd as Debian has them, and a stand-in for the API server of
//! Kubernetes, which no package has.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use tempfile::TempDir;

use crate::real_clients::RealClient;
use crate::{DEADLINE, wait_until};

/// A server that ends with the test.
#[derive(Debug)]
struct Running {
    child: Child,
    folder: TempDir,
}

impl Running {
    #[track_caller]
    fn start(mut command: Command, folder: TempDir, port: u16) -> Self {
        let log = File::create(folder.path().join("output.log")).expect("a new folder takes files");
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a descriptor is left"))
            .stderr(log)
            .spawn()
            .expect("it can be executed");
        let mut running = Self { child, folder };
        let name = command.get_program().to_string_lossy().into_owned();
        wait_until(&format!("{name} to listen ({DEADLINE:?})"), || {
            if let Ok(Some(status)) = running.child.try_wait() {
                let log = std::fs::read_to_string(running.folder.path().join("output.log")).unwrap_or_default();
                panic!("{name} ended with {status}:\n{log}");
            }
            TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
        });
        running
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// dnsmasq with records of its own and no others.
#[derive(Debug)]
pub struct DnsServer {
    _running: Running,
    port: u16,
}

impl DnsServer {
    /// With options such as `--host-record=nodes.test,10.0.0.1`; `None` if it is not installed and not required.
    ///
    /// # Panics
    /// If it does not start, or is missing and required.
    #[track_caller]
    pub fn start(records: &[&str]) -> Option<Self> {
        let mut command = RealClient::Dnsmasq.find()?;
        let (folder, port) = (folder(), free_port());
        command
            .args([
                "--no-daemon",
                "--conf-file=/dev/null",
                "--no-resolv",
                "--no-hosts",
                "--user=root",
            ])
            .args(["--listen-address=127.0.0.1", "--bind-interfaces", "--local=/test/"])
            .arg(format!("--port={port}"))
            .arg(format!("--pid-file={}", folder.path().join("pid").display()))
            .args(records);
        Some(Self {
            _running: Running::start(command, folder, port),
            port,
        })
    }

    /// As `cluster.dns.server` takes it.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

/// etcd, alone and empty.
#[derive(Debug)]
pub struct EtcdServer {
    running: Option<Running>,
    port: u16,
    scheme: &'static str,
}

impl EtcdServer {
    /// Without TLS; `None` if it is not installed and not required.
    ///
    /// # Panics
    /// If it does not start, or is missing and required.
    #[track_caller]
    pub fn start() -> Option<Self> {
        Self::start_with("http", &[])
    }

    /// With TLS: its certificate, its key, and the CA of those who may ask.
    ///
    /// # Panics
    /// If it does not start, or is missing and required.
    #[track_caller]
    pub fn start_tls(certificate: &Path, key: &Path, clients: &Path) -> Option<Self> {
        let option = |name: &str, path: &Path| format!("--{name}={}", path.display());
        let options = [
            option("cert-file", certificate),
            option("key-file", key),
            option("trusted-ca-file", clients),
            "--client-cert-auth".to_owned(),
        ];
        Self::start_with("https", &options)
    }

    #[track_caller]
    fn start_with(scheme: &'static str, options: &[String]) -> Option<Self> {
        let mut command = RealClient::Etcd.find()?;
        let (folder, port, peers) = (folder(), free_port(), free_port());
        command
            .arg(format!("--data-dir={}", folder.path().join("data").display()))
            .arg(format!("--listen-client-urls={scheme}://127.0.0.1:{port}"))
            .arg(format!("--advertise-client-urls={scheme}://127.0.0.1:{port}"))
            .arg(format!("--listen-peer-urls=http://127.0.0.1:{peers}"))
            .arg(format!("--initial-advertise-peer-urls=http://127.0.0.1:{peers}"))
            .arg(format!("--initial-cluster=default=http://127.0.0.1:{peers}"))
            .args(["--unsafe-no-fsync", "--logger=zap"])
            .args(options);
        // Debian's file of defaults names other places.
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("ETCD_")) {
            command.env_remove(name);
        }
        Some(Self {
            running: Some(Running::start(command, folder, port)),
            port,
            scheme,
        })
    }

    /// As `cluster.etcd.server` takes it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}://127.0.0.1:{}", self.scheme, self.port)
    }

    /// Ends it.
    pub fn stop(&mut self) {
        self.running = None;
    }
}

/// Plays the API server of Kubernetes: the endpoints of one service, for those who have the token.
#[derive(Debug)]
pub struct KubernetesApi {
    address: SocketAddr,
    endpoints: Arc<Mutex<Endpoints>>,
    account: TempDir,
}

#[derive(Debug, Default)]
struct Endpoints {
    /// Address and host name.
    ready: Vec<(String, Option<String>)>,
    not_ready: Vec<(String, Option<String>)>,
    is_forbidden: bool,
}

const TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJlbXF4In0.c2lnbmF0dXJl";

impl KubernetesApi {
    /// The service `emqx-headless` in namespace `iot`, without endpoints yet.
    ///
    /// # Panics
    /// If no port is free.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let endpoints = Arc::new(Mutex::new(Endpoints::default()));
        let account = folder();
        std::fs::write(account.path().join("token"), format!("{TOKEN}\n")).expect("a new folder takes files");
        let shared = Arc::clone(&endpoints);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let endpoints = Arc::clone(&shared);
                thread::spawn(move || serve_kubernetes(stream, &endpoints));
            }
        });
        Self {
            address,
            endpoints,
            account,
        }
    }

    /// As `cluster.k8s.apiserver` takes it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The folder with the token of the service account.
    #[must_use]
    pub fn account(&self) -> &Path {
        self.account.path()
    }

    /// The endpoints from now on, those that are ready and those that are not; each an address, with the host name of
    /// the pod if it is one of a StatefulSet.
    ///
    /// # Panics
    /// If an answer has panicked.
    pub fn set(&self, ready: &[(&str, Option<&str>)], not_ready: &[(&str, Option<&str>)]) {
        let owned = |all: &[(&str, Option<&str>)]| {
            let owned = all.iter().map(|(ip, name)| ((*ip).to_owned(), name.map(str::to_owned)));
            owned.collect()
        };
        let mut endpoints = self.endpoints.lock().expect("no answer has panicked");
        (endpoints.ready, endpoints.not_ready) = (owned(ready), owned(not_ready));
    }

    /// Whether the service account lacks the right to see endpoints.
    ///
    /// # Panics
    /// If an answer has panicked.
    pub fn forbid(&self, is_forbidden: bool) {
        self.endpoints.lock().expect("no answer has panicked").is_forbidden = is_forbidden;
    }

    /// The answer that it gives now, head and all, for a server of files.
    ///
    /// # Panics
    /// If an answer has panicked.
    #[must_use]
    pub fn whole_answer(&self) -> String {
        response(200, &self.endpoints.lock().expect("no answer has panicked").json())
    }
}

impl Endpoints {
    /// `v1.Endpoints` as a 1.2x API server writes it.
    fn json(&self) -> String {
        let list = |all: &[(String, Option<String>)]| {
            let mut text = String::new();
            for (ip, hostname) in all {
                let comma = if text.is_empty() { "" } else { "," };
                let pod = hostname.as_deref().unwrap_or("emqx-7d9f8c6b5-x2x9l");
                let hostname = hostname.as_ref().map(|name| format!("\"hostname\":\"{name}\","));
                let hostname = hostname.unwrap_or_default();
                let _never_fails = write!(
                    text,
                    "{comma}{{\"ip\":\"{ip}\",{hostname}\"nodeName\":\"worker-1\",\"targetRef\":{{\"kind\":\"Pod\",\
                     \"namespace\":\"iot\",\"name\":\"{pod}\",\"uid\":\"6d0c7a4e-7a3e-4a43-9b1e-2f8d9b0c1d2e\"}}}}"
                );
            }
            text
        };
        let mut subset = String::new();
        for (name, all) in [("addresses", &self.ready), ("notReadyAddresses", &self.not_ready)] {
            if !all.is_empty() {
                let _never_fails = write!(subset, "\"{name}\":[{}],", list(all));
            }
        }
        let subsets = match subset.is_empty() {
            true => String::new(),
            false => format!(
                ",\"subsets\":[{{{subset}\"ports\":[{{\"name\":\"mqtt\",\"port\":1883,\"protocol\":\"TCP\"}},\
                 {{\"name\":\"ekka\",\"port\":4370,\"protocol\":\"TCP\"}}]}}]"
            ),
        };
        format!(
            "{{\"kind\":\"Endpoints\",\"apiVersion\":\"v1\",\"metadata\":{{\"name\":\"emqx-headless\",\"namespace\":\"iot\",\
             \"uid\":\"0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0\",\"resourceVersion\":\"4711\",\
             \"creationTimestamp\":\"2026-01-01T00:00:00Z\",\"labels\":{{\"service.kubernetes.io/headless\":\"\"}}}}{subsets}}}"
        )
    }
}

fn serve_kubernetes(stream: TcpStream, endpoints: &Mutex<Endpoints>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut writer = stream;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let path = line.split(' ').nth(1)?.to_owned();
        let mut is_known = false;
        loop {
            line.clear();
            reader.read_line(&mut line).ok()?;
            match line.trim_end().split_once(": ") {
                None => break,
                Some((name, value)) => {
                    is_known |= name.eq_ignore_ascii_case("authorization") && value == format!("Bearer {TOKEN}");
                }
            }
        }
        let endpoints = endpoints.lock().ok()?;
        let (status, body) = if !is_known {
            (401, failure(401, "Unauthorized", "Unauthorized"))
        } else if endpoints.is_forbidden {
            let message = "endpoints \\\"emqx-headless\\\" is forbidden: User \\\"system:serviceaccount:iot:default\\\" \
                           cannot get resource \\\"endpoints\\\" in API group \\\"\\\" in the namespace \\\"iot\\\"";
            (403, failure(403, "Forbidden", message))
        } else if path == "/api/v1/namespaces/iot/endpoints/emqx-headless" {
            (200, endpoints.json())
        } else {
            let name = path.rsplit('/').next().unwrap_or_default();
            let message = format!("endpoints \\\"{name}\\\" not found");
            (404, failure(404, "NotFound", &message))
        };
        drop(endpoints);
        writer.write_all(response(status, &body).as_bytes()).ok()?;
    }
}

/// `v1.Status`
fn failure(code: u16, reason: &str, message: &str) -> String {
    format!(
        "{{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{{}},\"status\":\"Failure\",\"message\":\"{message}\",\
         \"reason\":\"{reason}\",\"code\":{code}}}"
    )
}

fn response(status: u16, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("temp folders can be made")
}

fn free_port() -> u16 {
    let probe = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is left");
    probe.local_addr().expect("it is bound").port()
}
