//! Statistics: what is counted, shown as CSV, typed lines, JSON, Prometheus' metrics and a page. Everything here is rendered from
//! `state`, in pieces, so that ten thousand servers hold nobody up; who asked, and how it travels, is left to others.
//!
//! ```text
//! rows      which proxies, listeners and servers are shown, one after the other
//! columns   what is known of each: a table
//! info      what is known of the process: a table
//! listing   rows x columns as CSV, typed lines, JSON
//! prometheus                    as metrics
//! html, style                   as a page
//! request   what a request for the page asks for
//! ```

pub mod backend_columns;
pub mod columns;
pub mod html;
pub mod info;
pub mod listing;
pub mod metrics;
pub mod prometheus;
pub mod request;
pub mod rows;
pub mod schema;
pub mod standing;
mod style;
#[cfg(test)]
mod tests;
pub mod value;

use crate::state::variables::Reader;
use crate::state::{Facts, Running, State};
use crate::units::{Moment, WallClock};

/// What statistics are rendered from, at one moment.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The configuration in force, joined with what is alive.
    pub running: &'a Running,
    /// What is counted of the process.
    pub state: &'a State,
    /// The switches, for what is in maintenance.
    pub variables: &'a Reader,
    /// What is known of the process.
    pub facts: &'a Facts,
    /// The time since the process began.
    pub now: Moment,
    /// The wall clock.
    pub wall: WallClock,
    /// How much is told.
    pub detail: Detail,
}

/// How much is told of each row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    /// Addresses, cookies and algorithms (`stats show-legends`, or an operator).
    pub legends: bool,
    /// A backend's status says how many of its servers run: some of them are hidden.
    pub tally: bool,
}
