//! The answers of `deny`, `tarpit` and `return`: status, fields and content, as the configuration gives them.
//! Pages of byway or of an `errorfile` are put in by the session, which also says what becomes of the connection.

use super::text::Text;
use super::words::Words;
use crate::fault::Fault;
use crate::http::header::is_token;
use crate::http::page::{self, Page};
use crate::http::reply::Status;
use crate::sample::text::shown;
use crate::sample::{Names, Scene, Value};

/// An answer.
#[derive(Debug)]
pub struct Reply {
    code: u16,
    content: Content,
    content_type: Vec<u8>,
    fields: Vec<(Vec<u8>, Text)>,
}

#[derive(Debug)]
enum Content {
    /// The page of the proxy, or byway's own, for the status.
    Page,
    /// A whole message from a file.
    Message(Page),
    /// A body.
    Body(Text),
    /// Nothing.
    Empty,
}

/// What there is to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// The page for the status.
    Page,
    /// A whole message, which was written down.
    Message,
}

impl Reply {
    /// The page of a status and nothing else.
    pub fn page(code: u16) -> Reply {
        Reply { code, content: Content::Page, content_type: Vec::new(), fields: Vec::new() }
    }

    /// Reads `status`, `content-type`, `string` and their kin; `page` says that byway's page is meant where no content is given.
    pub fn parse(words: &mut Words, names: &mut dyn Names, code: u16, page: Fallback) -> Result<Reply, Fault> {
        let mut reply = Reply { code, content: Content::Empty, content_type: Vec::new(), fields: Vec::new() };
        let mut given = false;
        while let Some(word) = words.peek().filter(|word| !matches!(*word, b"if" | b"unless")) {
            let name = word.to_vec();
            let at = words.index();
            words.next();
            match name.as_slice() {
                b"status" | b"deny_status" => reply.code = parse_code(words, 200)?,
                b"content-type" => reply.content_type = words.need("a type")?.to_vec(),
                b"default-errorfiles" => (reply.content, given) = (Content::Page, true),
                b"errorfile" => {
                    let text = read_file(words, names)?;
                    let message = page::from_message(&text).map_err(|what| Fault::new(words.index() - 1, what))?;
                    (reply.content, given) = (Content::Message(message), true);
                }
                b"file" => (reply.content, given) = (Content::Body(Text::Fixed(read_file(words, names)?)), true),
                b"lf-file" => {
                    let text = read_file(words, names)?;
                    let at = words.index() - 1;
                    (reply.content, given) = (Content::Body(Text::parse(&text, names).map_err(|fault| fault.shift(at))?), true);
                }
                b"string" => (reply.content, given) = (Content::Body(Text::Fixed(words.need("a text")?.to_vec())), true),
                b"lf-string" => (reply.content, given) = (Content::Body(words.text(names)?), true),
                b"hdr" => {
                    let name = words.need("a field's name")?.to_vec();
                    if !is_token(&name) {
                        return Err(Fault::new(words.index() - 1, format!("'{}' is no field's name", shown(&name))));
                    }
                    reply.fields.push((name, words.text(names)?));
                }
                other => {
                    let fault = Fault::new(at, format!("'{}' is no part of an answer", shown(other)));
                    return Err(
                        fault.hint("status, content-type, string, lf-string, file, lf-file, errorfile, default-errorfiles and hdr are")
                    );
                }
            }
        }
        if !given && page == Fallback::Page && reply.fields.is_empty() && Status::from_code(reply.code).is_some() {
            reply.content = Content::Page;
        }
        reply.check()?;
        Ok(reply)
    }

    fn check(&self) -> Result<(), Fault> {
        let is_body = matches!(&self.content, Content::Body(text) if !matches!(text, Text::Fixed(text) if text.is_empty()));
        if is_body && self.content_type.is_empty() {
            return Err(Fault::new(1, "an answer with a content needs its type").hint("content-type text/plain"));
        }
        if matches!(self.content, Content::Page) && Status::from_code(self.code).is_none() {
            return Err(Fault::new(1, format!("there is no page for status {}", self.code)).hint("give it a content: string, file ..."));
        }
        Ok(())
    }

    /// The status.
    pub fn code(&self) -> u16 {
        self.code
    }

    /// Puts the message in `out`, or says that the page for the status is meant. `body` is room for a content that is rendered.
    pub fn write(&self, scene: &Scene, out: &mut Vec<u8>, body: &mut Vec<u8>) -> Written {
        out.clear();
        let content: &[u8] = match &self.content {
            Content::Page => return Written::Page,
            Content::Message(message) => {
                out.extend_from_slice(message);
                return Written::Message;
            }
            Content::Empty => b"",
            Content::Body(Text::Fixed(text)) => text,
            Content::Body(text) => {
                body.clear();
                text.render(scene, body);
                body
            }
        };
        write_status_line(self.code, out);
        for (name, value) in &self.fields {
            out.extend_from_slice(name);
            out.extend_from_slice(b": ");
            let start = out.len();
            value.render(scene, out);
            clean(out, start);
            out.extend_from_slice(b"\r\n");
        }
        write_length(content.len(), out);
        if !content.is_empty() {
            out.extend_from_slice(b"Content-Type: ");
            out.extend_from_slice(&self.content_type);
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(content);
        Written::Message
    }
}

/// What an answer has for a content when none is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fallback {
    /// The page of its status.
    Page,
    /// Nothing.
    Empty,
}

/// A status code; 1xx codes and the like end no request.
pub fn parse_code(words: &mut Words, least: u16) -> Result<u16, Fault> {
    let word = words.need("a status code")?;
    let code = std::str::from_utf8(word).ok().and_then(|word| word.parse().ok()).filter(|code| (least..=599).contains(code));
    code.ok_or_else(|| Fault::new(words.index() - 1, format!("'{}' is no status code", shown(word))).hint(format!("from {least} to 599")))
}

fn read_file(words: &mut Words, names: &mut dyn Names) -> Result<Vec<u8>, Fault> {
    let path = shown(words.need("a file")?).into_owned();
    names.read_file(&path).map_err(|error| Fault::new(words.index() - 1, format!("'{path}' cannot be read: {error}")))
}

/// Appends `HTTP/1.1 302 Found`.
pub fn write_status_line(code: u16, out: &mut Vec<u8>) {
    out.extend_from_slice(b"HTTP/1.1 ");
    Value::Int(i64::from(code)).with_text(|digits| out.extend_from_slice(digits));
    out.push(b' ');
    out.extend_from_slice(super::status::reason(code).as_bytes());
    out.extend_from_slice(b"\r\n");
}

/// Appends `Content-Length`.
pub fn write_length(length: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(b"Content-Length: ");
    Value::Int(i64::try_from(length).unwrap_or(i64::MAX)).with_text(|digits| out.extend_from_slice(digits));
    out.extend_from_slice(b"\r\n");
}

/// Bytes that no field value may hold become spaces.
pub fn clean(out: &mut [u8], from: usize) {
    for byte in out.iter_mut().skip(from).filter(|byte| !crate::http::header::is_value_byte(**byte)) {
        *byte = b' ';
    }
}
