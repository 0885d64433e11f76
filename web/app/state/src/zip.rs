//! The directory of a zip archive: which files it holds and where their bytes stand. Inflating is the browser's work.
//!
//! Source: PKWARE's APPNOTE.TXT 6.3, sections 4.3.7 (local header), 4.3.12 (central directory) and 4.3.16 (its end).

/// How many bytes from the end of an archive can hold the end record: its 22 bytes and the longest comment.
pub const TAIL: u64 = 22 + 65_535;

/// The size of a local file header without its name and extra field.
pub const LOCAL_HEADER: u64 = 30;

/// Where the central directory stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Directory {
    /// Offset of its first byte in the archive.
    pub offset: u64,
    /// Its size in bytes.
    pub size: u64,
    /// How many entries it has.
    pub entries: u32,
}

/// One file of an archive.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Its path with `/` between folders.
    pub name: String,
    /// How it was packed.
    pub method: Method,
    /// Its size in the archive, in bytes.
    pub packed: u64,
    /// Its own size, in bytes.
    pub size: u64,
    /// Offset of its local header.
    pub header: u64,
}

/// How an entry was packed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    /// As it is.
    Stored,
    /// RFC 1951.
    Deflate,
    /// Some other way, by its number, or encrypted.
    Unreadable,
}

/// Why an archive cannot be opened. Printed, it completes "x.zip: …".
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ZipError {
    /// No end record.
    NotAnArchive,
    /// The directory points outside of the archive, or ends early.
    Damaged,
    /// Sizes beyond 4 GiB or more than 65,535 files.
    Zip64,
    /// It is one part of several.
    Split,
}

impl std::fmt::Display for ZipError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NotAnArchive => "it ends like no zip archive. It may be cut short; copy it again",
            Self::Damaged => "its table of contents is damaged. Unpack it with another tool and drop the folder",
            Self::Zip64 => "it is a zip64 archive (over 4 GB or 65,535 files). Unpack it and drop the folder",
            Self::Split => "it is one part of a split archive. Join the parts or drop the folder",
        })
    }
}

/// Finds the central directory in the last bytes of an archive of `length` bytes.
///
/// # Errors
/// When the bytes hold no end record, or one that cannot be true.
pub fn directory(tail: &[u8], length: u64) -> Result<Directory, ZipError> {
    let at = (0..tail.len().saturating_sub(21))
        .rev()
        .find(|&i| {
            tail.get(i..i + 4) == Some(b"PK\x05\x06")
                && u16_at(tail, i + 20).is_some_and(|c| i + 22 + usize::from(c) <= tail.len())
        })
        .ok_or(ZipError::NotAnArchive)?;
    let field16 = |o: usize| u16_at(tail, at + o).ok_or(ZipError::Damaged);
    let field32 = |o: usize| u32_at(tail, at + o).ok_or(ZipError::Damaged);
    let (disk, start_disk, entries) = (field16(4)?, field16(6)?, field16(10)?);
    let (size, offset) = (field32(12)?, field32(16)?);
    if entries == u16::MAX || size == u32::MAX || offset == u32::MAX {
        return Err(ZipError::Zip64);
    }
    if disk != 0 || start_disk != 0 {
        return Err(ZipError::Split);
    }
    let directory = Directory { offset: offset.into(), size: size.into(), entries: entries.into() };
    if directory.offset + directory.size > length {
        return Err(ZipError::Damaged);
    }
    Ok(directory)
}

/// Reads the central directory's bytes: its files in order, folders left out.
///
/// # Errors
/// When the directory ends before its last entry.
pub fn entries(bytes: &[u8], directory: Directory) -> Result<Vec<Entry>, ZipError> {
    let mut found = Vec::new();
    let mut at = 0;
    for _ in 0..directory.entries {
        if bytes.get(at..at + 4) != Some(b"PK\x01\x02") {
            return Err(ZipError::Damaged);
        }
        let field16 = |o: usize| u16_at(bytes, at + o).ok_or(ZipError::Damaged);
        let field32 = |o: usize| u32_at(bytes, at + o).ok_or(ZipError::Damaged);
        let (flags, method) = (field16(8)?, field16(10)?);
        let (packed, size) = (field32(20)?, field32(24)?);
        let (name_length, extra, comment) = (field16(28)?, field16(30)?, field16(32)?);
        let header = field32(42)?;
        if packed == u32::MAX || size == u32::MAX || header == u32::MAX {
            return Err(ZipError::Zip64);
        }
        let name = bytes.get(at + 46..at + 46 + usize::from(name_length)).ok_or(ZipError::Damaged)?;
        let name = String::from_utf8_lossy(name).replace('\\', "/");
        at += 46 + usize::from(name_length) + usize::from(extra) + usize::from(comment);
        if name.ends_with('/') {
            continue;
        }
        let encrypted = flags & 1 == 1;
        let method = match method {
            0 if !encrypted => Method::Stored,
            8 if !encrypted => Method::Deflate,
            _ => Method::Unreadable,
        };
        found.push(Entry { name, method, packed: packed.into(), size: size.into(), header: header.into() });
    }
    Ok(found)
}

/// Offset of an entry's packed bytes, from the [`LOCAL_HEADER`] bytes that stand at [`Entry::header`].
///
/// # Errors
/// When no local header stands there.
pub fn data_offset(entry: &Entry, local: &[u8]) -> Result<u64, ZipError> {
    if local.get(..4) != Some(b"PK\x03\x04") {
        return Err(ZipError::Damaged);
    }
    let name = u16_at(local, 26).ok_or(ZipError::Damaged)?;
    let extra = u16_at(local, 28).ok_or(ZipError::Damaged)?;
    Ok(entry.header + LOCAL_HEADER + u64::from(name) + u64::from(extra))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A zip with one stored file and one folder, laid out by hand from the specification.
    fn archive() -> Vec<u8> {
        let mut zip = Vec::new();
        let record = |signature: &[u8], name: &str, size: u32, header: Option<u32>| {
            let mut r = signature.to_vec();
            if header.is_some() {
                r.extend([20, 0]); // made by
            }
            r.extend([20, 0, 0, 0, 0, 0]); // needs 2.0, no flags, stored
            r.extend([0; 4]); // time and date
            r.extend([0; 4]); // CRC, which the reader leaves to the browser
            r.extend(size.to_le_bytes());
            r.extend(size.to_le_bytes());
            r.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
            r.extend([0, 0]); // extra
            if let Some(h) = header {
                r.extend([0; 10]); // comment length, disk, attributes inside and outside
                r.extend(h.to_le_bytes());
            }
            r.extend(name.as_bytes());
            r
        };
        zip.extend(record(b"PK\x03\x04", "db/", 0, None));
        let second = u32::try_from(zip.len()).unwrap();
        zip.extend(record(b"PK\x03\x04", "db/a.sql", 3, None));
        zip.extend(b"abc");
        let start = u32::try_from(zip.len()).unwrap();
        zip.extend(record(b"PK\x01\x02", "db/", 0, Some(0)));
        zip.extend(record(b"PK\x01\x02", "db/a.sql", 3, Some(second)));
        let size = u32::try_from(zip.len()).unwrap() - start;
        zip.extend(b"PK\x05\x06\0\0\0\0\x02\0\x02\0");
        zip.extend(size.to_le_bytes());
        zip.extend(start.to_le_bytes());
        zip.extend([0, 0]);
        zip
    }

    #[test]
    fn finds_files_and_their_bytes() {
        let zip = archive();
        let dir = directory(&zip, zip.len() as u64).unwrap();
        assert_eq!(dir.entries, 2);
        let start = dir.offset as usize;
        let list = entries(&zip[start..start + dir.size as usize], dir).unwrap();
        assert_eq!(list.len(), 1, "folders are left out");
        assert_eq!((list[0].name.as_str(), list[0].method, list[0].size), ("db/a.sql", Method::Stored, 3));
        let data = data_offset(&list[0], &zip[list[0].header as usize..]).unwrap() as usize;
        assert_eq!(&zip[data..data + 3], b"abc");
    }

    #[test]
    fn a_comment_that_looks_like_an_end_record_is_passed_over() {
        let mut zip = archive();
        let comment = b"PK\x05\x06";
        let n = zip.len();
        zip[n - 2] = comment.len() as u8;
        zip.extend(comment);
        assert_eq!(directory(&zip, zip.len() as u64).unwrap().entries, 2);
    }

    #[test]
    fn says_what_is_wrong() {
        assert_eq!(directory(b"not a zip at all, whatever its name", 35), Err(ZipError::NotAnArchive));
        assert_eq!(directory(b"", 0), Err(ZipError::NotAnArchive));
        let zip = archive();
        assert_eq!(directory(&zip[60..], 40), Err(ZipError::Damaged), "the directory lies beyond the end");
        let dir = directory(&zip, zip.len() as u64).unwrap();
        assert_eq!(entries(&zip[dir.offset as usize..zip.len() - 40], dir), Err(ZipError::Damaged));
    }

    #[test]
    fn an_encrypted_file_is_listed_as_unreadable() {
        let mut zip = archive();
        let dir = directory(&zip, zip.len() as u64).unwrap();
        let second = dir.offset as usize + 46 + 3;
        zip[second + 8] = 1;
        let list = entries(&zip[dir.offset as usize..], dir).unwrap();
        assert_eq!(list[0].method, Method::Unreadable);
    }
}
