use crate::finding::{Certainty, Severity};
use crate::history::DocumentFacts;
use crate::history::document::TypeMapping;
use crate::rules::support::{allowed_values, builtin, demanded_values, words};
use crate::rules::{Category, Context, Findings, Rule};
use crate::schema::{ColumnNumber, ObjectId, Table};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "doc-type-mapping-violation",
    category: Category::Documentation,
    severity: Severity::Low,
    certainty: Certainty::Likely,
    summary: "A column has another type than the document's own mapping of types gives it.",
    why: "The mapping is what code generators and new tables follow; a column that does not is either a mistake or a rule that the mapping does not \
          tell. A column belongs to a row of the mapping by its name's last word (`shopify_gid` and \"GID format\"), by its type (a `timestamp` \
          where DateTime becomes TIMESTAMPTZ), or because its values are listed and the mapping demands a CHECK.",
    fires: examples![
        "<!-- file: schema.md -->\n# Shop\n\n## Table: items\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n| «shop_gid» | VARCHAR(100) | NOT NULL |\n\n## Types\n\n| API Type | PostgreSQL Type | Notes |\n|---|---|---|\n| `ID!` | `TEXT` | GID format |\n",
        "<!-- file: schema.md -->\n# Shop\n\n## Table: items\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n| «made» | TIMESTAMP | NOT NULL |\n\n## Types\n\n| API Type | PostgreSQL Type |\n|---|---|\n| DateTime | TIMESTAMPTZ |\n",
        // In other words.
        "<!-- file: schema.md -->\n# Laden\n\n## Tabelle: artikel\n\n| Spalte | Typ | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n| «angelegt» | TIMESTAMP | NOT NULL |\n\n## Types\n\n| API Type | PostgreSQL Type |\n|---|---|\n| Zeitpunkt | TIMESTAMPTZ |\n",
    ],
    silent: examples![
        "<!-- file: schema.md -->\n# Shop\n\n## Table: items\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n| shop_gid | TEXT | NOT NULL |\n| url | VARCHAR(200) | |\n| made | TIMESTAMPTZ | NOT NULL |\n\n## Types\n\n| API Type | PostgreSQL Type | Notes |\n|---|---|---|\n| `ID!` | `TEXT` | GID format |\n| `URL` | `TEXT` or `VARCHAR(n)` | |\n| DateTime | TIMESTAMPTZ | |\n",
        // Both have their place.
        "<!-- file: schema.md -->\n# Shop\n\n## Table: items\n\n| Column | Type | Constraints |\n|---|---|---|\n| id | BIGINT | PK |\n| opens | TIMESTAMP | NOT NULL |\n\n## Types\n\n| API Type | PostgreSQL Type |\n|---|---|\n| Instant | TIMESTAMPTZ |\n| Wall clock | TIMESTAMP |\n",
    ],
    supersedes: &[],
    check,
};

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    for document in cx.history.documents.iter().filter(|d| !d.mappings.is_empty()) {
        for (id, table) in cx.tables() {
            for (number, column) in table.live_columns() {
                out.look();
                let Some(broken) =
                    document.mappings.iter().find_map(|m| breaks(cx, document, table, number, m).map(|why| (m, why)))
                else {
                    continue;
                };
                let (mapping, why) = broken;
                let from = mapping.from.replace('`', "'");
                let message = format!(
                    "`{}` {why}: the document maps {from} to {}.",
                    cx.column_name(id, number),
                    mapping.to.join(" or ")
                );
                out.report(ObjectId::Column(id, number), column.name_span, message).also_at(mapping.span);
            }
        }
    }
}

/// How a column breaks a row of the mapping.
fn breaks(
    cx: &Context<'_>,
    document: &DocumentFacts,
    table: &Table,
    number: ColumnNumber,
    mapping: &TypeMapping,
) -> Option<String> {
    let column = table.column(number)?;
    if column.data_type.array {
        return None;
    }
    let own = builtin(cx.schema, &column.data_type)?;
    let shown = column.data_type.display(cx.schema);
    let allowed = |name: &str| mapping.to.iter().any(|to| canonical(to) == name);
    let from = mapping.from.to_lowercase();
    let bare: String = from.chars().filter(|c| c.is_alphanumeric()).collect();
    // By the type: what the mapping leaves no place for.
    // Whatever the words for a point in time are: where the mapping leads to the type with a zone, and nowhere to the other, that is what it wants.
    let leads_past =
        |better: &str| allowed(better) && !document.mappings.iter().flat_map(|m| &m.to).any(|to| canonical(to) == own);
    let alike = match own {
        "timestamp without time zone" => {
            bare == "datetime" || bare == "timestamp" || leads_past("timestamp with time zone")
        }
        "json" => bare.starts_with("json") || bare == "object" || leads_past("jsonb"),
        "real" | "double precision" => matches!(bare.as_str(), "float" | "decimal" | "money"),
        _ => false,
    };
    if alike && !allowed(own) {
        return Some(format!("is {shown}"));
    }
    // By the last word of its name.
    let last = words(&column.name).pop()?;
    if keywords(mapping).iter().any(|word| last == *word) && !allowed(own) {
        return Some(format!("is {shown}"));
    }
    // Listed values that the mapping wants checked.
    if bare.starts_with("enum")
        && mapping.notes.ends_with("CHECK")
        && allowed_values(cx.schema, table, number).is_none()
    {
        let stated = document.values.iter().find(|v| v.table == table.name && v.column == column.name)?;
        demanded_values(document, &column.name, &stated.values)?;
        return Some("has no CHECK for its values".to_owned());
    }
    None
}

/// The words in capitals that tell which columns a row is about.
fn keywords(mapping: &TypeMapping) -> Vec<String> {
    const TYPES: &[&str] = &[
        "ARRAY", "BRIN", "CHECK", "DATE", "DECIMAL", "ENUM", "GIN", "GIST", "INT", "JSON", "JSONB", "NOT", "NULL",
        "NUMERIC", "OR", "SQL", "TEXT", "UUID", "UTC", "VARCHAR", "API", "ISO",
    ];
    mapping
        .from
        .split(|c: char| !c.is_alphanumeric())
        .chain(mapping.notes.split(|c: char| !c.is_alphanumeric()))
        .filter(|w| w.len() >= 3 && w.chars().all(|c| c.is_ascii_uppercase()) && !TYPES.contains(w))
        .map(str::to_lowercase)
        .collect()
}

/// The printed name of a type in a mapping.
fn canonical(written: &str) -> &str {
    match written {
        "varchar" => "character varying",
        "char" => "character",
        "int" | "int4" => "integer",
        "int8" => "bigint",
        "int2" => "smallint",
        "bool" => "boolean",
        "decimal" => "numeric",
        "float" | "float8" => "double precision",
        "float4" => "real",
        "timestamptz" => "timestamp with time zone",
        "timestamp" => "timestamp without time zone",
        other => other,
    }
}
