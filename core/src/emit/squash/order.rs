//! The order in which objects are made: by kind, each after what it needs.

use std::collections::BTreeSet;

use super::Squash;
use crate::expr::Expr;
use crate::name::Name;
use crate::operation::{FunctionKind, ObjectKind, Persistence};
use crate::order::Order;
use crate::schema::*;

/// What is made by a statement of its own and others may need.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Node {
    Type(TypeId),
    Sequence(SequenceId),
    Function(FunctionId),
    Other(OtherId),
    Table(TableId),
    View(ViewId),
}

/// A part of a table that can be added later.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Soft {
    Default(TableId, ColumnNumber),
    Check(ConstraintId),
}

/// What a walk knows of a node.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Done,
}

/// Every node once, each after those that it needs. Defaults and checks that stand in a circle become deferred.
pub(super) fn order(squash: &mut Squash<'_>) -> Vec<Node> {
    let schema = squash.schema;
    let mut roots: Vec<Node> = Vec::new();
    let types = schema.types.iter().filter(|(_, t)| t.dropped.is_none() && squash.in_script(t.namespace));
    roots.extend(types.map(|(id, _)| Node::Type(id)));
    let sequences = schema.sequences.iter().filter(|(_, s)| s.dropped.is_none() && !s.identity);
    roots.extend(sequences.filter(|(_, s)| squash.in_script(s.namespace)).map(|(id, _)| Node::Sequence(id)));
    // Functions, and what is made of functions, in the order in which they were made. Of functions in other schemas than the script's there are none.
    let mut made: Vec<(usize, Node)> = Vec::new();
    let places = places(squash);
    let place = |id: ObjectId| {
        places
            .binary_search_by_key(&id, |(id, _)| *id)
            .map_or(usize::MAX, |at| places.get(at).map_or(usize::MAX, |(_, place)| *place))
    };
    for (id, function) in schema.functions.iter().filter(|(_, f)| f.dropped.is_none()) {
        if squash.in_script(function.namespace) {
            made.push((place(ObjectId::Function(id)), Node::Function(id)));
        }
    }
    for (id, other) in schema.others.iter().filter(|(_, o)| o.dropped.is_none()) {
        let of_functions = matches!(
            other.kind,
            ObjectKind::Operator
                | ObjectKind::OperatorClass
                | ObjectKind::OperatorFamily
                | ObjectKind::Cast
                | ObjectKind::Conversion
                | ObjectKind::TextSearch
                | ObjectKind::Transform
                | ObjectKind::AccessMethod
        );
        if of_functions {
            made.push((place(ObjectId::Other(id)), Node::Other(id)));
        }
    }
    made.order();
    roots.extend(made.into_iter().map(|(_, node)| node));
    let tables = squash.tables().into_iter().filter(|(_, t)| squash.in_script(t.namespace));
    roots.extend(tables.map(|(id, _)| Node::Table(id)));
    roots.extend(schema.live_views().filter(|(_, v)| squash.in_script(v.namespace)).map(|(id, _)| Node::View(id)));
    let mut walk =
        Walk { squash, state: std::collections::BTreeMap::new(), order: Vec::new(), deferred: BTreeSet::new() };
    for root in roots {
        walk.visit(root);
    }
    let Walk { order, deferred, .. } = walk;
    squash.deferred = deferred;
    order
}

/// For each object the number of the step that made it, by id.
fn places(squash: &Squash<'_>) -> Vec<(ObjectId, usize)> {
    let mut places = Vec::new();
    for (number, step) in squash.target.replay.steps.iter().enumerate() {
        for effect in &step.effects {
            if let crate::replay::Effect::Created(id @ (ObjectId::Function(_) | ObjectId::Other(_))) = effect {
                places.push((*id, number));
            }
        }
    }
    places.order();
    places.dedup_by_key(|(id, _)| *id);
    places
}

struct Walk<'s, 'a> {
    squash: &'s Squash<'a>,
    state: std::collections::BTreeMap<Node, State>,
    order: Vec<Node>,
    deferred: BTreeSet<Soft>,
}

/// A node on the way: what it still has to wait for, last first.
struct Open {
    node: Node,
    needs: Vec<(Node, Option<Soft>)>,
}

impl Walk<'_, '_> {
    /// Depth first, on a stack of its own: chains of views are as long as people like.
    fn visit(&mut self, root: Node) {
        if self.state.contains_key(&root) {
            return;
        }
        let mut stack = vec![self.open(root)];
        while let Some(top) = stack.last_mut() {
            match top.needs.pop() {
                Some((need, soft)) => match (self.state.get(&need), soft) {
                    (None, _) => {
                        let opened = self.open(need);
                        stack.push(opened);
                    }
                    (Some(State::Open), Some(soft)) => {
                        self.deferred.insert(soft);
                    }
                    (Some(_), _) => {}
                },
                None => {
                    let node = top.node;
                    self.state.insert(node, State::Done);
                    self.order.push(node);
                    stack.pop();
                }
            }
        }
    }

    fn open(&mut self, node: Node) -> Open {
        self.state.insert(node, State::Open);
        let mut needs = self.squash.needs(node);
        needs.reverse();
        Open { node, needs }
    }
}

impl Squash<'_> {
    /// What must be there before a node; with the part of it that could wait.
    fn needs(&self, node: Node) -> Vec<(Node, Option<Soft>)> {
        let mut needs = Needs { squash: self, hard: BTreeSet::new(), soft: BTreeSet::new() };
        match node {
            Node::Type(id) => needs.of_type(id),
            Node::Function(id) => needs.of_function(id),
            Node::Table(id) => needs.of_table(id),
            Node::View(id) => {
                if let Some(view) = self.schema.views.get(id) {
                    needs.expr(&view.query, None);
                }
            }
            Node::Sequence(_) | Node::Other(_) => {}
        }
        let Needs { mut hard, soft, .. } = needs;
        hard.remove(&node);
        let soft: Vec<_> = soft.into_iter().filter(|(n, _)| *n != node || matches!(n, Node::Table(_))).collect();
        hard.into_iter().map(|n| (n, None)).chain(soft.into_iter().map(|(n, s)| (n, Some(s)))).collect()
    }
}

struct Needs<'s, 'a> {
    squash: &'s Squash<'a>,
    hard: BTreeSet<Node>,
    soft: BTreeSet<(Node, Soft)>,
}

impl Needs<'_, '_> {
    fn add(&mut self, id: ObjectId, soft: Option<Soft>) {
        let schema = self.squash.schema;
        let node = match id {
            ObjectId::Type(t) if schema.types.get(t).is_some_and(|t| t.dropped.is_none()) => Node::Type(t),
            ObjectId::Function(f) if schema.functions.get(f).is_some_and(|f| f.dropped.is_none()) => Node::Function(f),
            ObjectId::Table(t) | ObjectId::Column(t, _) => {
                let made = |t: &Table| t.dropped.is_none() && !t.assumed && t.persistence != Persistence::Temporary;
                match schema.tables.get(t) {
                    Some(table) if made(table) => Node::Table(t),
                    _ => return,
                }
            }
            ObjectId::View(v) if schema.views.get(v).is_some_and(|v| v.dropped.is_none()) => Node::View(v),
            ObjectId::Sequence(s) if schema.sequences.get(s).is_some_and(|s| s.dropped.is_none() && !s.identity) => {
                Node::Sequence(s)
            }
            _ => return,
        };
        match soft {
            None => self.hard.insert(node),
            Some(soft) => self.soft.insert((node, soft)),
        };
    }

    fn data_type(&mut self, data_type: &DataType) {
        match &data_type.base {
            BaseType::User(t) => self.add(ObjectId::Type(*t), None),
            BaseType::Row(t) => self.add(ObjectId::Table(*t), None),
            BaseType::ViewRow(v) => self.add(ObjectId::View(*v), None),
            BaseType::Builtin(_) | BaseType::Extension { .. } | BaseType::Unknown { .. } => {}
        }
    }

    fn expr(&mut self, expr: &StoredExpr, soft: Option<Soft>) {
        for reference in &expr.references {
            self.add(reference.target, soft);
        }
    }

    /// Functions that a text whose names were not resolved may call.
    fn words(&mut self, expr: &Expr) {
        let words: BTreeSet<Name> = expr.words().into_iter().collect();
        for (id, function) in self.squash.schema.functions.iter() {
            if words.contains(&function.name) {
                self.add(ObjectId::Function(id), None);
            }
        }
    }

    fn of_type(&mut self, id: TypeId) {
        match self.squash.schema.types.get(id).map(|t| &t.kind) {
            Some(TypeKind::Domain(domain)) => {
                self.data_type(&domain.base);
                for expr in domain.checks.iter().map(|(_, e)| e).chain(&domain.default) {
                    self.words(&expr.source);
                    self.expr(expr, None);
                }
            }
            Some(TypeKind::Composite(attributes)) => attributes.iter().for_each(|(_, t)| self.data_type(t)),
            Some(TypeKind::Range { subtype: Some(subtype), .. }) => self.data_type(subtype),
            _ => {}
        }
    }

    fn of_function(&mut self, id: FunctionId) {
        let Some(function) = self.squash.schema.functions.get(id) else { return };
        for argument in &function.arguments {
            self.data_type(&argument.data_type);
            if let Some(default) = &argument.default {
                self.words(default);
            }
        }
        function.returns.iter().for_each(|t| self.data_type(t));
        function.returns_table.iter().for_each(|(_, t)| self.data_type(t));
        for reference in &function.references {
            self.add(reference.target, None);
        }
        for on in &function.uses {
            self.add(*on, None);
        }
        // An aggregate is taken over as text: it needs functions that its text names.
        if function.kind == FunctionKind::Aggregate
            && let Some(text) = self.squash.origins.text(function.span)
        {
            self.words(&Expr::new(text, function.span));
        }
    }

    fn of_table(&mut self, id: TableId) {
        let schema = self.squash.schema;
        let Some(table) = schema.tables.get(id) else { return };
        table.inherits.iter().for_each(|parent| self.add(ObjectId::Table(*parent), None));
        if let Some((parent, _)) = &table.partition_of {
            self.add(ObjectId::Table(*parent), None);
        }
        if let Some(of) = table.of_type {
            self.add(ObjectId::Type(of), None);
        }
        for key in table.partition_key.iter().flat_map(|k| &k.keys) {
            if let KeyTarget::Expression(expr) = key {
                self.expr(expr, None);
            }
        }
        for (number, column) in table.live_columns() {
            self.data_type(&column.data_type);
            if let Some(generated) = &column.generated {
                self.expr(&generated.expr, None);
            }
            if let Some(default) = &column.default {
                self.expr(default, Some(Soft::Default(id, number)));
            }
        }
        for (constraint, c) in schema.constraints_of(table) {
            if let ConstraintKind::Check(check) = &c.kind {
                // Its own columns and its own row are there.
                for reference in check.references.iter().filter(|r| !own(r.target, id)) {
                    self.add(reference.target, Some(Soft::Check(constraint)));
                }
            }
        }
        // The row type of a table in one of its own columns.
        self.hard.remove(&Node::Table(id));
    }
}

fn own(target: ObjectId, table: TableId) -> bool {
    matches!(target, ObjectId::Table(t) | ObjectId::Column(t, _) if t == table)
}
