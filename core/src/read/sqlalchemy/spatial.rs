//! Indexes that GeoAlchemy makes for its columns when their table is made, or when they are added. Source: `geoalchemy2/admin/dialects/postgresql.py`.

use super::sql::{Known, Sql, name_of};
use crate::read::python::{Arguments, Value};
use crate::source::Mapped;

/// What such an index is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Key {
    Column,
    AllDimensions,
    Outline,
}

/// The index of a column of this type; nothing where it has none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Spatial(Key);

impl Spatial {
    /// What a column's type says.
    pub(crate) fn of(data_type: &Value) -> Option<Self> {
        let none = Arguments::default();
        let (callee, arguments) = data_type.as_call().unwrap_or((data_type, &none));
        let path = callee.as_name().filter(|path| path.starts_with("geoalchemy2."))?;
        let says = |place: usize, name: &str| arguments.get(place, name).and_then(Value::as_bool);
        let (place, key) = match path.rsplit('.').next()? {
            "Geometry" | "Geography" if says(4, "use_N_D_index") == Some(true) => (3, Key::AllDimensions),
            "Geometry" | "Geography" => (3, Key::Column),
            "Raster" => (0, Key::Outline),
            _ => return None,
        };
        (says(place, "spatial_index") != Some(false)).then_some(Self(key))
    }

    /// The statement that makes it.
    pub(crate) fn create(self, schema: Option<&Value>, table: &Value, column: &Mapped) -> Known<Sql> {
        let span = column.whole().unwrap_or(table.span);
        let name = format!("idx_{}_{}", name_of(table)?.as_str(), column.as_str());
        let mut sql = Sql::new("CREATE INDEX ", span);
        sql.name(&Mapped::made(&name, span)).word(" ON ", span);
        sql.qualified(schema, table)?.word(" USING gist (", span);
        match self.0 {
            Key::Column => sql.name(column),
            Key::AllDimensions => sql.name(column).word(" gist_geometry_ops_nd", span),
            Key::Outline => sql.word("ST_ConvexHull(", span).name(column).word(")", span),
        };
        sql.word(")", span);
        Ok(sql)
    }
}
