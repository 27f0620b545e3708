//! Regular expressions, of which many are tried at once.

use super::Rank;
use crate::fault::Fault;
use crate::sample::regex::Regex;
use crate::sample::regex_set::RegexSet;
use crate::sample::text::Case;

/// From here on a set of all expressions is asked first.
const FEW: usize = 8;

/// Regular expressions; of several that match the first counts.
#[derive(Debug)]
pub struct Regexes {
    each: Vec<Regex>,
    set: Option<RegexSet>,
}

impl Regexes {
    /// These expressions; a fault comes with the place of the expression in the list.
    pub fn new(sources: &[Vec<u8>], case: Case) -> Result<Regexes, (Rank, Fault)> {
        let each = sources.iter().zip(0..).map(|(source, rank)| Regex::parse(source, case).map_err(|fault| (rank, fault)));
        let each: Vec<Regex> = each.collect::<Result<_, _>>()?;
        let set = match each.len() > FEW {
            true => Some(RegexSet::parse(sources, case).map_err(|fault| (0, fault))?),
            false => None,
        };
        Ok(Regexes { each, set })
    }

    /// The first that matches.
    pub fn find(&self, text: &[u8]) -> Option<Rank> {
        match &self.set {
            Some(set) => set.first(text),
            None => (0..).zip(&self.each).find(|(_, regex)| regex.matches(text)).map(|(rank, _)| rank),
        }
    }

    /// Does any match?
    pub fn any(&self, text: &[u8]) -> bool {
        match &self.set {
            Some(set) => set.matches(text),
            None => self.each.iter().any(|regex| regex.matches(text)),
        }
    }

    /// The expression at a place.
    pub fn get(&self, rank: Rank) -> Option<&Regex> {
        self.each.get(rank as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_that_matches_is_found_among_few_and_many() {
        let many: Vec<Vec<u8>> = (0..200).map(|number| format!("^/s{number}(/|$)").into_bytes()).collect();
        let sources = [many, vec![b"^/s1".to_vec(), b"x$".to_vec()]].concat();
        let check = |from: usize, text: &str, expected: Option<usize>| {
            let set = Regexes::new(&sources[from..], Case::Matters).expect("a set");
            assert_eq!(set.find(text.as_bytes()), expected.map(|rank| (rank - from) as Rank), "{text}");
            assert_eq!(set.any(text.as_bytes()), expected.is_some(), "{text}");
        };
        for from in [0, 196] {
            check(from, "/s198/a", Some(198));
            check(from, "/s198x", Some(200));
            check(from, "/ax", Some(201));
            check(from, "/a", None);
        }
        assert_eq!(Regexes::new(&[b"a".to_vec(), b"(".to_vec()], Case::Matters).expect_err("a fault").0, 1);
    }
}
