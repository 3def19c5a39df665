"""File of predictions: TOML to which entries are appended, and which are never changed."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import tomli_w

from timecone.errors import LedgerError
from timecone.files import write_file
from timecone.history.predictions.prediction import SERIES, Prediction

_FORMAT, _VERSION = "timecone-predictions", 1
_MEDIAN, _ALL = 50.0, 100.0
_HEAD: Final = (
    "# Dated predictions, kept by `timecone ledger predict` and scored by `timecone ledger score`.\n"
    f'# Entries are appended and never changed.\nformat = "{_FORMAT}"\nversion = {_VERSION}\n'
)
_TEXTS: Final = ("series", "fit", "fit_file", "version")
_KEYS: Final = {**dict.fromkeys(_TEXTS, str), "made": date, "date": date, "percentiles": list}
_REMEDY: Final = "Restore the file from its history."


def read_predictions(path: str | Path) -> tuple[Prediction, ...]:
    """Read a file of predictions.

    Parameters
    ----------
    path : str or Path
        The file.

    Returns
    -------
    tuple of Prediction
        In the order of the file.

    Raises
    ------
    LedgerError
        It cannot be read, or is no file of predictions.

    Examples
    --------
    >>> from datetime import date
    >>> from timecone.history.predictions.from_fit import predictions_from
    >>> made = predictions_from("supply.nc", date(2028, 8, 22), made=date(2026, 8, 22))
    >>> add_predictions(made, "my_predictions.toml")
    >>> read_predictions("my_predictions.toml") == made
    True
    """
    path = Path(path)
    try:
        return _parsed(path.read_text(encoding="utf-8"), path)
    except (OSError, UnicodeDecodeError) as error:
        raise LedgerError("ledger-unreadable", f"cannot be read ({error})", where=str(path)) from None


def add_predictions(predictions: Sequence[Prediction], path: str | Path) -> None:
    """Append predictions to a file; begin it where there is none.

    Parameters
    ----------
    predictions : sequence of Prediction
        What to append.
    path : str or Path
        The file.

    Raises
    ------
    LedgerError
        The file is none of predictions, or has one of the same fit for the same day.
    OutputError
        The file cannot be written.

    Examples
    --------
    >>> add_predictions([], "none_yet.toml")
    >>> read_predictions("none_yet.toml")
    ()
    """
    path = Path(path)
    text = path.read_text(encoding="utf-8") if path.exists() else _HEAD
    known = {prediction.id for prediction in _parsed(text, path)}
    for prediction in predictions:
        if prediction.id in known:
            raise LedgerError(
                "prediction-in-ledger",
                "this fit has been asked for this day already",
                where=str(path),
                got=prediction.id,
                remedy="Keep the entry that is there, or predict another day.",
            )
        text = f"{text.rstrip()}\n\n{_entry(prediction)}"
    write_file(path, text)


def _entry(prediction: Prediction) -> str:
    series = SERIES[prediction.series]
    table = {
        "series": prediction.series,
        "label": series.label,
        "unit": series.unit,
        "made": prediction.made,
        "date": prediction.date,
        "fit": prediction.fit,
        "fit_file": prediction.fit_file,
        "version": prediction.version,
    }
    rows = ", ".join(f"[{level:g}, {value}]" for level, value in prediction.percentiles)
    return f"[[prediction]]\n{tomli_w.dumps(table)}percentiles = [{rows}]\n"


def _parsed(text: str, path: Path) -> tuple[Prediction, ...]:
    try:
        content: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LedgerError("ledger-not-toml", f"not TOML ({error})", where=str(path), remedy=_REMEDY) from None
    if (content.get("format"), content.get("version")) != (_FORMAT, _VERSION):
        raise LedgerError(
            "not-predictions",
            "not a file of predictions",
            where=str(path),
            got=content.get("format"),
            allowed=f"{_FORMAT!r} of version {_VERSION}",
        )
    tables = content.get("prediction", [])
    return tuple(_read(table, f"{path}, prediction {k}") for k, table in enumerate(tables, 1))


def _read(table: dict[str, Any], where: str) -> Prediction:
    for key, kind in _KEYS.items():
        if not isinstance(table.get(key), kind):
            raise LedgerError(
                "prediction-damaged",
                "a key is missing or of the wrong kind",
                where=f"{where}: {key}",
                got=table.get(key),
                remedy=_REMEDY,
            )
    if table["series"] not in SERIES:
        raise LedgerError(
            "unknown-predicted-series",
            "unknown series",
            where=where,
            got=table["series"],
            allowed=", ".join(SERIES),
        )
    pairs = _percentiles(table["percentiles"])
    if pairs is None:
        raise LedgerError(
            "prediction-damaged",
            "no increasing percentiles with a median",
            where=f"{where}: percentiles",
            got=table["percentiles"],
            remedy=_REMEDY,
        )
    keys = ("series", "made", "date", "fit", "fit_file", "version")
    return Prediction(**{key: table[key] for key in keys}, percentiles=pairs)


def _percentiles(rows: list[Any]) -> tuple[tuple[float, float], ...] | None:
    """Return levels with their values; None where they are not increasing, or have no median."""
    try:
        pairs = tuple((float(level), float(value)) for level, value in rows)
    except (TypeError, ValueError):
        return None
    levels, values = [level for level, _ in pairs], [value for _, value in pairs]
    inside = all(0.0 < level < _ALL for level in levels) and _MEDIAN in levels
    rising = levels == sorted(set(levels)) and values == sorted(values)
    return pairs if inside and rising and all(map(math.isfinite, values)) else None
