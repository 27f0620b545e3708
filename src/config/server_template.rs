//! `server-template` (HAProxy manual, section 4.2): one line for several servers of a host, named by a prefix and a number.
//! What stands behind the name is read as a `server` line is.

use super::draft::Draft;
use super::line::Line;
use super::model::Server;
use super::{Reading, server_line, value};
use crate::fault::Fault;

/// Servers of one line, at most; a typing error is likelier than a wish for more.
const MOST: u32 = 10_000;

/// `server-template <prefix> <number> | <range> <address> [<parameters>]`
pub(super) fn parse_template(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let prefix = line.expect(1, "a prefix of names, a number and an address")?;
    let prefix = value::parse_name(prefix).map_err(|message| Fault::new(1, message))?.to_owned();
    let (first, last) = range(line)?;
    let (server, track) = server_line::read_server(draft, line, 3, None, reading)?;
    for number in first..=last {
        // An id is the first server's; the others follow it.
        let id = if server.id == 0 { 0 } else { server.id.saturating_add(number - first) };
        server_line::add_server(draft, Server { name: format!("{prefix}{number}"), id, ..server.clone() }, track.clone(), line)?;
    }
    Ok(())
}

/// `3` is 1 to 3; `5-7` is what it says.
fn range(line: &Line) -> Result<(u32, u32), Fault> {
    let text = line.expect_text(2, "a number of servers, or a range")?;
    let fault = || Fault::new(2, format!("'{text}' is neither a number of servers nor a range")).hint("3, or 1-3");
    let (first, last) = text.split_once('-').unwrap_or(("1", text));
    let number = |text: &str| text.parse::<u32>().map_err(|_| fault());
    match (number(first)?, number(last)?) {
        (first, last) if first <= last && last > 0 && last - first < MOST => Ok((first, last)),
        _ => Err(fault()),
    }
}
