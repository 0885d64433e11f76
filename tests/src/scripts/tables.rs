//! Statements about tables.

use super::Writer;
use super::believed::{self, Column, Kind, Object, Path};

/// Types of columns; those at the front are what keys are made of.
const TYPES: [&str; 24] = [
    "integer",
    "bigint",
    "text",
    "varchar(20)",
    "timestamptz",
    "date",
    "uuid",
    "smallint",
    "numeric(10,2)",
    "boolean",
    "char(3)",
    "double precision",
    "timestamp(3) without time zone",
    "interval",
    "bytea",
    "jsonb",
    "integer[]",
    "text[]",
    "int4range",
    "tsvector",
    "inet",
    "bit(4)",
    "json",
    "point",
];

/// A literal, or a call, that every value of the type may default to.
fn value(data_type: &str) -> Option<&'static str> {
    Some(match data_type {
        "integer" | "bigint" | "smallint" | "numeric(10,2)" | "double precision" => "1",
        "text" | "varchar(20)" | "char(3)" => "'x'",
        "timestamptz" => "now()",
        "timestamp(3) without time zone" => "CURRENT_TIMESTAMP",
        "date" => "'2020-01-01'",
        "uuid" => "gen_random_uuid()",
        "boolean" => "false",
        "jsonb" | "json" | "integer[]" | "text[]" => "'{}'",
        _ => return None,
    })
}

impl Writer<'_> {
    pub(super) fn data_type(&mut self) -> String {
        if self.chance(12) {
            let kind = self.pick(&[Kind::Enum, Kind::Enum, Kind::Composite, Kind::Domain, Kind::Table]);
            if let Some(object) = self.object(kind) {
                let name = self.written(&object.path);
                return format!("{name}{}", self.maybe(10, "[]"));
            }
        }
        let limit = if self.chance(60) { 7 } else { TYPES.len() };
        let at = self.below(limit);
        TYPES[at].to_owned()
    }

    fn literal(&mut self, data_type: &str) -> String {
        value(data_type).unwrap_or("NULL").to_owned()
    }

    /// `REFERENCES …`, to a key where one is believed to fit.
    fn reference(&mut self, from: Option<&Column>) -> String {
        let mut tables: Vec<Object> = self.believed.of(Kind::Table).filter(|t| !t.keys.is_empty()).cloned().collect();
        if let Some(column) = from
            && !self.chance(5)
        {
            tables.retain(|t| t.keys.iter().any(|k| t.type_of(k) == Some(&column.data_type)));
        }
        let target = match self.pick_if_any(&tables) {
            Some(table) => table,
            None => self.table(),
        };
        let fitting: Vec<String> = target
            .keys
            .iter()
            .filter(|k| from.is_some_and(|c| target.type_of(k) == Some(&c.data_type)))
            .cloned()
            .collect();
        let column = match self.pick_if_any(&fitting) {
            Some(key) => format!(" ({key})"),
            None if self.chance(70) => String::new(),
            None => format!(" ({})", self.column_of(&target)),
        };
        let delete = self.pick(&[
            "",
            "",
            "",
            " ON DELETE CASCADE",
            " ON DELETE SET NULL",
            " ON DELETE RESTRICT ON UPDATE CASCADE",
            " MATCH FULL",
        ]);
        let deferral = self.deferral();
        format!("REFERENCES {}{column}{delete}{deferral}", self.written(&target.path))
    }

    fn deferral(&mut self) -> &'static str {
        if self.chance(85) {
            ""
        } else {
            self.pick(&[" DEFERRABLE", " DEFERRABLE INITIALLY DEFERRED", " NOT DEFERRABLE"])
        }
    }

    /// `a integer NOT NULL …`. What it makes is noted in the table.
    fn column_definition(&mut self, table: &mut Object) -> String {
        let fresh: Vec<&str> =
            believed::COLUMNS.into_iter().filter(|n| table.columns.iter().all(|c| c.name != *n)).collect();
        let name = match self.pick_if_any(&fresh) {
            Some(name) if !self.chance(2) => name,
            _ => self.pick(&believed::COLUMNS),
        };
        let twice = table.columns.iter().any(|c| c.name == name);
        let serial = !twice && self.chance(6);
        let data_type = if serial { "integer".to_owned() } else { self.data_type() };
        let written = if serial { self.pick(&["serial", "serial4", "SERIAL"]).to_owned() } else { data_type.clone() };
        let column = Column { name: name.to_owned(), data_type: data_type.clone() };
        let mut text = format!("{name} {written}");
        if matches!(data_type.as_str(), "text" | "varchar(20)") && self.chance(8) {
            text += self.pick(&[" COLLATE \"C\"", " COLLATE pg_catalog.\"POSIX\"", " COLLATE \"default\""]);
        }
        let mut clauses = Vec::new();
        if !serial && self.chance(12) && data_type != "point" {
            clauses.push(format!("DEFAULT {}", self.literal(&data_type)));
        } else if !serial && self.chance(6) && matches!(data_type.as_str(), "integer" | "bigint" | "smallint") {
            clauses.push(format!("GENERATED {} AS IDENTITY", self.pick(&["ALWAYS", "BY DEFAULT"])));
        } else if !serial && self.chance(4) {
            let same: Vec<String> =
                table.columns.iter().filter(|c| c.data_type == data_type).map(|c| c.name.clone()).collect();
            if let Some(other) = self.pick_if_any(&same) {
                clauses.push(format!("GENERATED ALWAYS AS ({other}) STORED"));
            }
        }
        if self.chance(20) {
            clauses.push("NOT NULL".into());
        }
        if self.chance(8) {
            clauses.push(format!(
                "{}CHECK ({name} IS NOT NULL){}",
                self.constraint_name(table),
                self.maybe(10, " NO INHERIT")
            ));
        }
        if self.chance(10) && self.may_be_key(&data_type) {
            let word = if self.chance(60) { "PRIMARY KEY" } else { "UNIQUE" };
            table.keys.push(name.to_owned());
            clauses.push(format!("{}{word}{}", self.constraint_name(table), self.deferral()));
        }
        if self.chance(8) {
            let constraint = self.constraint_name(table);
            clauses.push(format!("{constraint}{}", self.reference(Some(&column))));
        }
        while !clauses.is_empty() {
            let at = self.below(clauses.len());
            text.push(' ');
            text += &clauses.remove(at);
        }
        table.columns.push(column);
        text
    }

    /// Most keys are of types that have an ordering.
    fn may_be_key(&mut self, data_type: &str) -> bool {
        !matches!(data_type, "json" | "point") || self.chance(10)
    }

    /// `CONSTRAINT k1 `, or nothing.
    fn constraint_name(&mut self, table: &mut Object) -> String {
        if self.chance(60) {
            return String::new();
        }
        let fresh: Vec<&str> =
            believed::CONSTRAINTS.into_iter().filter(|n| table.constraints.iter().all(|c| c != n)).collect();
        let name = match self.pick_if_any(&fresh) {
            Some(name) if !self.chance(5) => name,
            _ => self.pick(&believed::CONSTRAINTS),
        };
        table.constraints.push(name.to_owned());
        format!("CONSTRAINT {name} ")
    }

    fn key_columns(&mut self, table: &Object) -> String {
        let mut columns = vec![self.column_of(table)];
        if let Some((_, key)) = &table.partitioned
            && !columns.contains(key)
            && !self.chance(10)
        {
            columns.push(key.clone());
        } else if self.chance(30) {
            let more = self.column_of(table);
            if !columns.contains(&more) {
                columns.push(more);
            }
        }
        columns.join(", ")
    }

    /// A constraint of a table, with what may follow one.
    fn table_constraint(&mut self, table: &mut Object) -> String {
        let name = self.constraint_name(table);
        let body = match self.below(12) {
            0..=2 => {
                let columns = self.key_columns(table);
                if !columns.contains(',') {
                    table.keys.push(columns.clone());
                }
                format!("PRIMARY KEY ({columns}){}", self.deferral())
            }
            3..=5 => {
                let columns = self.key_columns(table);
                if !columns.contains(',') {
                    table.keys.push(columns.clone());
                }
                let nulls = self.maybe(15, "NULLS NOT DISTINCT ");
                let include =
                    if self.chance(10) { format!(" INCLUDE ({})", self.column_of(table)) } else { String::new() };
                format!("UNIQUE {nulls}({columns}){include}{}", self.deferral())
            }
            6 | 7 => {
                let one = self.column_of(table);
                let more = self.column_of(table);
                let test = self.pick(&[format!("{one} IS NOT NULL"), format!("{one} IS NULL OR {more} IS NOT NULL")]);
                format!("CHECK ({test}){}", self.maybe(8, " NO INHERIT"))
            }
            8..=10 => {
                let columns = table.columns.clone();
                let own = self.pick_if_any(&columns);
                let column = own.as_ref().map_or("a", |c| c.name.as_str()).to_owned();
                format!("FOREIGN KEY ({column}) {}", self.reference(own.as_ref()))
            }
            _ => {
                let ranges: Vec<String> =
                    table.columns.iter().filter(|c| c.data_type == "int4range").map(|c| c.name.clone()).collect();
                match self.pick_if_any(&ranges) {
                    Some(range) => format!("EXCLUDE USING gist ({range} WITH &&){}", self.deferral()),
                    None => format!("EXCLUDE ({} WITH =)", self.column_of(table)),
                }
            }
        };
        format!("{name}{body}")
    }

    pub(super) fn create_table(&mut self) -> String {
        let path = self.new_path(&believed::TABLES);
        let mut table = Object::new(Kind::Table, path.clone());
        let written = self.written(&path);
        let persistence = if self.chance(6) { self.pick(&["UNLOGGED ", "TEMP "]) } else { "" };
        let guard = self.maybe(8, "IF NOT EXISTS ");
        // A temporary table is in no schema that can be written here.
        let head = match persistence {
            "TEMP " => format!("CREATE TEMP TABLE {guard}{}", path.name),
            _ => format!("CREATE {persistence}TABLE {guard}{written}"),
        };
        let text = match self.below(20) {
            0 | 1 => self.inheriting(&mut table),
            2 | 3 => self.partitioned(&mut table),
            4..=6 => self.partition(&mut table),
            7 => self.like(&mut table),
            8 => self.table_as(&mut table),
            9 if self.chance(40) => self.table_of_type(&mut table),
            _ => format!(" ({})", self.elements(&mut table)),
        };
        if persistence != "TEMP " {
            self.believed.add(table);
        }
        format!("{head}{text}")
    }

    fn elements(&mut self, table: &mut Object) -> String {
        let count = 1 + self.below(5);
        let mut elements: Vec<String> = (0..count).map(|_| self.column_definition(table)).collect();
        while self.chance(25) {
            elements.push(self.table_constraint(table));
        }
        elements.join(", ")
    }

    fn inheriting(&mut self, table: &mut Object) -> String {
        let parent = self.table();
        let own = if self.chance(60) { self.elements(table) } else { String::new() };
        let mut parents = self.written(&parent.path);
        table.columns.splice(0..0, parent.columns.iter().cloned());
        if self.chance(15) {
            let second = self.table();
            table.columns.extend(second.columns.iter().cloned());
            parents = format!("{parents}, {}", self.written(&second.path));
        }
        let mut seen = Vec::new();
        table.columns.retain(|c| {
            let new = !seen.contains(&c.name);
            seen.push(c.name.clone());
            new
        });
        format!(" ({own}) INHERITS ({parents})")
    }

    /// ` PARTITION BY …` of columns that the table has.
    fn partition_by(&mut self, table: &mut Object) -> String {
        let ordered: Vec<String> = table
            .columns
            .iter()
            .filter(|c| matches!(c.data_type.as_str(), "integer" | "bigint" | "text" | "date"))
            .map(|c| c.name.clone())
            .collect();
        let column = self.pick_if_any(&ordered).unwrap_or_else(|| "a".into());
        let strategy = self.pick(&["RANGE", "LIST", "HASH"]);
        table.partitioned = Some((strategy, column.clone()));
        format!(" PARTITION BY {strategy} ({column})")
    }

    fn partitioned(&mut self, table: &mut Object) -> String {
        let (name, data_type) = (self.pick(&["a", "b"]), self.pick(&["integer", "bigint", "text", "date"]));
        table.columns.push(Column { name: name.into(), data_type: data_type.into() });
        let not_null = self.maybe(30, " NOT NULL");
        let mut elements = vec![format!("{name} {data_type}{not_null}")];
        for _ in 0..self.below(4) {
            elements.push(self.column_definition(table));
        }
        let by = self.partition_by(table);
        while self.chance(25) {
            elements.push(self.table_constraint(table));
        }
        format!(" ({}){by}", elements.join(", "))
    }

    fn bound(&mut self, parent: &Object) -> String {
        let (strategy, column) = parent.partitioned.clone().unwrap_or(("LIST", "a".into()));
        let number = self.below(4);
        if strategy != "HASH" && self.chance(12) {
            return "DEFAULT".into();
        }
        let literal = |n: usize| match parent.type_of(&column) {
            Some("date") => format!("'202{n}-01-01'"),
            Some("text") => format!("'{n}'"),
            _ => format!("{n}0"),
        };
        match strategy {
            "HASH" => format!("FOR VALUES WITH (MODULUS {}, REMAINDER {number})", self.pick(&[4, 4, 8])),
            "LIST" if self.chance(20) => format!("FOR VALUES IN ({}, {})", literal(number), literal(number + 1)),
            "LIST" => format!("FOR VALUES IN ({})", literal(number)),
            _ => format!("FOR VALUES FROM ({}) TO ({})", literal(number), literal(number + 1)),
        }
    }

    fn a_partitioned_table(&mut self) -> Option<Object> {
        let tables: Vec<Object> = self.believed.of(Kind::Table).filter(|t| t.partitioned.is_some()).cloned().collect();
        self.pick_if_any(&tables)
    }

    fn partition(&mut self, table: &mut Object) -> String {
        let Some(parent) = self.a_partitioned_table() else {
            return format!(" ({})", self.elements(table));
        };
        table.columns = parent.columns.clone();
        table.keys = parent.keys.clone();
        let column = self.column_of(&parent);
        let own = match self.below(8) {
            0 => format!(" ({column} NOT NULL)"),
            1 => format!(" ({})", self.table_constraint(table)),
            _ => String::new(),
        };
        let bound = self.bound(&parent);
        let by = if self.chance(10) { self.partition_by(table) } else { String::new() };
        format!(" PARTITION OF {}{own} {bound}{by}", self.written(&parent.path))
    }

    fn like(&mut self, table: &mut Object) -> String {
        let source = self.table();
        table.columns = source.columns.clone();
        let options = self.pick(&[
            "",
            "",
            " INCLUDING ALL",
            " INCLUDING ALL",
            " INCLUDING DEFAULTS INCLUDING CONSTRAINTS",
            " INCLUDING INDEXES",
            " INCLUDING ALL EXCLUDING INDEXES",
            " INCLUDING GENERATED INCLUDING IDENTITY INCLUDING COMMENTS",
        ]);
        if options.contains("ALL") || options.contains("INDEXES") {
            table.keys = source.keys.clone();
        }
        let like = format!("LIKE {}{options}", self.written(&source.path));
        if self.chance(30) { format!(" ({like}, {})", self.column_definition(table)) } else { format!(" ({like})") }
    }

    fn table_as(&mut self, table: &mut Object) -> String {
        let source = self.table();
        let column = self.column_of(&source);
        let data_type = source.type_of(&column).unwrap_or("integer").to_owned();
        table.columns.push(Column { name: column.clone(), data_type });
        format!(" AS SELECT {column}, 1 AS one FROM {}{}", self.written(&source.path), self.maybe(50, " WITH NO DATA"))
    }

    fn table_of_type(&mut self, table: &mut Object) -> String {
        let Some(composite) = self.object(Kind::Composite) else {
            return format!(" ({})", self.elements(table));
        };
        table.columns = composite.columns.clone();
        let column = self.column_of(&composite);
        let own = if self.chance(50) { format!(" ({column} WITH OPTIONS NOT NULL)") } else { String::new() };
        format!(" OF {}{own}", self.written(&composite.path))
    }

    pub(super) fn alter_table(&mut self) -> String {
        let table = self.table();
        if self.chance(25) {
            return self.alter_whole_table(&table);
        }
        let mut changed = table.clone();
        let mut actions = vec![self.action(&mut changed)];
        while self.chance(12) {
            actions.push(self.action(&mut changed));
        }
        let guard = self.maybe(4, "IF EXISTS ");
        let only = self.maybe(5, "ONLY ");
        let text = format!("ALTER TABLE {guard}{only}{} {}", self.written(&table.path), actions.join(", "));
        self.believed.change(&table.path, |t| *t = changed);
        text
    }

    /// What can't be combined with other actions.
    fn alter_whole_table(&mut self, table: &Object) -> String {
        let head = format!("ALTER TABLE {}", self.written(&table.path));
        match self.below(14) {
            0..=3 => {
                let (from, to) = (self.column_of(table), self.pick(&believed::COLUMNS));
                if table.type_of(to).is_none() {
                    self.believed.change(&table.path, |t| {
                        t.columns.iter_mut().filter(|c| c.name == from).for_each(|c| c.name = to.to_owned());
                        t.keys.iter_mut().filter(|k| **k == from).for_each(|k| *k = to.to_owned());
                        if let Some((_, key)) = t.partitioned.as_mut().filter(|(_, key)| *key == from) {
                            *key = to.to_owned();
                        }
                    });
                }
                format!("{head} RENAME {}{from} TO {to}", self.maybe(60, "COLUMN "))
            }
            4 | 5 => {
                let to = self.pick(&believed::TABLES);
                let path = Path::new(&table.path.schema, to);
                self.believed.change(&table.path, |t| t.path = path);
                format!("{head} RENAME TO {to}")
            }
            6 | 7 => {
                let (from, to) = (self.constraint_of(table), self.pick(&believed::CONSTRAINTS));
                self.believed.change(&table.path, |t| {
                    t.constraints.iter_mut().filter(|c| **c == from).for_each(|c| *c = to.to_owned());
                });
                format!("{head} RENAME CONSTRAINT {from} TO {to}")
            }
            8 | 9 => {
                let schema = self.some_schema();
                let path = Path::new(&schema, &table.path.name);
                self.believed.change(&table.path, |t| t.path = path);
                format!("{head} SET SCHEMA {schema}")
            }
            10 | 11 => {
                let Some(parent) = self.a_partitioned_table() else { return format!("{head} RENAME COLUMN a TO b") };
                let bound = self.bound(&parent);
                format!(
                    "ALTER TABLE {} ATTACH PARTITION {} {bound}",
                    self.written(&parent.path),
                    self.written(&table.path)
                )
            }
            12 => {
                let Some(parent) = self.a_partitioned_table() else { return format!("{head} RENAME COLUMN b TO a") };
                format!("ALTER TABLE {} DETACH PARTITION {}", self.written(&parent.path), self.written(&table.path))
            }
            _ => {
                let other = self.table();
                format!("{head} {}INHERIT {}", self.maybe(40, "NO "), self.written(&other.path))
            }
        }
    }

    /// A constraint's name: one that was given, or that PostgreSQL makes up.
    fn constraint_of(&mut self, table: &Object) -> String {
        if self.chance(55)
            && let Some(name) = self.pick_if_any(&table.constraints)
        {
            return name;
        }
        let column = self.column_of(table);
        let bare = |name: &str| name.trim_matches('"').to_owned();
        let made = match self.below(5) {
            0 => format!("{}_pkey", bare(&table.path.name)),
            1 => format!("{}_{}_key", bare(&table.path.name), bare(&column)),
            2 => format!("{}_{}_fkey", bare(&table.path.name), bare(&column)),
            _ => format!("{}_{}_check", bare(&table.path.name), bare(&column)),
        };
        format!("\"{made}\"")
    }

    fn action(&mut self, table: &mut Object) -> String {
        let column = self.column_of(table);
        match self.below(44) {
            0..=8 => {
                let guard = self.maybe(8, "IF NOT EXISTS ");
                format!("ADD COLUMN {guard}{}", self.column_definition(table))
            }
            9..=12 => {
                if table.columns.len() > 1 {
                    table.columns.retain(|c| c.name != column);
                    table.keys.retain(|k| *k != column);
                }
                format!("DROP COLUMN {}{column}{}", self.maybe(10, "IF EXISTS "), self.maybe(30, " CASCADE"))
            }
            13..=21 => {
                let constraint = self.table_constraint(table);
                let not_valid = match constraint.contains("CHECK") || constraint.contains("FOREIGN") {
                    true => self.maybe(20, " NOT VALID"),
                    false => String::new(),
                };
                format!("ADD {constraint}{not_valid}")
            }
            22..=24 => {
                let name = self.constraint_of(table);
                table.constraints.retain(|c| *c != name);
                format!("DROP CONSTRAINT {}{name}{}", self.maybe(15, "IF EXISTS "), self.maybe(30, " CASCADE"))
            }
            25 | 26 => format!("ALTER COLUMN {column} SET NOT NULL"),
            27 | 28 => format!("ALTER COLUMN {column} DROP NOT NULL"),
            29 | 30 => {
                let data_type = table.type_of(&column).unwrap_or("text").to_owned();
                format!("ALTER COLUMN {column} SET DEFAULT {}", self.literal(&data_type))
            }
            31 => format!("ALTER COLUMN {column} DROP DEFAULT"),
            32 | 33 => self.change_type(table, &column),
            34 => match self.below(4) {
                0 => format!("ALTER COLUMN {column} ADD GENERATED BY DEFAULT AS IDENTITY"),
                1 => format!("ALTER COLUMN {column} DROP IDENTITY{}", self.maybe(30, " IF EXISTS")),
                2 => format!("ALTER COLUMN {column} SET GENERATED ALWAYS"),
                _ => format!("ALTER COLUMN {column} DROP EXPRESSION{}", self.maybe(30, " IF EXISTS")),
            },
            35 => format!("VALIDATE CONSTRAINT {}", self.constraint_of(table)),
            36 => format!("ALTER CONSTRAINT {} DEFERRABLE", self.constraint_of(table)),
            37 => self.pick(&["ENABLE", "FORCE", "DISABLE", "NO FORCE"]).to_owned() + " ROW LEVEL SECURITY",
            38 => {
                self.pick(&["SET LOGGED", "SET UNLOGGED", "SET (fillfactor = 70)", "OWNER TO CURRENT_USER"]).to_owned()
            }
            39 => {
                let trigger = self.pick_if_any(&table.triggers).unwrap_or_else(|| "g".into());
                format!("{} TRIGGER {trigger}", self.pick(&["ENABLE", "DISABLE"]))
            }
            40 => format!("ALTER COLUMN {column} SET STATISTICS 100"),
            41 => {
                let index = self.own_index(table);
                format!("{} {index}", self.pick(&["CLUSTER ON", "REPLICA IDENTITY USING INDEX"]))
            }
            42 => {
                let index = self.own_index(table);
                let name = self.constraint_name(table);
                format!("ADD {name}{} USING INDEX {index}", self.pick(&["PRIMARY KEY", "UNIQUE"]))
            }
            _ => match self.object(Kind::Composite) {
                Some(composite) if self.chance(70) => format!("OF {}", self.written(&composite.path)),
                _ => "NOT OF".into(),
            },
        }
    }

    /// An index that is believed to be the table's, else any index's name.
    fn own_index(&mut self, table: &Object) -> String {
        let own: Vec<String> = self
            .believed
            .of(Kind::Index)
            .filter(|i| i.table.as_ref() == Some(&table.path))
            .map(|i| i.path.name.clone())
            .collect();
        self.pick_if_any(&own).unwrap_or_else(|| self.pick(Kind::Index.names()).to_owned())
    }

    /// Types between which an assignment cast exists, or a way is given.
    fn change_type(&mut self, table: &mut Object, column: &str) -> String {
        let from = table.type_of(column).unwrap_or("integer").to_owned();
        let to = match from.as_str() {
            "integer" | "smallint" => self.pick(&["bigint", "integer", "numeric(10,2)", "text"]),
            "text" | "varchar(20)" | "char(3)" => self.pick(&["text", "varchar(20)", "varchar(200)"]),
            "bigint" => self.pick(&["text", "integer", "bigint"]),
            _ => "text",
        };
        table.columns.iter_mut().filter(|c| c.name == column).for_each(|c| c.data_type = to.to_owned());
        let using = if self.chance(30) { format!(" USING {column}::{to}") } else { String::new() };
        format!("ALTER COLUMN {column} {}TYPE {to}{using}", self.maybe(50, "SET DATA "))
    }

    pub(super) fn create_index(&mut self) -> String {
        let views: Vec<Object> = self.believed.of(Kind::MaterializedView).cloned().collect();
        let table = match self.pick_if_any(&views) {
            Some(view) if self.chance(15) => view,
            _ => self.table(),
        };
        let mut name = String::new();
        if self.chance(60) {
            name = self.pick(Kind::Index.names()).to_owned();
            let mut index = Object::new(Kind::Index, Path::new(&table.path.schema, &name));
            index.table = Some(table.path.clone());
            self.believed.add(index);
            name.push(' ');
            if self.chance(8) {
                name.insert_str(0, "IF NOT EXISTS ");
            }
        }
        let unique = self.maybe(30, "UNIQUE ");
        let mut keys = match &table.partitioned {
            Some((_, key)) if !unique.is_empty() => vec![key.clone()],
            _ => vec![self.index_key(&table)],
        };
        while self.chance(25) {
            keys.push(self.index_key(&table));
        }
        let method = if self.chance(10) { " USING btree" } else { "" };
        let include = if self.chance(8) { format!(" INCLUDE ({})", self.column_of(&table)) } else { String::new() };
        let nulls = if unique.is_empty() { String::new() } else { self.maybe(10, " NULLS NOT DISTINCT") };
        let predicate =
            if self.chance(12) { format!(" WHERE {} IS NOT NULL", self.column_of(&table)) } else { String::new() };
        let only = self.maybe(8, "ONLY ");
        let on = self.written(&table.path);
        format!("CREATE {unique}INDEX {name}ON {only}{on}{method} ({}){include}{nulls}{predicate}", keys.join(", "))
    }

    fn index_key(&mut self, table: &Object) -> String {
        let column = self.column_of(table);
        let key = match table.type_of(&column) {
            Some("text" | "varchar(20)") if self.chance(25) => self.pick(&[
                format!("lower({column})"),
                format!("{column} text_pattern_ops"),
                format!("({column} || 'x')"),
            ]),
            Some("integer" | "bigint") if self.chance(15) => {
                self.pick(&[format!("abs({column})"), format!("({column} + 1)"), format!("(({column} % 10))")])
            }
            Some("json" | "point") if !self.chance(10) => format!("({column} IS NULL)"),
            _ => column,
        };
        format!("{key}{}", self.pick(&["", "", "", "", " DESC", " NULLS FIRST", " DESC NULLS LAST"]))
    }

    pub(super) fn alter_index(&mut self) -> String {
        let index = self.name_of(Kind::Index);
        match self.below(6) {
            0..=2 => {
                let to = self.pick(Kind::Index.names());
                if let Some(object) = self.object(Kind::Index) {
                    let path = Path::new(&object.path.schema, to);
                    let written = self.written(&object.path);
                    self.believed.change(&object.path, |i| i.path = path);
                    return format!("ALTER INDEX {written} RENAME TO {to}");
                }
                format!("ALTER INDEX {index} RENAME TO {to}")
            }
            3 => format!("ALTER INDEX {index} SET (fillfactor = 80)"),
            _ => format!("ALTER INDEX {index} ATTACH PARTITION {}", self.name_of(Kind::Index)),
        }
    }
}
