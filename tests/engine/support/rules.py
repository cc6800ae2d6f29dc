"""The rules of the compiler: each place in its source that makes a part of a plan.

A rule is named by module, function and the text of the expression, so that it keeps its name
wherever it stands. While they are watched each part carries the rules it went through, and a
compiler without one of them is the same one whose plan has lost what that rule made.
"""

import ast
import importlib
import inspect
import pkgutil
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from types import CodeType, FunctionType, ModuleType
from typing import Any, Final

from msgspec.structs import replace

from hookswitch import flow
from hookswitch.model.plan import Context, Extension, Plan, Section, Step

PARTS: Final = ("Step", "Extension", "Context", "Section")
SHORT: Final = {"Extension": 1, "Context": 1, "Section": 2}
"""How many arguments tell which one it is; the others are full of further rules."""
NOTE: Final = "__note_rule__"
Rules = tuple[str, ...]
Part = tuple[object, ...]
"""Where it is in a plan."""


class MadeStep(Step, frozen=True):
    rules: Rules = ()


class MadeExtension(Extension, frozen=True):
    rules: Rules = ()


class MadeContext(Context, frozen=True):
    rules: Rules = ()


class MadeSection(Section, frozen=True):
    rules: Rules = ()


MADE: Final[Mapping[type, type]] = {
    Step: MadeStep,
    Extension: MadeExtension,
    Context: MadeContext,
    Section: MadeSection,
}


def modules() -> Sequence[ModuleType]:
    found = pkgutil.walk_packages(flow.__path__, f"{flow.__name__}.")
    return [importlib.import_module(one.name) for one in found]


@cache
def rules() -> Sequence[str]:
    """Every rule in the source, but for the options of sections, which only a document shows."""
    return [rule for module in modules() for rule in _Noting(module).rules]


@contextmanager
def watched() -> Iterator[None]:
    """Parts of plans carry their rules as long as this lasts."""
    before: list[tuple[FunctionType, CodeType]] = []
    for module in modules():
        noting = _Noting(module)
        vars(module)[NOTE] = note
        for function in _functions(module):
            code = noting.codes.get(function.__code__.co_qualname)
            if code is not None:
                before.append((function, function.__code__))
                function.__code__ = code
    try:
        yield
    finally:
        for function, code in before:
            function.__code__ = code


def note(rule: str, made: Any) -> Any:
    """The same with one more rule; whatever else a function gives stays what it is."""
    kind = next((kind for kind in MADE if isinstance(made, kind)), None)
    if kind is None:
        return made
    if isinstance(made, Extension):
        made = replace(made, steps=tuple(_noted(step, rule) for step in made.steps))
    return _noted(made, rule)


def _noted(made: Any, rule: str) -> Any:
    kind = next(kind for kind in MADE if isinstance(made, kind))
    fields = {name: getattr(made, name) for name in kind.__struct_fields__}
    return MADE[kind](**fields, rules=(*getattr(made, "rules", ()), rule))


def made_by(part: Any) -> Rules:
    return getattr(part, "rules", ())


def option_rule(section: Section, option: str) -> str:
    """One for each name of an option; a name that is somebody's number is not told apart."""
    name = re.sub(r"[0-9]+", "N", option)
    return f"{made_by(section)[0]} {section.file} {name}"


def without(plan: Plan, rule: str) -> Plan:
    """What is left when nothing of this rule is made."""

    def context(one: Context) -> Context:
        kept = (extension(e) for e in one.extensions if rule not in made_by(e))
        return replace(one, extensions=tuple(kept))

    def extension(one: Extension) -> Extension:
        return replace(one, steps=tuple(s for s in one.steps if rule not in made_by(s)))

    def section(one: Section) -> Section:
        kept = (option for option in one.options if option_rule(one, option[0]) != rule)
        return replace(one, options=tuple(kept))

    def contexts(some: Sequence[Context]) -> tuple[Context, ...]:
        return tuple(context(one) for one in some if rule not in made_by(one))

    return replace(
        plan,
        contexts=contexts(plan.contexts),
        shared=contexts(plan.shared),
        entry=contexts(plan.entry),
        sections=tuple(section(s) for s in plan.sections if rule not in made_by(s)),
    )


def made(plan: Plan) -> Mapping[str, set[Part]]:
    """Which parts of the plan each rule made, or made something of, options too."""
    found: dict[str, set[Part]] = defaultdict(set)
    for part, by in _parts(plan):
        for rule in by:
            found[rule].add(part)
    return found


def _parts(plan: Plan) -> Iterator[tuple[Part, Sequence[str]]]:
    for context in (*plan.contexts, *plan.shared, *plan.entry):
        around = made_by(context)
        yield (context.name,), around
        for extension in context.extensions:
            at = context.name, extension.match
            yield at, (*around, *made_by(extension))
            for place, step in enumerate(extension.steps):
                yield (*at, place), (*around, *made_by(extension), *made_by(step))
    for section in plan.sections:
        at = section.file, section.name
        yield at, made_by(section)
        for name, _ in section.options:
            yield (*at, name), (*made_by(section), option_rule(section, name))


def _functions(module: ModuleType) -> Iterator[FunctionType]:
    for value in vars(module).values():
        if inspect.isfunction(value) and value.__module__ == module.__name__:
            yield value
        elif inspect.isclass(value) and value.__module__ == module.__name__:
            for method in vars(value).values():
                function = method.fget if isinstance(method, property) else method
                if inspect.isfunction(function):
                    yield function


class _Noting(ast.NodeTransformer):
    """A module's functions as they are when each rule in them is noted."""

    def __init__(self, module: ModuleType) -> None:
        source = inspect.getsource(module)
        self._module = module
        self._name = module.__name__.removeprefix(f"{flow.__name__}.")
        self._within: list[str] = []
        self._types: dict[str, str] = {}
        self._seen: Counter[str] = Counter()
        self.rules: list[str] = []
        tree = ast.fix_missing_locations(self.visit(ast.parse(source)))
        compiled = compile(tree, str(module.__file__), "exec")
        self.codes = {code.co_qualname: code for code in _codes(compiled)}

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self._inside(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        args = (arg for arg in node.args.args if isinstance(arg.annotation, ast.Name))
        self._types = {arg.arg: arg.annotation.id for arg in args}
        return self._inside(node)

    def _inside(self, node: Any) -> ast.AST:
        """Only what runs when it is called: no defaults, decorators or annotations."""
        self._within.append(node.name)
        node.body = [self.visit(statement) for statement in node.body]
        self._within.pop()
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """A step that a module keeps by name is a rule wherever it is used."""
        kept = isinstance(node.ctx, ast.Load) and isinstance(self._known(node.id), Step)
        return self._note(node.id, node) if kept and self._within else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        kind = self._makes(node.func)
        text = _text(node) if kind else ""
        whole = self.generic_visit(node)
        return self._note(text, whole) if kind and self._within else whole

    def _note(self, text: str, node: ast.AST) -> ast.AST:
        rule = f"{self._name}.{'.'.join(self._within)}: {text}"
        self._seen[rule] += 1
        if self._seen[rule] > 1:
            rule += f" #{self._seen[rule]}"
        self.rules.append(rule)
        called = ast.Name(id=NOTE, ctx=ast.Load())
        return ast.Call(func=called, args=[ast.Constant(rule), node], keywords=[])

    def _makes(self, function: ast.expr) -> str:
        """The kind of part that it gives one of, or nothing."""
        match function:
            case ast.Name(id=name) if name in PARTS:
                return name
            case ast.Name(id=name):
                return _gives(self._known(name))
            case ast.Attribute(value=ast.Name(id=name), attr=attr):
                known = self._known(name)
                kind = self._known(self._types.get(name, ""))
                return _gives(getattr(known if isinstance(known, ModuleType) else kind, attr, None))
        return ""

    def _known(self, name: str) -> Any:
        return vars(self._module).get(name)


def _text(node: ast.Call) -> str:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name not in SHORT:
        return ast.unparse(node)
    return f"{name}({', '.join(ast.unparse(arg) for arg in node.args[: SHORT[name]])})"


def _gives(function: Any) -> str:
    if not inspect.isfunction(function):
        return ""
    given = function.__annotations__.get("return")
    name = given if isinstance(given, str) else getattr(given, "__name__", "")
    return name if name in PARTS else ""


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)
