//! Signed passes around maintenance: a moment and the HMAC-SHA256 (RFC 2104) of that moment, of what the pass is for and of
//! whose it is. Whoever has no key cannot make or lengthen one. Where passes are looked for is the session's.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::fmt::Write;

/// The fewest bytes of a key.
pub const SHORTEST_KEY: usize = 32;
/// Fewer different bytes than this are no random key.
const FEWEST_DIFFERENT: usize = 8;

/// What a pass is good for; one cannot be used as the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// A link that is handed out.
    Link,
    /// The cookie that it turns into.
    Cookie,
}

/// `bypass-cookie`
#[derive(Clone)]
pub struct Bypass {
    /// Name of the cookie, and of the parameter in a link.
    pub name: String,
    /// How long a cookie is good for, seconds.
    pub ttl_seconds: i64,
    keyed: Hmac<Sha256>,
}

impl std::fmt::Debug for Bypass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bypass").field("name", &self.name).field("ttl_seconds", &self.ttl_seconds).finish_non_exhaustive()
    }
}

impl Bypass {
    /// With the bytes of a key file. An error says what is wrong with the key.
    pub fn new(name: &str, key: &[u8], ttl_seconds: i64) -> Result<Bypass, String> {
        if key.len() < SHORTEST_KEY {
            return Err(format!("it has {} bytes, a key needs {SHORTEST_KEY}", key.len()));
        }
        let mut seen = [false; 256];
        key.iter().for_each(|byte| seen[usize::from(*byte)] = true);
        if seen.iter().filter(|is_seen| **is_seen).count() < FEWEST_DIFFERENT {
            return Err("its bytes are not random".into());
        }
        let keyed = Hmac::new_from_slice(key).map_err(|error| error.to_string())?;
        Ok(Bypass { name: name.to_owned(), ttl_seconds, keyed })
    }

    /// Appends a pass for a proxy that is good until a moment, in seconds since 1970.
    pub fn render_pass(&self, pass: Pass, proxy: &str, until: i64, out: &mut String) {
        let mac = self.mac(pass, proxy, until).finalize().into_bytes();
        // Writing to a string does not fail.
        let _ = write!(out, "{until}-");
        mac.iter().for_each(|byte| {
            let _ = write!(out, "{byte:02x}");
        });
    }

    /// Is this a pass for the proxy, and still good? The comparison takes the same time whatever differs.
    pub fn accepts(&self, pass: Pass, proxy: &str, text: &[u8], now: i64) -> bool {
        let Some((until, mac)) = parse_pass(text) else { return false };
        self.mac(pass, proxy, until).verify_slice(&mac).is_ok() && now < until
    }

    fn mac(&self, pass: Pass, proxy: &str, until: i64) -> Hmac<Sha256> {
        let kind: &[u8] = match pass {
            Pass::Link => b"link",
            Pass::Cookie => b"cookie",
        };
        let mut mac = self.keyed.clone();
        // None of the parts can hold a zero byte.
        for part in [b"byway bypass".as_slice(), kind, proxy.as_bytes(), self.name.as_bytes()] {
            mac.update(part);
            mac.update(&[0]);
        }
        mac.update(&until.to_be_bytes());
        mac
    }
}

/// `1795370000-<64 hexadecimal digits>`, written in no other way.
fn parse_pass(text: &[u8]) -> Option<(i64, [u8; 32])> {
    let dash = text.iter().position(|byte| *byte == b'-')?;
    let (until, digits) = (text.get(..dash)?, text.get(dash + 1..)?);
    if digits.len() != 64 || !until.iter().all(u8::is_ascii_digit) || until.first().is_none_or(|digit| *digit == b'0') {
        return None;
    }
    let until = str::from_utf8(until).ok()?.parse().ok()?;
    let mut mac = [0; 32];
    for (byte, pair) in mac.iter_mut().zip(digits.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = hexadecimal(*high)? << 4 | hexadecimal(*low)?;
    }
    Some((until, mac))
}

fn hexadecimal(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8] = b"0123456789abcdef0123456789abcdef";

    fn bypass(name: &str, key: &[u8]) -> Bypass {
        Bypass::new(name, key, 60).unwrap()
    }

    fn pass(of: &Bypass, pass: Pass, until: i64) -> String {
        let mut text = String::new();
        of.render_pass(pass, "shop", until, &mut text);
        text
    }

    #[test]
    fn a_pass_is_good_until_its_moment() {
        let office = bypass("office", KEY);
        let text = pass(&office, Pass::Link, 1000);
        assert_eq!(text.len(), "1000-".len() + 64);
        let check = |now, expected| assert_eq!(office.accepts(Pass::Link, "shop", text.as_bytes(), now), expected, "{now}");
        check(0, true);
        check(999, true);
        check(1000, false);
        check(i64::MAX, false);
    }

    #[test]
    fn a_pass_for_something_else_or_by_someone_else_is_none() {
        let office = bypass("office", KEY);
        let text = pass(&office, Pass::Link, 1000);
        assert!(!office.accepts(Pass::Cookie, "shop", text.as_bytes(), 0), "a link is no cookie");
        assert!(!office.accepts(Pass::Link, "blog", text.as_bytes(), 0), "another proxy");
        assert!(!bypass("offic", KEY).accepts(Pass::Link, "shop", text.as_bytes(), 0), "another name");
        assert!(!bypass("office", b"fedcba9876543210fedcba9876543210").accepts(Pass::Link, "shop", text.as_bytes(), 0), "another key");
    }

    #[test]
    fn every_change_of_a_pass_is_seen() {
        let office = bypass("office", KEY);
        let text = pass(&office, Pass::Cookie, 1000).into_bytes();
        for index in 0..text.len() {
            for byte in *b"0123456789abcdefABCDEF-+ \0%" {
                let mut changed = text.clone();
                changed[index] = byte;
                assert_eq!(office.accepts(Pass::Cookie, "shop", &changed, 0), changed == text, "{index} {byte}");
            }
            assert!(!office.accepts(Pass::Cookie, "shop", &text[..index], 0), "cut at {index}");
        }
        for other in ["01000", "+1000", " 1000", "1000 ", "99999999999999999999", ""] {
            let changed = [other.as_bytes(), &text[4..]].concat();
            assert!(!office.accepts(Pass::Cookie, "shop", &changed, 0), "{other}");
        }
    }

    #[test]
    fn a_key_is_long_and_random_and_never_shown() {
        assert!(Bypass::new("office", &KEY[..31], 60).is_err());
        assert!(Bypass::new("office", &[0; 64], 60).is_err());
        assert!(!format!("{:?}", bypass("office", KEY)).contains("0123"));
    }
}
