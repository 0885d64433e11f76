//! Schemas, extensions, types, sequences, functions, views, and what is taken over as text.

use super::tables::with_options;
use std::collections::{BTreeMap, BTreeSet};

use super::text::{begins_with, dollar_quoted, last, outer_words};
use super::{Section, Squash, Statement};
use crate::emit::one_line;
use crate::name::{Name, quote};
use crate::operation::{
    AlterTypeAction, ArgumentMode, CreateView, FunctionBody, FunctionKind, ObjectKind, Operation, OperationKind,
    Persistence, SequenceOptions, TypeDefinition, Volatility,
};
use crate::problem::ProblemKind;
use crate::replay::is_platform_schema;
use crate::rules::support::literal;
use crate::rules::support::owner_of;
use crate::schema::*;
use crate::source::Span;

impl<'a> Squash<'a> {
    pub(super) fn roles(&mut self) {
        self.others_of(Section::Roles, &[ObjectKind::Role]);
        for (_, other) in self.schema.others.iter().filter(|(_, o)| o.dropped.is_none()) {
            if matches!(other.kind, ObjectKind::Database | ObjectKind::Tablespace) {
                let message = format!("the {} {}: it is not part of a schema.", other.kind.name(), quote(&other.name));
                self.note(ProblemKind::UnsupportedStatement, message, Some(other.span));
            }
        }
    }

    pub(super) fn schemas(&mut self) {
        let schema = self.schema;
        let homes = self.homes();
        let extensions = schema.extensions.iter().filter(|(_, e)| e.dropped.is_none());
        let of_extensions: BTreeSet<NamespaceId> = extensions.map(|(_, e)| e.namespace).collect();
        for (id, namespace) in schema.namespaces.iter().filter(|(_, n)| n.dropped.is_none()) {
            let sql = format!("CREATE SCHEMA IF NOT EXISTS {}", quote(&namespace.name));
            let holds_objects = homes.contains(&id);
            match namespace.span {
                Some(made) if !namespace.assumed => {
                    self.push_made(Section::Schemas, ObjectId::Namespace(id), made, sql);
                }
                _ if !namespace.assumed || !self.in_script(id) => {}
                // A platform keeps more in it than is seen here. One that a script makes would have none of that.
                _ if holds_objects && is_platform_schema(&namespace.name) => {
                    let message =
                        format!("the schema {}: expected to be there before the first file.", quote(&namespace.name));
                    self.note(ProblemKind::UnsupportedStatement, message, None);
                }
                _ if holds_objects || of_extensions.contains(&id) => {
                    self.push_before(Section::Schemas, &namespace.name, sql);
                }
                _ => {}
            }
        }
    }

    /// The schemas in which the script makes something of its own.
    fn homes(&self) -> BTreeSet<NamespaceId> {
        let schema = self.schema;
        let mut homes: BTreeSet<NamespaceId> = self.tables().iter().map(|(_, t)| t.namespace).collect();
        homes.extend(schema.live_views().map(|(_, v)| v.namespace));
        homes.extend(schema.types.iter().filter(|(_, t)| t.dropped.is_none()).map(|(_, t)| t.namespace));
        homes.extend(schema.functions.iter().filter(|(_, f)| f.dropped.is_none()).map(|(_, f)| f.namespace));
        homes.extend(schema.sequences.iter().filter(|(_, s)| s.dropped.is_none()).map(|(_, s)| s.namespace));
        homes
    }

    /// Adds a statement for what the files expect to be there.
    fn push_before(&mut self, section: Section, name: &str, sql: String) {
        let provenance = Some(one_line(&format!("{name}: expected to be there before the first file")));
        self.out.push(Statement { section, provenance, sql });
    }

    pub(super) fn extensions(&mut self) {
        self.drops_of_others(Section::Extensions, &[ObjectKind::Extension]);
        for (id, extension) in self.schema.extensions.iter().filter(|(_, e)| e.dropped.is_none()) {
            let home = self.schema.namespaces.get(extension.namespace);
            let schema =
                home.filter(|n| !n.name.starts_with("pg_")).map(|n| format!(" WITH SCHEMA {}", quote(&n.name)));
            let cascade = last(self.origins.statements(ObjectId::Extension(id)), |o| match &o.kind {
                OperationKind::CreateExtension { cascade, .. } => Some(*cascade),
                _ => None,
            });
            let cascade = if cascade == Some(true) { " CASCADE" } else { "" };
            let sql = format!(
                "CREATE EXTENSION IF NOT EXISTS {}{}{cascade}",
                quote(&extension.name),
                schema.unwrap_or_default()
            );
            self.push_made(Section::Extensions, ObjectId::Extension(id), extension.span, sql);
        }
        // Types of extensions that no file makes.
        let mut expected: BTreeMap<&str, NamespaceId> = BTreeMap::new();
        for (_, column) in self.tables().iter().flat_map(|(_, t)| t.live_columns()) {
            if let BaseType::Extension { namespace, name } = &column.data_type.base
                && let Some(extension) = owner_of(name).filter(|e| self.schema.find_extension(e).is_none())
            {
                expected.entry(extension).or_insert(*namespace);
            }
        }
        for (extension, home) in expected {
            let home = self.schema.namespaces.get(home).map_or_else(String::new, |n| quote(&n.name));
            let sql = format!("CREATE EXTENSION IF NOT EXISTS {} WITH SCHEMA {home}", quote(extension));
            self.push_before(Section::Extensions, extension, sql);
        }
    }

    pub(super) fn foreign_servers(&mut self) {
        use ObjectKind as Kind;
        self.others_of(
            Section::Foreign,
            &[Kind::Language, Kind::ForeignDataWrapper, Kind::Server, Kind::UserMapping, Kind::Collation],
        );
    }

    pub(super) fn others(&mut self, section: Section) {
        match section {
            Section::Statistics => self.others_of(section, &[ObjectKind::Statistics]),
            _ => {
                let kinds = [ObjectKind::Publication, ObjectKind::Subscription];
                self.drops_of_others(section, &kinds);
                self.others_of(section, &kinds);
            }
        }
    }

    fn others_of(&mut self, section: Section, kinds: &[ObjectKind]) {
        for (id, other) in self.schema.others.iter() {
            if other.dropped.is_none() && kinds.contains(&other.kind) {
                self.create_other(id, section);
            }
        }
    }

    /// An object of which only the name is modelled: its statements as they stand.
    pub(super) fn create_other(&mut self, id: OtherId, section: Section) {
        let Some(other) = self.schema.others.get(id) else { return };
        let object = ObjectId::Other(id);
        let word = other.kind.name();
        let name = match other.namespace {
            Some(n) => self.schema.qualified(n, &other.name),
            None => quote(&other.name),
        };
        // What a block builds stands nowhere as it runs: of a role the name is enough for what is granted to it.
        let own = other.name.to_ascii_lowercase();
        let stands = self.origins.text(other.span).is_some_and(|text| text.to_ascii_lowercase().contains(&own));
        if other.kind == ObjectKind::Role && !stands {
            self.push_made(section, object, other.span, format!("CREATE ROLE {name}"));
            return;
        }
        self.as_text(section, object, other.span, &format!("the {word} {name}"));
    }

    /// The statement that made an object, and those that changed it, as they stand.
    fn as_text(&mut self, section: Section, id: ObjectId, made: Span, what: &str) {
        let Some(text) = self.origins.text(made).filter(|t| begins_with(t, "CREATE")) else {
            let message = format!("{what}: no file holds its statement as it runs.");
            self.note(ProblemKind::UnsupportedStatement, message, Some(made));
            return;
        };
        // Where the text leaves the schema to the search path, the object's own comes first in it.
        let home = self.home_of(id).filter(|home| home != "public" && !names_schema(self.origins.statements(id), made));
        if let Some(home) = &home {
            let path: Vec<&str> = self.path.split(", ").filter(|part| part != home).collect();
            self.push(section, format!("SET search_path = {home}, {}", path.join(", ")));
        }
        let text = text.to_owned();
        self.push_made(section, id, made, text);
        let later: Vec<Span> = self.origins.statements(id).iter().filter(|o| alters(o)).map(|o| o.span).collect();
        for span in later {
            if let Some(text) = self.origins.text(span).filter(|t| begins_with(t, "ALTER")) {
                let text = text.to_owned();
                self.push(section, text);
            }
        }
        if home.is_some() {
            self.push(section, format!("SET search_path = {}", self.path));
        }
    }

    /// The schema of something that is taken over as text, as SQL.
    fn home_of(&self, id: ObjectId) -> Option<String> {
        let namespace = match id {
            ObjectId::Other(o) => self.schema.others.get(o)?.namespace?,
            ObjectId::Function(f) => self.schema.functions.get(f)?.namespace,
            ObjectId::Type(t) => self.schema.types.get(t)?.namespace,
            _ => return None,
        };
        self.schema.namespaces.get(namespace).map(|n| quote(&n.name))
    }

    // Types.

    pub(super) fn create_type(&mut self, id: TypeId) {
        let Some(t) = self.schema.types.get(id) else { return };
        let name = self.schema.qualified(t.namespace, &t.name);
        let object = ObjectId::Type(id);
        let sql = match &t.kind {
            TypeKind::Enum(labels) => {
                let labels: Vec<String> = labels.iter().map(|(label, _)| format!("\n    {}", literal(label))).collect();
                format!("CREATE TYPE {name} AS ENUM ({}\n)", labels.join(","))
            }
            TypeKind::Domain(domain) => self.domain(&name, domain),
            TypeKind::Composite(attributes) => {
                let written = last(self.origins.statements(object), |o| match &o.kind {
                    OperationKind::CreateType { definition: TypeDefinition::Composite(columns), .. } => Some(columns),
                    _ => None,
                });
                let collation = |name: &Name| {
                    let column = written.into_iter().flatten().find(|c| c.name.fold() == *name)?;
                    Some(format!(" COLLATE {}", self.collation(&column.collation.as_ref()?.name.fold())))
                };
                let attributes: Vec<String> = attributes
                    .iter()
                    .map(|(name, t)| {
                        let collation = collation(name).unwrap_or_default();
                        format!("\n    {} {}{collation}", quote(name), t.display(self.schema))
                    })
                    .collect();
                format!("CREATE TYPE {name} AS ({}\n)", attributes.join(","))
            }
            TypeKind::Range { subtype, multirange } => {
                let written = last(self.origins.statements(object), |o| match &o.kind {
                    OperationKind::CreateType { definition: TypeDefinition::Range(options), .. } => Some(options),
                    _ => None,
                });
                let mut options = Vec::new();
                if let Some(subtype) = subtype {
                    options.push(format!("SUBTYPE = {}", subtype.display(self.schema)));
                }
                for (option, value) in written.into_iter().flatten() {
                    if !matches!(option.as_str(), "subtype" | "multirange_type_name") {
                        options.push(format!("{} = {value}", option.to_uppercase()));
                    }
                }
                options.push(format!("MULTIRANGE_TYPE_NAME = {}", self.schema.qualified(t.namespace, multirange)));
                format!("CREATE TYPE {name} AS RANGE ({})", options.join(", "))
            }
            TypeKind::Shell => format!("CREATE TYPE {name}"),
            TypeKind::Base => {
                return self.as_text(Section::Types, object, t.span, &format!("the base type {name}"));
            }
        };
        self.push_made(Section::Types, object, t.span, sql);
    }

    fn domain(&self, name: &str, domain: &Domain) -> String {
        let mut sql = format!("CREATE DOMAIN {name} AS {}", domain.base.display(self.schema));
        if let Some(collation) = &domain.collation {
            sql.push_str(&format!(" COLLATE {}", self.collation(collation)));
        }
        if let Some(default) = &domain.default {
            sql.push_str(&format!(" DEFAULT {}", self.names.expr(default)));
        }
        if domain.not_null {
            sql.push_str(" NOT NULL");
        }
        for (check, expr) in &domain.checks {
            sql.push_str(&format!("\n    CONSTRAINT {} CHECK ({})", quote(check), self.names.expr(expr)));
        }
        sql
    }

    /// The default of a column: a label of an enum follows its renaming, as the database keeps it by its identity.
    pub(super) fn default_of(&self, column: &Column, default: &StoredExpr) -> String {
        let text = self.names.expr(default);
        let BaseType::User(id) = column.data_type.base else { return text };
        let label = text.strip_prefix('\'').and_then(|t| t.split_once('\''));
        let (Some((label, rest)), false) = (label, column.data_type.array) else { return text };
        let mut label = label.to_owned();
        for operation in self.origins.statements(ObjectId::Type(id)) {
            match &operation.kind {
                OperationKind::AlterType { action: AlterTypeAction::RenameValue { from, to, .. }, .. }
                    if *from == label =>
                {
                    label.clone_from(to);
                }
                _ => {}
            }
        }
        format!("{}{rest}", literal(&label))
    }

    // Sequences.

    pub(super) fn create_sequence(&mut self, id: SequenceId) {
        let Some(sequence) = self.schema.sequences.get(id) else { return };
        let logged = last(self.origins.statements(ObjectId::Sequence(id)), |o| match &o.kind {
            OperationKind::CreateSequence(create) => Some(create.persistence != Persistence::Unlogged),
            OperationKind::AlterSequence { options, .. } => options.logged,
            _ => None,
        });
        // The sequence of a serial column is as its table is.
        let of_unlogged = sequence.owned_by.and_then(|(t, _)| self.schema.tables.get(t));
        let of_unlogged = of_unlogged.is_some_and(|t| t.persistence == Persistence::Unlogged);
        let unlogged = if logged == Some(false) || (logged.is_none() && of_unlogged) { "UNLOGGED " } else { "" };
        let mut sql = format!("CREATE {unlogged}SEQUENCE {}", self.schema.relation_path(RelationId::Sequence(id)));
        if sequence.data_type != "bigint" {
            sql.push_str(&format!(" AS {}", sequence.data_type));
        }
        for option in self.sequence_options(id, sequence) {
            sql.push_str(&format!(" {option}"));
        }
        self.push_made(Section::Sequences, ObjectId::Sequence(id), sequence.span, sql);
    }

    /// The options that are not the defaults of the type and direction. Source: PostgreSQL manual, CREATE SEQUENCE.
    pub(super) fn sequence_options(&self, id: SequenceId, sequence: &Sequence) -> Vec<String> {
        let (low, high) = match sequence.data_type.as_str() {
            "smallint" => (i64::from(i16::MIN), i64::from(i16::MAX)),
            "integer" => (i64::from(i32::MIN), i64::from(i32::MAX)),
            _ => (i64::MIN, i64::MAX),
        };
        let up = sequence.increment >= 0;
        let (min, max) = if up { (1, high) } else { (low, -1) };
        let mut options = Vec::new();
        if sequence.start != if up { sequence.min } else { sequence.max } {
            options.push(format!("START WITH {}", sequence.start));
        }
        if sequence.increment != 1 {
            options.push(format!("INCREMENT BY {}", sequence.increment));
        }
        if sequence.min != min {
            options.push(format!("MINVALUE {}", sequence.min));
        }
        if sequence.max != max {
            options.push(format!("MAXVALUE {}", sequence.max));
        }
        let cache = |options: &SequenceOptions| options.cache;
        let cached = last(self.origins.statements(ObjectId::Sequence(id)), |o| match &o.kind {
            OperationKind::CreateSequence(create) => cache(&create.options),
            OperationKind::AlterSequence { options, .. } => cache(options),
            _ => None,
        });
        if let Some(cache) = cached.filter(|c| *c != 1) {
            options.push(format!("CACHE {cache}"));
        }
        if sequence.cycle {
            options.push("CYCLE".to_owned());
        }
        options
    }

    // Functions.

    pub(super) fn create_function(&mut self, id: FunctionId) {
        let Some(f) = self.schema.functions.get(id) else { return };
        let object = ObjectId::Function(id);
        let what = format!("the {} {}", self.schema.kind(object).name(), self.schema.path(object));
        let as_text = f.kind == FunctionKind::Aggregate || matches!(f.language.as_str(), "c" | "internal");
        let Some(body) = f.body.as_ref().filter(|_| !as_text) else {
            return self.as_text(Section::Functions, object, f.span, &what);
        };
        let procedure = f.kind == FunctionKind::Procedure;
        let mut sql = format!(
            "CREATE {} {}({})",
            if procedure { "PROCEDURE" } else { "FUNCTION" },
            self.schema.qualified(f.namespace, &f.name),
            self.arguments(f)
        );
        if !f.returns_table.is_empty() {
            let columns: Vec<String> =
                f.returns_table.iter().map(|(name, t)| format!("{} {}", quote(name), t.display(self.schema))).collect();
            sql.push_str(&format!("\nRETURNS TABLE ({})", columns.join(", ")));
        } else if let Some(returns) = f.returns.as_ref().filter(|_| !procedure) {
            let set = if f.returns_set { "SETOF " } else { "" };
            sql.push_str(&format!("\nRETURNS {set}{}", returns.display(self.schema)));
        }
        sql.push_str(&format!("\nLANGUAGE {}", quote(&f.language)));
        let mut add = |word: &str| {
            sql.push(' ');
            sql.push_str(word);
        };
        if f.kind == FunctionKind::Window {
            add("WINDOW");
        }
        match f.volatility {
            Volatility::Immutable => add("IMMUTABLE"),
            Volatility::Stable => add("STABLE"),
            Volatility::Volatile => {}
        }
        if f.leakproof {
            add("LEAKPROOF");
        }
        if f.strict {
            add("STRICT");
        }
        if f.security_definer {
            add("SECURITY DEFINER");
        }
        for clause in self.function_clauses(object, f.span) {
            add(&clause);
        }
        for (name, value) in &f.settings {
            let value = if value == "FROM CURRENT" { value.clone() } else { format!("TO {value}") };
            sql.push_str(&format!("\nSET {name} {value}"));
        }
        match body {
            FunctionBody::String(text) => sql.push_str(&format!("\nAS {}", dollar_quoted(&text.text))),
            FunctionBody::Sql(text) => sql.push_str(&format!("\n{}", self.names.text(&text.text, &f.references))),
        }
        self.push_made(Section::Functions, object, f.span, sql);
    }

    fn arguments(&self, f: &Function) -> String {
        let arguments: Vec<String> = f
            .arguments
            .iter()
            .map(|a| {
                let mode = match a.mode {
                    ArgumentMode::In => "",
                    ArgumentMode::Out => "OUT ",
                    ArgumentMode::InOut => "INOUT ",
                    ArgumentMode::Variadic => "VARIADIC ",
                };
                let name = a.name.as_ref().map_or_else(String::new, |n| quote(n) + " ");
                let default = a.default.as_ref().map_or_else(String::new, |d| format!(" DEFAULT {}", d.text));
                format!("{mode}{name}{}{default}", a.data_type.display(self.schema))
            })
            .collect();
        arguments.join(", ")
    }

    /// What a routine says that the model does not hold: PARALLEL, COST, ROWS, SUPPORT.
    fn function_clauses(&self, id: ObjectId, made: Span) -> Vec<String> {
        let mut out = Vec::new();
        let parallel = last(self.origins.statements(id), |o| match &o.kind {
            OperationKind::CreateFunction(create) => Some(create.attributes.parallel.clone()),
            OperationKind::AlterFunction { attributes, .. } => attributes.parallel.clone().map(Some),
            _ => None,
        });
        if let Some(parallel) = parallel.flatten().filter(|p| !p.eq_ignore_ascii_case("unsafe")) {
            out.push(format!("PARALLEL {}", parallel.to_uppercase()));
        }
        let words = outer_words(self.origins.text(made).unwrap_or_default());
        for (at, (_, word)) in words.iter().enumerate() {
            let clause = ["COST", "ROWS", "SUPPORT"].into_iter().find(|c| word.eq_ignore_ascii_case(c));
            let value = words.get(at + 1).map(|(_, value)| *value);
            if let Some((clause, value)) = clause.zip(value)
                && (clause == "SUPPORT" || value.starts_with(|c: char| c.is_ascii_digit()))
            {
                out.push(format!("{clause} {value}"));
            }
        }
        out
    }

    // Views.

    pub(super) fn create_view(&mut self, id: ViewId) {
        let Some(view) = self.schema.views.get(id) else { return };
        let object = ObjectId::View(id);
        let written: Option<&CreateView> = last(self.origins.statements(object), |o| match &o.kind {
            OperationKind::CreateView(view) => Some(&**view),
            _ => None,
        });
        let query = self.names.expr(&view.query);
        // A column that the query takes from a renamed one keeps the name that it had.
        let renamed = self.origins.statements(object).iter().any(|o| renames_column(o));
        let changed = query != *view.query.source.text;
        let columns = if changed || renamed || written.is_some_and(|w| !w.columns.is_empty()) {
            let columns: Vec<String> = view.columns.iter().map(|c| quote(c)).collect();
            if columns.is_empty() {
                if renamed {
                    let message = format!("the names of columns of the view {}.", self.schema.path(object));
                    self.note(ProblemKind::UnsupportedStatement, message, Some(view.span));
                }
                String::new()
            } else {
                format!(" ({})", columns.join(", "))
            }
        } else {
            String::new()
        };
        let kind = match (view.materialized, written.is_some_and(|w| w.recursive)) {
            (true, _) => "MATERIALIZED VIEW",
            (false, true) => "RECURSIVE VIEW",
            (false, false) => "VIEW",
        };
        let mut sql = format!("CREATE {kind} {}{columns}", self.schema.relation_path(RelationId::View(id)));
        sql.push_str(&with_options(&view.options, "\n"));
        sql.push_str(&format!(" AS\n{query}"));
        if let Some(check) = written.and_then(|w| w.check_option.as_ref()) {
            sql.push_str(&format!("\nWITH {} CHECK OPTION", check.to_uppercase()));
        }
        if view.materialized && written.is_some_and(|w| !w.with_data) {
            sql.push_str("\nWITH NO DATA");
        }
        self.push_made(Section::Views, object, view.span, sql);
    }
}

/// Whether the statement that made an object names its schema.
fn names_schema(statements: &[&Operation], made: Span) -> bool {
    statements.iter().filter(|o| o.span == made).any(|o| match &o.kind {
        OperationKind::CreateOther { object, .. } => object.name.schema.is_some(),
        OperationKind::CreateFunction(function) => function.name.schema.is_some(),
        OperationKind::CreateType { name, .. } => name.schema.is_some(),
        _ => false,
    })
}

/// Whether a statement changes something that is taken over as text.
fn alters(operation: &Operation) -> bool {
    matches!(
        operation.kind,
        OperationKind::AlterOther { .. }
            | OperationKind::Rename { .. }
            | OperationKind::SetSchema { .. }
            | OperationKind::AlterType { .. }
            | OperationKind::AlterFunction { .. }
    )
}

fn renames_column(operation: &Operation) -> bool {
    matches!(&operation.kind, OperationKind::Rename { target, .. } if target.kind == ObjectKind::Column)
}

/// The function or trigger function that a path means.
pub(super) fn function_path(schema: &Schema, function: &TriggerFunction) -> String {
    match function {
        TriggerFunction::User(id) => {
            schema.functions.get(*id).map_or_else(String::new, |f| schema.qualified(f.namespace, &f.name))
        }
        TriggerFunction::Named(home, name) if home == "pg_catalog" || home.is_empty() => quote(name),
        TriggerFunction::Named(home, name) => format!("{}.{}", quote(home), quote(name)),
    }
}
