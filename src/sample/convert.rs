//! Converters, a row each: name, arguments, input and output types, and its line of manual.
