//! Limits and tuning of the process as a whole (HAProxy manual, sections 3.1 and 3.2), a row for each keyword.
//! Accepting within the limits is the worker's; what cannot change an answer says so in its row.

use super::Reading;
use super::global::GlobalParse;
use super::keyword::{GLOBAL, Keyword, Status};
use super::line::{Line, Sense};
use super::model::Global;
use super::switch_line;
use super::value::{self, Unit};
use crate::fault::Fault;

/// A keyword that is done.
const fn row(name: &'static str, arguments: &'static str, parse: GlobalParse, manual: &'static str) -> Keyword<GlobalParse> {
    Keyword { name, allowed: GLOBAL, arguments, status: Status::Done, parse, manual }
}

/// A keyword whose absence changes no answer.
const fn without(name: &'static str, arguments: &'static str, reason: &'static str, manual: &'static str) -> Keyword<GlobalParse> {
    Keyword { name, allowed: GLOBAL, arguments, status: Status::Ignored(reason), parse: passed_over, manual }
}

const OWN_NUMBER: &str = "byway has a number of its own";
const ALL_SHOWN: &str = "what byway does needs no leave";
const MAY_FORK: &str = "programs are started for 'external-check' alone, which says so itself";
const NO_PEERS: &str = "there are no peers to name it to";
const NO_OLD_WORKERS: &str = "a reload leaves no old process behind";
const DATAGRAMS: &str = "it is about sockets for datagrams";
const AT_ONCE: &str = "idle connections are closed within a second of a soft stop";
const SYSTEM_RULE: &str = "whether the process may dump its memory is left to the system";

/// The keywords.
pub const LIMITS: &[Keyword<GlobalParse>] = &[
    without("close-spread-time", "<time>", AT_ONCE, "how long the end of idle connections is spread over at a soft stop"),
    without("expose-deprecated-directives", "", ALL_SHOWN, "lets later versions of HAProxy read what they will drop"),
    without("expose-experimental-directives", "", ALL_SHOWN, "lets HAProxy read what it is still trying out"),
    row("fd-hard-limit", "<number>", fd_hard_limit, "file descriptors from which maxconn is made when nothing says it"),
    row("grace", "<time>", grace, "how long after its signal a soft stop begins"),
    without("insecure-fork-wanted", "", MAY_FORK, "lets HAProxy start the programs of external checks"),
    without("localpeer", "<name>", NO_PEERS, "this process's name among its peers"),
    row("master-worker", "[no-exit-on-failure]", master_worker, "as -W: the exit status of HAProxy's master"),
    row("maxconnrate", "<number>", maxconnrate, "connections of all clients in a second; more wait in the system's queue"),
    row("maxsessrate", "<number>", maxsessrate, "sessions of all clients in a second; more wait in the system's queue"),
    without("mworker-max-reloads", "<number>", NO_OLD_WORKERS, "reloads that an old process survives"),
    row("server-state-base", "<directory>", server_state_base, "where files of servers' states are that have no slash in their names"),
    row("server-state-file", "<path>", server_state_file, "the states of all servers, as 'show servers state' prints them"),
    without("set-dumpable", "", SYSTEM_RULE, "leaves a core file behind"),
    row("set-var", "proc.<name> <expression>", switch_line::set_var, "gives a switch its first value"),
    row("set-var-fmt", "proc.<name> <format>", switch_line::set_var_format, "gives a switch its first value, by a format"),
    row("strict-limits", "", strict_limits, "a limit of the system that cannot be raised is a fault; no strict-limits for a warning"),
    row("tune.http.cookielen", "<number>", cookielen, "the most of a cookie that capture cookie keeps"),
    row("tune.http.logurilen", "<number>", logurilen, "the most of a request line that is logged"),
    without("tune.idletimer", "<time>", OWN_NUMBER, "when a stream counts as idle"),
    row("tune.maxaccept", "<number>", maxaccept, "clients that a thread takes from a listener at once; -1 for any number"),
    without("tune.maxpollevents", "<number>", OWN_NUMBER, "events that a thread takes from the system at once"),
    without("tune.pattern.cache-size", "<number>", OWN_NUMBER, "results of patterns that are remembered"),
    without("tune.rcvbuf.backend", "<bytes>", DATAGRAMS, "the receive buffer of datagram sockets"),
    row("tune.rcvbuf.client", "<bytes>", rcvbuf_client, "the system's receive buffer for clients"),
    without("tune.rcvbuf.frontend", "<bytes>", DATAGRAMS, "the receive buffer of datagram sockets"),
    row("tune.rcvbuf.server", "<bytes>", rcvbuf_server, "the system's receive buffer for servers"),
    without("tune.sndbuf.backend", "<bytes>", DATAGRAMS, "the send buffer of datagram sockets"),
    row("tune.sndbuf.client", "<bytes>", sndbuf_client, "the system's send buffer for clients"),
    without("tune.sndbuf.frontend", "<bytes>", DATAGRAMS, "the send buffer of datagram sockets"),
    row("tune.sndbuf.server", "<bytes>", sndbuf_server, "the system's send buffer for servers"),
    row("unix-bind", "[prefix <path>] [mode <bits>] [user <name>] [group <name>] ...", unix_bind, "for unix sockets of all bind lines"),
    row("zero-warning", "", zero_warning, "a configuration that is warned about is refused, as -dW"),
];

/// The keywords that `no` may stand before.
pub(super) const NEGATABLE: [&str; 3] = ["insecure-fork-wanted", "set-dumpable", "strict-limits"];

fn passed_over(_: &mut Global, _: &Line, _: &mut Reading) -> Result<(), Fault> {
    Ok(())
}

fn fd_hard_limit(global: &mut Global, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(2)?;
    global.descriptor_limit = Some(reading.number_at(line, 1, 1, i32::MAX.into())?);
    Ok(())
}

fn grace(global: &mut Global, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(2)?;
    global.grace = Some(reading.time_at(line, 1, Unit::Millisecond)?.time);
    Ok(())
}

fn master_worker(global: &mut Global, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    global.master_worker = true;
    match line.word(1) {
        None | Some(b"no-exit-on-failure") => line.end(2),
        Some(_) => line.end(1),
    }
}

/// A rate, where 0 is no limit.
fn rate(line: &Line, reading: &mut Reading) -> Result<Option<u32>, Fault> {
    line.end(2)?;
    Ok(Some(reading.number_at(line, 1, 0, i32::MAX.into())?).filter(|rate| *rate > 0))
}

fn maxconnrate(global: &mut Global, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    global.connection_rate = rate(line, reading)?;
    Ok(())
}

fn maxsessrate(global: &mut Global, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    global.session_rate = rate(line, reading)?;
    Ok(())
}

fn server_state_base(global: &mut Global, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    global.server_state_base = Some(line.expect_text(1, "a directory")?.into());
    reading.state_files.base.clone_from(&global.server_state_base);
    line.end(2)
}

fn server_state_file(global: &mut Global, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    global.server_state_file = Some(line.expect_text(1, "a path")?.into());
    reading.state_files.file.clone_from(&global.server_state_file);
    line.end(2)
}

fn strict_limits(global: &mut Global, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    global.strict_limits = line.sense == Sense::Wanted;
    line.end(1)
}

fn cookielen(_: &mut Global, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(2)?;
    reading.longest_cookie = reading.number_at(line, 1, 1, 65535)?;
    Ok(())
}

fn logurilen(global: &mut Global, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(2)?;
    global.logged_line = reading.number_at(line, 1, 1, 65535)?;
    Ok(())
}

fn maxaccept(global: &mut Global, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(2)?;
    let most: i64 = reading.number_at(line, 1, -1, i32::MAX.into())?;
    global.max_accept = match most {
        0 => None,
        most => Some(u32::try_from(most).unwrap_or(u32::MAX)),
    };
    Ok(())
}

/// A size, where 0 leaves it to the system.
fn buffer(line: &Line) -> Result<Option<usize>, Fault> {
    line.end(2)?;
    let size = value::parse_size(line.expect(1, "a number of bytes")?).map_err(|message| Fault::new(1, message))?;
    Ok(Some(size).filter(|size| *size > 0))
}

fn rcvbuf_client(global: &mut Global, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    global.client_buffers.receive = buffer(line)?;
    Ok(())
}

fn rcvbuf_server(global: &mut Global, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    global.server_buffers.receive = buffer(line)?;
    Ok(())
}

fn sndbuf_client(global: &mut Global, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    global.client_buffers.send = buffer(line)?;
    Ok(())
}

fn sndbuf_server(global: &mut Global, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    global.server_buffers.send = buffer(line)?;
    Ok(())
}

fn unix_bind(global: &mut Global, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let unix = &mut global.unix_bind;
    let mut at = 1;
    while let Some(word) = line.word(at) {
        let value_at = at + 1;
        match word {
            b"prefix" => unix.prefix = line.expect_text(value_at, "a path behind 'prefix'")?.to_owned(),
            b"mode" => {
                let mode = value::parse_mode(line.expect(value_at, "a file mode behind 'mode'")?);
                unix.mode = Some(mode.map_err(|message| Fault::new(value_at, message))?);
            }
            b"user" => unix.uid = Some(reading.user_at(line, value_at)?),
            b"group" => unix.gid = Some(reading.group_at(line, value_at)?),
            b"uid" => unix.uid = Some(reading.number_at(line, value_at, 0, u32::MAX.into())?),
            b"gid" => unix.gid = Some(reading.number_at(line, value_at, 0, u32::MAX.into())?),
            other => {
                let message = format!("'{}' is no parameter of 'unix-bind'", String::from_utf8_lossy(other));
                return Err(Fault::new(at, message).hint("prefix, mode, user, group, uid, gid"));
            }
        }
        at += 2;
    }
    reading.unix_bind = unix.clone();
    Ok(())
}

fn zero_warning(_: &mut Global, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    reading.refuses_warnings = Some(line.place());
    line.end(1)
}
