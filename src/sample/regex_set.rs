//! Many regular expressions that are tried at once, in one walk over the text.
//! How they are written is `regex`'s.

use super::regex::{last_line, translate};
use super::text::Case;
use crate::fault::Fault;
use ::regex::bytes::RegexSetBuilder;

/// The largest set of compiled expressions, in bytes.
const LARGEST_SET: usize = 1 << 30;

/// Many expressions that are tried at once.
#[derive(Debug)]
pub struct RegexSet {
    compiled: ::regex::bytes::RegexSet,
}

impl RegexSet {
    /// Compiles expressions that compile one by one; a fault is about word 0.
    pub fn parse(sources: &[Vec<u8>], case: Case) -> Result<RegexSet, Fault> {
        let translated = sources.iter().map(|source| translate(source)).collect::<Result<Vec<_>, _>>()?;
        let compiled = RegexSetBuilder::new(&translated)
            .unicode(false)
            .case_insensitive(case == Case::Ignored)
            .size_limit(LARGEST_SET)
            .build()
            .map_err(|error| Fault::new(0, format!("these are too many regular expressions: {}", last_line(&error.to_string()))))?;
        Ok(RegexSet { compiled })
    }

    /// Does any match?
    pub fn matches(&self, text: &[u8]) -> bool {
        self.compiled.is_match(text)
    }

    /// The place of the first that matches, from 0.
    pub fn first(&self, text: &[u8]) -> Option<u32> {
        // Which ones match is noted in memory of its own, so that it is asked only when there are any.
        self.matches(text).then(|| self.compiled.matches(text).iter().next())?.map(|place| place as u32)
    }
}
