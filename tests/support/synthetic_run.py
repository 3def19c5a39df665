"""A run in closed form, written to the schema: figures of it change only if the figures change.

Growth of effective compute is x = 20 r t / (20 + r t) OOM, so a level e is reached after
20 e / (r (20 - e)) years, and the parts of the growth are fixed shares of x. Draws are points of an additive
recurrence, not random.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from timecone.results.estimators.histogram import grid_percentiles
from timecone.schema import Grid

START, HORIZON, DRAWS, PATHS = 2030.0, 2080.0, 4000, 60
VIEWS = ("low_bar", "high_bar")
LIMIT = 20.0
BASE = 26.0
#: Share of the growth of each part.
PARTS = {"price_performance": 0.4, "spending": 0.3, "algorithmic_gain": 0.5, "supply_loss": -0.15,
         "wall_loss": -0.05}  # fmt: skip
GRID = Grid(low=0.0, width=0.02, bins=7000)
BINS = {"units": "log10 FLOP", "grid_low": GRID.low, "grid_width": GRID.width, "grid_bins": GRID.bins}
FACTORS = (
    "hardware=price_performance investment=spending algorithms=algorithmic_gain supply=supply_loss"
    " data_wall=wall_loss"
)
DURATION = {
    "long_name": "time from half way to all there",
    "duration": "yes",
    "begins": "half",
    "ends": "whole",
}
LEVELS = np.array([1.0, 5.0, 10.0, 25.0, 50.0, 75.0, 90.0, 95.0, 99.0])
ABOUT = {
    "effective_compute": ("Effective compute", "log10 FLOP"),
    "price_performance": ("Price-performance", "log10 FLOP/USD"),
    "spending": ("Cost of the largest run", "log10 USD"),
    "algorithmic_gain": ("Algorithmic gain", "OOM"),
    "supply_loss": ("Lost to supply limits", "OOM"),
    "wall_loss": ("Lost to the data wall", "OOM"),
    "output": ("Gross world product", "log10 USD"),
    "automation_share": ("Share of tasks that AI can do", "1"),
    "research_multiplier": ("Research labour", "1"),
}


def uniforms(shift: float = 0.0) -> np.ndarray:
    """Return points of an additive recurrence in eight dimensions, shape (8, draws)."""
    # Roberts: powers of the inverse of the root of x**9 = x + 1.
    root = 1.0
    for _ in range(60):
        root = (1.0 + root) ** (1.0 / 9.0)
    alpha = root ** -np.arange(1.0, 9.0)
    return (0.5 + shift + alpha[:, None] * np.arange(1, DRAWS + 1)) % 1.0


def numbers(shift: float = 0.0, pace: float = 1.0) -> dict[str, Any]:
    """Return what the run is made of, by draw."""
    u = uniforms(shift)
    view = (u[0] < 0.4).astype(np.int8)
    rate = pace * 0.5 * 4.0 ** u[1]
    level = 3.0 + 11.0 * u[2] + 2.0 * view
    level = np.where(u[3] < 0.05, 34.0, level)  # what nothing reaches
    gap = 0.5 + 3.5 * u[4]
    standing = np.select([np.arange(DRAWS) % 997 == 5, u[5] < 0.1], [2, 1], 0).astype(np.int8)
    half, whole = _years(level - gap, rate), _years(level, rate)
    cap = 10.0 ** (-4.0 + 2.0 * u[6])
    return {
        "u": u, "view": view, "rate": rate, "pace": pace, "level": level, "gap": gap,
        "standing": standing, "cap": cap,
        "before": level <= gap,
        "half": np.where(START + half < HORIZON, START + half, np.inf),
        "whole": np.where(START + whole < HORIZON, START + whole, np.inf),
        "cap_reached": np.where(u[6] < 0.6, START + 40.0 * u[6] + 3.0 / rate, np.inf),
    }  # fmt: skip


def _years(level: np.ndarray, rate: np.ndarray) -> np.ndarray:
    safe = np.clip(level, 0.0, LIMIT - 1e-9)
    return np.where(level < LIMIT, LIMIT * safe / (rate * (LIMIT - safe)), np.inf)


def growth(rate: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Return the growth of effective compute, OOM, shape (draws, times)."""
    product = rate[:, None] * (time - START)
    return LIMIT * product / (LIMIT + product)


def paths(n: dict[str, np.ndarray]) -> xr.Dataset:
    time = np.arange(START, HORIZON + 0.25, 0.5)
    x = growth(n["rate"][:PATHS], time)
    begin = {"price_performance": 17.0, "spending": BASE - 17.0}
    found = {name: begin.get(name, 0.0) + part * x for name, part in PARTS.items()}
    found["effective_compute"] = BASE + x
    found["output"] = 14.0 + 0.02 * (time - START) + 0.0 * x
    span = n["gap"][:PATHS, None] / 0.8
    share = np.clip(1.0 - (n["level"][:PATHS, None] - x) / span, 0.0, 1.0)
    found["automation_share"] = share
    found["research_multiplier"] = 1.0 + 60.0 * share * n["u"][7, :PATHS, None]
    return xr.Dataset(
        {
            k: (("path", "time"), v, {"units": ABOUT[k][1], "long_name": ABOUT[k][0]})
            for k, v in found.items()
        },
        coords={"path": np.arange(PATHS), "time": time},
    )


def _by_cell(n: dict[str, np.ndarray], values: np.ndarray, origin: float, bins: int) -> tuple[Any, Any]:
    counts, beyond = [], []
    for k in range(len(VIEWS)):
        own = values[(n["view"] == k) & (n["standing"] == 0)]
        counts.append(np.bincount(((own[np.isfinite(own)] - origin) * 200).astype(int), minlength=bins))
        beyond.append(int(np.isinf(own).sum()))
    return np.array(counts), np.array(beyond)


def level_counts(levels: np.ndarray) -> np.ndarray:
    """Return how many levels lie in each bin of 0.02 OOM from 0; those beyond the grid in the last one."""
    edges = np.append(0.02 * np.arange(7000), np.inf)
    return np.histogram(np.minimum(levels, 1e9), edges)[0]


def summary(n: dict[str, np.ndarray], takeoff: np.ndarray) -> xr.Dataset:
    bins = int(HORIZON - START) * 200
    arrivals = [_by_cell(n, n[name], START, bins) for name in ("half", "whole")]
    durations, no_takeoff = _by_cell(n, takeoff, 0.0, bins)
    counted = n["standing"] == 0
    thresholds = np.zeros((len(VIEWS), 7000), dtype=np.int64)
    status = np.zeros((2, len(VIEWS), 5), dtype=np.int64)
    for k in range(len(VIEWS)):
        own = counted & (n["view"] == k)
        # What nothing reaches is stored as never: in the last bin.
        levels = np.where(n["level"][own] > LIMIT, np.inf, BASE + n["level"][own])
        thresholds[k] = level_counts(levels)
        for m, name in enumerate(("half", "whole")):
            late = np.isinf(n[name][own])
            status[m, k, 2] = np.sum(n["level"][own] > LIMIT) if m else 0
            status[m, k, 1] = late.sum() - status[m, k, 2]
            status[m, k, 3] = 0 if m else np.sum(n["before"][own])
            status[m, k, 0] = np.sum(own) - status[m, k].sum()
    time = np.arange(START, HORIZON + 1.0)
    observed = np.array([level_counts(one) for one in (BASE + growth(n["rate"][counted], time)).T])
    standing = [[int(np.sum((n["view"] == k) & (n["standing"] == s))) for s in range(3)] for k in range(2)]
    return xr.Dataset(
        {
            "arrival_count": (("milestone", "cell", "date_bin"), np.stack([a for a, _ in arrivals])),
            "arrival_beyond": (("milestone", "cell"), np.stack([b for _, b in arrivals])),
            "duration_count": (("duration", "cell", "duration_bin"), durations[None]),
            "duration_beyond": (("duration", "cell"), no_takeoff[None]),
            "duration_from_start": (("duration", "cell"), status[0, :, 3][None]),
            "requirement_count": (("cell", "effective_compute_bin"), thresholds, BINS),
            "standing_count": (("cell", "standing"), standing),
            "status_count": (("milestone", "cell", "status"), status),
            # What a run stores, so that a fault of it shows in the pictures; the tests compare it with draws.
            "fan_effective_compute": (
                ("time", "percentile"),
                grid_percentiles(observed, LEVELS, GRID),
                BINS | {"long_name": "Effective compute", "threshold": "requirement",
                        "note": "FLOP with the algorithms of {start:g}."},
            ),
        },
        coords={
            "milestone": ["half", "whole"], "milestone_label": ("milestone", ["half way", "all there"]),
            "milestone_definition": ("milestone", ["half", "all"]), "cell": list(VIEWS),
            "choice_view": ("cell", list(VIEWS)), "time": time, "percentile": LEVELS,
            "duration": ["takeoff_duration"], "duration_label": ("duration", ["takeoff duration"]),
        },
        attrs={"origin": START},
    )  # fmt: skip


def inputs(n: dict[str, np.ndarray]) -> xr.Dataset:
    u = n["u"]
    found = {
        "growth.rate": (n["rate"], "OOM/year"),
        "growth.base": (np.full(DRAWS, BASE), "log10 FLOP"),
        "threshold.level": (n["level"], "OOM"),
        "threshold.gap": (n["gap"] + 0.1 * n["pace"] * n["level"], "OOM"),
        "investment.cap_share": (n["cap"], "share of world output"),
        "investment.cap_usd": (np.where(u[6] < 0.7, 10.0 ** (10.0 + 3.0 * u[5]), np.inf), "USD"),
        "data.kinds": (np.floor(3.0 * u[7]), "1"),
        "data.stock": (4e14 * (1.0 + u[3]), "token"),
    }
    return xr.Dataset(
        {name: ("draw", values, {"units": unit}) for name, (values, unit) in found.items()}
        | {"choice_view": ("draw", n["view"])}
    )


def synthetic(shift: float = 0.0, *, pace: float = 1.0, **attrs: Any) -> xr.DataTree:
    """Return the run; ``shift`` moves all draws, ``pace`` makes them faster."""
    n = numbers(shift, pace)
    with np.errstate(invalid="ignore"):
        takeoff = np.where(np.isfinite(n["whole"]), n["whole"] - n["half"], np.inf)
    outcomes = xr.Dataset(
        {
            "arrival": (("milestone", "draw"), np.stack([n["half"], n["whole"]])),
            "takeoff_duration": (
                "draw",
                takeoff,
                {
                    "long_name": "time from half way to all there",
                    "duration": "yes",
                    "begins": "half",
                    "ends": "whole",
                },
            ),
            "standing": ("draw", n["standing"]),
            "choice_view": ("draw", n["view"]),
            "cap_reached": ("draw", n["cap_reached"], {"long_name": "Cap reached", "extra": "date"}),
        },
        coords={"milestone": ["half", "whole"]},
    )
    about = {
        "timecone_format": "timecone-run", "schema_version": 4, "headline": "whole", "seed": 0,
        "main_observable": "effective_compute", "factors": FACTORS,
        "run_id": "0123456789abcdef", "name": "synthetic", "draws": DRAWS, "start": START,
        "horizon": HORIZON, "scenario": "", "conditions": "A closed form; prices in US$ of $2025.",
    }  # fmt: skip
    return xr.DataTree.from_dict(
        {
            "/": xr.Dataset(attrs=about | attrs),
            "inputs": inputs(n),
            "outcomes": outcomes,
            "paths": paths(n),
            "summary": summary(n, takeoff),
        }
    )
