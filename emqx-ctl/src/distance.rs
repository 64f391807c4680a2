//! Did-you-mean: the known word that is closest to a mistyped one.

/// The candidate that differs from `typed` by few letters, `None` if none comes close.
pub fn closest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A third of the letters may be wrong; ids longer than this are nobody's typing mistake.
    const LETTERS_MAX: usize = 64;
    let typed: Vec<char> = typed.chars().take(LETTERS_MAX + 1).collect();
    if typed.len() > LETTERS_MAX {
        return None;
    }
    known
        .into_iter()
        .map(|word| (distance(&typed, word), word))
        .filter(|(distance, word)| *distance <= typed.len().max(word.len()).div_ceil(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// Edits that turn one word into the other; swapping two neighbours counts as one.
fn distance(from: &[char], to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in to.iter().enumerate() {
            let mut cost = (last[j + 1] + 1).min(row[j] + 1).min(last[j] + usize::from(a != b));
            if i > 0 && j > 0 && *a == to[j - 1] && from[i - 1] == *b {
                cost = cost.min(before[j - 1] + 1);
            }
            row.push(cost);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_the_word_that_was_meant() {
        let known = ["tcp:default", "ssl:default", "ws:default"];
        assert_eq!(closest("tcp:defualt", known), Some("tcp:default"));
        assert_eq!(closest("wss:default", known), Some("ws:default"));
        assert_eq!(closest("quic:nothing", known), None);
        assert_eq!(closest(&"x".repeat(70_000), known), None);
    }
}
