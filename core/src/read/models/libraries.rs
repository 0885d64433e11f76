//! What well-known packages bring to the models that extend their classes: columns that stand in no file of the project.
//!
//! Each is a module of our own words in `libraries/`, with the facts that matter to a database and nothing else. They are read as if they had been given with
//! the project, by projects that import them and were not given with the package itself. Source: the packages' documentation, and what
//! `metadata.create_all` of SQLAlchemy makes of their classes.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::Reader;
use crate::read::python::ast::StmtKind;
use crate::read::python::parser;
use crate::source::{FileId, Mapped, Span};

/// The file that these modules stand in: none. What they say stands, for the reader, where a class of the project extends theirs.
const FILE: FileId = FileId(u32::MAX);

/// Paths and texts. A text may stand under several paths, and import others.
const MODULES: &[(&str, &str)] = &[
    ("advanced_alchemy/base.py", include_str!("libraries/advanced_alchemy_base.py")),
    ("advanced_alchemy/mixins/__init__.py", include_str!("libraries/advanced_alchemy_mixins.py")),
    ("advanced_alchemy/extensions/litestar/__init__.py", include_str!("libraries/advanced_alchemy_all.py")),
    ("advanced_alchemy/extensions/fastapi/__init__.py", include_str!("libraries/advanced_alchemy_all.py")),
    ("advanced_alchemy/extensions/flask/__init__.py", include_str!("libraries/advanced_alchemy_all.py")),
    ("advanced_alchemy/extensions/sanic/__init__.py", include_str!("libraries/advanced_alchemy_all.py")),
    ("advanced_alchemy/extensions/starlette/__init__.py", include_str!("libraries/advanced_alchemy_all.py")),
    ("litestar/plugins/sqlalchemy.py", include_str!("libraries/advanced_alchemy_all.py")),
    ("litestar/contrib/sqlalchemy/base.py", include_str!("libraries/advanced_alchemy_all.py")),
    ("authlib/integrations/sqla_oauth2/__init__.py", include_str!("libraries/authlib.py")),
    ("fastapi_users_db_sqlalchemy/__init__.py", include_str!("libraries/fastapi_users.py")),
    ("fastapi_users_db_sqlalchemy/access_token.py", include_str!("libraries/fastapi_users_access_token.py")),
    ("fastapi_users/db/__init__.py", include_str!("libraries/fastapi_users.py")),
    ("flask_dance/consumer/storage/sqla.py", include_str!("libraries/flask_dance.py")),
    ("flask_security/models/fsqla.py", include_str!("libraries/flask_security_1.py")),
    ("flask_security/models/fsqla_v2.py", include_str!("libraries/flask_security_2.py")),
    ("flask_security/models/fsqla_v3.py", include_str!("libraries/flask_security_3.py")),
    ("oslo_db/sqlalchemy/models.py", include_str!("libraries/oslo_db.py")),
    ("sqlalchemy_helpers/__init__.py", include_str!("libraries/sqlalchemy_helpers.py")),
    ("sqlalchemy_helpers/manager.py", include_str!("libraries/sqlalchemy_helpers.py")),
    ("sqlalchemy_mixins/__init__.py", include_str!("libraries/sqlalchemy_mixins.py")),
    ("sqlalchemy_mixins/timestamp.py", include_str!("libraries/sqlalchemy_mixins.py")),
    ("sqlalchemy_utils/__init__.py", include_str!("libraries/sqlalchemy_utils.py")),
    ("sqlalchemy_utils/models.py", include_str!("libraries/sqlalchemy_utils.py")),
];

/// Classes of packages that models extend for what their objects do: they bring no columns.
const WITHOUT_COLUMNS: &[&str] = &[
    "advanced_alchemy.mixins.UniqueMixin",
    "flask_login.UserMixin",
    "flask_login.mixins.UserMixin",
    "flask_security.RoleMixin",
    "flask_security.UserMixin",
    "flask_security.WebAuthnMixin",
    "flask_security.core.RoleMixin",
    "flask_security.core.UserMixin",
    "sqlalchemy_mixins.ActiveRecordMixin",
    "sqlalchemy_mixins.AllFeaturesMixin",
    "sqlalchemy_mixins.EagerLoadMixin",
    "sqlalchemy_mixins.InspectionMixin",
    "sqlalchemy_mixins.ReprMixin",
    "sqlalchemy_mixins.SerializeMixin",
    "sqlalchemy_mixins.SessionMixin",
    "sqlalchemy_mixins.SmartQueryMixin",
    "sqlalchemy_serializer.SerializerMixin",
];

/// Whether a class of a package is known to bring no columns.
pub(super) fn has_no_columns(path: &str) -> bool {
    WITHOUT_COLUMNS.contains(&path)
}

/// Whether something stands in one of the modules here.
pub(super) fn is_of_library(span: Span) -> bool {
    span.file == FILE
}

/// A span of the project: this one, or where the other is of a library, that.
pub(super) fn of_project(span: Span, otherwise: Span) -> Span {
    if is_of_library(span) { otherwise } else { span }
}

/// A text in which what is of a library stands at a place of the project.
pub(super) fn moved(text: &Mapped, to: Span) -> Mapped {
    text.moved(FILE, to)
}

impl Reader {
    /// Adds the modules of the packages that the modules of the project import.
    pub(super) fn add_libraries(&mut self) {
        let mut roots = BTreeSet::new();
        for ast in (0..self.modules).filter_map(|module| self.python.ast(module)) {
            let paths = ast.stmts.iter().flat_map(|statement| match &statement.kind {
                StmtKind::Import(names) => names.iter().map(|(name, _)| name.as_str()).collect(),
                StmtKind::ImportFrom { dots: 0, module, .. } => vec![module.as_str()],
                _ => Vec::new(),
            });
            roots.extend(paths.map(|path| path.split('.').next().unwrap_or(path).to_owned()));
        }
        if roots.contains("litestar") {
            roots.insert("advanced_alchemy".to_owned());
        }
        for (path, text) in MODULES {
            if roots.contains(path.split('/').next().unwrap_or_default()) {
                let (ast, _) = parser::parse(text, FILE, 0);
                self.python.add_library(path, Rc::new(ast));
            }
        }
    }
}
