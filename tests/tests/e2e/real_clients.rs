//! Clients of other projects: mosquitto, Paho, MQTT.js; MQTT 3.1, 3.1.1 and 5.
//!
//! Each publisher's messages have to arrive complete, in order and exactly once at a QoS 2
//! subscriber, a member of a share group and a wildcard subscriber. `EMQX_TESTS_MESSAGES=10000` sends
//! more than the 1,000 of an ordinary run.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};

use emqx_tests::real_clients::RealClient;
use emqx_tests::{DEADLINE, Daemon, wait_for, wait_until};

const VERSIONS: [&str; 3] = ["3", "4", "5"];

fn message_count() -> usize {
    let set = std::env::var("EMQX_TESTS_MESSAGES").ok();
    set.map_or(1_000, |text| text.parse().expect("EMQX_TESTS_MESSAGES is a number"))
}

#[test]
fn messages_of_paho_arrive_at_mosquitto_at_qos_1() {
    publishers_reach_mosquitto(RealClient::Paho, "1");
}

#[test]
fn messages_of_paho_arrive_at_mosquitto_at_qos_2() {
    publishers_reach_mosquitto(RealClient::Paho, "2");
}

#[test]
fn messages_of_mqttjs_arrive_at_mosquitto_at_qos_1() {
    publishers_reach_mosquitto(RealClient::MqttJs, "1");
}

#[test]
fn messages_of_mqttjs_arrive_at_mosquitto_at_qos_2() {
    publishers_reach_mosquitto(RealClient::MqttJs, "2");
}

#[test]
fn messages_of_mosquitto_arrive_at_paho() {
    mosquitto_reaches(RealClient::Paho);
}

#[test]
fn messages_of_mosquitto_arrive_at_mqttjs() {
    mosquitto_reaches(RealClient::MqttJs);
}

/// One publisher for each version, one after the other, with three `mosquitto_sub` each.
fn publishers_reach_mosquitto(publisher: RealClient, qos: &str) {
    let (Some(_), Some(_)) = (publisher.find(), RealClient::MosquittoSub.find()) else {
        return;
    };
    let daemon = big_queues();
    let port = daemon.address().port().to_string();
    let count = message_count();
    for version in VERSIONS {
        let topic = format!("from/{version}/data");
        let filters = [
            topic.clone(),
            format!("$share/g{version}/{topic}"),
            format!("from/{version}/#"),
        ];
        let subscribers: Vec<Lines> = filters
            .iter()
            .enumerate()
            .map(|(number, filter)| mosquitto_sub(&daemon, version, &format!("sub-{version}-{number}"), filter, count))
            .collect();
        let mut command = publisher.find().expect("found a moment ago");
        command.args(["publish", "127.0.0.1", &port, version, qos, &topic, &count.to_string()]);
        assert_eq!(run(&mut command, ""), format!("published {count}\n"));
        for (subscriber, filter) in subscribers.into_iter().zip(&filters) {
            expect_numbers(&subscriber.finish(), count, &format!("MQTT {version} at {filter}"));
        }
    }
}

/// `mosquitto_pub` in each version, to a subscriber that is told to stop by "end".
fn mosquitto_reaches(subscriber: RealClient) {
    let (Some(_), Some(_)) = (subscriber.find(), RealClient::MosquittoPub.find()) else {
        return;
    };
    let daemon = big_queues();
    let port = daemon.address().port().to_string();
    let count = message_count();
    let mut input: String = (0..count).map(|number| format!("{number}\n")).collect();
    input.push_str("end\n");
    for (version, qos) in [("3", "1"), ("4", "2"), ("5", "1"), ("5", "2")] {
        let topic = format!("to/{version}/{qos}");
        let mut command = subscriber.find().expect("found a moment ago");
        command.args(["subscribe", "127.0.0.1", &port, version, qos, &topic]);
        let mut lines = Lines::of(&mut command);
        lines.wait_first("subscribed");
        let mut publisher = RealClient::MosquittoPub.find().expect("found a moment ago");
        mosquitto_arguments(&mut publisher, &daemon, version, "mosquitto-pub");
        publisher.args(["-q", qos, "-t", &topic, "-l"]);
        run(&mut publisher, &input);
        expect_numbers(&lines.finish()[1..], count, &format!("MQTT {version} at QoS {qos}"));
    }
}

/// A subscriber may be slower than a publisher: nothing is to be dropped here for that.
fn big_queues() -> Daemon {
    Daemon::with_config("mqtt.max_mqueue_len = 1000000")
}

/// Starts one that ends after `count` numbers and "end", and waits until it is subscribed.
fn mosquitto_sub(daemon: &Daemon, version: &str, client_id: &str, filter: &str, count: usize) -> Lines {
    let mut command = RealClient::MosquittoSub.find().expect("found a moment ago");
    mosquitto_arguments(&mut command, daemon, version, client_id);
    command.args(["-q", "2", "-t", filter, "-C", &(count + 1).to_string()]);
    let lines = Lines::of(&mut command);
    wait_until("mosquitto_sub is subscribed", || {
        daemon.ctl(["subscriptions", "show", client_id]).stdout.contains(filter)
    });
    lines
}

/// What `mosquitto_sub` and `mosquitto_pub` have in common.
fn mosquitto_arguments(command: &mut Command, daemon: &Daemon, version: &str, client_id: &str) {
    let version = match version {
        "3" => "mqttv31",
        "4" => "mqttv311",
        _ => "mqttv5",
    };
    let port = daemon.address().port().to_string();
    command.args(["-h", "127.0.0.1", "-p", &port, "-V", version, "-i", client_id]);
}

fn expect_numbers(lines: &[String], count: usize, what: &str) {
    let expected: Vec<String> = (0..count)
        .map(|number| number.to_string())
        .chain(["end".to_owned()])
        .collect();
    let first_wrong = lines.iter().zip(&expected).position(|(got, wanted)| got != wanted);
    let is_right = lines.len() == expected.len() && first_wrong.is_none();
    assert!(
        is_right,
        "{what}: {} of {} lines, first wrong line: {first_wrong:?}",
        lines.len(),
        expected.len()
    );
}

/// Runs to its end with `input` and returns what it printed.
#[track_caller]
fn run(command: &mut Command, input: &str) -> String {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it can be executed");
    let mut stdin = child.stdin.take().expect("it is piped");
    let input = input.to_owned();
    let writer = thread::spawn(move || stdin.write_all(input.as_bytes()));
    let mut output = String::new();
    child
        .stdout
        .take()
        .expect("it is piped")
        .read_to_string(&mut output)
        .expect("it prints text");
    let status = child.wait().expect("it is our child");
    assert!(
        status.success(),
        "{command:?} ended with {status}; it printed: {output}"
    );
    writer.join().expect("it does not panic").expect("it took all input");
    output
}

/// A running program whose lines are collected.
struct Lines {
    child: Child,
    reader: JoinHandle<Vec<String>>,
    first: std::sync::mpsc::Receiver<String>,
}

impl Lines {
    fn of(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it can be executed");
        let stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        let (sender, first) = std::sync::mpsc::sync_channel(1);
        let reader = thread::spawn(move || {
            let mut lines = Vec::new();
            for line in stdout.lines() {
                let line = line.expect("it prints text");
                if lines.is_empty() {
                    // Whether anyone waits for it does not matter here.
                    let _ = sender.try_send(line.clone());
                }
                lines.push(line);
            }
            lines
        });
        Self { child, reader, first }
    }

    #[track_caller]
    fn wait_first(&mut self, expected: &str) {
        assert_eq!(
            self.first.recv_timeout(DEADLINE).expect("a first line in time"),
            expected
        );
    }

    /// Waits for its end and returns all lines.
    #[track_caller]
    fn finish(mut self) -> Vec<String> {
        let status = wait_for("the subscriber has all messages", || {
            self.child.try_wait().expect("it is our child")
        });
        assert!(status.success(), "the subscriber ended with {status}");
        self.reader.join().expect("it does not panic")
    }
}
