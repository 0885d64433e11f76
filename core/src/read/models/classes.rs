//! Declarative classes: which are mapped, to which table, with which columns.
//! Source: `sqlalchemy/orm/decl_base.py`; `flask_sqlalchemy/model.py`; `sqlmodel/main.py`.

use std::collections::BTreeSet;
use std::rc::Rc;

use smol_str::SmolStr;

use super::annotation::{class_name, is_collection};
use super::host::FLASK;
use super::libraries::has_no_columns;
use super::tables::{Column, Key, Table};
use super::{Reader, identity};
use crate::history::Relationship;
use crate::order::Order;
use crate::read::python::{Arguments, ClassId, Kind, Scope, TermKind, Value};
use crate::read::sqlalchemy::table::constructor;
use crate::source::Span;

/// How many ancestors of a class are followed.
const MAX_ANCESTORS: usize = 256;
/// How deep classes may extend each other.
const MAX_DEPTH: u32 = 40;

/// What attributes are looked up in.
#[derive(Clone, Debug)]
pub(super) enum Ancestor {
    Class(ClassId),
    /// Something that is not of the input, and the class that extends it.
    Outside(Value, ClassId),
}

/// A mapped class.
#[derive(Debug, Default)]
pub(super) struct Mapped {
    pub(super) table: Option<usize>,
    /// Attributes that are columns, its own and those that it has from mixins.
    keys: BTreeSet<SmolStr>,
    pub(super) relationships: Vec<(Relationship, Option<Value>)>,
}

/// What makes classes models.
enum Root {
    Declarative,
    Flask,
    SqlModel,
    /// Something that is not among the files: only a class that names its table is a model.
    Unsure,
}

/// An attribute of a class body.
pub(super) struct Attribute {
    name: SmolStr,
    pub(super) value: Option<Value>,
    annotation: Option<(Value, Span)>,
}

/// Classes of libraries that are no base of models, by the last part of their names.
const NO_BASE: &[&str] = &[
    "object",
    "Generic",
    "Protocol",
    "ABC",
    "ABCMeta",
    "ModelBase",
    "MappedAsDataclass",
    "AsyncAttrs",
    "BaseModel",
    "ConcreteBase",
    "AbstractConcreteBase",
    "DeferredReflection",
];

impl Reader {
    /// The class and what it extends, in the order in which attributes are looked up: of several ways to one class the last counts, which is
    /// Python's order wherever that exists and classes are not extended crosswise.
    pub(super) fn line(&mut self, class: ClassId, depth: u32) -> Rc<Vec<Ancestor>> {
        if let Some(known) = self.lines.get(&class) {
            return Rc::clone(known);
        }
        let mut all: Vec<Ancestor> = vec![Ancestor::Class(class)];
        let bases = self.python.heap.class(class).map(|c| c.bases.clone()).unwrap_or_default();
        for base in bases {
            let base = match base.as_term() {
                // `Repository[int]`.
                Some(TermKind::Index(object, _)) => object.clone(),
                _ => base,
            };
            let later = base.as_name().and_then(|path| self.python.class_named(path));
            let base = later.map_or(base.clone(), |class| Value::new(Kind::Class(class), base.span));
            match base.kind {
                Kind::Class(base) if depth < MAX_DEPTH && base != class => {
                    all.extend(self.line(base, depth + 1).iter().cloned());
                }
                _ => {
                    // `declarative_base(cls=Common)`: what Common has all have.
                    let common = match self.flask().filter(|_| is_flask_model(&base)) {
                        // `SQLAlchemy(model_class=Common)`, too.
                        Some(arguments) => arguments.keyword("model_class").map(|model| {
                            let inner = model.as_call().and_then(|(_, arguments)| arguments.keyword("cls"));
                            inner.unwrap_or(model).kind.clone()
                        }),
                        None => base.as_call().and_then(|(_, a)| a.keyword("cls")).map(|v| v.kind.clone()),
                    };
                    all.push(Ancestor::Outside(base, class));
                    if let Some(Kind::Class(common)) = common
                        && depth < MAX_DEPTH
                    {
                        all.extend(self.line(common, depth + 1).iter().cloned());
                    }
                }
            }
            all.truncate(MAX_ANCESTORS * 2);
        }
        let mut seen = BTreeSet::new();
        let mut line: Vec<Ancestor> = Vec::with_capacity(all.len());
        for ancestor in all.into_iter().rev() {
            match &ancestor {
                Ancestor::Class(class) if !seen.insert(*class) => {}
                _ => line.push(ancestor),
            }
        }
        line.reverse();
        line.truncate(MAX_ANCESTORS);
        let line = Rc::new(line);
        self.lines.insert(class, Rc::clone(&line));
        line
    }

    fn own(&self, class: ClassId, name: &str) -> Option<Value> {
        let scope = self.python.heap.class(class)?.scope;
        self.python.heap.scope(scope)?.get(name).cloned()
    }

    fn set_own(&mut self, class: ClassId, name: &'static str, value: Value) {
        let scope = self.python.heap.class(class).map(|c| c.scope);
        if let Some(scope) = scope.and_then(|scope| self.python.heap.scope_mut(scope)) {
            scope.set(SmolStr::new_static(name), value);
        }
    }

    /// What Flask-SQLAlchemy's object was made with.
    pub(super) fn flask(&self) -> Option<&Arguments> {
        self.flask_call().map(|(arguments, _)| arguments)
    }

    /// What Flask-SQLAlchemy's object was made with, and where.
    pub(super) fn flask_call(&self) -> Option<(&Arguments, Span)> {
        let mut calls = self.python.effects.iter().filter_map(|effect| Some((effect.value.as_call()?, effect.span)));
        let ((_, arguments), span) = calls.find(|((callee, _), _)| callee.last_name() == Some("SQLAlchemy"))?;
        Some((arguments, span))
    }

    fn decorated(&self, class: ClassId, names: &[&str]) -> bool {
        self.python.heap.class(class).is_some_and(|c| {
            c.decorators.iter().any(|d| {
                let callee = d.as_call().map_or(d, |(callee, _)| callee);
                callee.last_name().is_some_and(|name| names.contains(&name))
            })
        })
    }

    /// Whether the columns of a class's table are read from the database: `automap_base()`, `DeferredReflection`.
    fn is_reflected(&self, line: &[Ancestor]) -> bool {
        line.iter().any(|ancestor| match ancestor {
            Ancestor::Outside(base, _) => {
                let callee = base.as_call().map_or(base, |(callee, _)| callee);
                matches!(callee.last_name(), Some("automap_base" | "DeferredReflection"))
            }
            Ancestor::Class(_) => false,
        })
    }

    /// Whether a class is made by SQLAlchemy's metaclass, or one of the input that extends it: `class Base(metaclass=DeclarativeMeta)`.
    fn has_declarative_meta(&self, class: ClassId) -> bool {
        let Some(found) = self.python.heap.class(class) else { return false };
        found.keywords.iter().any(|(name, value)| name == "metaclass" && self.is_declarative_meta(value, 0))
    }

    /// Whether such a class is a base of its own: it does not extend one.
    fn makes_base(&self, class: ClassId) -> bool {
        self.has_declarative_meta(class) && !self.extends_base(class, 0)
    }

    /// Whether a class extends a base of models.
    fn extends_base(&self, class: ClassId, depth: u32) -> bool {
        let bases = self.python.heap.class(class).map(|c| c.bases.as_slice()).unwrap_or_default();
        bases.iter().any(|base| match base.kind {
            Kind::Class(base) => {
                depth < MAX_DEPTH
                    && (self.has_declarative_meta(base)
                        || self.decorated(base, &["as_declarative", "as_declarative_base"])
                        || self.extends_base(base, depth + 1))
            }
            _ => {
                let called = base.as_call().and_then(|(callee, _)| callee.last_name());
                called.is_some_and(|name| name.contains("declarative_base") || name == "automap_base")
                    || matches!(base.last_name(), Some("DeclarativeBase" | "DeclarativeBaseNoMeta" | "Model"))
            }
        })
    }

    fn is_declarative_meta(&self, metaclass: &Value, depth: u32) -> bool {
        match metaclass.kind {
            Kind::Class(class) if depth < MAX_DEPTH => self
                .python
                .heap
                .class(class)
                .is_some_and(|c| c.bases.iter().any(|base| self.is_declarative_meta(base, depth + 1))),
            _ => matches!(metaclass.last_name(), Some("DeclarativeMeta" | "DeclarativeAttributeIntercept")),
        }
    }

    fn root(&self, class: ClassId, line: &[Ancestor]) -> Option<Root> {
        let mut unsure = None;
        for ancestor in line {
            match ancestor {
                Ancestor::Class(c) => {
                    let own = *c == class && self.decorated(*c, &["mapped", "mapped_as_dataclass"]);
                    let base = *c != class
                        && (self.decorated(*c, &["as_declarative", "as_declarative_base"]) || self.makes_base(*c));
                    if own || base {
                        return Some(Root::Declarative);
                    }
                }
                Ancestor::Outside(value, _) => {
                    if let Some((callee, _)) = value.as_call() {
                        let name = callee.last_name().unwrap_or_default();
                        if name.contains("declarative_base") || matches!(name, "generate_base" | "automap_base") {
                            return Some(Root::Declarative);
                        }
                        continue;
                    }
                    let Some(path) = value.as_name() else { continue };
                    let last = path.rsplit('.').next().unwrap_or(path);
                    match last {
                        "DeclarativeBase" | "DeclarativeBaseNoMeta" => return Some(Root::Declarative),
                        "SQLModel" => {
                            let table = self.python.heap.class(class).and_then(|c| {
                                c.keywords.iter().find(|(name, _)| name == "table").and_then(|(_, v)| v.as_bool())
                            });
                            return (table == Some(true)).then_some(Root::SqlModel);
                        }
                        // A base that was made before names no tables. Source: `SQLAlchemy._make_declarative_base`.
                        "Model"
                            if path.starts_with(FLASK)
                                && self.flask().is_some_and(|arguments| {
                                    arguments.keyword("disable_autonaming").and_then(Value::as_bool) == Some(true)
                                        || arguments.keyword("model_class").is_some_and(|m| m.as_call().is_some())
                                }) =>
                        {
                            return Some(Root::Declarative);
                        }
                        "Model" if path.starts_with(FLASK) || path.ends_with("db.Model") => return Some(Root::Flask),
                        _ if NO_BASE.contains(&last) || last.ends_with("Mixin") || last.ends_with("Error") => {}
                        _ if path.starts_with("builtins.") || path.starts_with("enum.") => {}
                        _ => unsure = Some(Root::Unsure),
                    }
                }
            }
        }
        unsure
    }

    /// Notes what a model extends and nothing is known of: it may bring columns, and the name of the table.
    fn note_outside(&mut self, line: &[Ancestor], metadata: usize) {
        for (path, span) in self.unknown_bases(line) {
            if !self.outside.iter().any(|(at, name, _)| *at == metadata && *name == path) {
                self.outside.push((metadata, path, span));
            }
        }
    }

    /// What a model extends and nothing is known of, each with the class that extends it.
    fn unknown_bases(&self, line: &[Ancestor]) -> Vec<(SmolStr, Span)> {
        /// Packages whose classes bring no columns, or those that are known here.
        const KNOWN: &[&str] = &[
            "abc",
            "builtins",
            "collections",
            "dataclasses",
            "enum",
            "flask_sqlalchemy",
            "pydantic",
            "sqlalchemy",
            "sqlmodel",
            "typing",
            "typing_extensions",
        ];
        let mut found = Vec::new();
        for ancestor in line {
            let Ancestor::Outside(base, owner) = ancestor else { continue };
            let Some(path) = base.as_name() else { continue };
            let (root, last) = (path.split('.').next().unwrap_or(path), path.rsplit('.').next().unwrap_or(path));
            let known = KNOWN.contains(&root)
                || NO_BASE.contains(&last)
                || has_no_columns(path)
                || path.starts_with(FLASK)
                || path.ends_with("db.Model")
                || path == "oslo_db.sqlalchemy.models.ModelBase";
            if !known {
                let span = self.python.heap.class(*owner).map_or(base.span, |c| c.name_span);
                found.push((SmolStr::new(path), span));
            }
        }
        found
    }

    /// The metadata whose tables a class's are.
    pub(super) fn metadata_of_class(&mut self, class: ClassId) -> usize {
        let line = self.line(class, 0);
        for ancestor in line.iter() {
            match ancestor {
                Ancestor::Class(c) => {
                    if let Some(value) = self.own(*c, "metadata").filter(|v| matches!(v.kind, Kind::Term(_))) {
                        return self.metadata_of(&value);
                    }
                    if let Some(registry) = self.own(*c, "registry").filter(|v| v.as_call().is_some()) {
                        return self.metadata_of(&registry);
                    }
                    if self.decorated(*c, &["as_declarative", "as_declarative_base"]) || self.makes_base(*c) {
                        return self.metadata_by(Key::Class(*c), None);
                    }
                    if self.decorated(*c, &["mapped", "mapped_as_dataclass"]) {
                        let decorators = self.python.heap.class(*c).map(|c| c.decorators.clone()).unwrap_or_default();
                        let registry = decorators.iter().find_map(|d| match d.as_term() {
                            Some(TermKind::Attribute(registry, _)) => Some(registry.clone()),
                            _ => None,
                        });
                        if let Some(registry) = registry {
                            return self.metadata_of(&registry);
                        }
                    }
                }
                Ancestor::Outside(value, owner) => match value.last_name() {
                    Some("DeclarativeBase" | "DeclarativeBaseNoMeta") => {
                        return self.metadata_by(Key::Class(*owner), None);
                    }
                    Some(name) if NO_BASE.contains(&name) || name.ends_with("Mixin") => {}
                    _ => return self.metadata_of(value),
                },
            }
        }
        self.metadata_by(Key::Class(class), None)
    }

    /// Types by annotation, those of the class before those of what it extends.
    fn type_map(&mut self, line: &[Ancestor]) -> Vec<(Value, Value)> {
        let mut out = Vec::new();
        for ancestor in line {
            let dict = match ancestor {
                Ancestor::Class(class) => self.own(*class, "type_annotation_map").or_else(|| {
                    let registry = self.own(*class, "registry")?;
                    registry.as_call()?.1.keyword("type_annotation_map").cloned()
                }),
                Ancestor::Outside(base, _) => base.as_call().and_then(|(callee, arguments)| {
                    let own = arguments.keyword("type_annotation_map").cloned();
                    own.or_else(|| match callee.as_term()? {
                        TermKind::Attribute(registry, _) => {
                            registry.as_call()?.1.keyword("type_annotation_map").cloned()
                        }
                        _ => None,
                    })
                }),
            };
            if let Some(Kind::Dict(dict)) = dict.map(|d| d.kind) {
                out.splice(0..0, self.python.heap.dict(dict).iter().cloned());
            }
        }
        out
    }

    /// Something that a class says of itself (`__tablename__`), from its own body or from mixins: what a mapped class says as a plain value holds
    /// for itself only, what a function says for all.
    fn said(&mut self, class: ClassId, line: &[Ancestor], name: &str) -> Option<Value> {
        for ancestor in line {
            let Ancestor::Class(c) = ancestor else { continue };
            let Some(value) = self.own(*c, name) else { continue };
            if matches!(value.kind, Kind::Function(_)) {
                return self.call(&value, class);
            }
            if *c == class || !self.mapped.contains_key(c) {
                return Some(value);
            }
        }
        None
    }

    /// Maps a class, if it is one of a table.
    pub(super) fn map(&mut self, class: ClassId) {
        if self.python.is_enum(class, 0) || self.own(class, "__abstract__").and_then(|v| v.as_bool()) == Some(true) {
            return;
        }
        // The base that others extend is no model itself, whatever it says of their tables.
        let is_base = self.python.heap.class(class).is_some_and(|c| {
            c.bases.iter().any(|b| matches!(b.last_name(), Some("DeclarativeBase" | "DeclarativeBaseNoMeta")))
        });
        if is_base || self.makes_base(class) {
            return;
        }
        let line = self.line(class, 0);
        let Some(root) = self.root(class, &line) else { return };
        let parent = line.iter().skip(1).find_map(|a| match a {
            Ancestor::Class(c) => self.mapped.get(c).map(|m| m.table),
            Ancestor::Outside(..) => None,
        });
        if let Some(table) = self.said(class, &line, "__table__").filter(|t| !t.is_none()) {
            let table = self.table_of(&table);
            let relationships = self.relationships(class, &line);
            let keys = BTreeSet::new();
            if let Some(table) = table.and_then(|at| self.tables.get_mut(at)) {
                table.class.get_or_insert(class);
            }
            self.mapped.insert(class, Mapped { table, keys, relationships });
            return;
        }
        let said = self.said(class, &line, "__tablename__").filter(|n| !n.is_none());
        let (class_name, name_span, span) = match self.python.heap.class(class) {
            Some(c) => (c.name.clone(), c.name_span, c.span),
            None => return,
        };
        self.lost.clear();
        // What names tables by itself sets the name on the class, where its functions find it.
        let by_itself = match root {
            Root::SqlModel if said.is_none() => Some(class_name.to_lowercase()),
            Root::Flask if said.is_none() => Some(snake_case(&class_name)),
            _ => None,
        };
        let by_itself = by_itself.map(|name| Value::text(&name, name_span));
        if let Some(name) = &by_itself {
            self.set_own(class, "__tablename__", name.clone());
        }
        let found = match root {
            Root::SqlModel => self.fields(&line),
            _ => self.columns_of(class, &line),
        };
        let keyed = found.iter().any(|c| c.is_primary_key());
        let name = match (&root, said) {
            (_, Some(name)) => Some(name),
            (Root::SqlModel, None) => by_itself,
            (Root::Flask, None) if parent.is_none() || keyed => {
                // The class that only carries what others share has no key; one of which not all is known may have one.
                if !keyed && (found.is_empty() || self.unknown_bases(&line).is_empty()) {
                    self.set_own(class, "__tablename__", Value::new(Kind::None, name_span));
                    return;
                }
                by_itself
            }
            _ => None,
        };
        if name.is_none() && matches!(root, Root::Flask) {
            self.set_own(class, "__tablename__", Value::new(Kind::None, name_span));
        }
        let relationships = self.relationships(class, &line);
        let keys: BTreeSet<SmolStr> = found.iter().map(|c| c.key.clone()).collect();
        let Some(name) = name else {
            // One table for a class and those that extend it.
            let Some(Some(table)) = parent else {
                // What it extends may name its table.
                let named = match root {
                    Root::Unsure => keyed,
                    _ => !found.is_empty(),
                };
                if named {
                    let metadata = self.metadata_of_class(class);
                    self.note_outside(&line, metadata);
                }
                return;
            };
            self.mapped.insert(class, Mapped { table: Some(table), keys, relationships });
            for column in found {
                self.add_column(table, column);
            }
            return;
        };
        if matches!(root, Root::Unsure) && found.is_empty() {
            return;
        }
        let metadata = self.metadata_of_class(class);
        self.note_outside(&line, metadata);
        let mut table = Table::new(name, metadata, span);
        table.class = Some(class);
        table.reflected = self.is_reflected(&line);
        table.partial = !self.lost.is_empty() || !self.unknown_bases(&line).is_empty();
        table.unknown.append(&mut self.lost);
        if let Some(said) = self.said(class, &line, "__table_args__") {
            self.table_arguments(&said, &mut table);
        }
        let at = self.add_table(table);
        self.mapped.insert(class, Mapped { table: Some(at), keys, relationships });
        for column in found {
            self.add_column(at, column);
        }
        self.add_synonyms(&line, at);
    }

    /// `__table_args__`: constraints and indexes, a dictionary of options at the end or alone.
    fn table_arguments(&mut self, said: &Value, table: &mut Table) {
        let items = match said.kind {
            Kind::Dict(_) => vec![said.clone()],
            Kind::None => Vec::new(),
            _ => match self.python.heap.elements(said) {
                Some(items) => items,
                None => {
                    table.unknown.push(said.span);
                    Vec::new()
                }
            },
        };
        for item in items {
            if let Some(options) = self.options(&item, 0) {
                table.keywords.extend(options);
                continue;
            }
            if self.is_made(&item) {
                table.take(item);
            } else {
                table.of_others.push(item.span);
            }
        }
    }

    /// Names of a class body with values and annotations, in SQLAlchemy's order. Source: `sqlalchemy.util.merge_lists_w_ordering`.
    pub(super) fn attributes(&self, class: ClassId) -> Vec<Attribute> {
        let Some(found) = self.python.heap.class(class) else { return Vec::new() };
        let scope = self.python.heap.scope(found.scope);
        let bound = scope.into_iter().flat_map(Scope::iter).take(found.bound).map(|(name, _)| name).collect();
        let mut annotated: Vec<&SmolStr> = Vec::new();
        let mut seen = BTreeSet::new();
        for annotation in &found.annotations {
            if seen.insert(&annotation.name) {
                annotated.push(&annotation.name);
            }
        }
        let names = merged(bound, annotated);
        let attribute = |name: &SmolStr| Attribute {
            name: name.clone(),
            value: scope.and_then(|s| s.get(name)).cloned(),
            annotation: found.annotations.iter().rev().find(|a| a.name == *name).map(|a| (a.value.clone(), a.span)),
        };
        names.into_iter().map(attribute).collect()
    }

    /// The columns that a class adds to its table: its own and those of mixins, without those that a mapped class above it has.
    fn columns_of(&mut self, class: ClassId, line: &[Ancestor]) -> Vec<Column> {
        let map = self.type_map(line);
        let mut seen: BTreeSet<SmolStr> = BTreeSet::new();
        let mut out = Vec::new();
        for ancestor in line {
            let mixin = match ancestor {
                Ancestor::Outside(..) => continue,
                Ancestor::Class(c) => *c,
            };
            if mixin != class
                && let Some(mapped) = self.mapped.get(&mixin)
            {
                seen.extend(mapped.keys.iter().cloned());
                continue;
            }
            let mut functions = Vec::new();
            for attribute in self.attributes(mixin) {
                let Attribute { name, value, annotation } = attribute;
                if name.starts_with("__") || seen.contains(&name) {
                    continue;
                }
                let before = out.len();
                let value = value.map(|value| self.of_field(mixin, &value).unwrap_or(value));
                match value {
                    Some(value) if matches!(value.kind, Kind::Function(_)) => functions.push((name, value)),
                    Some(value) => {
                        self.column_values(mixin, &name, &value, annotation, &map, &mut out);
                        if out.len() == before {
                            seen.insert(name);
                            continue;
                        }
                        seen.insert(name);
                    }
                    None => {
                        let Some((annotation, span)) = annotation else { continue };
                        let Some(hint) = self.mapped_hint(mixin, &annotation) else { continue };
                        let extra = hint.extras.iter().find(|e| is_column(e)).cloned();
                        let made = match extra {
                            Some(extra) => self.column(&extra, &name, span),
                            None => Some(Column::empty(&name, span)),
                        };
                        if let Some(mut column) = made {
                            self.fill(&mut column, &hint, &map);
                            out.push(column);
                            seen.insert(name);
                        }
                    }
                }
            }
            // Functions that give columns come behind them.
            for (name, function) in functions {
                // One that is no column hides those of the same name that are still to come, as any attribute does.
                if !seen.insert(name.clone()) || !self.is_declared(&function) {
                    continue;
                }
                // What it says that it returns is the attribute's annotation. Source: `sqlalchemy/orm/decl_base.py`, `_produce_column_copies` and
                // `_MapperConfig._scan_attributes`, by `declared_attr._collect_return_annotation`.
                let annotation = match function.kind {
                    Kind::Function(f) => self.python.return_annotation(f),
                    _ => None,
                };
                if let Some(value) = self.call(&function, class) {
                    let annotation = annotation.map(|a| (a, value.span));
                    self.column_values(mixin, &name, &value, annotation, &map, &mut out);
                }
            }
        }
        // Only `mapped_column` knows a place in the order.
        out.order_by_key(Column::sort_order);
        for (name, value) in self.set_later(class) {
            if seen.insert(name.clone()) {
                self.column_values(class, &name, &value, None, &map, &mut out);
            }
        }
        out
    }

    /// What is set on a class when it is there comes behind all: `Order.user_id = Column(…)`. Source: `DeclarativeMeta.__setattr__`.
    fn set_later(&self, class: ClassId) -> Vec<(SmolStr, Value)> {
        let Some(found) = self.python.heap.class(class) else { return Vec::new() };
        let scope = self.python.heap.scope(found.scope).into_iter().flat_map(Scope::iter);
        let later = scope.skip(found.bound).filter(|(name, _)| !name.starts_with("__"));
        later.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// The column that an attribute's value is, or holds: `deferred(Column(…))`, `composite(Point, mapped_column("x"), …)`.
    fn column_values(
        &mut self,
        class: ClassId,
        name: &SmolStr,
        value: &Value,
        annotation: Option<(Value, Span)>,
        map: &[(Value, Value)],
        out: &mut Vec<Column>,
    ) {
        let span = annotation.as_ref().map_or(value.span, |(_, span)| *span);
        if !is_column(value) && !self.is_own_column(value) {
            match constructor(value) {
                Some(("deferred" | "column_property", arguments)) => {
                    let inner = arguments.positional.iter().find(|v| is_column(v)).cloned();
                    out.extend(inner.and_then(|inner| self.column(&inner, name, span)));
                }
                Some(("composite", arguments)) => {
                    let arguments = arguments.clone();
                    self.composite(class, &arguments, annotation, map, out);
                }
                _ => {}
            }
            if makes_column(value) {
                self.lost.push(value.span);
            }
            return;
        }
        let Some(mut column) = self.column(value, name, span) else { return };
        if column.mapped
            && let Some((annotation, _)) = annotation
            && let Some(hint) = self.mapped_hint(class, &annotation)
        {
            if let Some(extra) = hint.extras.iter().find(|e| is_column(e)).cloned()
                && let Some(extra) = self.column(&extra, name, span)
            {
                column.extend(extra);
            }
            self.fill(&mut column, &hint, map);
        }
        out.push(column);
    }

    /// The columns of `composite(Point, mapped_column("x"), …)`: of a data class each field says what its column holds.
    /// Source: `CompositeProperty._setup_for_dataclass`.
    fn composite(
        &mut self,
        class: ClassId,
        arguments: &Arguments,
        annotation: Option<(Value, Span)>,
        map: &[(Value, Value)],
        out: &mut Vec<Column>,
    ) {
        let hint = annotation.and_then(|(annotation, _)| self.mapped_hint(class, &annotation));
        let whole = hint.and_then(|hint| hint.types.last().cloned()).or_else(|| arguments.positional.first().cloned());
        let fields = match whole.map(|whole| whole.kind) {
            Some(Kind::Class(whole)) => {
                self.python.heap.class(whole).map(|c| c.annotations.clone()).unwrap_or_default()
            }
            _ => Vec::new(),
        };
        for (at, inner) in arguments.positional.iter().filter(|v| is_column(v)).enumerate() {
            let field = fields.get(at);
            let Some(mut column) = self.column(inner, field.map_or("", |f| f.name.as_str()), inner.span) else {
                continue;
            };
            if let Some(field) = field.filter(|_| column.mapped) {
                let hint = self.hint(class, &field.value);
                self.fill(&mut column, &hint, map);
            }
            out.push(column);
        }
    }

    /// What the annotation says and the call does not.
    fn fill(&mut self, column: &mut Column, hint: &super::annotation::Hint, map: &[(Value, Value)]) {
        if column.data_type.is_none() && !column.references() {
            column.data_type = self.type_of(hint, map, false, column.span);
            if column.data_type.is_none() {
                column.data_type = hint.types.last().cloned();
            }
        }
        column.default_keyword("nullable", Value::new(Kind::Bool(hint.optional), column.span), !hint.optional);
    }

    /// Whether a function of a class gives an attribute of the mapping.
    fn is_declared(&self, function: &Value) -> bool {
        let Kind::Function(function) = function.kind else { return false };
        self.python.heap.function(function).is_some_and(|f| {
            f.decorators.iter().any(|decorator| match decorator.as_term() {
                Some(TermKind::Name(path)) => path.split('.').any(|part| part == "declared_attr"),
                _ => decorator.last_name() == Some("cascading"),
            })
        })
    }

    /// A call of a class of the input that extends `Column`.
    pub(super) fn is_own_column(&mut self, value: &Value) -> bool {
        let Some((callee, _)) = value.as_call() else { return false };
        let Kind::Class(class) = callee.kind else { return false };
        let line = self.line(class, 0);
        line.iter().any(|a| matches!(a, Ancestor::Outside(base, _) if base.last_name() == Some("Column")))
    }

    /// The relationships of a class and its mixins, with the table between where that is an object.
    fn relationships(&mut self, class: ClassId, line: &[Ancestor]) -> Vec<(Relationship, Option<Value>)> {
        let mut out: Vec<(Relationship, Option<Value>)> = Vec::new();
        for ancestor in line {
            let Ancestor::Class(owner) = ancestor else { continue };
            if *owner != class && self.mapped.contains_key(owner) {
                continue;
            }
            let later = self.set_later(*owner).into_iter().map(|(name, value)| Attribute {
                name,
                value: Some(value),
                annotation: None,
            });
            for Attribute { name, value, annotation } in self.attributes(*owner).into_iter().chain(later) {
                let Some(mut value) = value else { continue };
                if out.iter().any(|(r, _)| r.name == name.as_str()) {
                    continue;
                }
                if self.is_declared(&value) {
                    let Some(made) = self.call(&value, class) else { continue };
                    value = made;
                }
                let Some((kind @ ("relationship" | "Relationship" | "dynamic_loader"), arguments)) =
                    constructor(&value)
                else {
                    continue;
                };
                let mut arguments = arguments.clone();
                // SQLModel hands the rest on.
                if let Some(Kind::Dict(more)) = arguments.keyword("sa_relationship_kwargs").map(|m| &m.kind) {
                    for (key, value) in self.python.heap.dict(*more) {
                        if let Some(key) = key.as_str() {
                            arguments.keywords.push((SmolStr::new(key), value.clone()));
                        }
                    }
                }
                let fields = kind == "Relationship";
                let hint = annotation.as_ref().map(|(annotation, _)| match fields {
                    true => self.hint(*owner, annotation),
                    false => match self.mapped_hint(*owner, annotation) {
                        Some(hint) => hint,
                        None => self.hint(*owner, annotation),
                    },
                });
                let inner = hint.as_ref().and_then(|h| h.types.last());
                let text = |name: &str| arguments.keyword(name).and_then(Value::as_str).map(str::to_owned);
                let target = arguments.positional.first().filter(|_| !fields).or_else(|| arguments.keyword("argument"));
                let target = target.and_then(|t| class_name(&self.python, t));
                let secondary = arguments.keyword("secondary").or_else(|| arguments.keyword("link_model"));
                let secondary = secondary.filter(|s| !s.is_none());
                let collection = match (arguments.keyword("uselist").and_then(Value::as_bool), inner) {
                    (Some(said), _) => Some(said),
                    (None, Some(inner)) => Some(is_collection(inner)),
                    (None, None) if secondary.is_some() || kind == "dynamic_loader" => Some(true),
                    (None, None) => None,
                };
                let lazy = arguments.keyword("lazy");
                let backref = arguments.keyword("backref").and_then(|b| match b.as_call() {
                    Some((_, arguments)) => arguments.get(0, "name").and_then(Value::as_str),
                    None => b.as_str(),
                });
                let relationship = Relationship {
                    name: name.to_string(),
                    target: target.or_else(|| inner.and_then(|i| class_name(&self.python, i))),
                    collection,
                    lazy: match lazy {
                        // `lazy=True` and its like mean strategies, too.
                        Some(value) => match (value.as_str(), value.as_bool(), value.is_none()) {
                            (Some(text), ..) => Some(text.to_owned()),
                            (_, Some(true), _) => Some("select".to_owned()),
                            (_, Some(false), _) => Some("joined".to_owned()),
                            (.., true) => Some("noload".to_owned()),
                            _ => Some(String::new()),
                        },
                        None if kind == "dynamic_loader" => Some("dynamic".to_owned()),
                        None => None,
                    },
                    lazy_span: lazy.map(|l| l.span),
                    cascade: text("cascade"),
                    passive_deletes: arguments
                        .keyword("passive_deletes")
                        .is_some_and(|p| self.python.truth(p) == Some(true)),
                    back_populates: text("back_populates"),
                    backref: backref.map(str::to_owned),
                    secondary: None,
                    span: value.span,
                };
                out.push((relationship, secondary.cloned()));
            }
        }
        out
    }
}

/// Names that a class binds and names that it annotates, as SQLAlchemy goes through them. Source: `sqlalchemy.util.merge_lists_w_ordering`.
pub(super) fn merged<'n>(bound: Vec<&'n SmolStr>, annotated: Vec<&'n SmolStr>) -> Vec<&'n SmolStr> {
    let both: BTreeSet<&SmolStr> = annotated.iter().copied().collect();
    let mut shared: BTreeSet<&SmolStr> = bound.iter().copied().filter(|name| both.contains(name)).collect();
    let (mut current, mut other) = (bound.into_iter(), annotated.into_iter());
    let mut names = Vec::new();
    loop {
        match current.next() {
            Some(name) if shared.remove(name) => std::mem::swap(&mut current, &mut other),
            Some(name) => names.push(name),
            None => {
                names.extend(other);
                return names;
            }
        }
    }
}

/// `db.Model` of Flask-SQLAlchemy.
fn is_flask_model(base: &Value) -> bool {
    base.as_name().is_some_and(|path| path.strip_prefix(FLASK) == Some(".Model"))
}

/// `Column(…)`, `mapped_column(…)`.
pub(super) fn is_column(value: &Value) -> bool {
    matches!(constructor(value), Some(("Column" | "mapped_column", _))) && identity(value).is_some()
}

/// A call of something that was not given and whose name says that it makes columns: `EncryptedColumn(…)`, `id_column()`.
fn makes_column(value: &Value) -> bool {
    let Some(path) = value.as_call().and_then(|(callee, _)| callee.as_name()) else { return false };
    let last = path.rsplit('.').next().unwrap_or(path);
    !path.starts_with("sqlalchemy.") && (last.ends_with("Column") || last.ends_with("_column") || last == "column")
}

/// The table's name for a class. Source: `flask_sqlalchemy.model.camel_to_snake_case`.
fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|b| letters.get(b));
        let behind_small = before.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let before_small = at > 0 && letters.get(at + 1).is_some_and(char::is_ascii_lowercase);
        if letter.is_ascii_uppercase() && (behind_small || before_small) {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out.trim_start_matches('_').to_owned()
}
