//! GRANT, REVOKE and ALTER DEFAULT PRIVILEGES. Source: PostgreSQL manual, the pages of these names.

use smol_str::SmolStr;

use super::cursor::{Parser, Read};
use super::lexer::TokenKind;
use super::object::unqualified;
use crate::name::Ident;
use crate::operation::*;

/// A privilege with the columns that it is for, or a role that is granted.
struct Privilege {
    name: Ident,
    columns: Vec<Ident>,
}

impl Parser<'_> {
    /// Behind GRANT or REVOKE.
    pub(super) fn grant(&mut self, revoke: bool) -> Read<()> {
        let with_grant_option =
            revoke && (self.eat_all(&["GRANT", "OPTION", "FOR"]) || self.eat_all(&["ADMIN", "OPTION", "FOR"]));
        // INHERIT or SET OPTION FOR: the membership stays.
        let membership_stays = revoke && !with_grant_option && self.is_at(1, "OPTION");
        if membership_stays {
            self.pos += 2;
            self.expect_word("FOR")?;
        }
        let privileges = self.privileges()?;
        let mut grant = Grant {
            revoke,
            privileges: Vec::new(),
            objects: Vec::new(),
            kind: ObjectKind::Role,
            in_schemas: Vec::new(),
            grantees: Vec::new(),
            with_grant_option,
        };
        if self.eat("ON") {
            self.grant_objects(&mut grant)?;
            let result = self.grantees(&mut grant);
            self.emit_grants(grant, &privileges);
            return result;
        }
        // Roles granted to roles.
        let roles = privileges.into_iter().map(|p| Self::reference(ObjectKind::Role, unqualified(p.name), None));
        grant.objects.extend(roles);
        let result = self.grantees(&mut grant);
        if membership_stays {
            for object in grant.objects {
                self.emit(OperationKind::AlterOther { object, members: None });
            }
        } else {
            self.emit(OperationKind::Grant(Box::new(grant)));
        }
        result
    }

    /// `SELECT (a, b), UPDATE`, `ALL PRIVILEGES`, or role names.
    fn privileges(&mut self) -> Read<Vec<Privilege>> {
        if self.eat("ALL") {
            self.eat("PRIVILEGES");
            let token = self.tokens.get(self.pos - 1).copied().unwrap_or(self.peek());
            let name = Ident { text: SmolStr::new_static("ALL"), quoted: false, span: self.span(token) };
            let columns = self.optional_column_list()?;
            return Ok(vec![Privilege { name, columns }]);
        }
        self.list(|p| {
            let mut name = if p.is_any(&["SELECT", "REFERENCES", "CREATE"]) {
                p.label("a privilege")?
            } else if p.kind() == TokenKind::Quoted || !p.is_any(&["CURRENT_USER", "SESSION_USER", "CURRENT_ROLE"]) {
                p.nonreserved("a privilege or a role")?
            } else {
                p.role()?
            };
            // ALTER SYSTEM on parameters.
            if p.eat("SYSTEM") {
                name.text = SmolStr::new_static("ALTER SYSTEM");
            }
            Ok(Privilege { name, columns: p.optional_column_list()? })
        })
    }

    /// Behind ON.
    fn grant_objects(&mut self, grant: &mut Grant) -> Read<()> {
        if self.is("ALL") {
            self.pos += 1;
            grant.kind = self.plural_kind()?;
            self.expect_word("IN")?;
            self.expect_word("SCHEMA")?;
            grant.in_schemas = self.list(|p| p.identifier("a schema"))?;
            return Ok(());
        }
        let kind = if self.eat_all(&["FOREIGN", "SERVER"]) {
            ObjectKind::Server
        } else if self.is("PARAMETER") && self.kind_at(1) == TokenKind::Word && !self.is_at(1, "TO") {
            self.pos += 1;
            grant.kind = ObjectKind::Parameter;
            grant.objects = self.list(|p| {
                let from = p.pos;
                let text = p.setting_name()?;
                let span = p.span_from(from);
                let name = Ident { text, quoted: false, span };
                Ok(Self::reference(ObjectKind::Parameter, unqualified(name), None))
            })?;
            return Ok(());
        } else if self.names_a_kind() {
            self.object_kind().unwrap_or(ObjectKind::Table)
        } else {
            ObjectKind::Table
        };
        grant.kind = kind;
        grant.objects = self.list(|p| p.object(kind))?;
        Ok(())
    }

    /// Whether a key word of a kind comes next, and not a table of such a name (`GRANT SELECT ON type TO x`).
    fn names_a_kind(&self) -> bool {
        !self.is_at(1, "TO")
            && !self.is_at(1, "FROM")
            && !matches!(self.kind_at(1), TokenKind::Comma | TokenKind::Dot)
            && self.kind() == TokenKind::Word
    }

    fn plural_kind(&mut self) -> Read<ObjectKind> {
        const PLURALS: &[(&str, ObjectKind)] = &[
            ("TABLES", ObjectKind::Table),
            ("SEQUENCES", ObjectKind::Sequence),
            ("FUNCTIONS", ObjectKind::Function),
            ("PROCEDURES", ObjectKind::Procedure),
            ("ROUTINES", ObjectKind::Routine),
            ("TYPES", ObjectKind::Type),
            ("SCHEMAS", ObjectKind::Schema),
        ];
        if self.eat_all(&["LARGE", "OBJECTS"]) {
            return Ok(ObjectKind::LargeObject);
        }
        match PLURALS.iter().find(|(word, _)| self.eat(word)) {
            Some((_, kind)) => Ok(*kind),
            None => Err(self.expected("`TABLES`, `SEQUENCES`, `FUNCTIONS`, `ROUTINES`, `TYPES` or `SCHEMAS`")),
        }
    }

    /// TO or FROM roles, and what may stand behind them.
    fn grantees(&mut self, grant: &mut Grant) -> Read<()> {
        self.expect_word(if grant.revoke { "FROM" } else { "TO" })?;
        grant.grantees = self.list(|p| {
            if p.is("GROUP") && p.kind_at(1) != TokenKind::End && p.kind_at(1) != TokenKind::Comma {
                p.pos += 1;
            }
            p.role()
        })?;
        loop {
            if self.eat_all(&["WITH", "GRANT", "OPTION"]) {
                grant.with_grant_option = true;
            } else if self.eat_all(&["GRANTED", "BY"]) {
                self.role()?;
            } else if grant.kind == ObjectKind::Role && self.eat("WITH") {
                // ADMIN OPTION, INHERIT TRUE, SET FALSE: of memberships.
                grant.with_grant_option = self
                    .list(|p| {
                        let admin = p.is("ADMIN");
                        p.label("an option")?;
                        let given = !p.is("FALSE");
                        if p.is_any(&["OPTION", "TRUE", "FALSE"]) {
                            p.pos += 1;
                        }
                        Ok(admin && given)
                    })?
                    .contains(&true);
            } else {
                break;
            }
        }
        self.cascade();
        self.finish("the end of the statement");
        Ok(())
    }

    /// One operation for the privileges on whole objects, one for each list of columns.
    fn emit_grants(&mut self, grant: Grant, privileges: &[Privilege]) {
        let upper = |p: &Privilege| SmolStr::new(p.name.text.to_ascii_uppercase());
        let whole: Vec<SmolStr> = privileges.iter().filter(|p| p.columns.is_empty()).map(upper).collect();
        let per_column = privileges.iter().filter(|p| !p.columns.is_empty());
        for privilege in per_column {
            let mut of_columns = grant.clone();
            of_columns.kind = ObjectKind::Column;
            of_columns.privileges = vec![upper(privilege)];
            of_columns.objects = grant
                .objects
                .iter()
                .flat_map(|table| {
                    privilege
                        .columns
                        .iter()
                        .map(|column| Self::reference(ObjectKind::Column, table.name.clone(), Some(column.clone())))
                })
                .collect();
            self.emit(OperationKind::Grant(Box::new(of_columns)));
        }
        if !whole.is_empty() {
            self.emit(OperationKind::Grant(Box::new(Grant { privileges: whole, ..grant })));
        }
    }

    /// Behind ALTER DEFAULT PRIVILEGES.
    pub(super) fn default_privileges(&mut self) -> Read<()> {
        let (mut schemas, mut roles) = (Vec::new(), Vec::new());
        loop {
            if self.eat_all(&["FOR", "ROLE"]) || self.eat_all(&["FOR", "USER"]) {
                roles = self.list(|p| p.role())?;
            } else if self.eat_all(&["IN", "SCHEMA"]) {
                schemas = self.list(|p| p.identifier("a schema"))?;
            } else {
                break;
            }
        }
        let revoke = self.eat("REVOKE");
        if !revoke {
            self.expect_word("GRANT")?;
        }
        let with_grant_option = revoke && self.eat_all(&["GRANT", "OPTION", "FOR"]);
        let privileges = self.privileges()?;
        self.expect_word("ON")?;
        let kind = self.plural_kind()?;
        let mut grant = Grant {
            revoke,
            privileges: privileges.iter().map(|p| SmolStr::new(p.name.text.to_ascii_uppercase())).collect(),
            objects: Vec::new(),
            kind,
            in_schemas: Vec::new(),
            grantees: Vec::new(),
            with_grant_option,
        };
        let result = self.grantees(&mut grant);
        self.emit(OperationKind::DefaultPrivileges { schemas, roles, grant: Box::new(grant) });
        result
    }
}
