//! Made-up findings of `doctor`, one of each severity, for the golden texts.

use crate::doctor::{Category, Finding, Severity};

pub fn findings() -> Vec<Finding> {
    let finding = |id, category, severity, evidence: &str, fix: Option<&str>| Finding {
        id,
        category,
        severity,
        evidence: evidence.to_owned(),
        fix: fix.map(str::to_owned),
    };
    vec![
        finding("D001", Category::Daemon, Severity::Ok, "running 3 d (pid 812)", None),
        finding(
            "D014",
            Category::Ports,
            Severity::Fail,
            "tcp:default 0.0.0.0:1883 not bound: EADDRINUSE, held by nginx (pid 812)",
            Some("sudo ss -ltnp 'sport = :1883' && emqx-ctl listeners start tcp:default"),
        ),
        finding(
            "D050",
            Category::Clients,
            Severity::Warn,
            "client id \"twin\u{1b}[2J\" taken over 6 times",
            Some("emqx-ctl disconnects --reason takenover"),
        ),
        finding("D071", Category::Clock, Severity::Skip, "nobody here to ask", None),
    ]
}
