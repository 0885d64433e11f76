//! CREATE VIEW and CREATE MATERIALIZED VIEW. Source: PostgreSQL manual, "CREATE VIEW", "CREATE MATERIALIZED VIEW".

use smol_str::SmolStr;

use super::cursor::{Parser, Read};
use crate::expr::Expr;
use crate::operation::*;

/// What stands in front of VIEW.
#[derive(Clone, Copy, Default)]
pub(super) struct ViewPrefix {
    pub(super) or_replace: bool,
    pub(super) temporary: bool,
    pub(super) recursive: bool,
    pub(super) materialized: bool,
}

impl Parser<'_> {
    /// Behind CREATE … VIEW.
    pub(super) fn create_view(&mut self, prefix: ViewPrefix) -> Read<()> {
        if !prefix.materialized {
            self.no_if_not_exists("`CREATE VIEW`");
        }
        let if_not_exists = self.if_not_exists();
        let name = self.qualified("a view name")?;
        let mut view = CreateView {
            query: Expr::new("", name.span()),
            name,
            materialized: prefix.materialized,
            or_replace: prefix.or_replace,
            if_not_exists,
            temporary: prefix.temporary,
            recursive: prefix.recursive,
            columns: Vec::new(),
            options: Vec::new(),
            check_option: None,
            with_data: true,
        };
        let result = self.view_body(&mut view);
        self.emit(OperationKind::CreateView(Box::new(view)));
        result
    }

    fn view_body(&mut self, view: &mut CreateView) -> Read<()> {
        view.columns = self.optional_column_list()?;
        if view.materialized && self.eat("USING") {
            self.identifier("an access method")?;
        }
        if self.eat("WITH") {
            view.options = self.parameters()?;
        }
        if view.materialized && self.eat("TABLESPACE") {
            self.identifier("a tablespace")?;
        }
        self.expect_word("AS")?;
        let outer = self.end;
        if view.materialized {
            let before = self.before_with_data();
            view.with_data = before == outer || outer - before == 2;
            self.end = before;
        } else if let Some((before, option)) = self.check_option() {
            view.check_option = Some(SmolStr::new_static(option));
            self.end = before;
        }
        let query = self.query();
        self.end = outer;
        view.query = query?;
        self.pos = outer;
        Ok(())
    }

    /// WITH [CASCADED | LOCAL] CHECK OPTION at the end: where it begins, and which of the two it is.
    fn check_option(&self) -> Option<(usize, &'static str)> {
        if self.ends_with(&["WITH", "LOCAL", "CHECK", "OPTION"]) {
            Some((self.end - 4, "LOCAL"))
        } else if self.ends_with(&["WITH", "CASCADED", "CHECK", "OPTION"]) {
            Some((self.end - 4, "CASCADED"))
        } else if self.ends_with(&["WITH", "CHECK", "OPTION"]) {
            Some((self.end - 3, "CASCADED"))
        } else {
            None
        }
    }
}
