//! The words of a statement that decide how it ends: what a splitter asks of text it has gathered.

use memchr::{memchr, memchr3, memmem};

use super::Place;

/// Letters, digits, underscore, dollar and every byte of a non-ASCII character.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

pub(super) enum Tag {
    Complete(usize),
    Incomplete,
    No,
}

/// Reads `$tag$` at `at`.
pub(super) fn dollar_tag(bytes: &[u8], at: usize) -> Tag {
    let mut i = at + 1;
    loop {
        match bytes.get(i) {
            None => return Tag::Incomplete,
            Some(b'$') => return Tag::Complete(i + 1),
            Some(b) if b.is_ascii_alphabetic() || *b == b'_' || *b >= 0x80 || (b.is_ascii_digit() && i > at + 1) => {
                i += 1
            }
            Some(_) => return Tag::No,
        }
    }
}

/// Whether `bytes` starts with this lower-case word, in any case, and the word ends there.
pub(super) fn starts_with_word(bytes: &[u8], word: &[u8]) -> bool {
    bytes.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
        && !bytes.get(word.len()).is_some_and(|b| is_word(*b))
}

pub(super) fn is_copy_end(line: &[u8]) -> bool {
    matches!(line, b"\\." | b"\\.\r")
}

pub(super) fn is_copy_from_stdin(statement: &[u8]) -> bool {
    let tail = statement.to_ascii_lowercase();
    // `FROM stdin` may be followed by options; a program or file name stands in quotes.
    memmem::find_iter(&tail, b"stdin").any(|at| {
        tail.get(..at).unwrap_or_default().trim_ascii_end().ends_with(b"from")
            && !tail.get(at + 5).is_some_and(|b| is_word(*b))
    })
}

/// `CREATE [OR REPLACE] RULE`.
pub(super) fn is_create_rule(statement: &[u8]) -> bool {
    created(&mut Words::new(statement)).is_some_and(|w| w.eq_ignore_ascii_case(b"rule"))
}

/// The word behind `CREATE [OR REPLACE]`.
fn created<'a>(words: &mut Words<'a>) -> Option<&'a [u8]> {
    words.next().filter(|w| w.eq_ignore_ascii_case(b"create"))?;
    let word = words.next()?;
    if !word.eq_ignore_ascii_case(b"or") {
        return Some(word);
    }
    words.next();
    words.next()
}

/// Whether the statement is a routine whose `BEGIN ATOMIC` body has not ended yet, counted as psql counts: BEGIN and CASE open, END closes.
pub(super) fn inside_atomic_body(statement: &[u8]) -> bool {
    let mut words = Words::new(statement);
    if !created(&mut words).is_some_and(|w| w.eq_ignore_ascii_case(b"function") || w.eq_ignore_ascii_case(b"procedure"))
    {
        return false;
    }
    let mut depth = 0_u32;
    let mut begin = false;
    for word in words {
        if depth == 0 {
            // Only BEGIN ATOMIC opens a body; a bare BEGIN in a routine's head is no keyword there.
            if begin && word.eq_ignore_ascii_case(b"atomic") {
                depth = 1;
            }
            begin = word.eq_ignore_ascii_case(b"begin");
        } else if word.eq_ignore_ascii_case(b"case") || word.eq_ignore_ascii_case(b"begin") {
            depth += 1;
        } else if word.eq_ignore_ascii_case(b"end") {
            depth -= 1;
        }
    }
    depth > 0
}

/// The bare words of a statement, without what stands in quotes and comments.
pub(super) struct Words<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Words<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn rest(&self, from: usize) -> &'a [u8] {
        self.bytes.get(from..).unwrap_or_default()
    }

    fn skip_past(&mut self, found: Option<usize>, from: usize, extra: usize) {
        self.at = found.map_or(self.bytes.len(), |f| from + f + extra);
    }
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        loop {
            let at = self.at;
            match *self.bytes.get(at)? {
                b'\'' => self.skip_past(memchr(b'\'', self.rest(at + 1)), at + 1, 1),
                b'"' => self.skip_past(memchr(b'"', self.rest(at + 1)), at + 1, 1),
                b'`' => self.skip_past(memchr(b'`', self.rest(at + 1)), at + 1, 1),
                b'-' if self.bytes.get(at + 1) == Some(&b'-') => self.skip_past(memchr(b'\n', self.rest(at)), at, 1),
                b'/' if self.bytes.get(at + 1) == Some(&b'*') => {
                    self.skip_past(memmem::find(self.rest(at), b"*/"), at, 2)
                }
                b'$' => match dollar_tag(self.bytes, at) {
                    Tag::Complete(end) => {
                        let tag = self.bytes.get(at..end).unwrap_or_default();
                        self.skip_past(memmem::find(self.rest(end), tag), end, tag.len());
                    }
                    _ => self.at += 1,
                },
                b if is_word(b) => {
                    let len = self.rest(at).iter().take_while(|b| is_word(**b)).count();
                    self.at += len;
                    return self.bytes.get(at..at + len);
                }
                _ => self.at += 1,
            }
        }
    }
}

/// Moves a place over `bytes`.
pub(super) fn advance(place: Place, bytes: &[u8]) -> Place {
    let lines = memchr::memchr_iter(b'\n', bytes).count();
    let tail = match memchr::memrchr(b'\n', bytes) {
        Some(at) => bytes.get(at + 1..).unwrap_or_default(),
        None => bytes,
    };
    // A code point is every byte that does not continue one.
    let columns = u32::try_from(tail.iter().filter(|b| **b & 0xc0 != 0x80).count()).unwrap_or(u32::MAX);
    Place {
        offset: place.offset.saturating_add(u32::try_from(bytes.len()).unwrap_or(u32::MAX)),
        line: place.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX)),
        column: if lines > 0 { 1 + columns } else { place.column.saturating_add(columns) },
    }
}

/// Replaces every byte that is not part of valid UTF-8 by `?`, so that offsets stay what they are. Gives the number of them.
pub(super) fn replace_invalid(bytes: &mut [u8]) -> u64 {
    let mut count = 0;
    let mut from = 0;
    loop {
        let rest = bytes.get(from..).unwrap_or_default();
        let Err(error) = str::from_utf8(rest) else { return count };
        let bad = from + error.valid_up_to();
        let len = error.error_len().unwrap_or(rest.len() - error.valid_up_to());
        bytes.get_mut(bad..bad + len).unwrap_or_default().fill(b'?');
        count += len as u64;
        from = bad + len;
    }
}

/// Where reading can go on behind something that opened at `open` and never ends: behind the first semicolon at a line's end, else behind
/// the line.
pub(super) fn resume_after(bytes: &[u8], open: usize) -> usize {
    let mut line_end = None;
    let mut at = open;
    while let Some(found) = memchr3(b';', b'\n', b'\r', bytes.get(at..).unwrap_or_default()) {
        let here = at + found;
        if bytes.get(here) == Some(&b';') {
            let rest = bytes.get(here + 1..).unwrap_or_default();
            if matches!(rest.iter().find(|b| !matches!(b, b' ' | b'\t' | b'\r')), None | Some(b'\n')) {
                return here + 1;
            }
        } else {
            line_end.get_or_insert(here + 1);
        }
        at = here + 1;
    }
    line_end.unwrap_or(bytes.len())
}
