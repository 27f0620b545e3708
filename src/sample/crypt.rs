//! Passwords hashed by crypt(3): MD5 (`$1$`), SHA-256 (`$5$`), SHA-512 (`$6$`) and bcrypt (`$2a$`, `$2b$`, `$2y$`).
//! Who may do what with a password is `userlist`'s.

use crate::fault::Fault;
use crate::sample::text::shown;
use md5::{Digest, Md5};
use sha_crypt::{Sha256Params, Sha512Params, sha256_crypt_b64, sha512_crypt_b64};

/// The longest password that is hashed, in bytes (libxcrypt's bound).
const LONGEST_PASSWORD: usize = 512;
/// Rounds of SHA-crypt where the hash names none.
const SHA_ROUNDS: usize = 5000;
/// The fewest and the most rounds of SHA-crypt; others are read as the nearest of these.
const SHA_BOUNDS: (usize, usize) = (1000, 999_999_999);
/// The longest salts of SHA-crypt and of MD5-crypt, in bytes; what is longer is cut off.
const SHA_SALT: usize = 16;
const MD5_SALT: usize = 8;

/// A hashed password.
#[derive(Debug)]
pub struct Hashed {
    scheme: Scheme,
    salt: Vec<u8>,
    /// What the right password yields.
    digest: Vec<u8>,
}

#[derive(Debug)]
enum Scheme {
    Md5,
    Sha256(Sha256Params),
    Sha512(Sha512Params),
    /// The whole hash.
    Bcrypt(String),
}

/// What other ways of hashing begin with, which byway does not do: yescrypt, scrypt, SHA-1 and others of libxcrypt, and BSDi's.
const OTHER_SCHEMES: [&str; 8] = ["$y$", "$gy$", "$7$", "$sha1$", "$md5", "$sm3$", "$3$", "_"];
/// Length of a hash by the DES, which has no beginning of its own.
const DES_LENGTH: usize = 13;

impl Hashed {
    /// Reads a hash; nothing when no password has it. A fault is about word 0.
    pub fn parse(source: &[u8]) -> Result<Option<Hashed>, Fault> {
        let text = shown(source);
        let is_des = text.len() == DES_LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/'));
        if is_des || OTHER_SCHEMES.iter().any(|scheme| text.starts_with(scheme)) {
            let fault = Fault::new(0, format!("'{text}' is hashed in a way that byway cannot check"));
            return Err(fault.hint("MD5 ($1$), bcrypt ($2y$), SHA-256 ($5$) and SHA-512 ($6$) are: mkpasswd -m sha-512 makes one"));
        }
        Ok(parse_known(&text))
    }

    /// Is it the hash of that password? This takes milliseconds, which is its purpose.
    pub fn verify(&self, password: &[u8]) -> bool {
        if password.len() > LONGEST_PASSWORD || password.contains(&0) {
            return false;
        }
        let digest = match &self.scheme {
            Scheme::Md5 => Some(md5_crypt(password, &self.salt)),
            Scheme::Sha256(params) => sha256_crypt_b64(password, &self.salt, params).ok().map(String::into_bytes),
            Scheme::Sha512(params) => sha512_crypt_b64(password, &self.salt, params).ok().map(String::into_bytes),
            Scheme::Bcrypt(hash) => return bcrypt::verify(password, hash).unwrap_or(false),
        };
        digest.is_some_and(|digest| equal(&digest, &self.digest))
    }
}

fn parse_known(text: &str) -> Option<Hashed> {
    let (name, rest) = text.strip_prefix('$')?.split_once('$')?;
    if matches!(name, "2a" | "2b" | "2y") {
        text.parse::<bcrypt::HashParts>().ok()?;
        return Some(Hashed { scheme: Scheme::Bcrypt(text.to_owned()), salt: Vec::new(), digest: Vec::new() });
    }
    let (rounds, rest) = match rest.strip_prefix("rounds=").and_then(|rest| rest.split_once('$')) {
        Some((rounds, rest)) if matches!(name, "5" | "6") => (rounds.parse().ok()?, rest),
        _ => (SHA_ROUNDS, rest),
    };
    let rounds = rounds.clamp(SHA_BOUNDS.0, SHA_BOUNDS.1);
    let (salt, digest) = rest.split_once('$')?;
    let (scheme, longest, length) = match name {
        "1" => (Scheme::Md5, MD5_SALT, 22),
        "5" => (Scheme::Sha256(Sha256Params::new(rounds).ok()?), SHA_SALT, 43),
        "6" => (Scheme::Sha512(Sha512Params::new(rounds).ok()?), SHA_SALT, 86),
        _ => return None,
    };
    let salt = salt.as_bytes().get(..longest).unwrap_or(salt.as_bytes()).to_vec();
    (digest.len() == length).then(|| Hashed { scheme, salt, digest: digest.as_bytes().to_vec() })
}

/// Are the texts the same? How long this takes depends on their lengths alone.
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    let differing = a.iter().zip(b).fold(0, |differing, (a, b)| differing | (a ^ b));
    std::hint::black_box(differing) == 0 && a.len() == b.len()
}

/// The order in which MD5-crypt writes the bytes of its digest, three by three.
const MD5_ORDER: [[usize; 3]; 5] = [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5]];

/// MD5-crypt: the last field of `$1$salt$...`.
fn md5_crypt(password: &[u8], salt: &[u8]) -> Vec<u8> {
    let inner = Md5::new().chain_update(password).chain_update(salt).chain_update(password).finalize();
    let mut outer = Md5::new().chain_update(password).chain_update(b"$1$").chain_update(salt);
    for at in (0..password.len()).step_by(inner.len()) {
        outer.update(inner.get(..(password.len() - at).min(inner.len())).unwrap_or_default());
    }
    let mut bits = password.len();
    while bits > 0 {
        outer.update(if bits & 1 == 1 { &[0][..] } else { password.get(..1).unwrap_or_default() });
        bits >>= 1;
    }
    let mut digest = outer.finalize();
    for round in 0..1000 {
        let mut next = Md5::new();
        next.update(if round % 2 == 1 { password } else { &digest });
        if round % 3 != 0 {
            next.update(salt);
        }
        if round % 7 != 0 {
            next.update(password);
        }
        next.update(if round % 2 == 1 { &digest[..] } else { password });
        digest = next.finalize();
    }
    let byte = |index: usize| u32::from(digest.get(index).copied().unwrap_or_default());
    let mut out = Vec::with_capacity(22);
    for [high, middle, low] in MD5_ORDER {
        push_base64(byte(high) << 16 | byte(middle) << 8 | byte(low), 4, &mut out);
    }
    push_base64(byte(11), 2, &mut out);
    out
}

/// Appends digits of crypt(3)'s base 64, the lowest first.
fn push_base64(mut number: u32, digits: usize, out: &mut Vec<u8>) {
    const ALPHABET: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    for _ in 0..digits {
        out.push(ALPHABET[(number & 63) as usize]);
        number >>= 6;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_of_crypt_are_verified() {
        let check = |hash: &str, password: &str| {
            let hashed = Hashed::parse(hash.as_bytes()).expect(hash).expect(hash);
            assert!(hashed.verify(password.as_bytes()), "{hash}");
            assert!(!hashed.verify(b"Secret") && !hashed.verify(b"secre"), "{hash}");
        };
        check("$1$abcdefgh$cHJi5PXp/ki/ktXzqlk6I1", "secret");
        check("$1$xy$wx.QL2uAflBOFV6OaqJdD0", "a much longer password than the digest");
        check("$1$abc$Or2rbeUYTvt12aiVzMuS/.", "");
        check("$5$saltsalt$0IyaXrmV7.sGNS6tirgqHLqX/G.FBvgkYA.lpPdS5sA", "secret");
        check("$6$saltsalt$TVLlQcbpFVof5W3Yz4DTP6gRstiNuHwwTt6GLc1E5n0U0aDehy0S5knV8wiOQSpT0Y77vwPZN.Pq.H91p5hVO1", "secret");
        check("$6$rounds=1500$abc$F2.P6iSAFLF.06eJJhrWJrLoNFr9TdmGOJ3HNhFCs4KFYVW3TBrMkDC4CRKRjihyhxez15iQzKMjQRhcJcFz90", "secret");
        check("$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a", "secret");
    }

    #[test]
    fn what_cannot_be_verified_is_refused() {
        for source in ["abNANd1rDfiNc", "$y$j9T$abc$def", "$7$x$y", "_J9..rasm"] {
            assert!(Hashed::parse(source.as_bytes()).is_err(), "{source}");
        }
        for source in ["", "secret", "$6$salt", "$6$salt$short", "$1$$", "$2y$05$abc", "$9$a$b", "$6$rounds=x$a$b"] {
            assert!(matches!(Hashed::parse(source.as_bytes()), Ok(None)), "{source}");
        }
        let hashed = Hashed::parse(b"$1$abc$Or2rbeUYTvt12aiVzMuS/.").expect("a hash").expect("a hash");
        assert!(!hashed.verify(&[b'x'; LONGEST_PASSWORD + 1]) && !hashed.verify(b"\0"));
    }

    #[test]
    fn texts_are_compared_whole() {
        let check = |a: &str, b: &str| assert_eq!(equal(a.as_bytes(), b.as_bytes()), a == b, "{a} {b}");
        for (a, b) in [("", ""), ("a", ""), ("", "a"), ("a", "a"), ("a", "b"), ("ab", "a"), ("abc", "abd")] {
            check(a, b);
        }
    }
}
