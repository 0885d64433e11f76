//! Tokens of PostgreSQL: what stands where, without looking at what it means.
//!
//! Source: PostgreSQL manual, 4.1 "Lexical Structure". Strings are read as with `standard_conforming_strings = on`, the default since 9.1.
//! Template placeholders (`{{ x }}`, `${x}`, `:x`, `%{x}`, `@x@`, `$%x%$`) are tokens of their own, because migrations are often
//! read before their tool has filled them in.

use std::borrow::Cow;

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenKind {
    /// A key word or an unquoted name.
    Word,
    /// `"name"`.
    Quoted,
    /// `U&"name"`.
    UnicodeQuoted,
    /// `'text'`, also with E, B, X, N or U& in front; continued strings are one token.
    String,
    /// `$tag$text$tag$`.
    DollarString,
    /// A number without sign.
    Number,
    /// `$1`.
    Param,
    /// An operator, `:=` and `=>` too.
    Operator,
    /// `::`.
    Cast,
    /// `(`.
    LeftParen,
    /// `)`.
    RightParen,
    /// `[`.
    LeftBracket,
    /// `]`.
    RightBracket,
    /// `,`.
    Comma,
    /// `;`.
    Semicolon,
    /// `.`.
    Dot,
    /// `:` of an array slice.
    Colon,
    /// A template placeholder: stands for a name, a part of one, or a value.
    Placeholder,
    /// Anything that PostgreSQL has no token for: backticks, stray characters.
    Other,
    /// There is no more token. Never in the list; what a look past the end gives.
    End,
}

/// One token: its kind and its bytes in the statement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// First byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Token {
    /// Its length in bytes.
    pub(super) fn len(self) -> usize {
        (self.end - self.start) as usize
    }
}

/// What lexing found besides tokens.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Remarks {
    /// Where a quote or comment opens that never closes.
    pub unterminated: Option<u32>,
    /// Where a `/*! … */` comment opens: MySQL runs what stands in it.
    pub mysql_comment: Option<u32>,
}

/// Appends the tokens of `text` to `tokens`, at most `limit` of them.
pub fn lex(text: &str, tokens: &mut Vec<Token>, limit: usize) -> Remarks {
    let mut lexer = Lexer { bytes: text.as_bytes(), at: 0, remarks: Remarks::default(), brackets: 0 };
    let first = tokens.len();
    while tokens.len() - first < limit
        && let Some(token) = lexer.next()
    {
        tokens.push(token);
    }
    lexer.remarks
}

/// The first word of a statement, comments in front skipped; empty if it starts otherwise.
pub fn first_word(text: &str) -> &str {
    let mut lexer = Lexer { bytes: text.as_bytes(), at: 0, remarks: Remarks::default(), brackets: 0 };
    match lexer.next() {
        Some(Token { kind: TokenKind::Word, start, end }) => text.get(start as usize..end as usize).unwrap_or_default(),
        _ => "",
    }
}

struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    remarks: Remarks,
    /// Open square brackets: inside them `:` separates the bounds of a slice.
    brackets: u32,
}

/// The longest operator: a name has 63 bytes.
const MAX_OPERATOR: usize = 64;
/// The longest placeholder that is looked for.
const MAX_PLACEHOLDER: usize = 256;

fn is_word_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

/// Whether each byte can stand in a word behind its first: most bytes of a dump are asked this.
#[allow(clippy::indexing_slicing, reason = "evaluated while compiling")]
static WORD_PART: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = byte as u8;
        table[byte] = b.is_ascii_alphanumeric() || b == b'_' || b == b'$' || b >= 0x80;
        byte += 1;
    }
    table
};

fn is_word_part(byte: u8) -> bool {
    WORD_PART.get(usize::from(byte)).copied().unwrap_or(false)
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

fn is_operator(byte: u8) -> bool {
    matches!(
        byte,
        b'+' | b'-' | b'*' | b'/' | b'<' | b'>' | b'=' | b'~' | b'!' | b'@' | b'#' | b'%' | b'^' | b'&' | b'|' | b'?'
    )
}

impl Lexer<'_> {
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    /// The place of `needle` at or after `from`.
    fn find(&self, needle: &[u8], from: usize) -> Option<usize> {
        let rest = self.bytes.get(from..)?;
        memchr::memmem::find(rest, needle).map(|at| from + at)
    }

    fn next(&mut self) -> Option<Token> {
        self.skip_blank();
        let start = self.at;
        let first = *self.bytes.get(start)?;
        let kind = self.token(first);
        Some(Token { kind, start: offset(start), end: offset(self.at) })
    }

    fn token(&mut self, first: u8) -> TokenKind {
        let second = self.byte(self.at + 1);
        match first {
            b'e' | b'E' if second == b'\'' => self.string(1, true),
            b'b' | b'B' | b'x' | b'X' | b'n' | b'N' if second == b'\'' => self.string(1, false),
            b'u' | b'U' if second == b'&' && self.byte(self.at + 2) == b'\'' => self.string(2, false),
            b'u' | b'U' if second == b'&' && self.byte(self.at + 2) == b'"' => {
                self.quoted(2, b'"');
                TokenKind::UnicodeQuoted
            }
            _ if is_word_start(first) => {
                self.skip_while(is_word_part);
                // `users_${suffix}`: the dollar belongs to the placeholder.
                if self.byte(self.at) == b'{' && self.byte(self.at - 1) == b'$' {
                    self.at -= 1;
                }
                TokenKind::Word
            }
            b'(' => self.single(TokenKind::LeftParen),
            b')' => self.single(TokenKind::RightParen),
            b',' => self.single(TokenKind::Comma),
            b'\'' => self.string(0, false),
            b'"' => {
                self.quoted(0, b'"');
                TokenKind::Quoted
            }
            b'0'..=b'9' => self.number(),
            b'.' if second.is_ascii_digit() => self.number(),
            b'.' => self.single(TokenKind::Dot),
            b';' => self.single(TokenKind::Semicolon),
            b'[' => {
                self.brackets += 1;
                self.single(TokenKind::LeftBracket)
            }
            b']' => {
                self.brackets = self.brackets.saturating_sub(1);
                self.single(TokenKind::RightBracket)
            }
            b':' => self.colon(second),
            b'$' => self.dollar(second),
            b'{' if second == b'{' => self.placeholder(2, b"}}"),
            b'%' if second == b'{' => self.placeholder(2, b"}"),
            b'@' if is_word_start(second) => {
                self.at += 1;
                self.skip_while(is_word_part);
                if self.byte(self.at) == b'@' {
                    self.at += 1;
                }
                TokenKind::Placeholder
            }
            b'`' => {
                self.quoted(0, b'`');
                TokenKind::Other
            }
            _ if is_operator(first) => self.operator(),
            _ => self.single(TokenKind::Other),
        }
    }

    fn single(&mut self, kind: TokenKind) -> TokenKind {
        self.at += 1;
        kind
    }

    fn skip_while(&mut self, test: impl Fn(u8) -> bool) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|b| !test(*b)).unwrap_or(rest.len());
    }

    /// White space and comments. Gives whether a line ended in between.
    fn skip_blank(&mut self) -> bool {
        let mut line_ended = false;
        loop {
            match self.byte(self.at) {
                b'\n' | b'\r' if self.at < self.bytes.len() => {
                    line_ended = true;
                    self.at += 1;
                }
                byte if is_space(byte) => self.at += 1,
                b'-' if self.byte(self.at + 1) == b'-' => {
                    let rest = self.bytes.get(self.at..).unwrap_or_default();
                    self.at += memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
                }
                b'/' if self.byte(self.at + 1) == b'*' => self.block_comment(),
                _ => return line_ended,
            }
        }
    }

    /// `/* … */`, which nests.
    fn block_comment(&mut self) {
        let start = self.at;
        if self.byte(start + 2) == b'!' && self.remarks.mysql_comment.is_none() {
            self.remarks.mysql_comment = Some(offset(start));
        }
        let mut depth = 1u32;
        self.at += 2;
        while depth > 0 {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let Some(next) = memchr::memchr2(b'*', b'/', rest) else {
                self.at = self.bytes.len();
                return self.unterminated(start);
            };
            self.at += next;
            match (self.byte(self.at), self.byte(self.at + 1)) {
                (b'*', b'/') => {
                    depth -= 1;
                    self.at += 2;
                }
                (b'/', b'*') => {
                    depth += 1;
                    self.at += 2;
                }
                _ => self.at += 1,
            }
        }
    }

    fn unterminated(&mut self, start: usize) {
        if self.remarks.unterminated.is_none() {
            self.remarks.unterminated = Some(offset(start));
        }
    }

    /// A string whose opening quote stands `prefix` bytes ahead; strings that only white space with a line end separates are one.
    fn string(&mut self, prefix: usize, escapes: bool) -> TokenKind {
        let start = self.at;
        self.at += prefix;
        loop {
            self.at += 1;
            if !self.string_part(escapes) {
                self.unterminated(start);
                return TokenKind::String;
            }
            let end = self.at;
            if !is_space(self.byte(end)) && self.byte(end) != b'-' {
                return TokenKind::String;
            }
            // A comment may stand between the parts, but only one that ends with its line.
            let remarks = self.remarks;
            let line_ended = self.skip_blank();
            if !(line_ended && self.byte(self.at) == b'\'') {
                self.remarks = remarks;
                self.at = end;
                return TokenKind::String;
            }
        }
    }

    /// From behind an opening quote to behind the closing one.
    fn string_part(&mut self, escapes: bool) -> bool {
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let next = if escapes { memchr::memchr2(b'\'', b'\\', rest) } else { memchr::memchr(b'\'', rest) };
            let Some(next) = next else {
                self.at = self.bytes.len();
                return false;
            };
            self.at += next;
            if self.byte(self.at) == b'\\' || self.byte(self.at + 1) == b'\'' {
                self.at = (self.at + 2).min(self.bytes.len());
            } else {
                self.at += 1;
                return true;
            }
        }
    }

    /// A name in quotes, the quote doubled inside.
    fn quoted(&mut self, prefix: usize, quote: u8) {
        let start = self.at;
        self.at += prefix + 1;
        // `"{{ index .Options "Namespace" }}"`: quotes inside a placeholder belong to it.
        if self.byte(self.at) == b'{' && self.byte(self.at + 1) == b'{' {
            self.placeholder(2, b"}}");
        }
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let Some(next) = memchr::memchr(quote, rest) else {
                self.at = self.bytes.len();
                return self.unterminated(start);
            };
            self.at += next + 1;
            if self.byte(self.at) != quote {
                return;
            }
            self.at += 1;
        }
    }

    /// Integers (also 0x, 0o, 0b and with `_` between digits, version 16), decimals, exponents.
    fn number(&mut self) -> TokenKind {
        if self.byte(self.at) == b'0' && matches!(self.byte(self.at + 1) | 0x20, b'x' | b'o' | b'b') {
            self.at += 2;
            self.skip_while(|b| b.is_ascii_hexdigit() || b == b'_');
            return TokenKind::Number;
        }
        let digits = |b: u8| b.is_ascii_digit() || b == b'_';
        self.skip_while(digits);
        if self.byte(self.at) == b'.' && self.byte(self.at + 1) != b'.' {
            self.at += 1;
            self.skip_while(digits);
        }
        if self.byte(self.at) | 0x20 == b'e' {
            let sign = usize::from(matches!(self.byte(self.at + 1), b'+' | b'-'));
            if self.byte(self.at + 1 + sign).is_ascii_digit() {
                self.at += 1 + sign;
                self.skip_while(digits);
            }
        }
        TokenKind::Number
    }

    fn colon(&mut self, second: u8) -> TokenKind {
        match second {
            b':' => {
                // CockroachDB's `:::` is one sign, not `::` and a variable of psql.
                self.at += 2 + usize::from(self.byte(self.at + 2) == b':');
                TokenKind::Cast
            }
            b'=' => {
                self.at += 2;
                TokenKind::Operator
            }
            _ if self.brackets > 0 => self.single(TokenKind::Colon),
            b'"' | b'\'' => {
                self.quoted(1, second);
                TokenKind::Placeholder
            }
            _ if is_word_start(second) => {
                self.at += 1;
                self.skip_while(is_word_part);
                TokenKind::Placeholder
            }
            _ => self.single(TokenKind::Colon),
        }
    }

    fn dollar(&mut self, second: u8) -> TokenKind {
        match second {
            b'{' => return self.placeholder(2, b"}"),
            b'%' => return self.placeholder(2, b"%$"),
            b'0'..=b'9' => {
                self.at += 1;
                self.skip_while(|b| b.is_ascii_digit());
                return TokenKind::Param;
            }
            _ => {}
        }
        let start = self.at;
        let tag = self.bytes.get(start + 1..).unwrap_or_default();
        let name = tag.iter().position(|b| *b == b'$' || !is_word_part(*b)).unwrap_or(tag.len());
        if tag.get(name) != Some(&b'$') {
            return self.single(TokenKind::Other);
        }
        let open = start + name + 2;
        let delimiter = self.bytes.get(start..open).unwrap_or_default();
        match self.find(delimiter, open) {
            Some(close) => self.at = close + delimiter.len(),
            None => {
                self.at = self.bytes.len();
                self.unterminated(start);
            }
        }
        TokenKind::DollarString
    }

    /// A placeholder that opens with `open` bytes and ends with `close`, on the same line and not far off.
    fn placeholder(&mut self, open: usize, close: &[u8]) -> TokenKind {
        let rest = self.bytes.get(self.at + open..).unwrap_or_default();
        let near = rest.get(..MAX_PLACEHOLDER.min(rest.len())).unwrap_or_default();
        let line = near.get(..memchr::memchr(b'\n', near).unwrap_or(near.len())).unwrap_or_default();
        match memchr::memmem::find(line, close) {
            Some(at) => {
                self.at += open + at + close.len();
                TokenKind::Placeholder
            }
            None => self.single(TokenKind::Other),
        }
    }

    /// The longest operator, which ends before a comment and, unless it holds one of `~!@#%^&|?`, does not end in `+` or `-`.
    /// Source: PostgreSQL manual, 4.1.3 "Operators".
    fn operator(&mut self) -> TokenKind {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let rest = rest.get(..MAX_OPERATOR.min(rest.len())).unwrap_or_default();
        let mut length = rest.iter().position(|b| !is_operator(*b)).unwrap_or(rest.len());
        let comment = rest.windows(2).take(length).position(|pair| matches!(pair, [b'-', b'-'] | [b'/', b'*']));
        if let Some(comment) = comment {
            length = comment.max(1);
        }
        let special = |b: &u8| matches!(b, b'~' | b'!' | b'@' | b'#' | b'%' | b'^' | b'&' | b'|' | b'?');
        while length > 1
            && matches!(rest.get(length - 1), Some(b'+' | b'-'))
            && !rest.get(..length).unwrap_or_default().iter().any(special)
        {
            length -= 1;
        }
        // `=@name`, `||%{x}`: the placeholder behind an operator is its own token.
        if length > 1
            && matches!(rest.get(length - 1), Some(b'@'))
            && rest.get(length).copied().is_some_and(is_word_start)
            && matches!(rest.get(length - 2), Some(b'=' | b'|'))
        {
            length -= 1;
        }
        self.at += length.max(1);
        TokenKind::Operator
    }
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The text that a string stands for, and where its pieces came from.
#[derive(Clone, Debug, Default)]
pub struct Decoded<'a> {
    /// The text, quotes and escapes undone.
    pub text: Cow<'a, str>,
    /// Where text and source part, sorted; the first is for offset 0.
    pub pieces: Vec<Piece>,
}

/// A stretch of text and where it came from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Piece {
    /// Its first byte in the text.
    pub at: u32,
    /// Its first byte in the source.
    pub source: u32,
    /// Where the source ends that the stretch stands for as a whole (an escape, the value of a variable); `None` where both go along byte
    /// by byte.
    pub whole: Option<u32>,
}

impl Piece {
    /// A stretch that goes along with the source byte by byte.
    pub fn new(at: u32, source: u32) -> Self {
        Self { at, source, whole: None }
    }
}

impl Decoded<'_> {
    /// The source offset of the text's offset.
    pub fn source(&self, at: u32) -> u32 {
        match self.piece(at) {
            Some(Piece { at: start, whole: Some(end), .. }) if at > *start => *end,
            Some(piece) => piece.source.saturating_add(at - piece.at),
            None => at,
        }
    }

    /// The source offset behind the text's byte in front of `at`: where a range ends.
    pub fn source_end(&self, at: u32) -> u32 {
        let Some(last) = at.checked_sub(1) else { return self.source(at) };
        match self.piece(last) {
            Some(Piece { whole: Some(end), .. }) => *end,
            Some(piece) => piece.source.saturating_add(at - piece.at),
            None => at,
        }
    }

    /// The piece that a byte of the text lies in.
    fn piece(&self, at: u32) -> Option<&Piece> {
        let after = self.pieces.partition_point(|piece| piece.at <= at);
        self.pieces.get(after.checked_sub(1)?)
    }
}

/// Undoes the quotes and escapes of a string token. `token` is the token's text, `start` its offset in the source; `escape` is the
/// character of UESCAPE.
pub fn decode_string(token: &str, start: u32, escape: char) -> Decoded<'_> {
    let bytes = token.as_bytes();
    if bytes.first() == Some(&b'$') {
        let tag = bytes.iter().skip(1).position(|b| *b == b'$').map_or(0, |at| at + 2);
        let end = if token.len() >= 2 * tag && bytes.ends_with(bytes.get(..tag).unwrap_or_default()) {
            token.len() - tag
        } else {
            token.len()
        };
        let text = token.get(tag..end).unwrap_or_default();
        return Decoded { text: Cow::Borrowed(text), pieces: vec![Piece::new(0, start.saturating_add(offset(tag)))] };
    }
    let prefix = bytes.iter().position(|b| *b == b'\'').unwrap_or(0);
    let backslash = matches!(bytes.first(), Some(b'e' | b'E'));
    let unicode = prefix == 2;
    let inside = token.get(prefix + 1..).unwrap_or_default();
    let body = inside.strip_suffix('\'').unwrap_or(inside);
    let body_start = start.saturating_add(offset(prefix + 1));
    if memchr::memchr2(b'\'', if unicode { b'\\' } else { 0 }, body.as_bytes()).is_none()
        && !(backslash && body.contains('\\'))
        && !(unicode && body.contains(escape))
    {
        return Decoded { text: Cow::Borrowed(body), pieces: vec![Piece::new(0, body_start)] };
    }
    let mut out = Undo { bytes: Vec::with_capacity(body.len()), pieces: vec![Piece::new(0, body_start)] };
    let mut chars = body.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let here = body_start.saturating_add(offset(at));
        match c {
            '\'' => {
                if chars.next_if(|(_, c)| *c == '\'').is_none() {
                    // The end of one part of a continued string: on to the next part's opening quote.
                    let quote = body.get(at + 1..).and_then(next_part).map(|next| at + 1 + next);
                    while chars.next_if(|(i, _)| quote.is_some_and(|q| *i <= q)).is_some() {}
                    let next = chars.peek().map_or(body.len(), |(i, _)| *i);
                    out.piece(body_start.saturating_add(offset(next)));
                    continue;
                }
                out.piece(here);
                out.push('\'');
                out.escape_ends(here.saturating_add(2));
            }
            '\\' if backslash => {
                let rest = body.get(at + 1..).unwrap_or_default();
                let length = out.backslash(rest, here);
                while chars.next_if(|(i, _)| *i < at + 1 + length).is_some() {}
                out.escape_ends(here.saturating_add(offset(1 + length)));
            }
            c if unicode && c == escape => {
                let rest = body.get(at + c.len_utf8()..).unwrap_or_default();
                let (decoded, length) = unicode_escape(rest, escape);
                out.piece(here);
                if let Some(decoded) = decoded {
                    out.push(decoded);
                }
                while chars.next_if(|(i, _)| *i < at + c.len_utf8() + length).is_some() {}
                out.escape_ends(here.saturating_add(offset(c.len_utf8() + length)));
            }
            c => out.push(c),
        }
    }
    let text = match String::from_utf8(out.bytes) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    };
    Decoded { text: Cow::Owned(text), pieces: out.pieces }
}

/// Where the opening quote of a continued string's next part stands, comments in between skipped.
fn next_part(text: &str) -> Option<usize> {
    let mut lexer = Lexer { bytes: text.as_bytes(), at: 0, remarks: Remarks::default(), brackets: 0 };
    lexer.skip_blank();
    (lexer.byte(lexer.at) == b'\'').then_some(lexer.at)
}

struct Undo {
    bytes: Vec<u8>,
    pieces: Vec<Piece>,
}

impl Undo {
    fn push(&mut self, c: char) {
        let mut buffer = [0; 4];
        self.bytes.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
    }

    /// The escape of the last piece ends in the source here; plain text goes on.
    fn escape_ends(&mut self, source: u32) {
        if let Some(last) = self.pieces.last_mut() {
            last.whole = Some(source);
        }
        self.piece(source);
    }

    /// From here on the text continues at `source`.
    fn piece(&mut self, source: u32) {
        let at = offset(self.bytes.len());
        if let Some(last) = self.pieces.last_mut()
            && last.at == at
        {
            *last = Piece::new(at, source);
        } else {
            self.pieces.push(Piece::new(at, source));
        }
    }

    /// An escape of E'…' behind its backslash; gives how many bytes it takes. Source: PostgreSQL manual, 4.1.2.2.
    fn backslash(&mut self, rest: &str, source: u32) -> usize {
        self.piece(source);
        let first = rest.chars().next().unwrap_or('\\');
        let digits = |radix: u32, from: usize, most: usize| {
            let text = rest.get(from..).unwrap_or_default();
            let length = text.chars().take(most).take_while(|c| c.is_digit(radix)).count();
            (u32::from_str_radix(text.get(..length).unwrap_or_default(), radix).unwrap_or(0), length)
        };
        match first {
            'b' => self.bytes.push(8),
            'f' => self.bytes.push(12),
            'n' => self.bytes.push(b'\n'),
            'r' => self.bytes.push(b'\r'),
            't' => self.bytes.push(b'\t'),
            '0'..='7' => {
                let (value, length) = digits(8, 0, 3);
                self.bytes.push(u8::try_from(value & 0xff).unwrap_or(0));
                return length;
            }
            'x' => {
                let (value, length) = digits(16, 1, 2);
                if length > 0 {
                    self.bytes.push(u8::try_from(value).unwrap_or(0));
                    return 1 + length;
                }
                self.bytes.push(b'x');
            }
            'u' | 'U' => {
                let (value, length) = digits(16, 1, if first == 'u' { 4 } else { 8 });
                self.push(char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER));
                return 1 + length;
            }
            c => self.push(c),
        }
        first.len_utf8()
    }
}

/// `\XXXX`, `\+XXXXXX` and the doubled escape, behind the escape character: what it stands for and how many bytes it takes.
fn unicode_escape(rest: &str, escape: char) -> (Option<char>, usize) {
    if rest.starts_with(escape) {
        return (Some(escape), escape.len_utf8());
    }
    let (from, most) = if rest.starts_with('+') { (1, 6) } else { (0, 4) };
    let digits = rest.get(from..from + most).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
    match digits {
        Some(digits) => {
            let value = u32::from_str_radix(digits, 16).unwrap_or(0);
            (Some(char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER)), from + most)
        }
        None => (Some(escape), 0),
    }
}

/// Undoes the quotes of a quoted name; `token` is the token's text.
pub fn decode_quoted(token: &str, escape: char) -> Cow<'_, str> {
    let prefix = token.find('"').unwrap_or(0);
    let inside = token.get(prefix + 1..).unwrap_or_default();
    let body = inside.strip_suffix('"').unwrap_or(inside);
    let plain = if body.contains('"') { Cow::Owned(body.replace("\"\"", "\"")) } else { Cow::Borrowed(body) };
    if prefix != 2 || !plain.contains(escape) {
        return plain;
    }
    let mut out = String::with_capacity(plain.len());
    let mut rest: &str = &plain;
    while let Some(at) = rest.find(escape) {
        out.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + escape.len_utf8()..).unwrap_or_default();
        let (decoded, length) = unicode_escape(rest, escape);
        out.extend(decoded);
        rest = rest.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    Cow::Owned(out)
}
