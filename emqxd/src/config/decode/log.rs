//! `log`

use super::super::log::{FileHandlerConfig, HandlerConfig, LogConfig, LogFormatter, TimeOffset, TimestampFormat};
use super::{Decoder, text};

/// File handlers of one node; each is an open file.
const FILES_MAX: usize = 64;

pub(super) fn read(decoder: &mut Decoder<'_>, log: &mut LogConfig) {
    read_handler(decoder, "log.console", &mut log.console);
    for name in decoder.names("log.file").into_iter().take(FILES_MAX) {
        let prefix = format!("log.file.{name}");
        let path = decoder.folders.put_into("${EMQX_LOG_DIR}/emqx.log");
        let mut file = FileHandlerConfig::new(name, path);
        read_handler(decoder, &prefix, &mut file.handler);
        decoder.path(&format!("{prefix}.path"), &mut file.path);
        decoder.integer(&format!("{prefix}.rotation_count"), &mut file.rotation_count);
        decoder.size_or_none(&format!("{prefix}.rotation_size"), &mut file.rotation_size);
        log.files.push(file);
    }
    decoder.duration("log.throttling.time_window", &mut log.throttling_window);
}

fn read_handler(decoder: &mut Decoder<'_>, prefix: &str, handler: &mut HandlerConfig) {
    let key = |name: &str| format!("{prefix}.{name}");
    decoder.boolean(&key("enable"), &mut handler.enable);
    decoder.read(&key("level"), &mut handler.level, |value, _| text(value)?.parse().ok());
    if let Some(word) = decoder.word(&key("formatter")) {
        handler.formatter = match word {
            "json" => LogFormatter::Json,
            _ => LogFormatter::Text,
        };
    }
    if let Some(word) = decoder.word(&key("timestamp_format")) {
        handler.timestamp_format = match word {
            "epoch" => TimestampFormat::Epoch,
            "rfc3339" => TimestampFormat::Rfc3339,
            _ => TimestampFormat::Auto,
        };
    }
    decoder.read(&key("time_offset"), &mut handler.time_offset, |value, _| {
        time_offset(text(value)?)
    });
}

/// `system`, `utc`, `Z`, `+02:00`, `-0330`.
fn time_offset(text: &str) -> Option<TimeOffset> {
    match text {
        "system" | "local" => return Some(TimeOffset::System),
        "utc" | "Z" | "z" => return Some(TimeOffset::Utc),
        _ => {}
    }
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let digits = digits.replacen(':', "", 1);
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = digits.split_at(2);
    let (hours, minutes): (i16, i16) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours <= 23 && minutes <= 59).then(|| TimeOffset::Fixed(sign * (hours * 60 + minutes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_offsets_are_read() {
        for (text, offset) in [
            ("system", Some(TimeOffset::System)),
            ("utc", Some(TimeOffset::Utc)),
            ("+02:00", Some(TimeOffset::Fixed(120))),
            ("-0330", Some(TimeOffset::Fixed(-210))),
            ("+24:00", None),
            ("02:00", None),
            ("+2", None),
            ("", None),
        ] {
            assert_eq!(time_offset(text), offset, "{text}");
        }
    }
}
