//! MD5 (RFC 1321). SQLAlchemy ends names that are too long with four digits of it.

/// The digest of a text in hexadecimal digits.
pub(super) fn hex(text: &str) -> String {
    const SHIFTS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
    let mut bytes = text.as_bytes().to_vec();
    bytes.push(0x80);
    while bytes.len() % 64 != 56 {
        bytes.push(0);
    }
    bytes.extend((text.len() as u64).wrapping_mul(8).to_le_bytes());
    let mut state: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    for chunk in bytes.chunks_exact(64) {
        let words: Vec<u32> =
            chunk.chunks_exact(4).map(|w| w.iter().rev().fold(0, |n, b| (n << 8) | u32::from(*b))).collect();
        let [mut a, mut b, mut c, mut d] = state;
        for step in 0..64_u32 {
            let (mixed, word) = match step / 16 {
                0 => ((b & c) | (!b & d), step),
                1 => ((d & b) | (!d & c), (5 * step + 1) % 16),
                2 => (b ^ c ^ d, (3 * step + 5) % 16),
                _ => (c ^ (b | !d), (7 * step) % 16),
            };
            // floor(2^32 * |sin(step + 1)|)
            let constant = (f64::from(step + 1).sin().abs() * 4_294_967_296.0).floor() as u32;
            let word = words.get(word as usize).copied().unwrap_or_default();
            let sum = a.wrapping_add(mixed).wrapping_add(constant).wrapping_add(word);
            let [row, column] = [(step / 16) as usize, (step % 4) as usize];
            let shift = SHIFTS.get(row).and_then(|r| r.get(column)).copied().unwrap_or_default();
            (a, d, c, b) = (d, c, b, b.wrapping_add(sum.rotate_left(shift)));
        }
        state =
            [state[0].wrapping_add(a), state[1].wrapping_add(b), state[2].wrapping_add(c), state[3].wrapping_add(d)];
    }
    state.iter().flat_map(|word| word.to_le_bytes()).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::hex;

    /// The test suite of RFC 1321, A.5.
    #[test]
    fn digests() {
        assert_eq!(hex(""), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(hex("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
        assert_eq!(
            hex("12345678901234567890123456789012345678901234567890123456789012345678901234567890"),
            "57edf4a22be3c955ac49da2e2107b67a"
        );
    }
}
