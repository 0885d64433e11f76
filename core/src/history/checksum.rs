//! `atlas.sum`: what Atlas recorded of the files of its folder, checked against them.

use std::collections::BTreeMap;

/// What is wrong with a file that the sum file speaks of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Deviation {
    /// Its content is not what was recorded.
    Edited,
    /// The sum file does not name it.
    Unrecorded,
}

/// Compares a folder's files, by name and content, with its `atlas.sum`.
///
/// Each line but the first names a file and the SHA-256 of all names and contents up to and with it. So the first file that differs can be told, and
/// nothing can be said of those behind it, nor of those behind one that was not given. Source: `NewHashFile` in `sql/migrate/dir.go` of Atlas.
pub fn deviations<'a>(sum: &str, files: &BTreeMap<&'a str, &[u8]>) -> Vec<(&'a str, Deviation)> {
    let mut out = Vec::new();
    let mut hash = Sha256::default();
    let mut named = Vec::new();
    let mut readable = true;
    for line in sum.lines().skip(1) {
        let Some((name, recorded)) = line.rsplit_once(" h1:") else { continue };
        named.push(name);
        let Some((own, content)) = files.get_key_value(name).filter(|_| readable) else {
            readable = false;
            continue;
        };
        hash.update(name.as_bytes());
        hash.update(content);
        if base64(&hash.clone().finish()) != recorded.trim() {
            out.push((*own, Deviation::Edited));
            readable = false;
        }
    }
    let ignored = |content: &[u8]| content.starts_with(b"-- atlas:sum ignore");
    // Ways back of golang-migrate and Flyway: where none is recorded, Atlas does not look at them.
    let goes_back = |name: &str| name.ends_with(".down.sql") || (name.starts_with('U') && name.contains("__"));
    let records_ways_back = named.iter().any(|name| goes_back(name));
    out.extend(
        files
            .iter()
            .filter(|(name, content)| !named.contains(*name) && !ignored(content))
            .filter(|(name, _)| records_ways_back || !goes_back(name))
            .map(|(name, _)| (*name, Deviation::Unrecorded)),
    );
    out
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let group = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        for at in 0..4_usize {
            let sextet = (group >> (18 - 6 * at)) & 63;
            let symbol = ALPHABET.get(sextet as usize).copied().unwrap_or(b'=');
            out.push(if at <= chunk.len() { char::from(symbol) } else { '=' });
        }
    }
    out
}

/// SHA-256. Source: FIPS 180-4, section 6.2.
#[derive(Clone)]
struct Sha256 {
    state: [u32; 8],
    block: Vec<u8>,
    bytes: u64,
}

impl Default for Sha256 {
    fn default() -> Self {
        Self {
            state: [
                0x6a09_e667,
                0xbb67_ae85,
                0x3c6e_f372,
                0xa54f_f53a,
                0x510e_527f,
                0x9b05_688c,
                0x1f83_d9ab,
                0x5be0_cd19,
            ],
            block: Vec::with_capacity(64),
            bytes: 0,
        }
    }
}

impl Sha256 {
    fn update(&mut self, mut data: &[u8]) {
        self.bytes = self.bytes.wrapping_add(data.len() as u64);
        while !data.is_empty() {
            let take = data.len().min(64 - self.block.len());
            let (now, later) = data.split_at(take);
            self.block.extend_from_slice(now);
            data = later;
            if self.block.len() == 64 {
                self.compress();
                self.block.clear();
            }
        }
    }

    fn finish(mut self) -> Vec<u8> {
        let bits = self.bytes.wrapping_mul(8);
        self.update(&[0x80]);
        while self.block.len() != 56 {
            self.update(&[0]);
        }
        self.update(&bits.to_be_bytes());
        self.state.iter().flat_map(|word| word.to_be_bytes()).collect()
    }

    fn compress(&mut self) {
        let mut schedule: Vec<u32> =
            self.block.chunks_exact(4).map(|c| c.iter().fold(0, |word, byte| (word << 8) | u32::from(*byte))).collect();
        for at in 16..64_usize {
            let word = |back: usize| schedule.get(at - back).copied().unwrap_or_default();
            let (low, high) = (word(15), word(2));
            let small0 = low.rotate_right(7) ^ low.rotate_right(18) ^ (low >> 3);
            let small1 = high.rotate_right(17) ^ high.rotate_right(19) ^ (high >> 10);
            schedule.push(word(16).wrapping_add(small0).wrapping_add(word(7)).wrapping_add(small1));
        }
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = self.state;
        for (word, constant) in schedule.iter().zip(K) {
            let big1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
            let choice = (e & f) ^ (!e & g);
            let one = h.wrapping_add(big1).wrapping_add(choice).wrapping_add(constant).wrapping_add(*word);
            let big0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
            let majority = (a & b) ^ (a & c) ^ (b & c);
            (h, g, f, e) = (g, f, e, d.wrapping_add(one));
            (d, c, b, a) = (c, b, a, one.wrapping_add(big0.wrapping_add(majority)));
        }
        for (word, more) in self.state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
            *word = word.wrapping_add(more);
        }
    }
}

/// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
#[rustfmt::skip]
const K: [u32; 64] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha_256_gives_the_published_values() {
        // Source: FIPS 180-2, appendix B.1 and B.2, and the value of no bytes.
        let hex = |text: &str| -> String {
            let mut hash = Sha256::default();
            hash.update(text.as_bytes());
            hash.finish().iter().map(|b| format!("{b:02x}")).collect()
        };
        assert_eq!(hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(
            hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        );
    }

    /// Ways back of other tools' files are not recorded where Atlas does not read them.
    #[test]
    fn a_way_back_that_is_not_recorded_is_no_news() {
        let names = |sum: &str, files: &[&'static str]| -> Vec<(&'static str, Deviation)> {
            deviations(sum, &files.iter().map(|name| (*name, &b""[..])).collect())
        };
        let sum = "h1:\n1_a.up.sql h1:x\n";
        let edited = ("1_a.up.sql", Deviation::Edited);
        assert_eq!(names(sum, &["1_a.up.sql", "1_a.down.sql"]), [edited]);
        let sum = "h1:\n1_a.down.sql h1:x\n1_a.up.sql h1:x\n";
        assert_eq!(names(sum, &["1_a.up.sql", "2_b.down.sql"]), [("2_b.down.sql", Deviation::Unrecorded)]);
    }

    #[test]
    fn base64_gives_the_published_values() {
        // Source: RFC 4648, section 10.
        for (text, expected) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")] {
            assert_eq!(base64(text.as_bytes()), expected);
        }
    }
}
