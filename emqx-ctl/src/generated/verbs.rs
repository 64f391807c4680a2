//! The verbs of the control protocol, out of the example bytes that the tests of the shared crate keep: what
//! the pages say of roles and positions is what travels.

use std::sync::LazyLock;

use emqx_shared::codec::decode;
use emqx_shared::{Request, Role};

use super::page::root;

/// Every request there is with its bytes, in the order of their positions.
pub fn requests() -> &'static [(Vec<u8>, Request)] {
    static REQUESTS: LazyLock<Vec<(Vec<u8>, Request)>> = LazyLock::new(|| {
        let examples = examples("requests.hex").into_iter();
        examples
            .map(|(_, bytes)| (bytes.clone(), decode(&bytes).unwrap()))
            .collect()
    });
    &REQUESTS
}

/// A file of example bytes: names and bytes.
pub fn examples(file: &str) -> Vec<(String, Vec<u8>)> {
    let path = root().join("shared/tests/wire/v1").join(file);
    let text = std::fs::read_to_string(path).unwrap();
    let example = |line: &str| {
        let (name, hex) = line.split_once(" = ").unwrap();
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        (name.to_owned(), hex.as_bytes().chunks(2).map(byte).collect())
    };
    text.lines().map(example).collect()
}

/// The verbs of the control protocol below one command, and the least role that may use them.
pub fn of_command(command: &str) -> Vec<(&'static str, Role)> {
    let mut verbs: Vec<(&str, Role)> = Vec::new();
    for (_, request) in requests() {
        let row = (request.verb(), request.role());
        let is_below = row.0.split(' ').next() == Some(command);
        if is_below && !verbs.contains(&row) {
            verbs.push(row);
        }
    }
    verbs
}
