//! COMMENT ON. Source: PostgreSQL manual, "COMMENT".

use super::cursor::{Parser, Read};
use crate::operation::OperationKind;

impl Parser<'_> {
    /// Behind COMMENT.
    pub(super) fn comment(&mut self) -> Read<()> {
        self.expect_word("ON")?;
        let Some(kind) = self.object_kind() else {
            return Err(self.expected("the kind of an object, such as `TABLE` or `COLUMN`"));
        };
        let target = self.object(kind)?;
        self.expect_word("IS")?;
        let text = if self.eat("NULL") { None } else { Some(self.string_text("a string or `NULL`")?) };
        self.emit(OperationKind::Comment { target, text });
        self.finish("the end of the statement");
        Ok(())
    }
}
