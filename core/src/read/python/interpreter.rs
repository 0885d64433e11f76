//! The state of an evaluation: modules, limits, guards, and what the host recorded.

use std::collections::BTreeMap;
use std::rc::Rc;

use smol_str::SmolStr;

use super::ast::{Ast, ExprId, StmtKind};
use super::parser;
use super::value::*;
use crate::problem::{Problem, ProblemKind};
use crate::source::{Mapped, Span};

/// Steps (expressions, statements, elements) that one run may take: the module's body, or one call from outside.
const MAX_STEPS: usize = 1_000_000;
/// How deep evaluation may nest: expressions in statements in functions. Python's own limit is 1000 calls.
const MAX_DEPTH: u32 = 160;
/// How often modules that import each other too deep are begun anew, and how deep such beginnings nest.
const MAX_RETRIES: u32 = 6;
/// How many classes may extend each other for their `__init__` to be followed.
const MAX_CLASSES: u32 = 20;
/// How many elements one loop may run over.
const MAX_ITERATIONS: u64 = 20_000;
/// The longest text or list.
pub(super) const MAX_LENGTH: usize = 1 << 20;

/// A module of the input that can be imported.
#[derive(Debug)]
pub struct Module {
    /// Its path with `/` between folders, without `.py` or `/__init__.py`.
    path: String,
    /// Whether it is a package's `__init__.py`.
    package: bool,
    /// Whether it stands for a package that is not of the input: only its whole path means it, and a module of the input comes before.
    library: bool,
    ast: Rc<Ast>,
    state: State,
}

impl Module {
    /// Whether a dotted name, with `/` between its parts, may mean it.
    fn is_meant_by(&self, wanted: &str) -> bool {
        let before = self.path.strip_suffix(wanted);
        before.is_some_and(|rest| rest.is_empty() || (rest.ends_with('/') && !self.library))
    }
}

#[derive(Clone, Copy, Debug)]
enum State {
    Waiting,
    /// Being run, or run: names are bound as far as it has come.
    Run(ScopeId),
}

/// A test that must hold (or fail) for what happens to happen.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The test, a term.
    pub test: Value,
    /// Whether it must fail.
    pub negated: bool,
}

/// A call as the host sees it.
#[derive(Debug)]
#[allow(missing_docs, reason = "plain fields")]
pub struct Call<'c> {
    pub callee: &'c Value,
    pub arguments: &'c Arguments,
    pub span: Span,
}

/// Something that the host recorded: a call with an effect, in its place.
#[derive(Clone, Debug)]
pub struct Effect {
    /// The call, or what a `with` block holds.
    pub value: Value,
    /// What it is.
    pub kind: EffectKind,
    /// The call's span.
    pub span: Span,
    /// Tests around it, outermost first.
    pub conditions: Vec<Condition>,
    /// Whether an exception handler around it swallows what the database refuses.
    pub tolerated: bool,
}

/// The kinds of effects.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EffectKind {
    /// A call.
    Call,
    /// A `with` block begins.
    Enter,
    /// A `with` block ends.
    Exit,
    /// A statement calls what is not among the modules.
    Elsewhere,
}

/// Knows the libraries that a program uses. It keeps no state: what happens is recorded in the interpreter.
pub trait Host {
    /// The value of a call, where the host knows it. What has an effect is recorded by [`Interpreter::record`].
    fn call(&self, python: &mut Interpreter<'_>, call: &Call<'_>) -> Option<Value>;
    /// Whether each class that extends the one that says this has one of its own: a column of a mixin.
    fn is_copied(&self, _value: &Value) -> bool {
        false
    }
    /// An attribute of a term, where the host can work it out: `Model.__table__.fullname`.
    fn attribute(&self, _: &mut Interpreter<'_>, _object: &Value, _name: &str, _: Span) -> Option<Value> {
        None
    }
    /// The value of a term, where the host knows it: `bind.dialect.name`.
    fn fold(&self, python: &Interpreter<'_>, term: &TermKind, span: Span) -> Option<Value>;
    /// Whether a term counts as true, where the host knows it: an object that is there.
    fn truth(&self, _value: &Value) -> Option<bool> {
        None
    }
    /// The text that a value prints as.
    fn text(&self, python: &Interpreter<'_>, value: &Value) -> Option<Mapped>;
    /// Whether entering and leaving a `with` block of this value is an effect.
    fn is_context(&self, value: &Value) -> bool;
    /// Whether a statement that only computes this value may do what matters: the call of a function that is not among the modules.
    fn acts_elsewhere(&self, _value: &Value) -> bool {
        false
    }
    /// Whether it matters that an attribute of an object that a library made is set: [`Interpreter::assigned`].
    fn keeps(&self, _object: &Value, _attribute: &str) -> bool {
        false
    }
}

/// The answers of the system that a program runs on. The host says what is asked, and copies what it gives.
#[derive(Debug, Default)]
pub struct World {
    /// By the number of effects before, in rising order.
    pub states: Vec<(usize, Value)>,
    /// The first number of effects for which a state was asked and not there.
    pub missing: Option<usize>,
    /// What was answered in this run, by who was asked and what.
    pub answered: Vec<(Value, String, Value)>,
}

/// A function call, or the module's body, being run.
pub struct Frame {
    pub(super) ast: Rc<Ast>,
    pub(super) scope: ScopeId,
    pub(super) globals: ScopeId,
    /// Values returned under conditions, in order.
    pub(super) returns: Vec<(Vec<Condition>, Value)>,
    /// How many conditions held when it began.
    pub(super) conditions: usize,
    /// What a generator has given.
    pub(super) yields: Option<Vec<Value>>,
    /// The module, for relative imports.
    pub(super) module: usize,
}

/// Evaluates modules.
pub struct Interpreter<'h> {
    /// What holds other values.
    pub heap: Heap,
    /// What could not be evaluated.
    pub problems: Vec<Problem>,
    /// What the host recorded, in order.
    pub effects: Vec<Effect>,
    /// What was set on objects that a library made, as far as the host keeps it: object, attribute, value.
    pub assigned: Vec<(Value, SmolStr, Value)>,
    /// What the program that runs the modules has configured, by the name under which they ask for it. The host says who asks.
    pub settings: Vec<(&'static str, Value)>,
    /// What the system that the program runs on would answer, by the number of effects after which it is asked; without, nothing is known of it.
    pub world: Option<World>,
    pub(super) host: &'h dyn Host,
    modules: Vec<Module>,
    /// The modules that run or have run, in order, and those that could not be run where they were imported: too deep.
    loaded: Vec<usize>,
    refused: Vec<usize>,
    /// Modules by the last part of their path.
    by_name: BTreeMap<String, Vec<usize>>,
    pub(super) conditions: Vec<Condition>,
    /// Annotated names of the class body being run.
    pub(super) annotations: Vec<Annotation>,
    /// All classes in the order in which they were made.
    pub classes: Vec<ClassId>,
    /// Exception handlers around what is being run.
    pub(super) handlers: u32,
    /// Objects of classes of the input whose attributes were asked for, each with the call that made it.
    pub(super) objects: Vec<(Value, Value)>,
    /// Functions that are being run, outermost first.
    pub(super) running: Vec<FunctionId>,
    steps: usize,
    /// Steps of all runs before this one.
    spent: usize,
    depth: u32,
    /// Whether the limit on depth was told.
    told_depth: bool,
    stopped: bool,
    /// What the method that ran last gave the class above: `super().__init__(…)`.
    pub(super) passed_up: Option<Arguments>,
    /// The module of each module-level scope.
    pub(super) module_of: Vec<(ScopeId, usize)>,
}

impl<'h> Interpreter<'h> {
    /// An interpreter without modules.
    pub fn new(host: &'h dyn Host) -> Self {
        Self {
            heap: Heap::default(),
            problems: Vec::new(),
            effects: Vec::new(),
            assigned: Vec::new(),
            settings: Vec::new(),
            world: None,
            host,
            modules: Vec::new(),
            loaded: Vec::new(),
            refused: Vec::new(),
            by_name: BTreeMap::new(),
            conditions: Vec::new(),
            annotations: Vec::new(),
            classes: Vec::new(),
            handlers: 0,
            objects: Vec::new(),
            running: Vec::new(),
            steps: 0,
            spent: 0,
            depth: 0,
            told_depth: false,
            stopped: false,
            passed_up: None,
            module_of: Vec::new(),
        }
    }

    /// Adds a module under its file's path, and gives its number.
    pub fn add_module(&mut self, path: &str, ast: Rc<Ast>) -> usize {
        self.add(path, ast, false)
    }

    /// Adds a module that stands for one of a package that is not of the input, and gives its number.
    pub fn add_library(&mut self, path: &str, ast: Rc<Ast>) -> usize {
        self.add(path, ast, true)
    }

    fn add(&mut self, path: &str, ast: Rc<Ast>, library: bool) -> usize {
        let path = path.strip_suffix(".py").unwrap_or(path);
        let (path, package) = match path.strip_suffix("__init__") {
            Some(folder) => (folder.trim_end_matches('/'), true),
            None => (path, false),
        };
        let last = path.rsplit('/').next().unwrap_or_default().to_owned();
        let number = self.modules.len();
        self.by_name.entry(last).or_default().push(number);
        self.modules.push(Module { path: path.to_owned(), package, library, ast, state: State::Waiting });
        number
    }

    /// Runs a module's body, if it has not run, and gives its names.
    pub fn run_module(&mut self, module: usize) -> Option<ScopeId> {
        self.anew(0, |python| python.load(module))
    }

    /// Calls a function from outside, with fresh limits. Gives its value.
    pub fn run_function(&mut self, function: &Value, arguments: &Arguments) -> Value {
        self.anew(0, |python| python.call(function.clone(), arguments.clone(), function.span))
    }

    /// Runs something with fresh limits. Where modules import each other deeper than evaluation may nest, all is taken back, those at the bottom run
    /// first, and it runs anew.
    fn anew<T>(&mut self, depth: u32, run: impl Fn(&mut Self) -> T) -> T {
        for _ in 0..MAX_RETRIES {
            self.start();
            let before = self.loaded.len();
            let lengths = (self.classes.len(), self.effects.len(), self.problems.len(), self.assigned.len());
            let found = run(self);
            let refused = std::mem::take(&mut self.refused);
            if refused.is_empty() || depth > MAX_RETRIES {
                return found;
            }
            for module in self.loaded.split_off(before) {
                if let Some(found) = self.modules.get_mut(module) {
                    found.state = State::Waiting;
                }
            }
            self.module_of.retain(|(_, module)| self.loaded.contains(module));
            self.classes.truncate(lengths.0);
            self.effects.truncate(lengths.1);
            self.problems.truncate(lengths.2);
            self.assigned.truncate(lengths.3);
            for module in refused {
                self.imported(module, depth + 1);
            }
        }
        self.start();
        let found = run(self);
        self.refused.clear();
        found
    }

    /// Runs a module that another one imports. Not generic: it begins itself anew.
    fn imported(&mut self, module: usize, depth: u32) {
        self.anew(depth, move |python: &mut Self| python.load(module));
    }

    /// An object of a class of the input, as its `__init__` leaves it: a class of its own that extends it; and the arguments that come to the class of
    /// a library above all of the input.
    pub fn instance(&mut self, class: ClassId, arguments: Arguments, span: Span) -> (Value, Arguments) {
        let object = self.object_of(class, span);
        let mut arguments = arguments;
        let mut above = Some(class);
        for _ in 0..MAX_CLASSES {
            let Some((owner, init)) = above.and_then(|class| self.initialiser(class, 0)) else { break };
            let mut given = arguments.clone();
            given.positional.insert(0, object.clone());
            self.passed_up = None;
            self.run_function(&init, &given);
            let Some(passed) = self.passed_up.take() else { break };
            arguments = passed;
            let bases = self.heap.class(owner).map(|class| class.bases.clone()).unwrap_or_default();
            above = bases.iter().find_map(|base| match base.kind {
                Kind::Class(base) => self.initialiser(base, 0).map(|_| base),
                _ => None,
            });
        }
        (object, arguments)
    }

    /// An object of a class of the input before its `__init__`: a class of its own that extends it.
    pub(super) fn object_of(&mut self, class: ClassId, span: Span) -> Value {
        let scope = self.heap.add_scope(None);
        let name = self.heap.class(class).map_or(SmolStr::default(), |c| c.name.clone());
        let bases = vec![Value::new(Kind::Class(class), span)];
        let own = self.heap.add_class(Class::made(name, span, bases, scope));
        Value::new(Kind::Class(own), span)
    }

    /// The `__init__` that makes objects of a class, and the class of the input that defines it.
    fn initialiser(&self, class: ClassId, depth: u32) -> Option<(ClassId, Value)> {
        let found = self.heap.class(class)?;
        let own = self.heap.scope(found.scope).and_then(|scope| scope.get("__init__"));
        if let Some(own) = own {
            return matches!(own.kind, Kind::Function(_)).then(|| (class, own.clone()));
        }
        found.bases.iter().find_map(|base| match base.kind {
            Kind::Class(base) if depth < MAX_CLASSES => self.initialiser(base, depth + 1),
            _ => None,
        })
    }

    /// Notes what a method gives the class above: `super().__init__(…)`, `TypeDecorator.__init__(self, …)`.
    pub(super) fn note_passed_up(&mut self, callee: &Value, arguments: &Arguments) {
        match callee.as_term() {
            Some(TermKind::Attribute(object, name))
                if name == "__init__"
                    && object.as_call().is_some_and(|(callee, _)| callee.as_name() == Some("builtins.super")) =>
            {
                self.passed_up = Some(arguments.clone());
            }
            Some(TermKind::Name(path)) if path.ends_with(".__init__") => {
                let positional = arguments.positional.iter().skip(1).cloned().collect();
                self.passed_up = Some(Arguments { positional, ..arguments.clone() });
            }
            _ => {}
        }
    }

    /// The value of an expression that stands in a text, as annotations do, seen from a scope.
    pub fn evaluate(&mut self, text: &Mapped, scope: ScopeId) -> Option<Value> {
        let at = text.whole()?;
        let (ast, problems) = parser::parse(text.as_str(), at.file, at.start);
        let expression = match ast.body.as_slice() {
            [only] if problems.is_empty() => match ast.stmt(*only).map(|s| &s.kind) {
                Some(StmtKind::Expr(id)) => *id,
                _ => return None,
            },
            _ => return None,
        };
        Some(self.evaluate_in(Rc::new(ast), expression, scope))
    }

    /// What a function says that it returns, `def name(cls) -> Mapped[int]`, read in the scope in which it was made.
    pub fn return_annotation(&mut self, function: FunctionId) -> Option<Value> {
        let function = self.heap.function(function)?;
        let Body::Def(def) = &function.body else { return None };
        let (expression, ast, scope) = (def.returns?, Rc::clone(&function.ast), function.scope);
        Some(self.evaluate_in(ast, expression, scope))
    }

    fn evaluate_in(&mut self, ast: Rc<Ast>, expression: ExprId, scope: ScopeId) -> Value {
        self.start();
        let mut globals = scope;
        while let Some(outer) = self.heap.scope(globals).and_then(|s| s.parent) {
            globals = outer;
        }
        let module = self.module_of.iter().find(|(s, _)| *s == globals).map_or(0, |(_, module)| *module);
        let mut frame = Frame { ast, scope, globals, returns: Vec::new(), conditions: 0, yields: None, module };
        self.eval(&mut frame, expression)
    }

    /// How many steps all runs took together.
    pub fn spent(&self) -> usize {
        self.spent.saturating_add(self.steps)
    }

    fn start(&mut self) {
        self.spent = self.spent();
        self.steps = 0;
        self.depth = 0;
        self.told_depth = false;
        self.stopped = false;
        self.handlers = 0;
        self.running.clear();
        self.conditions.clear();
    }

    /// Runs a module's body.
    pub(super) fn load(&mut self, module: usize) -> Option<ScopeId> {
        let found = self.modules.get(module)?;
        if let State::Run(scope) = found.state {
            return Some(scope);
        }
        let ast = Rc::clone(&found.ast);
        if self.depth > MAX_DEPTH / 3 {
            if !self.refused.contains(&module) {
                self.refused.push(module);
            }
            return None;
        }
        let scope = self.heap.add_scope(None);
        self.loaded.push(module);
        self.module_of.push((scope, module));
        if let Some(found) = self.modules.get_mut(module) {
            found.state = State::Run(scope);
        }
        let mut frame = Frame {
            ast: Rc::clone(&ast),
            scope,
            globals: scope,
            returns: Vec::new(),
            conditions: self.conditions.len(),
            yields: None,
            module,
        };
        self.block(&mut frame, &ast.body);
        self.conditions.truncate(frame.conditions);
        Some(scope)
    }

    /// The tree of a module.
    pub fn ast(&self, module: usize) -> Option<&Rc<Ast>> {
        self.modules.get(module).map(|m| &m.ast)
    }

    /// The module of the input that a dotted name means, seen from another one; the nearest where several fit.
    pub fn find_module(&self, from: usize, dots: u32, name: &str) -> Option<usize> {
        let importer = self.modules.get(from)?;
        let wanted = name.replace('.', "/");
        if dots > 0 {
            let mut folder = importer.path.as_str();
            let up = if importer.package { dots - 1 } else { dots };
            for _ in 0..up.min(64) {
                folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
            }
            let path = match (folder.is_empty(), wanted.is_empty()) {
                (true, _) => wanted,
                (_, true) => folder.to_owned(),
                _ => format!("{folder}/{wanted}"),
            };
            return self.modules.iter().position(|m| m.path == path);
        }
        let last = wanted.rsplit('/').next().unwrap_or_default();
        let shared = |path: &str| path.split('/').zip(importer.path.split('/')).take_while(|(a, b)| a == b).count();
        self.by_name
            .get(last)?
            .iter()
            .copied()
            .filter(|at| *at != from && self.modules.get(*at).is_some_and(|m| m.is_meant_by(&wanted)))
            .max_by_key(|at| {
                let module = self.modules.get(*at);
                (module.is_some_and(|m| !m.library), module.map_or(0, |m| shared(&m.path)), usize::MAX - at)
            })
    }

    /// The module of the input that a whole dotted name means, wherever it was imported.
    pub(super) fn module_named(&self, path: &str) -> Option<usize> {
        let (_, last) = path.rsplit_once('.')?;
        let candidates = self.by_name.get(last)?;
        let wanted = path.replace('.', "/");
        let is = |at: &&usize| self.modules.get(**at).is_some_and(|m| m.is_meant_by(&wanted));
        candidates.iter().find(is).copied()
    }

    /// The module that has run and binds a name to a text: the revision of that identity.
    pub fn module_that_binds(&self, name: &str, text: &str, span: Span) -> Option<Value> {
        let binds = |module: &Module| match module.state {
            State::Run(scope) => self.heap.scope(scope)?.get(name)?.as_str().filter(|value| *value == text).map(drop),
            State::Waiting => None,
        };
        let at = self.modules.iter().position(|module| binds(module).is_some())?;
        Some(module_value(at, span))
    }

    /// The class that a dotted name means now that modules have run: where they import each other, a name may have been asked for before it was bound.
    pub fn class_named(&self, path: &str) -> Option<ClassId> {
        let (module, name) = path.rsplit_once('.')?;
        let wanted = module.replace('.', "/");
        let last = wanted.rsplit('/').next()?;
        let candidates = self.by_name.get(last)?.iter().filter_map(|at| self.modules.get(*at));
        let found = candidates.filter(|m| m.is_meant_by(&wanted)).max_by_key(|m| m.path == wanted)?;
        let State::Run(scope) = found.state else { return None };
        match self.heap.scope(scope)?.get(name)?.kind {
            Kind::Class(class) => Some(class),
            _ => None,
        }
    }

    /// Notes an effect at this place of the run.
    pub fn record(&mut self, kind: EffectKind, value: Value, span: Span) {
        if self.stopped {
            return;
        }
        self.effects.push(Effect {
            value,
            kind,
            span,
            conditions: self.conditions.clone(),
            tolerated: self.handlers > 0,
        });
    }

    /// What a module binds to a name, for a dotted name of an import that is a module of the input.
    pub(super) fn module_attribute(&mut self, path: &str, name: &SmolStr) -> Option<Value> {
        let number: usize = path.strip_prefix("module:")?.parse().ok()?;
        if let Some(value) = self.load(number).and_then(|scope| self.heap.scope(scope)?.get(name).cloned()) {
            return Some(value);
        }
        let inner = self.modules.get(number).map(|m| format!("{}/{name}", m.path))?;
        let found = self.modules.iter().position(|m| m.path == inner)?;
        Some(module_value(found, Span::default()))
    }

    /// The dotted path of a module of the input.
    pub fn module_path(&self, module: usize) -> String {
        self.modules.get(module).map_or(String::new(), |m| m.path.replace('/', "."))
    }

    // Limits.

    /// Takes steps; false where none are left.
    pub(super) fn step(&mut self, count: usize, span: Span) -> bool {
        self.steps = self.steps.saturating_add(count);
        if self.steps > MAX_STEPS && !self.stopped {
            self.stop(span, format!("This runs for more than {MAX_STEPS} steps; what comes after was not evaluated."));
        }
        !self.stopped
    }

    /// Whether a loop may run so often.
    pub(super) fn iterations(&mut self, count: u64, span: Span) -> bool {
        if count > MAX_ITERATIONS {
            let message = format!(
                "This loop runs {count} times, more than the {MAX_ITERATIONS} that are followed; what it does was not evaluated."
            );
            self.note(ProblemKind::LimitExceeded, message, span);
            return false;
        }
        true
    }

    /// Whether a text or list may become so long.
    pub(super) fn room(&mut self, len: usize, span: Span) -> bool {
        if len > MAX_LENGTH {
            self.note(
                ProblemKind::LimitExceeded,
                format!("This value has more than {MAX_LENGTH} parts; it was not made."),
                span,
            );
            return false;
        }
        self.step(len / 64, span)
    }

    /// One level deeper; false at the limit.
    pub(super) fn enter(&mut self, span: Span) -> bool {
        if self.depth >= MAX_DEPTH {
            let message =
                "Calls or expressions nest too deep here (a recursion?); this one was not evaluated.".to_owned();
            if !self.told_depth {
                self.told_depth = true;
                self.note(ProblemKind::LimitExceeded, message, span);
            }
            return false;
        }
        self.depth += 1;
        true
    }

    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    fn stop(&mut self, span: Span, message: String) {
        self.note(ProblemKind::LimitExceeded, message, span);
        self.stopped = true;
    }

    /// Whether a limit ended the run.
    pub fn stopped(&self) -> bool {
        self.stopped
    }

    /// Notes a problem, once for each place.
    pub fn note(&mut self, kind: ProblemKind, message: String, span: Span) {
        let problem = Problem { kind, message, span: Some(span) };
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }
}

/// The value of a module of the input.
pub(super) fn module_value(module: usize, span: Span) -> Value {
    Value::term(TermKind::Name(SmolStr::new(format!("module:{module}"))), span)
}
