//! The rows of a snapshot, written into its pages.

use std::sync::Arc;

use bytes::BytesMut;
use emqxd_broker::{RetainedRow, ShareGroup};
use emqxd_cluster::stream::{PageBuffer, Record, RetainedRecord, Row};

use super::retained;
use crate::clock::Clock;

pub(super) fn push_filters(filters: &[String], page: &mut PageBuffer) {
    for filter in filters {
        page.push(&Record::Present(Row::Route { filter }), None);
    }
}

/// The members that are on this node.
pub(super) fn push_members(groups: &[Arc<ShareGroup>], page: &mut PageBuffer) {
    for group in groups {
        for member in group.local_members() {
            let row = Row::Member {
                group: group.name(),
                filter: group.filter(),
                client_id: &member.client_id,
            };
            page.push(&Record::Present(row), None);
        }
    }
}

/// Retained messages, and what is left of those that are gone.
pub(super) fn push_retained(rows: &[RetainedRow], clock: &Clock, page: &mut PageBuffer) {
    let mut room = BytesMut::new();
    for row in rows {
        match &row.message {
            Some(message) => {
                let record = retained::record(message, row.stamp, clock, &mut room);
                page.push(&Record::Present(Row::Retained(record)), Some(&message.payload));
            }
            None => {
                let record = RetainedRecord {
                    at: row.stamp.at,
                    node: row.stamp.node,
                    topic: &row.topic,
                    ..RetainedRecord::default()
                };
                page.push(&Record::Absent(Row::Retained(record)), None);
            }
        }
    }
}
