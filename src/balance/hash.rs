//! The hash functions of `hash-type` by name, and the mixing that `avalanche` adds; the functions themselves are `sample::hash`'s.
//! What is hashed is `key`'s; what a hash chooses, `map`'s and `ring`'s.

use crate::config::balancing::HashFunction;
use crate::sample;
pub use crate::sample::hash::avalanche;

/// The hash of some bytes.
pub fn hash(function: HashFunction, bytes: &[u8]) -> u32 {
    match function {
        HashFunction::Sdbm => sample::hash::sdbm(bytes),
        HashFunction::Djb2 => sample::hash::djb2(bytes),
        HashFunction::Wt6 => sample::hash::wt6(bytes),
        HashFunction::Crc32 => sample::hash::crc32(bytes),
    }
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
