//! Sets of patterns in which a look-up costs about the same for one pattern and for a hundred thousand.
//! Which pattern belongs in which set is `pattern`'s.

use crate::sample::text::Case;
use std::cmp::Ordering;

/// Ranges of numbers or addresses, both ends included; sorted, and none touches another.
#[derive(Debug)]
pub struct Ranges<T> {
    sorted: Vec<(T, T)>,
}

impl<T: Ord + Copy> Ranges<T> {
    /// A set of these ranges.
    pub fn new(mut ranges: Vec<(T, T)>) -> Ranges<T> {
        ranges.retain(|(low, high)| low <= high);
        ranges.sort_unstable();
        let mut sorted: Vec<(T, T)> = Vec::with_capacity(ranges.len());
        for (low, high) in ranges {
            match sorted.last_mut() {
                Some((_, last)) if low <= *last => *last = high.max(*last),
                _ => sorted.push((low, high)),
            }
        }
        Ranges { sorted }
    }

    /// Does one of the ranges hold the value?
    #[inline]
    pub fn contains(&self, value: T) -> bool {
        let behind = self.sorted.partition_point(|(low, _)| *low <= value);
        behind.checked_sub(1).and_then(|index| self.sorted.get(index)).is_some_and(|(_, high)| value <= *high)
    }
}

/// Whole texts, found by their hash.
#[derive(Debug)]
pub struct Texts {
    case: Case,
    texts: Vec<Box<[u8]>>,
    /// Open addressing; a power of two long, index of a text plus 1, 0 is free.
    slots: Vec<u32>,
    /// Bit n: some text is n bytes long (63 stands for all longer ones).
    lengths: u64,
}

impl Texts {
    /// A set of these texts.
    pub fn new(texts: Vec<Vec<u8>>, case: Case) -> Texts {
        let room = (texts.len() * 2).next_power_of_two();
        let mut set = Texts { case, texts: Vec::with_capacity(texts.len()), slots: vec![0; room], lengths: 0 };
        for text in texts {
            let Err(free) = set.slot(&text) else { continue };
            set.lengths |= length_bit(&text);
            set.texts.push(text.into_boxed_slice());
            set.slots[free] = set.texts.len() as u32;
        }
        set
    }

    /// Is the text one of them?
    #[inline]
    pub fn contains(&self, text: &[u8]) -> bool {
        self.lengths & length_bit(text) != 0 && self.slot(text).is_ok()
    }

    /// The slot of a text, or the free one where it would go.
    fn slot(&self, text: &[u8]) -> Result<usize, usize> {
        let mask = self.slots.len() - 1;
        let mut at = self.hash(text) as usize & mask;
        loop {
            let Some(index) = self.slots.get(at).and_then(|slot| slot.checked_sub(1)) else { return Err(at) };
            if self.texts.get(index as usize).is_some_and(|known| self.case.equal(known, text)) {
                return Ok(at);
            }
            at = (at + 1) & mask;
        }
    }

    /// FNV-1a over the folded bytes, stirred so that its low bits depend on all of them.
    fn hash(&self, text: &[u8]) -> u64 {
        let hash = text
            .iter()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(self.case.fold(*byte))).wrapping_mul(0x0100_0000_01b3));
        hash ^ (hash >> 29)
    }
}

fn length_bit(text: &[u8]) -> u64 {
    1 << text.len().min(63)
}

/// Which end of a text is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// `beg`
    Front,
    /// `end`
    Back,
}

/// Beginnings (or ends) of texts, sorted; none is a beginning of another, so that one candidate is looked at.
#[derive(Debug)]
pub struct Affixes {
    case: Case,
    end: End,
    sorted: Vec<Vec<u8>>,
}

impl Affixes {
    /// A set of these beginnings or ends.
    pub fn new(mut texts: Vec<Vec<u8>>, case: Case, end: End) -> Affixes {
        texts.sort_unstable_by(|a, b| compare(a, b, case, end));
        let mut sorted: Vec<Vec<u8>> = Vec::with_capacity(texts.len());
        for text in texts {
            if !sorted.last().is_some_and(|shorter| is_affix(shorter, &text, case, end)) {
                sorted.push(text);
            }
        }
        Affixes { case, end, sorted }
    }

    /// Does the text begin (or end) with one of them?
    #[inline]
    pub fn contains(&self, text: &[u8]) -> bool {
        let behind = self.sorted.partition_point(|affix| compare(affix, text, self.case, self.end) != Ordering::Greater);
        let candidate = behind.checked_sub(1).and_then(|index| self.sorted.get(index));
        candidate.is_some_and(|affix| is_affix(affix, text, self.case, self.end))
    }
}

fn compare(a: &[u8], b: &[u8], case: Case, end: End) -> Ordering {
    let fold = |byte: &u8| case.fold(*byte);
    match end {
        End::Front => a.iter().map(fold).cmp(b.iter().map(fold)),
        End::Back => a.iter().rev().map(fold).cmp(b.iter().rev().map(fold)),
    }
}

fn is_affix(affix: &[u8], text: &[u8], case: Case, end: End) -> bool {
    match end {
        End::Front => case.begins(text, affix),
        End::Back => text.len().checked_sub(affix.len()).and_then(|start| text.get(start..)).is_some_and(|tail| case.equal(tail, affix)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_both_their_ends() {
        let set = Ranges::new(vec![(5, 9), (1, 3), (8, 12), (20, 20), (7, 2), (i64::MIN, -5)]);
        let check = |value, expected| assert_eq!(set.contains(value), expected, "{value}");
        for inside in [1, 3, 5, 9, 10, 12, 20, -5, i64::MIN] {
            check(inside, true);
        }
        for outside in [0, 4, 13, 19, 21, -4, i64::MAX] {
            check(outside, false);
        }
        assert!(!Ranges::<u32>::new(Vec::new()).contains(0));
    }

    #[test]
    fn a_large_set_agrees_with_a_walk_over_its_texts() {
        let words: Vec<Vec<u8>> =
            (0..3000_u32).map(|n| format!("/{:x}/{}", n.wrapping_mul(2_654_435_761) >> 20, n % 7).into_bytes()).collect();
        let subjects: Vec<Vec<u8>> =
            (0..3000_u32).map(|n| format!("/{:X}/{}/x", n.wrapping_mul(2_246_822_519) >> 20, n % 9).into_bytes()).collect();
        for case in [Case::Matters, Case::Ignored] {
            let texts = Texts::new(words.clone(), case);
            let begins = Affixes::new(words.clone(), case, End::Front);
            let ends = Affixes::new(words.iter().map(|word| word[1..].to_vec()).collect(), case, End::Back);
            let mut found = 0;
            for subject in words.iter().chain(&subjects) {
                let begun = words.iter().any(|word| case.begins(subject, word));
                assert_eq!(begins.contains(subject), begun, "{:?}", String::from_utf8_lossy(subject));
                assert_eq!(texts.contains(subject), words.iter().any(|word| case.equal(subject, word)));
                let ended = words
                    .iter()
                    .any(|word| subject.len() >= word.len() - 1 && case.equal(&subject[subject.len() + 1 - word.len()..], &word[1..]));
                assert_eq!(ends.contains(subject), ended);
                found += usize::from(begun);
            }
            assert!(found > 3000 && found < 6000, "{found}");
        }
    }

    #[test]
    fn an_empty_affix_is_in_every_text() {
        assert!(Affixes::new(vec![Vec::new()], Case::Matters, End::Front).contains(b"/x"));
        assert!(!Affixes::new(Vec::new(), Case::Matters, End::Front).contains(b"/x"));
        assert!(!Texts::new(Vec::new(), Case::Matters).contains(b""));
    }
}
