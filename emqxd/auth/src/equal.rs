//! Comparison in a time that depends on lengths only.

/// Whether two secrets are the same.
pub(crate) fn in_constant_time(a: &[u8], b: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(a, b).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_is_equal_and_nothing_else_is() {
        assert!(in_constant_time(b"", b"") && in_constant_time(b"abc", b"abc"));
        for other in [&b"abd"[..], b"ab", b"abcd", b""] {
            assert!(!in_constant_time(b"abc", other));
        }
    }
}
