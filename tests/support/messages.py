"""Messages of the source: every error that timecone raises, with its code, collected without running it.

``uv run python tests/support/messages.py`` writes them to ``tests/messages.txt``, to be read as prose.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "src" / "timecone"
FILE = ROOT / "tests" / "messages.txt"

HEAD = """\
The messages of timecone: every error by room of the source, code and class, as the user reads it.

Collected from the source by tests/support/messages.py; write it again after a change with
    uv run python tests/support/messages.py
and read the lines that changed aloud. {Braces} stand for values, (a / b) for alternatives, [a] for what may
be left out. Not listed: messages that pass on another one under a new place, reasons why single cells of a
table are rejected (history/readers/cells.py), and complaints about options that typer makes itself.
"""


class Message(NamedTuple):
    """One place of the source that makes an error."""

    room: str
    code: str
    kind: str
    what: str
    line: str
    place: str


def error_classes(trees: dict[Path, ast.Module]) -> set[str]:
    """Return the names of TimeconeError and of the classes derived from it."""
    bases = {
        node.name: {ast.unparse(base) for base in node.bases}
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    names = {"TimeconeError"}
    while more := {name for name, parents in bases.items() if parents & names} - names:
        names |= more
    return names


def collected() -> list[Message]:
    """Return the messages of the source, in the order of the file.

    Raises
    ------
    TypeError
        If the code of an error is not a text in the source.
    """
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(SOURCES.rglob("*.py"))}
    names = error_classes(trees)
    messages = [message for path, tree in trees.items() for message in _of_file(path, tree, names)]
    return sorted(messages, key=lambda message: (message.room, message.code, message.kind, message.line))


def _of_file(path: Path, tree: ast.Module, names: set[str]) -> Iterator[Message]:
    parts = path.relative_to(SOURCES).parts
    room = parts[0] if len(parts) > 1 else "timecone"
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in names):
            continue
        place = f"{path.relative_to(ROOT)}:{call.lineno}"
        code, what = call.args
        if isinstance(code, ast.Attribute) and code.attr == "code":
            continue  # another message is passed on
        if not (isinstance(code, ast.Constant) and isinstance(code.value, str)):
            problem = f"{place}: the code of an error is not a text: {ast.unparse(code)}"
            raise TypeError(problem)
        around = [f for f in functions if f.lineno <= call.lineno <= (f.end_lineno or f.lineno)]
        texts = _Texts([tree, *around])
        said = {key.arg: texts.of(key.value) for key in call.keywords}
        wrong = texts.of(what)
        yield Message(room, code.value, call.func.id, wrong, _line(wrong, said), place)


def _line(what: str, said: dict[str | None, str]) -> str:
    line = f"{said['where']}: {what}" if "where" in said else what
    if "got" in said:
        line += f"; got {said['got']}"
    if "allowed" in said:
        line += f"; expected {said['allowed']}"
    return f"{line}. {said['remedy']}" if "remedy" in said else f"{line}."


class _Texts:
    """Expressions as text: literal parts as they are, values in braces."""

    def __init__(self, scopes: list[ast.Module | ast.FunctionDef]) -> None:
        self._assigned: dict[str, list[ast.expr]] = {}
        for scope in scopes:
            nodes = scope.body if isinstance(scope, ast.Module) else list(ast.walk(scope))
            local: dict[str, list[ast.expr]] = {}
            for node in nodes:
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    local.setdefault(node.targets[0].id, []).append(node.value)
                elif isinstance(node, ast.NamedExpr):
                    local.setdefault(node.target.id, []).append(node.value)
            self._assigned |= local

    def of(self, node: ast.expr) -> str:
        """Return the template of a text."""
        match node:
            case ast.Constant(value=str() | None as text):
                return text or ""
            case ast.JoinedStr(values=values):
                return "".join(self.of(value) for value in values)
            case ast.FormattedValue(value=value):
                return self.of(value)
            case ast.BinOp(left=left, op=ast.Add(), right=right) if self._is_text(left) or self._is_text(
                right
            ):
                return self.of(left) + self.of(right)
            case ast.IfExp(body=body, orelse=orelse):
                return _alternatives([self.of(body), self.of(orelse)])
            case ast.BoolOp(values=values):
                return _alternatives([self.of(value) for value in values])
            case ast.Name(id=name) if any(self._is_text(value) for value in self._assigned.get(name, [])):
                return self._variable(name)
        return f"{{{_label(node)}}}"

    def _variable(self, name: str) -> str:
        values = self._assigned.pop(name)  # it may refer to itself
        texts = [self.of(value) for value in values]
        self._assigned[name] = values
        return _alternatives(texts)

    def _is_text(self, node: ast.expr) -> bool:
        match node:
            case ast.JoinedStr() | ast.Constant(value=str()):
                return True
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._is_text(left) or self._is_text(right)
            case ast.IfExp(body=body, orelse=orelse):
                return self._is_text(body) or self._is_text(orelse)
            case ast.BoolOp(values=values):
                return any(self._is_text(value) for value in values)
        return False


def _alternatives(texts: list[str]) -> str:
    stated = [text for text in dict.fromkeys(texts) if text]
    if "" in texts:
        return f"[{' / '.join(stated)}]"
    return stated[0] if len(stated) == 1 else f"({' / '.join(stated)})"


def _label(node: ast.expr) -> str:
    """Return a short name of a value."""
    match node:
        case ast.Call(func=ast.Attribute(attr="join"), args=[joined]):
            return _label(joined)
        case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in {
            "sorted",
            "str",
            "list",
            "float",
            "repr",
        }:
            return _label(first)
        case ast.Call(func=function, args=[first, *_]):
            return f"{_label(function)}({_label(first)})"
        case ast.Call(func=function):
            return _label(function)
        case ast.Subscript(value=value):
            return _label(value)
        case ast.List(elts=[ast.Starred(value=value), *_]) | ast.List(elts=[value, *_]):
            return _label(value)
        case ast.GeneratorExp(elt=element) | ast.ListComp(elt=element):
            return _label(element)
    return ast.unparse(node)


def text_of(messages: list[Message]) -> str:
    """Return the file: a section for each room, an entry for each code, a line for each message."""
    text = HEAD
    for room, of_room in groupby(messages, key=lambda message: message.room):
        text += f"\n\n== {room} ==\n"
        for (code, kind), group in groupby(of_room, key=lambda message: (message.code, message.kind)):
            lines = dict.fromkeys(message.line for message in group)
            text += f"\n{code} ({kind})\n" + "".join(f"    {line}\n" for line in lines)
    return text


if __name__ == "__main__":
    FILE.write_text(text_of(collected()), encoding="utf-8")
