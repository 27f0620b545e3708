//! The configuration language: text in, an immutable `Config` out, and every fault of the text with its place.
//! What the rules, tests and values mean is in the rooms below; what is alive is in `state`.

pub mod model;
