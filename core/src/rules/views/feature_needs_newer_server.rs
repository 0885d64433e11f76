use crate::expr::{Expr, Source, Tree};
use crate::finding::{Certainty, Severity, Subject};
use crate::operation::{
    AlterTableAction, ColumnConstraint, ColumnConstraintKind, ColumnDef, ConstraintAttributes, ConstraintDef,
    ConstraintDefKind, CreateTable, FunctionBody, IndexKey, IndexTarget, KeyOptions, ObjectKind, Operation,
    OperationKind, References, TableElement,
};
use crate::order::Order;
use crate::rules::support::statement_subject;
use crate::rules::{Category, Context, Findings, Rule};
use crate::source::Span;

pub(in crate::rules) static RULE: Rule = Rule {
    name: "feature-needs-newer-server",
    category: Category::ViewsAndFunctions,
    severity: Severity::Low,
    certainty: Certainty::Proven,
    summary: "A statement uses what came with a later version of PostgreSQL than the one that it is meant for.",
    why: "The server refuses syntax and functions of a later version, so that the schema cannot be made on it. Either the version that is given to \
          Relata (a setting, else the header of the dump) is not the one that runs, or the statement has to be written in the older way. \
          PostgreSQL manual, appendix E \"Release Notes\".",
    fires: examples![
        "CREATE TABLE prices (id bigint PRIMARY KEY, net bigint, gross bigint «GENERATED ALWAYS AS (net * 2) VIRTUAL»);",
        "CREATE TABLE tokens (id uuid PRIMARY KEY DEFAULT «uuidv7()», uses integer NOT NULL);",
        "CREATE TABLE words (id bigint PRIMARY KEY, word text NOT NULL);\nCREATE INDEX ON words ((«casefold(word)»));",
        "CREATE TABLE words (id bigint PRIMARY KEY, word text NOT NULL);\nALTER TABLE words ENABLE ROW LEVEL SECURITY;\nCREATE POLICY own ON words USING («casefold(word) = current_user»);",
        "CREATE TABLE seats (id bigint PRIMARY KEY, place integer NOT NULL);\n«GRANT MAINTAIN ON seats TO CURRENT_USER»;",
        "CREATE TABLE shops (id bigint PRIMARY KEY);\nCREATE TABLE sales (id bigint PRIMARY KEY, shop bigint, «CONSTRAINT known FOREIGN KEY (shop) REFERENCES shops NOT ENFORCED»);",
    ],
    silent: examples![
        "CREATE TABLE prices (net bigint, gross bigint GENERATED ALWAYS AS (net * 2) STORED, UNIQUE NULLS NOT DISTINCT (net));",
        "CREATE FUNCTION uuidv7() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()';\nCREATE TABLE tokens (id uuid PRIMARY KEY DEFAULT uuidv7());",
        "CREATE TABLE tokens (id uuid PRIMARY KEY DEFAULT gen_random_uuid());",
    ],
    supersedes: &[],
    check,
};

/// Built-in functions by the version that brought them. Source: PostgreSQL manual, appendix E, "Functions" of each release.
const FUNCTIONS: &[(u16, &[&str])] = &[
    (13, &["gen_random_uuid"]),
    (14, &["bit_count", "date_bin", "range_agg", "string_to_table", "trim_array", "unistr"]),
    (15, &["range_intersect_agg", "regexp_count", "regexp_instr", "regexp_like", "regexp_substr"]),
    (16, &["any_value", "array_sample", "array_shuffle", "date_add", "date_subtract", "erf", "erfc", "random_normal"]),
    (17, &["merge_action", "to_bin", "to_oct", "uuid_extract_timestamp", "uuid_extract_version", "xmltext"]),
    (18, &["array_reverse", "array_sort", "casefold", "crc32", "crc32c", "uuidv4", "uuidv7"]),
];

/// What an operation uses that servers older than a version lack.
struct Uses<'a, 'f> {
    cx: &'a Context<'a>,
    found: &'f mut Vec<(u16, String, Span)>,
}

fn check(cx: &Context<'_>, out: &mut Findings<'_>) {
    let server = cx.target.server_version;
    if FUNCTIONS.iter().all(|(version, _)| *version <= server) {
        return;
    }
    let mut found = Vec::new();
    for (number, revision) in cx.revisions() {
        for operation in &revision.up {
            out.look();
            found.clear();
            Uses { cx, found: &mut found }.operation(operation);
            found.retain(|(version, _, _)| *version > server);
            let Some((_, _, place)) = found.first() else { continue };
            let place = *place;
            let newest = found.iter().map(|(version, _, _)| *version).max().unwrap_or_default();
            let mut features: Vec<&str> = found.iter().map(|(_, feature, _)| feature.as_str()).collect();
            features.order();
            features.dedup();
            let (kind, path) = statement_subject(operation);
            let message =
                format!("`{path}` needs PostgreSQL {newest}, and the server is {server}: {}.", features.join(", "));
            let mut draft =
                out.report_about(Subject::new(kind, path), place, message).maybe_subject(cx.revision(number));
            for (_, _, other) in found.iter().skip(1) {
                draft = draft.also_at(*other);
            }
            let _ = draft;
        }
    }
}

impl Uses<'_, '_> {
    fn needs(&mut self, version: u16, feature: &str, span: Span) {
        self.found.push((version, format!("`{feature}` came with {version}"), span));
    }

    fn operation(&mut self, operation: &Operation) {
        let whole = operation.span;
        match &operation.kind {
            OperationKind::CreateTable(create) => self.table(create),
            OperationKind::AlterTable(alter) => {
                for (action, span) in &alter.actions {
                    self.action(action, *span);
                }
            }
            OperationKind::CreateIndex(index) => {
                if index.nulls_not_distinct {
                    self.needs(15, "NULLS NOT DISTINCT", whole);
                }
                self.keys(&index.keys);
                self.calls(index.predicate.as_ref());
            }
            OperationKind::CreatePolicy(policy) | OperationKind::AlterPolicy(policy) => {
                self.calls(policy.using.as_ref());
                self.calls(policy.with_check.as_ref());
            }
            OperationKind::CreateView(view) => {
                if view.options.iter().any(|(name, _)| name == "security_invoker") {
                    self.needs(15, "security_invoker", whole);
                }
                self.query(&view.query);
            }
            OperationKind::CreateFunction(function) => {
                if let Some(FunctionBody::Sql(body)) = &function.body {
                    self.needs(14, "a body without quotes", body.span);
                }
            }
            OperationKind::CreateTrigger(trigger) if trigger.or_replace => {
                self.needs(14, "CREATE OR REPLACE TRIGGER", whole);
            }
            OperationKind::CreateEventTrigger { event, .. } if event.fold() == "login" => {
                self.needs(17, "login", event.span);
            }
            OperationKind::Grant(grant) => self.grant(grant, whole),
            OperationKind::DefaultPrivileges { grant, .. } => {
                if grant.kind == ObjectKind::LargeObject {
                    self.needs(18, "ON LARGE OBJECTS", whole);
                }
                self.grant(grant, whole);
            }
            _ => {}
        }
    }

    fn keys<'k>(&mut self, keys: impl IntoIterator<Item = &'k IndexKey>) {
        for key in keys {
            if let IndexTarget::Expression(expression) = &key.target {
                self.calls(Some(expression));
            }
        }
    }

    fn grant(&mut self, grant: &crate::operation::Grant, whole: Span) {
        if grant.privileges.iter().any(|p| p == "MAINTAIN") {
            self.needs(17, "MAINTAIN", whole);
        }
        if grant.kind == ObjectKind::Parameter {
            self.needs(15, "ON PARAMETER", whole);
        }
    }

    fn table(&mut self, create: &CreateTable) {
        for element in &create.elements {
            match element {
                TableElement::Column(column) => self.column(column),
                TableElement::Constraint(constraint) => self.constraint(constraint),
                TableElement::Like(..) => {}
            }
        }
        if let Some((_, query)) = &create.as_query {
            self.query(query);
        }
    }

    fn action(&mut self, action: &AlterTableAction, span: Span) {
        match action {
            AlterTableAction::AddColumn { column, .. } => self.column(column),
            AlterTableAction::AddConstraint(constraint) => self.constraint(constraint),
            AlterTableAction::SetDefault { value, .. } => self.calls(Some(value)),
            AlterTableAction::SetExpression { value, .. } => {
                self.needs(17, "SET EXPRESSION", span);
                self.calls(Some(value));
            }
            AlterTableAction::DropExpression { .. } => self.needs(13, "DROP EXPRESSION", span),
            AlterTableAction::AlterConstraint { enforced, inherit, .. } => {
                if enforced.is_some() {
                    self.needs(18, "ALTER CONSTRAINT … ENFORCED", span);
                }
                if inherit.is_some() {
                    self.needs(18, "ALTER CONSTRAINT … INHERIT", span);
                }
            }
            AlterTableAction::ColumnSetting { setting, value, .. } => {
                if setting == "compression" {
                    self.needs(14, "SET COMPRESSION", span);
                }
                if setting == "storage" && value.eq_ignore_ascii_case("default") {
                    self.needs(16, "SET STORAGE DEFAULT", span);
                }
            }
            AlterTableAction::SetAccessMethod(Some(_)) => self.needs(15, "SET ACCESS METHOD", span),
            AlterTableAction::SetAccessMethod(None) => self.needs(17, "SET ACCESS METHOD DEFAULT", span),
            AlterTableAction::DetachPartition { concurrently: true, .. } => {
                self.needs(14, "DETACH PARTITION … CONCURRENTLY", span);
            }
            _ => {}
        }
    }

    fn column(&mut self, column: &ColumnDef) {
        for constraint in &column.constraints {
            self.column_constraint(constraint);
        }
    }

    fn column_constraint(&mut self, constraint: &ColumnConstraint) {
        let span = constraint.span;
        match &constraint.kind {
            ColumnConstraintKind::NotNull if constraint.attributes.no_inherit => {
                self.needs(18, "NOT NULL NO INHERIT", span);
            }
            ColumnConstraintKind::NotNull | ColumnConstraintKind::Null | ColumnConstraintKind::Identity { .. } => {}
            ColumnConstraintKind::Default(value) => self.calls(Some(value)),
            ColumnConstraintKind::Check(value) => self.calls(Some(value)),
            ColumnConstraintKind::Generated { expr, stored } => {
                if *stored {
                    self.needs(12, "STORED", span);
                } else {
                    self.needs(18, "VIRTUAL", span);
                }
                self.calls(Some(expr));
            }
            ColumnConstraintKind::PrimaryKey(options) | ColumnConstraintKind::Unique(options) => {
                self.key(options, span);
            }
            ColumnConstraintKind::References(references) => self.references(references, span),
        }
        self.attributes(constraint.attributes, span);
    }

    fn constraint(&mut self, constraint: &ConstraintDef) {
        let span = constraint.span;
        match &constraint.kind {
            ConstraintDefKind::PrimaryKey { options, .. } | ConstraintDefKind::Unique { options, .. } => {
                self.key(options, span);
            }
            ConstraintDefKind::Check(value) => self.calls(Some(value)),
            ConstraintDefKind::ForeignKey { references, .. } => self.references(references, span),
            ConstraintDefKind::NotNull(_) => self.needs(18, "NOT NULL as a constraint of the table", span),
            ConstraintDefKind::Exclude { elements, predicate, .. } => {
                self.keys(elements.iter().map(|(key, _)| key));
                self.calls(predicate.as_ref());
            }
        }
        self.attributes(constraint.attributes, span);
    }

    fn attributes(&mut self, attributes: ConstraintAttributes, span: Span) {
        if attributes.not_enforced {
            self.needs(18, "NOT ENFORCED", span);
        }
    }

    fn key(&mut self, options: &KeyOptions, span: Span) {
        if options.nulls_not_distinct {
            self.needs(15, "NULLS NOT DISTINCT", span);
        }
        if options.without_overlaps {
            self.needs(18, "WITHOUT OVERLAPS", span);
        }
    }

    fn references(&mut self, references: &References, span: Span) {
        if references.period {
            self.needs(18, "PERIOD", span);
        }
        if !references.on_delete_columns.is_empty() {
            self.needs(15, "ON DELETE SET with columns", span);
        }
    }

    fn query(&mut self, text: &Expr) {
        let Some(query) = text.query() else { return };
        let mut names = Vec::new();
        query.walk(&mut |tree| names.extend(called(tree)));
        query.walk_queries(&mut |q| {
            names.extend(q.from.iter().filter_map(|from| match &from.source {
                Source::Function(call) => Some(call.base_name()),
                _ => None,
            }));
        });
        for name in names {
            self.function(name, text.span);
        }
    }

    fn calls(&mut self, text: Option<&Expr>) {
        let Some(text) = text else { return };
        let tree = text.tree();
        let mut names = Vec::new();
        tree.walk(&mut |tree| names.extend(called(tree)));
        for name in names {
            self.function(name, text.span);
        }
    }

    fn function(&mut self, name: &str, span: Span) {
        let Some((version, _)) = FUNCTIONS.iter().find(|(_, names)| names.contains(&name)) else { return };
        // The input's own function of that name, or pgcrypto's, may be meant.
        let own = self.cx.schema.functions.iter().any(|(_, f)| f.name == name);
        let extension =
            name == "gen_random_uuid" && self.cx.schema.extensions.iter().any(|(_, e)| e.name == "pgcrypto");
        if !own && !extension {
            self.needs(*version, &format!("{name}()"), span);
        }
    }
}

fn called(tree: &Tree) -> Option<&str> {
    match tree {
        Tree::Call(call) => Some(call.base_name()),
        _ => None,
    }
}
