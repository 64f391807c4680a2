//! The phases of a run: look at the limits, connect, subscribe, warm up, measure, wait for what is on its way, report.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::time::{Duration, Instant};

use mqtt_codec::QoS;

use super::engine::{Engine, Settings, unencodable};
use super::limits;
use super::link::Role;
use super::outbound::Publishes;
use super::plan::{Order, Plan, Scenario};
use super::publishers::Bounds;
use super::report::{BenchReport, Hold, Latency, ServerCost};
use super::server::{Server, own_cpu_seconds, own_waiting_seconds};
use super::trouble::{self, Warning};
use crate::app::App;
use crate::failure::CliFailure;

/// Messages of a publisher that may be unacknowledged when a rate is asked for.
const UNACKNOWLEDGED_AT_A_RATE: u32 = 1000;

/// How long the server gets to settle before its memory is looked at.
const SETTLE: Duration = Duration::from_millis(200);

/// From this part of the measured time on, running or waiting for a processor, we are what bounds the measurement.
const OWN_PERCENT_MAX: f64 = 90.0;

/// Part of what is retained, in tenths, after which a subscriber that is to stop reading does so.
const PAUSE_AFTER_TENTHS: u64 = 1;

/// A subscription needs so long at most until the other nodes of a cluster know of it.
const KNOWN_ELSEWHERE: Duration = Duration::from_secs(2);
/// Longer than any run.
const FOREVER: Duration = Duration::from_secs(100 * 24 * 3600);

/// Carries a plan out.
///
/// # Errors
/// Exit codes 64 (descriptors), 69 (nobody there, or the server ended a connection), 75 (no progress), 76 (not MQTT),
/// 77 (refused).
pub fn run(plan: &Plan, app: &mut App) -> Result<BenchReport, CliFailure> {
    let target = resolve(&plan.host, plan.port)?;
    limits::raise_descriptors(plan.connections())?;
    let (sources, few_ports) = limits::source_addresses(&plan.sources, target.ip(), plan.connections())?;
    let mut report = BenchReport::of(plan, format!("{}:{}", plan.host, plan.port));
    report.warnings.extend(few_ports);
    let server = Server::find(app, &plan.watch, target.ip());
    let publish_target = match &plan.publish_to {
        Some(text) => resolve_with_port(text, plan.port)?,
        None => target,
    };
    let engine = Engine::new(Settings {
        target,
        publish_target,
        sources,
        identity: plan.identity.clone(),
        tag: plan.tag.clone(),
        timeout: plan.timeout,
        keep_alive: plan.keep_alive,
        payload: plan.payload,
        quiet: app.printer.look.quiet,
    })?;
    let mut run = Run {
        plan,
        engine,
        server,
        peak_is_known: false,
        report,
    };
    run.connect(app)?;
    match plan.scenario {
        Scenario::Connect => {}
        Scenario::Retained => run.store_and_fetch(app)?,
        _ => run.subscribe_and_publish(app)?,
    }
    run.judge();
    run.engine.disconnect_all();
    Ok(run.report)
}

struct Run<'p> {
    plan: &'p Plan,
    engine: Engine,
    server: Server,
    /// Whether the server's peak of memory is that of the measurement.
    peak_is_known: bool,
    report: BenchReport,
}

/// Clocks and counts at one moment.
#[derive(Clone, Copy)]
struct Moment {
    at: Instant,
    own_cpu: f64,
    own_waiting: Option<f64>,
    server_memory: Option<u64>,
    server_cpu: Option<f64>,
    sent: u64,
    received: u64,
}

impl Run<'_> {
    /// The beginning of a measurement: the server's peak of memory counts from here.
    fn beginning(&mut self, app: &mut App) -> Moment {
        self.peak_is_known = self.server.forget_peak();
        Moment {
            server_memory: self.server.memory_now(app),
            ..self.moment()
        }
    }

    fn moment(&self) -> Moment {
        Moment {
            server_cpu: self.server.cpu_seconds(),
            server_memory: None,
            own_cpu: own_cpu_seconds(),
            own_waiting: own_waiting_seconds(),
            sent: self.engine.counts.sent,
            received: self.engine.counts.received,
            at: Instant::now(),
        }
    }

    /// Connects everybody: what the scenario `connect` measures, and the others begin with.
    fn connect(&mut self, app: &mut App) -> Result<(), CliFailure> {
        let plan = self.plan;
        let overflows = limits::listen_overflows();
        let subscribers = (0..).map(Role::Subscriber).take(match plan.scenario {
            // It comes later, to find everything stored.
            Scenario::Retained => 0,
            _ => plan.subscribers.len(),
        });
        let mut roles = vec![Role::Idle; plan.idle_clients as usize];
        roles.extend(subscribers);
        roles.extend((0..plan.publishers).map(Role::Publisher));
        let begin = self.beginning(app);
        let rate = plan.rate.filter(|_| plan.scenario == Scenario::Connect);
        self.engine.connect_all(&roles, rate)?;
        let end = self.moment();
        let seconds = (end.at - begin.at).as_secs_f64();
        self.report.connections_per_second = roles.len() as f64 / seconds;
        if let Some(latency) = Latency::of(&self.engine.connect_latency) {
            self.report.connect_latency = latency;
        }
        let turned_away = limits::listen_overflows().zip(overflows);
        let turned_away = turned_away.map_or(0, |(now, before)| now.saturating_sub(before));
        if self.engine.counts.slow_connects > 0 {
            let warning = limits::backlog_warning(self.engine.counts.slow_connects, turned_away);
            self.report.warnings.push(warning);
        }
        let connected = u32::try_from(roles.len()).unwrap_or(u32::MAX);
        self.server.confirm(app, connected);
        self.report.server.unknown.clone_from(&self.server.unknown);
        if plan.scenario == Scenario::Connect {
            self.engine.pump(SETTLE)?;
            self.account(begin, end, roles.len() as u64, app);
            let grown = self.report.server.memory_bytes.zip(self.server.memory_before());
            self.report.server.memory_bytes_per_connection =
                grown.map(|(now, before)| now.saturating_sub(before) as f64 / f64::from(connected));
            if !plan.hold.is_zero() {
                self.hold()?;
            }
        }
        Ok(())
    }

    /// Keeps the clients, who do nothing but send PINGREQs.
    fn hold(&mut self) -> Result<(), CliFailure> {
        let pings = self.engine.counts.pings;
        let begin = self.moment();
        self.engine.hold(self.plan.hold, "holding")?;
        let end = self.moment();
        let seconds = (end.at - begin.at).as_secs_f64();
        let pings = self.engine.counts.pings - pings;
        let cpu = end.server_cpu.zip(begin.server_cpu).map(|(end, begin)| end - begin);
        self.report.hold = Some(Hold {
            seconds,
            pings,
            unanswered: self.engine.counts.pings - self.engine.counts.pongs,
            server_cpu_percent: cpu.map(|cpu| cpu / seconds * 100.0),
            server_cpu_us_per_ping: cpu.filter(|_| pings > 0).map(|cpu| cpu * 1e6 / pings as f64),
        });
        Ok(())
    }

    fn subscribe_and_publish(&mut self, app: &mut App) -> Result<(), CliFailure> {
        let plan = self.plan;
        let begin = Instant::now();
        self.engine.subscribe_all(&plan.subscribers, plan.qos, true)?;
        self.report.filters_per_second = Some(plan.filters() as f64 / begin.elapsed().as_secs_f64());
        self.check_filters()?;
        let unacknowledged = plan.rate.map_or(plan.window, |_| UNACKNOWLEDGED_AT_A_RATE);
        let fan = u64::from(plan.fan);
        let missing_max = plan.rate.is_none().then(|| u64::from(plan.window) * fan);
        self.set_flow(plan.qos, plan.payload, missing_max, unacknowledged, true)?;
        if plan.publish_to.is_some() {
            self.engine.pump(KNOWN_ELSEWHERE)?;
        }

        self.publish_for(plan.warm_up, "warming up")?;
        self.engine.latency.clear();
        self.engine.measuring = true;
        let begin = self.beginning(app);
        let late = self.publish_for(plan.duration, "measuring")?;
        let end = self.moment();
        // Flat out, what arrives from here on only says how deep the window was.
        self.engine.measuring = plan.rate.is_some();
        let expected = self.engine.counts.sent * fan;
        self.engine.drain(expected, "waiting for the last messages")?;
        self.report.late = late;
        self.report.latency = Latency::of(&self.engine.latency);
        self.report.lost = expected.saturating_sub(self.engine.counts.received);
        self.rates(begin, end, begin, end);
        self.account(begin, end, end.received - begin.received, app);
        Ok(())
    }

    fn publish_for(&mut self, span: Duration, what: &'static str) -> Result<Option<Duration>, CliFailure> {
        match self.plan.rate {
            Some(rate) => self.engine.paced(span, rate, what).map(Some),
            None => self.engine.flat_out(span, what).map(|()| None),
        }
    }

    fn store_and_fetch(&mut self, app: &mut App) -> Result<(), CliFailure> {
        let plan = self.plan;
        // Acknowledged at least, so that there is a moment when all are stored.
        let qos = plan.qos.max(QoS::AtLeastOnce);
        self.set_flow(qos, plan.payload, None, plan.window, false)?;
        let begin = self.moment();
        self.engine.flat_out(FOREVER, "storing")?;
        self.engine.drain(0, "storing")?;
        let stored = self.moment();
        self.report.sent = self.engine.counts.sent;

        self.engine.connect_all(&[Role::Subscriber(0)], None)?;
        self.engine.measuring = true;
        self.engine.latency_since = Some(self.engine.now());
        let asked = self.beginning(app);
        self.engine.subscribe_all(&plan.subscribers, plan.qos, false)?;
        let count = plan.topics.len() as u64;
        if !plan.pause.is_zero() {
            self.engine.drain(count / 10 * PAUSE_AFTER_TENTHS, "fetching")?;
            self.engine.stop_reading(plan.pause)?;
        }
        self.engine.drain(count, "fetching")?;
        let fetched = self.moment();
        self.engine.measuring = false;
        let fetched_count = self.engine.counts.received;
        self.report.latency = Latency::of(&self.engine.latency);
        self.report.lost = count.saturating_sub(fetched_count);
        self.rates(begin, stored, asked, fetched);
        self.account(asked, fetched, fetched_count, app);

        // It would get every message that clears, and at QoS 1 overflow its queue.
        self.engine.unsubscribe_all(&plan.subscribers)?;
        self.set_flow(qos, 0, None, plan.window, false)?;
        self.engine.flat_out(FOREVER, "clearing")?;
        self.engine.drain(0, "clearing")?;
        self.report.received = fetched_count;
        self.report.sent = count;
        self.check_filters()
    }

    fn set_flow(
        &mut self,
        qos: QoS,
        payload: usize,
        missing_max: Option<u64>,
        unacknowledged: u32,
        forever: bool,
    ) -> Result<(), CliFailure> {
        let plan = self.plan;
        let retain = plan.scenario == Scenario::Retained;
        let version = plan.identity.version;
        let publishes = Publishes::new(version, &plan.topics, qos, retain, payload).map_err(unencodable)?;
        if let Some(max) = self.engine.packet_bytes_max
            && publishes.packet_bytes_max() > max as usize
        {
            let bytes = publishes.packet_bytes_max();
            let message = format!("packets of {bytes} bytes are more than the {max} that the server takes");
            return Err(CliFailure::usage(message).next("use a smaller --payload, or raise mqtt.max_packet_size"));
        }
        let window = unacknowledged.min(u32::from(self.engine.receive_maximum));
        let bounds = Bounds {
            missing_max,
            fan: u64::from(plan.fan.max(1)),
            unacknowledged_max: (qos != QoS::AtMostOnce).then_some(window),
        };
        let order = match retain {
            true => Order::Unwatched,
            false => plan.order,
        };
        self.engine
            .set_flow(publishes, bounds, order, |publisher| plan.topics_of(publisher), forever);
        Ok(())
    }

    /// # Errors
    /// The server refused filters: there is nothing to measure.
    fn check_filters(&self) -> Result<(), CliFailure> {
        let refused = self.engine.counts.filters_refused;
        if refused == 0 {
            return Ok(());
        }
        let reason = self.engine.refusal.map_or("unspecified_error", |reason| reason.name());
        let message = format!(
            "the server refused {refused} of {} filters: {reason}",
            self.plan.filters()
        );
        Err(CliFailure::new("refused", emqx_shared::ExitCode::NoPermission, message)
            .next(format!("emqx-ctl explain {reason}")))
    }

    fn rates(&mut self, in_begin: Moment, in_end: Moment, out_begin: Moment, out_end: Moment) {
        let per_second = |count: u64, begin: Moment, end: Moment| count as f64 / (end.at - begin.at).as_secs_f64();
        self.report.in_per_second = Some(per_second(in_end.sent - in_begin.sent, in_begin, in_end));
        self.report.out_per_second = Some(per_second(out_end.received - out_begin.received, out_begin, out_end));
        let counts = &self.engine.counts;
        self.report.sent = counts.sent;
        self.report.received = counts.received;
        self.report.out_of_order = counts.out_of_order;
        self.report.refused = counts.refused;
    }

    /// What the measured time cost us and the server, for each of `messages`.
    fn account(&mut self, begin: Moment, end: Moment, messages: u64, app: &mut App) {
        let seconds = (end.at - begin.at).as_secs_f64();
        let each_us = |cpu: f64| (messages > 0).then(|| cpu * 1e6 / messages as f64);
        let own = end.own_cpu - begin.own_cpu;
        let report = &mut self.report;
        report.seconds = seconds;
        report.own_cpu_percent = own / seconds * 100.0;
        report.own_cpu_us_per_message = each_us(own);
        let waited = end.own_waiting.zip(begin.own_waiting);
        report.own_waiting_percent = waited.map(|(end, begin)| (end - begin) / seconds * 100.0);
        let cpu_seconds = end.server_cpu.zip(begin.server_cpu).map(|(end, begin)| end - begin);
        report.own_cpu_to_server = cpu_seconds.filter(|cpu| *cpu > 0.0).map(|cpu| own / cpu);
        report.server = ServerCost {
            cpu_seconds,
            cpu_percent: cpu_seconds.map(|cpu| cpu / seconds * 100.0),
            cpu_us_per_message: cpu_seconds.and_then(each_us),
            memory_bytes_before: begin.server_memory,
            memory_bytes_peak: self.server.memory_peak().filter(|_| self.peak_is_known),
            memory_bytes: self.server.memory_now(app),
            memory_bytes_per_connection: None,
            unknown: report.server.unknown.take().or_else(|| {
                let hidden = "its /proc/PID/stat cannot be read".to_owned();
                cpu_seconds.is_none().then_some(hidden)
            }),
        };
    }

    /// What the operator should know about the figures.
    fn judge(&mut self) {
        let report = &mut self.report;
        let mut warn = |code, message: String, next: &str| report.warnings.push(Warning::new(code, message, next));
        let waiting = report.own_waiting_percent.unwrap_or(0.0);
        if report.own_cpu_percent + waiting >= OWN_PERCENT_MAX {
            let mut message = format!(
                "emqx-ctl itself used {:.0} % of a core: it was the limit, not the server",
                report.own_cpu_percent
            );
            if waiting >= 10.0 {
                message += &format!(" (and it waited for a processor {waiting:.0} % of the time)");
            }
            warn(
                "own_cpu",
                message,
                "run several emqx-ctl bench at once, on another machine, or with --rate",
            );
        }
        if report.lost > 0 {
            warn(
                "lost",
                format!("{} messages did not arrive", report.lost),
                "emqx-ctl broker metrics    (messages.dropped.*); a smaller --window or --rate, \
                 or a larger mqtt.max_mqueue_len",
            );
        }
        if let Some(reason) = self.engine.refusal.filter(|_| report.refused > 0) {
            warn(
                "refused",
                format!("the server refused {} messages: {}", report.refused, reason.name()),
                &format!(
                    "emqx-ctl explain {}; QoS 2: --window up to mqtt.max_awaiting_rel",
                    reason.name()
                ),
            );
        }
        if let Some(late) = report.late.filter(|late| *late > Duration::from_millis(10)) {
            warn(
                "late",
                format!("messages were sent up to {} ms late", late.as_millis()),
                "the server did not read in time, or this machine is busy: a lower --rate",
            );
        }
    }
}

/// `host` or `host:port`.
fn resolve_with_port(text: &str, port: u16) -> Result<SocketAddr, CliFailure> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok(SocketAddr::new(address, port));
    }
    match text.rsplit_once(':').map(|(host, port)| (host, port.parse())) {
        Some((host, Ok(port))) => resolve(host.trim_matches(['[', ']']), port),
        Some((_, Err(_))) => Err(CliFailure::usage(format!("{text} is no HOST or HOST:PORT"))),
        None => resolve(text, port),
    }
}

fn resolve(host: &str, port: u16) -> Result<SocketAddr, CliFailure> {
    let mut addresses = (host, port)
        .to_socket_addrs()
        .map_err(|error| trouble::unknown_host(host, &error.to_string()))?;
    addresses
        .next()
        .ok_or_else(|| trouble::unknown_host(host, "its name has no address"))
}
