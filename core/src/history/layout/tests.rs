//! The order of hand-made lists of files. Expectations are each tool's documented rule.

use std::sync::LazyLock;

use super::*;
use crate::order::Order;

/// The layout and the order of some files, down files behind a slash.
fn order(names: &[&str]) -> (Layout, Vec<String>) {
    order_with(names, Markers::default(), &[])
}

fn order_with(names: &[&str], markers: Markers, control: &[(&str, &str)]) -> (Layout, Vec<String>) {
    let mut plans = plans(names, &vec![markers; names.len()], control).0;
    assert_eq!(plans.len(), 1, "{plans:?}");
    plans.remove(0)
}

/// Nothing tells whose SQL a file is.
static OPEN: LazyLock<Evidence> = LazyLock::new(Evidence::default);

/// All targets of a drop, and the files that are in none: left out by a tool, of no target, or for another database.
fn plans(names: &[&str], markers: &[Markers], control: &[(&str, &str)]) -> (Vec<(Layout, Vec<String>)>, Vec<String>) {
    let (none, one) = (BTreeSet::new(), BTreeSet::from(["t".to_owned()]));
    let files: Vec<_> = names
        .iter()
        .zip(markers)
        // A seed file makes no table.
        .map(|(name, markers)| Candidate {
            name,
            markers,
            tables: if name.ends_with("seed.sql") { &none } else { &one },
            evidence: &OPEN,
        })
        .collect();
    let control: Vec<_> =
        control.iter().map(|(n, t)| ControlFile { name: (*n).to_owned(), text: (*t).to_owned() }).collect();
    let plans = plan(&files, &control, Choice::default());
    let text = |r: &Planned| match r.down {
        Some(down) => format!("{} / {}", names[r.up], names[down]),
        None => names[r.up].to_owned(),
    };
    let left_out = plans.plans.iter().flat_map(|p| &p.left_out).map(|(i, _)| *i);
    let mut others: Vec<usize> =
        left_out.chain(plans.unused.iter().map(|(i, _)| *i)).chain(plans.foreign.iter().map(|(i, _)| *i)).collect();
    others.order();
    (
        plans.plans.iter().map(|p| (p.layout, p.revisions.iter().map(text).collect())).collect(),
        others.into_iter().map(|i| names[i].to_owned()).collect(),
    )
}

/// One target's order where nothing is marked, and the files that are in no target.
fn targets(names: &[&str], control: &[(&str, &str)]) -> (Vec<(Layout, Vec<String>)>, Vec<String>) {
    plans(names, &vec![Markers::default(); names.len()], control)
}

#[test]
fn numbers_or_text_as_each_tool_has_it() {
    assert_eq!(
        order(&["10_b.up.sql", "9_a.up.sql", "9_a.down.sql"]),
        (Layout::GolangMigrate, vec!["9_a.up.sql / 9_a.down.sql".into(), "10_b.up.sql".into()])
    );
    let dbmate = Markers { dbmate: true, ..Markers::default() };
    assert_eq!(order_with(&["9_a.sql", "10_b.sql"], dbmate, &[]).1, ["10_b.sql", "9_a.sql"]);
    let goose = Markers { goose: true, ..Markers::default() };
    assert_eq!(
        order_with(&["00010_b.sql", "9_a.sql"], goose, &[]),
        (Layout::Goose, vec!["9_a.sql".into(), "00010_b.sql".into()])
    );
    assert_eq!(
        order(&["supabase/migrations/20250909_b.sql", "supabase/migrations/20250909205408_a.sql", "supabase/seed.sql"])
            .1,
        ["supabase/migrations/20250909205408_a.sql", "supabase/migrations/20250909_b.sql"]
    );
}

/// Versions of several numbers are compared number by number, and one that goes on comes after the one that ends, as by every tool that has such versions.
#[test]
fn versions_of_several_numbers() {
    assert_eq!(order(&["1.10_c.sql", "1.2.1_b.sql", "1.2_a.sql"]).1, ["1.2_a.sql", "1.2.1_b.sql", "1.10_c.sql"]);
    assert_eq!(order(&["1.1.sql", "1.sql", "2.sql"]).1, ["1.sql", "1.1.sql", "2.sql"]);
    assert_eq!(
        order(&["2024-05-06_b.sql", "2024-05-06_a.sql", "2024-04-30_c.sql"]).1,
        ["2024-04-30_c.sql", "2024-05-06_a.sql", "2024-05-06_b.sql"]
    );
}

/// A letter behind a version belongs to it: between the version itself and the next.
#[test]
fn a_letter_ends_a_version() {
    let names = ["1.1.12.sql", "1.1.11a.sql", "1.1.2.sql", "1.1.11.sql", "2b.sql", "2.sql"];
    assert_eq!(order(&names).1, ["1.1.2.sql", "1.1.11.sql", "1.1.11a.sql", "1.1.12.sql", "2.sql", "2b.sql"]);
    let names = ["1_a.sql", "2_b.sql", "2fa_tokens.sql"];
    assert_eq!(order(&names).1, ["1_a.sql", "2_b.sql", "2fa_tokens.sql"]);
}

/// A number may stand behind one word that the names share. Names without different numbers, and those of an extension's scripts, have no such order.
#[test]
fn numbers_behind_a_word() {
    let of = |names: &[&str]| {
        let (layout, order) = order(names);
        (layout, order.join(" "))
    };
    assert_eq!(of(&["m10.sql", "m9.sql", "m11.sql"]), (Layout::Numbered, "m9.sql m10.sql m11.sql".into()));
    assert_eq!(
        of(&["step-2_b.up.sql", "step-2_b.down.sql", "step-1_a.up.sql", "step-1_a.down.sql"]),
        (Layout::Numbered, "step-1_a.up.sql / step-1_a.down.sql step-2_b.up.sql / step-2_b.down.sql".into())
    );
    assert_eq!(of(&["app.1.10.sql", "app.1.9.sql"]), (Layout::Numbered, "app.1.9.sql app.1.10.sql".into()));
    for names in
        [["app_v2_a.sql", "app_v2_b.sql"], ["users1.sql", "orders2.sql"], ["ext--1.0--1.1.sql", "ext--1.1--1.2.sql"]]
    {
        assert_eq!(of(&names).0, Layout::Unordered, "{names:?}");
    }
}

/// What makes the tables of the numbered files again, without a number, is what they lead to. (A table `t` for each file here.)
#[test]
fn a_state_among_numbered_files_is_no_migration() {
    let tables = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<BTreeSet<_>>();
    let (one, two, both) = (tables(&["a"]), tables(&["b"]), tables(&["a", "b"]));
    let markers = Markers::default();
    let file = |name, tables| Candidate { name, markers: &markers, tables, evidence: &OPEN };
    let files = [file("m/1_a.sql", &one), file("m/2_b.sql", &two), file("m/model.sql", &both)];
    let plans = plan(&files, &[], Choice::default()).plans;
    let ups: Vec<Vec<usize>> = plans.iter().map(|p| p.revisions.iter().map(|r| r.up).collect()).collect();
    assert_eq!(ups, [vec![0, 1], vec![2]]);
    // One table again may be a mistake of a migration.
    let files = [file("m/1_a.sql", &one), file("m/2_b.sql", &two), file("m/more.sql", &two)];
    assert_eq!(plan(&files, &[], Choice::default()).plans.len(), 1);
}

/// Ways back in files of their own, as postgrator, yoyo and db-migrate name them and as people do without a tool.
#[test]
fn ways_back_by_names_and_folders() {
    for names in [
        ["001.do.a.sql", "001.undo.a.sql", "002.do.b.sql", "002.undo.b.sql"],
        ["001.do.sql", "001.undo.sql", "002.do.sql", "002.undo.sql"],
        ["01.a.sql", "01.a.rollback.sql", "02.b.sql", "02.b.rollback.sql"],
        ["01-a-up.sql", "01-a-down.sql", "02-b-up.sql", "02-b-down.sql"],
        ["up/1_a.sql", "down/1_a.sql", "up/2_b.sql", "down/2_b.sql"],
        ["m/1_a.sql", "m/rollback/1_a.sql", "m/2_b.sql", "m/rollback/2_b.sql"],
        ["0-1.sql", "1-0.sql", "1-2.sql", "2-1.sql"],
    ] {
        let paired = [format!("{} / {}", names[0], names[1]), format!("{} / {}", names[2], names[3])];
        assert_eq!(order(&names), (Layout::Numbered, paired.to_vec()));
    }
    // Where the others are ways back, one without its migration is one, too.
    let (found, others) = targets(&["1_a.sql", "1_a_down.sql", "2_b_down.sql"], &[]);
    assert_eq!(found, [(Layout::Numbered, vec!["1_a.sql / 1_a_down.sql".into()])]);
    assert_eq!(others, ["2_b_down.sql"]);
    // A migration may be called so.
    for names in [["1_a.sql", "2_add_rollback.sql"], ["1_undo.sql", "2_undo_log.sql"], ["2-1_a.sql", "3_b.sql"]] {
        assert_eq!(order(&names).1, names);
    }
}

/// Files that make no table are queries, whatever number their names end in.
#[test]
fn queries_with_numbers_are_no_history() {
    let none = BTreeSet::new();
    let markers = Markers::default();
    let files = ["q1.sql", "q2.sql"].map(|name| Candidate { name, markers: &markers, tables: &none, evidence: &OPEN });
    let layouts: Vec<Layout> = plan(&files, &[], Choice::default()).plans.iter().map(|p| p.layout).collect();
    assert_eq!(layouts, [Layout::Unordered]);
}

/// Copies are no files of their own, save where there is nothing else.
#[test]
fn copies_of_editors_are_passed_over() {
    let names = ["m/1_a.sql", "m/1_a.sql.orig", "m/2_b.sql", "m/2_b.sql~"];
    let (histories, others) = targets(&names, &[]);
    assert_eq!(histories, [(Layout::Numbered, vec!["m/1_a.sql".into(), "m/2_b.sql".into()])]);
    assert_eq!(others, ["m/1_a.sql.orig", "m/2_b.sql~"]);
    assert_eq!(targets(&["schema.sql.bak"], &[]).1, [""; 0]);
}

#[test]
fn folders_are_revisions() {
    assert_eq!(
        order(&[
            "m/20240102_b/migration.sql",
            "m/20240101_a/migration.sql",
            "m/20240101_a/down.sql",
            "m/20240103_c/migration.sql"
        ]),
        (
            Layout::Prisma,
            vec![
                "m/20240101_a/migration.sql / m/20240101_a/down.sql".into(),
                "m/20240102_b/migration.sql".into(),
                "m/20240103_c/migration.sql".into()
            ]
        )
    );
    assert_eq!(
        order(&["10/up.sql", "2/up.sql", "2/down.sql"]),
        (Layout::Numbered, vec!["2/up.sql / 2/down.sql".into(), "10/up.sql".into()])
    );
    assert_eq!(order(&["2024-01-02-000000_b/up.sql", "00000000000000_diesel_initial_setup/up.sql"]).0, Layout::Diesel);
}

#[test]
fn flyway_versions_repeatables_and_baselines() {
    assert_eq!(
        order(&["R__views.sql", "V10__c.sql", "V1_2__b.sql", "V1.1__a.sql", "U10__c.sql", "notes.sql"]),
        (
            Layout::Flyway,
            vec!["V1.1__a.sql".into(), "V1_2__b.sql".into(), "V10__c.sql / U10__c.sql".into(), "R__views.sql".into()]
        )
    );
    assert_eq!(order(&["V1__a.sql", "V2__b.sql", "B2__base.sql", "V3__c.sql"]).1, ["B2__base.sql", "V3__c.sql"]);
}

/// Flyway reads settings in its own `conf/` and in the working folder. Those of one module say nothing of another.
#[test]
fn flyway_settings_hold_where_they_stand() {
    let list = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    let names = ["a/sql/M1__x.sql", "a/sql/M2__y.sql", "b/sql/U1__x.sql", "b/sql/V1__x.sql"];
    for place in ["a/flyway.conf", "a/conf/flyway.conf", "a/docker/flyway.conf"] {
        assert_eq!(
            targets(&names, &[(place, "flyway.sqlMigrationPrefix=M\n")]).0,
            [
                (Layout::Flyway, list(&["a/sql/M1__x.sql", "a/sql/M2__y.sql"])),
                (Layout::Flyway, list(&["b/sql/V1__x.sql / b/sql/U1__x.sql"]))
            ],
            "{place}"
        );
    }
}

/// A comment, a list and a header are TOML's own; a file of properties has none of them (java.util.Properties, `load`).
#[test]
fn flyway_settings_are_read_as_their_format_has_them() {
    let of = |file: &str, text: &str| order_with(&["M2--b.pgsql", "M10--c.pgsql"], Markers::default(), &[(file, text)]);
    let expected = (Layout::Flyway, vec!["M2--b.pgsql".to_owned(), "M10--c.pgsql".to_owned()]);
    let toml = "[flyway]\nsqlMigrationPrefix = \"M\" # ours\nsqlMigrationSeparator = '--'\nsqlMigrationSuffixes = [\n  \".pgsql\", # first\n]\n";
    let dotted = "flyway.sqlMigrationPrefix = 'M'\nflyway.sqlMigrationSeparator = '--'\nflyway.sqlMigrationSuffixes = ['.pgsql']\n\n[other]\nsqlMigrationPrefix = 'X'\n";
    let conf = "# flyway.sqlMigrationPrefix=X\nflyway.sqlMigrationPrefix = M\nflyway.sqlMigrationSeparator=--\nflyway.sqlMigrationSuffixes=.sql,.pgsql\n";
    assert_eq!(of("flyway.toml", toml), expected);
    assert_eq!(of("flyway.toml", dotted), expected);
    assert_eq!(of("flyway.conf", conf), expected);
}

/// Diesel reads `metadata.toml` as TOML.
#[test]
fn a_comment_behind_the_option_of_a_migration_is_none_of_its_value() {
    let names = ["2024-01-01-000000_a/up.sql", "2024-01-02-000000_b/up.sql"];
    let (none, markers) = (BTreeSet::new(), Markers::default());
    let files = names.map(|name| Candidate { name, markers: &markers, tables: &none, evidence: &OPEN });
    let text = "run_in_transaction = false # CONCURRENTLY\n".to_owned();
    let control = ControlFile { name: "2024-01-02-000000_b/metadata.toml".to_owned(), text };
    let plans = plan(&files, &[control], Choice::default());
    assert_eq!(plans.plans[0].revisions.iter().map(|r| r.no_transaction).collect::<Vec<_>>(), [false, true]);
}

#[test]
fn the_file_for_postgres_wins() {
    assert_eq!(
        order(&[
            "1_a.up.sql",
            "1_a.mysql.up.sql",
            "1_a.postgres.up.sql",
            "2_b.up.sql",
            "2_b.sqlite.up.sql",
            "2_b.down.sql"
        ])
        .1,
        ["1_a.postgres.up.sql", "2_b.up.sql / 2_b.down.sql"]
    );
}

#[test]
fn names_that_the_tool_does_not_know_are_left_out() {
    assert_eq!(
        order(&["1_a.up.sql", "2_b_up.sql", "2_b_down.sql", "3_c.up.sql", "4_d.up.sql"]).1,
        ["1_a.up.sql", "3_c.up.sql", "4_d.up.sql"]
    );
    assert_eq!(
        order(&["1_a.up.sql", "1_a.postgres.autocommit.up.sql", "1_a.postgres.autocommit.down.sql"]).1,
        ["1_a.postgres.autocommit.up.sql / 1_a.postgres.autocommit.down.sql"]
    );
}

#[test]
fn plans_and_journals_give_the_order() {
    let plan = "%syntax-version=1.0.0\n%project=x\n\nb 2024-01-01T00:00:00Z Me <me@x> # first\na [b] 2024-01-02T00:00:00Z Me <me@x>\n@v1 2024\n";
    assert_eq!(
        order_with(
            &["deploy/a.sql", "deploy/b.sql", "revert/a.sql", "verify/a.sql"],
            Markers::default(),
            &[("sqitch.plan", plan)]
        ),
        (Layout::Sqitch, vec!["deploy/b.sql".into(), "deploy/a.sql / revert/a.sql".into()])
    );
    let journal = r#"{"entries":[{"idx":1,"tag":"0001_a"},{"idx":0,"tag":"0000_z"}]}"#;
    assert_eq!(
        order_with(
            &["drizzle/0001_a.sql", "drizzle/0000_z.sql"],
            Markers::default(),
            &[("drizzle/meta/_journal.json", journal)]
        )
        .1,
        ["drizzle/0000_z.sql", "drizzle/0001_a.sql"]
    );
}

/// Supabase looks into one folder; a seed file is none of its migrations, and without tables no schema either.
#[test]
fn every_folder_is_a_history_of_its_own() {
    use Layout::{Dbmate, GolangMigrate, PgDump};
    let list = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        targets(&["billing/1_a.up.sql", "billing/1_a.down.sql", "users/1_a.up.sql", "users/2_b.up.sql"], &[]).0,
        [
            (GolangMigrate, list(&["billing/1_a.up.sql / billing/1_a.down.sql"])),
            (GolangMigrate, list(&["users/1_a.up.sql", "users/2_b.up.sql"]))
        ]
    );
    // dbmate writes a dump beside its migrations.
    let dbmate = Markers { dbmate: true, up: true, down: true, ..Markers::default() };
    let dump = Markers { pg_dump: true, ..Markers::default() };
    assert_eq!(
        plans(
            &["db/migrations/10_b.sql", "db/migrations/9_a.sql", "db/schema.sql"],
            &[dbmate.clone(), dbmate, dump],
            &[]
        )
        .0,
        [(Dbmate, list(&["db/migrations/10_b.sql", "db/migrations/9_a.sql"])), (PgDump, list(&["db/schema.sql"]))]
    );
}

#[test]
fn several_tools_in_one_drop() {
    use Layout::{Atlas, Flyway, Sqitch};
    let list = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    let plan = "%project=x\na 2024-01-01T00:00:00Z A <a@x>\n";
    assert_eq!(
        targets(
            &[
                "a/20240101_x.sql",
                "f/sub/V2__b.sql",
                "f/V1__a.sql",
                "s/deploy/a.sql",
                "s/revert/a.sql",
                "s/verify/a.sql"
            ],
            &[("a/atlas.sum", ""), ("s/sqitch.plan", plan)]
        ),
        (
            vec![
                (Atlas, list(&["a/20240101_x.sql"])),
                (Flyway, list(&["f/V1__a.sql", "f/sub/V2__b.sql"])),
                (Sqitch, list(&["s/deploy/a.sql / s/revert/a.sql"]))
            ],
            list(&["s/verify/a.sql"])
        )
    );
    // The script of an extension that is built from a plan is no second schema.
    assert_eq!(
        targets(
            &["s/deploy/a.sql", "s/sql/x--1.0.sql", "s/sql/y--1.0.sql"],
            &[("s/x.control", "default_version = '1.0'"), ("s/sqitch.plan", plan)]
        )
        .1,
        list(&["s/sql/x--1.0.sql"])
    );
}

#[test]
fn files_for_other_databases_are_set_aside() {
    assert_eq!(
        targets(&["m/mysql/1_a.sql", "m/mysql/2_b.sql", "m/postgres/1_a.sql", "m/postgres/2_b.sql"], &[]),
        (
            vec![(Layout::Numbered, vec!["m/postgres/1_a.sql".into(), "m/postgres/2_b.sql".into()])],
            vec!["m/mysql/1_a.sql".into(), "m/mysql/2_b.sql".into()]
        )
    );
    // Names that differ in the word for the database alone, wherever it stands.
    assert_eq!(
        targets(
            &["db/oracle.base.sql", "db/postgres.base.sql", "db/tables-h2.sql", "db/tables-pg.sql", "db/x_oracle.sql"],
            &[]
        )
        .1,
        ["db/oracle.base.sql", "db/tables-h2.sql"]
    );
    // A folder around everything says nothing.
    assert_eq!(targets(&["mysql/1_a.sql", "mysql/2_b.sql"], &[]).0.len(), 1);
}

/// Refinery's regular expression is `^([U|V])(\\d+(?:\\.\\d+)?)__(\\w+)`: `U` is no undo there.
#[test]
fn refinery_runs_its_u_files() {
    assert_eq!(
        order(&["U10__c.sql", "V1__a.sql", "V2__b.sql", "readme.sql"]),
        (Layout::Refinery, vec!["V1__a.sql".into(), "V2__b.sql".into(), "U10__c.sql".into()])
    );
}

/// Atlas: on a new database the newest checkpoint comes first and what is older is not run.
#[test]
fn atlas_starts_at_the_newest_checkpoint() {
    let plain = Markers::default();
    let checkpoint = Markers { atlas: true, checkpoint: true, ..Markers::default() };
    let names = ["1_a.sql", "2_b.sql", "3_checkpoint.sql", "4_c.sql"];
    assert_eq!(
        plans(&names, &[plain.clone(), plain.clone(), checkpoint, plain], &[("atlas.sum", "")]),
        (
            vec![(Layout::Atlas, vec!["3_checkpoint.sql".into(), "4_c.sql".into()])],
            vec!["1_a.sql".into(), "2_b.sql".into()]
        )
    );
}

#[test]
fn drizzle_without_a_journal_has_snapshots_beside_its_files() {
    assert_eq!(
        order_with(
            &["drizzle/20240102_b/migration.sql", "drizzle/20240101_a/migration.sql"],
            Markers::default(),
            &[("drizzle/20240101_a/snapshot.json", ""), ("drizzle/20240102_b/snapshot.json", "")]
        ),
        (
            Layout::DrizzleFolders,
            vec!["drizzle/20240101_a/migration.sql".into(), "drizzle/20240102_b/migration.sql".into()]
        )
    );
}

#[test]
fn numbered_folders_follow_each_other() {
    assert_eq!(
        order(&["db/1.10/a.sql", "db/1.2/b.sql", "db/1.2/a.sql"]),
        (Layout::Numbered, vec!["db/1.2/a.sql".into(), "db/1.2/b.sql".into(), "db/1.10/a.sql".into()])
    );
}

/// Diesel's `metadata.toml`, Flyway's `.conf`.
#[test]
fn files_beside_migrations_take_them_out_of_the_transaction() {
    let wrapped = |names: &[&str], control: &[(&str, &str)]| -> Vec<bool> {
        let (markers, tables) = (Markers::default(), BTreeSet::new());
        let files: Vec<_> =
            names.iter().map(|name| Candidate { name, markers: &markers, tables: &tables, evidence: &OPEN }).collect();
        let control: Vec<_> =
            control.iter().map(|(n, t)| ControlFile { name: (*n).to_owned(), text: (*t).to_owned() }).collect();
        let plans = plan(&files, &control, Choice::default());
        plans.plans[0].revisions.iter().map(|r| !r.no_transaction).collect()
    };
    assert_eq!(
        wrapped(&["m/1_a/up.sql", "m/2_b/up.sql"], &[("m/2_b/metadata.toml", "run_in_transaction = false\n")]),
        [true, false]
    );
    assert_eq!(
        wrapped(&["V1__a.sql", "V2__b.sql"], &[("V1__a.sql.conf", "executeInTransaction=false")]),
        [false, true]
    );
}

#[test]
fn a_layout_may_be_chosen() {
    let (markers, tables) = (Markers::default(), BTreeSet::new());
    let files: Vec<_> = ["10_b.sql", "9_a.sql"]
        .map(|name| Candidate { name, markers: &markers, tables: &tables, evidence: &OPEN })
        .into();
    let choice = Choice { layout: Layout::from_name("dbmate"), ..Choice::default() };
    let plans = plan(&files, &[], choice);
    assert_eq!(plans.plans[0].layout, Layout::Dbmate);
    assert_eq!(plans.plans[0].revisions.iter().map(|r| r.up).collect::<Vec<_>>(), [0, 1]);
    for layout in Layout::CHOICES {
        assert_eq!(Layout::from_name(layout.name()), Some(layout));
    }
}

/// The codeintel and the frontend database of one project, each as one file that makes a table of the same name.
#[test]
fn folders_that_make_the_same_tables_are_different_databases() {
    let list = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        targets(&["a/squashed.sql", "b/squashed.sql"], &[]).0,
        [(Layout::Sql, list(&["a/squashed.sql"])), (Layout::Sql, list(&["b/squashed.sql"]))]
    );
}

#[test]
fn bun_marks_what_runs_in_a_transaction() {
    let names = ["1_a.tx.up.sql", "1_a.down.sql", "2_b.up.sql", "2_b.tx.down.sql"];
    assert_eq!(order(&names).1, ["1_a.tx.up.sql / 1_a.down.sql", "2_b.up.sql / 2_b.tx.down.sql"]);
    let (markers, tables) = (Markers::default(), BTreeSet::from(["t".to_owned()]));
    let files = names.map(|name| Candidate { name, markers: &markers, tables: &tables, evidence: &OPEN });
    let planned = plan(&files, &[], Choice::default()).plans.remove(0).revisions;
    assert_eq!(planned.iter().map(|r| r.no_transaction).collect::<Vec<_>>(), [false, true]);
}

/// A runner of the project's own, which counts the folders: in each the numbers begin again.
#[test]
fn up_and_down_files_in_numbered_folders_are_one_history() {
    let names = ["pg/0/01_a.up.sql", "pg/0/01_a.down.sql", "pg/0/02_b.up.sql", "pg/2/01_c.up.sql", "pg/10/01_d.up.sql"];
    let expected =
        ["pg/0/01_a.up.sql / pg/0/01_a.down.sql", "pg/0/02_b.up.sql", "pg/2/01_c.up.sql", "pg/10/01_d.up.sql"];
    assert_eq!(order(&names), (Layout::Numbered, expected.map(str::to_owned).to_vec()));
    let (markers, tables) = (Markers::default(), BTreeSet::from(["t".to_owned()]));
    let files = names.map(|name| Candidate { name, markers: &markers, tables: &tables, evidence: &OPEN });
    let planned = plan(&files, &[], Choice::default()).plans.remove(0).revisions;
    assert_eq!(planned.iter().map(|r| r.id.as_str()).collect::<Vec<_>>(), ["0/01", "0/02", "2/01", "10/01"]);
}

/// A new database is deployed at the newest version; upgrades follow only from there.
#[test]
fn a_deployment_handler_begins_with_the_newest_version() {
    let names = [
        "sql/PostgreSQL/deploy/9/001-auto.sql",
        "sql/PostgreSQL/deploy/10/001-auto.sql",
        "sql/PostgreSQL/deploy/10/002-more.sql",
        "sql/PostgreSQL/upgrade/9-10/001-auto.sql",
        "sql/PostgreSQL/upgrade/10-11/001-auto.sql",
        "sql/PostgreSQL/downgrade/10-9/001-auto.sql",
    ];
    let (own, others) = targets(&names, &[]);
    assert_eq!(own, [(Layout::DeploymentHandler, vec![names[1].into(), names[2].into(), names[4].into()])]);
    assert_eq!(others, [names[0], names[3], names[5]]);
    // Folders of those names that lead nowhere are no deployments.
    let (own, _) = targets(&["deploy/9/a.sql", "deploy/10/a.sql"], &[]);
    assert_eq!(own[0].0, Layout::Numbered);
}

#[test]
fn ways_back_beside_a_journal_are_no_history() {
    let journal = r#"{"entries":[{"idx":0,"tag":"0000_a"},{"idx":1,"tag":"0001_b"}]}"#;
    let names = ["db/0000_a.sql", "db/0001_b.sql", "db/rollback/0000_a.sql", "db/rollback/0001_b.sql"];
    let (own, others) = targets(&names, &[("db/meta/_journal.json", journal)]);
    assert_eq!(own, [(Layout::DrizzleJournal, vec![names[0].into(), names[1].into()])]);
    assert_eq!(others, [names[2], names[3]]);
}

/// A folder among migrations that holds none is no target of its own, and is told.
#[test]
fn what_no_tool_runs_makes_no_target() {
    let names = ["supabase/migrations/1_a.sql", "supabase/migrations/2_b/more.sql"];
    let (own, others) = targets(&names, &[]);
    assert_eq!(own, [(Layout::Supabase, vec![names[0].into()])]);
    assert_eq!(others, [names[1]]);
}

/// The default of the control file, else the newest; the version's own script, else the fewest steps. Source: PostgreSQL manual, 38.17.
#[test]
fn scripts_of_an_extension_are_those_that_make_its_default_version() {
    let names =
        ["e--1.0.sql", "e--1.0--1.1.sql", "e--1.1--1.2.sql", "e--1.2--1.10.sql", "e--1.2.sql", "e--1.1--1.0.sql"];
    let (own, others) = targets(&names, &[]);
    assert_eq!(own, [(Layout::Extension, vec!["e--1.2.sql".into(), "e--1.2--1.10.sql".into()])]);
    assert_eq!(others, ["e--1.0.sql", "e--1.0--1.1.sql", "e--1.1--1.2.sql", "e--1.1--1.0.sql"]);
    let control = [("e.control", "comment = 'x'\ndefault_version = '1.1'\n")];
    let (own, _) = targets(&names, &control);
    assert_eq!(own, [(Layout::Extension, vec!["e--1.0.sql".into(), "e--1.0--1.1.sql".into()])]);
    // The default of a control file whose script is only made by a build says nothing.
    let (own, _) = targets(&names, &[("e.control", "default_version = '2.0'")]);
    assert_eq!(own[0].1, ["e--1.2.sql", "e--1.2--1.10.sql"]);
}

/// A folder for each version, and in it one for each database; between versions a file leads there and another back.
#[test]
fn versions_above_databases_and_between_versions() {
    let names = ["up/1.2.0_x/postgresql/ddl.sql", "up/1.10.0_x/postgresql/ddl.sql", "up/1.9.0_x/postgresql/ddl.sql"];
    let expected = [names[0], names[2], names[1]].map(str::to_owned);
    assert_eq!(order(&names), (Layout::Numbered, expected.to_vec()));
    let names = ["m/9_to_10.sql", "m/10_to_9.sql", "m/10_to_11.sql", "m/11_to_10.sql"];
    assert_eq!(order(&names).1, ["m/9_to_10.sql / m/10_to_9.sql", "m/10_to_11.sql / m/11_to_10.sql"]);
}
