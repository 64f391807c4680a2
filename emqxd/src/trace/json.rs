//! A trace line as one JSON object: `{"time":…,"level":…,"msg":…,"meta":{"clientid":…,"packet":{…},…}}`.

use std::fmt::{self, Write};

use emqxd_broker::TraceEvent;
use mqtt_codec::{Connect, Packet};

use super::event_line::{EventLine, Value};
use super::packet_text::{Options, PublishView, Traced, UNDEFINED, header_qos, password};
use super::payload::PayloadForm;
use super::safe_text::{INFALLIBLE, Safe};
use crate::log::escape::Embedding;

/// Appends what follows the time, which ended with its quotation mark; without line feed.
pub(super) fn write(line: &mut String, event: &TraceEvent<'_>, shown: &EventLine<'_>, form: PayloadForm) {
    write_line(line, event, shown, form).expect(INFALLIBLE);
}

fn write_line(line: &mut String, event: &TraceEvent<'_>, shown: &EventLine<'_>, form: PayloadForm) -> fmt::Result {
    write!(
        line,
        ",\"level\":\"{}\",\"msg\":\"{}\"",
        shown.level.as_str(),
        shown.msg
    )?;
    line.push_str(",\"meta\":{");
    let mut meta = Object::begun(line);
    if !event.client_id.is_empty() {
        meta.text("clientid", event.client_id)?;
    }
    if let Some(peer) = event.peer {
        meta.text("peername", peer)?;
    }
    if let Some(packet) = shown.packet {
        meta.name("packet");
        write_packet(meta.line, packet, form)?;
    }
    for (name, value) in &shown.fields {
        match value {
            Value::Text(text) => meta.text(name, text)?,
            Value::Number(number) => meta.bare(name, number)?,
            Value::Flag(flag) => meta.bare(name, flag)?,
            Value::Options(options) => {
                meta.name(name);
                write_options(meta.line, options)?;
            }
            Value::Shutdown(reason) => meta.text(name, reason.name())?,
        }
    }
    if let Some(payload) = shown.payload {
        let payload = form.show(payload);
        meta.text("payload_encode", payload.encode.as_str())?;
        meta.text("payload", &payload)?;
    }
    meta.text("trace_tag", shown.tag)?;
    line.push_str("}}");
    Ok(())
}

/// An object under way: puts the commas.
struct Object<'a> {
    line: &'a mut String,
    is_empty: bool,
}

impl<'a> Object<'a> {
    fn begun(line: &'a mut String) -> Self {
        Self { line, is_empty: true }
    }

    fn open(line: &'a mut String) -> Self {
        line.push('{');
        Self::begun(line)
    }

    fn name(&mut self, name: &str) {
        if !std::mem::take(&mut self.is_empty) {
            self.line.push(',');
        }
        self.line.push('"');
        self.line.push_str(name);
        self.line.push_str("\":");
    }

    fn bare(&mut self, name: &str, value: impl fmt::Display) -> fmt::Result {
        self.name(name);
        write!(self.line, "{value}")
    }

    fn text(&mut self, name: &str, value: impl fmt::Display) -> fmt::Result {
        self.name(name);
        write_text(self.line, value)
    }

    fn close(self) {
        self.line.push('}');
    }
}

fn write_text(line: &mut String, value: impl fmt::Display) -> fmt::Result {
    line.push('"');
    let embedding = Embedding::Json;
    write!(Safe { line, embedding }, "{value}")?;
    line.push('"');
    Ok(())
}

fn write_options(line: &mut String, options: &Options) -> fmt::Result {
    let mut object = Object::open(line);
    for (name, value) in options.pairs() {
        object.bare(name, value)?;
    }
    object.close();
    Ok(())
}

fn write_packet(line: &mut String, packet: Traced<'_>, form: PayloadForm) -> fmt::Result {
    let mut object = Object::open(line);
    if let Some(publish) = packet.publish() {
        write_publish(&mut object, &publish, form)?;
        object.close();
        return Ok(());
    }
    match packet {
        Traced::Connect(connect) => write_connect(&mut object, connect, form)?,
        Traced::Packet(Packet::Connect(connect)) => write_connect(&mut object, connect, form)?,
        Traced::Packet(packet) => {
            header(
                &mut object,
                packet.packet_type().name(),
                header_qos(packet),
                false,
                false,
            )?;
            write_variable(&mut object, packet)?;
        }
        // Seen as a PUBLISH above.
        Traced::Delivery(_) => {}
    }
    object.close();
    Ok(())
}

fn header(object: &mut Object<'_>, name: &str, qos: u8, retain: bool, dup: bool) -> fmt::Result {
    object.text("type", name)?;
    object.bare("qos", qos)?;
    object.bare("retain", retain)?;
    object.bare("dup", dup)
}

fn write_publish(object: &mut Object<'_>, publish: &PublishView<'_>, form: PayloadForm) -> fmt::Result {
    header(object, "PUBLISH", publish.qos as u8, publish.retain, publish.dup)?;
    object.text("topic", publish.topic)?;
    match publish.packet_id {
        Some(packet_id) => object.bare("packet_id", packet_id.get())?,
        None => object.bare("packet_id", "null")?,
    }
    let payload = form.show(publish.payload);
    object.text("payload_encode", payload.encode.as_str())?;
    object.text("payload", &payload)
}

fn write_connect(object: &mut Object<'_>, connect: &Connect, form: PayloadForm) -> fmt::Result {
    header(object, "CONNECT", 0, false, false)?;
    object.text("clientid", &connect.client_id)?;
    object.text("proto_name", connect.protocol_version.name())?;
    object.bare("proto_ver", connect.protocol_version as u8)?;
    object.bare("clean_start", connect.clean_start)?;
    object.bare("keepalive", connect.keep_alive)?;
    object.text("username", connect.username.as_deref().unwrap_or(UNDEFINED))?;
    object.text("password", password(connect))?;
    if let Some(will) = &connect.will {
        object.bare("will_qos", will.qos as u8)?;
        object.bare("will_retain", will.retain)?;
        object.text("will_topic", &will.topic)?;
        let payload = form.show(&will.payload);
        object.text("will_payload_encode", payload.encode.as_str())?;
        object.text("will_payload", &payload)?;
    }
    Ok(())
}

fn write_variable(object: &mut Object<'_>, packet: &Packet) -> fmt::Result {
    match packet {
        Packet::Connack(connack) => {
            object.bare("ack_flags", u8::from(connack.session_present))?;
            object.bare("reason_code", connack.reason_code as u8)
        }
        Packet::Puback(ack) | Packet::Pubrec(ack) | Packet::Pubrel(ack) | Packet::Pubcomp(ack) => {
            object.bare("packet_id", ack.packet_id.get())?;
            object.bare("reason_code", ack.reason_code as u8)
        }
        Packet::Subscribe(subscribe) => {
            object.bare("packet_id", subscribe.packet_id.get())?;
            object.name("topic_filters");
            object.line.push('[');
            for (place, each) in subscribe.filters.iter().enumerate() {
                object.line.push_str(if place == 0 { "" } else { "," });
                let mut filter = Object::open(object.line);
                filter.text("topic", &each.filter)?;
                for (name, value) in Options::of_request(each).pairs() {
                    filter.bare(name, value)?;
                }
                filter.close();
            }
            object.line.push(']');
            Ok(())
        }
        Packet::Unsubscribe(unsubscribe) => {
            object.bare("packet_id", unsubscribe.packet_id.get())?;
            object.name("topic_filters");
            object.line.push('[');
            for (place, filter) in unsubscribe.filters.iter().enumerate() {
                object.line.push_str(if place == 0 { "" } else { "," });
                write_text(object.line, filter)?;
            }
            object.line.push(']');
            Ok(())
        }
        Packet::Suback(suback) => {
            object.bare("packet_id", suback.packet_id.get())?;
            object.name("reason_codes");
            object.line.push('[');
            for (place, code) in suback.reason_codes.iter().enumerate() {
                write!(object.line, "{}{}", if place == 0 { "" } else { "," }, *code as u8)?;
            }
            object.line.push(']');
            Ok(())
        }
        Packet::Unsuback(unsuback) => object.bare("packet_id", unsuback.packet_id.get()),
        Packet::Disconnect(disconnect) => object.bare("reason_code", disconnect.reason_code as u8),
        Packet::Auth(auth) => object.bare("reason_code", auth.reason_code as u8),
        Packet::Connect(_) | Packet::Publish(_) | Packet::Pingreq | Packet::Pingresp => Ok(()),
    }
}
