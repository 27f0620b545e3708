//! `defaults`, `frontend`, `backend` and `listen` sections (HAProxy manual, section 4): what a section begins with, the
//! keywords that set one thing, and who reads the rest. Names that are left to look up are `resolve`'s.

use super::diagnostic::{Kind, Severity};
use super::draft::{Draft, Head, LogLine, ProxyParse};
use super::keyword::{ANYWHERE, Allowed, CLIENT_SIDE, Keyword, PROXIES, SERVER_SIDE, SectionKind, Status, Table, nearest};
use super::line::{Line, Sense};
use super::model::Mode;
use super::outline::Section;
use super::{
    Reading, answers, balancing, bind_line, capture_line, check_line, check_option, cookie_line, direction_line, external_check,
    http_option, inheritance, known, log_line, maintenance_line, option, probes, rules, server_line, server_state, server_template,
    source_line, stats_line, timeout, traps, value,
};
use crate::fault::Fault;
use crate::rules::action;
use crate::rules::rewrite::KEYWORDS;
use crate::sample::ProxyId;
use std::collections::HashMap;
use std::net::IpAddr;

/// The tables of a proxy's lines; the `req*` and `rsp*` family has its own in `rules::rewrite`.
pub const KEYWORD_TABLES: [&[Keyword<ProxyParse>]; 14] = [
    PROXY_KEYWORDS,
    timeout::TIMEOUTS,
    option::OPTIONS,
    http_option::HTTP_OPTIONS,
    check_option::CHECK_OPTIONS,
    check_line::CHECK_LINES,
    external_check::EXTERNAL_CHECKS,
    rules::RULES,
    answers::ANSWERS,
    capture_line::CAPTURES,
    direction_line::DIRECTIONS,
    stats_line::STATS,
    maintenance_line::MAINTENANCE,
    probes::PROBES,
];

/// Reads all sections of proxies.
pub(super) fn read_sections(sections: &[Section], reading: &mut Reading) -> Vec<Draft> {
    let table = Table::new(&KEYWORD_TABLES);
    let mut defaults: Vec<Draft> = vec![Draft::bare(SectionKind::Defaults)];
    let mut named: HashMap<String, Named> = HashMap::new();
    let mut first_lines: HashMap<(SectionSide, String), (String, super::model::Place)> = HashMap::new();
    let mut takers = inheritance::Takers::default();
    let mut drafts = Vec::with_capacity(sections.len());
    let is_proxy = |section: &Section| !matches!(section.kind, SectionKind::Global | SectionKind::Userlist | SectionKind::HttpErrors);
    for (index, section) in sections.iter().enumerate().filter(|(_, section)| is_proxy(section)) {
        let words = read_head(section, reading);
        let from = match words.from {
            None if section.kind == SectionKind::Defaults => defaults.first(),
            None => defaults.last(),
            Some(index) => match section.head.word(index).and_then(|name| named.get(&*String::from_utf8_lossy(name))) {
                Some(Named::Once(at)) => defaults.get(*at),
                Some(Named::Again(which)) => {
                    let fault = Fault::new(index, format!("{which} is meant?")).hint("they have the same name: rename one");
                    reading.alert(&section.head, fault);
                    defaults.last()
                }
                None => {
                    let name = String::from_utf8_lossy(section.head.word(index).unwrap_or_default()).into_owned();
                    let fault = Fault::new(index, format!("there is no 'defaults {name}' above this line"));
                    let near = nearest(name.as_bytes(), named.keys().map(String::as_str)).map(|near| format!("did you mean '{near}'?"));
                    reading.alert(&section.head, fault.hint(near.unwrap_or_default()));
                    defaults.last()
                }
            },
        };
        let handed_on = from.and_then(|from| from.rules_of).and_then(|index| sections.get(index));
        let mut draft = match from {
            Some(from) => Draft::inherit(section.kind, from),
            None => Draft::bare(section.kind),
        };
        draft.proxy.name = section.name.clone();
        draft.proxy.place = section.head.place();
        draft.head = Head { text: section.head.text.to_vec(), columns: section.head.columns_of(1) };
        if let Some(kind) = section.proxy_kind() {
            draft.proxy.kind = kind;
            draft.proxy.id = ProxyId(drafts.len() as u32);
            for side in [(SectionSide::Clients, kind.has_frontend()), (SectionSide::Servers, kind.has_backend())] {
                let (side, true) = side else { continue };
                let title = draft.title();
                if let Some((other, place)) = first_lines.get(&(side, section.name.clone())) {
                    let message = format!("'{title}' has the same name as '{other}' at {}:{}", place.file, place.line);
                    reading.alert(&section.head, Fault::new(1, message));
                    break;
                }
                first_lines.insert((side, section.name.clone()), (title, draft.proxy.place.clone()));
            }
            if let Some(index) = words.address {
                match bind_line::parse_bind(&section.head, index, reading) {
                    Ok(binds) => draft.proxy.binds.extend(binds),
                    Err(fault) => reading.alert(&section.head, fault),
                }
            }
        }
        if let Some(other) = handed_on {
            match takers.admit(other, section.kind) {
                Ok(()) => inheritance::inherit_rules(&mut draft, &section.head, other, &table, reading),
                Err(fault) => reading.alert(&section.head, fault),
            }
        }
        for line in &section.lines {
            read_line(&mut draft, line, &table, reading);
        }
        match section.kind {
            SectionKind::Defaults => {
                if !section.name.is_empty() {
                    let line = section.head.number;
                    let entry = named.entry(section.name.clone());
                    entry.and_modify(|known| known.say_again(line, &defaults)).or_insert(Named::Once(defaults.len()));
                }
                let has_rules = !section.name.is_empty() && section.lines.iter().any(inheritance::is_rule);
                draft.rules_of = has_rules.then_some(index);
                defaults.push(draft);
            }
            _ => drafts.push(draft),
        }
    }
    drafts
}

/// A name of a `defaults` section.
enum Named {
    /// It has one section.
    Once(usize),
    /// It has several: which could be meant, as a question.
    Again(String),
}

impl Named {
    fn say_again(&mut self, line: u32, defaults: &[Draft]) {
        *self = match self {
            Named::Once(at) => {
                let first = defaults.get(*at).map_or(0, |draft| draft.proxy.place.line);
                Named::Again(format!("which 'defaults' of lines {first}, {line}"))
            }
            Named::Again(which) => Named::Again(format!("{which}, {line}")),
        };
    }
}

/// The side on which a name must be the only one of its kind.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum SectionSide {
    Clients,
    Servers,
}

/// The words of a section's head behind its name.
struct HeadWords {
    /// Index of the name behind `from`.
    from: Option<usize>,
    /// Index of an address, where HAProxy up to 1.7 had it.
    address: Option<usize>,
}

fn read_head(section: &Section, reading: &mut Reading) -> HeadWords {
    let line = &section.head;
    let mut words = HeadWords { from: None, address: None };
    let has_clients = matches!(section.kind, SectionKind::Frontend | SectionKind::Listen);
    let mut index = match section.kind {
        SectionKind::Defaults if section.name.is_empty() => 1,
        _ => 2,
    };
    if has_clients && value::parse_name(section.name.as_bytes()).is_ok_and(|name| !name.contains(':')) {
        if line.word(index).is_some_and(|word| word != b"from") {
            words.address = Some(index);
            index += 1;
        }
    } else if has_clients && section.name.contains(':') && line.word(2).is_none_or(|word| word == b"from") {
        words.address = Some(1);
    }
    if line.word(index) == Some(b"from") {
        words.from = Some(index + 1);
        if line.word(index + 1).is_none() {
            reading.alert(line, Fault::new(index + 1, "'from' needs the name of a defaults section"));
            words.from = None;
        }
        index += 2;
    }
    if let Err(fault) = line.end(index) {
        reading.alert(line, fault);
    }
    words
}

/// In a frontend these are refused, where others are passed over with a warning: HAProxy 2.6 does so.
const NEVER_PASSED_OVER: [&str; 4] = ["server", "default-server", "server-template", "tcp-response inspect-delay"];

/// Lines other than options that `no` goes with.
const MAY_BE_NEGATED: [&str; 2] = ["http-check disable-on-404", "http-check send-state"];

/// Saying these twice in one section is an oversight.
const SAID_ONCE: [&str; 8] =
    ["timeout client", "timeout connect", "timeout server", "timeout queue", "timeout check", "default_backend", "cookie", "mode"];

pub(super) fn read_line(draft: &mut Draft, line: &Line, table: &Table<ProxyParse>, reading: &mut Reading) {
    read_keyword(draft, line, table, reading);
    reading.tell_without_value(line);
}

fn read_keyword(draft: &mut Draft, line: &Line, table: &Table<ProxyParse>, reading: &mut Reading) {
    if let Err(fault) = inheritance::check_place(draft, line) {
        return reading.alert(line, fault);
    }
    draft.line = line.place();
    reading.stand_at(line);
    traps::check_line(draft, line, reading);
    let Some(row) = table.find(&line.words) else {
        if rules::is_rewrite(line.keyword()) && draft.kind == SectionKind::Defaults {
            let keyword = String::from_utf8_lossy(line.keyword()).into_owned();
            let message = format!("'{keyword}' is not allowed in '{}'", draft.title());
            return reading.alert(line, Fault::new(0, message).hint("it goes into frontend, listen, backend"));
        }
        if rules::is_rewrite(line.keyword()) && line.sense == Sense::Wanted {
            return rules::rewrite(draft, line, reading).unwrap_or_else(|fault| known::tell_fault(line, fault, reading));
        }
        if rules::is_action(&line.words) && line.sense == Sense::Wanted {
            return rules::action(draft, line, reading).unwrap_or_else(|fault| known::tell_fault(line, fault, reading));
        }
        let actions = action::all().map(|row| row.name);
        let names = table.names(draft.kind).chain(KEYWORDS.iter().map(|row| row.name)).chain(actions);
        return known::tell_unknown(line, known::Room::Proxy, draft.kind, &draft.title(), names, reading);
    };
    let last = row.name.split(' ').count() - 1;
    if line.sense != Sense::Wanted && !row.name.starts_with("option ") && row.name != "log" && !MAY_BE_NEGATED.contains(&row.name) {
        return reading.alert(line, Fault::new(0, format!("'no' and 'default' do not go with '{}'", row.name)));
    }
    let is_handed_on = draft.kind == SectionKind::Defaults && inheritance::is_rule(line);
    if !row.allowed.contains(&draft.kind) && !is_handed_on {
        return tell_misplaced(draft, line, row, reading);
    }
    match (row.parse)(draft, line, reading) {
        Ok(()) => {
            reading.tell_status(line, last, row.name, row.status);
            if let Some(earlier) = draft.lines.get(row.name).filter(|_| SAID_ONCE.contains(&row.name)) {
                let hint = "the last one counts";
                reading.warn(line, Fault::new(last, format!("line {earlier} already says '{}'", row.name)).hint(hint));
            }
        }
        Err(fault) => known::tell_fault(line, fault, reading),
    }
    draft.lines.insert(row.name, line.number);
}

fn tell_misplaced(draft: &Draft, line: &Line, row: &Keyword<ProxyParse>, reading: &mut Reading) {
    let word = row.name.split(' ').count() - 1;
    let title = draft.title();
    let is_refused = draft.kind == SectionKind::Defaults || NEVER_PASSED_OVER.contains(&row.name);
    let message = match draft.kind {
        SectionKind::Defaults => format!("'{}' is not allowed in '{title}'", row.name),
        SectionKind::Frontend => format!("'{}' is ignored: '{title}' has no servers", row.name),
        _ => format!("'{}' is ignored: '{title}' has no clients", row.name),
    };
    let message = if is_refused { message.replace("ignored", "refused") } else { message };
    let hint = match (draft.kind, row.name) {
        (SectionKind::Backend, "maxconn") => "fullconn is for backends".to_owned(),
        (SectionKind::Frontend, "fullconn") => "maxconn is for frontends".to_owned(),
        _ => format!("it goes into {}", row.allowed.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ")),
    };
    let severity = if is_refused { Severity::Alert } else { Severity::Warning };
    let kind = if is_refused { Kind::Fault } else { Kind::Ignored };
    reading.diagnostics.push(line.tell(severity, kind, Fault::new(word, message).hint(hint)));
}

/// Every keyword of a proxy that is in a table.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let rows = KEYWORD_TABLES.into_iter().flatten().map(|row| row.name);
    rows.chain(KEYWORDS.iter().map(|row| row.name)).chain(action::all().map(|row| row.name))
}

/// Is this the first word of a line of a proxy?
pub(super) fn is_keyword(word: &[u8]) -> bool {
    let rows = KEYWORD_TABLES.into_iter().flatten();
    rules::is_rewrite(word)
        || rows
            .map(|row| row.name)
            .chain(known::names(known::Room::Proxy))
            .any(|name| name.split(' ').next().map(str::as_bytes) == Some(word))
}

const fn row(
    name: &'static str,
    allowed: Allowed,
    arguments: &'static str,
    parse: ProxyParse,
    manual: &'static str,
) -> Keyword<ProxyParse> {
    Keyword { name, allowed, arguments, status: Status::Done, parse, manual }
}

/// The keywords that set one thing.
pub const PROXY_KEYWORDS: &[Keyword<ProxyParse>] = &[
    row("backlog", CLIENT_SIDE, "<number>", backlog, "connections that the kernel keeps waiting"),
    row("balance", SERVER_SIDE, "<algorithm> [<arguments>]", balancing::parse_balance, "how servers are chosen"),
    row("bind", super::keyword::FRONTENDS, "<address>[,...] [<parameters>]", bind, "listens on addresses"),
    row("cookie", SERVER_SIDE, "<name> [<options>]", cookie, "keeps clients on their server by a cookie"),
    row("default-server", SERVER_SIDE, "<parameters>", default_server, "what server lines begin with"),
    row("description", PROXIES, "<text>", description, "a text about this section"),
    row("dispatch", SERVER_SIDE, "<address>:<port>", source_line::dispatch, "where requests go that no server was chosen for"),
    row("disabled", ANYWHERE, "", disabled, "the section is out of use"),
    row("enabled", ANYWHERE, "", enabled, "the section is in use"),
    row("fullconn", SERVER_SIDE, "<number>", fullconn, "connections at which servers' maxconn is reached, from minconn"),
    row("grace", CLIENT_SIDE, "<time>", grace, "how long clients are still taken after a soft stop has begun"),
    row("hash-type", SERVER_SIDE, "<method> [<function> [avalanche]]", balancing::parse_hash_type, "how a key becomes a server"),
    row("id", PROXIES, "<number>", id, "the section's number in statistics"),
    row(
        "load-server-state-from-file",
        SERVER_SIDE,
        "global | local | none",
        server_state::load_from_file,
        "servers begin as a file of their states says",
    ),
    row("log", ANYWHERE, "global | <address> ... <facility> [<level> [<least>]]", log, "where log lines go; no log for nowhere"),
    row("log-tag", ANYWHERE, "<tag>", log_tag, "the program's name in log lines"),
    row("maxconn", CLIENT_SIDE, "<number>", maxconn, "connections of this section's clients"),
    row("mode", ANYWHERE, "http | tcp | health", mode, "what is spoken"),
    row("monitor-net", CLIENT_SIDE, "<network>", monitor_net, "clients that are told 200 OK at once, and never logged"),
    row("rate-limit sessions", CLIENT_SIDE, "<number>", rate_limit, "clients in a second; more wait in the system's queue"),
    row("redisp", SERVER_SIDE, "", redispatch, "option redispatch, as HAProxy before 2.1 spelled it"),
    row("redispatch", SERVER_SIDE, "", redispatch, "option redispatch, as HAProxy before 2.1 spelled it"),
    row("retries", SERVER_SIDE, "<number>", retries, "how often a connection to a server is tried again"),
    row(
        "source",
        SERVER_SIDE,
        "<address>[:<port>] [usesrc <whose>] [interface <name>]",
        source_line::source,
        "where connections to servers come from",
    ),
    row("transparent", SERVER_SIDE, "", source_line::transparent, "option transparent, as HAProxy before 3.5 also spelled it"),
    row("server-state-file-name", SERVER_SIDE, "[<name> | use-backend-name]", server_state::file_name, "the section's own file of states"),
    row(
        "server-template",
        super::keyword::BACKENDS,
        "<prefix> <number> | <first>-<last> <address> [<parameters>]",
        server_template::parse_template,
        "several servers alike",
    ),
    row("server", super::keyword::BACKENDS, "<name> <address> [<parameters>]", server, "a server"),
];

fn backlog(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(2)?;
    draft.proxy.backlog = Some(reading.number_at(line, 1, 0, i32::MAX.into())?).filter(|number| *number > 0);
    Ok(())
}

fn grace(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(2)?;
    let time = reading.time_at(line, 1, value::Unit::Millisecond)?.time;
    draft.proxy.grace = Some(time).filter(|time| !time.is_zero());
    Ok(())
}

fn rate_limit(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(3)?;
    draft.proxy.session_rate = Some(reading.number_at(line, 2, 0, i32::MAX.into())?).filter(|rate| *rate > 0);
    Ok(())
}

fn bind(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    draft.proxy.binds.extend(bind_line::parse_bind(line, 1, reading)?);
    Ok(())
}

fn cookie(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    draft.proxy.cookie = Some(cookie_line::parse_cookie(line, reading)?);
    Ok(())
}

fn default_server(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    server_line::parse_parameters(&mut draft.default_server, line, 1, reading)
}

fn server(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    server_line::parse_server(draft, line, reading)
}

fn description(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    line.expect(1, "a text")?;
    draft.proxy.description = Some(String::from_utf8_lossy(&line.words_from(1).join(&b' ')).into_owned());
    Ok(())
}

fn disabled(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    draft.proxy.disabled = true;
    line.end(1)
}

fn enabled(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    draft.proxy.disabled = false;
    line.end(1)
}

fn fullconn(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(2)?;
    draft.proxy.fullconn = Some(reading.number_at(line, 1, 0, i32::MAX.into())?).filter(|number| *number > 0);
    Ok(())
}

fn id(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(2)?;
    draft.proxy.numeric_id = Some(reading.number_at(line, 1, 1, i32::MAX.into())?);
    Ok(())
}

fn log(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    match (line.sense, line.word(1)) {
        (Sense::Wanted, Some(b"global")) => {
            draft.log.push(LogLine::Global);
            line.end(2)
        }
        (Sense::Wanted, _) => {
            draft.log.push(LogLine::Target(log_line::parse_target(line, reading)?));
            Ok(())
        }
        _ => {
            draft.log.clear();
            line.end(1)
        }
    }
}

fn log_tag(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    draft.proxy.log_tag = Some(line.expect_text(1, "a tag")?.to_owned());
    line.end(2)
}

fn maxconn(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(2)?;
    draft.proxy.maxconn = Some(reading.number_at(line, 1, 0, i32::MAX.into())?).filter(|number| *number > 0);
    Ok(())
}

fn mode(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(2)?;
    draft.proxy.mode = match line.expect(1, "http or tcp")? {
        b"http" => Mode::Http,
        b"tcp" => Mode::Tcp,
        b"health" => Mode::Health,
        other => {
            let foreign = ["mode log", "mode spop", "mode haterm"];
            if let Some(name) = foreign.into_iter().find(|name| name.as_bytes().get(5..) == Some(other)) {
                reading.tell_status(line, 1, name, Status::Refused("http and tcp are spoken"));
                return Ok(());
            }
            let near = super::keyword::nearest(other, ["http", "tcp", "health"].into_iter());
            let hint = near.map_or("http and tcp are".to_owned(), |near| format!("did you mean '{near}'?"));
            return Err(Fault::new(1, format!("'{}' is no mode", String::from_utf8_lossy(other))).hint(hint));
        }
    };
    Ok(())
}

fn monitor_net(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(2)?;
    let first = |host: &str| reading.resolve(host).into_iter().find(IpAddr::is_ipv4);
    let network = value::parse_network(line.expect(1, "a network")?, &first).map_err(|message| Fault::new(1, message))?;
    // A mask of no bits takes the line back, as it did in HAProxy.
    draft.proxy.monitor_net = Some(network).filter(|network| network.prefix > 0);
    Ok(())
}

/// `redispatch` alone: the last try goes to another server.
fn redispatch(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    draft.proxy.redispatch = -1;
    line.end(1)
}

fn retries(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    line.end(2)?;
    draft.proxy.retries = reading.number_at(line, 1, 0, i32::MAX.into())?;
    Ok(())
}
