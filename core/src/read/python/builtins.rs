//! Built-in functions, methods of built-in values, and the few functions of the standard library that migrations compute with.

use std::rc::Rc;

use smol_str::SmolStr;

use super::interpreter::Interpreter;
use super::value::*;
use super::{pattern, text};
use crate::order::Order;
use crate::source::{Mapped, Span};

impl Interpreter<'_> {
    /// A built-in function; nothing where the result is not known.
    pub(super) fn builtin(&mut self, name: &str, arguments: &Arguments, span: Span) -> Option<Value> {
        let first = arguments.positional.first();
        let new = |kind| Some(Value::new(kind, span));
        if arguments.open {
            return None;
        }
        match name {
            "len" => {
                let value = first?;
                let len = match value.as_str() {
                    Some(text) => text.chars().count(),
                    None => self.iterate(value)?.len(),
                };
                new(Kind::Int(i64::try_from(len).ok()?))
            }
            "range" => {
                let bound = |at: usize| arguments.positional.get(at).map(Value::as_int);
                let (from, to, step) = match (bound(0), bound(1), bound(2)) {
                    (Some(to), None, None) => (0, to?, 1),
                    (Some(from), Some(to), None) => (from?, to?, 1),
                    (Some(from), Some(to), Some(step)) => (from?, to?, step?),
                    _ => return None,
                };
                if step == 0 { None } else { new(Kind::Range(from, to, step)) }
            }
            "str" | "repr" => {
                let Some(value) = first else { return Some(Value::text("", span)) };
                let mut out = Mapped::default();
                let known = self.append_formatted(&mut out, value, name == "repr", "");
                Some(self.made_text(out, known, span))
            }
            "int" => {
                let value = first?;
                let text = || value.as_str()?.trim().replace('_', "").parse().ok();
                let number = value.as_int().or_else(|| super::eval::number_of(&self.heap, value));
                new(Kind::Int(number.or_else(text)?))
            }
            "bool" => new(Kind::Bool(first.map_or(Some(false), |value| self.truth(value))?)),
            "list" | "tuple" | "set" | "frozenset" | "reversed" | "sorted" | "iter" => {
                let mut items = match first {
                    Some(value) => self.iterate(value)?,
                    None => Vec::new(),
                };
                match name {
                    "reversed" => items.reverse(),
                    "sorted" => {
                        if arguments.keyword("key").is_some() {
                            return None;
                        }
                        self.sort(&mut items, span)?;
                        if arguments.keyword("reverse").is_some_and(|r| self.truth(r) == Some(true)) {
                            items.reverse();
                        }
                    }
                    "tuple" => return new(Kind::Tuple(self.heap.add_list(items))),
                    "set" | "frozenset" => return Some(self.set(items, span)),
                    _ => {}
                }
                Some(self.list(items, span))
            }
            "dict" => {
                let mut pairs = match first.map(|value| &value.kind) {
                    Some(Kind::Dict(dict)) => self.heap.dict(*dict).to_vec(),
                    Some(_) => {
                        let items = self.iterate(first?)?;
                        items.iter().map(|item| self.pair(item)).collect::<Option<Vec<_>>>()?
                    }
                    None => Vec::new(),
                };
                let named =
                    arguments.keywords.iter().map(|(name, value)| (Value::text(name, value.span), value.clone()));
                pairs.extend(named);
                new(Kind::Dict(self.heap.add_dict(pairs)))
            }
            "enumerate" => {
                let from = arguments.get(1, "start").map_or(Some(0), Value::as_int)?;
                let items = self.iterate(first?)?;
                let numbered = items.into_iter().zip(from..).map(|(item, n)| {
                    let number = Value::new(Kind::Int(n), item.span);
                    let span = item.span;
                    Value::new(Kind::Tuple(self.heap.add_list(vec![number, item])), span)
                });
                let numbered: Vec<Value> = numbered.collect();
                Some(self.list(numbered, span))
            }
            "zip" => {
                let lists: Vec<Vec<Value>> =
                    arguments.positional.iter().map(|value| self.iterate(value)).collect::<Option<_>>()?;
                let len = lists.iter().map(Vec::len).min().unwrap_or(0);
                let rows: Vec<Value> = (0..len)
                    .map(|at| {
                        let row = lists.iter().filter_map(|list| list.get(at).cloned()).collect();
                        Value::new(Kind::Tuple(self.heap.add_list(row)), span)
                    })
                    .collect();
                Some(self.list(rows, span))
            }
            "map" | "filter" => {
                let [function, values] = arguments.positional.as_slice() else { return None };
                let items = self.iterate(values)?;
                let mut out = Vec::new();
                for item in items {
                    let call = Arguments { positional: vec![item.clone()], ..Arguments::default() };
                    let value = if name == "filter" && function.is_none() {
                        item.clone()
                    } else {
                        self.call(function.clone(), call, span)
                    };
                    if name == "map" {
                        out.push(value);
                    } else if self.truth(&value)? {
                        out.push(item);
                    }
                }
                Some(self.list(out, span))
            }
            "any" | "all" => {
                let items = self.iterate(first?)?;
                let wanted = name == "any";
                let mut result = Some(!wanted);
                for item in &items {
                    match self.truth(item) {
                        Some(truth) if truth == wanted => return new(Kind::Bool(wanted)),
                        Some(_) => {}
                        None => result = None,
                    }
                }
                new(Kind::Bool(result?))
            }
            "min" | "max" => {
                let mut items = match arguments.positional.as_slice() {
                    [one] => self.iterate(one)?,
                    many => many.to_vec(),
                };
                self.sort(&mut items, span)?;
                if name == "min" { items.into_iter().next() } else { items.into_iter().next_back() }
            }
            "sum" => {
                let items = self.iterate(first?)?;
                let sum = items.iter().try_fold(0_i64, |sum, item| sum.checked_add(item.as_int()?))?;
                new(Kind::Int(sum))
            }
            "abs" => new(Kind::Int(first?.as_int()?.checked_abs()?)),
            "chr" => {
                let c = char::from_u32(u32::try_from(first?.as_int()?).ok()?)?;
                Some(Value::text(c.encode_utf8(&mut [0; 4]), span))
            }
            "ord" => new(Kind::Int(i64::from(u32::from(first?.as_str()?.chars().next()?)))),
            "getattr" => {
                let [object, attribute, default @ ..] = arguments.positional.as_slice() else { return None };
                let name = SmolStr::new(attribute.as_str()?);
                if let Kind::Class(class) = object.kind
                    && self.class_attribute(class, &name, 0).is_none()
                {
                    return default.first().cloned();
                }
                Some(self.attribute(object, &name, span))
            }
            "dir" => {
                let Kind::Class(class) = first?.kind else { return None };
                let mut names = Vec::new();
                self.names_of(class, 0, &mut names);
                names.order();
                names.dedup();
                let names: Vec<Value> = names.iter().map(|name| Value::text(name, span)).collect();
                self.step(names.len(), span).then(|| self.list(names, span))
            }
            "hasattr" => {
                let [object, attribute] = arguments.positional.as_slice() else { return None };
                let Kind::Class(class) = object.kind else { return None };
                new(Kind::Bool(self.class_attribute(class, attribute.as_str()?, 0).is_some()))
            }
            "isinstance" => {
                let [object, class] = arguments.positional.as_slice() else { return None };
                let name = class.as_name()?.strip_prefix("builtins.")?;
                let own = match &object.kind {
                    Kind::Str(_) => "str",
                    Kind::Bool(_) => "bool",
                    Kind::Int(_) => "int",
                    Kind::List(_) => "list",
                    Kind::Tuple(_) => "tuple",
                    Kind::Dict(_) => "dict",
                    Kind::Set(_) => "set",
                    Kind::None => "NoneType",
                    // An object of a class of the input, or the class.
                    Kind::Class(class) if name != "type" && !self.is_enum(*class, 0) => "object",
                    Kind::Term(_) if is_made_by_sqlalchemy(object) => "object",
                    _ => return None,
                };
                new(Kind::Bool(own == name || (own == "bool" && name == "int")))
            }
            // A class that is made by a call: `type("UserNote", (Note, Base), {"parent_id": …})`.
            "type" => {
                let [class_name, bases, body] = arguments.positional.as_slice() else { return None };
                let (class_name, bases) = (SmolStr::new(class_name.as_str()?), self.iterate(bases)?);
                let Kind::Dict(body) = body.kind else { return None };
                let names: Vec<(Value, Value)> = self.heap.dict(body).to_vec();
                let scope = self.heap.add_scope(None);
                for (key, value) in names {
                    let key = SmolStr::new(key.as_str()?);
                    if let Some(scope) = self.heap.scope_mut(scope) {
                        scope.set(key, value);
                    }
                }
                let keywords = arguments.keywords.clone();
                let class = self.heap.add_class(Class { keywords, ..Class::made(class_name, span, bases, scope) });
                self.classes.push(class);
                new(Kind::Class(class))
            }
            // What runs over a list is only asked for its first element here: a generator made on the spot, or `iter(…)`.
            "next" => {
                let items = self.iterate(first?)?;
                match items.first() {
                    Some(item) if item.is_open_element() => None,
                    Some(item) => Some(item.clone()),
                    None => arguments.positional.get(1).cloned(),
                }
            }
            "print" | "locals" | "globals" | "super" => None,
            _ => None,
        }
    }

    /// Functions of the standard library.
    pub(super) fn library(&mut self, path: &str, arguments: &Arguments, span: Span) -> Option<Value> {
        let first = arguments.positional.first();
        match path {
            "textwrap.dedent" | "inspect.cleandoc" => {
                Some(Value::new(Kind::Str(Rc::new(dedent(first?.as_text()?))), span))
            }
            "itertools.chain" => {
                let lists: Vec<Vec<Value>> =
                    arguments.positional.iter().map(|value| self.iterate(value)).collect::<Option<_>>()?;
                Some(self.list(lists.concat(), span))
            }
            "itertools.chain.from_iterable" => {
                let lists = self.iterate(first?)?;
                let lists: Vec<Vec<Value>> = lists.iter().map(|value| self.iterate(value)).collect::<Option<_>>()?;
                Some(self.list(lists.concat(), span))
            }
            "collections.OrderedDict" => self.builtin("dict", arguments, span),
            "re.sub" if arguments.keywords.is_empty() && !arguments.open => {
                let [pattern, replacement, text] = arguments.positional.as_slice() else { return None };
                let made = pattern::substitute(pattern.as_str()?, replacement.as_str()?, text.as_str()?)?;
                Some(Value::text(&made, text.as_text()?.whole().unwrap_or(span)))
            }
            "typing.cast" => arguments.positional.get(1).cloned(),
            // What a variable of the environment is where nobody sets it: `os.getenv("DB_SCHEMA", "app")`.
            "os.getenv" | "os.environ.get" => arguments.get(1, "default").filter(|d| d.as_text().is_some()).cloned(),
            // `get_args(Literal["a", "b"])`.
            "typing.get_args" | "typing_extensions.get_args" => {
                let Some(TermKind::Index(_, inner)) = first?.as_term() else { return None };
                let items = match inner.kind {
                    Kind::Tuple(list) => self.heap.list(list).to_vec(),
                    _ => vec![inner.clone()],
                };
                Some(Value::new(Kind::Tuple(self.heap.add_list(items)), span))
            }
            _ => None,
        }
    }

    /// A method of a plain value; nothing where the result is not known.
    pub(super) fn method(&mut self, object: &Value, name: &str, arguments: &Arguments, span: Span) -> Option<Value> {
        if let Some(text) = object.as_text() {
            let text = Rc::clone(text);
            return self.text_method(&text, name, arguments, span);
        }
        let first = arguments.positional.first();
        let none = Some(Value::new(Kind::None, span));
        match (&object.kind, name) {
            (Kind::List(list), "append" | "extend" | "insert") => {
                let items = match name {
                    "extend" => match self.iterate(first?) {
                        Some(items) => items,
                        None => vec![Value::term(TermKind::Each(first?.clone()), span)],
                    },
                    "insert" => vec![arguments.positional.get(1)?.clone()],
                    _ => vec![first?.clone()],
                };
                let len = self.heap.list(*list).len();
                self.extend(*list, items, span);
                if name == "insert"
                    && let Some(at) = first?.as_int().and_then(|at| usize::try_from(at).ok()).filter(|at| *at < len)
                    && let Some(items) = self.heap.list_mut(*list)
                    && items.len() > len
                {
                    items.get_mut(at..)?.rotate_right(1);
                }
                none
            }
            (Kind::Set(list), "add" | "update") => {
                let more = if name == "add" { vec![first?.clone()] } else { self.iterate(first?)? };
                let fresh: Vec<Value> = {
                    let items = self.heap.list(*list);
                    let known = |value: &Value| items.iter().any(|i| self.heap.equal(i, value, 0) == Some(true));
                    more.into_iter().filter(|value| !known(value)).collect()
                };
                let len = self.heap.list(*list).len();
                if self.step(len / 8, span) {
                    self.extend(*list, fresh, span);
                }
                none
            }
            (Kind::List(list), "sort") => {
                let mut items = self.heap.list(*list).to_vec();
                let sorted = arguments.keywords.is_empty() && self.sort(&mut items, span).is_some();
                if let Some(slot) = self.heap.list_mut(*list).filter(|_| sorted) {
                    *slot = items;
                }
                none
            }
            (Kind::List(list), "reverse") => {
                self.heap.list_mut(*list)?.reverse();
                none
            }
            (Kind::List(list), "pop") if first.is_none() => self.heap.list_mut(*list)?.pop(),
            // Which of several a set gives is not known.
            (Kind::Set(list), "pop") if self.heap.list(*list).len() == 1 => self.heap.list_mut(*list)?.pop(),
            (Kind::List(list) | Kind::Set(list), "copy") => {
                let items = self.heap.list(*list).to_vec();
                Some(self.list(items, span))
            }
            (Kind::List(list) | Kind::Tuple(list), "index") => {
                let wanted = first?;
                let items = self.heap.list(*list);
                let at = items.iter().position(|item| self.heap.equal(item, wanted, 0) == Some(true))?;
                Some(Value::new(Kind::Int(i64::try_from(at).ok()?), span))
            }
            (Kind::Set(list), "union" | "difference" | "intersection") => {
                let other = self.iterate(first?)?;
                let other = self.set(other, span);
                let op = match name {
                    "union" => "|",
                    "difference" => "-",
                    _ => "&",
                };
                Some(self.binary(&Value::new(Kind::Set(*list), span), op, &other, span))
            }
            (Kind::Dict(dict), "items" | "keys" | "values") => {
                let mut pairs: Vec<(Value, Value)> = Vec::new();
                let all = self.heap.dict(*dict).to_vec();
                if !self.step(all.len().saturating_mul(all.len()) / 64, span) {
                    return None;
                }
                for (key, value) in all {
                    match pairs.iter_mut().find(|(k, _)| self.heap.equal(k, &key, 0) == Some(true)) {
                        Some(pair) => pair.1 = value,
                        None => pairs.push((key, value)),
                    }
                }
                let items = pairs.into_iter().map(|(key, value)| match name {
                    "keys" => key,
                    "values" => value,
                    _ => {
                        let span = key.span;
                        Value::new(Kind::Tuple(self.heap.add_list(vec![key, value])), span)
                    }
                });
                let items: Vec<Value> = items.collect();
                Some(self.list(items, span))
            }
            (Kind::Dict(dict), "get" | "pop" | "setdefault") => {
                let key = first?;
                let mut found = None;
                for (k, value) in self.heap.dict(*dict).iter().rev() {
                    match self.heap.equal(k, key, 0) {
                        Some(true) => {
                            found = Some(value.clone());
                            break;
                        }
                        Some(false) => {}
                        None => return None,
                    }
                }
                let default = arguments.positional.get(1).cloned().unwrap_or(Value::new(Kind::None, span));
                if found.is_none() && name == "setdefault" {
                    self.heap.dict_mut(*dict)?.push((key.clone(), default.clone()));
                }
                Some(found.unwrap_or(default))
            }
            (Kind::Dict(dict), "update") => {
                let Kind::Dict(other) = first?.kind else { return None };
                let more = self.heap.dict(other).to_vec();
                self.heap.dict_mut(*dict)?.extend(more);
                none
            }
            (Kind::Dict(dict), "copy") => {
                let pairs = self.heap.dict(*dict).to_vec();
                Some(Value::new(Kind::Dict(self.heap.add_dict(pairs)), span))
            }
            _ => None,
        }
    }

    fn text_method(&mut self, text: &Rc<Mapped>, name: &str, arguments: &Arguments, span: Span) -> Option<Value> {
        let source = text.as_str();
        let first = arguments.positional.first();
        let word = |at: usize| arguments.positional.get(at).and_then(Value::as_str);
        let part = |from: usize, to: usize| Some(Value::new(Kind::Str(Rc::new(text.slice(from, to))), span));
        let yes = |value: bool| Some(Value::new(Kind::Bool(value), span));
        if !self.step(source.len() / 64, span) {
            return None;
        }
        match name {
            "join" => {
                let items = self.iterate(first?)?;
                let mut out = Mapped::default();
                let mut known = true;
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        out.append(text);
                    }
                    known &= self.append_text(&mut out, item);
                    if !self.room(out.as_str().len(), span) {
                        return None;
                    }
                }
                Some(self.made_text(out, known, span))
            }
            "format" | "format_map" => self.format(text, arguments, span),
            "strip" | "lstrip" | "rstrip" => {
                let set = word(0);
                let drop = |c: char| set.map_or(c.is_whitespace(), |set| set.contains(c));
                let from = if name == "rstrip" { 0 } else { source.len() - source.trim_start_matches(drop).len() };
                let to = if name == "lstrip" { source.len() } else { source.trim_end_matches(drop).len() };
                part(from, to.max(from))
            }
            "removeprefix" => part(if source.starts_with(word(0)?) { word(0)?.len() } else { 0 }, source.len()),
            "removesuffix" => {
                part(0, if source.ends_with(word(0)?) { source.len() - word(0)?.len() } else { source.len() })
            }
            "upper" | "lower" | "title" | "capitalize" | "casefold" => {
                let changed = match name {
                    "upper" => source.to_uppercase(),
                    "lower" | "casefold" => source.to_lowercase(),
                    _ => {
                        let mut start = true;
                        let all = name == "title";
                        source
                            .chars()
                            .map(|c| {
                                let upper = start;
                                start = all && !c.is_alphanumeric();
                                if upper { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }
                            })
                            .collect()
                    }
                };
                Some(Value::text(&changed, text.whole().unwrap_or(span)))
            }
            "replace" => {
                let (old, new) = (word(0)?, arguments.positional.get(1)?.as_text()?);
                let mut out = Mapped::default();
                let mut at = 0;
                for (found, _) in source.match_indices(old).filter(|_| !old.is_empty()) {
                    out.append_range(text, at, found);
                    out.append(new);
                    at = found + old.len();
                    if !self.room(out.as_str().len(), span) {
                        return None;
                    }
                }
                out.append_range(text, at, source.len());
                Some(Value::new(Kind::Str(Rc::new(out)), span))
            }
            "split" | "splitlines" | "rsplit" => {
                let separator = if name == "splitlines" { Some("\n") } else { word(0) };
                let limit = arguments.get(1, "maxsplit").and_then(Value::as_int);
                if limit.is_some() && name != "split" {
                    return None;
                }
                let limit = limit.and_then(|l| usize::try_from(l).ok()).map_or(usize::MAX, |l| l.saturating_add(1));
                let parts: Vec<&str> = match separator {
                    Some("") => return None,
                    Some(separator) => source.splitn(limit, separator).collect(),
                    None if limit == usize::MAX => source.split_whitespace().collect(),
                    None => return None,
                };
                let offset = |part: &str| (part.as_ptr() as usize).wrapping_sub(source.as_ptr() as usize);
                let items = parts.into_iter().map(|p| text.slice(offset(p), offset(p) + p.len()));
                let items: Vec<Value> = items.map(|p| Value::new(Kind::Str(Rc::new(p)), span)).collect();
                Some(self.list(items, span))
            }
            "startswith" | "endswith" => {
                let test = |prefix: &str| {
                    if name == "startswith" { source.starts_with(prefix) } else { source.ends_with(prefix) }
                };
                match word(0) {
                    Some(prefix) => yes(test(prefix)),
                    None => {
                        let options = self.iterate(first?)?;
                        let options: Vec<&str> = options.iter().map(Value::as_str).collect::<Option<_>>()?;
                        yes(options.into_iter().any(test))
                    }
                }
            }
            "isdigit" | "isnumeric" | "isdecimal" => yes(!source.is_empty() && source.chars().all(char::is_numeric)),
            "isalpha" => yes(!source.is_empty() && source.chars().all(char::is_alphabetic)),
            "isupper" => yes(source.chars().any(char::is_uppercase) && !source.chars().any(char::is_lowercase)),
            "islower" => yes(source.chars().any(char::is_lowercase) && !source.chars().any(char::is_uppercase)),
            "find" | "index" => {
                let at = source.find(word(0)?).and_then(|at| i64::try_from(at).ok()).unwrap_or(-1);
                Some(Value::new(Kind::Int(at), span))
            }
            "count" => Some(Value::new(Kind::Int(i64::try_from(source.matches(word(0)?).count()).ok()?), span)),
            "zfill" => {
                let width = first?.as_int()?;
                Some(Value::text(&text::pad(source, &format!("0{width}"), true)?, span))
            }
            _ => None,
        }
    }

    /// `"{} {name} {0.attr}".format(…)`.
    fn format(&mut self, text: &Rc<Mapped>, arguments: &Arguments, span: Span) -> Option<Value> {
        let source = text.as_str();
        let mut out = Mapped::default();
        let mut known = !arguments.open;
        let mut next = 0;
        let mut at = 0;
        while let Some(found) = source.get(at..)?.find(['{', '}']) {
            let brace = at + found;
            let rest = source.get(brace..)?;
            out.append_range(text, at, brace);
            if rest.starts_with("{{") || rest.starts_with("}}") {
                out.append_range(text, brace, brace + 1);
                at = brace + 2;
                continue;
            }
            let end = brace + rest.find('}')?;
            let field = source.get(brace + 1..end)?;
            let (field, spec) = field.split_once(':').unwrap_or((field, ""));
            let (field, conversion) = field.split_once('!').unwrap_or((field, ""));
            let name_len = field.find(['.', '[']).unwrap_or(field.len());
            let (name, path) = (field.get(..name_len)?, field.get(name_len..)?);
            let mut value = if name.is_empty() {
                next += 1;
                arguments.positional.get(next - 1).cloned()
            } else if let Ok(place) = name.parse::<usize>() {
                arguments.positional.get(place).cloned()
            } else {
                arguments.keyword(name).cloned()
            };
            if let (Some(object), Some(attribute)) = (&value, path.strip_prefix('.')) {
                value = Some(self.attribute(&object.clone(), &SmolStr::new(attribute), span));
            } else if !path.is_empty() {
                value = None;
            }
            let value = value.unwrap_or(Value::unknown(span));
            known &= self.append_formatted(&mut out, &value, conversion == "r", spec);
            if !self.step(1, span) || !self.room(out.as_str().len(), span) {
                return None;
            }
            at = end + 1;
        }
        out.append_range(text, at, source.len());
        Some(self.made_text(out, known, span))
    }

    /// Sorts numbers or texts; nothing where the order is not known.
    fn sort(&mut self, items: &mut [Value], span: Span) -> Option<()> {
        if !self.step(items.len(), span) {
            return None;
        }
        if items.iter().all(|item| item.as_int().is_some()) {
            items.order_by_key(|item| item.as_int());
        } else if items.iter().all(|item| item.as_str().is_some()) {
            items.order_by(|a, b| a.as_str().cmp(&b.as_str()));
        } else {
            return None;
        }
        Some(())
    }

    /// The two elements of a pair.
    fn pair(&mut self, value: &Value) -> Option<(Value, Value)> {
        match self.heap.elements(value)?.as_slice() {
            [a, b] => Some((a.clone(), b.clone())),
            _ => None,
        }
    }
}

/// Takes away the white space that all lines begin with. Source: Python's `textwrap.dedent`.
fn dedent(text: &Mapped) -> Mapped {
    let source = text.as_str();
    let mut margin: Option<&str> = None;
    for line in source.split('\n').filter(|line| !line.trim().is_empty()) {
        let lead = line.get(..line.len() - line.trim_start_matches([' ', '\t']).len()).unwrap_or_default();
        margin = Some(match margin {
            None => lead,
            Some(margin) => {
                let shared = margin.bytes().zip(lead.bytes()).take_while(|(a, b)| a == b).count();
                margin.get(..shared).unwrap_or_default()
            }
        });
    }
    let margin = margin.unwrap_or_default();
    let mut out = Mapped::default();
    let mut at = 0;
    for line in source.split_inclusive('\n') {
        let end = at + line.len();
        let body = line.trim_end_matches('\n');
        let skip = if body.trim().is_empty() { body.len() } else { margin.len().min(body.len()) };
        out.append_range(text, at + skip, end);
        at = end;
    }
    out
}

/// `Column(…)`, `db.Index(…)`: an object of a class that is none of Python's own types.
fn is_made_by_sqlalchemy(value: &Value) -> bool {
    value.as_call().and_then(|(callee, _)| callee.as_name()).is_some_and(|path| {
        let class = path.rsplit('.').next().unwrap_or(path);
        path.split('.').next().is_some_and(|package| matches!(package, "sqlalchemy" | "flask_sqlalchemy"))
            && class.starts_with(char::is_uppercase)
    })
}
