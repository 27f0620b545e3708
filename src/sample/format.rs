//! Formats of logs and header values: `%` variables and `%[expressions]`.
