//! `listeners.<type>.<name>.websocket`

use super::super::hocon::{Node, Value};
use super::super::websocket::WebSocketOptions;
use super::{Decoder, text};

/// Texts of one list.
const TEXTS_MAX: usize = 256;

pub(super) fn read(decoder: &mut Decoder<'_>, prefix: &str, options: &mut WebSocketOptions) {
    let key = |name: &str| format!("{prefix}.{name}");
    decoder.read(&key("mqtt_path"), &mut options.mqtt_path, |value, _| {
        let path = text(value).filter(|path| path.starts_with('/') && !path.contains(['?', '#', ' ']))?;
        Some(path.to_owned())
    });
    decoder.boolean(&key("compress"), &mut options.compress);
    decoder.duration(&key("idle_timeout"), &mut options.idle_timeout);
    decoder.size_or_none(&key("max_frame_size"), &mut options.max_frame_size);
    decoder.boolean(&key("fail_if_no_subprotocol"), &mut options.fail_if_no_subprotocol);
    let subprotocols = &mut options.supported_subprotocols;
    decoder.read(&key("supported_subprotocols"), subprotocols, |value, _| texts(value));
    decoder.boolean(&key("check_origin_enable"), &mut options.check_origin_enable);
    decoder.read(&key("check_origins"), &mut options.check_origins, |value, _| {
        texts(value)
    });
    decoder.boolean(&key("allow_origin_absence"), &mut options.allow_origin_absence);
    let _packets_are_written_together = decoder.word(&key("mqtt_piggyback"));
    decoder.text(&key("proxy_address_header"), &mut options.proxy_address_header);
    decoder.text(&key("proxy_port_header"), &mut options.proxy_port_header);
}

/// A list, or texts with commas between them as EMQX writes it.
fn texts(value: &Value) -> Option<Vec<String>> {
    let texts: Vec<String> = match &value.node {
        Node::Array(items) => items
            .iter()
            .map(|item| text(item).map(str::to_owned))
            .collect::<Option<_>>()?,
        _ => text(value)?
            .split(',')
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
            .collect(),
    };
    (texts.len() <= TEXTS_MAX).then_some(texts)
}
