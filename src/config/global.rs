//! The `global` section (HAProxy manual, section 3), a row for each keyword that is read.
//! Several `global` sections make one; what is only known by name is in `known`.

use super::address::{Host, Port, Written, parse_address};
use super::default_path::DefaultPath;
use super::global_limits::{LIMITS, NEGATABLE};
use super::keyword::{GLOBAL, Keyword, SectionKind, Status, Table};
use super::line::{Line, Sense};
use super::log_line;
use super::model::{Address, Global, Level, StatsSocket};
use super::outline::Section;
use super::value::{self, Unit};
use super::{Reading, known};
use crate::fault::Fault;
use std::net::SocketAddr;

/// What reads a line of `global`.
pub type GlobalParse = fn(&mut Global, &Line, &mut Reading) -> Result<(), Fault>;

const DEFAULT_BUFSIZE: usize = 16384;
const DEFAULT_MAXREWRITE: usize = 1024;
const DEFAULT_MAXHDR: usize = 101;
/// HAProxy's `tune.http.logurilen` is 1024, its end included.
const DEFAULT_LOGGED_LINE: usize = 1023;
const DEFAULT_STATS_MAXCONN: usize = 10;
/// Buffers are per connection; beyond this a typing error is likelier than a wish.
const LARGEST_BUFSIZE: usize = 1 << 30;

/// Reads all `global` sections.
pub(super) fn read_sections(sections: &[Section], reading: &mut Reading) -> Global {
    let mut global = defaults();
    let table = Table::new(&GLOBAL_TABLES);
    for section in sections.iter().filter(|section| section.kind == SectionKind::Global) {
        for line in &section.lines {
            read_line(&mut global, line, &table, reading);
        }
    }
    if let Some(maxconn) = reading.surroundings.maxconn {
        global.maxconn = Some(maxconn);
    }
    global
}

fn defaults() -> Global {
    Global {
        bufsize: DEFAULT_BUFSIZE,
        maxrewrite: DEFAULT_MAXREWRITE,
        maxhdr: DEFAULT_MAXHDR,
        logged_line: DEFAULT_LOGGED_LINE,
        stats_maxconn: DEFAULT_STATS_MAXCONN,
        ..Global::default()
    }
}

fn read_line(global: &mut Global, line: &Line, table: &Table<GlobalParse>, reading: &mut Reading) {
    let Some(row) = table.find(&line.words) else {
        return known::tell_unknown(line, known::Room::Global, SectionKind::Global, "global", table.names(SectionKind::Global), reading);
    };
    if line.sense != Sense::Wanted && row.name != "log" && !NEGATABLE.contains(&row.name) {
        let fault = Fault::new(0, format!("'no' and 'default' do not go with '{}'", row.name));
        return reading.alert(line, fault);
    }
    reading.stand_at(line);
    match (row.parse)(global, line, reading) {
        Ok(()) => reading.tell_status(line, 0, row.name, row.status),
        Err(fault) => reading.alert(line, fault),
    }
}

/// A keyword of `global`.
const fn row(name: &'static str, arguments: &'static str, parse: GlobalParse, manual: &'static str) -> Keyword<GlobalParse> {
    Keyword { name, allowed: GLOBAL, arguments, status: Status::Done, parse, manual }
}

/// The tables of `global`'s lines.
pub const GLOBAL_TABLES: [&[Keyword<GlobalParse>]; 2] = [GLOBALS, LIMITS];

/// The keywords of `global`.
pub const GLOBALS: &[Keyword<GlobalParse>] = &[
    row("chroot", "<directory>", chroot, "changes the root directory once all is bound"),
    row("daemon", "", daemon, "goes to the background"),
    row("debug", "", debug, "stays in the foreground, as -d"),
    row(
        "default-path",
        "current | config | parent | origin <folder>",
        default_path,
        "where relative paths of files begin: where the process was started, where the configuration is, beside it, or there",
    ),
    row("description", "<text>", description, "a text about this proxy"),
    row("env-file", "<path>", environment_file, "sets variables of the environment from a file of NAME=VALUE lines"),
    row("external-check", "", external_check, "lets 'option external-check' start programs"),
    row("gid", "<number>", gid, "the group to run as"),
    row("group", "<name>", group, "the group to run as"),
    row("hard-stop-after", "<time>", hard_stop_after, "the longest a soft stop may take"),
    row("log", "<address> [len <n>] [format <f>] <facility> [<level> [<least>]]", log, "where log lines go"),
    row("log-send-hostname", "[<name>]", log_send_hostname, "sends a host name in log lines"),
    row("log-tag", "<tag>", log_tag, "the program's name in log lines"),
    row("maxconn", "<number>", maxconn, "connections of all clients together"),
    row("max-spread-checks", "<time>", max_spread_checks, "the most by which spread-checks changes an interval"),
    row("nbproc", "<number>", nbproc, "processes, in HAProxy 1.3 to 2.4: byway is one, with as many threads"),
    row("nbthread", "<number>", nbthread, "worker threads; one per core when absent"),
    row("node", "<name>", node, "the name of this node"),
    row("pidfile", "<path>", pidfile, "where the process's id is written"),
    row("presetenv", "<name> <value>", environment_pair, "sets a variable of the environment that is not set"),
    row("quiet", "", quiet, "says nothing at start, as -q"),
    row("resetenv", "[<name>...]", environment_names, "unsets all variables of the environment but these"),
    row("setenv", "<name> <value>", environment_pair, "sets a variable of the environment"),
    row("spread-checks", "<percent>", spread_checks, "how much intervals between checks vary at random, 0 to 50"),
    row("stats maxconn", "<number>", stats_maxconn, "connections to the control sockets at once; more wait"),
    row("stats socket", "<address> [level <l>] [mode <m>] [user <u>] [group <g>] ...", stats_socket, "a control socket"),
    row("stats timeout", "<time>", stats_timeout, "how long a control connection may be idle"),
    row("tune.bufsize", "<bytes>", bufsize, "the largest head of a message, with maxrewrite"),
    row("tune.http.maxhdr", "<number>", maxhdr, "header fields of one message"),
    row("tune.maxrewrite", "<bytes>", maxrewrite, "room that is kept for rewriting a head"),
    row("uid", "<number>", uid, "the user to run as"),
    row("ulimit-n", "<number>", ulimit_n, "file descriptors at once"),
    row("unsetenv", "<name>...", environment_names, "unsets variables of the environment"),
    row("user", "<name>", user, "the user to run as"),
    row("variables-file", "<path>", variables_file, "where switches that are set at run time are kept over restarts"),
];

fn chroot(global: &mut Global, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    global.chroot = Some(line.expect_text(1, "a directory")?.into());
    line.end(2)
}

fn daemon(global: &mut Global, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    global.daemon = true;
    line.end(1)
}

fn debug(global: &mut Global, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    global.debug = true;
    line.end(1)
}

fn quiet(global: &mut Global, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    global.quiet = true;
    line.end(1)
}

fn description(global: &mut Global, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    line.expect(1, "a text")?;
    global.description = Some(String::from_utf8_lossy(&line.words_from(1).join(&b' ')).into_owned());
    Ok(())
}

fn node(global: &mut Global, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    let name = line.expect(1, "a name")?;
    global.node = Some(value::parse_name(name).map_err(|message| Fault::new(1, message))?.to_owned());
    line.end(2)
}

fn uid(global: &mut Global, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(2)?;
    global.uid = Some(reading.number_at(line, 1, 0, u32::MAX.into())?);
    Ok(())
}

fn gid(global: &mut Global, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(2)?;
    global.gid = Some(reading.number_at(line, 1, 0, u32::MAX.into())?);
    Ok(())
}

fn user(global: &mut Global, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(2)?;
    global.uid = Some(reading.user_at(line, 1)?);
    Ok(())
}

fn group(global: &mut Global, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(2)?;
    global.gid = Some(reading.group_at(line, 1)?);
    Ok(())
}

fn hard_stop_after(global: &mut Global, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(2)?;
    global.hard_stop_after = Some(reading.time_at(line, 1, Unit::Millisecond)?.time);
    Ok(())
}

fn log(global: &mut Global, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    if line.sense != Sense::Wanted {
        global.log.clear();
        return line.end(1);
    }
    if line.word(1) == Some(b"global") {
        return Err(Fault::new(1, "'log global' is for proxies, here it is itself the global one").hint("name an address and a facility"));
    }
    global.log.push(log_line::parse_target(line, reading)?);
    Ok(())
}

fn log_send_hostname(global: &mut Global, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let name = line.word(1).map(|_| line.expect_text(1, "a name")).transpose()?;
    global.log_hostname = Some(name.unwrap_or(reading.surroundings.hostname).to_owned());
    reading.warn_of_surplus(line, 2);
    Ok(())
}

fn log_tag(global: &mut Global, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    global.log_tag = Some(line.expect_text(1, "a tag")?.to_owned());
    line.end(2)
}

fn maxconn(global: &mut Global, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(2)?;
    // 0 leaves the number to the descriptor limit, as if the line were not there.
    global.maxconn = Some(reading.number_at(line, 1, 0, i32::MAX.into())?).filter(|number| *number > 0);
    Ok(())
}

fn nbthread(global: &mut Global, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(2)?;
    global.nbthread = Some(reading.number_at(line, 1, 1, 64)?);
    Ok(())
}

fn nbproc(global: &mut Global, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(2)?;
    let count: u16 = reading.number_at(line, 1, 1, 64)?;
    if count > 1 {
        reading.warn(line, Fault::new(0, "byway is one process").hint(format!("it uses {count} threads instead: say nbthread {count}")));
        global.nbthread.get_or_insert(count);
    }
    Ok(())
}

fn pidfile(global: &mut Global, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    global.pidfile = Some(line.expect_text(1, "a path")?.into());
    line.end(2)
}

/// The words are acted on while the file is cut into lines; here they are only checked.
fn environment_pair(_: &mut Global, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    line.expect_text(1, "a name and a value")?;
    line.expect_text(2, "a value behind the name")?;
    line.end(3)
}

fn environment_names(_: &mut Global, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    if line.keyword() == b"unsetenv" {
        line.expect_text(1, "a name")?;
    }
    (1..line.words.len()).try_for_each(|index| line.expect_text(index, "a name").map(drop))
}

fn variables_file(global: &mut Global, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    global.variables_file = Some(line.expect_text(1, "a path")?.into());
    line.end(2)
}

fn environment_file(_: &mut Global, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    line.expect_text(1, "a path")?;
    line.end(2)
}

fn spread_checks(global: &mut Global, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(2)?;
    global.spread_checks = reading.number_at(line, 1, 0, 50)?;
    Ok(())
}

fn max_spread_checks(global: &mut Global, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(2)?;
    global.max_spread_checks = Some(reading.time_at(line, 1, Unit::Millisecond)?.time);
    Ok(())
}

fn ulimit_n(global: &mut Global, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(2)?;
    global.ulimit_n = Some(reading.number_at(line, 1, 1, i32::MAX.into())?);
    Ok(())
}

fn external_check(_: &mut Global, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    reading.allows_programs = true;
    line.end(1)
}

/// It is acted on while the file is cut into lines; here it is only checked.
fn default_path(_: &mut Global, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    DefaultPath::parse(line)?.check(reading)
}

fn stats_timeout(global: &mut Global, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(3)?;
    global.stats_timeout = Some(reading.time_at(line, 2, Unit::Millisecond)?.time);
    Ok(())
}

fn stats_maxconn(global: &mut Global, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(3)?;
    global.stats_maxconn = reading.number_at(line, 2, 1, i32::MAX.into())?;
    Ok(())
}

fn bufsize(global: &mut Global, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    global.bufsize = size(line, 1024, LARGEST_BUFSIZE)?;
    Ok(())
}

fn maxrewrite(global: &mut Global, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    global.maxrewrite = size(line, 0, LARGEST_BUFSIZE)?;
    Ok(())
}

fn size(line: &Line, least: usize, most: usize) -> Result<usize, Fault> {
    line.end(2)?;
    let size = value::parse_size(line.expect(1, "a number of bytes")?).map_err(|message| Fault::new(1, message))?;
    match (least..=most).contains(&size) {
        true => Ok(size),
        false => Err(Fault::new(1, format!("{size} is not between {least} and {most}"))),
    }
}

fn maxhdr(global: &mut Global, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(2)?;
    global.maxhdr = reading.number_at(line, 1, 1, 32767)?;
    Ok(())
}

fn stats_socket(global: &mut Global, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    let word = line.expect(2, "a path or an address")?;
    let written = parse_address(word, &reading.environment).map_err(|message| Fault::new(2, message))?;
    let address = match written {
        Written::Whole(address) => address,
        Written::Inet { host: Host::Name(name, _), port: Port::Absent } => Address::Unix(name.into()),
        Written::Inet { host, port: Port::Fixed(port) } => {
            let ip = host.look_up(&|name| reading.resolve(name));
            let ip = ip.ok_or_else(|| Fault::new(2, super::address::unknown_host(&host)))?;
            Address::Inet(SocketAddr::new(ip, port))
        }
        Written::Inet { .. } => return Err(Fault::new(2, "one port is needed behind the address")),
    };
    let unix = &reading.unix_bind;
    let (address, mode, uid, gid) = (unix.place(address), unix.mode, unix.uid, unix.gid);
    let mut socket = StatsSocket { address, mode, uid, gid, level: Level::default(), expose_listeners: false, place: line.place() };
    let mut index = 3;
    while let Some(word) = line.word(index) {
        let value = index + 1;
        match word {
            b"mode" => {
                let mode = value::parse_mode(line.expect(value, "a file mode behind 'mode'")?);
                socket.mode = Some(mode.map_err(|message| Fault::new(value, message))?);
            }
            b"level" => {
                socket.level = match line.expect(value, "user, operator or admin behind 'level'")? {
                    b"user" => Level::User,
                    b"operator" => Level::Operator,
                    b"admin" => Level::Admin,
                    other => {
                        let message = format!("'{}' is no level, user, operator and admin are", String::from_utf8_lossy(other));
                        return Err(Fault::new(value, message));
                    }
                }
            }
            b"user" => socket.uid = Some(reading.user_at(line, value)?),
            b"group" => socket.gid = Some(reading.group_at(line, value)?),
            b"uid" => socket.uid = Some(reading.number_at(line, value, 0, u32::MAX.into())?),
            b"gid" => socket.gid = Some(reading.number_at(line, value, 0, u32::MAX.into())?),
            b"expose-fd" => match line.expect(value, "'listeners' behind 'expose-fd'")? {
                b"listeners" => socket.expose_listeners = true,
                other => return Err(Fault::new(value, format!("'{}' cannot be exposed, 'listeners' can", String::from_utf8_lossy(other)))),
            },
            b"process" | b"thread" | b"name" | b"severity-output" | b"backlog" | b"maxconn" | b"id" | b"nice" => {
                line.expect(value, "a value behind each parameter")?;
                let reason = "the control socket does without";
                reading.tell_status(line, index, "parameter of stats socket", Status::Ignored(reason));
            }
            other => {
                let message = format!("'{}' is no parameter of a stats socket", String::from_utf8_lossy(other));
                let names = ["mode", "level", "user", "group", "uid", "gid", "expose-fd"];
                let near = super::keyword::nearest(other, names.into_iter());
                return Err(Fault::new(index, message).hint(near.map_or(names.join(", "), |near| format!("did you mean '{near}'?"))));
            }
        }
        index += 2;
    }
    global.stats_sockets.push(socket);
    Ok(())
}
