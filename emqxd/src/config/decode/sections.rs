//! `node`, `retainer`, `force_shutdown`, `banned`, `flapping_detect`, `sys_topics` and `control`.

use super::super::Config;
use super::super::node::{is_cookie, is_node_name};
use super::{Decoder, text};
use crate::security_profile::SecurityProfile;

pub(super) fn read(decoder: &mut Decoder<'_>, config: &mut Config) {
    node(decoder, config);
    retainer(decoder, config);
    guards(decoder, config);
    sys_topics(decoder, config);
    control(decoder, config);
}

fn node(decoder: &mut Decoder<'_>, config: &mut Config) {
    let node = &mut config.node;
    decoder.read("node.name", &mut node.name, |value, _| {
        text(value).filter(|name| is_node_name(name)).map(str::to_owned)
    });
    decoder.read("node.cookie", &mut node.cookie, |value, _| {
        text(value).filter(|cookie| is_cookie(cookie)).map(str::to_owned)
    });
    decoder.path("node.data_dir", &mut node.data_dir);
    decoder.integer_or_none("node.workers", &mut config.workers);
    let node = &mut config.node;
    decoder.boolean("node.allow_anonymous", &mut node.allow_anonymous);
    decoder.duration("node.drain_time", &mut node.drain_time);
    decoder.read("node.security_profile", &mut node.security_profile, |value, _| {
        SecurityProfile::parse(text(value)?)
    });
}

fn retainer(decoder: &mut Decoder<'_>, config: &mut Config) {
    let retainer = &mut config.retainer;
    decoder.boolean("retainer.enable", &mut retainer.enable);
    decoder.duration_or_none("retainer.msg_expiry_interval", &mut retainer.msg_expiry_interval);
    decoder.duration_or_none("retainer.msg_clear_interval", &mut retainer.msg_clear_interval);
    decoder.size_or_none("retainer.max_payload_size", &mut retainer.max_payload_size);
    decoder.boolean("retainer.stop_publish_clear_msg", &mut retainer.stop_publish_clear_msg);
    decoder.rate("retainer.delivery_rate", &mut retainer.delivery_rate);
    decoder.rate("retainer.max_publish_rate", &mut retainer.max_publish_rate);
    decoder.integer_or_none(
        "retainer.backend.max_retained_messages",
        &mut retainer.max_retained_messages,
    );
}

fn guards(decoder: &mut Decoder<'_>, config: &mut Config) {
    let shutdown = &mut config.force_shutdown;
    decoder.boolean("force_shutdown.enable", &mut shutdown.enable);
    decoder.integer("force_shutdown.max_mailbox_size", &mut shutdown.max_mailbox_size);
    decoder.size("force_shutdown.max_heap_size", &mut shutdown.max_heap_size);
    let (folders, file) = (decoder.folders, &mut config.banned.bootstrap_file);
    decoder.read("banned.bootstrap_file", file, |value, _| {
        let text = text(value).filter(|text| !text.contains('\0'))?;
        Some((!text.is_empty()).then(|| folders.put_into(text)))
    });
    let flapping = &mut config.flapping_detect;
    decoder.boolean("flapping_detect.enable", &mut flapping.enable);
    decoder.duration("flapping_detect.window_time", &mut flapping.window_time);
    decoder.integer("flapping_detect.max_count", &mut flapping.max_count);
    decoder.duration("flapping_detect.ban_time", &mut flapping.ban_time);
}

fn sys_topics(decoder: &mut Decoder<'_>, config: &mut Config) {
    let sys = &mut config.sys_topics;
    decoder.duration_or_none("sys_topics.sys_msg_interval", &mut sys.sys_msg_interval);
    decoder.duration_or_none("sys_topics.sys_heartbeat_interval", &mut sys.sys_heartbeat_interval);
    for (name, slot) in [
        ("client_connected", &mut sys.client_connected),
        ("client_disconnected", &mut sys.client_disconnected),
        ("client_subscribed", &mut sys.client_subscribed),
        ("client_unsubscribed", &mut sys.client_unsubscribed),
    ] {
        decoder.boolean(&format!("sys_topics.sys_event_messages.{name}"), slot);
    }
}

fn control(decoder: &mut Decoder<'_>, config: &mut Config) {
    let control = &mut config.control;
    let mut socket = control.socket.take().unwrap_or_default();
    decoder.path("control.socket", &mut socket);
    control.socket = (!socket.as_os_str().is_empty()).then_some(socket);
    decoder.text("control.admin_group", &mut control.admin_group);
    decoder.text("control.read_group", &mut control.read_group);
    decoder.integer("control.max_connections", &mut control.max_connections);
}
