//! What of a schema belongs to an extension, told by name: its types, functions and operator classes.

use super::super::Context;
use crate::expr::Tree;
use crate::name::Name;
use crate::schema::{BaseType, ConstraintKind, KeyTarget, StoredExpr, TriggerFunction};
use crate::source::Span;

/// Names that well-known extensions own, each with the extension's. Source: the extensions' install scripts; PostgreSQL manual, appendix F.
const OWNERS: &[(&str, &str)] = &[
    ("armor", "pgcrypto"),
    ("citext", "citext"),
    ("crypt", "pgcrypto"),
    ("daitch_mokotoff", "fuzzystrmatch"),
    ("digest", "pgcrypto"),
    ("dmetaphone", "fuzzystrmatch"),
    ("gen_random_bytes", "pgcrypto"),
    ("gen_salt", "pgcrypto"),
    ("geography", "postgis"),
    ("geometry", "postgis"),
    ("gin_trgm_ops", "pg_trgm"),
    ("gist_trgm_ops", "pg_trgm"),
    ("halfvec", "vector"),
    ("hmac", "pgcrypto"),
    ("hstore", "hstore"),
    ("levenshtein", "fuzzystrmatch"),
    ("ltree", "ltree"),
    ("metaphone", "fuzzystrmatch"),
    ("moddatetime", "moddatetime"),
    ("pgp_sym_decrypt", "pgcrypto"),
    ("pgp_sym_encrypt", "pgcrypto"),
    ("show_trgm", "pg_trgm"),
    ("similarity", "pg_trgm"),
    ("soundex", "fuzzystrmatch"),
    ("sparsevec", "vector"),
    ("strict_word_similarity", "pg_trgm"),
    ("unaccent", "unaccent"),
    ("uuid_generate_v1", "uuid-ossp"),
    ("uuid_generate_v1mc", "uuid-ossp"),
    ("uuid_generate_v4", "uuid-ossp"),
    ("uuid_generate_v5", "uuid-ossp"),
    ("vector", "vector"),
    ("vector_cosine_ops", "vector"),
    ("vector_ip_ops", "vector"),
    ("vector_l2_ops", "vector"),
    ("word_similarity", "pg_trgm"),
];

/// The extension that owns this type, function or operator class.
pub(crate) fn owner_of(name: &str) -> Option<&'static str> {
    OWNERS
        .binary_search_by(|(own, _)| (*own).cmp(name))
        .ok()
        .and_then(|at| OWNERS.get(at))
        .map(|(_, extension)| *extension)
}

/// Whether an extension owns something of this name, in whatever case it is written.
fn is_owned(name: &[u8]) -> bool {
    let lower = |own: &str| own.bytes().cmp(name.iter().map(u8::to_ascii_lowercase));
    OWNERS.binary_search_by(|(own, _)| lower(own)).is_ok()
}

/// Whether all that shows the use of an extension is among the names that are known here.
pub(crate) fn is_known_in_full(extension: &str) -> bool {
    OWNERS.iter().any(|(_, e)| *e == extension && *e != "postgis")
}

/// A place where something of an extension is used.
#[derive(Clone, Debug)]
pub(crate) struct Use {
    /// The name that belongs to it.
    pub(crate) name: Name,
    /// Where.
    pub(crate) span: Span,
    /// Whether the statement, or the first row, fails without the extension: a column's type, an operator class, or a call in an expression. Otherwise a
    /// word in the body of a function.
    pub(crate) needed: bool,
}

/// Every use of what extensions own, by tables, views, policies and functions, for [`Context::extension_uses`].
pub(super) fn uses(cx: &Context<'_>) -> Vec<Use> {
    let mut out = Vec::new();
    for (_, table) in cx.schema.live_tables() {
        for (_, column) in table.live_columns() {
            if let BaseType::Extension { name, .. } | BaseType::Unknown { name, .. } = &column.data_type.base {
                out.push(Use { name: name.clone(), span: column.type_span, needed: true });
            }
            let generated = column.generated.as_ref().map(|g| &g.expr);
            for expr in column.default.iter().chain(generated) {
                calls(expr, column.span, &mut out);
            }
        }
        for (_, constraint) in cx.schema.constraints_of(table) {
            if let ConstraintKind::Check(expr) = &constraint.kind {
                calls(expr, constraint.span, &mut out);
            }
        }
        for (_, policy) in cx.schema.policies_of(table) {
            for expr in policy.using.iter().chain(&policy.with_check) {
                calls(expr, policy.span, &mut out);
            }
        }
        for (_, trigger) in cx.schema.triggers_of(&table.triggers) {
            if let TriggerFunction::Named(_, name) = &trigger.function {
                out.push(Use { name: name.clone(), span: trigger.span, needed: true });
            }
        }
    }
    for (_, index) in cx.schema.indexes.iter().filter(|(_, i)| i.dropped.is_none()) {
        for key in &index.keys {
            if let KeyTarget::Expression(expr) = &key.target {
                calls(expr, index.span, &mut out);
            }
            // Written with its schema or without.
            let opclass = key.opclass.as_ref().and_then(|o| o.rsplit('.').next());
            out.extend(opclass.map(|o| Use { name: o.into(), span: index.span, needed: true }));
        }
        if let Some(expr) = &index.predicate {
            calls(expr, index.span, &mut out);
        }
    }
    for (_, view) in cx.schema.live_views() {
        words(view.query.source.words().into_iter(), view.span, &mut out);
    }
    for (id, function) in cx.schema.functions.iter().filter(|(_, f)| f.dropped.is_none()) {
        let types = function.arguments.iter().map(|a| &a.data_type).chain(&function.returns);
        for data_type in types {
            if let BaseType::Extension { name, .. } | BaseType::Unknown { name, .. } = &data_type.base {
                out.push(Use { name: name.clone(), span: function.span, needed: false });
            }
        }
        // The library of an extension bears its name: `$libdir/unaccent`.
        if let Some(library) = function.library.as_deref().and_then(|path| path.rsplit('/').next()) {
            out.push(Use { name: library.into(), span: function.span, needed: false });
        } else if let Some(body) = cx.body_words().get(&id) {
            words(body.iter().cloned(), function.span, &mut out);
        }
    }
    out.retain(|u| owner_of(&u.name).is_some());
    out
}

fn calls(expr: &StoredExpr, span: Span, out: &mut Vec<Use>) {
    // Hardly any expression has a call of such a name in it: no tree needs to be made of the others.
    if !expr.source.text.contains('(') {
        return;
    }
    let is_word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    if !expr.source.text.as_bytes().split(|b| !is_word(b)).any(is_owned) {
        return;
    }
    expr.source.tree().walk(&mut |tree| {
        if let Tree::Call(call) = tree {
            out.extend(call.name.last().map(|n| Use { name: n.clone(), span, needed: true }));
        }
    });
}

fn words(words: impl Iterator<Item = Name>, span: Span, out: &mut Vec<Use>) {
    out.extend(words.filter(|name| owner_of(name).is_some()).map(|name| Use { name, span, needed: false }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_are_in_order() {
        assert!(OWNERS.is_sorted_by_key(|(name, _)| *name));
        assert_eq!(owner_of("gin_trgm_ops"), Some("pg_trgm"));
        assert_eq!(owner_of("now"), None);
    }
}
