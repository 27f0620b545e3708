//! The parameters of `server` lines about connections to it: `source` and its kin, idle connections, `redir`.
//! The table that names them is `server_line`'s.

use super::Reading;
use super::line::Line;
use super::server_line::ServerDraft;
use super::source_line::{self, Ports};
use super::value::Unit;
use crate::fault::Fault;

/// What the table says of it is all there is to do.
pub(super) fn passed_over(_: &mut ServerDraft, _: &Line, _: usize, _: &mut Reading) -> Result<(), Fault> {
    Ok(())
}

pub(super) fn source(draft: &mut ServerDraft, line: &Line, index: usize, reading: &mut Reading) -> Result<(), Fault> {
    draft.reach.source = Some(source_line::parse_source(line, index, Ports::Range, reading)?);
    Ok(())
}

pub(super) fn usesrc(draft: &mut ServerDraft, line: &Line, index: usize, reading: &mut Reading) -> Result<(), Fault> {
    let source = draft.reach.source.as_mut().ok_or_else(|| needs_source(index))?;
    source_line::parse_usesrc(source, line, index, reading)
}

pub(super) fn interface(draft: &mut ServerDraft, line: &Line, index: usize, _: &mut Reading) -> Result<(), Fault> {
    let source = draft.reach.source.as_mut().ok_or_else(|| needs_source(index))?;
    source.interface = Some(source_line::parse_interface(line, index)?);
    Ok(())
}

fn needs_source(index: usize) -> Fault {
    Fault::new(index - 1, "it can only stand behind 'source'").hint("source * interface eth0")
}

pub(super) fn redir(draft: &mut ServerDraft, line: &Line, index: usize, _: &mut Reading) -> Result<(), Fault> {
    draft.redirect = Some(line.expect(index, "a prefix")?.to_vec());
    Ok(())
}

/// A number, where -1 is no limit.
fn limit(line: &Line, index: usize, reading: &mut Reading) -> Result<Option<u32>, Fault> {
    let number: i64 = reading.number_at(line, index, -1, i32::MAX.into())?;
    Ok(u32::try_from(number).ok())
}

pub(super) fn max_reuse(draft: &mut ServerDraft, line: &Line, index: usize, reading: &mut Reading) -> Result<(), Fault> {
    draft.reach.idle.reuses = limit(line, index, reading)?;
    Ok(())
}

pub(super) fn pool_max(draft: &mut ServerDraft, line: &Line, index: usize, reading: &mut Reading) -> Result<(), Fault> {
    draft.reach.idle.most = limit(line, index, reading)?;
    Ok(())
}

pub(super) fn pool_purge_delay(draft: &mut ServerDraft, line: &Line, index: usize, reading: &mut Reading) -> Result<(), Fault> {
    draft.reach.idle.purge_delay = reading.time_at(line, index, Unit::Millisecond)?.time;
    Ok(())
}

pub(super) fn tcp_ut(draft: &mut ServerDraft, line: &Line, index: usize, reading: &mut Reading) -> Result<(), Fault> {
    let time = reading.time_at(line, index, Unit::Millisecond)?.time;
    draft.reach.tcp_user_timeout = Some(time).filter(|time| !time.is_zero());
    Ok(())
}
