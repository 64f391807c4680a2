//! Random use of every feature at once: shared, exclusive and overlapping subscriptions, retained messages, wills,
//! aliases, small packets, retries, kicks, mail held up between shards.
//!
//! No model says what should come; the harness refuses what a client did not agree to, the gauges have to be the
//! sums of what is listed, and in the end nothing may be left.

use emqxd_broker::{MqttConfig, ShareStrategy};
use mqtt_codec::{ReasonCode, RetainHandling};

use crate::support::{Dice, GaugeSums, QOS, Seed, Subscribing, TestBroker, TestClient, message, secs, setting, will};

const SEQUENCES: u64 = 1000;
const STEPS: usize = 80;
const CLIENTS: usize = 5;
const TOPICS: [&str; 5] = ["a", "a/b", "a/b/c", "x", "$dollar/a"];
const FILTERS: [&str; 10] = [
    "a",
    "a/#",
    "+/b",
    "#",
    "$share/g/a/#",
    "$share/h/#",
    "$queue/a",
    "$exclusive/a",
    "$exclusive/x",
    "$share/g/x",
];

#[test]
fn whatever_clients_do_the_sums_are_right_and_nothing_is_left_in_the_end() {
    if let Some(seed) = setting("EMQXD_MODEL_SEED") {
        return Run::new(seed).run();
    }
    for seed in 0..setting("EMQXD_MODEL_SEQUENCES").unwrap_or(SEQUENCES) {
        Run::new(seed).run();
    }
}

struct Run {
    _seed: Seed,
    dice: Dice,
    broker: TestBroker,
    clients: Vec<Option<TestClient>>,
}

impl Run {
    fn new(seed: u64) -> Self {
        let mut dice = Dice(seed ^ 0xA5A5);
        let strategies = [
            ShareStrategy::Random,
            ShareStrategy::RoundRobin,
            ShareStrategy::RoundRobinPerGroup,
            ShareStrategy::Sticky,
            ShareStrategy::HashTopic,
        ];
        let config = MqttConfig {
            exclusive_subscription: true,
            shared_subscription_strategy: dice.pick(&strategies),
            max_inflight: dice.pick(&[1, 3, 200]),
            max_mqueue_len: dice.pick(&[Some(2), Some(20), None]),
            max_session_bytes: dice.pick(&[Some(2000), None]),
            retry_interval: dice.one_in(2).then(|| secs(5)),
            upgrade_qos: dice.one_in(4),
            ..MqttConfig::default()
        };
        Self {
            _seed: Seed(seed),
            broker: TestBroker::with(1 + dice.below(3), config),
            dice,
            clients: (0..CLIENTS).map(|_| None).collect(),
        }
    }

    fn run(mut self) {
        for _ in 0..STEPS {
            let client = self.dice.below(CLIENTS);
            self.step(client);
            self.check();
        }
        self.broker.release_mail();
        for client in 0..CLIENTS {
            self.broker.kick(&id(client));
        }
        assert_eq!(self.broker.gauges(), GaugeSums::default());
        let state = self.broker.state();
        assert_eq!(state.routes.counts(), Default::default());
        assert!(state.exclusive.is_empty());
        assert!(state.connections.iter().all(|connection| connection.closed.is_some()));
    }

    fn step(&mut self, client: usize) {
        let dice = &mut self.dice;
        let Some(connection) = &self.clients[client] else {
            return self.connect(client);
        };
        match dice.below(20) {
            0 => self.connect(client),
            1..4 => {
                let options = Subscribing {
                    qos: dice.pick(&QOS),
                    no_local: dice.one_in(4),
                    retain_as_published: dice.one_in(2),
                    retain_handling: dice.pick(&[RetainHandling::SendAtSubscribe, RetainHandling::SendIfNew]),
                    identifier: dice.one_in(2).then_some(7),
                };
                connection.subscribe_with(dice.pick(&FILTERS), &options);
            }
            4 => _ = connection.unsubscribe(dice.pick(&FILTERS)),
            5..11 => {
                let size = dice.pick(&[0, 5, 60, 300]);
                let mut publish = message(dice.pick(&TOPICS), &"x".repeat(size), dice.pick(&QOS));
                publish.retain = dice.one_in(3);
                connection.publish_packet(publish);
            }
            11..14 => _ = connection.read_and_ack_all(),
            14 => connection.congest(),
            15 => connection.drain(),
            16 => connection.drop_connection(),
            17 if dice.one_in(2) => connection.disconnect_with(ReasonCode::DisconnectWithWillMessage, None),
            17 => _ = self.broker.kick(&id(client)),
            18 if dice.one_in(2) => self.broker.hold_mail(),
            18 => self.broker.release_mail(),
            _ => self.broker.stall(secs(dice.pick(&[1, 6, 40]))),
        }
    }

    fn connect(&mut self, client: usize) {
        let dice = &mut self.dice;
        let mut builder = self.broker.client(&id(client)).expiry(dice.pick(&[0, 20, 1000]));
        builder = if dice.one_in(2) { builder.resuming() } else { builder };
        builder = builder.receive_maximum(dice.pick(&[1, 2, 100]));
        builder = builder.topic_alias_maximum(dice.pick(&[0, 1, 10]));
        builder = if dice.one_in(3) {
            builder.maximum_packet_size(dice.pick(&[30, 90]))
        } else {
            builder
        };
        builder = if dice.one_in(3) {
            builder.keep_alive(30)
        } else {
            builder
        };
        if dice.one_in(2) {
            let mut last_words = will(dice.pick(&TOPICS), "last words", dice.pick(&[0, 10]));
            last_words.qos = dice.pick(&QOS);
            last_words.retain = dice.one_in(2);
            builder = builder.will(last_words);
        }
        self.clients[client] = Some(builder.connect());
    }

    fn check(&mut self) {
        let mut listed = GaugeSums::default();
        for client in 0..CLIENTS {
            let of_client = self.broker.on_shard_of(&id(client), |shard| {
                Some((shard.client(&id(client))?, shard.subscriptions_of(&id(client))?))
            });
            let Some((info, subscriptions)) = of_client else {
                continue;
            };
            let is_shared = |filter: &str| filter.starts_with("$share/") || filter.starts_with("$queue/");
            listed.sessions += 1;
            listed.connections += u64::from(info.connected.is_some());
            listed.subscriptions += subscriptions.len() as u64;
            listed.shared_subscriptions += subscriptions.iter().filter(|each| is_shared(&each.filter)).count() as u64;
            assert_eq!(info.subscriptions, subscriptions.len());
        }
        assert_eq!(self.broker.gauges(), listed);
        for client in &mut self.clients {
            if client.as_ref().is_some_and(|client| client.closed().is_some()) {
                *client = None;
            }
        }
    }
}

fn id(client: usize) -> String {
    format!("client-{client}")
}
