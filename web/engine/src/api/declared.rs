//! The types of what callers give are written by hand: here they are held against the Rust, option by option and choice by choice.

use relata_core::analysis::Dialect;
use relata_core::finding::Severity;
use relata_core::report::Section;
use serde::Deserialize;
use serde::de::value::Error;
use serde::de::{Deserializer, Error as _, Visitor};

use super::{AnalyzeOptions, DiagramOptions, ReportOptions};

const TYPES: &str = include_str!("../../../npm/index.d.ts");
const SCRIPT: &str = include_str!("../../../npm/relata.mjs");

/// Takes nothing but the names of the fields that a struct asks for.
struct Names<'a>(&'a mut Vec<&'static str>);

impl<'de> Deserializer<'de> for Names<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("no struct"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        self.0.extend(fields);
        Err(Error::custom("the names are all that is wanted"))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct seq tuple
        tuple_struct map enum identifier ignored_any
    }
}

fn fields<'de, T: Deserialize<'de>>() -> Vec<&'static str> {
    let mut names = Vec::new();
    let _ = T::deserialize(Names(&mut names));
    names.sort_unstable();
    names
}

/// The members of an interface in the declarations.
fn members(interface: &str) -> Vec<&'static str> {
    let (_, body) = TYPES.split_once(&format!("export interface {interface} {{\n")).expect(interface);
    let (body, _) = body.split_once("\n}").expect(interface);
    let mut names: Vec<&str> = body.lines().filter_map(|l| Some(l.trim().split_once("?: ")?.0)).collect();
    names.sort_unstable();
    names
}

/// The names in a list of the script.
fn listed(list: &str) -> Vec<&'static str> {
    let (_, rest) = SCRIPT.split_once(&format!("const {list} = [")).expect(list);
    let (names, _) = rest.split_once("];").expect(list);
    let mut names: Vec<&str> = names.split(',').map(|n| n.trim().trim_matches('"')).filter(|n| !n.is_empty()).collect();
    names.sort_unstable();
    names
}

#[test]
fn every_option_is_declared_and_let_through() {
    for (rust, interface, list) in [
        (fields::<AnalyzeOptions>(), "AnalyzeOptions", "OF_ANALYSIS"),
        (fields::<ReportOptions>(), "ReportOptions", "OF_REPORT"),
        (fields::<DiagramOptions>(), "DiagramOptions", "OF_DIAGRAM"),
    ] {
        assert!(!rust.is_empty());
        assert_eq!(rust, members(interface), "{interface}");
        assert_eq!(rust, listed(list), "{list}");
    }
    assert_eq!(members("CatalogOptions"), listed("OF_CATALOG"));
}

#[test]
fn every_choice_is_declared() {
    let union = |name: &str, words: Vec<&str>| {
        let (_, rest) = TYPES.split_once(&format!("export type {name} =")).expect(name);
        let (declared, _) = rest.split_once(';').expect(name);
        let declared: Vec<&str> =
            declared.split('|').map(|w| w.trim().trim_matches('"')).filter(|w| !w.is_empty()).collect();
        assert_eq!(declared, words, "{name}");
    };
    union("Section", Section::ALL.iter().map(|s| s.name()).collect());
    union("Severity", Severity::ALL.iter().map(|s| s.name()).collect());
    union("Dialect", [Dialect::PostgreSql, Dialect::MySql, Dialect::Sqlite].iter().map(|d| d.name()).collect());
    union("Layout", relata_core::history::layout::Layout::CHOICES.iter().map(|l| l.name()).collect());
}
