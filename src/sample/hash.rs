//! Hash functions that give the same numbers as HAProxy's: `sdbm`, `djb2`, `wt6`, `crc32`, `crc32c`, `xxh32`, `xxh64`, SHA-1, and the
//! mixing that `avalanche` adds. What is hashed is the converters' and `balance`'s to say.

/// A function from bytes to 32 bits.
pub type Hash32 = fn(&[u8]) -> u32;

/// `sdbm`
pub fn sdbm(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |hash: u32, byte| hash.wrapping_mul(65599).wrapping_add(u32::from(*byte)))
}

/// `djb2`
pub fn djb2(bytes: &[u8]) -> u32 {
    bytes.iter().fold(5381, |hash: u32, byte| hash.wrapping_mul(33).wrapping_add(u32::from(*byte)))
}

/// `crc32`: CRC-32 of IEEE 802.3, reflected.
pub fn crc32(bytes: &[u8]) -> u32 {
    crc(bytes, 0xedb8_8320)
}

/// `crc32c`: the CRC-32 of RFC 4960 appendix B, reflected.
pub fn crc32c(bytes: &[u8]) -> u32 {
    crc(bytes, 0x82f6_3b78)
}

fn crc(bytes: &[u8], polynomial: u32) -> u32 {
    let step = |crc: u32| (0..8).fold(crc, |crc, _| if crc & 1 == 1 { (crc >> 1) ^ polynomial } else { crc >> 1 });
    !bytes.iter().fold(u32::MAX, |crc, byte| step(crc ^ u32::from(*byte)))
}

/// `wt6`: two words that are crossed and turned by amounts which depend on what came before.
pub fn wt6(bytes: &[u8]) -> u32 {
    let (mut left, mut right) = (0xa53c_965a_u32, 0x5ca6_953a_u32);
    let (mut left_turn, mut right_turn) = (6, 18);
    for byte in bytes {
        let byte = u32::from(*byte);
        let crossed = !right.wrapping_add(byte);
        right = (!(left ^ byte)).rotate_left(right_turn);
        left = crossed.rotate_left(left_turn);
        let next = ((left >> 16) ^ right) & 0xffff;
        (left_turn, right_turn) = (next & 31, next >> 11);
    }
    left ^ right
}

/// Spreads a hash over all 32 bits, so that near keys come to lie far apart.
pub fn avalanche(hash: u32) -> u32 {
    let mut a = hash;
    a = a.wrapping_add(0x7ed5_5d16).wrapping_add(a << 12);
    a = (a ^ 0xc761_c23c) ^ (a >> 19);
    a = a.wrapping_add(0x1656_67b1).wrapping_add(a << 5);
    a = a.wrapping_add(0xd3a2_646c) ^ (a << 9);
    a = a.wrapping_add(0xfd70_46c5).wrapping_add(a << 3);
    a = (a ^ 0xb55a_4f09) ^ (a >> 16);
    a.wrapping_mul(3_221_225_473)
}

/// A little-endian number of up to eight bytes.
fn little_endian(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// The primes of xxHash with 32 bits.
const P32: [u32; 5] = [0x9e37_79b1, 0x85eb_ca77, 0xc2b2_ae3d, 0x27d4_eb2f, 0x1656_67b1];

/// `xxh32`: xxHash with 32 bits and a seed.
pub fn xxh32(bytes: &[u8], seed: u32) -> u32 {
    let round = |lane: u32, word: u32| lane.wrapping_add(word.wrapping_mul(P32[1])).rotate_left(13).wrapping_mul(P32[0]);
    let stripes = bytes.chunks_exact(16);
    let rest = stripes.remainder();
    let mut hash = if bytes.len() >= 16 {
        let mut lanes = [seed.wrapping_add(P32[0]).wrapping_add(P32[1]), seed.wrapping_add(P32[1]), seed, seed.wrapping_sub(P32[0])];
        for stripe in stripes {
            for (lane, word) in lanes.iter_mut().zip(stripe.chunks_exact(4)) {
                *lane = round(*lane, little_endian(word) as u32);
            }
        }
        lanes.iter().zip([1, 7, 12, 18]).fold(0, |hash: u32, (lane, turn)| hash.wrapping_add(lane.rotate_left(turn)))
    } else {
        seed.wrapping_add(P32[4])
    };
    hash = hash.wrapping_add(bytes.len() as u32);
    let words = rest.chunks_exact(4);
    let tail = words.remainder();
    for word in words {
        hash = hash.wrapping_add((little_endian(word) as u32).wrapping_mul(P32[2])).rotate_left(17).wrapping_mul(P32[3]);
    }
    for byte in tail {
        hash = hash.wrapping_add(u32::from(*byte).wrapping_mul(P32[4])).rotate_left(11).wrapping_mul(P32[0]);
    }
    hash = (hash ^ hash >> 15).wrapping_mul(P32[1]);
    hash = (hash ^ hash >> 13).wrapping_mul(P32[2]);
    hash ^ hash >> 16
}

/// The primes of xxHash with 64 bits.
const P64: [u64; 5] = [0x9e37_79b1_85eb_ca87, 0xc2b2_ae3d_27d4_eb4f, 0x1656_67b1_9e37_79f9, 0x85eb_ca77_c2b2_ae63, 0x27d4_eb2f_1656_67c5];

/// `xxh64`: xxHash with 64 bits and a seed.
pub fn xxh64(bytes: &[u8], seed: u64) -> u64 {
    let round = |lane: u64, word: u64| lane.wrapping_add(word.wrapping_mul(P64[1])).rotate_left(31).wrapping_mul(P64[0]);
    let stripes = bytes.chunks_exact(32);
    let rest = stripes.remainder();
    let mut hash = if bytes.len() >= 32 {
        let mut lanes = [seed.wrapping_add(P64[0]).wrapping_add(P64[1]), seed.wrapping_add(P64[1]), seed, seed.wrapping_sub(P64[0])];
        for stripe in stripes {
            for (lane, word) in lanes.iter_mut().zip(stripe.chunks_exact(8)) {
                *lane = round(*lane, little_endian(word));
            }
        }
        let sum = lanes.iter().zip([1, 7, 12, 18]).fold(0, |hash: u64, (lane, turn)| hash.wrapping_add(lane.rotate_left(turn)));
        lanes.iter().fold(sum, |hash, lane| (hash ^ round(0, *lane)).wrapping_mul(P64[0]).wrapping_add(P64[3]))
    } else {
        seed.wrapping_add(P64[4])
    };
    hash = hash.wrapping_add(bytes.len() as u64);
    let words = rest.chunks_exact(8);
    let rest = words.remainder();
    for word in words {
        hash = (hash ^ round(0, little_endian(word))).rotate_left(27).wrapping_mul(P64[0]).wrapping_add(P64[3]);
    }
    let halves = rest.chunks_exact(4);
    let tail = halves.remainder();
    for half in halves {
        hash = (hash ^ little_endian(half).wrapping_mul(P64[0])).rotate_left(23).wrapping_mul(P64[1]).wrapping_add(P64[2]);
    }
    for byte in tail {
        hash = (hash ^ u64::from(*byte).wrapping_mul(P64[4])).rotate_left(11).wrapping_mul(P64[0]);
    }
    hash = (hash ^ hash >> 33).wrapping_mul(P64[1]);
    hash = (hash ^ hash >> 29).wrapping_mul(P64[2]);
    hash ^ hash >> 32
}

/// SHA-1 (RFC 3174).
pub fn sha1(bytes: &[u8]) -> [u8; 20] {
    let mut message = bytes.to_vec();
    message.push(0x80);
    message.resize(message.len().next_multiple_of(64), 0);
    if message.len() - bytes.len() < 9 {
        message.resize(message.len() + 64, 0);
    }
    let length = (bytes.len() as u64).wrapping_mul(8).to_be_bytes();
    message.truncate(message.len() - length.len());
    message.extend_from_slice(&length);
    let mut state = [0x6745_2301_u32, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
    for block in message.chunks_exact(64) {
        let mut schedule = Vec::with_capacity(80);
        schedule.extend(block.chunks_exact(4).map(|word| (little_endian(word) as u32).swap_bytes()));
        for at in 16..80 {
            let word: u32 = [3, 8, 14, 16].iter().fold(0, |word, back| word ^ schedule[at - back]);
            schedule.push(word.rotate_left(1));
        }
        let [mut a, mut b, mut c, mut d, mut e] = state;
        for (at, word) in schedule.iter().enumerate() {
            let (mix, constant) = match at / 20 {
                0 => ((b & c) | (!b & d), 0x5a82_7999_u32),
                1 => (b ^ c ^ d, 0x6ed9_eba1),
                2 => ((b & c) | (b & d) | (c & d), 0x8f1b_bcdc),
                _ => (b ^ c ^ d, 0xca62_c1d6),
            };
            let next = a.rotate_left(5).wrapping_add(mix).wrapping_add(e).wrapping_add(constant).wrapping_add(*word);
            (e, d, c, b, a) = (d, c, b.rotate_left(30), a, next);
        }
        for (sum, part) in state.iter_mut().zip([a, b, c, d, e]) {
            *sum = sum.wrapping_add(part);
        }
    }
    let mut digest = [0; 20];
    for (out, word) in digest.chunks_exact_mut(4).zip(state) {
        out.copy_from_slice(&word.to_be_bytes());
    }
    digest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::value::hexadecimal;

    const LONG: &str = "Nobody inspects the spammish repetition, and nobody expects it either.";

    #[test]
    fn hashes_are_the_published_ones() {
        assert_eq!([crc32(b"123456789"), crc32c(b"123456789")], [0xcbf4_3926, 0xe306_9283]);
        assert_eq!(
            [xxh32(b"", 0), xxh32(b"abc", 0), xxh32(b"Nobody inspects the spammish repetition", 0)],
            [0x02cc_5d05, 0x32d1_53ff, 0xe229_3b2f]
        );
        assert_eq!(
            [xxh64(b"", 0), xxh64(b"abc", 0), xxh64(b"Nobody inspects the spammish repetition", 0)],
            [0xef46_db37_51d8_e999, 0x44bc_2cf5_ad77_0999, 0xfbce_a83c_8a37_8bf1]
        );
        assert_ne!(xxh64(LONG.as_bytes(), 1), xxh64(LONG.as_bytes(), 0));
    }

    #[test]
    fn sha1_is_that_of_rfc_3174() {
        let check = |text: &[u8], expected: &str| assert_eq!(String::from_utf8_lossy(&hexadecimal(&sha1(text))), expected);
        check(b"", "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709");
        check(b"abc", "A9993E364706816ABA3E25717850C26C9CD0D89D");
        check(b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983E441C3BD26EBAAE4AA1F95129E5E54670F1");
        check(&[b'a'; 64], "0098BA824B5C16427BD7A1122A5A442A25EC644D");
    }
}
