//! What is wrong with the words of a line: which word, why, and what to do about it.
//! The rooms below `config` return faults about the words they were given; `config` adds file and line.

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
