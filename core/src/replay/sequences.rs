//! Sequences, and the columns that own them.

use super::conflict::{Outcome, refuse, refuse_for, state};
use super::lookup::object_of;
use super::{Effect, Replayer};
use crate::name::{Name, QualifiedName};
use crate::operation::{CreateSequence, OwnedBy, SequenceOptions};
use crate::schema::{ColumnNumber, NamespaceId, ObjectId, RelationId, Sequence, SequenceId, TableId};
use crate::source::Span;

/// The smallest and largest value of an integer type.
fn limits(data_type: &str) -> (i64, i64) {
    match data_type {
        "smallint" => (i64::from(i16::MIN), i64::from(i16::MAX)),
        "integer" => (i64::from(i32::MIN), i64::from(i32::MAX)),
        _ => (i64::MIN, i64::MAX),
    }
}

impl Replayer {
    /// CREATE SEQUENCE.
    pub(super) fn create_sequence(&mut self, sequence: &CreateSequence) -> Outcome {
        let namespace = self.namespace_for_relation(&sequence.name, sequence.persistence)?;
        let name = sequence.name.name.fold();
        if let Some(existing) = self.schema.find_relation(namespace, &name) {
            if sequence.if_not_exists {
                return Ok(());
            }
            return refuse_for(
                state::DUPLICATE_TABLE,
                sequence.name.name.span,
                format!("relation \"{name}\" already exists"),
                vec![object_of(existing)],
            );
        }
        let data_type = self.sequence_type(&sequence.options)?.unwrap_or_else(|| Name::new_static("bigint"));
        check_values(&sequence.options, &data_type, self.span)?;
        let owner = self.sequence_owner(&sequence.options, Some(namespace), sequence.name.span())?;
        let id = self.make_sequence(namespace, name, data_type, &sequence.options, self.span, false);
        if let Some((table, column)) = owner {
            self.own_sequence(id, table, column);
        }
        Ok(())
    }

    /// AS type.
    fn sequence_type(&self, options: &SequenceOptions) -> Outcome<Option<Name>> {
        let Some(written) = &options.data_type else { return Ok(None) };
        match self.resolve_type(written)?.builtin_name() {
            Some(name @ ("smallint" | "integer" | "bigint")) => Ok(Some(name.into())),
            _ => refuse("22023", written.span, "sequence type must be smallint, integer, or bigint"),
        }
    }

    /// Makes a sequence that nobody owns yet. Source: PostgreSQL manual, CREATE SEQUENCE.
    pub(super) fn make_sequence(
        &mut self,
        namespace: NamespaceId,
        name: Name,
        data_type: Name,
        options: &SequenceOptions,
        span: Span,
        identity: bool,
    ) -> SequenceId {
        let (smallest, largest) = limits(&data_type);
        let increment = options.increment.unwrap_or(1);
        let ascending = increment > 0;
        let min = options.min.flatten().unwrap_or(if ascending { 1 } else { smallest });
        let max = options.max.flatten().unwrap_or(if ascending { largest } else { -1 });
        let id = self.schema.sequences.push(Sequence {
            namespace,
            name: name.clone(),
            data_type,
            start: options.start.unwrap_or(if ascending { min } else { max }),
            increment,
            min,
            max,
            cycle: options.cycle.unwrap_or(false),
            owned_by: None,
            identity,
            comment: None,
            span,
            dropped: None,
        });
        self.schema.bind_relation(namespace, name, Some(RelationId::Sequence(id)));
        self.effect(Effect::Created(ObjectId::Sequence(id)));
        id
    }

    /// The column that OWNED BY names. One of a view may own a sequence, too; that is not modelled, and leaves it without an owner.
    fn sequence_owner(
        &mut self,
        options: &SequenceOptions,
        home: Option<NamespaceId>,
        sequence: Span,
    ) -> Outcome<Option<(TableId, ColumnNumber)>> {
        let Some(OwnedBy::Column(written, column)) = options.owned_by.as_deref() else { return Ok(None) };
        let relation = self.relation(written)?;
        let there = match relation {
            RelationId::Table(table) => Some(self.table_namespace(table)),
            RelationId::View(view) => self.schema.views.get(view).filter(|v| !v.materialized).map(|v| v.namespace),
            _ => None,
        };
        let Some(there) = there else {
            let message = format!("sequence cannot be owned by relation \"{}\"", written.name.fold());
            return refuse(state::WRONG_OBJECT_TYPE, written.span(), message);
        };
        if home != Some(there) {
            let message = "sequence must be in same schema as table it is linked to";
            return refuse(state::OBJECT_NOT_IN_PREREQUISITE_STATE, sequence, message);
        }
        match relation {
            RelationId::Table(table) => Ok(Some((table, self.column(table, column)?))),
            RelationId::View(view) => self.check_view_column(view, column).map(|()| None),
            _ => Ok(None),
        }
    }

    /// Makes a column the owner of a sequence.
    pub(super) fn own_sequence(&mut self, sequence: SequenceId, table: TableId, column: ColumnNumber) {
        if let Some(s) = self.schema.sequences.get_mut(sequence) {
            s.owned_by = Some((table, column));
        }
        if let Some(c) = self.schema.tables.get_mut(table).and_then(|t| t.columns.get_mut(column.index())) {
            c.sequence = Some(sequence);
        }
        self.schema.note_dependent(ObjectId::Table(table), ObjectId::Sequence(sequence));
    }

    fn disown_sequence(&mut self, sequence: SequenceId) {
        let owner = self.schema.sequences.get_mut(sequence).and_then(|s| s.owned_by.take());
        if let Some((table, column)) = owner
            && let Some(c) = self.schema.tables.get_mut(table).and_then(|t| t.columns.get_mut(column.index()))
            && c.sequence == Some(sequence)
        {
            c.sequence = None;
        }
    }

    /// ALTER SEQUENCE with options.
    pub(super) fn alter_sequence(
        &mut self,
        name: &QualifiedName,
        if_exists: bool,
        options: &SequenceOptions,
    ) -> Outcome {
        if if_exists && self.find_relation(name).is_none() {
            return Ok(());
        }
        let id = self.sequence(name)?;
        let data_type = self.sequence_type(options)?;
        let identity = self.schema.sequences.get(id).is_some_and(|s| s.identity);
        if identity && options.owned_by.is_some() {
            return refuse(state::FEATURE_NOT_SUPPORTED, name.span(), "cannot change ownership of identity sequence");
        }
        let home = self.schema.sequences.get(id).map(|s| s.namespace);
        let owner = self.sequence_owner(options, home, name.span())?;
        self.change_sequence(id, data_type, options);
        if let Some((table, column)) = owner {
            self.disown_sequence(id);
            self.own_sequence(id, table, column);
        } else if options.owned_by.as_deref() == Some(&OwnedBy::Nobody) {
            self.disown_sequence(id);
        }
        self.effect(Effect::Altered(ObjectId::Sequence(id)));
        Ok(())
    }

    /// Applies options to a sequence that exists.
    pub(super) fn change_sequence(&mut self, id: SequenceId, data_type: Option<Name>, options: &SequenceOptions) {
        let Some(sequence) = self.schema.sequences.get_mut(id) else { return };
        if let Some(increment) = options.increment {
            sequence.increment = increment;
        }
        if let Some(data_type) = data_type {
            let (old_min, old_max) = limits(&sequence.data_type);
            let (new_min, new_max) = limits(&data_type);
            // Bounds that were those of the old type become those of the new one.
            if sequence.max == old_max {
                sequence.max = new_max;
            }
            if sequence.min == old_min {
                sequence.min = new_min;
            }
            sequence.data_type = data_type;
        }
        let (smallest, largest) = limits(&sequence.data_type);
        let ascending = sequence.increment > 0;
        match options.min {
            Some(Some(min)) => sequence.min = min,
            Some(None) => sequence.min = if ascending { 1 } else { smallest },
            None => {}
        }
        match options.max {
            Some(Some(max)) => sequence.max = max,
            Some(None) => sequence.max = if ascending { largest } else { -1 },
            None => {}
        }
        if let Some(start) = options.start {
            sequence.start = start;
        }
        if let Some(cycle) = options.cycle {
            sequence.cycle = cycle;
        }
    }
}

/// Refuses numbers that a new sequence cannot have. Source: PostgreSQL manual, CREATE SEQUENCE.
fn check_values(options: &SequenceOptions, data_type: &str, span: Span) -> Outcome {
    let wrong = |message: String| refuse("22023", span, message);
    let (smallest, largest) = limits(data_type);
    if options.increment == Some(0) {
        return wrong("INCREMENT must not be zero".to_owned());
    }
    let ascending = options.increment.unwrap_or(1) > 0;
    let min = options.min.flatten().unwrap_or(if ascending { 1 } else { smallest });
    let max = options.max.flatten().unwrap_or(if ascending { largest } else { -1 });
    for (word, value) in [("MAXVALUE", max), ("MINVALUE", min)] {
        if value < smallest || value > largest {
            return wrong(format!("{word} ({value}) is out of range for sequence data type {data_type}"));
        }
    }
    if min >= max {
        return wrong(format!("MINVALUE ({min}) must be less than MAXVALUE ({max})"));
    }
    match options.start {
        Some(start) if start < min => {
            return wrong(format!("START value ({start}) cannot be less than MINVALUE ({min})"));
        }
        Some(start) if start > max => {
            return wrong(format!("START value ({start}) cannot be greater than MAXVALUE ({max})"));
        }
        _ => {}
    }
    match options.cache {
        Some(cache) if cache <= 0 => wrong(format!("CACHE ({cache}) must be greater than zero")),
        _ => Ok(()),
    }
}
