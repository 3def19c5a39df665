"""Trends found in Epoch AI's files beside the published ones: the tables of docs/reference/history.md.

    uv run python benchmarks/history.py --data FOLDER     # half a minute

FOLDER holds the files named in `FILES`, as downloaded from https://epoch.ai/data and from Epoch AI's
repositories timelines-direct-approach (gpu_trends) and training-cost-trends (costs).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from timecone.history import read
from timecone.history.chip_prices import BASES, chip_prices
from timecone.history.estimates import compute_from_hardware, compute_from_parameters
from timecone.history.trends import (
    Growth,
    change_point,
    extreme_trend,
    flagged,
    growth,
    records_at_release,
    series,
    top_at_release,
    yearly_maxima,
)

FILES: Final = {
    "runs": "notable_ai_models_2026-08.csv",
    "gpus": "gpu_trends_2024.csv",
    "chips": "ml_hardware_2026-07.csv",
    "costs": "training_cost_model_costs.csv",
    "prices": "hardware_prices_2025.csv",
}
SEED: Final = 2026
#: The chip with most rental prices.
RENTED: Final = "NVIDIA A100 SXM4 80 GB"
#: Estimates of training compute for most closed models end here.
DATA_END: Final = 2025.6
#: What Epoch AI stated in March 2025, with the games of self-play; since then without them.
WITH_SELF_PLAY: Final = {"AlphaGo Zero": 3.41e23, "AlphaGo Master": 2e23, "AlphaZero": 3.668e22}
#: Standard deviations above the trend from which a run counts as large.
LARGE: Final = 0.75
#: Names in the table of costs, and in that of runs.
RENAMED: Final = {"GPT-4": "GPT-4 (Mar 2023)", "GPT-3.5": "GPT-3.5 (davinci-002)", "Grok-3": "Grok 3"}


class Tables(NamedTuple):
    """The files' rows."""

    runs: pd.DataFrame
    gpus: pd.DataFrame
    chips: pd.DataFrame
    costs: pd.DataFrame
    prices: pd.DataFrame


class Comparison(NamedTuple):
    """A published trend and ours: factors a year, or doubling times in the unit stated."""

    what: str
    published: str
    source: str
    found: Growth
    unit: str
    why: str

    @property
    def ours(self) -> str:
        """Our figure with its interval."""
        return quoted(self.found, self.unit)


def tables(folder: Path) -> Tables:
    """Return the rows of all files."""
    return Tables(*(read(folder / name).rows for name in FILES.values()))


def quoted(found: Growth, unit: str) -> str:
    """Return a growth as a factor a year, or as a doubling time in months or years, with its interval."""
    if unit == "x/year":
        return f"{found.factor:.2f} [{found.low:.2f}, {found.high:.2f}]"
    scale = {"month": 12.0, "year": 1.0}[unit]
    low, high = (scale * end for end in found.doubling_interval)
    return f"{scale * found.doubling_time:.2f} [{low:.2f}, {high:.2f}]"


def compute_growth(rows: pd.DataFrame, first: float, until: float, mass: float = 0.9) -> Growth:
    return growth(series(rows.date, rows.training_compute, first=first, until=until), seed=SEED, mass=mass)


def with_self_play(runs: pd.DataFrame) -> pd.DataFrame:
    older = runs.name.map(WITH_SELF_PLAY)
    return runs.assign(training_compute=older.fillna(runs.training_compute))


def price_performance(chips: pd.DataFrame, performance: str, price: str, mass: float = 0.9) -> Growth:
    return growth(series(chips.date, chips[performance] / chips[price]), seed=SEED, mass=mass)


def priced(rows: pd.DataFrame, cost: pd.Series[float], first: float, until: float) -> Growth:
    return growth(series(rows.date, cost, first=first, until=until), seed=SEED)


def large(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the runs far above the trend of the era of deep learning."""
    trend = compute_growth(runs, 2010.0, 2022.21)
    above = np.log10(runs.training_compute) - runs.date.map(trend.value)
    found: pd.DataFrame = runs[above > LARGE * trend.residual_sd]
    return found


def comparisons(data: Tables) -> Iterator[Comparison]:
    yield from eras_compared(data.runs)
    yield from frontier_compared(data.runs)
    yield from money_compared(data)


def eras_compared(runs: pd.DataFrame) -> Iterator[Comparison]:
    sevilla, amodei = "Sevilla et al. 2022", "Amodei & Hernandez 2018"
    older = with_self_play(runs)
    yield Comparison(
        "all runs before 2010", "20 months", sevilla, compute_growth(runs, 1950.0, 2010.0), "month",
        "The same within the interval.",
    )  # fmt: skip
    yield Comparison(
        "all runs 2010 to early 2022", "6 (5 to 6) months", sevilla,
        compute_growth(runs, 2010.0, 2022.21), "month",
        "The same within the interval.",
    )  # fmt: skip
    yield Comparison(
        "large runs, October 2015 to early 2022, with self-play", "10 months", sevilla,
        compute_growth(large(older), 2015.75, 2022.21), "month",
        f"The same within the interval; large is {LARGE} standard deviations above the trend since 2010.",
    )  # fmt: skip
    yield Comparison(
        "records 2012 to 2017", "3.4 months", amodei,
        compute_growth(records_at_release(runs), 2012.0, 2018.0), "month",
        "The same within the interval; AlphaGo Zero is not a record without its self-play.",
    )  # fmt: skip
    yield Comparison(
        "records 2012 to 2017, with self-play", "3.4 months", amodei,
        compute_growth(records_at_release(older), 2012.0, 2018.0), "month",
        "Nearer to how they counted, with AlphaGo Zero at the end; ten runs cannot tell 3.1 from 3.4.",
    )  # fmt: skip


def frontier_compared(runs: pd.DataFrame) -> Iterator[Comparison]:
    roldan, end = "Sevilla & Roldan 2024", 2024.42
    language = runs[runs.domain.str.contains("Language")]
    yield Comparison(
        "all runs 2010 to May 2024", "4 to 5x", roldan, compute_growth(runs, 2010.0, end), "x/year",
        "Just below, with an interval that reaches into theirs; estimates were revised and runs added since.",
    )  # fmt: skip
    yield Comparison(
        "top ten at release, 2018 to May 2024", "4x", roldan,
        compute_growth(top_at_release(runs, 10), 2018.0, end), "x/year",
        "Without self-play the AlphaGo models no longer lift the beginning of the series: see the next row.",
    )  # fmt: skip
    yield Comparison(
        "top ten at release, 2018 to May 2024, with self-play", "4x", roldan,
        compute_growth(top_at_release(with_self_play(runs), 10), 2018.0, end), "x/year",
        "The same within the interval.",
    )  # fmt: skip
    yield Comparison(
        "language models, June 2017 to May 2024", "up to 9x", roldan,
        compute_growth(language, 2017.42, end), "x/year",
        "The same within the interval.",
    )  # fmt: skip
    yield Comparison(
        "top ten of language models, 2020 to May 2024", "5x", roldan,
        compute_growth(top_at_release(language, 10), 2020.0, end), "x/year",
        "The same within the interval.",
    )  # fmt: skip


def money_compared(data: Tables) -> Iterator[Comparison]:
    runs = data.runs
    yield Comparison(
        "FP32 performance per USD of 2020, all GPUs 2006 to 2021", "2.46 [2.24, 2.72] years, 95 %",
        "Hobbhahn & Besiroglu 2022",
        price_performance(data.gpus, "fp32", "price_2020", mass=0.95), "year",
        "The file that Epoch AI published later has 413 GPUs with date and price, the paper had 470.",
    )  # fmt: skip
    costed = compute_growth(runs[runs.cost.notna()], 2009.0, 2022.6).factor
    every = compute_growth(runs, 2009.0, 2022.6).factor
    by_price = every / price_performance(data.gpus, "fp32", "price_2020").factor
    yield Comparison(
        "cost, all runs 2009 to mid-2022", "3.1x [2.3, 3.6]", "Cottier 2023",
        priced(runs, runs.cost, 2009.0, 2022.6), "x/year",
        "Theirs is the compute of every run over the price-performance of its day, which gives "
        f"{by_price:.1f}x here. Epoch AI's cost stands only where hardware and time are known: the compute "
        f"of those runs grew {costed:.1f}x a year, that of all runs {every:.1f}x.",
    )  # fmt: skip
    merged = runs.merge(data.costs.assign(name=data.costs.name.replace(RENAMED)), on="name")
    cottier, top = "Cottier et al. 2024", top_at_release(runs, 10)
    yield Comparison(
        "amortised hardware and energy, frontier 2016 to mid-2024", "2.4x [2.0, 2.9]", cottier,
        priced(merged, merged.amortised, 2016.0, 2024.5), "x/year",
        "The same within the interval, from a later version of that paper's file.",
    )  # fmt: skip
    yield Comparison(
        "the cost column, top ten at release, 2016 to mid-2024", "2.4x [2.0, 2.9]", cottier,
        priced(top, top.cost, 2016.0, 2024.5), "x/year",
        "The same within the interval; another selection and later prices of hardware.",
    )  # fmt: skip


def frontier(data: Tables) -> Iterator[tuple[str, Growth]]:
    """Yield our own trends of the frontier, each with its name."""
    runs = data.runs
    language = runs[runs.domain.str.contains("Language")]
    for name, rows, first in (
        ("records since 2010", records_at_release(runs), 2010.0),
        ("records since 2018", records_at_release(runs), 2018.0),
        ("top five at release since 2010", top_at_release(runs, 5), 2010.0),
        ("top ten at release since 2010", top_at_release(runs, 10), 2010.0),
        ("top ten at release since 2018", top_at_release(runs, 10), 2018.0),
        ("flagged as frontier since 2018", flagged(runs), 2018.0),
        ("top five of language models since GPT-3", top_at_release(language, 5), 2020.4),
    ):
        yield name, compute_growth(rows, first, DATA_END)


def parity(data: Tables) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Yield the decadic logarithm of each estimate over the recorded training compute, by group."""
    runs = data.runs[data.runs.training_compute.notna()]
    language = runs[runs.domain.str.contains("Language")]
    for name, rows in (
        ("6 x parameters x tokens, language models", language),
        ("the same, above 1e23 FLOP", language[language.training_compute > 1e23]),
    ):
        estimate = compute_from_parameters(rows.parameters, rows.dataset_size)
        yield name, known_logarithm(estimate / rows.training_compute.to_numpy())
    chips = data.chips.set_index("name")
    rows = runs[runs.hardware.isin(chips.index)]
    peak = chips.tensor_fp16.fillna(chips.fp32).reindex(rows.hardware).to_numpy()
    for name, used in (
        ("hardware x time x utilisation stated", rows.utilisation.to_numpy()),
        ("hardware x time, 30 % where none is stated", np.where(rows.utilisation.isna(), 0.3, np.nan)),
    ):
        estimate = compute_from_hardware(rows.hardware_quantity, rows.training_time, peak, used)
        yield name, known_logarithm(estimate / rows.training_compute.to_numpy())


def known_logarithm(ratio: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.log10(ratio[~np.isnan(ratio)])


def report(data: Tables) -> Iterator[str]:
    """Yield the tables of docs/reference/history.md, line by line."""
    yield "| what | published | source | ours | runs | why it differs |"
    yield "|---|---|---|---|---|---|"
    for each in comparisons(data):
        unit = {"month": " months", "year": " years", "x/year": "x"}[each.unit]
        yield (
            f"| {each.what} | {each.published} | {each.source} | {each.ours}{unit} "
            f"| {each.found.observations} | {each.why} |"
        )
    yield ""
    yield "| frontier, to the middle of 2025 | runs | x per year [90 %] | doubling, months | scatter, OOM |"
    yield "|---|---|---|---|---|"
    for name, found in frontier(data):
        months = quoted(found, "month")
        growth, scatter = quoted(found, "x/year"), f"{found.residual_sd:.2f}"
        yield f"| {name} | {found.observations} | {growth} | {months} | {scatter} |"
    yield ""
    yield from changes(data.runs)
    yield ""
    yield from prices(data)
    yield ""
    yield "| estimate | runs | 5 % | 25 % | median | 75 % | 95 % | within a factor of 3 |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, ratio in parity(data):
        # Adding zero turns -0.0 into 0.0.
        percentiles = " | ".join(
            f"{each:.2f}" for each in np.percentile(ratio, [5, 25, 50, 75, 95]).round(2) + 0.0
        )
        close = np.mean(np.abs(ratio) < np.log10(3.0))
        yield f"| {name} | {len(ratio)} | {percentiles} | {100.0 * close:.0f} % |"


def changes(runs: pd.DataFrame) -> Iterator[str]:
    top = top_at_release(runs, 10)
    yield "| change of growth sought in | runs | date [90 %] | before, x per year | after | gain in BIC |"
    yield "|---|---|---|---|---|---|"
    for name, rows, first in (
        ("all runs since 1950", runs, 1950.0),
        ("top ten at release since 2010", top, 2010.0),
    ):
        found = change_point(series(rows.date, rows.training_compute, first=first, until=DATA_END), seed=SEED)
        yield (
            f"| {name} | {found.observations} | {found.date:.1f} [{found.low:.1f}, {found.high:.1f}] "
            f"| {found.before:.2f} | {found.after:.2f} | {found.bic_gain:.1f} |"
        )
    yield ""
    extreme = extreme_trend(
        yearly_maxima(series(runs.date, runs.training_compute, first=2010.0, until=2025.0))
    )
    low, high = extreme.interval()
    yield "| largest run of each year, 2010 to 2024 | location, x per year [90 %] | scale, OOM | shape |"
    yield "|---|---|---|---|"
    yield (
        f"| {extreme.years} years | {extreme.factor:.2f} [{low:.2f}, {high:.2f}] "
        f"| {extreme.scale:.2f} ± {extreme.scale_se:.2f} | {extreme.shape:.2f} ± {extreme.shape_se:.2f} |"
    )


def prices(data: Tables) -> Iterator[str]:
    """Yield the table of chips' performance per USD by basis of the price."""
    yield "| price | performance | prices | chips | x per year [90 %] | doubling, years |"
    yield "|---|---|---|---|---|---|"
    for name, table, date in priced_chips(data):
        found = growth(series(table[date], table["per_usd"], first=2012.0), seed=SEED)
        kind = "16-bit tensor" if table["is_tensor"].all() else "FP32"
        chips = table["name"].nunique()
        factor, years = quoted(found, "x/year"), quoted(found, "year")
        yield f"| {name} | {kind} | {found.observations} | {chips} | {factor} | {years} |"
    rented = chip_prices(data.chips, data.prices)
    rented = rented[(rented["basis"] == "rental") & (rented["name"] == RENTED)]
    found = growth(series(rented["date"], 1.0 / rented["real"]), seed=SEED)
    falls = f"{1.0 / found.factor:.2f} [{1.0 / found.high:.2f}, {1.0 / found.low:.2f}]"
    yield ""
    yield "| price of an hour | prices | x per year [90 %] |"
    yield "|---|---|---|"
    yield f"| {RENTED} | {found.observations} | {falls} |"


def priced_chips(data: Tables) -> Iterator[tuple[str, pd.DataFrame, str]]:
    """Yield prices by basis with the date that counts: of the price, or the chip's release."""
    table = chip_prices(data.chips, data.prices)
    every = chip_prices(data.chips, data.prices, within=100.0)
    for is_tensor in (True, False):
        for basis in BASES:
            yield basis, table[(table["basis"] == basis) & (table["is_tensor"] == is_tensor)], "date"
        for name, rows in (("release", table), ("release, any later price", every)):
            chosen = rows[(rows["basis"] == "release") & (rows["is_tensor"] == is_tensor)]
            yield f"{name}, by date of release", chosen, "released"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of Epoch AI's files")
    print("\n".join(report(tables(parser.parse_args().data))))


if __name__ == "__main__":
    main()
