"""The columns of every kind of table: name, type, unit, and the headings that files give them."""

from __future__ import annotations

import math
import re
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
    zero : bool
        Zero is a value, as of a site on which nothing runs yet; elsewhere it is a slip for a blank cell.
    pattern : str
        Regular expression for a value inside a longer text: its first group is read as the cell. A flag is
        true where it is found.
    """

    name: str
    type: str
    unit: str = ""
    headings: tuple[str, ...] = ()
    required: bool = False
    vital: bool = False
    most: float = math.inf
    zero: bool = False
    pattern: str = ""

    def cell(self, text: str) -> str:
        """Return the part of a cell's text that holds the column's value; empty where there is none."""
        if not self.pattern:
            return text
        match = re.search(self.pattern, text, re.IGNORECASE)
        if not match:
            return ""
        return "true" if self.type == "flag" else match[1]


def _text(name: str, *headings: str) -> Column:
    return Column(name, "text", "", headings)


def _name(name: str, *headings: str) -> Column:
    return Column(name, "text", "", headings, required=True, vital=True)


def _number(name: str, unit: str, *headings: str, most: float = math.inf, zero: bool = False) -> Column:
    return Column(name, "number", unit, headings, most=most, zero=zero)


def _measured(name: str, unit: str, *headings: str, required: bool = False, most: float = math.inf) -> Column:
    return Column(name, "number", unit, headings, required=required, vital=True, most=most)


def _date(name: str, *headings: str) -> Column:
    return Column(name, "date", "decimal year", headings, required=True, vital=True)


def _published(name: str, *headings: str) -> Column:
    return Column(name, "date", "decimal year", headings, vital=True)


def _stated(name: str, *headings: str) -> Column:
    """Return a date of publication or the like; the row stays where it cannot be read."""
    return Column(name, "date", "decimal year", headings)


# Epoch AI's counts of chips say in a note when they were estimated, and whether the quarter is whole.
_ESTIMATED: Final = r"generated on:?\s*(\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|\d{4}-\d{1,2}-\d{1,2})"
_INCOMPLETE: Final = r"^\s*(incomplete)\b"


def _interval(
    name: str, unit: str, middle: tuple[str, ...], *stems: str, required: bool = False
) -> tuple[Column, ...]:
    """Return a quantity and its 5th and 95th percentile, whose headings begin with one of ``stems``."""
    low, high = (tuple(f"{stem} ({end}th percentile)" for stem in stems) for end in ("5", "95"))
    return (
        _measured(name, unit, *middle, required=required),
        _measured(f"{name}_low", unit, *low),
        _measured(f"{name}_high", unit, *high),
    )


_COUNTED_CHIPS: Final = (
    _date("start", "Start date"),
    _date("date", "End date"),
    *_interval(
        "h100e", "H100 equivalent", ("Compute estimate in H100e (median)",),
        "H100e", "Compute estimate in H100e", required=True,
    ),
    *_interval(
        "units", "chip", ("Number of Units", "Number of units (median)"), "Number of Units", "Number of units"
    ),
    *_interval("power", "MW", ("Power in MW (median)",), "Power in MW"),
)  # fmt: skip

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
        _measured("price_per_hour_1_year", "USD per chip-hour", "Price per chip-hour (1-year CUD)"),
        _measured("price_per_hour_3_years", "USD per chip-hour", "Price per chip-hour (3-year CUD)"),
        _measured("price", "USD", "Price (hardware purchase)", required=True),
        _text("source", "Price source"),
        _text("note", "Notes"),
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
        _text("source"),
    ),
    "clusters": (
        _name("name", "Name"),
        Column("status", "text", "", ("Status",), required=True, vital=True),
        _date("date", "First Operational Date"),
        _measured("h100e", "H100 equivalent", "H100 equivalents", required=True),
        _number("performance_16bit", "FLOP/s", "16-bit OP/s"),
        _number("power", "MW", "Power Capacity (MW)"),
        _number("cost", "USD", "Hardware Cost"),
        _number("units", "chip", "Total number of AI chips"),
        _text("chip", "Chip type (primary)"),
        _text("owner", "Owner"),
        _text("users", "Users"),
        _text("country", "Country"),
        _text("sector", "Sector"),
        _text("certainty", "Certainty"),
        _text("single", "Single cluster?"),
        Column("duplicate", "flag", "", ("Possible Duplicate",)),
        Column("standard", "flag", "", ("Include in Standard Analysis",)),
        Column("excluded", "flag", "", ("Exclude",)),
        _stated("decommissioned", "Decommissioned Date (if applicable)"),
        _text("date_note", "First Operational Date Note"),
        _text("source", "Source 1"),
    ),
    "sites": (
        _name("site", "Data center"),
        _date("date", "Date"),
        Column(
            "h100e", "number", "H100 equivalent", ("H100 equivalents",), required=True, vital=True, zero=True
        ),
        _number("power", "MW", "Power (MW)", zero=True),
        _number("buildings", "building", "Buildings operational", zero=True),
        _number("cost", "USD of 2025", "Total capital cost (2025 USD)", zero=True),
        _text("state", "Construction status"),
        _stated("published"),
        _text("source"),
    ),
    "stocks": (
        _name("name", "Name"),
        _name("manufacturer", "Chip manufacturer"),
        _text("owner", "Owner"),
        *_COUNTED_CHIPS,
        Column("incomplete", "flag", "", ("Incomplete",)),
        Column("published", "date", "decimal year", ("Notes",), pattern=_ESTIMATED),
        _text("note", "Notes"),
        _text("source", "Source / Link"),
    ),
    "production": (
        _name("name", "Name"),
        _name("manufacturer", "Chip manufacturer"),
        _name("chip", "Chip type"),
        *_COUNTED_CHIPS,
        Column("incomplete", "flag", "", ("Notes",), pattern=_INCOMPLETE),
        Column("published", "date", "decimal year", ("Notes",), pattern=_ESTIMATED),
        _text("note", "Notes"),
    ),
    "spending": (
        _text("name", "Id"),
        _name("company", "Company"),
        _date("date", "Date"),
        _stated("published", "Report date"),
        _name("category", "Category"),
        _measured("amount", "USD", "Amount", required=True),
        _number("research", "USD", "R&D compute spend"),
        _number("inference", "USD", "Inference compute spend"),
        _number("total", "USD", "Total compute spend"),
        _text("period", "Period type"),
        _text("grade", "Confidence"),
        _text("source_type", "Source Type"),
        Column("excluded", "flag", "", ("Exclude from graph view",)),
        _text("note", "Notes"),
    ),
}  # fmt: skip

#: Columns whose values together name a row: a second row with the same is a duplicate.
KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "runs": ("name", "date"),
    "costs": ("name",),
    "studies": ("name",),
    "horizons": ("name",),
    "capabilities": ("name",),
    "sites": ("site", "date"),
    "stocks": ("manufacturer", "owner", "date"),
    "production": ("manufacturer", "chip", "start"),
}

_BOUNDS: Final = tuple((f"{name}_low", name, f"{name}_high") for name in ("h100e", "units", "power"))

#: Columns of an interval by kind: lower end, value, upper end. A value outside its interval is a slip.
INTERVALS: Final[Mapping[str, tuple[tuple[str, str, str], ...]]] = {
    "horizons": (("p50_low", "p50", "p50_high"), ("p80_low", "p80", "p80_high")),
    "stocks": _BOUNDS,
    "production": _BOUNDS,
}

#: The kinds of tables there are.
KINDS: Final = tuple(COLUMNS)
