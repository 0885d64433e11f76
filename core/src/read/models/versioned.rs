//! The tables that SQLAlchemy-Continuum adds: the versions of each class with `__versioned__`, and the transactions that made them.
//! Source: SQLAlchemy-Continuum 1.5.2, `table_builder.py`, `transaction.py`, `relationship_builder.py`.

use smol_str::SmolStr;

use super::Reader;
use super::tables::{Column, Table};
use crate::read::python::{Arguments, ClassId, Kind, Value};
use crate::read::sqlalchemy::naming::called;
use crate::read::sqlalchemy::table::constructor;

/// What is said of versions, of one class and then of all.
struct Options {
    said: Vec<(SmolStr, Value)>,
}

impl Options {
    fn get(&self, name: &str) -> Option<&Value> {
        self.said.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    fn text<'o>(&'o self, name: &str, otherwise: &'o str) -> &'o str {
        self.get(name).and_then(Value::as_str).unwrap_or(otherwise)
    }

    fn is_off(&self, name: &str) -> bool {
        self.get(name).and_then(Value::as_bool) == Some(false)
    }
}

impl Reader {
    /// Adds them, where the program calls `make_versioned()`.
    pub(super) fn add_versions(&mut self) {
        let calls = self.python.effects.iter().filter_map(|effect| effect.value.as_call());
        let Some(arguments) =
            calls.filter(|(callee, _)| callee.last_name() == Some("make_versioned")).map(|(_, a)| a.clone()).next()
        else {
            return;
        };
        let manager = arguments.get(2, "manager").and_then(Value::as_call).map(|(_, a)| a.clone());
        let mut of_all = self.entries(arguments.get(4, "options"));
        of_all.extend(
            manager.as_ref().and_then(|m| m.keyword("options")).map(|o| self.entries(Some(o))).unwrap_or_default(),
        );
        let mut versioned: Vec<ClassId> = Vec::new();
        let mut tables: Vec<usize> = Vec::new();
        for class in self.mapped.keys().copied().collect::<Vec<_>>() {
            let Some(said) = self.python.class_attribute(class, "__versioned__", 0) else { continue };
            let Some(at) = self.mapped.get(&class).and_then(|mapped| mapped.table) else { continue };
            let mut own = self.entries(Some(&said));
            own.extend(of_all.iter().cloned());
            let options = Options { said: own };
            if options.is_off("versioning") {
                continue;
            }
            versioned.push(class);
            // One table for a class and those that extend it has one of versions.
            if !options.is_off("create_tables") && !tables.contains(&at) {
                tables.push(at);
                self.add_version(at, &options);
            }
        }
        let Some(first) = versioned.first().and_then(|class| self.mapped.get(class)?.table) else { return };
        self.add_transactions(first, &arguments, manager.as_ref());
        let options = Options { said: of_all };
        for class in versioned {
            for at in self.tables_between(class) {
                if !tables.contains(&at) {
                    tables.push(at);
                    self.add_version(at, &options);
                }
            }
        }
    }

    /// The keys and values of a dictionary.
    fn entries(&self, dictionary: Option<&Value>) -> Vec<(SmolStr, Value)> {
        let Some(Kind::Dict(dictionary)) = dictionary.map(|d| &d.kind) else { return Vec::new() };
        let entries = self.python.heap.dict(*dictionary).iter();
        entries.filter_map(|(key, value)| Some((SmolStr::new(key.as_str()?), value.clone()))).collect()
    }

    /// The association tables of a class's relationships.
    fn tables_between(&self, class: ClassId) -> Vec<usize> {
        let relationships = self.mapped.get(&class).map(|mapped| mapped.relationships.as_slice()).unwrap_or_default();
        relationships.iter().filter_map(|(_, secondary)| self.table_of(secondary.as_ref()?)).collect()
    }

    /// The table of another one's versions: its columns without keys, checks and defaults of their own, and which transactions they are of.
    fn add_version(&mut self, of: usize, options: &Options) {
        let types: Vec<Option<Value>> = (0..self.tables.get(of).map_or(0, |t| t.columns.len()))
            .map(|column| self.inherited_type(of, column, 0))
            .collect();
        let Some(own) = self.tables.get(of) else { return };
        let (span, Some(name)) = (own.span, own.name.as_str()) else { return };
        let name = options.text("table_name", "%s_version").replacen("%s", name, 1);
        let excluded = options.get("exclude").and_then(|e| self.python.heap.elements(e)).unwrap_or_default();
        let mut version = Table::new(Value::text(&name, own.name.span), own.metadata, span);
        version.keywords.extend(own.keywords.iter().filter(|(key, _)| key == "schema").cloned());
        version.partial = own.partial;
        let truth = |value: bool| Value::new(Kind::Bool(value), span);
        for (column, data_type) in own.columns.iter().zip(types) {
            if excluded.iter().any(|name| name.as_str() == Some(column.key.as_str())) {
                continue;
            }
            let mut copy = Column { data_type, object: None, ..column.clone() };
            copy.rest.retain(|item| !matches!(constructor(item), Some(("ForeignKey", _))));
            copy.keywords.retain(|(key, _)| !matches!(key.as_str(), "unique" | "onupdate" | "autoincrement"));
            copy.keywords.push(("autoincrement".into(), truth(false)));
            if !copy.is_primary_key() {
                copy.keywords.retain(|(key, _)| key != "nullable");
                copy.keywords.push(("nullable".into(), truth(true)));
            }
            version.columns.push(copy);
        }
        let plain = |name: &str, data_type: &str, keywords: &[(&str, bool)]| {
            let mut column = Column::empty(name, span);
            column.data_type = Some(called(&format!("sqlalchemy.{data_type}"), Arguments::default(), span));
            column.keywords = keywords.iter().map(|(key, value)| (SmolStr::new(key), truth(*value))).collect();
            column
        };
        let key = [("primary_key", true), ("index", true), ("autoincrement", false)];
        version.columns.push(plain(options.text("transaction_column_name", "transaction_id"), "BigInteger", &key));
        if options.text("strategy", "validity") == "validity" {
            let end = options.text("end_transaction_column_name", "end_transaction_id");
            version.columns.push(plain(end, "BigInteger", &[("index", true)]));
        }
        let kind = options.text("operation_type_column_name", "operation_type");
        version.columns.push(plain(kind, "SmallInteger", &[("nullable", false), ("index", true)]));
        self.add_table(version);
    }

    /// The table of transactions, unless a class of the program is that.
    fn add_transactions(&mut self, beside: usize, arguments: &Arguments, manager: Option<&Arguments>) {
        let factory = manager.and_then(|manager| manager.keyword("transaction_cls")).filter(|class| !class.is_none());
        let made = factory.and_then(Value::as_call).map(|(_, arguments)| arguments);
        if factory.is_some() && made.is_none() || self.class_called("Transaction").is_some() {
            return;
        }
        let Some(own) = self.tables.get(beside) else { return };
        let span = own.span;
        let address = made.and_then(|made| made.get(0, "remote_addr")).and_then(Value::as_bool) != Some(false);
        let user = match arguments.get(5, "user_cls") {
            Some(user) if user.is_none() => None,
            Some(user) => self.table_of(user).or_else(|| self.class_called(user.as_str()?)),
            None => self.class_called("User"),
        };
        let mut table = Table::new(Value::text("transaction", span), own.metadata, span);
        let column = |name: &str, data_type: Value, keyword: Option<&'static str>| {
            let mut column = Column::empty(name, span);
            column.data_type = Some(data_type);
            column.keywords.extend(keyword.map(|key| (SmolStr::new_static(key), Value::new(Kind::Bool(true), span))));
            column
        };
        let of = |name: &str, arguments: Arguments| called(&format!("sqlalchemy.{name}"), arguments, span);
        let only = |value: Value| Arguments { positional: vec![value], ..Arguments::default() };
        let mut id = column("id", of("BigInteger", Arguments::default()), Some("primary_key"));
        id.rest.push(of("Sequence", only(Value::text("transaction_id_seq", span))));
        table.columns.push(id);
        if address {
            let text = of("String", only(Value::new(Kind::Int(50), span)));
            table.columns.push(column("remote_addr", text, None));
        }
        let key = user.and_then(|at| {
            let found = self.tables.get(at)?;
            let place = found.columns.iter().position(Column::is_primary_key)?;
            let target = [found.keyword("schema"), Some(&found.name), Some(&found.columns.get(place)?.name)];
            let target: Vec<&str> = target.into_iter().flatten().filter_map(Value::as_str).collect();
            Some((self.inherited_type(at, place, 0)?, target.join(".")))
        });
        if let Some((data_type, target)) = key {
            let mut reference = column("user_id", data_type, Some("index"));
            reference.rest.push(of("ForeignKey", only(Value::text(&target, span))));
            table.columns.push(reference);
        }
        table.columns.push(column("issued_at", of("DateTime", Arguments::default()), None));
        self.add_table(table);
    }

    /// The table of the model with this name.
    fn class_called(&self, name: &str) -> Option<usize> {
        let named = |class: ClassId| self.python.heap.class(class).is_some_and(|c| c.name.as_str() == name);
        self.mapped.iter().find(|(class, _)| named(**class)).and_then(|(_, mapped)| mapped.table)
    }
}
