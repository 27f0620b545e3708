//! The hash functions of `hash-type` and the mixing that `avalanche` adds, giving the same numbers as HAProxy's `sdbm`, `djb2`,
//! `wt6` and `crc32`. What is hashed is `key`'s; what a hash chooses, `map`'s and `ring`'s.

use crate::config::balancing::HashFunction;

/// The hash of some bytes.
pub fn hash(function: HashFunction, bytes: &[u8]) -> u32 {
    match function {
        HashFunction::Sdbm => bytes.iter().fold(0, |hash, byte| u32::wrapping_add(u32::wrapping_mul(hash, 65599), u32::from(*byte))),
        HashFunction::Djb2 => bytes.iter().fold(5381, |hash, byte| u32::wrapping_add(u32::wrapping_mul(hash, 33), u32::from(*byte))),
        HashFunction::Wt6 => wt6(bytes),
        HashFunction::Crc32 => !bytes.iter().fold(u32::MAX, |crc, byte| crc32_step(crc ^ u32::from(*byte))),
    }
}

/// One byte of CRC-32 (IEEE 802.3, reflected).
fn crc32_step(crc: u32) -> u32 {
    const POLYNOMIAL: u32 = 0xedb8_8320;
    (0..8).fold(crc, |crc, _| if crc & 1 == 1 { (crc >> 1) ^ POLYNOMIAL } else { crc >> 1 })
}

/// Two words that are crossed and turned by amounts which depend on what came before.
fn wt6(bytes: &[u8]) -> u32 {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What HAProxy 2.6's converters of these names give, without and with avalanche.
    const GOLDEN: [(&str, [u32; 8]); 6] = [
        ("a", [97, 177670, 1900802597, 3904355907, 1830748055, 3548763807, 1986649387, 1288200982]),
        ("abc", [807794786, 193485963, 2483038440, 891568578, 659243622, 2235766107, 266135527, 930845320]),
        ("hello-world", [971994359, 1403312366, 2238057508, 2983461467, 758954906, 2633604929, 1142189580, 2033588571]),
        ("/index.html", [858007926, 3776231887, 822151038, 3928116034, 4217574924, 1889807916, 2986733765, 571229468]),
        ("192.0.2.1", [3096601971, 1346529534, 331454548, 3680567351, 1487155691, 791092658, 1894380125, 595141466]),
        ("zz%C3%A9", [427830728, 494638995, 429425406, 854019648, 3284234364, 2732577882, 3638375603, 4211208810]),
    ];

    #[test]
    fn hashes_are_haproxys() {
        let functions = [HashFunction::Sdbm, HashFunction::Djb2, HashFunction::Wt6, HashFunction::Crc32];
        for (key, expected) in GOLDEN {
            let plain = functions.map(|function| hash(function, key.as_bytes()));
            assert_eq!(plain, expected[..4], "{key}");
            assert_eq!(plain.map(avalanche), expected[4..], "{key}, mixed");
        }
    }
}
