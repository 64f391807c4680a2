//! Filters of a fleet: about 30 bytes, one in five with a wildcard, each matched by one topic of its own.
//!
//! [`topic`] of a number matches [`filter`] of that number and no other one, so a look-up finds one value
//! however many filters there are.

use std::fmt::Write;

/// Plants that the devices are spread over.
const PLANTS: u32 = 97;

/// Writes filter `number` into `out`, in place of what is there.
pub fn filter(number: u32, out: &mut String) {
    out.clear();
    let plant = number % PLANTS;
    let written = match number % 20 {
        0 | 10 => write!(out, "plant/{plant:02}/device/{number:07}/#"),
        5 => write!(out, "plant/+/device/{number:07}/state"),
        15 => write!(out, "plant/{plant:02}/device/{number:07}/+"),
        _ => write!(out, "plant/{plant:02}/device/{number:07}/state"),
    };
    written.expect("a String takes what is written to it");
}

/// Writes the topic that matches filter `number` into `out`, in place of what is there.
pub fn topic(number: u32, out: &mut String) {
    out.clear();
    let plant = number % PLANTS;
    write!(out, "plant/{plant:02}/device/{number:07}/state").expect("a String takes what is written to it");
}
