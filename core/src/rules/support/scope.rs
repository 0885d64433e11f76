//! Which objects are the project's own: findings about what a migration tool, an extension or a platform made help nobody.

use crate::operation::{ObjectKind, Persistence};
use crate::policy::Policy;
use crate::schema::{Id, NamespaceId, ObjectId, Schema, TableId};

/// Tables in which migration tools keep their own state.
const TOOL_TABLES: &[&str] = &[
    "__diesel_schema_migrations",
    "__drizzle_migrations",
    "__efmigrationshistory",
    "__prisma_migrations",
    "_prisma_migrations",
    "_sqlx_migrations",
    "alembic_version",
    "ar_internal_metadata",
    "atlas_schema_revisions",
    "databasechangelog",
    "databasechangeloglock",
    "django_migrations",
    "flyway_schema_history",
    "goose_db_version",
    "gorp_migrations",
    "knex_migrations",
    "knex_migrations_lock",
    "kysely_migration",
    "kysely_migration_lock",
    "mikro_orm_migrations",
    "migrations_lock",
    "phinxlog",
    "pgmigrations",
    "schema_migration",
    "schema_migrations",
    "schema_version",
    "schemaversion",
    "sequelizemeta",
    "spatial_ref_sys",
    "typeorm_metadata",
];

/// Schemas that tools and extensions own.
const TOOL_SCHEMAS: &[&str] = &[
    "_timescaledb_cache",
    "_timescaledb_catalog",
    "_timescaledb_config",
    "_timescaledb_internal",
    "cron",
    "drizzle",
    "graphile_migrate",
    "graphql",
    "graphql_public",
    "hdb_catalog",
    "information_schema",
    "partman",
    "pg_catalog",
    "pg_toast",
    "pgbouncer",
    "pgsodium",
    "supabase_functions",
    "supabase_migrations",
    "tiger",
    "topology",
];

/// Schemas that Supabase owns where its roles are in use; elsewhere a project may well have an `auth` of its own.
const SUPABASE_SCHEMAS: &[&str] = &["auth", "extensions", "realtime", "storage", "vault", "_realtime", "net"];

/// Whether a migration tool or an extension keeps its own state in a table of this name.
pub(crate) fn is_tool_table(name: &str) -> bool {
    TOOL_TABLES.contains(&name.to_ascii_lowercase().as_str())
}

/// Which tables and schemas are the project's own.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    tables: Vec<bool>,
    /// The same, dropped ones too.
    ever: Vec<bool>,
    namespaces: Vec<bool>,
    /// Whether the roles of Supabase or PostgREST are in use, so that tables are reachable from outside.
    pub(crate) web_roles: bool,
}

impl Scope {
    pub(crate) fn new(schema: &Schema, policy: &Policy) -> Self {
        let web_roles = has_web_roles(schema);
        // A schema that nothing creates may still hold what the project itself creates in it.
        let native: Vec<bool> = schema
            .namespaces
            .iter()
            .map(|(_, n)| {
                let name = n.name.as_str();
                !(TOOL_SCHEMAS.contains(&name) || web_roles && SUPABASE_SCHEMAS.contains(&name))
            })
            .collect();
        let ever: Vec<bool> = schema
            .tables
            .iter()
            .map(|(id, t)| {
                !t.assumed
                    && t.persistence != Persistence::Temporary
                    && native.get(t.namespace.index()).copied().unwrap_or(false)
                    && !is_tool_table(&t.name)
                    && !policy.ignores(|| schema.path(ObjectId::Table(id)))
            })
            .collect();
        let tables = schema.tables.iter().zip(&ever).map(|((_, t), own)| *own && t.dropped.is_none()).collect();
        let namespaces = schema
            .namespaces
            .iter()
            .zip(&native)
            .map(|((_, n), own)| *own && !n.assumed && n.dropped.is_none())
            .collect();
        Self { tables, ever, namespaces, web_roles }
    }

    pub(crate) fn owns(&self, table: TableId) -> bool {
        self.tables.get(table.index()).copied().unwrap_or(false)
    }

    pub(crate) fn owned(&self, table: TableId) -> bool {
        self.ever.get(table.index()).copied().unwrap_or(false)
    }

    pub(crate) fn owns_namespace(&self, namespace: NamespaceId) -> bool {
        self.namespaces.get(namespace.index()).copied().unwrap_or(false)
    }
}

/// Whether `anon` or `authenticated`, the roles of Supabase and PostgREST, stand in a policy or a grant, or are created.
fn has_web_roles(schema: &Schema) -> bool {
    let web = |name: &str| matches!(name, "anon" | "authenticated" | "service_role");
    schema.policies.iter().any(|(_, p)| p.dropped.is_none() && p.roles.iter().any(|r| web(r)))
        || schema.grants.iter().any(|g| g.grant.grantees.iter().any(|r| web(&r.fold())))
        || schema.others.iter().any(|(_, o)| o.kind == ObjectKind::Role && o.dropped.is_none() && web(&o.name))
}
