//! Functions, procedures and aggregates.

use super::conflict::{Outcome, refuse, refuse_for, state};
use super::references::Scope;
use super::{Effect, Replayer};
use crate::name::{Ident, Name, QualifiedName};
use crate::operation::{
    ArgumentMode, CreateFunction, FunctionArgument, FunctionAttributes, FunctionBody, FunctionKind, ObjectKind,
    ObjectRef, TypeDefinition, TypeName, Volatility,
};
use crate::order::Order;
use crate::schema::{Argument, BaseType, DataType, Function, FunctionId, NamespaceId, ObjectId};
use crate::source::Span;

/// A function that cannot be as it is written, or not in the place of the one that is there.
const INVALID_FUNCTION_DEFINITION: &str = "42P13";

impl Replayer {
    /// Refuses parameters that cannot stand together, in the server's order (`interpret_function_parameter_list`). Source: PostgreSQL manual, CREATE
    /// FUNCTION.
    fn check_parameters(&self, create: &CreateFunction, arguments: &[Argument], returns: Option<&DataType>) -> Outcome {
        if create.kind == FunctionKind::Aggregate {
            return Ok(());
        }
        let span = create.name.name.span;
        let wrong = |message: String| refuse(INVALID_FUNCTION_DEFINITION, span, message);
        let reads = |mode: ArgumentMode| mode != ArgumentMode::Out;
        let writes = |mode: ArgumentMode| matches!(mode, ArgumentMode::Out | ArgumentMode::InOut);
        let mut variadic = false;
        let mut optional = false;
        for (at, argument) in arguments.iter().enumerate() {
            if reads(argument.mode) && variadic {
                return wrong("VARIADIC parameter must be the last input parameter".to_owned());
            }
            if argument.mode == ArgumentMode::Variadic {
                variadic = true;
                let scalar = matches!(&argument.data_type.base, BaseType::Builtin(name) if !name.starts_with("any") && name != "\"any\"");
                if scalar && !argument.data_type.array {
                    return wrong("VARIADIC parameter must be an array".to_owned());
                }
            }
            let twice = argument.name.as_ref().filter(|name| !name.is_empty()).filter(|name| {
                let before = arguments.iter().take(at).filter(|a| a.name.as_ref() == Some(*name));
                before
                    .into_iter()
                    .any(|a| (reads(a.mode) && reads(argument.mode)) || (writes(a.mode) && writes(argument.mode)))
            });
            if let Some(name) = twice {
                return wrong(format!("parameter name \"{name}\" used more than once"));
            }
            if matches!(argument.mode, ArgumentMode::In | ArgumentMode::InOut) {
                if optional && argument.default.is_none() {
                    return wrong("input parameters after one with a default value must also have defaults".to_owned());
                }
                optional |= argument.default.is_some();
            }
        }
        let gives = create.returns.is_some() || !create.returns_table.is_empty();
        if create.kind == FunctionKind::Function && !gives && !arguments.iter().any(|a| writes(a.mode)) {
            return wrong("function result type must be specified".to_owned());
        }
        let outputs: Vec<&DataType> = arguments.iter().filter(|a| writes(a.mode)).map(|a| &a.data_type).collect();
        let required = match outputs.as_slice() {
            [] => None,
            [one] => Some((*one).clone()),
            _ => Some(DataType::builtin("record")),
        };
        if let (Some(returns), Some(required)) = (returns, required)
            && known(returns)
            && known(&required)
            && *returns != required
        {
            let required = required.display(&self.schema);
            return wrong(format!("function result type must be {required} because of OUT parameters"));
        }
        let language = create.attributes.language.as_ref().map(Ident::fold);
        if returns.is_some_and(|t| t.builtin_name() == Some("trigger")) {
            match language.as_deref() {
                Some("sql") => return wrong("SQL functions cannot return type trigger".to_owned()),
                Some("plpgsql") if !arguments.is_empty() && !self.session.bodies_unread => {
                    return wrong("trigger functions cannot have declared arguments".to_owned());
                }
                _ => {}
            }
        }
        if create.attributes.language.is_none() && matches!(create.body, Some(FunctionBody::String(_))) {
            return wrong("no language specified".to_owned());
        }
        Ok(())
    }

    /// A function in C that returns a type which is not there announces it: the input function of a base type is made before the type.
    /// Source: PostgreSQL manual, CREATE TYPE, "Base Types".
    fn make_shell(&mut self, create: &CreateFunction, returns: &TypeName) -> Outcome {
        let in_c = |l: &Ident| matches!(l.fold().as_str(), "c" | "internal");
        let plain = returns.dimensions == 0 && returns.modifiers.is_empty() && !returns.setof && !returns.percent_type;
        if !plain || !create.attributes.language.as_ref().is_some_and(in_c) || self.resolve_type(returns).is_ok() {
            return Ok(());
        }
        let name = QualifiedName { schema: returns.schema.clone(), name: returns.name.clone() };
        self.create_type(&name, &TypeDefinition::Shell)
    }

    /// CREATE FUNCTION, PROCEDURE and AGGREGATE.
    pub(super) fn create_function(&mut self, create: &CreateFunction) -> Outcome {
        let namespace = self.namespace_for(&create.name)?;
        let name = create.name.name.fold();
        let mut arguments = Vec::with_capacity(create.arguments.len());
        for argument in &create.arguments {
            arguments.push(Argument {
                mode: argument.mode,
                name: argument.name.as_ref().map(Ident::fold),
                data_type: self.resolve_argument_type(&argument.data_type)?,
                default: argument.default.clone(),
            });
        }
        let returns = match &create.returns {
            Some(written) => {
                self.make_shell(create, written)?;
                Some(self.resolve_argument_type(written)?)
            }
            None => None,
        };
        let mut returns_table = Vec::with_capacity(create.returns_table.len());
        for (column, written) in &create.returns_table {
            returns_table.push((column.fold(), self.resolve_argument_type(written)?));
        }
        let kind = match create.kind {
            FunctionKind::Function if create.attributes.window => FunctionKind::Window,
            kind => kind,
        };
        let attributes = &create.attributes;
        if !self.described {
            self.check_parameters(create, &arguments, returns.as_ref())?;
        }
        let existing = self.same_signature(namespace, &name, &arguments);
        if let Some(existing) = existing {
            let old_kind = self.schema.functions.get(existing).map(|f| f.kind);
            if !create.or_replace {
                return refuse_for(
                    state::DUPLICATE_FUNCTION,
                    create.name.name.span,
                    format!("function \"{name}\" already exists with same argument types"),
                    vec![ObjectId::Function(existing)],
                );
            }
            if old_kind.is_some_and(|old| old != kind) {
                return refuse_for(
                    state::WRONG_OBJECT_TYPE,
                    create.name.name.span,
                    "cannot change routine kind",
                    vec![ObjectId::Function(existing)],
                );
            }
            self.check_replacement(existing, create, &arguments, returns.as_ref(), &returns_table)?;
        }
        if let Some(language) = &attributes.language {
            self.check_language(language)?;
        }
        let aggregate = kind == FunctionKind::Aggregate;
        let references = match &create.body {
            Some(FunctionBody::Sql(body)) => self.scan(body, Scope::Nothing),
            _ => crate::schema::StoredExpr::default(),
        };
        let default_language = if aggregate { "internal" } else { "sql" };
        let mut function = Function {
            namespace,
            name: name.clone(),
            kind,
            arguments,
            returns,
            returns_set: create.returns.as_ref().is_some_and(|r| r.setof) || !create.returns_table.is_empty(),
            returns_table,
            language: attributes.language.as_ref().map_or_else(|| default_language.into(), Ident::fold),
            security_definer: attributes.security_definer.unwrap_or(false),
            volatility: attributes.volatility.unwrap_or(if aggregate {
                Volatility::Immutable
            } else {
                Volatility::Volatile
            }),
            strict: attributes.strict.unwrap_or(false),
            leakproof: attributes.leakproof.unwrap_or(false),
            settings: Vec::new(),
            body: create.body.clone(),
            library: create.library.clone(),
            references: references.references.clone(),
            uses: self.used_by(create),
            comment: None,
            owner: None,
            span: self.span,
            name_span: create.name.name.span,
            dropped: None,
        };
        set_settings(&mut function, attributes);
        let id = existing.unwrap_or_else(|| self.schema.functions.next_id());
        self.note_function(id, &function);
        self.note_references(ObjectId::Function(id), &references);
        match existing {
            Some(_) => {
                if let Some(slot) = self.schema.functions.get_mut(id) {
                    function.comment = slot.comment.take();
                    function.owner = slot.owner.take();
                    *slot = function;
                }
                self.effect(Effect::Altered(ObjectId::Function(id)));
            }
            None => {
                self.schema.functions.push(function);
                self.schema.bind_function(namespace, name, id);
                self.effect(Effect::Created(ObjectId::Function(id)));
            }
        }
        self.check_body(create)
    }

    /// Languages other than those of PostgreSQL come with an extension of their name or with CREATE LANGUAGE. What is called like a
    /// procedural language may have been installed by an administrator.
    fn check_language(&self, language: &Ident) -> Outcome {
        let name = language.fold();
        let known = matches!(name.as_str(), "sql" | "plpgsql" | "c" | "internal")
            || name.starts_with("pl")
            || self.schema.find_extension(&name).is_some()
            || self.schema.find_other(ObjectKind::Language, None, &name).is_some()
            || self.live_extensions().any(|(e, _)| super::known::extension(e).is_none());
        if known {
            return Ok(());
        }
        refuse(state::UNDEFINED_OBJECT, language.span, format!("language \"{name}\" does not exist"))
    }

    /// What OR REPLACE may not change. Source: PostgreSQL manual, CREATE FUNCTION.
    fn check_replacement(
        &self,
        existing: FunctionId,
        create: &CreateFunction,
        arguments: &[Argument],
        returns: Option<&DataType>,
        returns_table: &[(Name, DataType)],
    ) -> Outcome {
        let Some(old) = self.schema.functions.get(existing) else { return Ok(()) };
        if create.kind != FunctionKind::Function {
            return Ok(());
        }
        let set = create.returns.as_ref().is_some_and(|r| r.setof) || !returns_table.is_empty();
        let changed = old.returns_set != set
            || match (&old.returns, returns) {
                (Some(a), Some(b)) => known(a) && known(b) && a != b,
                _ => false,
            }
            || (!old.returns_table.is_empty() && !returns_table.is_empty() && old.returns_table != returns_table)
            || outputs_differ(&old.arguments, arguments);
        if changed {
            return refuse_for(
                INVALID_FUNCTION_DEFINITION,
                create.name.name.span,
                "cannot change return type of existing function",
                vec![ObjectId::Function(existing)],
            );
        }
        let renamed = old
            .input_arguments()
            .zip(arguments.iter().filter(|a| a.mode != ArgumentMode::Out))
            .find(|(a, b)| a.name.is_some() && a.name != b.name);
        if let Some((before, _)) = renamed {
            return refuse_for(
                INVALID_FUNCTION_DEFINITION,
                create.name.name.span,
                format!("cannot change name of input parameter \"{}\"", before.name.as_deref().unwrap_or_default()),
                vec![ObjectId::Function(existing)],
            );
        }
        let defaults = |all: &[Argument]| all.iter().filter(|a| a.default.is_some()).count();
        if defaults(arguments) < defaults(&old.arguments) {
            return refuse_for(
                INVALID_FUNCTION_DEFINITION,
                create.name.name.span,
                "cannot remove parameter defaults from existing function",
                vec![ObjectId::Function(existing)],
            );
        }
        Ok(())
    }

    fn note_function(&mut self, id: FunctionId, function: &Function) {
        let types = function
            .arguments
            .iter()
            .map(|a| &a.data_type)
            .chain(&function.returns)
            .chain(function.returns_table.iter().map(|(_, t)| t));
        for on in types.filter_map(Self::type_objects).chain(function.uses.iter().copied()) {
            self.schema.note_dependent(on, ObjectId::Function(id));
        }
    }

    /// What the defaults of arguments name, and the functions of an aggregate. Where several have the name of one of those, which of them is meant
    /// depends on types that are not looked into: then none is held.
    fn used_by(&self, create: &CreateFunction) -> Vec<ObjectId> {
        let defaults = create.arguments.iter().filter_map(|a| a.default.as_ref());
        let mut uses: Vec<ObjectId> =
            defaults.flat_map(|d| self.scan(d, Scope::Nothing).references).map(|r| r.target).collect();
        for name in &create.runs {
            let target = ObjectRef {
                kind: ObjectKind::Routine,
                name: name.clone(),
                part: None,
                arguments: None,
                span: name.span(),
            };
            uses.extend(self.find_function(&target).ok().map(ObjectId::Function));
        }
        uses.order();
        uses.dedup();
        uses
    }

    /// Whether no two functions of the input have this name, so that its name tells which one is called.
    pub(super) fn is_only_function(&self, name: &str) -> bool {
        self.schema.functions.iter().filter(|(_, f)| f.dropped.is_none() && f.name == name).count() == 1
    }

    /// The routine with the same input types.
    fn same_signature(&self, namespace: NamespaceId, name: &Name, arguments: &[Argument]) -> Option<FunctionId> {
        let wanted: Vec<&DataType> =
            arguments.iter().filter(|a| a.mode != ArgumentMode::Out).map(|a| &a.data_type).collect();
        self.schema.find_functions(namespace, name).iter().copied().find(|id| {
            self.schema.functions.get(*id).is_some_and(|f| {
                f.input_arguments().count() == wanted.len()
                    && f.input_arguments().zip(&wanted).all(|(a, b)| a.data_type == **b)
            })
        })
    }

    /// The routine that a statement names, with or without argument types.
    pub(super) fn find_function(&self, target: &ObjectRef) -> Outcome<FunctionId> {
        let name = target.name.name.fold();
        let namespaces: Vec<NamespaceId> = match &target.name.schema {
            Some(schema) => self.schema.find_namespace(&schema.fold()).into_iter().collect(),
            None => self.search_path().to_vec(),
        };
        let fits = |id: &FunctionId| {
            self.schema.functions.get(*id).is_some_and(|f| match target.kind {
                ObjectKind::Procedure => f.kind == FunctionKind::Procedure,
                ObjectKind::Aggregate => f.kind == FunctionKind::Aggregate,
                ObjectKind::Function => f.kind != FunctionKind::Procedure,
                _ => true,
            })
        };
        if let Some(written) = &target.arguments {
            let mut wanted = Vec::with_capacity(written.len());
            for argument in written.iter().filter(|a| a.mode != ArgumentMode::Out) {
                wanted.push(self.resolve_argument_type(&argument.data_type)?);
            }
            for namespace in namespaces {
                let found = self.schema.find_functions(namespace, &name).iter().copied().filter(fits).find(|id| {
                    self.schema.functions.get(*id).is_some_and(|f| {
                        f.input_arguments().count() == wanted.len()
                            && f.input_arguments().zip(&wanted).all(|(a, b)| a.data_type == *b)
                    })
                });
                if let Some(found) = found {
                    return Ok(found);
                }
            }
        } else {
            for namespace in namespaces {
                let all: Vec<FunctionId> =
                    self.schema.find_functions(namespace, &name).iter().copied().filter(fits).collect();
                match all.as_slice() {
                    [] => {}
                    [one] => return Ok(*one),
                    _ => {
                        let objects = all.into_iter().map(ObjectId::Function).collect();
                        return refuse_for(
                            state::AMBIGUOUS_FUNCTION,
                            target.name.span(),
                            format!("{} name \"{name}\" is not unique", routine_word(target.kind)),
                            objects,
                        );
                    }
                }
            }
        }
        if let Some(schema) = &target.name.schema {
            self.check_namespace(schema)?;
        }
        // A routine of another kind.
        let any = ObjectRef { kind: ObjectKind::Routine, ..target.clone() };
        if target.kind != ObjectKind::Routine
            && target.arguments.is_some()
            && let Ok(other) = self.find_function(&any)
        {
            let types: Vec<String> = self
                .schema
                .functions
                .get(other)
                .map(|f| f.input_arguments().map(|a| a.data_type.display(&self.schema)).collect())
                .unwrap_or_default();
            return refuse_for(
                state::WRONG_OBJECT_TYPE,
                target.name.span(),
                format!("{name}({}) is not {}", types.join(","), with_article(target.kind)),
                vec![ObjectId::Function(other)],
            );
        }
        self.missing_function(&target.name, target.arguments.as_deref(), target.kind, target.span)
    }

    fn missing_function<T>(
        &self,
        name: &QualifiedName,
        arguments: Option<&[FunctionArgument]>,
        kind: ObjectKind,
        span: Span,
    ) -> Outcome<T> {
        // Extensions and platforms bring functions that are not listed.
        let platform = name.schema.as_ref().is_some_and(|s| {
            let folded = s.fold();
            super::known::is_platform_schema(&folded) || folded == "pg_catalog"
        });
        if platform || self.extension_may_own_function() {
            return super::conflict::skip(span);
        }
        let shown = super::lookup::as_written(name);
        let word = routine_word(kind);
        match arguments {
            Some(arguments) => {
                let types: Vec<String> = arguments
                    .iter()
                    .filter(|a| a.mode != ArgumentMode::Out)
                    .map(|a| {
                        self.resolve_argument_type(&a.data_type)
                            .map_or_else(|_| a.data_type.name.fold().to_string(), |t| t.display(&self.schema))
                    })
                    .collect();
                refuse(
                    state::UNDEFINED_FUNCTION,
                    name.span(),
                    format!("{word} {shown}({}) does not exist", types.join(", ")),
                )
            }
            None => {
                refuse(state::UNDEFINED_FUNCTION, name.span(), format!("could not find a {word} named \"{shown}\""))
            }
        }
    }

    /// Notes whether a query calls a function of the input whose body may change the schema.
    pub(super) fn note_calls(&mut self, query: &crate::expr::Expr) {
        // PostGIS' function adds a column.
        if query.text.to_ascii_lowercase().contains("addgeometrycolumn") {
            self.opaque = true;
            return;
        }
        let scanned = self.scan(query, Scope::Nothing);
        let changes = |text: &str| {
            let text = text.to_ascii_lowercase();
            ["execute", "create ", "alter ", "drop "].iter().any(|word| text.contains(word))
        };
        let calls = scanned.references.iter().any(|r| match r.target {
            ObjectId::Function(id) => match self.schema.functions.get(id).and_then(|f| f.body.as_ref()) {
                Some(FunctionBody::String(body) | FunctionBody::Sql(body)) => changes(&body.text),
                None => false,
            },
            _ => false,
        });
        if calls {
            self.opaque = true;
            self.opaque_calls.push(self.at);
        }
    }

    /// ALTER FUNCTION.
    pub(super) fn alter_function(&mut self, target: &ObjectRef, attributes: &FunctionAttributes) -> Outcome {
        let id = self.find_function(target)?;
        if let Some(function) = self.schema.functions.get_mut(id) {
            if let Some(definer) = attributes.security_definer {
                function.security_definer = definer;
            }
            if let Some(volatility) = attributes.volatility {
                function.volatility = volatility;
            }
            if let Some(strict) = attributes.strict {
                function.strict = strict;
            }
            if let Some(leakproof) = attributes.leakproof {
                function.leakproof = leakproof;
            }
            set_settings(function, attributes);
        }
        self.effect(Effect::Altered(ObjectId::Function(id)));
        Ok(())
    }
}

fn known(data_type: &DataType) -> bool {
    !matches!(data_type.base, BaseType::Unknown { .. })
}

fn with_article(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Procedure => "a procedure",
        ObjectKind::Aggregate => "an aggregate function",
        _ => "a function",
    }
}

fn routine_word(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Procedure => "procedure",
        ObjectKind::Aggregate => "aggregate",
        ObjectKind::Routine => "routine",
        _ => "function",
    }
}

/// SET and RESET clauses.
fn set_settings(function: &mut Function, attributes: &FunctionAttributes) {
    for (name, value) in &attributes.settings {
        function.settings.retain(|(n, _)| n != name);
        if let Some(value) = value {
            function.settings.push((name.clone(), value.clone()));
        } else if name.eq_ignore_ascii_case("all") {
            function.settings.clear();
        }
    }
}

/// Whether the rows that output parameters make are certainly others than before.
fn outputs_differ(old: &[Argument], new: &[Argument]) -> bool {
    let outputs = |all: &[Argument]| -> Vec<(Option<Name>, DataType)> {
        let out = all.iter().filter(|a| matches!(a.mode, ArgumentMode::Out | ArgumentMode::InOut));
        out.map(|a| (a.name.clone(), a.data_type.clone())).collect()
    };
    let (old, new) = (outputs(old), outputs(new));
    if old.is_empty() || new.is_empty() || !old.iter().chain(&new).all(|(_, t)| known(t)) {
        return false;
    }
    match (old.as_slice(), new.as_slice()) {
        // One parameter is the result itself, and may be called otherwise.
        ([(_, old)], [(_, new)]) => old != new,
        (old, new) => old != new,
    }
}
