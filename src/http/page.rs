//! Answers that a configuration brings along: `errorfile`'s, a whole message in a file, of any size, and `errorloc`'s redirects.
//! Both are made ready when the configuration is read; byway's own pages are `reply`'s.

use super::head::{Head, Limits, Parsed};
use super::{Version, connection};
use std::sync::Arc;

/// The longest head of such a message, in bytes; its body has no limit.
const LONGEST_HEAD: usize = 64 * 1024;

/// A whole answer, ready to be sent.
pub type Page = Arc<[u8]>;

/// The answer that a file holds. Line ends of its head may be plain line feeds, as editors write them; its framing is
/// made true to the body that follows, and the connection is closed behind it. An error says what is wrong with the file.
pub fn from_message(text: &[u8]) -> Result<Page, &'static str> {
    let (head, body) = split_head(text).ok_or("there is no empty line behind the head")?;
    let mut lines = Vec::with_capacity(head.len() + 64);
    for line in head.split(|byte| *byte == b'\n') {
        lines.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
        lines.extend_from_slice(b"\r\n");
    }
    lines.extend_from_slice(b"\r\n");
    let mut message = Head::default();
    match message.parse_response(&lines, &Limits { bytes: LONGEST_HEAD, fields: 1000 }) {
        Ok(Parsed::Complete(_)) => {}
        _ => return Err("it does not begin with the head of an HTTP response"),
    }
    connection::remove_hop_by_hop(&mut message, false);
    message.set_version(Version::Http11);
    for name in ["content-length", "transfer-encoding"] {
        message.remove(name);
    }
    message.push(b"Content-Length", body.len().to_string().as_bytes());
    message.push(b"Connection", b"close");
    let mut page = Vec::with_capacity(lines.len() + body.len() + 64);
    message.render(&mut page);
    page.extend_from_slice(body);
    Ok(page.into())
}

/// A redirect with this code (302 or 303).
pub fn redirect(code: u16, location: &[u8]) -> Page {
    let status: &[u8] = if code == 303 { b"HTTP/1.1 303 See Other" } else { b"HTTP/1.1 302 Found" };
    let before = b"\r\nCache-Control: no-cache\r\nContent-Length: 0\r\nLocation: ";
    [status, before, location, b"\r\nConnection: close\r\n\r\n"].concat().into()
}

/// The head without its empty line, and what follows that.
fn split_head(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut from = 0;
    loop {
        let end = from + text.get(from..)?.iter().position(|byte| *byte == b'\n')?;
        let line = text.get(from..end)?;
        if line.is_empty() || line == b"\r" {
            let head = text.get(..from)?;
            return Some((head.strip_suffix(b"\n").unwrap_or(head), text.get(end + 1..)?));
        }
        from = end + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_becomes_an_answer_with_true_framing() {
        let check = |text: &str, expected: Result<&str, ()>| {
            let page = from_message(text.as_bytes());
            let page = page.as_ref().map(|page| std::str::from_utf8(page).unwrap()).map_err(|_| ());
            assert_eq!(page, expected, "{text:?}");
        };
        check(
            "HTTP/1.0 503 Service Unavailable\r\nCache-Control: no-cache\r\nConnection: close\r\nContent-Type: text/html\r\n\r\n<p>gone</p>\n",
            Ok(
                "HTTP/1.1 503 Service Unavailable\r\nCache-Control: no-cache\r\nContent-Type: text/html\r\nContent-Length: 12\r\nConnection: close\r\n\r\n<p>gone</p>\n",
            ),
        );
        check(
            "HTTP/1.1 503 No\nX: 1\nContent-Length: 999\n\nhi",
            Ok("HTTP/1.1 503 No\r\nX: 1\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"),
        );
        check("HTTP/1.1 503 No\r\n\r\n", Ok("HTTP/1.1 503 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        check("<html>sorry</html>\n", Err(()));
        check("<html>sorry</html>\n\nx", Err(()));
        check("HTTP/1.1 503 No\r\nbroken line\r\n\r\n", Err(()));
        check("", Err(()));
    }

    #[test]
    fn a_page_may_be_of_any_size() {
        let text = [b"HTTP/1.0 503 No\r\n\r\n".as_slice(), &vec![b'x'; 500_000]].concat();
        let page = from_message(&text).unwrap();
        assert!(page.ends_with(b"xxxx") && page.len() > 500_000);
    }

    #[test]
    fn a_redirect_names_its_location() {
        assert_eq!(
            std::str::from_utf8(&redirect(303, b"http://a/b")),
            Ok(
                "HTTP/1.1 303 See Other\r\nCache-Control: no-cache\r\nContent-Length: 0\r\nLocation: http://a/b\r\nConnection: close\r\n\r\n"
            )
        );
        assert!(redirect(302, b"/x").starts_with(b"HTTP/1.1 302 Found\r\n"));
    }
}
