"""The baseline as it is shipped: it stands on trends fitted to the project's own tables, as they are now."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import timecone as tc
from timecone.history import read_bundled
from timecone.history.evidence import gather
from timecone.history.joint.fit import fit
from timecone.history.joint.forecast import FORECAST
from timecone.history.joint.observations import observe
from timecone.history.joint.posterior import forecast_of, open_posterior, sources_of
from timecone.history.trends import complete_until
from timecone.units import decimal_year

FOLDER = Path(__file__).resolve().parents[2] / "configs" / "history"
#: Fits that were sampled; of those of time horizons: tests/history/test_horizon_fit.py.
FRAGMENTS = sorted(FOLDER.glob("*-0?.toml"))


@pytest.fixture(scope="module")
def shipped(shipped_file: Path) -> tc.Scenario:
    return tc.load(shipped_file)


def content(path: Path) -> dict:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def test_its_trends_are_those_of_the_fragment(shipped):
    fitted = content(FOLDER / "frontier_2026-08.toml")
    for name, (unit, _) in FORECAST.items():
        group, short = name.split(".")
        given, stated = shipped.parameters[name], fitted["parameters"][group][short]
        assert given.unit == stated["unit"] == unit
        assert given.basis == "data"
        assert "timecone fit" in given.source
    pairs = {frozenset(one.between): one.rho for one in shipped.correlations}
    for one in fitted["correlations"]:
        assert pairs[frozenset(one["between"])] == one["rho"]
    assert pairs[frozenset(("threshold.requirement", "automation.gap"))] == 0.5


def test_the_fitted_correlations_are_drawn(shipped):
    drawn = tc.sample(shipped, draws=50_000, seed=3)
    for one in content(FOLDER / "frontier_2026-08.toml")["correlations"]:
        a, b = (drawn[name].values for name in one["between"])
        assert stats.spearmanr(a, b).statistic == pytest.approx(one["rho"], abs=0.02)


@pytest.mark.parametrize("path", FRAGMENTS, ids=lambda path: path.stem)
def test_a_shipped_fragment_may_be_quoted(path):
    about = content(path)["history"]
    assert about["largest_rhat"] < 1.01
    assert min(about["least_bulk_ess"], about["least_tail_ess"]) > 1000
    assert about["divergences"] <= about["draws"] * about["chains"] / 1000


def test_the_own_tables_are_those_that_were_fitted():
    """Whoever edits a table must fit again: `timecone fit --out configs/history/landmarks_2026-08.toml`."""
    for name in ("landmarks_2026-08.toml", "frontier_2026-08.toml"):
        for source in content(FOLDER / name)["history"]["sources"]:
            assert read_bundled(source["kind"]).sha256 == source["sha256"], (name, source["name"])


def test_the_end_of_evidence_that_is_estimated_is_the_one_that_was_fitted():
    about = content(FOLDER / "landmarks_2026-08.toml")["history"]
    assert complete_until(gather().runs).until == about["evidence_until"]


@pytest.mark.slow
def test_the_shipped_posterior_is_that_of_the_fragment():
    """It is a thinned second fit: shares below the fragment's quantiles agree within the error of both."""
    path = FOLDER / "landmarks_2026-08.toml"
    shipped, about = content(path), content(path)["history"]
    file = FOLDER / about["posterior"]
    assert file.stat().st_size < 1_000_000
    tree = open_posterior(file)
    assert sources_of(tree) == about["sources"]
    assert {key: float(tree.attrs[key]) for key in ("end", "start", "ahead")} == {
        "end": about["evidence_until"], "start": about["start"], "ahead": about["years_ahead"],
    }  # fmt: skip
    for name, values in forecast_of(tree).items():
        group, short = name.split(".")
        for level in (5, 25, 50, 75, 95):
            below = np.mean(values < shipped["parameters"][group][short][f"p{level:02d}"])
            assert below == pytest.approx(level / 100.0, abs=0.05), (name, level)


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_a_new_fit_to_the_own_tables_is_the_shipped_one():
    """Another machine may round elsewhere, so quantiles may move within their sampling error."""
    path = FOLDER / "landmarks_2026-08.toml"
    shipped, about = content(path), content(path)["history"]
    assert about["as_of"] == date(2026, 8, 22)
    evidence = gather()
    seen = observe(
        evidence.runs, evidence.chips, evidence.studies, as_of=decimal_year(about["as_of"]),
        complete_until=about["evidence_until"],
    )  # fmt: skip
    found = forecast_of(fit(seen, seed=about["seed"], draws=about["draws"], start=about["start"]))
    for name, values in found.items():
        group, short = name.split(".")
        for level in (5, 25, 50, 75, 95):
            below = np.mean(values < shipped["parameters"][group][short][f"p{level:02d}"])
            # At least 1000 effective draws: a share of one half has a standard error of at most 0.016.
            assert below == pytest.approx(level / 100.0, abs=0.05), (name, level)
