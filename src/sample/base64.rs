//! Base64 (RFC 4648 section 4), written with padding and read with nothing else in between.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The bytes in Base64.
pub fn encode(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0_u32, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        let letter = |index: u32| ALPHABET[(group >> (18 - 6 * index) & 63) as usize];
        out.extend((0..4).map(|index| if index as usize <= chunk.len() { letter(index) } else { b'=' }));
    }
    out
}

/// The bytes that a text in Base64 stands for; `None` when it is none.
pub fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = vec![0; longest(text)];
    let length = decode_into(text, &mut out)?.len();
    out.truncate(length);
    Some(out)
}

/// The most bytes that such a text may stand for.
pub fn longest(text: &[u8]) -> usize {
    text.len() / 4 * 3
}

/// The same into room that is there already; `None` also when it is too little.
pub fn decode_into<'r>(text: &[u8], room: &'r mut [u8]) -> Option<&'r [u8]> {
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let digits = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    let mut length = 0;
    for chunk in digits.chunks(4) {
        let mut group = 0_u32;
        for byte in chunk {
            group = group << 6 | ALPHABET.iter().position(|letter| letter == byte)? as u32;
        }
        group <<= 6 * (4 - chunk.len());
        let bytes = chunk.len() - 1;
        room.get_mut(length..length + bytes)?.copy_from_slice(group.to_be_bytes().get(1..1 + bytes)?);
        length += bytes;
    }
    room.get(..length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_go_there_and_back() {
        let check = |text: &str, encoded: &str| {
            assert_eq!(encode(text.as_bytes()), encoded.as_bytes(), "{text}");
            assert_eq!(decode(encoded.as_bytes()).as_deref(), Some(text.as_bytes()), "{encoded}");
        };
        check("", "");
        check("f", "Zg==");
        check("fo", "Zm8=");
        check("foo", "Zm9v");
        check("user:pass", "dXNlcjpwYXNz");
        assert_eq!(decode_into(b"Zm9v", &mut [0; 2]), None, "too little room");
        for broken in ["Zg", "Zg=", "Z===", "Zm9v=", "Zm!v", "Z", "=", "===="] {
            assert_eq!(decode(broken.as_bytes()).filter(|bytes| !bytes.is_empty()), None, "{broken}");
        }
    }
}
