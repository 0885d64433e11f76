//! Tokens of Python 3: the whole lexical grammar. Source: the Python Language Reference, chapter 2 "Lexical analysis".

/// Width of a tab stop where indentation mixes tabs and spaces. Source: 2.1.8 "Indentation".
const TAB: u32 = 8;
/// Strings inside f-strings inside strings: deeper ones are not looked into.
const MAX_STRING_DEPTH: u32 = 16;

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenKind {
    /// A name or key word.
    Name,
    /// A number.
    Number,
    /// A string or bytes literal with its prefix and quotes.
    String,
    /// An f-string or t-string, replacement fields and all.
    Template,
    /// An operator or delimiter.
    Op,
    /// The end of a logical line.
    Newline,
    /// A deeper block begins.
    Indent,
    /// A block ends.
    Dedent,
    /// A character that starts no token, or a string that never ends.
    Error,
    /// The end of the text.
    End,
}

/// A token: offsets into the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// First byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

/// What the text holds besides tokens.
#[derive(Debug, Default)]
pub struct Remarks {
    /// Comments, from `#` to the end of their lines.
    pub comments: Vec<(u32, u32)>,
    /// What is wrong, and where.
    pub errors: Vec<(u32, u32, &'static str)>,
}

/// Words that begin a statement and can stand nowhere inside brackets: where one begins a line, a bracket was left open.
const STATEMENT_WORDS: &[&[u8]] = &[
    b"def", b"class", b"return", b"import", b"raise", b"while", b"with", b"try", b"pass", b"del", b"global", b"except",
    b"finally", b"@",
];

struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    tokens: Vec<Token>,
    remarks: Remarks,
    /// Columns of the blocks that are open.
    indents: Vec<u32>,
    /// Open brackets.
    brackets: u32,
    /// How blocks are indented: whether a tab and whether a space was seen.
    tabs: bool,
    spaces: bool,
    mixed_noted: bool,
    /// How many bytes of replacement fields may still be looked at: a brace that never closes is looked at again for each string around it.
    work: usize,
}

/// Cuts a text into tokens. The last is [`TokenKind::End`].
pub fn lex(text: &str) -> (Vec<Token>, Remarks) {
    let mut lexer = Lexer {
        text,
        bytes: text.as_bytes(),
        at: 0,
        tokens: Vec::with_capacity(text.len() / 5 + 8),
        remarks: Remarks::default(),
        indents: Vec::new(),
        brackets: 0,
        tabs: false,
        spaces: false,
        mixed_noted: false,
        work: text.len().saturating_mul(4).saturating_add(1024),
    };
    lexer.run();
    (lexer.tokens, lexer.remarks)
}

/// Cuts the expression of a replacement field, up to and with what ends it: no lines, no indentation.
pub fn lex_expression(text: &str, from: u32, to: u32) -> Vec<Token> {
    let slice = text.get(..to as usize).unwrap_or_default();
    let mut lexer = Lexer {
        text: slice,
        bytes: slice.as_bytes(),
        at: from as usize,
        tokens: Vec::new(),
        remarks: Remarks::default(),
        indents: Vec::new(),
        // As in brackets: line ends mean nothing.
        brackets: 1,
        tabs: false,
        spaces: false,
        mixed_noted: false,
        work: text.len().saturating_mul(4).saturating_add(1024),
    };
    while lexer.at < lexer.bytes.len() {
        lexer.token();
        // The field's own end, or what stands behind the expression.
        let last = lexer.tokens.last().and_then(|t| slice.get(t.start as usize..t.end as usize));
        if lexer.brackets == 0 || (lexer.brackets == 1 && matches!(last, Some(":" | ":=" | "!"))) {
            break;
        }
    }
    lexer.push(TokenKind::End, to as usize);
    lexer.tokens
}

fn is_name_start(c: char) -> bool {
    c == '_' || c.is_alphabetic()
}

impl Lexer<'_> {
    fn byte(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        self.tokens.push(Token { kind, start: offset(start), end: offset(self.at.max(start)) });
    }

    fn error(&mut self, start: usize, message: &'static str) {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        self.remarks.errors.push((offset(start), offset(self.at.max(start)), message));
    }

    fn run(&mut self) {
        while self.at < self.bytes.len() {
            if self.at_line_start() {
                self.line_start();
            } else {
                self.token();
            }
        }
        let end = self.bytes.len();
        self.at = end;
        if self.tokens.last().is_some_and(|t| !matches!(t.kind, TokenKind::Newline | TokenKind::Dedent)) {
            self.push(TokenKind::Newline, end);
        }
        while self.indents.pop().is_some() {
            self.push(TokenKind::Dedent, end);
        }
        self.push(TokenKind::End, end);
    }

    /// Whether a logical line begins here.
    fn at_line_start(&self) -> bool {
        self.brackets == 0
            && (self.at == 0 || self.bytes.get(self.at - 1) == Some(&b'\n'))
            && self
                .tokens
                .last()
                .is_none_or(|t| matches!(t.kind, TokenKind::Newline | TokenKind::Dedent | TokenKind::Indent))
    }

    /// White space at the start of a line: blocks open and close.
    fn line_start(&mut self) {
        let start = self.at;
        let (mut column, mut tab, mut space) = (0_u32, false, false);
        loop {
            match self.byte(0) {
                b' ' => (column, space) = (column.saturating_add(1), true),
                b'\t' => (column, tab) = ((column / TAB).saturating_add(1).saturating_mul(TAB), true),
                b'\x0c' => column = 0,
                _ => break,
            }
            self.at += 1;
        }
        match self.byte(0) {
            // A line without a statement.
            b'#' => return self.comment(),
            b'\r' | b'\n' => {
                self.at += 1;
                return;
            }
            b'\\' if matches!(self.byte(1), b'\n' | b'\r') => return self.token(),
            0 if self.at >= self.bytes.len() => return,
            _ => {}
        }
        self.tabs |= tab;
        self.spaces |= space;
        if self.tabs && self.spaces && !self.mixed_noted {
            self.mixed_noted = true;
            self.error(
                start,
                "Tabs and spaces are mixed in the indentation; a tab was taken as eight columns. Use spaces.",
            );
        }
        let current = self.indents.last().copied().unwrap_or(0);
        if column > current {
            self.indents.push(column);
            self.push(TokenKind::Indent, self.at);
        }
        while self.indents.last().is_some_and(|open| column < *open) {
            self.indents.pop();
            self.push(TokenKind::Dedent, self.at);
        }
        self.token();
    }

    fn comment(&mut self) {
        let start = self.at;
        let len = memchr::memchr(b'\n', self.bytes.get(start..).unwrap_or_default());
        self.at = len.map_or(self.bytes.len(), |len| start + len);
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        self.remarks.comments.push((offset(start), offset(self.at)));
        // Its line end belongs to it where the line holds nothing else.
        if self.at_logical_start() && self.byte(0) == b'\n' {
            self.at += 1;
        }
    }

    fn at_logical_start(&self) -> bool {
        self.brackets == 0
            && self
                .tokens
                .last()
                .is_none_or(|t| matches!(t.kind, TokenKind::Newline | TokenKind::Dedent | TokenKind::Indent))
    }

    fn token(&mut self) {
        let start = self.at;
        let byte = self.byte(0);
        match byte {
            b' ' | b'\t' | b'\x0c' | b'\r' => self.at += 1,
            b'\n' => {
                self.at += 1;
                if self.brackets == 0 {
                    if !self.at_logical_start() {
                        self.push(TokenKind::Newline, start);
                    }
                } else {
                    self.left_open(start);
                }
            }
            b'#' => self.comment(),
            b'\\' => {
                // A line join.
                self.at += 1;
                let behind = self.at;
                while self.byte(0) == b'\r' {
                    self.at += 1;
                }
                if self.byte(0) == b'\n' {
                    self.at += 1;
                } else if self.at < self.bytes.len() {
                    self.at = behind;
                    self.push(TokenKind::Error, start);
                }
            }
            b'"' | b'\'' => self.string(start),
            b'0'..=b'9' => self.number(),
            b'.' if self.byte(1).is_ascii_digit() => self.number(),
            b'(' | b'[' | b'{' => {
                self.at += 1;
                self.brackets = self.brackets.saturating_add(1);
                self.push(TokenKind::Op, start);
            }
            b')' | b']' | b'}' => {
                self.at += 1;
                self.brackets = self.brackets.saturating_sub(1);
                self.push(TokenKind::Op, start);
            }
            _ => {
                let Some(c) = self.text.get(start..).and_then(|rest| rest.chars().next()) else {
                    self.at += 1;
                    return;
                };
                if is_name_start(c) {
                    self.name();
                } else {
                    self.operator(c);
                }
            }
        }
    }

    /// Inside brackets, at the end of a line: whether the next line begins a statement, so that a bracket was left open.
    fn left_open(&mut self, newline: usize) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let indent = rest.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        let line = rest.get(indent..).unwrap_or_default();
        let begins = |word: &&[u8]| {
            line.starts_with(word)
                && (word == b"@"
                    || !line.get(word.len()).is_some_and(|b| b.is_ascii_alphanumeric() || b"_=.,)]".contains(b)))
        };
        if STATEMENT_WORDS.iter().any(begins) && !(line.starts_with(b"@") && indent > 0) {
            self.brackets = 0;
            self.push(TokenKind::Error, newline);
            self.push(TokenKind::Newline, newline);
        }
    }

    fn name(&mut self) {
        let start = self.at;
        let rest = self.text.get(start..).unwrap_or_default();
        let len = rest.find(|c: char| !(is_name_start(c) || c.is_numeric())).unwrap_or(rest.len());
        self.at += len;
        if matches!(self.byte(0), b'"' | b'\'') && len <= 2 {
            let prefix = rest.get(..len).unwrap_or_default().to_ascii_lowercase();
            if matches!(prefix.as_str(), "r" | "u" | "b" | "br" | "rb" | "f" | "fr" | "rf" | "t" | "tr" | "rt" | "ur") {
                return self.string(start);
            }
        }
        self.push(TokenKind::Name, start);
    }

    /// A string whose prefix starts at `start`, the cursor at its quote.
    fn string(&mut self, start: usize) {
        let template =
            self.bytes.get(start..self.at).unwrap_or_default().iter().any(|b| matches!(b, b'f' | b'F' | b't' | b'T'));
        match string_end(self.bytes, self.at, template, 0, &mut self.work) {
            Ok(end) => {
                self.at = end;
                self.push(if template { TokenKind::Template } else { TokenKind::String }, start);
            }
            Err(end) => {
                self.at = end.max(start + 1);
                self.push(TokenKind::Error, start);
                self.error(start, "This string never ends. Close it where it should end.");
            }
        }
    }

    fn number(&mut self) {
        let start = self.at;
        let radix = self.byte(0) == b'0' && matches!(self.byte(1), b'x' | b'X' | b'o' | b'O' | b'b' | b'B');
        if radix {
            self.at += 2;
        }
        loop {
            let byte = self.byte(0);
            let exponent_sign = !radix
                && matches!(byte, b'+' | b'-')
                && matches!(self.bytes.get(self.at.wrapping_sub(1)), Some(b'e' | b'E'))
                && self.byte(1).is_ascii_digit();
            if byte.is_ascii_alphanumeric() || byte == b'_' || (byte == b'.' && !radix) || exponent_sign {
                // `1if x else y` and `1or 2` are legal, and nobody writes them; `0..real` neither.
                self.at += 1;
            } else {
                break;
            }
        }
        self.push(TokenKind::Number, start);
    }

    fn operator(&mut self, c: char) {
        const THREE: &[&str] = &["**=", "//=", ">>=", "<<=", "..."];
        const TWO: &[&str] = &[
            "**", "//", ">>", "<<", "<=", ">=", "==", "!=", "->", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "@=",
            ":=", "<>",
        ];
        let start = self.at;
        let rest = self.bytes.get(start..).unwrap_or_default();
        let len = if THREE.iter().any(|op| rest.starts_with(op.as_bytes())) {
            3
        } else if TWO.iter().any(|op| rest.starts_with(op.as_bytes())) {
            2
        } else {
            c.len_utf8()
        };
        self.at += len;
        let known = len > 1 && c.is_ascii() || "+-*/%@&|^~<>,:.;=".contains(c);
        self.push(if known { TokenKind::Op } else { TokenKind::Error }, start);
    }
}

/// The byte behind a string whose quote stands at `at`; where it never ends, the place to go on from.
///
/// `work` is how many bytes of replacement fields may still be looked at; without it braces are text like any other.
fn string_end(bytes: &[u8], at: usize, template: bool, depth: u32, work: &mut usize) -> Result<usize, usize> {
    let quote = bytes.get(at).copied().unwrap_or(b'"');
    let triple = bytes.get(at + 1) == Some(&quote) && bytes.get(at + 2) == Some(&quote);
    let mut i = at + if triple { 3 } else { 1 };
    let line_end = |from: usize| {
        memchr::memchr(b'\n', bytes.get(from..).unwrap_or_default()).map_or(bytes.len(), |len| from + len)
    };
    let first_line = line_end(at);
    let ends = |i: usize| {
        bytes.get(i) == Some(&quote)
            && (!triple || (bytes.get(i + 1) == Some(&quote) && bytes.get(i + 2) == Some(&quote)))
    };
    while let Some(byte) = bytes.get(i).copied() {
        if ends(i) {
            return Ok(i + if triple { 3 } else { 1 });
        }
        match byte {
            b'\\' => {
                // A backslash joins lines in short strings, carriage return and all.
                i += if bytes.get(i + 1) == Some(&b'\r') && bytes.get(i + 2) == Some(&b'\n') { 3 } else { 2 };
            }
            b'\n' if !triple => return Err(i),
            b'{' if template && bytes.get(i + 1) == Some(&b'{') => i += 2,
            b'{' if template && depth < MAX_STRING_DEPTH && *work > 0 => {
                // A brace by itself: the string may still end.
                i = field_end(bytes, i + 1, quote, triple, depth + 1, work).unwrap_or(i + 1);
            }
            _ => i += 1,
        }
    }
    Err(first_line)
}

/// The byte behind the `}` of a replacement field whose `{` stands before `at`.
fn field_end(bytes: &[u8], at: usize, quote: u8, triple: bool, depth: u32, work: &mut usize) -> Option<usize> {
    let mut open = 0_u32;
    let mut i = at;
    // Behind the colon of a format specification quotes are text.
    let mut in_spec = false;
    while let Some(byte) = bytes.get(i).copied() {
        *work = work.checked_sub(1)?;
        match byte {
            b'}' if open == 0 => return Some(i + 1),
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            b'(' | b'[' => open += 1,
            b'{' if in_spec && open == 0 && depth < MAX_STRING_DEPTH => {
                i = field_end(bytes, i + 1, quote, triple, depth + 1, work)?;
                continue;
            }
            b'{' => open += 1,
            b':' if open == 0 => in_spec = true,
            b'\n' if !triple && open == 0 && in_spec => return None,
            b'"' | b'\'' => {
                let closes = byte == quote
                    && (!triple || (bytes.get(i + 1) == Some(&quote) && bytes.get(i + 2) == Some(&quote)));
                if in_spec && open == 0 {
                    if closes {
                        return None;
                    }
                } else {
                    // The same quotes inside a field are legal since 3.12; before, they end the string.
                    let template = (1..=2)
                        .filter_map(|back| i.checked_sub(back).and_then(|at| bytes.get(at)))
                        .take_while(|b| b.is_ascii_alphabetic())
                        .any(|b| matches!(b, b'f' | b'F' | b't' | b'T'));
                    i = string_end(bytes, i, template && depth < MAX_STRING_DEPTH, depth + 1, work).ok()?;
                    continue;
                }
            }
            b'\\' => i += 1,
            _ => {}
        }
        i += 1;
    }
    None
}
