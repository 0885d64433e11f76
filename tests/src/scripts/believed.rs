//! What a script is believed to have made.

/// Names of tables: ordinary ones, one that needs quotes, one that is a keyword, one so long that names made from it are cut.
pub(super) const TABLES: [&str; 8] = [
    "t1",
    "t2",
    "t3",
    "t4",
    "t5",
    "\"Order\"",
    "\"user\"",
    "a_table_whose_name_is_so_long_that_names_made_of_it_are_cut",
];
/// Names of columns, in the same manner.
pub(super) const COLUMNS: [&str; 9] =
    ["a", "b", "c", "d", "e", "id", "\"Mixed\"", "\"when\"", "a_column_with_a_rather_long_name_of_its_own"];
const INDEXES: [&str; 3] = ["i1", "i2", "i3"];
const VIEWS: [&str; 4] = ["v1", "v2", "v3", "t5"];
const SEQUENCES: [&str; 3] = ["s1", "s2", "t1_a_seq"];
const ENUMS: [&str; 3] = ["mood", "kind", "\"State\""];
const COMPOSITES: [&str; 3] = ["pair", "triple", "point3"];
const DOMAINS: [&str; 3] = ["email", "positive", "mood"];
const FUNCTIONS: [&str; 3] = ["f1", "f2", "f3"];
const TRIGGER_FUNCTIONS: [&str; 2] = ["g1", "g2"];
const PROCEDURES: [&str; 2] = ["p1", "f3"];
pub(super) const CONSTRAINTS: [&str; 4] = ["k1", "k2", "k3", "\"K\""];

/// A schema and a name in it, both as written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Path {
    pub(super) schema: String,
    pub(super) name: String,
}

impl Path {
    pub(super) fn new(schema: &str, name: &str) -> Self {
        Self { schema: schema.to_owned(), name: name.to_owned() }
    }
}

/// Kinds of objects.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Table,
    Index,
    View,
    MaterializedView,
    Sequence,
    Enum,
    Composite,
    Domain,
    Function,
    TriggerFunction,
    Procedure,
}

impl Kind {
    /// The names that objects of the kind get.
    pub(super) fn names(self) -> &'static [&'static str] {
        match self {
            Self::Table => &TABLES,
            Self::Index => &INDEXES,
            Self::View | Self::MaterializedView => &VIEWS,
            Self::Sequence => &SEQUENCES,
            Self::Enum => &ENUMS,
            Self::Composite => &COMPOSITES,
            Self::Domain => &DOMAINS,
            Self::Function => &FUNCTIONS,
            Self::TriggerFunction => &TRIGGER_FUNCTIONS,
            Self::Procedure => &PROCEDURES,
        }
    }

    /// The words by which statements name the kind.
    pub(super) fn keywords(self) -> &'static str {
        match self {
            Self::Table => "TABLE",
            Self::Index => "INDEX",
            Self::View => "VIEW",
            Self::MaterializedView => "MATERIALIZED VIEW",
            Self::Sequence => "SEQUENCE",
            Self::Enum | Self::Composite => "TYPE",
            Self::Domain => "DOMAIN",
            Self::Function | Self::TriggerFunction => "FUNCTION",
            Self::Procedure => "PROCEDURE",
        }
    }

    pub(super) const ALL: [Self; 11] = [
        Self::Table,
        Self::Index,
        Self::View,
        Self::MaterializedView,
        Self::Sequence,
        Self::Enum,
        Self::Composite,
        Self::Domain,
        Self::Function,
        Self::TriggerFunction,
        Self::Procedure,
    ];
}

/// A column or an attribute.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) data_type: String,
}

/// An object.
#[derive(Clone, Debug)]
pub(super) struct Object {
    pub(super) kind: Kind,
    pub(super) path: Path,
    pub(super) columns: Vec<Column>,
    /// Named constraints, triggers, policies: what belongs to a table and has a name.
    pub(super) constraints: Vec<String>,
    pub(super) triggers: Vec<String>,
    pub(super) policies: Vec<String>,
    /// Keys that a foreign key may point to.
    pub(super) keys: Vec<String>,
    /// How it is partitioned, and by which column.
    pub(super) partitioned: Option<(&'static str, String)>,
    /// The argument types of a function.
    pub(super) arguments: String,
    /// Of an index: its table.
    pub(super) table: Option<Path>,
}

impl Object {
    pub(super) fn new(kind: Kind, path: Path) -> Self {
        Self {
            kind,
            path,
            columns: Vec::new(),
            constraints: Vec::new(),
            triggers: Vec::new(),
            policies: Vec::new(),
            keys: Vec::new(),
            partitioned: None,
            arguments: String::new(),
            table: None,
        }
    }

    pub(super) fn with_column(mut self, name: &str, data_type: &str) -> Self {
        self.columns.push(Column { name: name.to_owned(), data_type: data_type.to_owned() });
        self
    }

    pub(super) fn type_of(&self, column: &str) -> Option<&str> {
        self.columns.iter().find(|c| c.name == column).map(|c| c.data_type.as_str())
    }
}

/// All that is believed.
#[derive(Debug)]
pub(super) struct Believed {
    pub(super) schemas: Vec<String>,
    pub(super) path: Vec<String>,
    objects: Vec<Object>,
}

impl Default for Believed {
    fn default() -> Self {
        Self {
            schemas: vec!["public".into(), "app".into(), "\"Lib\"".into()],
            path: vec!["public".into()],
            objects: Vec::new(),
        }
    }
}

impl Believed {
    pub(super) fn of(&self, kind: Kind) -> impl Iterator<Item = &Object> {
        self.objects.iter().filter(move |o| o.kind == kind)
    }

    /// Adds an object, unless one of its name is there.
    pub(super) fn add(&mut self, object: Object) {
        if self.objects.iter().all(|o| o.path != object.path) {
            self.objects.push(object);
        }
    }

    pub(super) fn forget(&mut self, path: &Path) {
        self.objects.retain(|o| o.path != *path && o.table.as_ref() != Some(path));
    }

    pub(super) fn change(&mut self, path: &Path, change: impl FnOnce(&mut Object)) {
        if let Some(object) = self.objects.iter_mut().find(|o| o.path == *path) {
            change(object);
        }
    }

    pub(super) fn forget_schema(&mut self, schema: &str) {
        self.objects.retain(|o| o.path.schema != schema);
        self.schemas.retain(|s| s != schema || s == "public");
    }

    pub(super) fn rename_schema(&mut self, from: &str, to: &str) {
        if self.schemas.iter().any(|s| s == to) || !self.schemas.iter().any(|s| s == from) {
            return;
        }
        self.objects.iter_mut().filter(|o| o.path.schema == from).for_each(|o| o.path.schema = to.to_owned());
        self.schemas.iter_mut().filter(|s| *s == from).for_each(|s| *s = to.to_owned());
    }
}
