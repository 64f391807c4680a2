//! Messages from node to node against messages on one node: deliveries for each second of the processor time of all nodes
//! that take part, by `emqx-ctl bench`.

use std::io;
use std::path::Path;

use crate::nodes;
use crate::percentile;

const REPEATS: usize = 5;

/// Fan-in and pairs, QoS 0, 1, 2.
pub fn run(root: &Path) -> io::Result<()> {
    let nodes = nodes::start(3, root, "")?;
    let local = nodes[0].pid().to_string();
    let both = format!("{},{}", nodes[0].pid(), nodes[1].pid());
    let (first, second) = (nodes::address(0).to_string(), nodes::address(1).to_string());
    println!("| traffic | local | node to node | ratio |");
    println!("| --- | --- | --- | --- |");
    for scenario in ["fan-in", "p2p"] {
        for qos in ["0", "1", "2"] {
            let (mut here, mut across) = (Vec::new(), Vec::new());
            // In turns, so that whatever else the machine does meets both.
            for _ in 0..REPEATS {
                let common = ["-q", "-f", "json", "bench", scenario, "--qos", qos, "--duration", "4s"];
                here.push(rate(
                    &nodes[0],
                    &[&common[..], &["--host", &first, "--server-pid", &local]].concat(),
                )?);
                let elsewhere = ["--host", &second, "--publish-to", &first, "--server-pid", &both];
                across.push(rate(&nodes[0], &[&common[..], &elsewhere].concat())?);
            }
            let (here, across) = (percentile(&mut here, 50), percentile(&mut across, 50));
            let name = format!("{scenario}, QoS {qos}");
            println!("| {name} | {here:.0} | {across:.0} | {:.2} |", across / here);
        }
    }
    Ok(())
}

/// Deliveries for each second of processor time.
fn rate(node: &nodes::Node, arguments: &[&str]) -> io::Result<f64> {
    let (is_well, text) = node.ctl(arguments)?;
    let wrong = || io::Error::other(format!("emqx-ctl {}: {text}", arguments.join(" ")));
    let start = text.find('{').filter(|_| is_well).ok_or_else(wrong)?;
    let answer: serde_json::Value = serde_json::Deserializer::from_str(&text[start..])
        .into_iter()
        .next()
        .ok_or_else(wrong)??;
    let value = &answer["data"];
    if value["lost"].as_u64().unwrap_or(0) > 0 {
        return Err(io::Error::other(format!("messages were lost: {value}")));
    }
    let cost = value["server_cpu_us_per_message"].as_f64().ok_or_else(wrong)?;
    Ok(1e6 / cost)
}
