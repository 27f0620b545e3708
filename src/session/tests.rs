//! The session as a machine: whole exchanges by script, each with the same result however its bytes are cut.
//! `stage` plays the worker; `exchanges` are answers as they should be, `endings` those that fail, `statistics` those that byway gives
//! in the place of a server; `turns` are single cases.

mod endings;
mod exchanges;
mod options;
mod stage;
mod statistics;
mod turns;
mod waits;
