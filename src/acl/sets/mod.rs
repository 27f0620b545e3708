//! Sets of patterns in which a look-up costs about the same for one pattern and for a hundred thousand. Each says which of its
//! patterns matches, by its place in the list: where several do, the one that HAProxy takes.
//! Which pattern belongs in which set is `patterns`'s.

mod affixes;
mod numbers;
mod parts;
mod regexes;
mod texts;

pub use affixes::{Affixes, End};
pub use numbers::{Networks, Numbers};
pub use parts::Parts;
pub use regexes::Regexes;
pub use texts::{Texts, Words};

/// Place of a pattern in its list, from 0.
pub type Rank = u32;

/// Entries with their places.
fn ranked<T>(entries: Vec<T>) -> impl Iterator<Item = (Rank, T)> {
    (0..).zip(entries)
}
