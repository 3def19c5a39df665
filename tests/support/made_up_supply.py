"""Made-up sites and stocks of chips, and a fit to them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from timecone.history.supply.fit import fit_supply

PUBLISHED = 2026.0


def sites() -> pd.DataFrame:
    """Return sites of which the largest grows by 0.5 OOM a year, with plans to 2027.5."""
    dates = np.arange(2023.0, 2027.75, 0.5)
    h100e = 1e5 * 10.0 ** (0.5 * (dates - 2024.0))
    return pd.DataFrame(
        {
            "site": [f"Site {k % 3}" for k in range(len(dates))],
            "date": dates,
            "h100e": h100e,
            "power": h100e / 10.0 ** (2.7 + 0.12 * (dates - 2024.0)),
            "cost": np.nan,
            "published": PUBLISHED,
        }
    )


def stocks() -> pd.DataFrame:
    """Return stocks of two owners, one with chips of two makers, at quarters from 2024 to 2026."""
    rows = []
    for k, date in enumerate(np.arange(2024.25, 2026.01, 0.25)):
        levels = {
            ("Alpha", "One"): 4e5,
            ("Alpha", "Two"): 2e5,
            ("Beta", "One"): 5.9e5 if k else 6.1e5,
            ("Other", "One"): 9e6,
        }
        for (owner, manufacturer), level in levels.items():
            h100e = level * 10.0 ** (0.5 * (date - 2024.25))
            row = {
                "name": "",
                "owner": owner,
                "manufacturer": manufacturer,
                "start": 2022.0,
                "date": date,
                "published": PUBLISHED,
                "incomplete": False,
            }
            for name, value in (("h100e", h100e), ("power", h100e / 1000.0)):
                row |= {name: value, f"{name}_low": value / 1.3, f"{name}_high": value * 1.3}
            rows.append(row)
    return pd.DataFrame(rows)


def runs() -> pd.DataFrame:
    """Return runs of which three were records."""
    return pd.DataFrame(
        {
            "name": ["First", "Second", "Third", "Small"],
            "date": [2023.2, 2024.6, 2025.5, 2025.8],
            "training_compute": [2e25, 5e25, 4e26, 1e24],
        }
    )


def fitted_supply(draws: int = 400) -> xr.DataTree:
    """Return a fit to them."""
    sources = [{"name": "sites.csv", "kind": "sites", "sha256": "0" * 64}]
    return fit_supply(sites(), stocks(), as_of=2026.5, runs=runs(), draws=draws, seed=4, sources=sources)
