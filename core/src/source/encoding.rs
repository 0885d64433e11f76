//! Bytes to UTF-8, in chunks: byte order marks, UTF-16, and what is no text at all.

/// What the first bytes of a file say it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Content {
    /// UTF-8, or something close to it. The number is the length of its byte order mark.
    Utf8(u32),
    /// UTF-16, little endian or not, with the length of its byte order mark.
    Utf16 {
        /// The low byte of a unit comes first.
        little_endian: bool,
        /// Length of the byte order mark: 2 or 0.
        mark: u32,
    },
    /// A zip archive.
    Zip,
    /// A gzip file.
    Gzip,
    /// `pg_dump -Fc`: a custom-format archive.
    PgDumpCustom,
    /// A tar archive, as `pg_dump -Ft` makes.
    Tar,
    /// An SQLite database file.
    SqliteDatabase,
    /// Bytes that are no text.
    Binary,
}

/// How many bytes [`detect`] wants to see.
pub const SNIFF_BYTES: usize = 4096;

/// Tells what a file is from its first bytes.
pub fn detect(head: &[u8]) -> Content {
    let head = head.get(..SNIFF_BYTES).unwrap_or(head);
    match head {
        [0xef, 0xbb, 0xbf, ..] => return Content::Utf8(3),
        [0xff, 0xfe, ..] => return Content::Utf16 { little_endian: true, mark: 2 },
        [0xfe, 0xff, ..] => return Content::Utf16 { little_endian: false, mark: 2 },
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => return Content::Zip,
        [0x1f, 0x8b, ..] => return Content::Gzip,
        _ => {}
    }
    if head.starts_with(b"PGDMP") {
        return Content::PgDumpCustom;
    }
    if head.starts_with(b"SQLite format 3\0") {
        return Content::SqliteDatabase;
    }
    if head.starts_with(b"toc.dat\0") && head.get(257..262) == Some(b"ustar") {
        return Content::Tar;
    }
    if !head.contains(&0) {
        return Content::Utf8(0);
    }
    let zeros = |parity: usize| head.iter().skip(parity).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    // Latin text in UTF-16 without a mark has a zero in nearly every other byte.
    let pairs = head.len() / 2;
    if pairs >= 2 && odd * 10 >= pairs * 8 && even * 10 <= pairs {
        return Content::Utf16 { little_endian: true, mark: 0 };
    }
    if pairs >= 2 && even * 10 >= pairs * 8 && odd * 10 <= pairs {
        return Content::Utf16 { little_endian: false, mark: 0 };
    }
    Content::Binary
}

/// Turns UTF-16 into UTF-8, chunk by chunk. A lone surrogate becomes U+FFFD.
#[derive(Clone, Debug)]
pub struct Utf16Decoder {
    little_endian: bool,
    byte: Option<u8>,
    high: Option<u16>,
}

impl Utf16Decoder {
    /// A decoder for one file, behind its byte order mark.
    pub fn new(little_endian: bool) -> Self {
        Self { little_endian, byte: None, high: None }
    }

    /// The text of the next bytes.
    pub fn decode(&mut self, bytes: &[u8]) -> String {
        let mut out = String::with_capacity(bytes.len() / 2 + 4);
        for &byte in bytes {
            let Some(first) = self.byte.take() else {
                self.byte = Some(byte);
                continue;
            };
            let unit =
                if self.little_endian { u16::from_le_bytes([first, byte]) } else { u16::from_be_bytes([first, byte]) };
            match (self.high.take(), unit) {
                (Some(high), 0xdc00..=0xdfff) => {
                    let code = 0x1_0000 + ((u32::from(high) - 0xd800) << 10) + (u32::from(unit) - 0xdc00);
                    out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                (before, _) => {
                    if before.is_some() {
                        out.push(char::REPLACEMENT_CHARACTER);
                    }
                    if (0xd800..0xdc00).contains(&unit) {
                        self.high = Some(unit);
                    } else {
                        out.push(char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER));
                    }
                }
            }
        }
        out
    }

    /// What is left at the end of the file: half a character is U+FFFD.
    pub fn finish(&mut self) -> &'static str {
        if self.byte.take().is_some() | self.high.take().is_some() { "\u{fffd}" } else { "" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_their_first_bytes() {
        assert_eq!(detect(b"create table t ();"), Content::Utf8(0));
        assert_eq!(detect(b""), Content::Utf8(0));
        assert_eq!(detect(b"\xef\xbb\xbfselect"), Content::Utf8(3));
        assert_eq!(detect(b"\xff\xfes\0e\0"), Content::Utf16 { little_endian: true, mark: 2 });
        assert_eq!(detect(b"\0s\0e\0l\0e"), Content::Utf16 { little_endian: false, mark: 0 });
        assert_eq!(detect(b"s\0e\0l\0e\0c\0t\0"), Content::Utf16 { little_endian: true, mark: 0 });
        assert_eq!(detect(b"PK\x03\x04\x14\0"), Content::Zip);
        assert_eq!(detect(b"PGDMP\x01\x0e"), Content::PgDumpCustom);
        let tar = |first: &[u8]| {
            let mut head = first.to_vec();
            head.resize(257, 0);
            [head.as_slice(), b"ustar\x0000"].concat()
        };
        assert_eq!(detect(&tar(b"toc.dat\0")), Content::Tar);
        assert_eq!(detect(&tar(b"disk.vmdk\0")), Content::Binary);
        assert_eq!(detect(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), Content::Binary);
    }

    #[test]
    fn utf16_reads_alike_in_any_chunks() {
        let text = "create table \"naïve 🐘\" ();";
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for size in [1, 2, 3, 1000] {
            let mut decoder = Utf16Decoder::new(true);
            let read: String = bytes.chunks(size).map(|c| decoder.decode(c)).collect();
            assert_eq!(read + decoder.finish(), text, "chunks of {size}");
        }
        let mut decoder = Utf16Decoder::new(true);
        assert_eq!(decoder.decode(&[0x00, 0xd8, b'a', 0, b'b']), "\u{fffd}a");
        assert_eq!(decoder.finish(), "\u{fffd}");
    }
}
