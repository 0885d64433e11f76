//! Which schemas of a database belong together.

use std::collections::BTreeMap;

use crate::rules::Context;
use crate::schema::NamespaceId;

/// For each schema the first of those that foreign keys tie it to, over others, too.
pub(crate) fn designs(cx: &Context<'_>) -> BTreeMap<NamespaceId, NamespaceId> {
    let mut designs: BTreeMap<NamespaceId, NamespaceId> =
        cx.tables().map(|(_, table)| (table.namespace, table.namespace)).collect();
    for key in cx.foreign_keys() {
        let Some(target) = cx.schema.tables.get(key.fk.references) else { continue };
        let of = |namespace: NamespaceId| designs.get(&namespace).copied().unwrap_or(namespace);
        let (from, to) = (of(key.of.namespace), of(target.namespace));
        if from != to {
            let (kept, joined) = (from.min(to), from.max(to));
            for design in designs.values_mut().filter(|d| **d == joined) {
                *design = kept;
            }
        }
    }
    designs
}
