//! `byway -S` and `byway --reload`: finds the running process by its control socket, asks it, and ends with 0 only when
//! it has answered that it is done.

use super::options::{Errand, Options, SwitchErrand};
use super::sockets::describe;
use super::sources::{self, Files};
use crate::config::address::render_address;
use crate::config::model::{Address, Level};
use crate::worker::log_sink::abstract_address;
use socket2::{Domain, SockAddr, Socket, Type};
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Asks the running process. Gives the exit status.
pub fn run(options: &Options) -> ExitCode {
    match ask(options) {
        Ok(status) => status,
        Err(fault) => {
            eprintln!("{}: {fault}", crate::sys::program_name());
            ExitCode::FAILURE
        }
    }
}

fn ask(options: &Options) -> Result<ExitCode, String> {
    match &options.errand {
        Errand::Switch(SwitchErrand::Set(name, value, expire)) => {
            let end = expire.as_deref().map(escaped).transpose()?.map_or(String::new(), |end| format!(" expire {end}"));
            acknowledged(options, &format!("set env {name}={}{end}", escaped(value)?))
        }
        Errand::Switch(SwitchErrand::Unset(name)) => acknowledged(options, &format!("unset env {name}")),
        Errand::Switch(SwitchErrand::Print(name)) => {
            let answer = exchange(options, &format!("show env {name}"))?;
            let value = answer.strip_prefix(name.as_str()).and_then(|rest| rest.strip_prefix('='));
            println!("{}", value.ok_or_else(|| format!("{name} is not set"))?.trim_end_matches('\n'));
            Ok(ExitCode::SUCCESS)
        }
        Errand::Reload => {
            let answer = exchange(options, "reload")?;
            let (head, told) = answer.split_once("--\n").unwrap_or((&answer, ""));
            eprint!("{}", told.trim_end_matches('\n').to_string() + "\n");
            match head.trim_end() {
                "Success=1" => Ok(ExitCode::SUCCESS),
                "Success=0" => Err("the configuration in force stays".into()),
                other => Err(other.to_string()),
            }
        }
        _ => {
            print!("{}", exchange(options, "show vars")?.trim_end_matches('\n').to_string() + "\n");
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// A value as the control socket's line takes it.
fn escaped(value: &str) -> Result<String, String> {
    if value.contains(['\n', '\r', '\0']) {
        return Err("a value is one line".into());
    }
    if value.contains(char::REPLACEMENT_CHARACTER) {
        return Err("a value is text (UTF-8)".into());
    }
    let mut text = String::new();
    for c in value.chars() {
        if matches!(c, ' ' | '\t' | ';' | '\\') {
            text.push('\\');
        }
        text.push(c);
    }
    Ok(text)
}

/// An answer of nothing but an empty line says that it is done.
fn acknowledged(options: &Options, command: &str) -> Result<ExitCode, String> {
    match exchange(options, command)?.as_str() {
        "\n" => Ok(ExitCode::SUCCESS),
        "Permission denied\n\n" => Err("permission denied: the line of the control socket needs 'level admin'".into()),
        other => Err(other.trim().to_string()),
    }
}

/// Sends one command to the first control socket that answers, those that may change things first.
fn exchange(options: &Options, command: &str) -> Result<String, String> {
    let addresses = addresses(options)?;
    let mut faults = Vec::new();
    for address in &addresses {
        match connect(address) {
            Ok(socket) => {
                return converse(&socket, command).map_err(|error| format!("{}: {}", render_address(address), describe(&error)));
            }
            Err(error) => faults.push(format!("{}: {}", render_address(address), describe(&error))),
        }
    }
    Err(format!("no running process answers ({})", faults.join(", ")))
}

fn converse(mut socket: &Socket, command: &str) -> io::Result<String> {
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.set_write_timeout(Some(PATIENCE))?;
    socket.write_all(format!("{command}\n").as_bytes())?;
    socket.shutdown(Shutdown::Write)?;
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer)?;
    if answer.is_empty() {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the connection was closed without an answer"));
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn connect(address: &Address) -> io::Result<Socket> {
    let (domain, to) = match address {
        Address::Inet(address) => (Domain::for_address(*address), SockAddr::from(*address)),
        Address::Unix(path) => (Domain::UNIX, SockAddr::unix(path)?),
        Address::Abstract(name) => (Domain::UNIX, abstract_address(name)?),
        Address::Inherited(_) => {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "an inherited socket cannot be found from outside"));
        }
    };
    let socket = Socket::new(domain, Type::STREAM.cloexec(), None)?;
    socket.connect(&to)?;
    Ok(socket)
}

/// The control sockets: the one that is named, else those of the configuration.
fn addresses(options: &Options) -> Result<Vec<Address>, String> {
    if let Some(path) = &options.socket {
        return Ok(vec![Address::Unix(path.clone())]);
    }
    let files = Files::of_or_default(options);
    if files.is_empty() {
        return Err("which process? Name its configuration with -f, or its control socket with --socket".into());
    }
    let outcome = sources::read(&files, options, &sources::environment())?;
    let mut found = match outcome.config {
        Some(config) => config.global.stats_sockets.into_iter().map(|line| (line.level, line.address)).collect(),
        // The process runs under an earlier text; a fault in this one must not keep it from being switched.
        None => scan_stats_sockets(&files)?,
    };
    found.sort_by_key(|(level, _)| std::cmp::Reverse(*level));
    if found.is_empty() {
        return Err("the configuration has no control socket: 'stats socket PATH level admin' in its global section is one".into());
    }
    Ok(found.into_iter().map(|(_, address)| address).collect())
}

/// The paths of `stats socket` lines in a text that is at fault elsewhere.
fn scan_stats_sockets(files: &Files) -> Result<Vec<(Level, Address)>, String> {
    let mut found = Vec::new();
    for source in files.load()? {
        for line in String::from_utf8_lossy(&source.text).lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            if let ["stats", "socket", path, rest @ ..] = words.as_slice() {
                let level = if rest.windows(2).any(|pair| pair == ["level", "admin"]) { Level::Admin } else { Level::Operator };
                let path = path.trim_matches('"').trim_start_matches("unix@");
                found.extend(path.starts_with('/').then(|| (level, Address::Unix(PathBuf::from(path)))));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_comes_through_the_control_socket_as_it_was() {
        let check = |value: &str| {
            let line = format!("set env A={}", escaped(value).unwrap());
            assert_eq!(super::super::control::scan_commands(line.as_bytes()), [["set", "env", &format!("A={value}")]]);
        };
        check("true");
        check("a b; c \\ d\te");
        check("\"quoted\" 'too' ä");
        assert!(escaped("a\nb").is_err());
        assert!(escaped(&String::from_utf8_lossy(b"a\xff")).is_err());
    }
}
