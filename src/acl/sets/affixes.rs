//! Beginnings or ends of texts, found by their hashes: one look at each length that some of them has.

use super::texts::{SEED, Slot, step, stirred};
use super::{Rank, ranked};
use crate::sample::text::Case;

/// Which end of a text is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// `beg`
    Front,
    /// `end`
    Back,
}

/// Beginnings (or ends) of texts; of equal ones the first counts.
#[derive(Debug)]
pub struct Affixes {
    case: Case,
    end: End,
    affixes: Vec<Affix>,
    /// Open addressing; a power of two long.
    slots: Vec<Slot>,
    /// The lengths that there are, the shortest first.
    lengths: Vec<usize>,
}

#[derive(Debug)]
struct Affix {
    /// Folded.
    text: Box<[u8]>,
    rank: Rank,
}

impl Affixes {
    /// A set of these beginnings or ends.
    pub fn new(texts: Vec<Vec<u8>>, case: Case, end: End) -> Affixes {
        let room = (texts.len() * 2).next_power_of_two();
        let mut lengths: Vec<usize> = texts.iter().map(Vec::len).collect();
        lengths.sort_unstable();
        lengths.dedup();
        let mut set = Affixes { case, end, affixes: Vec::with_capacity(texts.len()), slots: vec![Slot::default(); room], lengths };
        for (rank, mut text) in ranked(texts) {
            text.iter_mut().for_each(|byte| *byte = case.fold(*byte));
            let hash = match end {
                End::Front => text.iter().fold(SEED, |hash, byte| step(hash, *byte)),
                End::Back => text.iter().rev().fold(SEED, |hash, byte| step(hash, *byte)),
            };
            let Err(free) = set.slot(&text, stirred(hash), &mut || ()) else { continue };
            set.affixes.push(Affix { text: text.into_boxed_slice(), rank });
            set.slots[free] = Slot::new(set.affixes.len(), stirred(hash));
        }
        set
    }

    /// The longest that the text begins (or ends) with.
    #[inline]
    pub fn find_longest(&self, text: &[u8]) -> Option<Rank> {
        let mut longest = None;
        self.each_found(text, || (), |affix| longest = Some(affix.rank));
        longest
    }

    /// The first in the list that the text begins (or ends) with.
    #[inline]
    pub fn find_first(&self, text: &[u8]) -> Option<Rank> {
        let mut first: Option<Rank> = None;
        self.each_found(text, || (), |affix| first = Some(first.map_or(affix.rank, |first| first.min(affix.rank))));
        first
    }

    /// Shows all that the text begins (or ends) with, the shortest first.
    fn each_found(&self, text: &[u8], mut compared: impl FnMut(), mut show: impl FnMut(&Affix)) {
        let mut hash = SEED;
        let mut hashed = 0;
        for length in self.lengths.iter().copied().take_while(|length| *length <= text.len()) {
            let start = if self.end == End::Front { 0 } else { text.len() - length };
            let part = text.get(start..start + length).unwrap_or_default();
            let fresh = length - hashed;
            hash = match self.end {
                End::Front => part.iter().skip(hashed).fold(hash, |hash, byte| step(hash, self.case.fold(*byte))),
                End::Back => part.iter().take(fresh).rev().fold(hash, |hash, byte| step(hash, self.case.fold(*byte))),
            };
            hashed = length;
            if let Ok(affix) = self.slot(part, stirred(hash), &mut compared) {
                show(affix);
            }
        }
    }

    /// The affix that the text is, or the free slot where it would go.
    fn slot(&self, text: &[u8], hash: u64, compared: &mut impl FnMut()) -> Result<&Affix, usize> {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            compared();
            let slot = self.slots.get(at).copied().unwrap_or_default();
            let Some(index) = slot.index() else { return Err(at) };
            let known = self.affixes.get(index).filter(|known| slot.may_be(hash) && self.case.equal(&known.text, text));
            if let Some(known) = known {
                return Ok(known);
            }
            at = (at + 1) & mask;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn affixes(texts: &[&str], case: Case, end: End) -> Affixes {
        Affixes::new(texts.iter().map(|text| text.as_bytes().to_vec()).collect(), case, end)
    }

    #[test]
    fn the_longest_and_the_first_are_found() {
        let texts = ["/a/b", "/a", "/a/b/c", "/b", "/a", "/A/b"];
        let check = |case, text: &str, longest, first| {
            let set = affixes(&texts, case, End::Front);
            assert_eq!((set.find_longest(text.as_bytes()), set.find_first(text.as_bytes())), (longest, first), "{text}");
        };
        check(Case::Matters, "/a/b/c/d", Some(2), Some(0));
        check(Case::Matters, "/a/bb", Some(0), Some(0));
        check(Case::Matters, "/a/c", Some(1), Some(1));
        check(Case::Matters, "/A/b", Some(5), Some(5));
        check(Case::Ignored, "/A/b", Some(0), Some(0));
        check(Case::Matters, "/c", None, None);
        check(Case::Matters, "", None, None);
        let ends = affixes(&["a.com", ".com", "b.com", "m"], Case::Matters, End::Back);
        assert_eq!(ends.find_first(b"aa.com"), Some(0));
        assert_eq!(ends.find_first(b"b.com"), Some(1));
        assert_eq!(ends.find_longest(b"b.com"), Some(2));
        assert_eq!(ends.find_first(b"m"), Some(3));
        assert_eq!(affixes(&[""], Case::Matters, End::Front).find_first(b"/x"), Some(0));
    }

    #[test]
    fn a_large_set_agrees_with_a_walk_over_its_texts() {
        let words: Vec<Vec<u8>> =
            (0..3000_u32).map(|n| format!("/{:x}/{}", n.wrapping_mul(2_654_435_761) >> 20, n % 7).into_bytes()).collect();
        let subjects: Vec<Vec<u8>> =
            (0..3000_u32).map(|n| format!("/{:X}/{}/x", n.wrapping_mul(2_246_822_519) >> 20, n % 9).into_bytes()).collect();
        for case in [Case::Matters, Case::Ignored] {
            let fronts = Affixes::new(words.clone(), case, End::Front);
            let backs = Affixes::new(words.iter().map(|word| word[1..].to_vec()).collect(), case, End::Back);
            let mut found = 0;
            for subject in words.iter().chain(&subjects) {
                let first = words.iter().position(|word| case.begins(subject, word)).map(|rank| rank as Rank);
                assert_eq!(fronts.find_first(subject), first, "{:?}", String::from_utf8_lossy(subject));
                let ends =
                    |word: &Vec<u8>| subject.len() >= word.len() - 1 && case.equal(&subject[subject.len() + 1 - word.len()..], &word[1..]);
                assert_eq!(backs.find_first(subject), words.iter().position(ends).map(|rank| rank as Rank));
                found += usize::from(first.is_some());
            }
            assert!(found > 3000 && found < 6000, "{found}");
        }
    }

    #[test]
    fn a_look_up_costs_as_much_as_there_are_lengths() {
        for length in [10_u32, 1000, 100_000] {
            let set = Affixes::new((0..length).map(|n| format!("/{n:05x}/").into_bytes()).collect(), Case::Matters, End::Front);
            let mut compared = 0;
            for number in 0..100 {
                let text = format!("/{:05x}/index.html", number % length);
                set.each_found(text.as_bytes(), || compared += 1, |affix| assert_eq!(affix.rank, number % length));
            }
            assert!(compared < 300, "{compared} slots for 100 texts among {length}");
        }
    }
}
