"""Hashes of source files: those that kernels are compiled from, and those that a run's numbers come from.

Either set starts from a few files and follows their imports of this package, so that an edit elsewhere, for
instance of a page or of a figure, changes neither hash.
"""

from __future__ import annotations

import functools
import hashlib
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent
_KERNEL_PARTS = ("numerics", "inputs", "models", "results")
_DEFINES_KERNELS = re.compile(
    r"^from timecone\.numerics\.compiled import .*\b(kernel|scalar)\b", re.MULTILINE
)
# Also those inside of functions.
_IMPORT = re.compile(r"^ *from (timecone[\w.]*) import (\([^)]*\)|.*)$", re.MULTILINE)
# Neither determines a number: the one names everything, the other the release.
_LEFT_OUT = frozenset({_PACKAGE / "__init__.py", _PACKAGE / "version.py"})
_LAYOUT = frozenset({tokenize.COMMENT, tokenize.NL, tokenize.ENCODING})
_BLOCKS = frozenset({tokenize.INDENT, tokenize.DEDENT, tokenize.NEWLINE})


def kernel_hash() -> str:
    """Return 16 hex digits over the files that define kernels and whatever those import of this package."""
    parts = [path for part in _KERNEL_PARTS for path in sorted((_PACKAGE / part).rglob("*.py"))]
    defining = [path for path in parts if _DEFINES_KERNELS.search(path.read_text("utf-8"))]
    compiler = _PACKAGE / "numerics" / "compiled.py"
    return _digest((path, path.read_bytes()) for path in with_imports([compiler, *defining]))


@functools.cache
def source_hash() -> str:
    """Return 16 hex digits over the code that a run's numbers come from; part of its identity.

    That is the code that simulates and the models, with what they import of this package. Comments,
    docstrings and layout do not count, nor do the figures and tables that a model names.
    """
    models = sorted((_PACKAGE / "models").glob("*/model.py"))
    files = with_imports([_PACKAGE / "simulation" / "run.py", *models])
    return _digest((path, code_of(path.read_text("utf-8"))) for path in files)


def with_imports(files: Iterable[Path]) -> list[Path]:
    """Return files of this package and those that they import, directly or not, in the order of their names.

    Parameters
    ----------
    files : iterable of Path
        Where to start.

    Returns
    -------
    list of Path
        Without the package's own ``__init__``, which names everything, and without its version.
    """
    waiting = list(files)
    reached: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path not in reached:
            reached.add(path)
            waiting += _imported(path)
    return sorted(reached)


def _imported(path: Path) -> list[Path]:
    """Return the files of this package that a file imports from."""
    candidates = []
    for module, names in _IMPORT.findall(path.read_text("utf-8")):
        place = _PACKAGE.joinpath(*module.split(".")[1:])
        # What is imported from a package may be a module of its own.
        candidates += [place.with_suffix(".py"), place / "__init__.py"]
        candidates += [place / f"{name}.py" for name in re.findall(r"\w+", names)]
    return [file for file in candidates if file.is_file() and file not in _LEFT_OUT]


def code_of(text: str) -> bytes:
    r"""Return the tokens of a source text without comments, docstrings and layout.

    Parameters
    ----------
    text : str
        Python source.

    Returns
    -------
    bytes
        Equal for two texts exactly when their code is.

    Examples
    --------
    >>> code_of("def f(x):\n    return x + 1\n") == code_of('def f(x):\n  "Add."\n  return (x + 1)  # one\n')
    False
    >>> code_of("def f(x):\n    return x + 1\n") == code_of('def f(x):\n  "Add."\n  return x + 1  # one\n')
    True
    """
    return "\0".join(_code_tokens(text)).encode()


def _code_tokens(text: str) -> Iterator[str]:
    waiting: str | None = None  # a string that starts a statement: documentation if the statement ends there
    at_start = True
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in _LAYOUT:
            continue
        if waiting is not None:
            if token.type == tokenize.NEWLINE:
                waiting, at_start = None, True
                continue
            yield waiting
            waiting = None
        if token.type == tokenize.STRING and at_start:
            waiting = token.string
        else:
            yield str(token.type) if token.type in _BLOCKS else token.string
        at_start = token.type in _BLOCKS


def _digest(contents: Iterable[tuple[Path, bytes]]) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for path, content in contents:
        digest.update(path.relative_to(_PACKAGE).as_posix().encode())
        digest.update(content)
    return digest.hexdigest()
