//! The commands of the control socket as rows: words, level, arguments, meaning, function. `help` prints the same rows.
//! Lines and answers travel by `control`; what a command changes lies in `state` or with its own file of this room.

use super::Daemon;
use super::control::{Asker, Request, scan_commands};
use super::switches::{bare_name, is_switch_name};
use super::{health, notice, report};
use crate::config::keyword::nearest;
use crate::config::model::Level;
use crate::state::variables::{Source, Value};
use crate::units::WallClock;

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
    command("disable server", Admin, "<bk>/<srv>", "hold a server out of service", |d, _, w| health::set_maintenance(d, w.first(), true)),
    command("enable server", Admin, "<bk>/<srv>", "let a server that was held out in again", |d, _, w| {
        health::set_maintenance(d, w.first(), false)
    }),
    command("get var", Operator, "<name>", "print a switch, with its type", |d, _, w| {
        let value = d.state.variables.get(name_in(w)?).ok_or("Variable not found.")?;
        Ok(format!("proc.{}: type={} value=<{}>\n", name_in(w)?, type_of(&value), String::from_utf8_lossy(&value.text)))
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
    command("set env", Admin, "<name>=<value>", "set a switch", |d, asker, w| {
        let pair = w.first().and_then(|word| word.split_once('='));
        let (name, value) = pair.ok_or("'set env' expects NAME=VALUE.")?;
        set(d, asker, bare_name(name), Some(value))
    }),
    command(
        "set var",
        Admin,
        "proc.<name> <type>(<value>)",
        "set a switch: str, int, sint or bool, or 'expr TYPE(VALUE)'",
        |d, asker, w| {
            let expression: Vec<&str> = w.iter().skip(1).map(String::as_str).filter(|word| *word != "expr").collect();
            let value = typed(&expression.join(" "))?;
            set(d, asker, name_in(w)?, Some(&value))
        },
    ),
    command("show cli level", User, "", "print the level of this connection", |_, asker, _| Ok(format!("{}\n", level_name(asker.level)))),
    command("show env", Operator, "[name]", "print the switches and the environment as NAME=VALUE", |d, _, w| {
        let list = d.state.variables.list();
        let wanted = list.iter().filter(|(name, _)| w.first().is_none_or(|word| bare_name(word) == name));
        let text: String = wanted.map(|(name, value)| format!("{name}={}\n", String::from_utf8_lossy(&value.text))).collect();
        if text.is_empty() && !w.is_empty() { Err("Variable not found".into()) } else { Ok(text) }
    }),
    command("show info", User, "", "report on the process", |d, _, _| Ok(report::render_info(d))),
    command("show reload", User, "", "tell how the last reload went", |d, _, _| Ok(d.verdict.render())),
    command("show servers state", User, "[backend]", "print where servers stand", |d, _, w| report::render_servers(d, w.first())),
    command("show stat", User, "", "print counters of proxies and servers as CSV", |d, _, _| Ok(report::render_stat(d))),
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
    daemon.control.answer(request, asker, &text);
}

fn run(daemon: &mut Daemon, asker: &mut Asker, words: &[String]) -> Answer {
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

fn name_in(words: &[String]) -> Result<&str, String> {
    let name = words.first().map(|word| bare_name(word)).unwrap_or_default();
    if is_switch_name(name) { Ok(name) } else { Err(format!("'{name}' is no name of a variable: letters, digits, '_', '-' and '.'.")) }
}

/// `str(a)`, `int(1)`, `bool(true)`: the text that a switch gets.
fn typed(expression: &str) -> Result<String, String> {
    let parts = expression.strip_suffix(')').and_then(|rest| rest.split_once('('));
    let (kind, value) = parts.ok_or_else(|| format!("'{expression}' is no value: write str(...), int(...) or bool(...)."))?;
    match kind {
        "str" => Ok(value.to_string()),
        "int" | "sint" => value.parse::<i64>().map(|n| n.to_string()).map_err(|_| format!("'{value}' is no integer.")),
        "bool" => match value {
            "true" | "1" => Ok("1".into()),
            "false" | "0" => Ok("0".into()),
            _ => Err(format!("'{value}' is neither true nor false.")),
        },
        _ => Err(format!("'{kind}' is no known type: str, int, sint or bool.")),
    }
}

fn type_of(value: &Value) -> &'static str {
    let is_integer = std::str::from_utf8(&value.text).is_ok_and(|text| text.parse::<i64>().is_ok());
    if is_integer { "sint" } else { "str" }
}

/// Sets a switch at run time, or unsets it, and logs who did.
fn set(daemon: &mut Daemon, asker: &Asker, name: &str, value: Option<&str>) -> Answer {
    if !is_switch_name(name) {
        return Err(format!("'{name}' is no name of a variable: letters, digits, '_', '-' and '.'."));
    }
    let before = daemon.state.variables.set(Source::RunTime, name, value.map(str::as_bytes));
    let show = |text: Option<&[u8]>| text.map_or("unset".to_string(), |text| format!("'{}'", text.escape_ascii()));
    let after = daemon.state.variables.get(name);
    let (old, new) = (show(before.as_ref().map(|value| &*value.text)), show(after.as_ref().map(|value| &*value.text)));
    let text = format!("Variable {name} changed from {old} to {new} by {}.", asker_name(asker));
    let running = daemon.running.clone();
    daemon.notices.log(&running.config.global, notice::level::NOTICE, &text);
    Ok(String::new())
}

/// The switches that somebody set, and those that the configuration reads: name, value, source.
fn render_switches(daemon: &Daemon) -> String {
    let read = &daemon.running.config.variables;
    let list = daemon.state.variables.list();
    let wanted = list.iter().filter(|(name, value)| value.source != Source::Environment || read.contains(name));
    wanted.map(|(name, value)| format!("{name}={} ({})\n", value.text.escape_ascii(), value.source.name())).collect()
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
    fn typed_values_become_text_as_haproxy_casts_them() {
        let check = |text: &str, expected: Result<&str, ()>| assert_eq!(typed(text).as_deref().map_err(|_| ()), expected, "{text}");
        check("str(a b)", Ok("a b"));
        check("int(-3)", Ok("-3"));
        check("bool(true)", Ok("1"));
        check("bool(false)", Ok("0"));
        check("bool(maybe)", Err(()));
        check("int(x)", Err(()));
        check("ip(1)", Err(()));
        check("x", Err(()));
    }
}
