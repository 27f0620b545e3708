//! Comparisons of bytes with or without regard to ASCII case, none of which allocates.
//! Sets of many texts are `acl::sets`.

/// Does `A` differ from `a`?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Case {
    /// It does.
    #[default]
    Matters,
    /// It does not (`-i`, the `i` forms of `req*`).
    Ignored,
}

impl Case {
    /// The byte as it is compared.
    #[inline]
    pub fn fold(self, byte: u8) -> u8 {
        match self {
            Case::Matters => byte,
            Case::Ignored => byte.to_ascii_lowercase(),
        }
    }

    /// Are the texts the same?
    #[inline]
    pub fn equal(self, a: &[u8], b: &[u8]) -> bool {
        match self {
            Case::Matters => a == b,
            Case::Ignored => a.eq_ignore_ascii_case(b),
        }
    }

    /// Does the text begin so?
    #[inline]
    pub fn begins(self, text: &[u8], prefix: &[u8]) -> bool {
        text.get(..prefix.len()).is_some_and(|head| self.equal(head, prefix))
    }

    /// Where the part lies in the text first, from `from` on.
    pub fn find(self, text: &[u8], part: &[u8], from: usize) -> Option<usize> {
        let rest = text.get(from..)?;
        let Some((&first, _)) = part.split_first() else { return Some(from) };
        let first = self.fold(first);
        let last = rest.len().checked_sub(part.len())?;
        rest.iter()
            .take(last + 1)
            .enumerate()
            .filter(|(_, byte)| self.fold(**byte) == first)
            .find(|(at, _)| rest.get(*at..).is_some_and(|tail| self.begins(tail, part)))
            .map(|(at, _)| from + at)
    }
}

/// The word as it is shown in a message.
pub fn shown(word: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_found_with_or_without_regard_to_case() {
        let check = |case: Case, text: &str, part: &str, expected| {
            assert_eq!(case.find(text.as_bytes(), part.as_bytes(), 0), expected, "{part} in {text}");
        };
        check(Case::Matters, "abcabd", "abd", Some(3));
        check(Case::Matters, "abcABD", "abd", None);
        check(Case::Ignored, "abcABD", "abd", Some(3));
        check(Case::Matters, "ab", "abc", None);
        check(Case::Matters, "ab", "", Some(0));
        check(Case::Matters, "ab", "b", Some(1));
    }
}
