//! The ACLs that need no declaration, a row each (HAProxy manual, section 7.4).

use super::Acl;
use crate::fault::Fault;
use crate::sample::Names;

/// A predefined ACL.
#[derive(Debug)]
pub struct Predefined {
    /// The name.
    pub name: &'static str,
    /// The words of its declaration, without the name.
    pub words: &'static [&'static str],
    /// One line of manual.
    pub manual: &'static str,
}

const fn row(name: &'static str, words: &'static [&'static str], manual: &'static str) -> Predefined {
    Predefined { name, words, manual }
}

/// Every predefined ACL.
pub static PREDEFINED: &[Predefined] = &[
    row("FALSE", &["always_false"], "never"),
    row("HTTP", &["req.proto_http"], "the request is HTTP"),
    row("HTTP_1.0", &["req.ver", "1.0"], "the request is HTTP/1.0"),
    row("HTTP_1.1", &["req.ver", "1.1"], "the request is HTTP/1.1"),
    row("HTTP_2.0", &["req.ver", "2.0"], "the request is HTTP/2: never here"),
    row("HTTP_3.0", &["req.ver", "3.0"], "the request is HTTP/3: never here"),
    row("HTTP_CONTENT", &["req.hdr_val(content-length)", "gt", "0"], "the request has a Content-Length above 0"),
    row("HTTP_URL_ABS", &["url_reg", "^[^/:]*://"], "the target is absolute"),
    row("HTTP_URL_SLASH", &["url_beg", "/"], "the target begins with a slash"),
    row("HTTP_URL_STAR", &["url", "*"], "the target is an asterisk"),
    row("LOCALHOST", &["src", "127.0.0.1/8", "::1"], "the client is on this host"),
    row("METH_CONNECT", &["method", "CONNECT"], "the method is CONNECT"),
    row("METH_DELETE", &["method", "DELETE"], "the method is DELETE"),
    row("METH_GET", &["method", "GET", "HEAD"], "the method is GET or HEAD"),
    row("METH_HEAD", &["method", "HEAD"], "the method is HEAD"),
    row("METH_OPTIONS", &["method", "OPTIONS"], "the method is OPTIONS"),
    row("METH_POST", &["method", "POST"], "the method is POST"),
    row("METH_PUT", &["method", "PUT"], "the method is PUT"),
    row("METH_TRACE", &["method", "TRACE"], "the method is TRACE"),
    row("RDP_COOKIE", &["req.rdp_cookie_cnt", "gt", "0"], "the client sent a cookie of remote desktops"),
    row("REQ_CONTENT", &["req.len", "gt", "0"], "something has come"),
    row("TRUE", &["always_true"], "always"),
    row("WAIT_END", &["wait_end"], "nothing more is waited for"),
];

/// The predefined ACL of that name, built; `None` when there is none.
pub fn parse_predefined(name: &[u8], names: &mut dyn Names) -> Option<Result<Acl, Fault>> {
    let row = PREDEFINED.iter().find(|row| row.name.as_bytes() == name)?;
    let words: Vec<Vec<u8>> = std::iter::once(&row.name).chain(row.words).map(|word| word.as_bytes().to_vec()).collect();
    Some(Acl::parse(&words, names))
}
