//! Beginnings or ends of texts, in one sorted list in which each knows the longest other that is its own beginning.

use super::{Rank, ranked};
use crate::sample::text::Case;
use std::cmp::Ordering;

/// Which end of a text is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// `beg`
    Front,
    /// `end`
    Back,
}

/// Beginnings (or ends) of texts.
#[derive(Debug)]
pub struct Affixes {
    case: Case,
    end: End,
    sorted: Vec<Affix>,
}

#[derive(Debug)]
struct Affix {
    /// Folded.
    text: Box<[u8]>,
    rank: Rank,
    /// The first in the list of this one and all that it begins with.
    first: Rank,
    /// The longest that this one begins with.
    shorter: Option<u32>,
}

impl Affixes {
    /// A set of these beginnings or ends.
    pub fn new(texts: Vec<Vec<u8>>, case: Case, end: End) -> Affixes {
        let mut affixes: Vec<(Rank, Box<[u8]>)> = ranked(texts)
            .map(|(rank, mut text)| {
                text.iter_mut().for_each(|byte| *byte = case.fold(*byte));
                (rank, text.into_boxed_slice())
            })
            .collect();
        // Equal ones stay in their order, and the first of them is kept.
        affixes.sort_by(|(_, a), (_, b)| compare(a, b, Case::Matters, end).0);
        affixes.dedup_by(|(_, a), (_, b)| a == b);
        let mut sorted: Vec<Affix> = Vec::with_capacity(affixes.len());
        let mut shorter: Vec<u32> = Vec::new();
        for (rank, text) in affixes {
            let begins = |index: &u32| sorted.get(*index as usize).is_some_and(|affix| begins(&affix.text, &text, end));
            while shorter.last().is_some_and(|index| !begins(index)) {
                shorter.pop();
            }
            let parent = shorter.last().copied();
            let first = parent.and_then(|index| sorted.get(index as usize)).map_or(rank, |affix| affix.first.min(rank));
            shorter.push(sorted.len() as u32);
            sorted.push(Affix { text, rank, first, shorter: parent });
        }
        Affixes { case, end, sorted }
    }

    /// The longest that the text begins (or ends) with.
    #[inline]
    pub fn find_longest(&self, text: &[u8]) -> Option<Rank> {
        self.search(text, || ()).map(|affix| affix.rank)
    }

    /// The first in the list that the text begins (or ends) with.
    #[inline]
    pub fn find_first(&self, text: &[u8]) -> Option<Rank> {
        self.search(text, || ()).map(|affix| affix.first)
    }

    /// All that the text begins with are beginnings of the one that stands last before it in the list, which has the most in common with it.
    fn search(&self, text: &[u8], mut compared: impl FnMut()) -> Option<&Affix> {
        let behind = self.sorted.partition_point(|affix| {
            compared();
            compare(&affix.text, text, self.case, self.end).0 != Ordering::Greater
        });
        let mut affix = self.sorted.get(behind.checked_sub(1)?)?;
        let common = compare(&affix.text, text, self.case, self.end).1;
        while affix.text.len() > common {
            compared();
            affix = self.sorted.get(affix.shorter? as usize)?;
        }
        Some(affix)
    }
}

/// How an affix stands to a text, and how many bytes they have in common.
fn compare(affix: &[u8], text: &[u8], case: Case, end: End) -> (Ordering, usize) {
    let difference = match end {
        End::Front => affix.iter().zip(text).position(|(a, b)| *a != case.fold(*b)),
        End::Back => affix.iter().rev().zip(text.iter().rev()).position(|(a, b)| *a != case.fold(*b)),
    };
    let Some(at) = difference else { return (affix.len().cmp(&text.len()), affix.len().min(text.len())) };
    let byte = |text: &[u8]| match end {
        End::Front => text.get(at).copied(),
        End::Back => text.len().checked_sub(at + 1).and_then(|at| text.get(at)).copied(),
    };
    (byte(affix).cmp(&byte(text).map(|byte| case.fold(byte))), at)
}

fn begins(affix: &[u8], text: &[u8], end: End) -> bool {
    match end {
        End::Front => text.starts_with(affix),
        End::Back => text.ends_with(affix),
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
    fn a_look_up_costs_as_much_as_the_number_of_digits_says() {
        for length in [10_u32, 1000, 100_000] {
            let set = Affixes::new((0..length).map(|n| format!("/{n:x}/").into_bytes()).collect(), Case::Matters, End::Front);
            let mut compared = 0;
            assert!(set.search(b"/7/index.html", || compared += 1).is_some());
            assert!(compared <= length.ilog2() + 3, "{compared} of {length}");
        }
    }
}
