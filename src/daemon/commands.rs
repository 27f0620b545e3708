//! The commands of the control socket as rows: words, level, arguments, meaning, function. `help` prints the same rows.
//! Lines and answers travel by `control`; what a command changes lies in `state` or with its own file of this room.

use super::Daemon;
use super::control::{Asker, Request, scan_commands};
use super::switches::{bare_name, is_switch_name};
use super::{expiry, expose, health, notice, report, server_state};
use crate::config::Severity;
use crate::config::keyword::nearest;
use crate::config::model::Level;
use crate::state::variables::{Kind, Source, Value};
use crate::stats::schema;
use crate::units::WallClock;
use std::sync::Arc;

/// The longest value of a switch, bytes: with its name it fits into one packet to a successor.
const LONGEST_VALUE: usize = 16 * 1024;
/// The longest name of a switch, bytes.
const LONGEST_NAME: usize = 256;

/// What a command answers: nothing is success, as HAProxy has it.
type Answer = Result<String, String>;

/// A command.
pub struct Command {
    /// The words that it begins with.
    pub words: &'static str,
    /// Who may give it.
    pub level: Level,
    /// What may follow.
    pub arguments: &'static str,
    /// One line of manual.
    pub meaning: &'static str,
    run: fn(&mut Daemon, &mut Asker, &[String]) -> Answer,
}

const fn command(
    words: &'static str,
    level: Level,
    arguments: &'static str,
    meaning: &'static str,
    run: fn(&mut Daemon, &mut Asker, &[String]) -> Answer,
) -> Command {
    Command { words, level, arguments, meaning, run }
}

use Level::{Admin, Operator, User};

/// Every command, by name.
pub static COMMANDS: &[Command] = &[
    command("_getsocks", User, "", "take the listening sockets, as -x does", |_, asker, _| match asker.may_take_listeners {
        true => {
            asker.takes_listeners = true;
            Ok(String::new())
        }
        false => Err("Permission denied: the line of this socket needs 'expose-fd listeners'".into()),
    }),
    command("clear counters", Operator, "", "forget the maxima of statistics", |d, _, _| {
        report::clear_counters(d, report::Forget::Maxima);
        Ok(String::new())
    }),
    command("clear counters all", Admin, "", "forget all that statistics have counted", |d, _, _| {
        report::clear_counters(d, report::Forget::All);
        Ok(String::new())
    }),
    command("disable server", Admin, "<bk>/<srv>", "hold a server out of service", |d, _, w| health::set_maintenance(d, w.first(), true)),
    command("enable server", Admin, "<bk>/<srv>", "let a server that was held out in again", |d, _, w| {
        health::set_maintenance(d, w.first(), false)
    }),
    command("experimental-mode", User, "on|off", "taken, and needed for nothing", |_, _, _| Ok(String::new())),
    command("expert-mode", User, "on|off", "taken, and needed for nothing", |_, _, _| Ok(String::new())),
    command("get var", Operator, "<name>", "print a switch, with its type", |d, _, w| {
        let value = d.state.variables.get(name_in(w)?).ok_or("Variable not found.")?;
        Ok(format!("proc.{}: type={} value=<{}>\n", name_in(w)?, value.kind.name(), String::from_utf8_lossy(&value.text)))
    }),
    command("help", User, "", "list the commands", |_, asker, _| {
        Ok(list_of(asker.level, "The following commands are valid at this level:\n"))
    }),
    command("operator", User, "", "lower this connection to the level operator", |_, asker, _| lower(asker, Operator)),
    command("prompt", User, "", "stay connected, with a prompt; again to leave it", |_, asker, _| {
        asker.interactive = !asker.interactive;
        Ok(String::new())
    }),
    command("quit", User, "", "disconnect", |_, asker, _| {
        asker.leaves = true;
        Ok(String::new())
    }),
    command("reload", Admin, "", "read the configuration again, and take it up if it is good", |d, asker, _| {
        let who = asker_name(asker);
        let verdict = d.reload(&format!("the control socket ({who})"));
        Ok(format!("Success={}\n--\n{}", u8::from(verdict.success), verdict.text))
    }),
    command("set env", Admin, "<name>=<value> [expire <when>]", "set a switch, for a while or until a moment", |d, asker, w| {
        let (w, until) = ending(d, w)?;
        let (name, text) = match w {
            [word] => word.split_once('='),
            _ => None,
        }
        .ok_or("'set env' expects NAME=VALUE.")?;
        let value = Value::new(Source::RunTime, text.as_bytes(), d.clock.wall());
        set(d, asker, bare_name(name), Some(Value { until, ..value }))
    }),
    command("set server", Admin, "<bk>/<srv> health|check-port ...", "change what checks have found, or where they connect", |d, _, w| {
        match (w.get(1).map(String::as_str), w.get(2)) {
            (Some("health"), word) => health::set_health(d, w.first(), word.map_or("", String::as_str)),
            (Some("check-port"), word) => health::set_check_port(d, w.first(), word.map_or("", String::as_str)),
            _ => Err("'set server <srv>' only supports 'health' and 'check-port'.".into()),
        }
    }),
    command(
        "set var",
        Admin,
        "proc.<name> [expr] <type>(<value>) [expire <when>]",
        "set a switch: str, int, sint or bool",
        |d, asker, w| {
            let (w, until) = ending(d, w)?;
            let words: Vec<&str> = w.iter().skip(1).map(String::as_str).collect();
            let expression = if let ["expr", rest @ ..] = words.as_slice() { rest.join(" ") } else { words.join(" ") };
            let (kind, text) = typed(&expression)?;
            let value = Value::new(Source::RunTime, text.as_bytes(), d.clock.wall());
            set(d, asker, name_in(w)?, Some(Value { kind, until, ..value }))
        },
    ),
    command("show cli level", User, "", "print the level of this connection", |_, asker, _| Ok(format!("{}\n", level_name(asker.level)))),
    command("show env", Operator, "[name]", "print the switches and the environment as NAME=VALUE", |d, _, w| {
        let list = d.state.variables.list();
        let wanted = list.iter().filter(|(name, _)| w.first().is_none_or(|word| bare_name(word) == name));
        let text: String = wanted.map(|(name, value)| format!("{name}={}\n", String::from_utf8_lossy(&value.text))).collect();
        if text.is_empty() && !w.is_empty() { Err("Variable not found".into()) } else { Ok(text) }
    }),
    command("show info", User, "[typed|json] [desc]", "report on the process", |d, _, w| Ok(report::render_info(d, w))),
    command("show proc", User, "", "list the processes, as HAProxy's master does", |d, _, _| Ok(report::render_processes(d))),
    command("show reload", User, "", "tell how the last reload went", |d, _, _| Ok(d.verdict.render())),
    command("show schema json", User, "", "print the schema of show info json and show stat json", |_, _, _| Ok(schema::SCHEMA.into())),
    command("show servers state", User, "[backend]", "print where servers stand", |d, _, w| server_state::render(d, w.first())),
    command(
        "show stat",
        User,
        "[<iid>|<proxy> <type> <sid>] [typed|json] [desc] [up] [no-maint]",
        "print counters of proxies and servers as CSV",
        |d, asker, w| report::render_stat(d, asker.level, w),
    ),
    command("show vars", Operator, "", "list the switches with value and source", |d, _, _| Ok(render_switches(d))),
    command("show version", User, "", "print the version", |_, _, _| Ok(concat!(env!("CARGO_PKG_VERSION"), "\n").into())),
    command("unset env", Admin, "<name>", "take back what was set at run time", |d, asker, w| set(d, asker, name_in(w)?, None)),
    command("unset var", Admin, "proc.<name>", "take back what was set at run time", |d, asker, w| set(d, asker, name_in(w)?, None)),
    command("user", User, "", "lower this connection to the level user", |_, asker, _| lower(asker, User)),
];

/// Does what a line asks for, and answers it.
pub fn execute(daemon: &mut Daemon, request: &Request) {
    let mut asker = request.asker;
    let mut text = String::new();
    for words in scan_commands(&request.line) {
        let answer = match run(daemon, &mut asker, &words) {
            Ok(text) => text,
            Err(text) => format!("{text}\n"),
        };
        text += &answer;
        text.push('\n');
    }
    if !asker.takes_listeners {
        return daemon.control.answer(request, asker, &text);
    }
    if let Some(peer) = daemon.control.take_socket(request) {
        // Its descriptor leaves the poll as it is closed. A taker that has gone away has taken nothing.
        let _ = expose::give(&peer, &daemon.sockets.open);
    }
}

fn run(daemon: &mut Daemon, asker: &mut Asker, words: &[String]) -> Answer {
    // On HAProxy's master socket `@1` says which process is meant: here there is one.
    let words = match words {
        [first, rest @ ..] if first.starts_with('@') && !rest.is_empty() => rest,
        words => words,
    };
    if words.is_empty() {
        return if asker.interactive { Ok(String::new()) } else { Err(unknown(asker.level, words)) };
    }
    let begins = |command: &&Command| {
        let mut given = words.iter();
        command.words.split(' ').all(|word| given.next().is_some_and(|other| other == word))
    };
    let longest = COMMANDS.iter().filter(begins).max_by_key(|command| command.words.len());
    let Some(command) = longest else { return Err(unknown(asker.level, words)) };
    if asker.level < command.level {
        return Err("Permission denied".into());
    }
    let count = command.words.split(' ').count();
    (command.run)(daemon, asker, words.get(count..).unwrap_or_default())
}

fn list_of(level: Level, head: &str) -> String {
    let mut text = head.to_string();
    for command in COMMANDS.iter().filter(|command| command.level <= level) {
        text += &format!("  {:<40}: {}\n", format!("{} {}", command.words, command.arguments).trim_end(), command.meaning);
    }
    text
}

fn unknown(level: Level, words: &[String]) -> String {
    let given = words.join(" ");
    let names: Vec<&str> = COMMANDS.iter().map(|command| command.words).collect();
    let head = match nearest(given.as_bytes(), names.into_iter()) {
        Some(near) => format!("Unknown command: '{given}', did you mean '{near}'? These are known:\n"),
        None => format!("Unknown command: '{given}'. These are known:\n"),
    };
    list_of(level, &head).trim_end().to_string()
}

fn lower(asker: &mut Asker, level: Level) -> Answer {
    asker.level = asker.level.min(level);
    Ok(String::new())
}

fn level_name(level: Level) -> &'static str {
    match level {
        User => "user",
        Operator => "operator",
        Admin => "admin",
    }
}

fn asker_name(asker: &Asker) -> String {
    asker.uid.map_or("unknown user".to_string(), |uid| format!("uid {uid}"))
}

/// Is this a variable of a request, a connection or a check (HAProxy's scopes), which nobody outside can set?
fn is_scoped(name: &str) -> bool {
    name.split_once('.').is_some_and(|(scope, _)| ["sess", "txn", "req", "res", "check"].contains(&scope))
}

fn name_in<W: AsRef<str>>(words: &[W]) -> Result<&str, String> {
    let name = words.first().map(|word| bare_name(word.as_ref())).unwrap_or_default();
    if is_scoped(name) {
        return Err(format!("'{name}' lives in a request: from outside there are the variables of 'proc.' alone."));
    }
    if is_switch_name(name) { Ok(name) } else { Err(format!("'{name}' is no name of a variable: letters, digits, '_', '-' and '.'.")) }
}

/// Cuts `expire <when>` off the end of a command's words.
fn ending<'w>(daemon: &Daemon, words: &'w [String]) -> Result<(&'w [String], Option<WallClock>), String> {
    match words {
        [rest @ .., word, end] if word == "expire" => {
            expiry::parse_until(end, daemon.clock.wall(), crate::sys::utc_offset_seconds).map(|until| (rest, Some(until)))
        }
        all => Ok((all, None)),
    }
}

/// `str(a)`, `int(1)`, `bool(true)`: the kind and the text that a switch gets.
fn typed(expression: &str) -> Result<(Kind, String), String> {
    let parts = expression.strip_suffix(')').and_then(|rest| rest.split_once('('));
    let (kind, value) = parts.ok_or_else(|| format!("'{expression}' is no value: write str(...), int(...) or bool(...)."))?;
    match kind {
        "str" => Ok((Kind::Text, value.to_string())),
        "int" | "sint" => value.parse::<i64>().map(|n| (Kind::Integer, n.to_string())).map_err(|_| format!("'{value}' is no integer.")),
        "bool" => match value {
            "true" | "1" => Ok((Kind::Boolean, "1".into())),
            "false" | "0" => Ok((Kind::Boolean, "0".into())),
            _ => Err(format!("'{value}' is neither true nor false.")),
        },
        _ => Err(format!("'{kind}' is no known type: str, int, sint or bool.")),
    }
}

/// Sets a switch at run time, or unsets it, logs who did, and keeps it before that is acknowledged.
fn set(daemon: &mut Daemon, asker: &Asker, name: &str, value: Option<Value>) -> Answer {
    let name = name_in(std::slice::from_ref(&name))?;
    if name.len() > LONGEST_NAME || value.as_ref().is_some_and(|value| value.text.len() > LONGEST_VALUE) {
        return Err(format!("A name has {LONGEST_NAME} bytes at most, a value {LONGEST_VALUE}."));
    }
    if daemon.is_ending() {
        return Err("This process is about to end, and takes no more switches.".into());
    }
    let until = value.as_ref().and_then(|value| value.until);
    let before = daemon.state.variables.put(Source::RunTime, name, value);
    let after = daemon.state.variables.get(name);
    let left = until.map(|until| format!(" for {}", expiry::render_span(until.seconds - daemon.clock.wall().seconds)));
    let who = format!("by {}{}", asker_name(asker), left.unwrap_or_default());
    daemon.log_switch(name, before.as_deref(), after.as_deref(), &who);
    daemon.keep_switches().map_err(|fault| format!("{name} is in force, but not kept: {fault}")).map(|()| String::new())
}

impl Daemon {
    fn log_switch(&mut self, name: &str, before: Option<&Value>, after: Option<&Value>, who: &str) {
        let show = |value: Option<&Value>| value.map_or("unset".to_string(), |value| format!("'{}'", value.text.escape_ascii()));
        let text = format!("Variable {name} changed from {} to {} {who}.", show(before), show(after));
        let running = self.running.clone();
        self.notices.log(&running.config.global, notice::level::NOTICE, &text);
    }

    /// Writes the switches that are set at run time to their file, if there is one.
    pub(super) fn keep_switches(&self) -> Result<(), String> {
        self.variables_file.as_ref().map_or(Ok(()), |file| file.write(&self.state.variables))
    }

    /// Takes back the switches whose time is over.
    pub(super) fn expire_switches(&mut self) {
        let over = self.state.variables.expire(self.clock.wall());
        if over.is_empty() {
            return;
        }
        for expired in &over {
            self.log_switch(&expired.name, Some(&expired.before), expired.after.as_deref(), "as its time is over");
        }
        // A process that is about to end has left the file to its successor.
        if !self.is_ending()
            && let Err(fault) = self.keep_switches()
        {
            self.notices.say(Severity::Warning, &fault);
        }
    }
}

/// The switches that somebody set, and those that the configuration reads: name, value, source, age, time left.
fn render_switches(daemon: &Daemon) -> String {
    let read = &daemon.running.config.variables;
    let list = daemon.state.variables.list();
    let wanted = list.iter().filter(|(name, value)| value.source != Source::Environment || read.contains(name));
    let now = daemon.clock.wall().seconds;
    let show = |(name, value): &(String, Arc<Value>)| {
        let Value { text, source, since, until, .. } = &**value;
        let left = until.map_or(String::new(), |until| format!(", {} left", expiry::render_span(until.seconds - now)));
        let age = expiry::render_span(now - since.seconds);
        format!("{name}={} ({}, {age} ago{left})\n", text.escape_ascii(), source.name())
    };
    wanted.map(show).collect()
}

/// How the last reload went, kept for whoever asks later.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// When, if ever.
    pub at: Option<WallClock>,
    /// The new configuration is in force.
    pub success: bool,
    /// What was told, lines with their ends.
    pub text: String,
    /// Reloads so far, whatever came of them.
    pub count: usize,
}

impl Verdict {
    fn render(&self) -> String {
        let Some(at) = self.at else { return "No reload since the start.\n".into() };
        format!("Success={}\nCount={}\nTime_sec={}\n--\n{}", u8::from(self.success), self.count, at.seconds, self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_stand_in_order_of_their_words_and_no_two_are_alike() {
        assert!(COMMANDS.windows(2).all(|pair| pair[0].words < pair[1].words));
    }

    #[test]
    fn a_variable_that_can_be_set_has_a_name_of_the_process() {
        let check = |name: &str, expected: Option<&str>| assert_eq!(name_in(&[name]).ok(), expected, "{name}");
        check("proc.a-b.c", Some("a-b.c"));
        check("maintenance.shop", Some("maintenance.shop"));
        check("request", Some("request"));
        for name in ["txn.a", "sess.a", "req.a", "res.a", "check.a", "proc.txn.a", "", "1a", "a b", "a=b", "\u{e4}"] {
            check(name, None);
        }
    }

    #[test]
    fn typed_values_become_text_as_haproxy_casts_them() {
        let check = |text: &str, expected: Result<(Kind, &str), ()>| {
            let got = typed(text);
            assert_eq!(got.as_ref().map(|(kind, text)| (*kind, text.as_str())).map_err(|_| ()), expected, "{text}");
        };
        check("str(a b)", Ok((Kind::Text, "a b")));
        check("int(-3)", Ok((Kind::Integer, "-3")));
        check("bool(true)", Ok((Kind::Boolean, "1")));
        check("bool(false)", Ok((Kind::Boolean, "0")));
        check("bool(maybe)", Err(()));
        check("int(x)", Err(()));
        check("ip(1)", Err(()));
        check("x", Err(()));
    }
}
