//! `redirect`: where a client is sent instead, as HAProxy 2.6 writes it. When a redirect is due is its rule's condition.

use super::reply::{clean, write_length, write_status_line};
use super::text::Text;
use super::words::Words;
use crate::fault::Fault;
use crate::http::head::Head;
use crate::http::uri::Target;
use crate::sample::text::shown;
use crate::sample::{Names, Scene};

/// A redirect.
#[derive(Debug)]
pub struct Redirect {
    to: To,
    code: u16,
    query: Query,
    slash: Slash,
    empty: Empty,
    /// The value of `Set-Cookie`.
    cookie: Option<Vec<u8>>,
}

#[derive(Debug)]
enum To {
    /// The text.
    Location(Text),
    /// The text, and the request's path behind it.
    Prefix(Text),
    /// The text as a scheme, and the request's host and path behind it.
    Scheme(Text),
}

/// How the texts of a redirect are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As formats: `http-request redirect`.
    Format,
    /// As they are: `redirect`.
    Plain,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Query {
    Kept,
    Dropped,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slash {
    AsItIs,
    Appended,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Empty {
    Sent,
    Ignored,
}

const WORDS: &str = "location, prefix, scheme, code, drop-query, append-slash, ignore-empty, set-cookie and clear-cookie are";

impl Redirect {
    /// Reads what stands behind `redirect`.
    pub fn parse(words: &mut Words, names: &mut dyn Names, form: Form) -> Result<Redirect, Fault> {
        let read = |words: &mut Words, names: &mut dyn Names| match form {
            Form::Format => words.text(names),
            Form::Plain => words.need("a text").map(|text| Text::Fixed(text.to_vec())),
        };
        let (mut to, mut code, mut cookie) = (None, 302, None);
        let (mut query, mut slash, mut empty) = (Query::Kept, Slash::AsItIs, Empty::Sent);
        while let Some(word) = words.peek().filter(|word| !matches!(*word, b"if" | b"unless")) {
            words.next();
            match word {
                b"location" => to = Some(To::Location(read(words, names)?)),
                b"prefix" => to = Some(To::Prefix(read(words, names)?)),
                b"scheme" => to = Some(To::Scheme(read(words, names)?)),
                b"code" => {
                    let word = words.need("a status code")?;
                    code = match word {
                        b"301" => 301,
                        b"302" => 302,
                        b"303" => 303,
                        b"307" => 307,
                        b"308" => 308,
                        _ => {
                            let message = format!("'{}' is no code of a redirect", shown(word));
                            return Err(Fault::new(words.index() - 1, message).hint("301, 302, 303, 307 and 308 are"));
                        }
                    };
                }
                b"set-cookie" => cookie = Some([words.need("a cookie")?, b"; path=/;"].concat()),
                b"clear-cookie" => cookie = Some([words.need("a cookie")?, b"; path=/; Max-Age=0;"].concat()),
                b"drop-query" => query = Query::Dropped,
                b"append-slash" => slash = Slash::Appended,
                b"ignore-empty" => empty = Empty::Ignored,
                other => {
                    let message = format!("'{}' is no word of a redirect", shown(other));
                    return Err(Fault::new(words.index() - 1, message).hint(WORDS));
                }
            }
        }
        let Some(to) = to else {
            return Err(Fault::new(words.index(), "a redirect needs to know where to").hint("location, prefix or scheme"));
        };
        Ok(Redirect { to, code, query, slash, empty, cookie })
    }

    /// The status.
    pub fn code(&self) -> u16 {
        self.code
    }

    /// Puts the whole answer in `out`; `false` when there is nowhere to go and that is to be ignored.
    pub fn write(&self, request: Option<&Head>, scene: &Scene, out: &mut Vec<u8>) -> bool {
        out.clear();
        write_status_line(self.code, out);
        write_length(0, out);
        out.extend_from_slice(b"Location: ");
        let start = out.len();
        self.write_location(request, scene, out);
        if self.empty == Empty::Ignored && out.len() == start {
            return false;
        }
        clean(out, start);
        out.extend_from_slice(b"\r\n");
        if matches!(self.code, 302 | 303 | 307) {
            out.extend_from_slice(b"Cache-Control: no-cache\r\n");
        }
        if let Some(cookie) = &self.cookie {
            out.extend_from_slice(b"Set-Cookie: ");
            out.extend_from_slice(cookie);
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"\r\n");
        true
    }

    fn write_location(&self, request: Option<&Head>, scene: &Scene, out: &mut Vec<u8>) {
        let target = request.and_then(|head| Target::take_apart(head.target()));
        let path = target.map_or(&b""[..], |target| match self.query {
            Query::Kept => target.path_and_query(),
            Query::Dropped => target.path(),
        });
        match &self.to {
            To::Location(text) => return text.render(scene, out),
            To::Prefix(text) => {
                // A prefix of "/" alone adds nothing, so that it can serve to set a cookie and come again.
                if !matches!(text, Text::Fixed(text) if text == b"/") {
                    text.render(scene, out);
                }
            }
            To::Scheme(text) => {
                text.render(scene, out);
                out.extend_from_slice(b"://");
                out.extend_from_slice(request.and_then(|head| head.first("host")).unwrap_or_default());
            }
        }
        out.extend_from_slice(path);
        if self.slash == Slash::Appended && out.last() != Some(&b'/') {
            out.push(b'/');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::fake::{FakeNames, FakeWorld, request, scene, words};

    #[test]
    fn a_redirect_says_where_to() {
        let check = |line: &str, target: &str, expected: &str| {
            let words = words(&format!("redirect {line}"));
            let redirect = Redirect::parse(&mut Words::new(&words, 0), &mut FakeNames::default(), Form::Format).expect(line);
            let (head, world) = (request(&format!("GET {target} HTTP/1.1\nHost: h:80")), FakeWorld::default());
            let mut out = Vec::new();
            let sent = redirect.write(Some(&head), &Scene { request: Some(&head), ..scene(&world) }, &mut out);
            let text = String::from_utf8_lossy(&out).replace("\r\n", "|");
            let shown = if sent { text.strip_prefix("HTTP/1.1 ").unwrap_or(&text).trim_end_matches('|') } else { "" };
            assert_eq!(shown, expected, "{line}");
        };
        let found = "302 Found|Content-Length: 0|Location: ";
        check("location /x", "/a?q", &format!("{found}/x|Cache-Control: no-cache"));
        check("location /x%[path]", "/a?q", &format!("{found}/x/a|Cache-Control: no-cache"));
        check("prefix http://p", "/a?q", &format!("{found}http://p/a?q|Cache-Control: no-cache"));
        check("prefix http://p drop-query append-slash", "/a?q", &format!("{found}http://p/a/|Cache-Control: no-cache"));
        check("prefix / append-slash", "/a/", &format!("{found}/a/|Cache-Control: no-cache"));
        check("scheme https", "/a?q", &format!("{found}https://h:80/a?q|Cache-Control: no-cache"));
        check("code 301 location /x", "/", "301 Moved Permanently|Content-Length: 0|Location: /x");
        check("location /x set-cookie A=1", "/", &format!("{found}/x|Cache-Control: no-cache|Set-Cookie: A=1; path=/;"));
        check(
            "code 308 location /x clear-cookie A=",
            "/",
            "308 Permanent Redirect|Content-Length: 0|Location: /x|Set-Cookie: A=; path=/; Max-Age=0;",
        );
        check("location %[hdr(nope)] ignore-empty", "/", "");
        check("location %[hdr(nope)]", "/", &format!("{found}|Cache-Control: no-cache"));
        check("location %[str(a%0d%0ab),url_dec]", "/", &format!("{found}a%0D%0Ab|Cache-Control: no-cache"));
    }

    #[test]
    fn what_is_no_redirect_is_refused() {
        for line in
            ["redirect", "redirect location", "redirect location /x code 305", "redirect drop-query", "redirect location /x nonsense"]
        {
            let words = words(line);
            assert!(Redirect::parse(&mut Words::new(&words, 0), &mut FakeNames::default(), Form::Format).is_err(), "{line}");
        }
    }
}
