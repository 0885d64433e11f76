//! SHA-256 (FIPS 180-4) and base64 (RFC 4648): what a browser makes of a script to hold it against the policy.

/// The digest as a policy writes it.
pub(super) fn sha256_base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digest = sha256(bytes);
    let mut out = String::new();
    for group in digest.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            out.push(if digit <= group.len() {
                char::from(DIGITS[(bits >> (18 - 6 * digit)) as usize & 63])
            } else {
                '='
            });
        }
    }
    out
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    // The constants are the first 32 bits of the fractional parts of roots of primes.
    let primes = (2_u64..).filter(|n| (2..*n).all(|d| n % d != 0));
    let constants: Vec<u32> = primes.clone().take(64).map(|p| fraction_of_root(p, 3)).collect();
    let mut state: Vec<u32> = primes.take(8).map(|p| fraction_of_root(p, 2)).collect();
    let mut message = bytes.to_vec();
    message.push(0x80);
    while message.len() % 64 != 56 {
        message.push(0);
    }
    message.extend(((bytes.len() as u64) * 8).to_be_bytes());
    for block in message.chunks(64) {
        let mut words: Vec<u32> = block.chunks(4).map(|b| u32::from_be_bytes([b[0], b[1], b[2], b[3]])).collect();
        for at in 16..64 {
            let (a, b) = (words[at - 15], words[at - 2]);
            let first = a.rotate_right(7) ^ a.rotate_right(18) ^ (a >> 3);
            let second = b.rotate_right(17) ^ b.rotate_right(19) ^ (b >> 10);
            words.push(words[at - 16].wrapping_add(first).wrapping_add(words[at - 7]).wrapping_add(second));
        }
        let mut v = state.clone();
        for at in 0..64 {
            let one = v[4].rotate_right(6) ^ v[4].rotate_right(11) ^ v[4].rotate_right(25);
            let choice = (v[4] & v[5]) ^ (!v[4] & v[6]);
            let first = v[7].wrapping_add(one).wrapping_add(choice).wrapping_add(constants[at]).wrapping_add(words[at]);
            let zero = v[0].rotate_right(2) ^ v[0].rotate_right(13) ^ v[0].rotate_right(22);
            let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
            let second = zero.wrapping_add(majority);
            v.rotate_right(1);
            v[4] = v[4].wrapping_add(first);
            v[0] = first.wrapping_add(second);
        }
        for (own, new) in state.iter_mut().zip(v) {
            *own = own.wrapping_add(new);
        }
    }
    let mut digest = [0; 32];
    for (place, word) in digest.chunks_mut(4).zip(state) {
        place.copy_from_slice(&word.to_be_bytes());
    }
    digest
}

/// The first 32 bits behind the point of the square or cube root: the greatest r with r^n <= p * 2^(32 n), without its whole part.
fn fraction_of_root(p: u64, n: u32) -> u32 {
    let wanted = u128::from(p) << (32 * n);
    let (mut low, mut high) = (0_u128, 1 << 36);
    while low + 1 < high {
        let middle = (low + high) / 2;
        if middle.pow(n) <= wanted { low = middle } else { high = middle }
    }
    (low & 0xffff_ffff) as u32
}

#[test]
fn the_digest_of_the_standard() {
    // FIPS 180-4, example "abc": ba7816bf 8f01cfea 414140de 5dae2223 b00361a3 96177a9c b410ff61 f20015ad.
    assert_eq!(sha256_base64(b"abc"), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
}
