//! `cookie <name> ...` of a backend (HAProxy manual, section 4.2 "cookie").
//! What is done to messages because of it is the session's.

use super::Reading;
use super::keyword::{Status, nearest};
use super::line::Line;
use super::model::Cookie;
use super::value::Unit;
use crate::fault::Fault;

/// The options of `cookie`, with the number of words that each takes.
const OPTIONS: [(&str, usize); 14] = [
    ("attr", 2),
    ("domain", 2),
    ("dynamic", 1),
    ("httponly", 1),
    ("indirect", 1),
    ("insert", 1),
    ("maxidle", 2),
    ("maxlife", 2),
    ("nocache", 1),
    ("postonly", 1),
    ("prefix", 1),
    ("preserve", 1),
    ("rewrite", 1),
    ("secure", 1),
];

/// Reads the line.
pub(super) fn parse_cookie(line: &Line, reading: &mut Reading) -> Result<Cookie, Fault> {
    let name = line.expect(1, "a cookie's name")?;
    if !name.iter().all(|byte| byte.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?={}".contains(byte)) {
        return Err(Fault::new(1, format!("'{}' is no name of a cookie", String::from_utf8_lossy(name))));
    }
    let mut cookie = Cookie { name: name.to_vec(), ..Cookie::default() };
    let (mut domains, mut attributes) = (Vec::new(), Vec::new());
    let (mut http_only, mut secure) = ("", "");
    let mut index = 2;
    while let Some(word) = line.word(index) {
        let Some((option, words)) = OPTIONS.iter().find(|(option, _)| option.as_bytes() == word) else {
            let near = nearest(word, OPTIONS.iter().map(|(option, _)| *option));
            let message = format!("'{}' is no option of 'cookie'", String::from_utf8_lossy(word));
            return Err(Fault::new(index, message).hint(near.map_or(String::new(), |near| format!("did you mean '{near}'?"))));
        };
        if *words > 1 {
            line.expect(index + 1, &format!("a value behind '{option}'"))?;
        }
        match *option {
            "rewrite" => cookie.rewrite = true,
            "insert" => cookie.insert = true,
            "prefix" => cookie.prefix = true,
            "indirect" => cookie.indirect = true,
            "nocache" => cookie.nocache = true,
            "postonly" => cookie.postonly = true,
            "preserve" => cookie.preserve = true,
            "httponly" => http_only = "; HttpOnly",
            "secure" => secure = "; Secure",
            "domain" => {
                let domain = attribute(line, index + 1)?;
                if !domain.get(1..).is_some_and(|rest| rest.contains(&b'.')) {
                    let hint = "browsers ignore it (RFC 6265 section 5.3)";
                    reading.warn(line, Fault::new(index + 1, "a domain without a dot in it").hint(hint));
                }
                domains.extend([b"; domain=", domain].concat());
            }
            "attr" => attributes.extend([b"; ", attribute(line, index + 1)?].concat()),
            "maxidle" | "maxlife" => {
                reading.time_at(line, index + 1, Unit::Second)?;
                reading.tell_status(line, index, if *option == "maxidle" { "cookie maxidle" } else { "cookie maxlife" }, Status::NotYet);
            }
            _ => reading.tell_status(line, index, "cookie dynamic", Status::NotYet),
        }
        index += words;
    }
    let modes = usize::from(cookie.rewrite) + usize::from(cookie.insert) + usize::from(cookie.prefix);
    let at = |option: &[u8]| line.words.iter().rposition(|word| word == option).unwrap_or(0);
    if modes > 1 {
        return Err(Fault::new(at(b"prefix").max(at(b"insert")).max(at(b"rewrite")), "only one of rewrite, insert and prefix is possible"));
    }
    if cookie.rewrite && cookie.indirect {
        return Err(Fault::new(at(b"indirect"), "rewrite and indirect do not go together"));
    }
    if cookie.preserve && !cookie.insert && !cookie.indirect {
        return Err(Fault::new(at(b"preserve"), "preserve needs insert or indirect"));
    }
    cookie.attributes = [domains.as_slice(), http_only.as_bytes(), secure.as_bytes(), attributes.as_slice()].concat();
    Ok(cookie)
}

fn attribute<'l>(line: &'l Line, index: usize) -> Result<&'l [u8], Fault> {
    let word = line.expect(index, "a value")?;
    match word.iter().all(|byte| (b' '..0x7f).contains(byte) && *byte != b';') {
        true => Ok(word),
        false => Err(Fault::new(index, "a control character or ';' in an attribute of a cookie")),
    }
}
