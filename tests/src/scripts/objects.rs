//! Statements about everything but tables.

use super::Writer;
use super::believed::{Kind, Object, Path};

const LABELS: [&str; 4] = ["one", "two", "three", "it''s"];
const TRIGGERS: [&str; 3] = ["g", "h", "\"G\""];
const POLICIES: [&str; 3] = ["p", "q", "only mine"];

impl Writer<'_> {
    pub(super) fn create_type(&mut self) -> String {
        match self.below(10) {
            0..=4 => {
                let path = self.new_path(Kind::Enum.names());
                let labels = if self.chance(10) { "" } else { "'one', 'two'" };
                let written = self.written(&path);
                self.believed.add(Object::new(Kind::Enum, path));
                format!("CREATE TYPE {written} AS ENUM ({labels})")
            }
            5..=8 => {
                let path = self.new_path(Kind::Composite.names());
                let (first, second) = (self.data_type(), self.data_type());
                let written = self.written(&path);
                let object = Object::new(Kind::Composite, path).with_column("a", &first).with_column("b", &second);
                self.believed.add(object);
                format!("CREATE TYPE {written} AS (a {first}, b {second})")
            }
            _ => {
                let path = self.new_path(&["span", "mood", "t3"]);
                format!("CREATE TYPE {} AS RANGE (subtype = {})", self.written(&path), self.pick(&["integer", "text"]))
            }
        }
    }

    pub(super) fn alter_type(&mut self) -> String {
        if self.chance(50) {
            let name = self.name_of(Kind::Enum);
            return match self.below(5) {
                0 => format!("ALTER TYPE {name} RENAME VALUE '{}' TO '{}'", self.pick(&LABELS), self.pick(&LABELS)),
                1 => format!("ALTER TYPE {name} ADD VALUE IF NOT EXISTS '{}'", self.pick(&LABELS)),
                2 => format!("ALTER TYPE {name} ADD VALUE '{}' BEFORE '{}'", self.pick(&LABELS), self.pick(&LABELS)),
                3 => self.rename_or_move(Kind::Enum),
                _ => format!("ALTER TYPE {name} ADD VALUE '{}'", self.pick(&LABELS)),
            };
        }
        let name = self.name_of(Kind::Composite);
        let attribute = self.pick(&["a", "b", "c"]);
        let cascade = " CASCADE";
        match self.below(6) {
            0 | 1 => format!("ALTER TYPE {name} ADD ATTRIBUTE {attribute} {}{cascade}", self.data_type()),
            2 => format!("ALTER TYPE {name} DROP ATTRIBUTE {}{attribute}{cascade}", self.maybe(20, "IF EXISTS ")),
            3 => format!("ALTER TYPE {name} RENAME ATTRIBUTE {attribute} TO {}{cascade}", self.pick(&["b", "c"])),
            4 => format!("ALTER TYPE {name} ALTER ATTRIBUTE {attribute} TYPE text{cascade}"),
            _ => self.rename_or_move(Kind::Composite),
        }
    }

    pub(super) fn create_domain(&mut self) -> String {
        let path = self.new_path(Kind::Domain.names());
        let base = self.pick(&["text", "integer", "varchar(20)", "numeric(10,2)", "date"]);
        let written = self.written(&path);
        let not_null = self.maybe(20, " NOT NULL");
        let named = self.maybe(40, "CONSTRAINT k1 ");
        let check = if self.chance(50) { format!(" {named}CHECK (VALUE IS NOT NULL)") } else { String::new() };
        self.believed.add(Object::new(Kind::Domain, path));
        format!("CREATE DOMAIN {written} AS {base}{not_null}{check}")
    }

    pub(super) fn alter_domain(&mut self) -> String {
        let name = self.name_of(Kind::Domain);
        match self.below(8) {
            0 | 1 => format!("ALTER DOMAIN {name} ADD {}CHECK (VALUE IS NOT NULL)", self.maybe(50, "CONSTRAINT k2 ")),
            2 => format!(
                "ALTER DOMAIN {name} DROP CONSTRAINT {}{}",
                self.maybe(30, "IF EXISTS "),
                self.pick(&["k1", "k2", "email_check"])
            ),
            3 => format!("ALTER DOMAIN {name} {} NOT NULL", self.pick(&["SET", "DROP"])),
            4 => format!("ALTER DOMAIN {name} RENAME CONSTRAINT k1 TO {}", self.pick(&["k2", "k3"])),
            5 => format!("ALTER DOMAIN {name} DROP DEFAULT"),
            _ => self.rename_or_move(Kind::Domain),
        }
    }

    pub(super) fn create_sequence(&mut self) -> String {
        let path = self.new_path(Kind::Sequence.names());
        let written = self.written(&path);
        let data_type = self.pick(&["", "", " AS integer", " AS smallint"]);
        let owner = if self.chance(30) {
            let table = self.table();
            let column = self.column_of(&table);
            format!(" OWNED BY {}.{column}", self.written(&table.path))
        } else {
            String::new()
        };
        self.believed.add(Object::new(Kind::Sequence, path));
        format!("CREATE SEQUENCE {}{written}{data_type}{owner}", self.maybe(15, "IF NOT EXISTS "))
    }

    pub(super) fn alter_sequence(&mut self) -> String {
        let name = self.name_of(Kind::Sequence);
        match self.below(6) {
            0 | 1 => {
                let table = self.table();
                let column = self.column_of(&table);
                format!("ALTER SEQUENCE {name} OWNED BY {}.{column}", self.written(&table.path))
            }
            2 => format!("ALTER SEQUENCE {name} OWNED BY NONE"),
            3 => format!("ALTER SEQUENCE {name} AS integer INCREMENT BY 2"),
            _ => self.rename_or_move(Kind::Sequence),
        }
    }

    pub(super) fn create_view(&mut self) -> String {
        let kind = if self.chance(25) { Kind::MaterializedView } else { Kind::View };
        let path = self.new_path(kind.names());
        let written = self.written(&path);
        let views: Vec<Object> = self.believed.of(Kind::View).cloned().collect();
        let source = match self.pick_if_any(&views) {
            Some(view) if self.chance(15) => view,
            _ => self.table(),
        };
        let from = self.written(&source.path);
        let column = self.column_of(&source);
        let data_type = source.type_of(&column).unwrap_or("integer").to_owned();
        let mut view = Object::new(kind, path).with_column(&column, &data_type);
        let query = match self.below(8) {
            0 => {
                view.columns = source.columns.clone();
                format!("SELECT * FROM {from}")
            }
            1 => {
                let other = self.table();
                let name = self.column_of(&other);
                view = view.with_column("other", other.type_of(&name).unwrap_or("integer"));
                format!("SELECT x.{column}, y.{name} AS other FROM {from} x CROSS JOIN {} y", self.written(&other.path))
            }
            2 => {
                view = view.with_column("count", "bigint");
                format!("SELECT {column}, count(*) FROM {from} WHERE {column} IS NOT NULL GROUP BY {column}")
            }
            3 => format!("WITH q AS (SELECT {column} FROM {from}) SELECT {column} FROM q"),
            _ => format!("SELECT {column} FROM {from}"),
        };
        let query = match source.type_of(&column) {
            Some("json" | "point") => format!("SELECT {column} FROM {from}"),
            _ => query,
        };
        self.believed.add(view);
        let head = match kind {
            Kind::View => format!("CREATE {}VIEW", self.maybe(35, "OR REPLACE ")),
            _ => format!("CREATE MATERIALIZED VIEW{}", self.maybe(15, " IF NOT EXISTS")),
        };
        format!("{head} {written} AS {query}")
    }

    pub(super) fn alter_view(&mut self) -> String {
        let kind = if self.chance(70) { Kind::View } else { Kind::MaterializedView };
        let Some(view) = self.object(kind) else { return self.rename_or_move(kind) };
        let column = self.column_of(&view);
        match self.below(3) {
            0 => {
                let written = self.written(&view.path);
                format!("ALTER {} {written} RENAME COLUMN {column} TO {}", kind.keywords(), self.pick(&["a", "b", "z"]))
            }
            _ => self.rename_or_move(kind),
        }
    }

    pub(super) fn create_function(&mut self) -> String {
        let replace = self.maybe(40, "OR REPLACE ");
        if self.chance(40) {
            let path = self.new_path(Kind::TriggerFunction.names());
            let written = self.written(&path);
            self.believed.add(Object::new(Kind::TriggerFunction, path));
            return format!(
                "CREATE {replace}FUNCTION {written}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
            );
        }
        if self.chance(15) {
            let path = self.new_path(Kind::Procedure.names());
            let written = self.written(&path);
            self.believed.add(Object::new(Kind::Procedure, path));
            return format!("CREATE {replace}PROCEDURE {written}() LANGUAGE sql AS 'SELECT 1'");
        }
        let path = self.new_path(Kind::Function.names());
        let written = self.written(&path);
        let arguments = match self.below(6) {
            0 => String::new(),
            1 => self.data_type(),
            2 => "x integer, y text DEFAULT NULL".into(),
            _ => self.pick(&["integer", "x integer", "text", "IN x text"]).to_owned(),
        };
        let result = self.pick(&["integer", "integer", "integer", "SETOF integer", "bigint"]);
        let volatility = self.pick(&["", " IMMUTABLE", " STABLE", " SECURITY DEFINER"]);
        let mut function = Object::new(Kind::Function, path);
        function.arguments =
            arguments.replace("x integer, y text DEFAULT NULL", "integer, text").replace("IN x ", "").replace("x ", "");
        let value = if result == "bigint" { "1::bigint" } else { "1" };
        let text = format!(
            "CREATE {replace}FUNCTION {written}({arguments}) RETURNS {result} LANGUAGE sql{volatility} AS 'SELECT {value}'"
        );
        self.believed.add(function);
        text
    }

    /// `f1(integer)` or, where that says enough, `f1`.
    fn signature(&mut self, function: &Object) -> String {
        let written = self.written(&function.path);
        if self.chance(30) { written } else { format!("{written}({})", function.arguments) }
    }

    fn some_function(&mut self) -> String {
        match self.object(Kind::Function) {
            Some(function) => self.signature(&function),
            None => "f1(integer)".into(),
        }
    }

    pub(super) fn alter_function(&mut self) -> String {
        let name = self.some_function();
        match self.below(4) {
            0 => format!("ALTER FUNCTION {name} {}", self.pick(&["IMMUTABLE", "SECURITY DEFINER", "STRICT"])),
            1 => format!("ALTER FUNCTION {name} RENAME TO {}", self.pick(Kind::Function.names())),
            2 => format!("ALTER FUNCTION {name} SET SCHEMA {}", self.some_schema()),
            _ => format!("ALTER FUNCTION {name} OWNER TO CURRENT_USER"),
        }
    }

    pub(super) fn create_trigger(&mut self) -> String {
        let table = self.table();
        let trigger = self.pick(&TRIGGERS);
        let function = self.name_of(Kind::TriggerFunction);
        let column = self.column_of(&table);
        let on = self.written(&table.path);
        let event = match self.below(6) {
            0 => format!("UPDATE OF {column}"),
            1 => "INSERT OR UPDATE".into(),
            2 => "DELETE".into(),
            3 => "TRUNCATE".into(),
            _ => "UPDATE".to_owned(),
        };
        let level = if event == "TRUNCATE" { "STATEMENT" } else { self.pick(&["ROW", "ROW", "STATEMENT"]) };
        let when = if event.starts_with("UPDATE") && level == "ROW" && self.chance(25) {
            format!(" WHEN (OLD.{column} IS NULL AND NEW.{column} IS NOT NULL)")
        } else {
            String::new()
        };
        self.believed.change(&table.path, |t| t.triggers.push(trigger.to_owned()));
        if self.chance(10) && event != "TRUNCATE" {
            return format!(
                "CREATE CONSTRAINT TRIGGER {trigger} AFTER {event} ON {on} DEFERRABLE FOR EACH ROW EXECUTE FUNCTION {function}()"
            );
        }
        let replace = self.maybe(25, "OR REPLACE ");
        let timing = self.pick(&["BEFORE", "AFTER"]);
        format!(
            "CREATE {replace}TRIGGER {trigger} {timing} {event} ON {on} FOR EACH {level}{when} EXECUTE FUNCTION {function}()"
        )
    }

    pub(super) fn alter_trigger(&mut self) -> String {
        let table = self.table();
        let trigger = self.pick_if_any(&table.triggers).unwrap_or_else(|| "g".into());
        let on = self.written(&table.path);
        if self.chance(50) {
            let to = self.pick(&TRIGGERS);
            return format!("ALTER TRIGGER {trigger} ON {on} RENAME TO {to}");
        }
        format!("DROP TRIGGER {}{trigger} ON {on}", self.maybe(20, "IF EXISTS "))
    }

    pub(super) fn create_policy(&mut self) -> String {
        let table = self.table();
        let policy = self.pick(&POLICIES);
        let column = self.column_of(&table);
        let on = self.written(&table.path);
        let kind = self.pick(&["", "", " AS RESTRICTIVE"]);
        let tests = match self.pick(&["ALL", "SELECT", "INSERT", "DELETE"]) {
            "INSERT" => format!(" FOR INSERT WITH CHECK ({column} IS NOT NULL)"),
            "ALL" => format!(" USING ({column} IS NOT NULL) WITH CHECK (true)"),
            command => format!(" FOR {command} TO PUBLIC USING ({column} IS NOT NULL)"),
        };
        self.believed.change(&table.path, |t| t.policies.push(policy.to_owned()));
        format!("CREATE POLICY \"{policy}\" ON {on}{kind}{tests}")
    }

    pub(super) fn alter_policy(&mut self) -> String {
        let table = self.table();
        let policy = self.pick_if_any(&table.policies).unwrap_or_else(|| "p".into());
        let column = self.column_of(&table);
        let on = self.written(&table.path);
        match self.below(3) {
            0 => format!("ALTER POLICY \"{policy}\" ON {on} RENAME TO \"{}\"", self.pick(&POLICIES)),
            1 => format!("ALTER POLICY \"{policy}\" ON {on} USING ({column} IS NULL)"),
            _ => format!("DROP POLICY {}\"{policy}\" ON {on}", self.maybe(20, "IF EXISTS ")),
        }
    }

    pub(super) fn create_rule(&mut self) -> String {
        let table = self.table();
        let on = self.written(&table.path);
        if self.chance(40) {
            return format!("DROP RULE r ON {on}");
        }
        format!("CREATE {}RULE r AS ON DELETE TO {on} DO INSTEAD NOTHING", self.maybe(30, "OR REPLACE "))
    }

    pub(super) fn comment(&mut self) -> String {
        let table = self.table();
        let on = self.written(&table.path);
        let text = self.pick(&["'a comment'", "'a comment'", "'it''s'", "NULL"]);
        let target = match self.below(9) {
            0 | 1 => format!("TABLE {on}"),
            2 | 3 => format!("COLUMN {on}.{}", self.column_of(&table)),
            4 => {
                let name = self.pick_if_any(&table.constraints).unwrap_or_else(|| "k1".into());
                format!("CONSTRAINT {name} ON {on}")
            }
            5 => {
                let kind = self.pick(&[Kind::View, Kind::MaterializedView]);
                format!("{} {}", kind.keywords(), self.name_of(kind))
            }
            6 => format!("FUNCTION {}", self.some_function()),
            7 => {
                let trigger = self.pick_if_any(&table.triggers).unwrap_or_else(|| "g".into());
                format!("TRIGGER {trigger} ON {on}")
            }
            _ => {
                let kind = self.pick(&[Kind::Index, Kind::Enum, Kind::Domain, Kind::Sequence]);
                format!("{} {}", kind.keywords(), self.name_of(kind))
            }
        };
        format!("COMMENT ON {target} IS {text}")
    }

    pub(super) fn grant(&mut self) -> String {
        let table = self.table_name();
        match self.below(4) {
            0 => format!("GRANT SELECT ON {table} TO PUBLIC"),
            1 => format!("REVOKE ALL ON {table} FROM PUBLIC"),
            2 => format!("GRANT USAGE ON SCHEMA {} TO PUBLIC", self.some_schema()),
            _ => format!("GRANT EXECUTE ON FUNCTION {} TO PUBLIC", self.some_function()),
        }
    }

    pub(super) fn drop(&mut self) -> String {
        let kind = if self.chance(45) { Kind::Table } else { self.pick(&Kind::ALL) };
        let guard = self.maybe(12, "IF EXISTS ");
        let cascade = self.maybe(40, " CASCADE");
        let name = match self.object(kind) {
            Some(object) if !self.chance(4) => {
                if !cascade.is_empty() || self.chance(50) {
                    self.believed.forget(&object.path);
                }
                match kind {
                    Kind::Function | Kind::TriggerFunction | Kind::Procedure => self.signature(&object),
                    _ => self.written(&object.path),
                }
            }
            _ => self.name_of(kind),
        };
        let more =
            if kind == Kind::Table && self.chance(8) { format!(", {}", self.table_name()) } else { String::new() };
        format!("DROP {} {guard}{name}{more}{cascade}", kind.keywords())
    }

    fn rename_or_move(&mut self, kind: Kind) -> String {
        let Some(object) = self.object(kind) else {
            let (name, to) = (self.name_of(kind), self.pick(kind.names()));
            return format!("ALTER {} {name} RENAME TO {to}", kind.keywords());
        };
        let written = self.written(&object.path);
        let (path, change) = if self.chance(60) {
            let to = self.pick(kind.names());
            (Path::new(&object.path.schema, to), format!("RENAME TO {to}"))
        } else {
            let schema = self.some_schema();
            (Path::new(&schema, &object.path.name), format!("SET SCHEMA {schema}"))
        };
        self.believed.change(&object.path, |o| o.path = path);
        format!("ALTER {} {written} {change}", kind.keywords())
    }
}
