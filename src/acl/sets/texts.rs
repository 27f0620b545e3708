//! Whole texts, found by their hash, and texts that stand between delimiters of another one.

use super::Rank;
use crate::sample::text::Case;

/// Whole texts; of equal ones the first counts.
#[derive(Debug)]
pub struct Texts {
    case: Case,
    texts: Vec<(Box<[u8]>, Rank)>,
    /// Open addressing; a power of two long. 0 is free.
    slots: Vec<Slot>,
    /// Bit n: some text is n bytes long (63 stands for all longer ones).
    lengths: u64,
}

/// Index of a text plus 1, and some bits of its hash, so that most other texts are told apart without a look at them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Slot {
    index: u32,
    tag: u32,
}

impl Slot {
    /// The slot of the last of so many texts.
    pub(super) fn new(count: usize, hash: u64) -> Slot {
        Slot { index: count as u32, tag: tag(hash) }
    }

    /// Whose it is; nobody's when it is free.
    pub(super) fn index(self) -> Option<usize> {
        self.index.checked_sub(1).map(|index| index as usize)
    }

    /// May the text with this hash be its text?
    pub(super) fn may_be(self, hash: u64) -> bool {
        self.tag == tag(hash)
    }
}

impl Texts {
    /// A set of these texts, with their places.
    pub fn new(texts: impl ExactSizeIterator<Item = (Rank, Vec<u8>)>, case: Case) -> Texts {
        let room = (texts.len() * 2).next_power_of_two();
        let mut set = Texts { case, texts: Vec::with_capacity(texts.len()), slots: vec![Slot::default(); room], lengths: 0 };
        for (rank, text) in texts {
            let hash = hash(case, &text);
            let Err(free) = set.slot(&text, hash, || ()) else { continue };
            set.lengths |= length_bit(&text);
            set.texts.push((text.into_boxed_slice(), rank));
            set.slots[free] = Slot::new(set.texts.len(), hash);
        }
        set
    }

    /// The text's place, when it is one of them.
    #[inline]
    pub fn find(&self, text: &[u8]) -> Option<Rank> {
        self.search(text, || ())
    }

    fn search(&self, text: &[u8], compared: impl FnMut()) -> Option<Rank> {
        if self.lengths & length_bit(text) == 0 {
            return None;
        }
        let at = self.slot(text, hash(self.case, text), compared).ok()?;
        self.texts.get(self.slots.get(at)?.index()?).map(|(_, rank)| *rank)
    }

    /// The slot of a text, or the free one where it would go.
    fn slot(&self, text: &[u8], hash: u64, mut compared: impl FnMut()) -> Result<usize, usize> {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            compared();
            let slot = self.slots.get(at).copied().unwrap_or_default();
            let Some(index) = slot.index() else { return Err(at) };
            if slot.may_be(hash) && self.texts.get(index).is_some_and(|(known, _)| self.case.equal(known, text)) {
                return Ok(at);
            }
            at = (at + 1) & mask;
        }
    }
}

/// What a hash (FNV-1a) begins with.
pub(super) const SEED: u64 = 0xcbf2_9ce4_8422_2325;

/// The hash with one more byte.
#[inline]
pub(super) fn step(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
}

/// The hash stirred, so that its low bits depend on all of it.
#[inline]
pub(super) fn stirred(hash: u64) -> u64 {
    hash ^ (hash >> 29)
}

fn hash(case: Case, text: &[u8]) -> u64 {
    stirred(text.iter().fold(SEED, |hash, byte| step(hash, case.fold(*byte))))
}

/// The bits of a hash that do not choose the slot.
fn tag(hash: u64) -> u32 {
    (hash >> 32) as u32
}

fn length_bit(text: &[u8]) -> u64 {
    1 << text.len().min(63)
}

/// Texts that stand in another one with a delimiter or an end on either side.
#[derive(Debug)]
pub struct Words {
    texts: Texts,
    delimiters: &'static [u8],
    /// The most delimiters within one of the texts.
    most_within: usize,
}

impl Words {
    /// A set of these texts, of which delimiters at either end are no part.
    pub fn new(texts: Vec<Vec<u8>>, case: Case, delimiters: &'static [u8]) -> Words {
        let is_delimiter = |byte: &u8| delimiters.contains(byte);
        let stripped = super::ranked(texts).filter_map(|(rank, text)| {
            let start = text.iter().position(|byte| !is_delimiter(byte))?;
            let end = text.iter().rposition(|byte| !is_delimiter(byte))?;
            Some((rank, text.get(start..=end)?.to_vec()))
        });
        let texts: Vec<(Rank, Vec<u8>)> = stripped.collect();
        let within = |(_, text): &(Rank, Vec<u8>)| text.iter().filter(|byte| is_delimiter(byte)).count();
        Words { most_within: texts.iter().map(within).max().unwrap_or(0), texts: Texts::new(texts.into_iter(), case), delimiters }
    }

    /// The first that stands in the text: every run of words that is no longer than the longest pattern is looked up.
    pub fn find(&self, text: &[u8]) -> Option<Rank> {
        let mut first: Option<Rank> = None;
        let mut from = 0;
        for word in text.split(|byte| self.delimiters.contains(byte)) {
            let rest = text.get(from..).unwrap_or_default();
            let ends = rest.iter().enumerate().filter(|(_, byte)| self.delimiters.contains(byte)).map(|(at, _)| at);
            let runs = ends.chain([rest.len()]).take(self.most_within + 1);
            let found = runs.filter_map(|end| self.texts.find(rest.get(..end)?)).min();
            first = first.into_iter().chain(found).min();
            from += word.len() + 1;
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_equal_texts_the_first_is_found() {
        let check = |case, text: &str, expected| {
            let texts = ["a", "B", "a", "b", ""].map(|text| text.as_bytes().to_vec());
            assert_eq!(Texts::new((0..).zip(texts).collect::<Vec<_>>().into_iter(), case).find(text.as_bytes()), expected, "{text}");
        };
        check(Case::Matters, "a", Some(0));
        check(Case::Matters, "b", Some(3));
        check(Case::Ignored, "b", Some(1));
        check(Case::Matters, "A", None);
        check(Case::Matters, "", Some(4));
    }

    #[test]
    fn the_first_of_several_words_is_found() {
        let words = Words::new(["x/y", "/b/", "a", "/"].map(|text| text.as_bytes().to_vec()).to_vec(), Case::Matters, b"/?");
        let check = |text: &str, expected| assert_eq!(words.find(text.as_bytes()), expected, "{text}");
        check("/a/b/c", Some(1));
        check("/a/x/y", Some(0));
        check("/a?x", Some(2));
        check("/ab", None);
        check("/", None);
    }

    #[test]
    fn a_look_up_costs_the_same_for_any_number_of_texts() {
        for length in [10_u32, 1000, 100_000] {
            let texts: Vec<_> = (0..length).map(|number| (number, format!("/site/{number:x}").into_bytes())).collect();
            let set = Texts::new(texts.into_iter(), Case::Ignored);
            let mut compared = 0;
            for number in 0..100 {
                assert_eq!(set.search(format!("/SITE/{:X}", number % length).as_bytes(), || compared += 1), Some(number % length));
                assert_eq!(set.search(format!("/none/{number:x}").as_bytes(), || compared += 1), None);
            }
            assert!(compared < 200 * 3, "{compared} slots for 200 texts among {length}");
        }
    }
}
