//! The order of names.

/// Orders paths folder by folder, runs of digits as numbers, then by bytes: `2_a` before `10_a`.
pub fn natural_order(a: &str, b: &str) -> std::cmp::Ordering {
    let (mut x, mut y) = (a.as_bytes(), b.as_bytes());
    // What both begin with says nothing, but for the digits at its end: their numbers may go on.
    let alike = x.iter().zip(y).position(|(p, q)| p != q).unwrap_or_else(|| x.len().min(y.len()));
    let alike = alike - x.iter().take(alike).rev().take_while(|c| c.is_ascii_digit()).count();
    (x, y) = (x.get(alike..).unwrap_or_default(), y.get(alike..).unwrap_or_default());
    loop {
        let digits = |s: &[u8]| s.iter().take_while(|c| c.is_ascii_digit()).count();
        match (x.first(), y.first()) {
            (Some(p), Some(q)) if p.is_ascii_digit() && q.is_ascii_digit() => {
                let (m, n) = (digits(x), digits(y));
                let (p, q) = (without_zeros(x, m), without_zeros(y, n));
                match p.len().cmp(&q.len()).then_with(|| p.cmp(q)) {
                    std::cmp::Ordering::Equal => {}
                    other => return other,
                }
                x = x.get(m..).unwrap_or_default();
                y = y.get(n..).unwrap_or_default();
            }
            (Some(p), Some(q)) if p == q => {
                x = x.get(1..).unwrap_or_default();
                y = y.get(1..).unwrap_or_default();
            }
            // A folder's own files stand before those of longer names.
            (Some(p), Some(q)) => {
                let rank = |c: u8| if c == b'/' { 0 } else { u16::from(c) + 1 };
                return rank(*p).cmp(&rank(*q));
            }
            (None, None) => return a.cmp(b),
            (None, _) => return std::cmp::Ordering::Less,
            (_, None) => return std::cmp::Ordering::Greater,
        }
    }
}

/// The first `len` digits, but for zeros in front.
fn without_zeros(text: &[u8], len: usize) -> &[u8] {
    let digits = text.get(..len).unwrap_or_default();
    digits.get(digits.iter().take_while(|c| **c == b'0').count()..).unwrap_or_default()
}
