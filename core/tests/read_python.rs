//! The reader of Python: what values are, in Python's own words (`repr`), as CPython 3.12 prints them.

use std::rc::Rc;

use relata_core::read::python::{Call, Host, Interpreter, TermKind, Value, parser};
use relata_core::source::{FileId, Mapped, Span};

/// A program without libraries.
struct Alone;

impl Host for Alone {
    fn call(&self, _: &mut Interpreter<'_>, _: &Call<'_>) -> Option<Value> {
        None
    }
    fn fold(&self, _: &Interpreter<'_>, _: &TermKind, _: Span) -> Option<Value> {
        None
    }
    fn text(&self, _: &Interpreter<'_>, _: &Value) -> Option<Mapped> {
        None
    }
    fn is_context(&self, _: &Value) -> bool {
        false
    }
}

/// Runs a module and gives `repr(x)`; `?` where it is not known.
fn x(text: &str) -> String {
    let (ast, problems) = parser::parse(&format!("{text}\nanswer = repr(x)\n"), FileId(0), 0);
    assert_eq!(problems, [], "{text}");
    let mut python = Interpreter::new(&Alone);
    let module = python.add_module("m.py", Rc::new(ast));
    let scope = python.run_module(module).and_then(|s| python.heap.scope(s)).expect("a scope");
    scope.get("answer").and_then(Value::as_str).unwrap_or("?").to_owned()
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(x(text), expected, "{text}");
}

#[test]
fn strings() {
    check(
        r#"x = 'a' "b" r'\n' '\x41\u00e9\101\
c'"#,
        r"'ab\\nAéAc'",
    );
    check("n = 3\nx = f'{n} {n!r:>4} {{}} {\"q\"} {n=} {f\"{n}\"}'", "'3    3 {} q n=3 3'");
    check("x = '%s-%d %%' % ('a', 2) + '{} {k} {0}'.format('p', k='q') + '-'.join(['x', 'y'])", "'a-2 %p q px-y'");
    check("x = 'Hello'.upper().replace('L', '_').strip('H')[1:-1]", "'__'");
    check("import textwrap\nx = textwrap.dedent('''\\\n  a\n    b\n  ''')", r"'a\n  b\n'");
}

#[test]
fn numbers_and_logic() {
    check("x = (0x10, 1_000, 2 ** 10, 7 // 2, -7 % 3, 1 << 4)", "(16, 1000, 1024, 3, 2, 16)");
    check(
        "x = [1 < 2 < 3, 1 in (1, 2), 'a' not in 'bc', None is None, not [], 0 or 'z', 1 and 2]",
        "[True, True, True, True, True, 'z', 2]",
    );
    check("x = 1 if (n := 5) > 4 else 2; x = x + n", "6");
}

#[test]
fn collections() {
    check("a, *b, c = range(5)\nx = [a, b, c, b[-1], b[::-1]]", "[0, [1, 2, 3], 4, 3, [3, 2, 1]]");
    check("d = {'a': 1, **{'b': 2}}\nd['c'] = 3\nx = [(k, v) for k, v in d.items() if v > 1]", "[('b', 2), ('c', 3)]");
    check("x = sorted({n % 3 for n in range(10)}) + [*zip('ab', (1, 2))]", "[0, 1, 2, ('a', 1), ('b', 2)]");
    check("x = [[r * c for c in range(2)] for r in range(2)]", "[[0, 0], [0, 1]]");
}

#[test]
fn functions_and_classes() {
    check(
        "def f(a, *rest, k=2, **more):\n    return [a, rest, k, more]\nx = f(1, 2, 3, z=4)",
        "[1, (2, 3), 2, {'z': 4}]",
    );
    check(
        "def outer():\n    n = 1\n    def inner():\n        nonlocal n\n        n += 1\n    inner()\n    return n\nx = outer()",
        "2",
    );
    check(
        "import enum\nclass C(enum.Enum):\n    A = 'a'\n    B = 'b'\nx = [c.value for c in C] + [C.A.name]",
        "['a', 'b', 'A']",
    );
    check("class P:\n    t = 1\nclass Q(P):\n    u = P.t + 1\nx = (Q.t, Q.u)", "(1, 2)");
    check("x = (lambda a, b=2: a + b)(1)", "3");
}

#[test]
fn control_flow() {
    check(
        "x = []\nfor n in range(10):\n    if n == 2: continue\n    if n == 5: break\n    x.append(n)\nelse:\n    x = None",
        "[0, 1, 3, 4]",
    );
    check("x = 0\nwhile x < 7:\n    x += 2", "8");
    check("x = 0\ntry:\n    raise ValueError\nexcept ValueError:\n    x = 1\nfinally:\n    x += 1", "2");
    check("match 'b':\n    case 'a': x = 1\n    case 'b' | 'c': x = 2\n    case _: x = 3", "2");
    // What only a run would know.
    check("import os\nx = 1\nif os.environ.get('A'):\n    x = 2", "?");
    check("import os\nif os.environ.get('A'):\n    x = 2\nelse:\n    x = 2", "2");
}

/// Every statement of the grammar is read, also where its value is nobody's business.
#[test]
fn the_whole_grammar() {
    let text = r#"
from __future__ import annotations
import a.b as c, d
from . import e
from ..f.g import (h as i, j,)
@d.deco(1)
async def k(a: int, /, b: str = "x", *c: int, d, e=1, **f) -> list[int]:
    async with a as b, c: pass
    async for x in y: await z
    return [i async for i in j if i if not j]
class L[T](M, metaclass=N):
    x: int
    y: "str" = 1
    def z(self): yield; x = yield from y
with (open("a") as f, open("b")): pass
try: pass
except* (A, B) as e: raise X from None
else: pass
finally: del a[1], b.c
global q
assert a, "b"
x = y = *a, *b
x[1:2, ::3] @= ~a ** -b // c @ d
print(*a, **b, c=lambda *x, y=1, **z: (x, y)) ; x = not a is not b
match p:
    case {"a": [1, *rest], **kw} if rest: pass
    case Point(x=0) | [Point() as q]: pass
    case -1 | None | "s": pass
type Alias[T] = list[T]
match = 1; case = match[0]; type = 2
x = 0xFF + 1e-5 + 1j + 0b1 if 1 else ... 
f"{x!r:>{width}}" rb'\x00' f'{d["k"]:%Y-%m}'
"#;
    let (ast, problems) = parser::parse(text, FileId(0), 0);
    assert_eq!(problems, []);
    assert_eq!(ast.body.len(), 21);
}
