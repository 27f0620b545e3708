//! What is wrong with the words of a line: which word, why, and what to do about it.
//! The rooms below `config` return faults about the words they were given; `config` adds file and line.

use std::sync::Arc;

/// A line of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Place {
    /// The file, as it was named.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
}

/// A fault in a list of words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Index of the word at fault in the slice that was parsed; `words.len()` when something is missing at the end.
    pub word: usize,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// What to do about it, shown beside the caret; may be empty.
    pub hint: String,
}

impl Fault {
    /// A fault at a word, without a hint.
    pub fn new(word: usize, message: impl Into<String>) -> Fault {
        Fault { word, message: message.into(), hint: String::new() }
    }

    /// The same fault with a hint.
    pub fn hint(mut self, hint: impl Into<String>) -> Fault {
        self.hint = hint.into();
        self
    }

    /// The same fault as seen by a caller whose slice begins `words` words earlier.
    pub fn shift(mut self, words: usize) -> Fault {
        self.word += words;
        self
    }
}

/// The longest word that is compared for likeness, in bytes.
const LONGEST_COMPARED: usize = 64;

/// The candidate that a misspelt word most likely meant: at most a third of its letters off, and never more than three.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > LONGEST_COMPARED {
        return None;
    }
    let most = (word.len() / 3).clamp(1, 3);
    candidates
        .into_iter()
        .filter(|candidate| candidate.len().abs_diff(word.len()) <= most && *candidate != word)
        .map(|candidate| (edits(word.as_bytes(), candidate.as_bytes()), candidate))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Letters to insert, remove, change or swap with their neighbour to make one word of the other.
fn edits(from: &[u8], to: &[u8]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in to.iter().enumerate() {
            let change = above[j] + usize::from(!a.eq_ignore_ascii_case(b));
            let mut least = change.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == to[j - 1] && from[i - 1] == *b {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_word_finds_its_nearest_name() {
        let names = ["path", "path_beg", "path_end", "balance", "src"];
        let check = |word, expected: Option<&str>| assert_eq!(nearest(word, names), expected, "{word}");
        check("path_bge", Some("path_beg"));
        check("path_beg1", Some("path_beg"));
        check("blance", Some("balance"));
        check("scr", Some("src"));
        check("Path_Beg", Some("path_beg"));
        check("cookie", None);
        check("", None);
        check(&"x".repeat(100), None);
    }
}
