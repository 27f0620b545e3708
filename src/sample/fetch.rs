//! Sample fetches, a row each: name, arguments, what it needs, what it yields, and its line of manual.
