//! What is there without the input making it: schemas of platforms, and what well-known extensions bring.

/// What an extension brings, as far as replay needs it.
#[derive(Debug)]
pub(super) struct KnownExtension {
    /// Its name.
    pub(super) name: &'static str,
    /// The types it owns.
    pub(super) types: &'static [&'static str],
    /// Tables and views it owns.
    pub(super) relations: &'static [&'static str],
    /// The schema that its control file fixes.
    pub(super) schema: Option<&'static str>,
}

const fn types(name: &'static str, types: &'static [&'static str]) -> KnownExtension {
    KnownExtension { name, types, relations: &[], schema: None }
}

/// Well-known extensions in ASCII order. Source: the extensions' own install scripts; PostgreSQL manual, appendix F.
const EXTENSIONS: &[KnownExtension] = &[
    KnownExtension { name: "adminpack", types: &[], relations: &[], schema: Some("pg_catalog") },
    types("amcheck", &[]),
    types("autoinc", &[]),
    types("bloom", &[]),
    types("btree_gin", &[]),
    types("btree_gist", &["gbtreekey4", "gbtreekey8", "gbtreekey16", "gbtreekey32", "gbtreekey_var", "gbtreekey2"]),
    types("citext", &["citext"]),
    types("cube", &["cube"]),
    types("dblink", &["dblink_pkey_results"]),
    types("dict_int", &[]),
    types("dict_xsyn", &[]),
    types("earthdistance", &["earth"]),
    types("file_fdw", &[]),
    types("fuzzystrmatch", &[]),
    types("h3", &["h3index"]),
    types("hll", &["hll", "hll_hashval"]),
    types("hstore", &["hstore", "ghstore"]),
    types("insert_username", &[]),
    types("intagg", &[]),
    types("intarray", &["query_int", "intbig_gkey"]),
    types("ip4r", &["ip4", "ip4r", "ip6", "ip6r", "ipaddress", "iprange"]),
    types("isn", &["ean13", "isbn13", "ismn13", "issn13", "isbn", "ismn", "issn", "upc"]),
    types("lo", &["lo"]),
    types("ltree", &["ltree", "lquery", "ltxtquery", "ltree_gist"]),
    types("moddatetime", &[]),
    types("old_snapshot", &[]),
    types("pageinspect", &[]),
    KnownExtension { name: "pg_buffercache", types: &[], relations: &["pg_buffercache"], schema: None },
    KnownExtension { name: "pg_cron", types: &[], relations: &[], schema: Some("pg_catalog") },
    types("pg_freespacemap", &[]),
    types("pg_prewarm", &[]),
    KnownExtension {
        name: "pg_stat_statements",
        types: &[],
        relations: &["pg_stat_statements", "pg_stat_statements_info"],
        schema: None,
    },
    types("pg_surgery", &[]),
    types("pg_trgm", &["gtrgm"]),
    types("pg_uuidv7", &[]),
    types("pg_visibility", &[]),
    types("pg_walinspect", &[]),
    types("pgcrypto", &[]),
    types("pgjwt", &[]),
    types("pgrowlocks", &[]),
    types("pgstattuple", &[]),
    KnownExtension { name: "plpgsql", types: &[], relations: &[], schema: Some("pg_catalog") },
    KnownExtension {
        name: "postgis",
        types: &[
            "geometry",
            "geography",
            "box2d",
            "box3d",
            "box2df",
            "gidx",
            "spheroid",
            "geometry_dump",
            "valid_detail",
        ],
        relations: &["spatial_ref_sys", "geometry_columns", "geography_columns"],
        schema: None,
    },
    KnownExtension {
        name: "postgis_raster",
        types: &[
            "raster",
            "rastbandarg",
            "geomval",
            "addbandarg",
            "summarystats",
            "unionarg",
            "reclassarg",
            "agg_count",
            "agg_samealignment",
        ],
        relations: &["raster_columns", "raster_overviews"],
        schema: None,
    },
    KnownExtension {
        name: "postgis_topology",
        types: &["topogeometry", "validatetopology_returntype", "getfaceedges_returntype", "topoelement"],
        relations: &["topology", "layer"],
        schema: Some("topology"),
    },
    types("postgres_fdw", &[]),
    types("prefix", &["prefix_range"]),
    types("refint", &[]),
    types("rum", &[]),
    types("seg", &["seg"]),
    types("semver", &["semver", "semverrange"]),
    types("sslinfo", &[]),
    types("tablefunc", &["tablefunc_crosstab_2", "tablefunc_crosstab_3", "tablefunc_crosstab_4"]),
    types("tcn", &[]),
    types("tsm_system_rows", &[]),
    types("tsm_system_time", &[]),
    types("ulid", &["ulid"]),
    types("unaccent", &[]),
    types("uuid-ossp", &[]),
    types("vector", &["vector", "halfvec", "sparsevec"]),
    types("xml2", &[]),
];

/// What is known of an extension.
pub(super) fn extension(name: &str) -> Option<&'static KnownExtension> {
    EXTENSIONS.binary_search_by(|e| e.name.cmp(name)).ok().and_then(|at| EXTENSIONS.get(at))
}

/// Whether a well-known extension owns a type of this name.
pub(super) fn is_extension_type(name: &str) -> bool {
    EXTENSIONS.iter().any(|e| e.types.contains(&name))
}

/// Schemas that hosting platforms and extensions bring, and that migrations written for them name without making them, in ASCII order.
const PLATFORM_SCHEMAS: &[&str] = &[
    "_analytics",
    "_realtime",
    "_timescaledb_internal",
    "ag_catalog",
    "auth",
    "cron",
    "extensions",
    "graphql",
    "graphql_public",
    "hdb_catalog",
    "neon_auth",
    "net",
    "partman",
    "pgbouncer",
    "pgmq",
    "pgmq_public",
    "pgsodium",
    "pgsodium_masks",
    "pgtle",
    "realtime",
    "storage",
    "supabase_functions",
    "supabase_migrations",
    "tiger",
    "tiger_data",
    "timescaledb_information",
    "topology",
    "vault",
];

/// Whether a schema of this name may be there although the input never makes it.
pub(crate) fn is_platform_schema(name: &str) -> bool {
    PLATFORM_SCHEMAS.binary_search(&name).is_ok()
}

/// Tables in which migration runners keep what they have run, in ASCII order: they make them themselves.
const BOOKKEEPING: &[&str] = &[
    "__diesel_schema_migrations",
    "__drizzle_migrations",
    "__efmigrationshistory",
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
    "knex_migrations",
    "knex_migrations_lock",
    "pgmigrations",
    "schema_migrations",
    "schema_version",
    "sequelizemeta",
];

/// Whether a table of this name belongs to a migration runner.
pub(crate) fn is_bookkeeping(name: &str) -> bool {
    BOOKKEEPING.binary_search(&name.to_ascii_lowercase().as_str()).is_ok()
}

/// Whether PostgreSQL may have a function of this name that administrators grant or revoke. Source: PostgreSQL manual, 9.27 "System
/// Administration Functions", 35.4 "Server-side Functions" of large objects, and what `pg_proc.proacl` restricts.
pub(super) fn may_be_builtin_function(name: &str) -> bool {
    [
        "pg_",
        "lo_",
        "txid_",
        "has_",
        "inet_",
        "current_",
        "database_to_",
        "schema_to_",
        "table_to_",
        "query_to_",
        "cursor_to_",
    ]
    .iter()
    .any(|p| name.starts_with(p))
        || matches!(name, "set_config" | "setval" | "nextval" | "currval" | "version" | "ts_stat")
}

/// Whether a statement of which little is read may take rows away.
pub(super) fn may_change_rows(verb: &str) -> bool {
    matches!(verb, "DO" | "CALL" | "EXECUTE" | "SELECT" | "PERFORM" | "DROP" | "DROP OWNED" | "IMPORT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_for_binary_search() {
        assert!(EXTENSIONS.is_sorted_by(|a, b| a.name < b.name));
        assert!(PLATFORM_SCHEMAS.is_sorted_by(|a, b| a < b));
        assert!(BOOKKEEPING.is_sorted_by(|a, b| a < b));
    }
}
