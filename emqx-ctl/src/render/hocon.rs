//! Settings as a configuration file: dotted keys put into sections, as EMQX's `conf show` prints them.

use emqx_shared::views::{ConfKeyView, ConfOrigin};

use super::escape::escape;

/// The text for settings sorted by key; with `origin` each line ends with where its value comes from.
pub fn document(rows: &[ConfKeyView], origin: bool) -> String {
    let mut text = String::new();
    let mut open: Vec<&str> = Vec::new();
    for row in rows {
        let mut parts: Vec<&str> = row.key.split('.').collect();
        let Some(name) = parts.pop() else { continue };
        let common = open.iter().zip(&parts).take_while(|(one, other)| one == other).count();
        close(&mut text, &mut open, common);
        for section in &parts[common..] {
            line(&mut text, open.len(), &format!("{section} {{"));
            open.push(section);
        }
        let comment = if origin {
            format!("  # {}", origin_text(&row.origin))
        } else {
            String::new()
        };
        line(&mut text, open.len(), &format!("{name} = {}{comment}", row.value));
    }
    close(&mut text, &mut open, 0);
    text
}

/// `emqx.conf:12`, `EMQX_MQTT__MAX_INFLIGHT`, `default`
pub fn origin_text(origin: &ConfOrigin) -> String {
    match origin {
        ConfOrigin::Default => "default".to_owned(),
        ConfOrigin::File { file, line: 0 } => file.clone(),
        ConfOrigin::File { file, line } => format!("{file}:{line}"),
        ConfOrigin::Environment { variable } => variable.clone(),
    }
}

fn close(text: &mut String, open: &mut Vec<&str>, keep: usize) {
    while open.len() > keep {
        open.pop();
        line(text, open.len(), "}");
    }
}

fn line(text: &mut String, depth: usize, content: &str) {
    text.push_str(&"  ".repeat(depth));
    text.push_str(&escape(content));
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(key: &str, value: &str, origin: ConfOrigin) -> ConfKeyView {
        ConfKeyView {
            key: key.to_owned(),
            value: value.to_owned(),
            origin,
            has_effect: true,
        }
    }

    #[test]
    fn keys_stand_in_their_sections_with_their_origins() {
        let file = ConfOrigin::File {
            file: "emqx.conf".to_owned(),
            line: 3,
        };
        let rows = [
            row("log.console.level", "debug", file),
            row("log.throttling.time_window", "1m", ConfOrigin::Default),
            row("mqtt.max_inflight", "32", ConfOrigin::Default),
        ];
        let expected = "log {\n  console {\n    level = debug  # emqx.conf:3\n  }\n  throttling {\n    \
                        time_window = 1m  # default\n  }\n}\nmqtt {\n  max_inflight = 32  # default\n}\n";
        assert_eq!(document(&rows, true), expected);
        assert!(!document(&rows, false).contains('#'));
    }
}
