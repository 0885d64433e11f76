//! What one stretch of replay changed, so that the schema can be taken back and forth over it without replaying anything.

use super::arena::{ArenaDelta, Id};
use super::names::NamesDelta;
use super::*;

macro_rules! delta {
    ($($field:ident: $item:ty => $object:ident),* $(,)?) => {
        /// The difference between two states of a [`Schema`]. It holds the objects of the side on which the schema is not, and swaps them with
        /// those that it has. Most revisions touch a kind of object or two; the others take a word each, so that going over thousands of differences
        /// stays in the cache.
        #[derive(Clone, Debug, Default)]
        pub struct SchemaDelta {
            $($field: Option<Box<ArenaDelta<$item>>>,)*
            names: NamesDelta,
        }

        impl SchemaDelta {
            /// The objects that differ, columns with their table, by kind and then in the order of their creation.
            pub fn touched(&self) -> Vec<ObjectId> {
                let mut touched = Vec::new();
                $(touched.extend(
                    self.$field.iter().flat_map(|d| d.touched()).map(|i| ObjectId::$object(Id::from_index(i)))
                );)*
                touched
            }
        }

        impl Schema {
            /// Ends what [`mark`](Schema::mark) began, keeps the changes and gives them out. There must be no other mark.
            pub fn take_delta(&mut self) -> SchemaDelta {
                let names = self.take_names_delta();
                SchemaDelta { $($field: self.$field.take_delta(),)* names }
            }

            /// Goes over a difference, in the direction in which the schema stands on its near side.
            pub fn swap(&mut self, delta: &mut SchemaDelta) {
                $(if let Some(delta) = &mut delta.$field {
                    self.$field.swap(delta);
                })*
                self.swap_names(&mut delta.names);
            }
        }
    };
}

delta! {
    namespaces: Namespace => Namespace,
    tables: Table => Table,
    views: View => View,
    indexes: Index => Index,
    sequences: Sequence => Sequence,
    constraints: Constraint => Constraint,
    types: UserType => Type,
    functions: Function => Function,
    triggers: Trigger => Trigger,
    policies: Policy => Policy,
    rules: RewriteRule => Rule,
    extensions: Extension => Extension,
    event_triggers: EventTrigger => EventTrigger,
    others: OtherObject => Other,
}
