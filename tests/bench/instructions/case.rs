//! What one case is, and the part of it that is counted.

/// One operation to count.
#[derive(Clone, Copy)]
pub struct Case {
    /// As in the thresholds file and on the command line.
    pub name: &'static str,
    /// Operations of the shorter of the two runs.
    pub operations: u32,
    /// Sets up, then does so many operations inside [`counted`].
    pub run: fn(u32),
}

/// Does `operation` with the numbers from 0 to `operations`. Callgrind counts in here and nowhere else: it knows
/// the function by its name.
#[inline(never)]
pub fn counted(operations: u32, mut operation: impl FnMut(u32)) {
    for number in 0..operations {
        operation(number);
    }
}
