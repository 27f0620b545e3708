//! The `option` lines that choose what a check speaks: HTTP, steps of one's own, or a protocol with ready-made steps
//! (SSLv3, SMTP, MySQL, PostgreSQL, Redis, LDAP). What bytes they send and what answers they take is HAProxy 2.6's.

use super::Reading;
use super::check_draft::step;
use super::check_status::CheckStatus;
use super::draft::{Draft, ProxyParse};
use super::keyword::{Keyword, SERVER_SIDE, Status};
use super::line::Line;
use super::model_check::{
    CheckAction, CheckConnect, CheckExpect, CheckNote, CheckNumber, CheckPattern, CheckProtocol, CheckRequest, CheckSend, CheckStep,
    CheckText,
};
use super::option::only_wanted;
use crate::fault::Fault;
use crate::sample::regex::Regex;
use crate::sample::text::Case;
use std::sync::Arc;

/// The options.
pub const CHECK_OPTIONS: &[Keyword<ProxyParse>] = &[
    row("option httpchk", "[<method>] [<uri>] [<version>]", httpchk, "checks servers by a request"),
    row("option ldap-check", "", ldap, "checks servers by an LDAP bind"),
    row("option mysql-check", "[user <name> [post-41 | pre-41]]", mysql, "checks servers by the greeting of MySQL, or a login"),
    row("option pgsql-check", "user <name>", pgsql, "checks servers by a PostgreSQL login"),
    row("option redis-check", "", redis, "checks servers by a PING of Redis"),
    row("option smtpchk", "[HELO | EHLO <domain>]", smtp, "checks servers by an SMTP greeting"),
    row("option ssl-hello-chk", "", ssl_hello, "checks servers by a ClientHello of SSLv3"),
    row("option tcp-check", "", tcp, "checks servers by the steps of the tcp-check lines"),
];

const fn row(name: &'static str, arguments: &'static str, parse: ProxyParse, manual: &'static str) -> Keyword<ProxyParse> {
    Keyword { name, allowed: SERVER_SIDE, arguments, status: Status::Done, parse, manual }
}

/// The longest request of a check, bytes.
const LONGEST_REQUEST: usize = 65536;
/// The longest name of a user, bytes.
const LONGEST_USER: usize = 200;
/// How many words `option NAME` is.
const OPTION_WORDS: usize = 2;

/// The number of the first step behind the connection: whether that is counted, HAProxy's log lines show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counting {
    FromConnection = 2,
    BehindConnection = 1,
}

fn choose(draft: &mut Draft, name: &'static str, counting: Counting, steps: Vec<CheckAction>) {
    draft.check.protocol = CheckProtocol::Named(name);
    let numbered = steps.into_iter().enumerate();
    let numbered = numbered.map(|(index, action)| Arc::new(CheckStep { number: index + counting as usize, comment: None, action }));
    let connect = CheckConnect { as_server: true, ..CheckConnect::default() };
    draft.check.named = std::iter::once(step(CheckAction::Connect(connect))).chain(numbered).collect();
}

fn expect(expect: CheckExpect) -> CheckAction {
    CheckAction::Expect(Box::new(expect))
}

fn bytes(bytes: impl Into<Vec<u8>>) -> CheckAction {
    CheckAction::Send(CheckSend::Bytes(bytes.into()))
}

fn regex(source: &str) -> Result<Regex, Fault> {
    Regex::parse(source.as_bytes(), Case::Matters)
}

fn httpchk(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    only_wanted(line)?;
    let words = line.words_from(OPTION_WORDS);
    if words.iter().map(Vec::len).sum::<usize>() > LONGEST_REQUEST {
        return Err(Fault::new(2, "the request of the check is too long"));
    }
    draft.check.set_request(parse_request(words));
    Ok(())
}

/// One word is a URI, two are method and URI, the third is the version, often with header fields behind it, and a body.
fn parse_request(words: &[Vec<u8>]) -> CheckRequest {
    let (method, target) = match words {
        [] => (None, None),
        [target] => (None, Some(target.clone())),
        [method, target, ..] => (Some(method.clone()), Some(target.clone())),
    };
    let rest = words.get(2..).unwrap_or_default().join(&b' ');
    let (head, body) = match rest.windows(4).position(|end| end == b"\r\n\r\n") {
        Some(end) => (rest.get(..end).unwrap_or_default(), rest.get(end + 4..).unwrap_or_default()),
        None => (rest.as_slice(), &b""[..]),
    };
    let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let version = lines.next().map(<[u8]>::to_vec);
    let field = |line: &[u8]| {
        let (name, value) = line.split_at(line.iter().position(|byte| *byte == b':').unwrap_or(line.len()));
        (name.to_vec(), CheckText::Plain(value.get(1..).unwrap_or_default().trim_ascii().to_vec()))
    };
    let body = Some(body).filter(|body| !body.is_empty()).map(|body| CheckText::Plain(body.to_vec()));
    CheckRequest { method, target: target.map(CheckText::Plain), version, fields: lines.map(field).collect(), body }
}

fn tcp(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    line.end(OPTION_WORDS)?;
    only_wanted(line)?;
    draft.check.protocol = CheckProtocol::Tcp;
    Ok(())
}

fn ssl_hello(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    line.end(OPTION_WORDS)?;
    const NAME: &str = "option ssl-hello-chk";
    only_wanted(line)?;
    // An alert or a handshake record (RFC 6101 section 5.2).
    let answer = CheckExpect::new(CheckPattern::BinaryRegex(regex("^1[56]")?)).or_else(CheckStatus::Layer6Invalid);
    let (ok, timeout) = (Some(CheckStatus::Layer6Passed), Some(CheckStatus::Layer6Timeout));
    let answer = CheckExpect { min_bytes: Some(5), ok, timeout, on_error: CheckNote::Words(""), ..answer };
    choose(draft, NAME, Counting::BehindConnection, vec![CheckAction::Send(CheckSend::TlsHello), expect(answer)]);
    Ok(())
}

fn smtp(draft: &mut Draft, line: &Line, reading: &mut Reading) -> Result<(), Fault> {
    const NAME: &str = "option smtpchk";
    only_wanted(line)?;
    let greeting = match (line.word(2), line.word(3)) {
        (Some(word @ (b"HELO" | b"EHLO")), Some(domain)) => [word, b" ", domain, b"\r\n"].concat(),
        _ => {
            reading.warn_of_surplus(line, OPTION_WORDS);
            b"HELO localhost\r\n".to_vec()
        }
    };
    line.end(line.words.len().min(4))?;
    // What a server says has three digits in front (RFC 5321 section 4.2).
    let reply = |pattern: &str, min_bytes| {
        let reply = CheckExpect::new(CheckPattern::Regex(regex(pattern)?)).or_else(CheckStatus::Layer7Wrong);
        Ok::<_, Fault>(CheckExpect { min_bytes, on_error: CheckNote::Line(4), number: CheckNumber::Digits, ..reply })
    };
    let is_reply =
        CheckExpect { error: Some(CheckStatus::Layer7Invalid), on_error: CheckNote::Line(0), ..reply("^[0-9]{3}[ \r]", Some(4))? };
    let farewell = CheckExpect { on_success: CheckNote::Line(4), ..reply("^2[0-9]{2}[- \r]", Some(4))? };
    choose(
        draft,
        NAME,
        Counting::FromConnection,
        vec![
            expect(is_reply),
            expect(reply("^2[0-9]{2}[ \r]", Some(4))?),
            bytes(greeting),
            expect(reply("^(2[0-9]{2}-[^\r]*\r\n)*2[0-9]{2}[ \r]", None)?),
            bytes("QUIT\r\n"),
            expect(farewell),
        ],
    );
    Ok(())
}

fn mysql(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    const NAME: &str = "option mysql-check";
    only_wanted(line)?;
    let handshake = || expect(CheckExpect::new(CheckPattern::MysqlHandshake));
    let Some(word) = line.word(2) else {
        choose(draft, NAME, Counting::BehindConnection, vec![handshake()]);
        return Ok(());
    };
    if word != b"user" {
        let word = String::from_utf8_lossy(word).into_owned();
        return Err(Fault::new(2, format!("'{word}' is no parameter of 'option mysql-check'")).hint("user <name> [post-41 | pre-41]"));
    }
    let user = user_at(line, 3)?;
    let login = match line.word(4) {
        // Long password, transactions, secure connection; up to 16 MiB; utf8; 23 bytes of nothing.
        None | Some(b"post-41") => [&b"\0\x82\0\0\0\x80\0\x01\x21"[..], &[0; 23], user, b"\0\0"].concat(),
        Some(b"pre-41") => [b"\0\x80\0\0\x01", user, b"\0\0"].concat(),
        Some(word) => {
            let word = String::from_utf8_lossy(word).into_owned();
            return Err(Fault::new(4, format!("'{word}' where 'post-41' or 'pre-41' is expected")));
        }
    };
    line.end(5)?;
    let length = u8::try_from(login.len()).map_err(|_| Fault::new(3, "the name of the user is too long"))?;
    // The login is the session's packet 1; behind it, COM_QUIT is the next command's packet 0.
    let sent = [&[length, 0, 0, 1][..], &login, &[1, 0, 0, 0, 1]].concat();
    choose(draft, NAME, Counting::BehindConnection, vec![bytes(sent), handshake(), expect(CheckExpect::new(CheckPattern::MysqlResult))]);
    Ok(())
}

fn pgsql(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    const NAME: &str = "option pgsql-check";
    only_wanted(line)?;
    if line.word(2) != Some(b"user") {
        return Err(Fault::new(2, "'option pgsql-check' needs a user").hint("option pgsql-check user <name>"));
    }
    let user = user_at(line, 3)?;
    line.end(4)?;
    // StartupMessage of protocol 3.0: its length, the version, names and values each with a NUL.
    let parameters = [b"\0\x03\0\0user\0", user, b"\0\0"].concat();
    let startup = [&(parameters.len() as u32 + 4).to_be_bytes()[..], &parameters].concat();
    let refused = CheckExpect::new(CheckPattern::Regex(regex("^E")?)).or_else(CheckStatus::Layer7Invalid);
    let refused = CheckExpect { negated: true, min_bytes: Some(5), on_error: CheckNote::Text(6), ..refused };
    let asked = CheckPattern::BinaryRegex(regex("^52000000[A-F0-9]{2}000000(00|02|03|04|05|06|07|09|0A)")?);
    let asked = CheckExpect {
        min_bytes: Some(9),
        on_success: CheckNote::Words("PostgreSQL server is ok"),
        on_error: CheckNote::Words("PostgreSQL unknown error"),
        ..CheckExpect::new(asked).or_else(CheckStatus::Layer7Wrong)
    };
    choose(draft, NAME, Counting::FromConnection, vec![bytes(startup), expect(refused), expect(asked)]);
    Ok(())
}

fn user_at<'l>(line: &'l Line, index: usize) -> Result<&'l [u8], Fault> {
    let user = line.expect(index, "the name of a user")?;
    match user.len() <= LONGEST_USER {
        true => Ok(user),
        false => Err(Fault::new(index, format!("a user's name has at most {LONGEST_USER} bytes here"))),
    }
}

fn redis(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    line.end(OPTION_WORDS)?;
    const NAME: &str = "option redis-check";
    only_wanted(line)?;
    let pong = CheckExpect {
        on_success: CheckNote::Words("Redis server is ok"),
        on_error: CheckNote::Line(0),
        ..CheckExpect::new(CheckPattern::Text(b"+PONG\r\n".to_vec())).or_else(CheckStatus::Layer7Wrong)
    };
    choose(draft, NAME, Counting::BehindConnection, vec![bytes("*1\r\n$4\r\nPING\r\n"), expect(pong)]);
    Ok(())
}

fn ldap(draft: &mut Draft, line: &Line, _: &mut Reading) -> Result<(), Fault> {
    line.end(OPTION_WORDS)?;
    const NAME: &str = "option ldap-check";
    only_wanted(line)?;
    // An anonymous simple bind of version 3 (RFC 4511 section 4.2), and any BER sequence.
    let bind = b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\0\x80\0";
    let sequence = CheckExpect::new(CheckPattern::BinaryRegex(regex("^30")?)).or_else(CheckStatus::Layer7Invalid);
    let sequence = CheckExpect { min_bytes: Some(14), on_error: CheckNote::Words("Not LDAPv3 protocol"), ..sequence };
    choose(draft, NAME, Counting::BehindConnection, vec![bytes(*bind), expect(sequence), expect(CheckExpect::new(CheckPattern::LdapBind))]);
    Ok(())
}
