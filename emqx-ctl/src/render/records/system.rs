//! `vm`, `olp status`, `cluster status`, and sentences of EMQX that carry no data.

use emqx_shared::views::{ClusterView, OverloadView, VmView};
use serde_json::json;

use crate::cli::VmPart;
use crate::compat::Compat;
use crate::render::emqx::Lines;
use crate::render::table::Cell;
use crate::render::{Column, Field, Look, Record, erlang_term};

/// Columns of a line beyond which EMQX breaks a term.
const TERM_WIDTH: usize = 80;

/// `vm`, whole or one part of it.
#[derive(Debug)]
pub struct Vm {
    pub view: VmView,
    pub part: VmPart,
}

impl Vm {
    fn has(&self, part: VmPart) -> bool {
        self.part == VmPart::All || self.part == part
    }

    fn load(&self) -> [String; 3] {
        self.view
            .load_hundredths
            .map(|load| format!("{}.{:02}", load / 100, load % 100))
    }

    /// EMQX's names in its order. What an Erlang machine has and a native program has not is 0.
    fn memory(&self) -> [(&'static str, u64); 9] {
        let view = &self.view;
        [
            ("total", view.memory_total),
            ("processes", view.memory_processes),
            ("processes_used", view.memory_processes),
            ("system", view.memory_total.saturating_sub(view.memory_processes)),
            ("atom", 0),
            ("atom_used", 0),
            ("binary", 0),
            ("code", view.memory_code),
            ("ets", view.memory_ets),
        ]
    }
}

impl Record for Vm {
    const SCHEMA: &'static str = "vm";
    const FIELDS: &'static [Field<Self>] = &[
        ("load1", |v| json!(f64::from(v.view.load_hundredths[0]) / 100.0)),
        ("load5", |v| json!(f64::from(v.view.load_hundredths[1]) / 100.0)),
        ("load15", |v| json!(f64::from(v.view.load_hundredths[2]) / 100.0)),
        ("memory_total", |v| json!(v.view.memory_total)),
        ("memory_processes", |v| json!(v.view.memory_processes)),
        ("memory_code", |v| json!(v.view.memory_code)),
        ("memory_ets", |v| json!(v.view.memory_ets)),
        ("process_limit", |v| json!(v.view.process_limit)),
        ("process_count", |v| json!(v.view.process_count)),
        ("max_fds", |v| json!(v.view.max_fds)),
        ("active_fds", |v| json!(v.view.active_fds)),
        ("ports_count", |v| json!(v.view.ports_count)),
        ("ports_limit", |v| json!(v.view.ports_limit)),
    ];
    /// Never drawn: [`Record::story`] takes its place.
    const COLUMNS: &'static [Column<Self>] = &[("memory", |v, _| Cell::number(v.view.memory_total))];

    fn classic(&self, look: &Look, lines: &mut Lines) {
        let view = &self.view;
        if self.has(VmPart::Load) {
            for (name, load) in ["load1", "load5", "load15"].iter().zip(self.load()) {
                lines.line(format_args!("cpu/{name:<20}: {load}"));
            }
        }
        if self.has(VmPart::Memory) {
            for (name, bytes) in self.memory() {
                lines.line(format_args!("memory/{name:<17}: {bytes}"));
            }
        }
        if self.has(VmPart::Process) {
            for (name, value) in [("limit", view.process_limit), ("count", view.process_count)] {
                lines.line(format_args!("process/{name:<16}: {value}"));
            }
        }
        if self.has(VmPart::Io) {
            for (name, value) in [("max_fds", view.max_fds), ("active_fds", view.active_fds)] {
                lines.line(format_args!("io/{name:<21}: {value}"));
            }
        }
        if self.has(VmPart::Ports) {
            let width = if look.compat == Compat::V4 { 16 } else { 18 };
            for (name, value) in [("count", view.ports_count), ("limit", view.ports_limit)] {
                lines.line(format_args!("ports/{name:<width$}: {value}"));
            }
        }
    }

    fn story(&self, look: &Look) -> Option<String> {
        let mut lines = Lines::default();
        self.classic(look, &mut lines);
        Some(lines.into_text())
    }
}

/// `olp status`
#[derive(Debug)]
pub struct Overload(pub OverloadView);

impl Overload {
    /// With EMQX's space at the end.
    fn sentence(&self) -> String {
        let node = erlang_term::atom(&self.0.node);
        let word = if self.0.is_overloaded { "is" } else { "is not" };
        format!("{node} {word} overloaded ")
    }
}

impl Record for Overload {
    const SCHEMA: &'static str = "olp";
    const FIELDS: &'static [Field<Self>] = &[
        ("node", |v| json!(v.0.node)),
        ("overloaded", |v| json!(v.0.is_overloaded)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[("overload", |v, _| Cell::text(v.sentence()))];

    fn classic(&self, _: &Look, lines: &mut Lines) {
        lines.line(format_args!("{}", self.sentence()));
    }

    fn story(&self, look: &Look) -> Option<String> {
        let mut lines = Lines::default();
        self.classic(look, &mut lines);
        Some(lines.into_text())
    }
}

/// `cluster status`
#[derive(Debug)]
pub struct ClusterNodes(pub ClusterView);

impl ClusterNodes {
    /// EMQX's JSON printer: a space on both sides of the colon, an element a line, an empty array on three.
    pub fn json(&self) -> String {
        let list = |nodes: &[String]| {
            let nodes: Vec<String> = nodes
                .iter()
                .map(|node| format!("    {}", crate::render::json::text(&json!(node))))
                .collect();
            nodes.join(",\n")
        };
        format!(
            "{{\n  \"stopped_nodes\" : [\n{}\n  ],\n  \"running_nodes\" : [\n{}\n  ]\n}}\n",
            list(&self.0.stopped_nodes),
            list(&self.0.running_nodes)
        )
    }
}

impl Record for ClusterNodes {
    const SCHEMA: &'static str = "cluster";
    const FIELDS: &'static [Field<Self>] = &[
        ("running_nodes", |v| json!(v.0.running_nodes)),
        ("stopped_nodes", |v| json!(v.0.stopped_nodes)),
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        ("running", |v, _| Cell::text(v.0.running_nodes.join(" "))),
        ("stopped", |v, _| Cell::text(v.0.stopped_nodes.join(" "))),
    ];

    /// A map on one line up to 80 columns, else a key a line.
    fn classic(&self, _: &Look, lines: &mut Lines) {
        let atoms = |nodes: &[String]| {
            let atoms: Vec<_> = nodes.iter().map(|node| erlang_term::atom(node)).collect();
            format!("[{}]", atoms.join(","))
        };
        let (running, stopped) = (atoms(&self.0.running_nodes), atoms(&self.0.stopped_nodes));
        let head = "Cluster status: #{";
        let one = format!("{head}running_nodes => {running},stopped_nodes => {stopped}}}");
        if one.chars().count() <= TERM_WIDTH {
            lines.line(format_args!("{one}"));
            return;
        }
        let width = head.len();
        lines.line(format_args!("{head}running_nodes => {running},"));
        lines.line(format_args!("{:width$}stopped_nodes => {stopped}}}", ""));
    }
}

/// A sentence that says what was done.
#[derive(Debug)]
pub struct Said {
    pub verb: &'static str,
    pub sentence: String,
}

impl Record for Said {
    const SCHEMA: &'static str = "result";
    const FIELDS: &'static [Field<Self>] = &[("verb", |v| json!(v.verb)), ("result", |_| json!("ok"))];
    const COLUMNS: &'static [Column<Self>] = &[("result", |v, _| Cell::text(&v.sentence))];

    fn classic(&self, _: &Look, lines: &mut Lines) {
        lines.line(format_args!("{}", self.sentence));
    }

    fn story(&self, look: &Look) -> Option<String> {
        let mut lines = Lines::default();
        if !look.quiet {
            self.classic(look, &mut lines);
        }
        Some(lines.into_text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::{Format, emqx};

    fn nodes(running: &[&str], stopped: &[&str]) -> ClusterNodes {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        ClusterNodes(ClusterView {
            running_nodes: owned(running),
            stopped_nodes: owned(stopped),
        })
    }

    fn look() -> Look {
        Look {
            format: Format::Emqx,
            compat: Compat::V5,
            color: false,
            language: emqx_shared::catalogue::Language::English,
            quiet: false,
            width: None,
            node: String::new(),
            utc_offset: 0,
            now_ms: 0,
        }
    }

    #[test]
    fn the_status_of_a_cluster_is_a_map_that_breaks_once_a_key() {
        assert_eq!(
            emqx::block(&nodes(&["emqx@127.0.0.1"], &[]), &look()),
            "Cluster status: #{running_nodes => ['emqx@127.0.0.1'],stopped_nodes => []}\n"
        );
        assert_eq!(
            emqx::block(&nodes(&["emqx@10.0.0.1", "emqx@10.0.0.2"], &["emqx@10.0.0.3"]), &look()),
            "Cluster status: #{running_nodes => ['emqx@10.0.0.1','emqx@10.0.0.2'],\n\
             \x20                 stopped_nodes => ['emqx@10.0.0.3']}\n"
        );
    }

    #[test]
    fn json_is_printed_as_emqx_s_printer_does() {
        assert_eq!(
            nodes(&["emqx@127.0.0.1"], &[]).json(),
            "{\n  \"stopped_nodes\" : [\n\n  ],\n  \"running_nodes\" : [\n    \"emqx@127.0.0.1\"\n  ]\n}\n"
        );
    }
}
