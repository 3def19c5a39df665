"""The columns of every kind of table: name, type, unit, and the headings that files give them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, NamedTuple

#: Epoch AI's grades of an estimate of training compute, best first; a blank grade is read as the last.
CONFIDENCES: Final = ("Confident", "Likely", "Speculative", "Unverified", "Unknown")
#: The grade that withdraws an estimate: the row keeps its date, its training compute counts as missing.
WRONG: Final = "Wrong"


class Column(NamedTuple):
    """One column of a kind of table.

    Attributes
    ----------
    name : str
        Its name in `HistoryTable.rows`, accepted as a heading too.
    type : str
        ``"text"``, ``"number"`` (positive, finite), ``"date"`` (a day, read as decimal year), ``"year"``
        (a decimal year), ``"label"`` (one of `CONFIDENCES`) or ``"flag"`` (true or false; blank is false).
    unit : str
        Unit of a number; empty otherwise.
    headings : tuple of str
        Other headings that mean the same, newest first. The same names with another unit in brackets are
        converted, see `headings`.
    required : bool
        A file without it is of another kind or broken.
    vital : bool
        A row whose cell cannot be read is rejected; in other columns only the cell is left out.
    most : float
        Largest value allowed.
    """

    name: str
    type: str
    unit: str = ""
    headings: tuple[str, ...] = ()
    required: bool = False
    vital: bool = False
    most: float = math.inf


def _text(name: str, *headings: str) -> Column:
    return Column(name, "text", "", headings)


def _name(name: str, *headings: str) -> Column:
    return Column(name, "text", "", headings, required=True, vital=True)


def _number(name: str, unit: str, *headings: str, most: float = math.inf) -> Column:
    return Column(name, "number", unit, headings, most=most)


def _measured(name: str, unit: str, *headings: str, required: bool = False, most: float = math.inf) -> Column:
    return Column(name, "number", unit, headings, required=required, vital=True, most=most)


def _date(name: str, *headings: str) -> Column:
    return Column(name, "date", "decimal year", headings, required=True, vital=True)


def _published(name: str, *headings: str) -> Column:
    return Column(name, "date", "decimal year", headings, vital=True)


# What each kind's columns are. Epoch AI renamed headings between snapshots: all that were seen stand here.
# A heading with dots is the path of a key in METR's YAML file.
COLUMNS: Final[Mapping[str, tuple[Column, ...]]] = {
    "runs": (
        _name("name", "Model", "System", "Entity"),
        _text("organization", "Organization"),
        _date("date", "Publication date", "Day"),
        _measured(
            "training_compute", "FLOP",
            "Training compute (FLOP)", "Training computation (FLOP)",
            required=True,
        ),
        Column("confidence", "label", "", ("Confidence",)),
        _number("cost", "USD of 2023", "Training compute cost (2023 USD)"),
        _number("parameters", "", "Parameters"),
        _number(
            "dataset_size", "token or data point",
            "Training dataset size (total)", "Training dataset size (gradients)",
            "Training dataset size (datapoints)", "(DEPRECATED) Training dataset size (datapoints)",
        ),
        _number("training_time", "hour", "Training time (hours)"),
        _text("hardware", "Training hardware"),
        _number("hardware_quantity", "chip", "Hardware quantity"),
        _number("utilisation", "1", "Hardware utilization (MFU)", "Hardware utilization", most=1.0),
        _text("domain", "Domain"),
        Column("frontier", "flag", "", ("Frontier model",)),
        _text("status"),
        _text("source", "Link"),
        _text("note"),
    ),
    "chips": (
        _name("name", "Hardware name", "Name of the hardware", "product"),
        _text("manufacturer", "Manufacturer"),
        _text("kind", "Type"),
        _date("date", "Release date"),
        _measured(
            "fp32", "FLOP/s",
            "FP32 (single precision) performance (FLOP/s)",
            "FP32 (single precision) Performance (FLOP/s)", "FP32_flops",
            required=True,
        ),
        _measured(
            "tensor_fp16", "FLOP/s",
            "Tensor-FP16/BF16 performance (FLOP/s)", "Tensor-FP16 performance (FLOP/s)",
        ),
        _measured("price", "USD", "Release price (USD)"),
        _measured("price_2020", "USD of 2020", "real_price_2020"),
        _number("power", "W", "TDP (W)", "TDP_in_W"),
        _text("status"),
        _text("source", "Link to datasheet"),
        _text("note"),
    ),
    "prices": (
        _name("hardware", "Hardware model"),
        _date("date", "Price date"),
        _text("vendor", "Vendor"),
        _measured("price_per_hour", "USD per chip-hour", "Price per chip-hour (on-demand)", required=True),
        _measured("price", "USD", "Price (hardware purchase)", required=True),
        _text("source", "Price source"),
    ),
    "costs": (
        _name("name", "Model"),
        _measured("cloud", "USD", "Cloud_Cost"),
        _measured("acquisition", "USD", "Hardware_Acquisition_Cost"),
        _measured("amortised", "USD", "Hardware_Capex_Energy_Cost", "Cost", required=True),
    ),
    "studies": (
        _name("name"),
        _text("domain"),
        _date("date"),
        _measured("halving_time", "month", required=True),
        _measured("low", "month"),
        _measured("high", "month"),
        _measured("mass", "1", most=1.0),
        Column("first_year", "year", "decimal year", required=True, vital=True),
        Column("last_year", "year", "decimal year", required=True, vital=True),
        _text("status"),
        _text("source"),
        _text("note"),
    ),
    "horizons": (
        _name("name", "model"),
        _date("date", "release_date"),
        _published("published", "publication_date"),
        _measured("p50", "minute", "metrics.p50_horizon_length.estimate", required=True),
        _measured("p50_low", "minute", "metrics.p50_horizon_length.ci_low"),
        _measured("p50_high", "minute", "metrics.p50_horizon_length.ci_high"),
        _measured("p80", "minute", "metrics.p80_horizon_length.estimate"),
        _measured("p80_low", "minute", "metrics.p80_horizon_length.ci_low"),
        _measured("p80_high", "minute", "metrics.p80_horizon_length.ci_high"),
        _number("average_score", "1", "metrics.average_score.estimate", most=1.0),
        Column("frontier", "flag", "", ("metrics.is_sota",)),
        _text("benchmark", "benchmark_name"),
    ),
    "capabilities": (
        _name("name", "Model version"),
        _text("model", "Model name"),
        _text("organization", "Organization"),
        _date("date", "Release date"),
        _measured("score", "point", "ECI Score", "ECI", required=True),
        _number("training_compute", "FLOP", "Training compute (FLOP)"),
        Column("confidence", "label", "", ("Confidence",)),
        _text("accessibility", "Model accessibility"),
        _text("country", "Country"),
    ),
}  # fmt: skip

#: Columns whose values together name a row: a second row with the same is a duplicate.
KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "runs": ("name", "date"),
    "costs": ("name",),
    "studies": ("name",),
    "horizons": ("name",),
    "capabilities": ("name",),
}

#: Columns of an interval by kind: lower end, value, upper end. A value outside its interval is a slip.
INTERVALS: Final[Mapping[str, tuple[tuple[str, str, str], ...]]] = {
    "horizons": (("p50_low", "p50", "p50_high"), ("p80_low", "p80", "p80_high")),
}

#: The kinds of tables there are.
KINDS: Final = tuple(COLUMNS)
