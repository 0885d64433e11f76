use crate::expr::{Call, Query, Source, Tree};
use crate::finding::{Certainty, Severity};
use crate::name::Name;
use crate::rules::support::{conjuncts, is_constant, list, unique_on};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, ObjectId, RelationId, Table, TableId};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "aggregate-over-fanout",
    category: Category::ViewsAndFunctions,
    severity: Severity::High,
    certainty: Certainty::Likely,
    summary: "A view sums values of one table over a join that repeats each of its rows.",
    why: "A join gives a row for each pair that matches. Where an order is joined to its lines and to its payments, each payment is counted once for every line, and the \
          total is too large by a factor that depends on the data: nothing fails, the figures are wrong. DISTINCT inside the sum does not help, as two equal \
          amounts are then counted once. Sum each branch in a subquery of its own, grouped by the key, and join the results. PostgreSQL manual, 2.7 \"Aggregate \
          Functions\" and 7.2.1.1 \"Joined Tables\".",
    fires: examples![
        "CREATE TABLE shops (id bigint PRIMARY KEY);\nCREATE TABLE orders (id bigint PRIMARY KEY, shop bigint REFERENCES shops, total numeric);\nCREATE TABLE visits (id bigint PRIMARY KEY, shop bigint REFERENCES shops);\nCREATE VIEW «figures» AS SELECT s.id, sum(o.total) AS revenue, count(DISTINCT v.id) AS visits FROM shops s LEFT JOIN orders o ON o.shop = s.id LEFT JOIN visits v ON v.shop = s.id GROUP BY s.id;",
        // The price is that of the item whose stock it is.
        "CREATE TABLE items (id bigint PRIMARY KEY, cost numeric);\nCREATE TABLE stock (id bigint PRIMARY KEY, item bigint REFERENCES items, quantity numeric);\nCREATE TABLE lots (id bigint PRIMARY KEY, item bigint REFERENCES items);\nCREATE VIEW «figures» AS SELECT i.id, sum(s.quantity * i.cost) AS value, count(DISTINCT l.id) AS lots FROM items i LEFT JOIN stock s ON s.item = i.id LEFT JOIN lots l ON l.item = i.id GROUP BY i.id;",
        "CREATE TABLE orders (id bigint PRIMARY KEY, total numeric);\nCREATE TABLE lines (id bigint PRIMARY KEY, order_id bigint REFERENCES orders);\nCREATE VIEW «figures» AS SELECT sum(o.total) AS total FROM orders o JOIN lines l ON l.order_id = o.id;",
    ],
    silent: examples![
        // One branch, summed where it ends.
        "CREATE TABLE shops (id bigint PRIMARY KEY);\nCREATE TABLE orders (id bigint PRIMARY KEY, shop bigint REFERENCES shops, total numeric);\nCREATE VIEW figures AS SELECT s.id, sum(o.total) AS revenue FROM shops s LEFT JOIN orders o ON o.shop = s.id GROUP BY s.id;",
        // From many to one.
        "CREATE TABLE orders (id bigint PRIMARY KEY, rate numeric);\nCREATE TABLE lines (id bigint PRIMARY KEY, order_id bigint REFERENCES orders, amount numeric);\nCREATE VIEW figures AS SELECT o.id, sum(l.amount * o.rate) AS total FROM lines l JOIN orders o ON o.id = l.order_id GROUP BY o.id;",
        // At most one row of the other branch.
        "CREATE TABLE shops (id bigint PRIMARY KEY);\nCREATE TABLE orders (id bigint PRIMARY KEY, shop bigint REFERENCES shops, total numeric);\nCREATE TABLE settings (shop bigint REFERENCES shops, name text, value text, PRIMARY KEY (shop, name));\nCREATE VIEW figures AS SELECT s.id, sum(o.total) AS revenue FROM shops s JOIN orders o ON o.shop = s.id LEFT JOIN settings t ON t.shop = s.id AND t.name = 'currency' GROUP BY s.id;",
        // Each category has its own rows of the branch that leads to it.
        "CREATE TABLE films (id bigint PRIMARY KEY);\nCREATE TABLE categories (id bigint PRIMARY KEY, name text);\nCREATE TABLE film_category (film bigint REFERENCES films, category bigint REFERENCES categories, PRIMARY KEY (film, category));\nCREATE TABLE payments (id bigint PRIMARY KEY, film bigint REFERENCES films, amount numeric);\nCREATE VIEW figures AS SELECT c.name, sum(p.amount) AS total FROM payments p JOIN films f ON f.id = p.film JOIN film_category fc ON fc.film = f.id JOIN categories c ON c.id = fc.category GROUP BY c.name;",
        // Each branch by itself.
        "CREATE TABLE shops (id bigint PRIMARY KEY);\nCREATE TABLE orders (id bigint PRIMARY KEY, shop bigint REFERENCES shops, total numeric);\nCREATE TABLE visits (id bigint PRIMARY KEY, shop bigint REFERENCES shops);\nCREATE VIEW figures AS SELECT s.id, o.revenue, v.visits FROM shops s LEFT JOIN (SELECT shop, sum(total) AS revenue FROM orders GROUP BY shop) o ON o.shop = s.id LEFT JOIN (SELECT shop, count(*) AS visits FROM visits GROUP BY shop) v ON v.shop = s.id;",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for (id, view) in cx.schema.live_views().filter(|(_, v)| cx.owns_namespace(v.namespace)) {
        out.look();
        let Some(query) = cx.query_of(id) else { continue };
        let mut found: Option<(String, Vec<TableId>)> = None;
        query.walk_queries(&mut |q| {
            if found.is_none() {
                found = repeated(cx, q);
            }
        });
        let Some((call, tables)) = found else { continue };
        let names: Vec<String> = tables.iter().map(|t| format!("`{}`", cx.table_name(*t))).collect();
        // An average of repeated rows is no multiple: rows with many matches count for more.
        let wrong = if call.starts_with("avg") {
            "rows with more matches weigh more in the average"
        } else {
            "the result is multiplied"
        };
        let message = format!(
            "`{}` computes `{call}` once for each matching row of {}: {wrong}.",
            cx.name(ObjectId::View(id)),
            list(&names)
        );
        out.report(ObjectId::View(id), view.name_span, message).objects(tables.into_iter().map(ObjectId::Table));
    }
}

/// A table of a FROM clause under its name there.
struct Entry<'a> {
    name: &'a Name,
    id: TableId,
    table: &'a Table,
}

/// What of a join is known: which columns of its entries equal columns of others, and which one value.
#[derive(Default)]
struct Joins {
    pairs: Vec<[(usize, ColumnNumber); 2]>,
    fixed: Vec<(usize, ColumnNumber)>,
}

/// The first sum or average whose rows another branch of the join repeats, with the tables that do.
fn repeated(cx: &Context<'_>, query: &Query) -> Option<(String, Vec<TableId>)> {
    // Every entry must be a table that is known: of anything else it cannot be told how many rows match.
    let entries: Vec<Option<Entry<'_>>> = query
        .from
        .iter()
        .map(|f| match &f.source {
            Source::Relation(path) => {
                let (id, table) = find(cx, path)?;
                Some(Entry { name: f.alias.as_ref().or(path.last())?, id, table })
            }
            _ => None,
        })
        .collect();
    if entries.len() < 2 {
        return None;
    }
    let mut joins = Joins::default();
    for condition in query.from.iter().filter_map(|f| f.on.as_ref()).chain(&query.filter) {
        for part in conjuncts(condition) {
            joins.add(&entries, part);
        }
    }
    for (at, from) in query.from.iter().enumerate() {
        for name in &from.using {
            let here = column(&entries, at, name);
            let before = (0..at).rev().find_map(|n| column(&entries, n, name));
            if let (Some(here), Some(before)) = (here, before) {
                joins.pairs.push([here, before]);
            }
        }
    }
    let mut calls: Vec<&Call> = Vec::new();
    for item in &query.items {
        item.value.walk(&mut |t| {
            if let Tree::Call(call) = t
                && matches!(call.base_name(), "sum" | "avg")
                && !call.over
                && !call.distinct
            {
                calls.push(call);
            }
        });
    }
    for call in calls {
        let of = sources(&entries, call);
        // What several tables give belongs to the row that leads to one of each.
        let found = of.iter().map(|start| multiplying(cx, &entries, &joins, *start, &of, &query.group_by));
        if let Some(tables) = found.into_iter().find(|tables| !tables.is_empty()) {
            return Some((text(call), tables));
        }
    }
    None
}

/// The entries from which rows come to a row of `start` more than one at a time; none where `of` is more than that row and what it leads to.
fn multiplying(
    cx: &Context<'_>,
    entries: &[Option<Entry<'_>>],
    joins: &Joins,
    start: usize,
    of: &[usize],
    group_by: &[Tree],
) -> Vec<TableId> {
    let mut reached = vec![start];
    let mut open = vec![start];
    // Each entry by where it was reached from.
    let mut from_where: Vec<(usize, usize)> = Vec::new();
    let mut many: Vec<(usize, TableId)> = Vec::new();
    while let Some(from) = open.pop() {
        for (at, entry) in entries.iter().enumerate() {
            let Some(entry) = entry else { continue };
            if reached.contains(&at) {
                continue;
            }
            let joined = |pair: &[(usize, ColumnNumber); 2]| match pair {
                [(a, own), (b, _)] if *a == at && reached.contains(b) => Some(*own),
                [(b, _), (a, own)] if *a == at && reached.contains(b) => Some(*own),
                _ => None,
            };
            let mut columns: Vec<ColumnNumber> = joins.pairs.iter().filter_map(joined).collect();
            let next_to = joins.pairs.iter().any(|[a, b]| (a.0 == from && b.0 == at) || (b.0 == from && a.0 == at));
            if columns.is_empty() || !next_to {
                continue;
            }
            columns.extend(joins.fixed.iter().filter(|(n, _)| *n == at).map(|(_, c)| *c));
            columns
                .extend(group_by.iter().filter_map(|t| resolve(entries, t)).filter(|(n, _)| *n == at).map(|(_, c)| c));
            reached.push(at);
            open.push(at);
            from_where.push((at, from));
            if !unique_on(cx.schema, entry.table, &columns) {
                many.push((at, entry.id));
            }
        }
    }
    let leads_to_one = |at: &usize| {
        let mut at = *at;
        while at != start {
            let Some((_, from)) = from_where.iter().find(|(to, _)| *to == at) else { return false };
            if many.iter().any(|(many, _)| *many == at) {
                return false;
            }
            at = *from;
        }
        true
    };
    if !of.iter().all(leads_to_one) {
        return Vec::new();
    }
    // Groups by something that a branch leads to have their own rows of it.
    let mut grouped: Vec<usize> = group_by.iter().filter_map(|t| resolve(entries, t)).map(|(n, _)| n).collect();
    for (at, from) in from_where.iter().rev() {
        if grouped.contains(at) && *from != start {
            grouped.push(*from);
        }
    }
    many.retain(|(at, _)| !grouped.contains(at));
    many.into_iter().map(|(_, id)| id).collect()
}

impl Joins {
    fn add(&mut self, entries: &[Option<Entry<'_>>], part: &Tree) {
        let Tree::Operator(op, operands) = part else { return };
        let ("=", [a, b]) = (op.as_str(), operands.as_slice()) else { return };
        match (resolve(entries, a), resolve(entries, b)) {
            (Some(a), Some(b)) if a.0 != b.0 => self.pairs.push([a, b]),
            (Some(a), None) if is_constant(b) => self.fixed.push(a),
            (None, Some(b)) if is_constant(a) => self.fixed.push(b),
            _ => {}
        }
    }
}

fn column(entries: &[Option<Entry<'_>>], at: usize, name: &str) -> Option<(usize, ColumnNumber)> {
    Some((at, entries.get(at)?.as_ref()?.table.find_column(name)?))
}

/// The entry and column that a tree names.
fn resolve(entries: &[Option<Entry<'_>>], tree: &Tree) -> Option<(usize, ColumnNumber)> {
    let Tree::Column(path) = tree.without_casts() else { return None };
    match path.as_slice() {
        [name] => {
            let mut all = (0..entries.len()).filter_map(|at| column(entries, at, name));
            // A name that an entry of unknown columns may have, too, is not told.
            let known = entries.iter().all(Option::is_some);
            all.next().filter(|_| known && all.next().is_none())
        }
        [.., of, name] => {
            let at = entries.iter().position(|e| e.as_ref().is_some_and(|e| e.name == of))?;
            column(entries, at, name)
        }
        [] => None,
    }
}

/// The entries whose columns an aggregate reads, each once; none where one of them is not known.
fn sources(entries: &[Option<Entry<'_>>], call: &Call) -> Vec<usize> {
    let mut out = Vec::new();
    let mut unknown = false;
    for argument in &call.arguments {
        argument.walk(&mut |t| {
            if matches!(t, Tree::Column(_)) {
                match resolve(entries, t) {
                    Some((at, _)) if !out.contains(&at) => out.push(at),
                    Some(_) => {}
                    None => unknown = true,
                }
            }
        });
    }
    if unknown { Vec::new() } else { out }
}

fn find<'a>(cx: &Context<'a>, path: &[Name]) -> Option<(TableId, &'a Table)> {
    let (schema, name) = match path {
        [name] => ("public", name),
        [.., schema, name] => (schema.as_str(), name),
        [] => return None,
    };
    let found = cx.schema.find_namespace(schema).and_then(|n| cx.schema.find_relation(n, name));
    let id = match found {
        Some(RelationId::Table(id)) => id,
        Some(_) => return None,
        None if path.len() == 1 => {
            let mut all = cx.schema.live_tables().filter(|(_, t)| t.name == *name);
            all.next().filter(|_| all.next().is_none())?.0
        }
        None => return None,
    };
    Some((id, cx.schema.tables.get(id)?))
}

/// The call for a message: with its only column, where it is one.
fn text(call: &Call) -> String {
    match call.arguments.as_slice() {
        [Tree::Column(path)] => {
            let path: Vec<&str> = path.iter().map(|n| n.as_str()).collect();
            format!("{}({})", call.base_name(), path.join("."))
        }
        _ => format!("{}(…)", call.base_name()),
    }
}
