//! Authentication as clients meet it: accounts, tokens, a server that is asked, and what happens when it is dead.

use std::fs;
use std::time::Instant;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use emqx_tests::{AuthServer, ClientOptions, Daemon, QoS, ReasonCode, Refused, TestClient};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

/// Accounts for `bootstrap_file`.
const USERS: &str = "user_id,password,is_superuser\nalice,wonderland,false\nroot,toor,true\n";

/// A chain with a file of users, which has to be an absolute path.
fn database(folder: &tempfile::TempDir) -> String {
    let file = folder.path().join("users.csv");
    fs::write(&file, USERS).unwrap();
    format!(
        "{{ mechanism = password_based, backend = built_in_database, bootstrap_type = plain, bootstrap_file = \"{}\" }}",
        file.display()
    )
}

fn chain(authenticators: &[String]) -> String {
    format!("authentication = [ {} ]\n", authenticators.join(", "))
}

fn login(username: &str, password: &str) -> ClientOptions {
    with_password(ClientOptions::v5("c").username(username), password)
}

fn with_password(mut options: ClientOptions, password: &str) -> ClientOptions {
    options.connect.password = Some(password.as_bytes().to_vec().into());
    options
}

fn refused(daemon: &Daemon, options: ClientOptions) -> ReasonCode {
    match options.try_connect(daemon.address()) {
        Err(Refused::Connack(code)) => code,
        other => panic!("{other:?}"),
    }
}

fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.unwrap().as_secs()
}

#[test]
fn accounts_decide_who_comes_in_and_why_names_them() {
    let folder = tempfile::tempdir().unwrap();
    let daemon = Daemon::with_config(&chain(&[database(&folder)]));
    daemon.connect(login("alice", "wonderland")).ping();
    // A client id of its own: the end of the connection before may be noticed later than this refusal.
    let wrong = with_password(ClientOptions::v5("w").username("alice"), "looking-glass");
    assert_eq!(refused(&daemon, wrong), ReasonCode::BadUsernameOrPassword);
    let text = daemon.ctl(["why", "w"]).ok();
    assert!(
        text.contains("password_based:built_in_database") && text.contains("bad_username_or_password"),
        "{text}"
    );
    assert_eq!(refused(&daemon, login("mallory", "x")), ReasonCode::NotAuthorized);
    assert_eq!(refused(&daemon, ClientOptions::v5("c")), ReasonCode::NotAuthorized);
    let old = |password| with_password(ClientOptions::v311("c").username("alice"), password);
    old("wonderland").connect(daemon.address()).ping();
    // 3.1.1 has five codes: 4 and 5 of them.
    assert_eq!(
        refused(&daemon, old("looking-glass")),
        ReasonCode::BadUsernameOrPassword
    );
    let metrics = daemon.ctl(["broker", "metrics"]).ok();
    let metric = |name: &str| {
        let line = metrics
            .lines()
            .find(|line| line.split(':').next().map(str::trim) == Some(name));
        line.and_then(|line| line.rsplit(':').next()?.trim().parse::<u64>().ok())
    };
    assert_eq!(metric("authentication.failure"), Some(4), "{metrics}");
    assert_eq!(metric("authentication.success"), Some(2), "{metrics}");
    assert_eq!(metric("packets.connack.auth_error"), Some(4), "{metrics}");
}

#[test]
fn a_listener_may_ask_nobody_but_opens_no_session_of_those_who_were_asked() {
    let folder = tempfile::tempdir().unwrap();
    let open = "listeners.tcp.open { bind = \"127.0.0.1:0\", enable_authn = false }\n";
    let quick = "listeners.tcp.quick { bind = \"127.0.0.1:0\", enable_authn = quick_deny_anonymous }\n";
    let daemon = Daemon::with_config(&format!("{}{open}{quick}", chain(&[database(&folder)])));
    let mut alice = login("alice", "wonderland").persistent().connect(daemon.address());
    alice.subscribe("t", QoS::AtLeastOnce);
    let open = daemon.address_of("tcp:open");
    for options in [
        ClientOptions::v5("c"),
        ClientOptions::v5("c").username("alice"),
        ClientOptions::v5("c").username("alice").persistent(),
        login("alice", "wonderland").persistent(),
    ] {
        let answer = options.try_connect(open);
        assert_eq!(answer.err(), Some(Refused::Connack(ReasonCode::NotAuthorized)));
    }
    alice.ping();
    ClientOptions::v5("other").connect(open).ping();
    let anonymous = ClientOptions::v5("other").try_connect(daemon.address_of("tcp:quick"));
    assert_eq!(anonymous.err(), Some(Refused::Connack(ReasonCode::NotAuthorized)));
}

fn http(server: &AuthServer, more: &str) -> String {
    format!(
        "{{ mechanism = password_based, backend = http, method = post, url = \"http://{}/auth/${{clientid}}\", \
         body {{ username = \"${{username}}\", password = \"${{password}}\" }} {more} }}",
        server.address()
    )
}

#[test]
fn a_server_is_asked_and_its_word_counts() {
    let server = AuthServer::start(|request| {
        let body: Value = serde_json::from_str(&request.body).unwrap();
        let result = match body["username"].as_str().unwrap() {
            "alice" if body["password"] == "wonderland" => "allow",
            "bob" => "ignore",
            _ => "deny",
        };
        (200, json!({ "result": result }).to_string())
    });
    let folder = tempfile::tempdir().unwrap();
    let daemon = Daemon::with_config(&chain(&[http(&server, ""), database(&folder)]));
    daemon.connect(login("alice", "wonderland")).ping();
    assert_eq!(server.last_path(), "/auth/c");
    assert_eq!(refused(&daemon, login("eve", "x")), ReasonCode::NotAuthorized);
    // Ignored by the server, unknown to the database.
    assert_eq!(refused(&daemon, login("bob", "x")), ReasonCode::NotAuthorized);
    let text = daemon.ctl(["why", "c"]).ok();
    assert!(text.contains("password_based:http: the server says ignore"), "{text}");
}

#[test]
fn a_dead_server_lets_nobody_in_and_holds_nobody_else_up() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let config = format!(
        "authentication = [{{ mechanism = password_based, backend = http, url = \"{url}\", request_timeout = 1h }}]\n\
         mqtt.idle_timeout = 2s\n\
         listeners.tcp.open {{ bind = \"127.0.0.1:0\", enable_authn = false }}\n"
    );
    let daemon = Daemon::with_config(&config);
    let address = daemon.address();
    let begun = Instant::now();
    let waiting: Vec<_> = (0..20)
        .map(|number| {
            let options = ClientOptions::v5(&format!("w{number}")).username("u");
            std::thread::spawn(move || options.try_connect(address).map(|_| ()))
        })
        .collect();
    let open = daemon.address_of("tcp:open");
    for number in 0..50 {
        ClientOptions::v5(&format!("o{number}")).connect(open).ping();
    }
    let others = begun.elapsed();
    for client in waiting {
        let answer = client.join().unwrap();
        assert_eq!(answer.err(), Some(Refused::Connack(ReasonCode::ServerUnavailable)));
    }
    assert!(others < begun.elapsed(), "those who ask nobody have not waited");
    let text = daemon.ctl(["why", "w0"]).ok();
    assert!(
        text.contains("no authenticator has answered within mqtt.idle_timeout"),
        "{text}"
    );
}

fn hmac_token(secret: &str, claims: &Value) -> String {
    let signed = unsigned(&json!({"alg": "HS256", "typ": "JWT"}), claims);
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

#[test]
fn a_token_lets_in_until_it_runs_out() {
    let daemon = Daemon::with_config(
        "authentication = [{ mechanism = jwt, secret = s3cret, verify_claims { username = \"${username}\" } }]\n",
    );
    let claims = |seconds: u64| json!({"username": "alice", "exp": now() + seconds});
    let mut client = daemon.connect(login("alice", &hmac_token("s3cret", &claims(2))));
    client.ping();
    assert_eq!(client.expect_disconnect(), ReasonCode::NotAuthorized);
    let foreign = login("bob", &hmac_token("s3cret", &claims(60)));
    assert_eq!(refused(&daemon, foreign), ReasonCode::BadUsernameOrPassword);
    let forged = login("alice", &hmac_token("guess", &claims(60)));
    assert_eq!(refused(&daemon, forged), ReasonCode::NotAuthorized);
}

#[test]
fn keys_are_fetched_from_their_endpoint() {
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref()).unwrap();
    let point = key.public_key().as_ref().to_vec();
    let coordinate = |from: usize| URL_SAFE_NO_PAD.encode(&point[from..from + 32]);
    let jwk = json!({"kty": "EC", "crv": "P-256", "kid": "k1", "alg": "ES256", "use": "sig",
        "x": coordinate(1), "y": coordinate(33)});
    let server = AuthServer::start(move |_| (200, json!({ "keys": [jwk] }).to_string()));
    let daemon = Daemon::with_config(&format!(
        "authentication = [{{ mechanism = jwt, use_jwks = true, endpoint = \"http://{}/keys\" }}]\n",
        server.address()
    ));
    let signed = unsigned(&json!({"alg": "ES256", "kid": "k1"}), &json!({"exp": now() + 600}));
    let signature = key.sign(&random, signed.as_bytes()).unwrap();
    let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()));
    // The set is fetched beside the start of the listeners.
    let client = emqx_tests::wait_for("a client with a token of that key", || {
        login("alice", &token).try_connect(daemon.address()).ok()
    });
    TestClient::disconnect(client);
    assert_eq!(server.last_path(), "/keys");
}

#[test]
fn a_chain_comes_into_force_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let daemon = Daemon::with_config("authentication = []\n");
    daemon.connect_v5("anyone").ping();
    let file = daemon.folder().join("emqx.conf");
    let text = fs::read_to_string(&file).unwrap();
    let write = |chain: &str| fs::write(&file, text.replace("authentication = []\n", chain)).unwrap();
    write("authentication = [{ mechanism = jwt, algorithm = public-key, public_key = \"/nowhere/key.pem\" }]\n");
    let bad = daemon.ctl(["conf", "reload"]);
    assert_ne!(bad.status, Some(0), "{bad:?}");
    assert!(format!("{bad:?}").contains("/nowhere/key.pem"), "{bad:?}");
    daemon.connect_v5("anyone").ping();
    write(&chain(&[database(&folder)]));
    daemon.ctl(["conf", "reload"]).ok();
    assert_eq!(refused(&daemon, ClientOptions::v5("anyone")), ReasonCode::NotAuthorized);
    daemon.connect(login("alice", "wonderland")).ping();
}

#[test]
fn a_back_end_that_is_not_there_is_78_and_says_so() {
    let config = "authentication = [{ mechanism = password_based, backend = redis, server = \"127.0.0.1:6379\" }]";
    let (status, log) = Daemon::builder().config(config).run_to_end(1);
    assert_eq!(status.code(), Some(78), "{log}");
    assert!(log.contains("redis is not there in this version"), "{log}");
    assert!(!log.contains("security_setting_without_effect"), "{log}");
}

/// 1024 bits: too few for anything.
const SHORT_KEY: &str = "-----BEGIN PUBLIC KEY-----\n\
    MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCs1P9YtoGsWmBE35UxGFoX2ElY\n\
    9ALWTJtp/g73061k5XJJGv9AU6OS2gNSk1eaNCCqHNGYh9x/avXu4riq5Y6dbz11\n\
    QTPrQ1xYYMntL2JqqKbn9dBk2iRCZ1SsqXpUq8bARX/qU3dTtgkNekAfA3eCepe8\n\
    6Dm1B5S6R/GPZN5aBwIDAQAB\n\
    -----END PUBLIC KEY-----\n";

#[test]
fn a_key_for_tokens_that_is_too_short_is_78_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key.pem");
    fs::write(&key, SHORT_KEY).unwrap();
    let config = format!(
        "authentication = [{{ mechanism = jwt, algorithm = public-key, public_key = \"{}\" }}]",
        key.display()
    );
    let (status, log) = Daemon::builder().config(&config).run_to_end(1);
    assert_eq!(status.code(), Some(78), "{log}");
    assert!(log.contains("RSA key of 1024 bits") && log.contains("key.pem"), "{log}");
}

#[test]
fn a_hardened_node_does_not_tell_clients_which_users_exist_but_tells_the_operator() {
    let folder = tempfile::tempdir().unwrap();
    let secrets = "node.cookie = my_own\ndashboard.default_password = my_0wn_secret\n";
    let daemon = Daemon::with_config(&format!(
        "{secrets}node.security_profile = hardened\n{}",
        chain(&[database(&folder)])
    ));
    daemon.connect(login("alice", "wonderland")).ping();
    assert_eq!(refused(&daemon, login("mallory", "x")), ReasonCode::NotAuthorized);
    let wrong = with_password(ClientOptions::v5("w").username("alice"), "looking-glass");
    assert_eq!(refused(&daemon, wrong), ReasonCode::NotAuthorized);
    let text = daemon.ctl(["why", "w"]).ok();
    assert!(text.contains("bad_username_or_password"), "{text}");
}

#[test]
fn a_token_in_the_user_name_of_a_client_that_is_refused_is_shown_nowhere() {
    let daemon = Daemon::with_config(
        "authentication = [{ mechanism = jwt, secret = s3cret, from = username, verify_claims { sub = other } }]\n",
    );
    // Genuine and in time: whoever reads it in a log could show it where another claim is asked for.
    let token = hmac_token("s3cret", &json!({"sub": "alice", "exp": now() + 600}));
    let options = ClientOptions::v5("c").username(&token);
    assert_eq!(refused(&daemon, options), ReasonCode::BadUsernameOrPassword);
    let why = daemon.ctl(["why", "c"]).ok();
    assert!(why.contains("verify_claims"), "{why}");
    let signature = token.rsplit('.').next().unwrap();
    for text in [why, daemon.log()] {
        assert!(!text.contains(signature), "{text}");
    }
}

#[test]
fn a_banned_client_is_told_so_before_anybody_is_asked() {
    let server = AuthServer::start(|_| (200, json!({ "result": "allow" }).to_string()));
    let daemon = Daemon::with_config(&chain(&[http(&server, "")]));
    daemon.ctl(["banned", "add", "clientid", "c"]).ok();
    assert_eq!(refused(&daemon, login("alice", "x")), ReasonCode::Banned);
    assert_eq!(server.count(), 0);
    daemon
        .connect(with_password(ClientOptions::v5("d").username("alice"), "x"))
        .ping();
    assert_eq!(server.count(), 1);
}

#[test]
fn what_a_client_sends_at_once_is_taken_after_it_was_let_in() {
    let (sent, has_sent) = std::sync::mpsc::channel::<()>();
    let has_sent = std::sync::Mutex::new(has_sent);
    let server = AuthServer::start(move |_| {
        // What follows CONNECT is there already.
        has_sent.lock().unwrap().recv().unwrap();
        (200, json!({ "result": "allow" }).to_string())
    });
    let daemon = Daemon::with_config(&format!(
        "{}listeners.tcp.open {{ bind = \"127.0.0.1:0\", enable_authn = false }}\n",
        chain(&[http(&server, "")])
    ));
    let mut receiver = ClientOptions::v5("receiver").connect(daemon.address_of("tcp:open"));
    receiver.subscribe("t", QoS::AtMostOnce);
    let mut hasty = std::net::TcpStream::connect(daemon.address()).unwrap();
    let mut bytes = bytes::BytesMut::new();
    let version = mqtt_codec::ProtocolVersion::V5;
    let connect = mqtt_codec::Packet::Connect(Box::new(ClientOptions::v5("hasty").username("u").connect));
    connect.encode(version, &mut bytes).unwrap();
    let publish = receiver.message("t", "at once", QoS::AtMostOnce);
    mqtt_codec::Packet::Publish(publish)
        .encode(version, &mut bytes)
        .unwrap();
    std::io::Write::write_all(&mut hasty, &bytes).unwrap();
    sent.send(()).unwrap();
    assert_eq!(receiver.expect_payload(), "at once");
}
