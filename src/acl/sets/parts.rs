//! Parts of texts, looked for all at once.

use super::Rank;
use crate::fault::Fault;
use crate::sample::text::Case;
use aho_corasick::automaton::OverlappingState;
use aho_corasick::{AhoCorasick, MatchKind};

/// Parts of texts; of several the first in the list counts.
#[derive(Debug)]
pub struct Parts {
    automaton: AhoCorasick,
}

impl Parts {
    /// A set of these parts; a fault is about word 0.
    pub fn new(parts: &[Vec<u8>], case: Case) -> Result<Parts, Fault> {
        let automaton = AhoCorasick::builder().match_kind(MatchKind::Standard).ascii_case_insensitive(case == Case::Ignored).build(parts);
        automaton.map(|automaton| Parts { automaton }).map_err(|error| Fault::new(0, format!("these are too many patterns: {error}")))
    }

    /// The first in the list that the text holds. The text is walked through once, whatever the number of parts.
    pub fn find(&self, text: &[u8]) -> Option<Rank> {
        let mut state = OverlappingState::start();
        let mut first = None;
        loop {
            // An automaton for standard matches refuses no search of this kind.
            self.automaton.try_find_overlapping(text, &mut state).ok()?;
            let Some(found) = state.get_match() else { return first };
            let rank = found.pattern().as_u32();
            first = Some(first.map_or(rank, |first: Rank| first.min(rank)));
        }
    }

    /// Does the text hold any?
    pub fn any(&self, text: &[u8]) -> bool {
        self.automaton.is_match(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_several_parts_is_found() {
        let parts = ["shop", "a", "hop", "/A/", "a"].map(|text| text.as_bytes().to_vec());
        let check = |case, text: &str, expected: Option<Rank>| {
            let set = Parts::new(&parts, case).expect("a set");
            assert_eq!(set.find(text.as_bytes()), expected, "{text}");
            assert_eq!(set.any(text.as_bytes()), expected.is_some(), "{text}");
        };
        check(Case::Matters, "/hop/shop", Some(0));
        check(Case::Matters, "/hop", Some(2));
        check(Case::Matters, "/A/", Some(3));
        check(Case::Ignored, "/A/", Some(1));
        check(Case::Matters, "/x", None);
        assert_eq!(Parts::new(&[], Case::Matters).expect("a set").find(b"x"), None);
    }

    #[test]
    fn many_parts_agree_with_a_walk_over_them() {
        let parts: Vec<Vec<u8>> = (0..2000_u32).map(|n| format!("{:x}", n.wrapping_mul(2_654_435_761) >> 16).into_bytes()).collect();
        let set = Parts::new(&parts, Case::Matters).expect("a set");
        for number in 0..2000_u32 {
            let text = format!("/{:x}/{:x}", number.wrapping_mul(2_246_822_519), number);
            let first = parts.iter().position(|part| Case::Matters.find(text.as_bytes(), part, 0).is_some());
            assert_eq!(set.find(text.as_bytes()), first.map(|rank| rank as Rank), "{text}");
        }
    }
}
