//! Resident memory of this process.

/// Bytes in use, without files that are mapped.
pub fn resident_bytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"))
        .expect("Linux 4.5 or newer");
    let kilobytes: f64 = line
        .trim()
        .trim_end_matches(" kB")
        .trim()
        .parse()
        .expect("a number of kB");
    kilobytes * 1024.0
}
