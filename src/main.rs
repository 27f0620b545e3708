//! The `byway` program.

fn main() {}
