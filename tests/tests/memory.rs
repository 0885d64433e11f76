//! A dump of 200 MB of data costs the memory of its DDL. By itself in this file, for what the process holds is measured.

#![cfg(target_os = "linux")]

use relata_core::session::{Options, Session};

/// The memory that this process holds, in kilobytes (proc(5), RssAnon): what it allocated, without the pages of the program itself.
fn held() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux has it");
    let line = status.lines().find(|l| l.starts_with("RssAnon:")).expect("Linux says it");
    line.split_whitespace().nth(1).and_then(|n| n.parse().ok()).expect("a number of kilobytes")
}

#[test]
fn two_hundred_megabytes_of_rows_are_not_kept() {
    const ROWS: usize = 200 << 20;
    let mut session = Session::new(Options::default());
    session.push("dump.sql", b"CREATE TABLE t (id bigint, body text);\nCOPY t (id, body) FROM stdin;\n");
    let row = b"17\tIt's a \"row\" with $$ and ; -- and /* in it \\t and \\\\ too\n";
    let chunk: Vec<u8> = row.iter().copied().cycle().take(row.len() * 16_384).collect();
    let before = held();
    let mut most = before;
    let mut sent = 0;
    while sent < ROWS / 2 {
        session.push("dump.sql", &chunk);
        sent += chunk.len();
        most = most.max(held());
    }
    session.push("dump.sql", b"\\.\n");
    let insert = b"INSERT INTO t (id, body) VALUES (18, 'It''s a (row); with -- and /* in it');\n";
    let chunk: Vec<u8> = insert.iter().copied().cycle().take(insert.len() * 16_384).collect();
    while sent < ROWS {
        session.push("dump.sql", &chunk);
        sent += chunk.len();
        most = most.max(held());
    }
    session.push("dump.sql", b"ALTER TABLE t ADD PRIMARY KEY (id);\n");
    let analysis = session.finish(&mut |_| ());
    let grown = most.max(held()) - before;
    assert!(grown < 4 << 10, "{grown} kB were needed for 200 MB of rows");
    let target = analysis.targets.first().expect("the dump is a target");
    let kinds = target.history.revisions.iter().map(|r| r.up.len()).sum::<usize>();
    assert!(kinds <= 4, "the rows count as {kinds} operations");
    assert_eq!(analysis.problems, []);
}
