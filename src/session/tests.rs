//! The session as a machine: whole exchanges by script, each with the same result however its bytes are cut.
//! `stage` plays the worker; `exchanges` are answers as they should be, `endings` those that fail; `turns` are single cases.

mod endings;
mod exchanges;
mod options;
mod stage;
mod turns;
