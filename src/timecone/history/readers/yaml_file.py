"""YAML files of results, read as a header and rows of cells like a CSV file.

METR publishes its time horizons in such a file: a mapping `results` with one record for each model, in which
numbers are nested under several keys. A cell's heading is the path of its key, such as
``metrics.p50_horizon_length.estimate``; the record's own key is the column ``model``. Values outside the
records are kept as texts under their paths.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from timecone.errors import HistoryError
from timecone.history.readers.text_file import Row, TextFile, shortened

if TYPE_CHECKING:
    from yaml import MappingNode, Node, SafeLoader

#: Suffixes of the files that are read as YAML.
SUFFIXES: Final = (".yaml", ".yml")
#: The key of the mapping of records.
RECORDS: Final = "results"
#: Heading of the column of the records' own keys.
KEY: Final = "model"
#: Largest file that is read, in bytes: METR's has 15 kB, and parsing takes a second for each 200 kB.
MOST_BYTES: Final = 2 * 2**20
_ALLOWED: Final = f"a mapping with the records under {RECORDS!r}, as METR's file of time horizons"


class YamlFile(TextFile):
    """A YAML file with records, UTF-8.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Attributes
    ----------
    name, sha256 : str
        The file's name, and the digest of its bytes.
    header : list of str
        `KEY`, then the paths of all keys in the records, in order of their appearance.
    about : mapping of str to str
        Values outside the records, by the paths of their keys.

    Raises
    ------
    HistoryError
        There is no such file, it is too large, empty, not UTF-8, not YAML or without records, or a key occurs
        twice in a record.
    """

    def _read_header(self) -> None:
        self._check_size()
        root = self._root()
        entries = [(self._scalar(key), value) for key, value in root.value]
        records = [value for key, value in entries if key == RECORDS]
        if len(records) != 1 or not _is_mapping(records[0]) or not records[0].value:
            raise HistoryError(
                "no-records",
                "no records",
                where=self.name,
                got=shortened(", ".join(key for key, _ in entries)),
                allowed=_ALLOWED,
            )
        self.about: dict[str, str] = {}
        for key, value in entries:
            if key != RECORDS:
                self.about |= self._flattened(value, key)
        self._records_by_line: list[tuple[int, str, dict[str, str] | None]] = []
        headings: dict[str, None] = {}
        for key, value in records[0].value:
            cells = self._flattened(value, "") if _is_mapping(value) else None
            self._records_by_line.append((key.start_mark.line + 1, self._scalar(key), cells))
            headings |= dict.fromkeys(cells or ())
        self.header = [KEY, *headings]

    def rows(self) -> Iterator[Row]:
        """Yield a row for each record; its number is the line on which the record begins.

        A record that is not a mapping has one cell, its key.
        """
        for line, key, cells in self._records_by_line:
            texts = [] if cells is None else [cells.get(heading, "") for heading in self.header[1:]]
            yield Row(line, [key, *texts])

    def _check_size(self) -> None:
        if len(self._bytes) > MOST_BYTES:
            raise HistoryError(
                "file-too-large",
                f"the file has {len(self._bytes) / 2**20:.1f} MiB",
                where=self.name,
                allowed=f"at most {MOST_BYTES // 2**20} MiB of YAML",
            )

    def _root(self) -> MappingNode:
        import yaml  # noqa: PLC0415 - only files of horizons need it

        try:
            text = self._bytes.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise self._not_utf8() from None
        try:
            # Nodes keep texts and lines; objects would lose both.
            root = yaml.compose(text, Loader=_loader())
        except yaml.MarkedYAMLError as failure:
            mark = failure.problem_mark or failure.context_mark
            line = "" if mark is None else f", line {mark.line + 1}"
            raise self._not_yaml(str(failure.problem or failure.context), f"{self.name}{line}") from None
        except yaml.reader.ReaderError as failure:
            line = f", line {text.count(chr(10), 0, failure.position) + 1}"
            raise self._not_yaml(f"character {failure.character:#04x}", f"{self.name}{line}") from None
        except RecursionError:
            raise self._not_yaml("nested too deeply", self.name) from None
        if root is None:
            raise HistoryError("empty-file", "the file is empty", where=self.name, allowed=_ALLOWED)
        if not _is_mapping(root):
            raise HistoryError(
                "no-records",
                "no records",
                where=self.name,
                got=shortened(str(getattr(root, "value", "")) if root.id == "scalar" else f"a {root.id}"),
                allowed=_ALLOWED,
            )
        return root

    def _not_yaml(self, reason: str, where: str) -> HistoryError:
        return HistoryError(
            "not-yaml",
            f"not YAML ({reason})",
            where=where,
            remedy="The file may have been cut off, or be a web page; download it again.",
        )

    def _flattened(self, node: Node, path: str) -> dict[str, str]:
        """Return the scalars of a node by the paths of their keys; lists are skipped."""
        if node.id == "scalar":
            return {path: "" if node.tag.endswith(":null") else str(node.value).strip()}
        if not _is_mapping(node):
            return {}
        cells: dict[str, str] = {}
        for key, value in node.value:
            inner = f"{path}.{self._scalar(key)}" if path else self._scalar(key)
            nested = self._flattened(value, inner)
            if cells.keys() & nested.keys():
                raise HistoryError(
                    "duplicate-key",
                    "a key occurs twice in a record",
                    where=f"{self.name}, line {key.start_mark.line + 1}",
                    got=inner,
                )
            cells |= nested
        return cells

    def _scalar(self, key: Node) -> str:
        if key.id != "scalar":
            raise self._not_yaml("a key that is not a text", f"{self.name}, line {key.start_mark.line + 1}")
        return str(key.value).strip()


@functools.cache
def _loader() -> type[SafeLoader]:
    """Return a loader that refuses aliases, with which a small file can expand without limit."""
    import yaml  # noqa: PLC0415 - as in `YamlFile`

    class Loader(yaml.SafeLoader):  # type: ignore[misc]  # it has no stubs
        def compose_node(self, parent: Node | None, index: object) -> Node | None:
            if self.check_event(yaml.AliasEvent):
                mark = self.peek_event().start_mark
                raise yaml.composer.ComposerError(None, None, "an alias, which is not supported", mark)
            node: Node | None = super().compose_node(parent, index)
            return node

    return Loader


def _is_mapping(node: Node) -> bool:
    return bool(node.id == "mapping")


def about_of(file: TextFile) -> Mapping[str, str]:
    """Return the values outside a file's records; none for a CSV file."""
    return file.about if isinstance(file, YamlFile) else {}
