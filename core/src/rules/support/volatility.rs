//! Whether an expression gives another value each time it is evaluated.

use crate::expr::Tree;
use crate::functions::{Depends, depends};
use crate::operation::Volatility;
use crate::schema::Schema;

/// What is known of an expression.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Stability {
    /// One value for the whole statement: constants, immutable and stable functions.
    Stable,
    /// This function is volatile.
    Volatile(String),
    /// Of this function nothing is known.
    Unknown(String),
}

/// Looks at every call in an expression; functions of the input say themselves what they are.
pub(crate) fn stability(schema: &Schema, tree: &Tree) -> Stability {
    let mut found = Stability::Stable;
    tree.walk(&mut |part| {
        let Tree::Call(call) = part else { return };
        let name = call.base_name();
        let of_this =
            match schema.functions.iter().filter(|(_, f)| f.name == name).map(|(_, f)| f.volatility).next_back() {
                Some(Volatility::Volatile) => Stability::Volatile(name.to_owned()),
                Some(_) => Stability::Stable,
                None => match depends(name) {
                    Some(Depends::Call) => Stability::Volatile(name.to_owned()),
                    Some(_) => Stability::Stable,
                    None => Stability::Unknown(name.to_owned()),
                },
            };
        match (&found, of_this) {
            (Stability::Volatile(_), _) | (_, Stability::Stable) | (Stability::Unknown(_), Stability::Unknown(_)) => {}
            (_, of_this) => found = of_this,
        }
    });
    found
}
