//! The command line: HAProxy's flags with their nearest meaning, and byway's own. Every flag is a row; the parser,
//! `--help` and "did you mean" read the same rows. What is then done is `daemon`'s.

use crate::config::keyword::nearest;
use crate::daemon::options::{Condition, Errand, Farewell, Ground, Options, Supervised, SwitchErrand};
use crate::daemon::switches::{bare_name, is_switch_name};
use std::net::SocketAddr;
use std::path::PathBuf;

/// What follows a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    Nothing,
    /// One word, by its name in the manual.
    Word(&'static str),
    /// Words up to the next that begins with `-`.
    Words(&'static str),
    /// One word, if there is one that does not begin with `-`.
    Optional(&'static str),
    /// Every word that is left.
    Rest(&'static str),
}

/// A flag.
struct Flag {
    name: &'static str,
    takes: Takes,
    meaning: &'static str,
    apply: fn(&mut Options, &[String]) -> Result<(), String>,
}

const fn flag(name: &'static str, takes: Takes, meaning: &'static str, apply: fn(&mut Options, &[String]) -> Result<(), String>) -> Flag {
    Flag { name, takes, meaning, apply }
}

use Takes::{Nothing, Optional, Rest, Word, Words};

/// Every flag, in the order of the manual.
static FLAGS: &[Flag] = &[
    flag("-f", Word("FILE|DIR"), "read this configuration, or a directory's *.cfg in order; may be repeated", |o, w| {
        o.files.extend(w.iter().map(PathBuf::from));
        Ok(())
    }),
    flag("--", Rest("FILE..."), "every word that is left is a configuration file", |o, w| {
        o.files.extend(w.iter().map(PathBuf::from));
        Ok(())
    }),
    flag("-c", Nothing, "check the configuration and exit: 0 valid, 1 at fault, 2 without a listener", |o, _| errand(o, Errand::Check)),
    flag("-cc", Word("CONDITION"), "evaluate a condition as .if does and exit: 0 it holds, 1 it does not, 2 it is at fault", |o, w| {
        errand(o, Errand::Condition(w.first().cloned().unwrap_or_default()))
    }),
    flag("-q", Nothing, "say nothing at start but faults; with -c, nothing at all", |o, _| {
        o.quiet = true;
        Ok(())
    }),
    flag("-V", Nothing, "say more; undoes -q", |o, _| {
        (o.verbose, o.quiet) = (true, false);
        Ok(())
    }),
    flag("-v", Nothing, "print the version", |o, _| errand(o, Errand::Version)),
    flag("-vv", Nothing, "print the version and how it was built", |o, _| errand(o, Errand::Build)),
    flag("-vq", Nothing, "print the version's number alone; -vqb and -vqs do the same", |o, _| errand(o, Errand::BareVersion)),
    flag("-dW", Nothing, "refuse a configuration that leads to a warning", |o, _| {
        o.zero_warning = true;
        Ok(())
    }),
    flag("-dD", Nothing, "tell what .diag lines say too", |o, _| {
        o.tell_diagnostics = true;
        Ok(())
    }),
    flag("-dK", Nothing, "list the keywords of the language, then go on; -dK and a class lists them all too", |o, _| {
        o.list_keywords = true;
        Ok(())
    }),
    flag("-D", Nothing, "go to the background", |o, _| {
        if o.ground != Ground::Foreground {
            o.ground = Ground::Background;
        }
        Ok(())
    }),
    flag("-d", Nothing, "stay in the foreground and say more", |o, _| {
        (o.ground, o.verbose) = (Ground::Foreground, true);
        Ok(())
    }),
    flag("-db", Nothing, "stay in the foreground, whatever the configuration says", |o, _| {
        o.ground = Ground::Foreground;
        Ok(())
    }),
    flag("-W", Nothing, "run under a supervisor: there is one process here, which is its own master", |o, _| {
        if o.supervised == Supervised::No {
            o.supervised = Supervised::Master;
        }
        Ok(())
    }),
    flag("-Ws", Nothing, "run under systemd, and tell it when the process is ready", |o, _| {
        o.supervised = Supervised::Systemd;
        Ok(())
    }),
    flag("-p", Word("FILE"), "write the process id here", |o, w| {
        o.pidfile = w.first().map(PathBuf::from);
        Ok(())
    }),
    flag("-C", Word("DIR"), "go to this directory before the files are read", |o, w| {
        o.directory = w.first().map(PathBuf::from);
        Ok(())
    }),
    flag("-n", Word("NUMBER"), "stands above the global maxconn", |o, w| {
        o.maxconn = Some(number(w)?);
        Ok(())
    }),
    flag("-N", Word("NUMBER"), "maxconn of frontends that say nothing", |o, w| {
        o.proxy_maxconn = Some(number(w)?);
        Ok(())
    }),
    flag("-m", Word("MEGABYTES"), "use no more memory than this", |o, w| {
        o.memory_megabytes = Some(number(w)?);
        Ok(())
    }),
    flag("-L", Word("NAME"), "the name of this process among its peers", |o, w| {
        o.local_peer = w.first().cloned();
        Ok(())
    }),
    flag("-sf", Words("PID..."), "take over from these processes, and let them finish their requests", |o, w| {
        predecessors(o, w, Farewell::Finish)
    }),
    flag("-st", Words("PID..."), "take over from these processes, and end them at once", |o, w| predecessors(o, w, Farewell::Terminate)),
    flag("-x", Word("SOCKET"), "take the listening sockets from the process behind this stats socket", |o, w| {
        o.take_listeners_from = w.first().map(PathBuf::from);
        Ok(())
    }),
    flag(
        "-S",
        Optional("NAME=VALUE[,expire=30m]|NAME=|NAME"),
        "set, unset or print a switch of the running process; alone, list them; with a path, a control socket there",
        |o, w| switch(o, w.first()),
    ),
    flag("-s", Word("NAME=VALUE"), "a switch for this start; may be repeated", |o, w| {
        let pair = w.first().and_then(|word| word.split_once('=')).filter(|(name, _)| is_switch_name(name));
        let (name, value) = pair.ok_or("-s takes NAME=VALUE")?;
        o.switches.push((name.to_string(), value.to_string()));
        Ok(())
    }),
    flag("--socket", Word("PATH"), "the control socket of the running process, for -S and --reload", |o, w| {
        o.socket = w.first().map(PathBuf::from);
        Ok(())
    }),
    flag("--reload", Nothing, "let the running process read its configuration again; exit status 1 and the faults if it cannot", |o, _| {
        errand(o, Errand::Reload)
    }),
    flag(
        "--bypass-link",
        Words("SECTION [TIME]"),
        "print a signed link around the maintenance of a section, good for that time",
        |o, w| {
            if !(1..=2).contains(&w.len()) {
                return Err("--bypass-link takes a section's name, and a time perhaps".into());
            }
            errand(o, Errand::BypassLink(w.to_vec()))
        },
    ),
    flag("--dump", Nothing, "print the configuration as it was understood", |o, _| errand(o, Errand::Dump)),
    flag("--explain", Optional("REQUEST|-"), "print what the configuration does with a request, of this file or typed in", |o, w| {
        o.scene.request = w.first().filter(|word| *word != "-").map(PathBuf::from);
        errand(o, Errand::Explain)
    }),
    flag("--response", Word("FILE"), "with --explain: the server's answer, and what becomes of it", |o, w| {
        o.scene.response = w.first().map(PathBuf::from);
        Ok(())
    }),
    flag("--src", Word("ADDRESS[:PORT]"), "with --explain: the client", |o, w| {
        o.scene.source = Some(end(w, 40000)?);
        Ok(())
    }),
    flag("--dst", Word("ADDRESS:PORT"), "with --explain: the address that the client comes to, by which its frontend is found", |o, w| {
        o.scene.destination = Some(end(w, 80)?);
        Ok(())
    }),
    flag("--frontend", Word("NAME"), "with --explain: the frontend that the client comes to", |o, w| {
        o.scene.frontend = w.first().cloned();
        Ok(())
    }),
    flag("--server", Word("[BACKEND/]NAME=down|maint|refuse|up"), "with --explain: how a server is; may be repeated", |o, w| {
        let word = w.first().map(String::as_str).unwrap_or_default();
        let (name, condition) = word.split_once('=').ok_or("--server takes NAME=down, =maint, =refuse or =up")?;
        let condition = match condition {
            "down" => Condition::Down,
            "maint" => Condition::Maintenance,
            "refuse" => Condition::Refuses,
            "up" => Condition::Up,
            _ => return Err(format!("a server is down, maint, refuse or up, not '{condition}'")),
        };
        o.scene.servers.push((name.to_owned(), condition));
        Ok(())
    }),
    flag("--keywords", Optional("NAME"), "list the keywords of the language, or explain one", |o, w| {
        errand(o, Errand::Keywords(w.first().cloned()))
    }),
    flag("--skip-tls-binds", Nothing, "leave out bind lines that ask for TLS, with a warning", |o, _| {
        o.skip_tls_binds = true;
        Ok(())
    }),
    flag("--origin", Words("PORT [NAME]"), "be a small web server to try things with, on 127.0.0.1", |o, w| {
        let port = w.first().and_then(|word| word.parse().ok()).ok_or("--origin takes a port")?;
        errand(o, Errand::Origin(port, w.get(1).cloned()))
    }),
    flag("--help", Nothing, "print this", |o, _| errand(o, Errand::Help)),
    flag("-h", Nothing, "print this", |o, _| errand(o, Errand::Help)),
];

/// Tuning switches of HAProxy that change nothing here, by what they begin with: kernel polling, splicing, memory
/// poisoning, debugging of itself and the like.
const TUNING: &[&str] = &[
    "-dA", "-dF", "-dG", "-dI", "-dL", "-dM", "-dP", "-dR", "-dS", "-dT", "-dV", "-dX", "-dZ", "-dc", "-de", "-dk", "-dp", "-dr", "-ds",
    "-dt", "-dv",
];

/// Reads the words behind the program's name. The error is one line for people.
pub fn parse(words: &[String]) -> Result<Options, String> {
    let mut options = Options::default();
    let mut rest = words;
    while let Some((word, behind)) = rest.split_first() {
        rest = behind;
        if word == "-4" || TUNING.iter().any(|name| word.starts_with(name)) {
            continue;
        }
        let name = match word.as_str() {
            "-vqb" | "-vqs" => "-vq",
            word if word.starts_with("-dK") => "-dK",
            word => word,
        };
        let Some(flag) = FLAGS.iter().find(|flag| flag.name == name) else { return Err(unknown(word)) };
        let is_value = |word: &&String| !word.starts_with('-') || *word == "-";
        let count = match flag.takes {
            Nothing => 0,
            Word(name) if rest.is_empty() => return Err(format!("{word} takes {name}")),
            Word(_) => 1,
            Optional(_) => usize::from(rest.first().is_some_and(|word| is_value(&word))),
            Words(_) => rest.iter().take_while(is_value).count(),
            Rest(_) => rest.len(),
        };
        let (taken, left) = rest.split_at(count);
        (flag.apply)(&mut options, taken)?;
        rest = left;
    }
    Ok(options)
}

fn unknown(word: &str) -> String {
    match nearest(word.as_bytes(), FLAGS.iter().map(|flag| flag.name)) {
        Some(near) => format!("unknown flag '{word}', did you mean '{near}'?"),
        None => format!("unknown flag '{word}'"),
    }
}

/// The usage, from the rows.
pub fn usage(program: &str) -> String {
    let mut text = format!("Usage: {program} -f FILE [flags]\n");
    for flag in FLAGS {
        let takes = match flag.takes {
            Nothing => String::new(),
            Word(name) | Words(name) | Rest(name) => format!(" {name}"),
            Optional(name) => format!(" [{name}]"),
        };
        text += &format!("  {:<28} {}\n", format!("{}{takes}", flag.name), flag.meaning);
    }
    text + "  -d*                          HAProxy's other tuning switches are taken and change nothing\n"
}

/// What the program is and what it was built for, for `-vv`.
pub fn build() -> String {
    let (version, system, machine) = (env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH);
    format!(
        "byway version {version}\nBuilt for {machine}-{system}, Rust edition 2024; polling by mio; regular expressions by regex\nThreads: one per core, or nbthread\n"
    )
}

fn errand(options: &mut Options, errand: Errand) -> Result<(), String> {
    options.errand = errand;
    Ok(())
}

/// An end of a connection, its port perhaps left out.
fn end(words: &[String], port: u16) -> Result<SocketAddr, String> {
    let word = words.first().map(String::as_str).unwrap_or_default();
    let address = word.parse().or_else(|_| word.trim_matches(['[', ']']).parse().map(|address| SocketAddr::new(address, port)));
    address.map_err(|_| format!("'{word}' is no address; write 192.0.2.1:80 or [2001:db8::1]:80"))
}

fn number<N: std::str::FromStr>(words: &[String]) -> Result<N, String> {
    let word = words.first().map(String::as_str).unwrap_or_default();
    word.parse().map_err(|_| format!("'{word}' is no number"))
}

fn predecessors(options: &mut Options, words: &[String], farewell: Farewell) -> Result<(), String> {
    options.farewell = farewell;
    for word in words.iter().flat_map(|word| word.split_whitespace()) {
        let pid = word.parse().ok().filter(|pid| *pid > 0).ok_or_else(|| format!("'{word}' is no process id"))?;
        options.predecessors.push(pid);
    }
    Ok(())
}

/// `-S`: a name with `=` sets, a bare name prints, and what has `/`, `@` or `:` is HAProxy's master socket: a control socket here.
fn switch(options: &mut Options, word: Option<&String>) -> Result<(), String> {
    let Some(word) = word else { return errand(options, Errand::Switch(SwitchErrand::List)) };
    let set = word.split_once('=').filter(|(name, _)| is_switch_name(name));
    let asked = match set {
        Some((name, "")) => SwitchErrand::Unset(bare_name(name).to_string()),
        Some((name, value)) => {
            let (value, expire) = value.rsplit_once(",expire=").map_or((value, None), |(value, end)| (value, Some(end.to_string())));
            if expire.as_deref() == Some("") {
                return Err("expire= takes a time: 90s, 30m, 2h, 1d or 2026-11-22T20:00".into());
            }
            SwitchErrand::Set(bare_name(name).to_string(), value.to_string(), expire)
        }
        None if is_switch_name(word) => SwitchErrand::Print(bare_name(word).to_string()),
        None => {
            // HAProxy's master socket is a path or an address. What looks like a switch and is none must not start a process.
            let before = word.split(['=', ',']).next().unwrap_or_default();
            if !before.contains(['/', ':', '@']) {
                return Err(format!("-S takes a variable ('{before}' is no name: letters, digits, '_', '-' and '.') or a socket's path"));
            }
            options.master_socket = Some(word.clone());
            return Ok(());
        }
    };
    errand(options, Errand::Switch(asked))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Options, String> {
        parse(&line.split_whitespace().map(String::from).collect::<Vec<_>>())
    }

    #[test]
    fn the_lines_of_unit_files_and_init_scripts_are_understood() {
        let debian = read("-Ws -f /etc/haproxy/haproxy.cfg -p /run/haproxy.pid -S /run/haproxy-master.sock").unwrap();
        assert_eq!(debian.errand, Errand::Serve);
        assert_eq!((debian.supervised, debian.master_socket.as_deref()), (Supervised::Systemd, Some("/run/haproxy-master.sock")));
        let openwrt = read("-q -W -db -f /etc/haproxy.cfg").unwrap();
        assert_eq!((openwrt.quiet, openwrt.supervised, openwrt.ground), (true, Supervised::Master, Ground::Foreground));
        let init = read("-f a.cfg -sf 12 34 -D -p pid").unwrap();
        assert_eq!((init.predecessors, init.ground), (vec![12, 34], Ground::Background));
        let vtest = read("-d -f cfg -L A -V -dM -dr").unwrap();
        assert_eq!((vtest.ground, vtest.local_peer.as_deref()), (Ground::Foreground, Some("A")));
        assert_eq!(read("-f a -- b c").unwrap().files, ["a", "b", "c"].map(PathBuf::from));
        assert_eq!(read("-f a -sf -D").unwrap().predecessors, []);
        assert_eq!(read("-c -q -f a").unwrap().errand, Errand::Check);
        let strict = read("-dW -dD -dKall -4 -dtmain -c -f a").unwrap();
        assert_eq!((strict.zero_warning, strict.tell_diagnostics, strict.list_keywords), (true, true, true));
        assert_eq!(read("-cc feature(THREAD)").unwrap().errand, Errand::Condition("feature(THREAD)".into()));
        assert_eq!(read("-vqb").unwrap().errand, Errand::BareVersion);
    }

    #[test]
    fn a_switch_is_told_apart_from_a_socket() {
        let check = |line: &str, expected| assert_eq!(read(line).unwrap().errand, expected, "{line}");
        let name = || "maintenance_mode".to_string();
        check("-S maintenance_mode=true", Errand::Switch(SwitchErrand::Set(name(), "true".into(), None)));
        check("-S proc.maintenance_mode=a=b/c", Errand::Switch(SwitchErrand::Set(name(), "a=b/c".into(), None)));
        check("-S maintenance_mode=a,b,expire=30m", Errand::Switch(SwitchErrand::Set(name(), "a,b".into(), Some("30m".into()))));
        check("-S maintenance_mode=", Errand::Switch(SwitchErrand::Unset(name())));
        check("-S maintenance_mode", Errand::Switch(SwitchErrand::Print(name())));
        check("-S maintenance.shop=1", Errand::Switch(SwitchErrand::Set("maintenance.shop".into(), "1".into(), None)));
        check("-f a.cfg -S", Errand::Switch(SwitchErrand::List));
        check("-S -f a.cfg", Errand::Switch(SwitchErrand::List));
        check("-S /run/haproxy-master.sock,mode,600", Errand::Serve);
        check("-S fd@5", Errand::Serve);
        check("-S 127.0.0.1:9999", Errand::Serve);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let check = |line: &str, expected: &str| assert_eq!(read(line).unwrap_err(), expected);
        check("-S \u{e4}=1", "-S takes a variable ('\u{e4}' is no name: letters, digits, '_', '-' and '.') or a socket's path");
        check("-S 1x=/a", "-S takes a variable ('1x' is no name: letters, digits, '_', '-' and '.') or a socket's path");
        check("-S 1x", "-S takes a variable ('1x' is no name: letters, digits, '_', '-' and '.') or a socket's path");
        check("-S a=1,expire=", "expire= takes a time: 90s, 30m, 2h, 1d or 2026-11-22T20:00");
        check("--reloat", "unknown flag '--reloat', did you mean '--reload'?");
        check("-f", "-f takes FILE|DIR");
        check("-n x", "'x' is no number");
        check("-cc", "-cc takes CONDITION");
        check("-dQ", "unknown flag '-dQ', did you mean '-q'?");
        check("-sf 0", "'0' is no process id");
        check("-s 1x=2", "-s takes NAME=VALUE");
    }

    #[test]
    fn every_flag_is_in_the_usage_once() {
        let text = usage("byway");
        for flag in FLAGS {
            let count = text.lines().filter(|line| line.split_whitespace().next() == Some(flag.name)).count();
            assert_eq!(count, 1, "{}", flag.name);
        }
    }
}
