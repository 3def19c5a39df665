"""From draws of a fit to what is quoted: posterior file, fragment, checks, figures."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date

import matplotlib as mpl
import numpy as np
import pytest
import xarray as xr
from scipy import stats

from refusals import Refusal, refused
from timecone import plots
from timecone.history.joint.convergence import diagnostics, require_convergence
from timecone.history.joint.forecast import FORECAST, forecast_parameters
from timecone.history.joint.fragment import correlations, fragment, quantiles, save_fragment
from timecone.history.joint.posterior import (
    draws_of,
    forecast_of,
    observations_of,
    open_posterior,
    save_posterior,
    thinned,
)
from timecone.history.joint.priors import PRIORS

from history_records import CHAINS, DRAWS, END, assembled, fitted, near_truth, sampled  # isort: skip


@pytest.fixture(scope="module")
def tree():
    return fitted()


@pytest.mark.slow
def test_a_posterior_survives_the_file(tree, tmp_path):
    found = open_posterior(save_posterior(tree, tmp_path / "p.nc"))
    for group in ("posterior", "prior", "posterior_predictive", "trend", "checks"):
        xr.testing.assert_identical(found[group].to_dataset(), tree[group].to_dataset())
    assert found.attrs["fit_id"] == tree.attrs["fit_id"]
    seen, back = observations_of(tree), observations_of(found)
    np.testing.assert_array_equal(seen.compute, back.compute)
    assert seen.run_name == back.run_name


def test_the_scenario_parameters_are_those_of_the_draws(tree):
    expected = forecast_parameters(draws_of(tree), END, start=2026.0, ahead=5.0, seed=5)
    for name, values in forecast_of(tree).items():
        np.testing.assert_array_equal(values, expected[name])
        assert tree["posterior"][name].attrs["units"] == FORECAST[name][0]


def test_every_parameter_says_its_unit_and_meaning(tree):
    for name in PRIORS:
        assert tree["posterior"][name].attrs["units"]
        assert tree["posterior"][name].attrs["long_name"]


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (None, Refusal("no-such-file")),
        (b"nonsense", Refusal("not-netcdf")),
        ("other", Refusal("not-a-posterior")),
    ],
)
def test_other_files_are_refused(tmp_path, content, refusal):
    path = tmp_path / "p.nc"
    if content == "other":
        xr.Dataset({"x": 1}).to_netcdf(path, engine="h5netcdf")
    elif content is not None:
        path.write_bytes(content)
    with refusal.expected():
        open_posterior(path)


def test_unwritable_places_are_told(tree, tmp_path):
    (tmp_path / "file").write_text("")
    with refused("unwritable-file"):
        save_posterior(tree, tmp_path / "file" / "p.nc")
    with refused("unwritable-file"):
        save_fragment({}, tmp_path / "file" / "p.toml")


def test_the_fragment_says_quantiles_and_rank_correlations(tree, tmp_path):
    content = fragment(tree, name="made-up", as_of=date(2026, 8, 22), posterior="made-up.nc")
    found = tomllib.loads(save_fragment(content, tmp_path / "made-up.toml").read_text())
    drawn = forecast_of(tree)
    for name, values in drawn.items():
        group, short = name.split(".")
        one = found["parameters"][group][short]
        assert one["unit"] == FORECAST[name][0]
        assert one["basis"] == "data"
        for level in (1, 50, 99):
            assert one[f"p{level:02d}"] == pytest.approx(np.percentile(values, level), rel=1e-3)
    pairs = {tuple(one["between"]): one["rho"] for one in found["correlations"]}
    pair = ("hardware.price_performance", "investment.largest_run")
    rho = stats.spearmanr(drawn[pair[0]], drawn[pair[1]]).statistic
    assert pairs.get(pair, 0.0) == pytest.approx(rho, abs=0.05)
    assert found["history"]["posterior"] == "made-up.nc"
    assert found["history"]["sources"][0]["name"] == "made up"


def test_quantiles_increase_and_weak_correlations_are_left_out():
    generator = np.random.default_rng(2)
    one = generator.lognormal(size=5000)
    values = quantiles(one)
    assert list(values) == ["p01", "p05", "p25", "p50", "p75", "p95", "p99"]
    assert np.all(np.diff(list(values.values())) > 0.0)
    found = correlations({"a": one, "b": one * 2.0, "c": generator.normal(size=5000)})
    assert found == {("a", "b"): 1.0}


def test_checks_of_records_that_the_model_made_pass_and_of_others_fail(tree):
    table = tree["checks"].to_dataset().to_dataframe()
    assert table["p_value"].between(0.01, 0.99).all()
    seen = observations_of(tree)
    bent = replace(seen, compute=seen.compute + 0.4 * (seen.run_date - 2018.0))
    other = assembled(bent)
    table = other["checks"].to_dataset().to_dataframe().set_index(["series", "statistic"])
    assert table.loc[("compute", "growth"), "p_value"] < 0.01


def test_draws_that_must_not_be_quoted_are_refused():
    good = near_truth(CHAINS * DRAWS)
    require_convergence(diagnostics(sampled(good)))
    apart = good | {"chip_spread": good["chip_spread"] + np.repeat([0.0, 0.0, 0.0, 0.5], DRAWS)}
    with refused("chains-disagree", "chip_spread", names="below 1.01"):
        require_convergence(diagnostics(sampled(apart)))
    lazy = good | {"chip_spread": np.repeat(good["chip_spread"][::20], 20)}
    with refused("chains-disagree", "chip_spread"):
        require_convergence(diagnostics(sampled(lazy)))
    wild = sampled(good)
    wild["sample_stats"]["diverging"][0, :50] = 1.0
    with refused("sampler-diverged", None, got=50, names="at most 4"):
        require_convergence(diagnostics(wild))
    assert diagnostics(sampled(good))["draws"] == CHAINS * DRAWS


@pytest.mark.slow
@pytest.mark.parametrize(
    ("damage", "lacks", "got"),
    [
        (lambda tree: tree.attrs.pop("rhat"), "a number", "rhat"),
        (lambda tree: tree.attrs.update(end="late"), "a number", "end"),
        (lambda tree: tree.attrs.pop("fit_id"), "an attribute", "fit_id"),
        (lambda tree: tree.__delitem__("trend"), "a group", "trend"),
        (
            lambda tree: tree["trend"].__delitem__("cost"),
            "a variable by level, time",
            "cost",
        ),
        (lambda tree: tree["checks"].__delitem__("p95"), "a variable", "p95"),
        (lambda tree: tree["prior"].__delitem__("run_tail"), "a variable", "run_tail"),
        (
            lambda tree: tree["posterior"].__delitem__("investment.growth"),
            "a variable",
            "investment.growth",
        ),
        (
            lambda tree: tree["posterior"]["run_tail"].attrs.clear(),
            "a unit",
            "run_tail",
        ),
        (lambda tree: tree["observed_data"].__delitem__("cost"), "a variable by run", "cost"),
    ],
)
def test_a_posterior_that_lacks_something_is_refused(tree, tmp_path, damage, lacks, got, monkeypatch):
    # Files of our own making need not be tried by a process of its own first.
    monkeypatch.setattr("timecone.history.fit_file.require_readable", lambda _: None)
    broken = tree.copy(deep=True)
    damage(broken)
    path = save_posterior(broken, tmp_path / "broken.nc")
    with refused("posterior-incomplete", got=got) as failure:
        open_posterior(path)
    assert lacks in failure.value.what


@pytest.mark.slow
@pytest.mark.parametrize("name", ["history_trends", "history_priors", "history_checks"])
def test_figures_of_a_fit_carry_its_numbers(tree, tmp_path, name):
    mpl.use("Agg")
    drawn = getattr(plots, name)(tree)
    assert tree.attrs["fit_id"] in drawn.caption
    assert not drawn.table.empty
    path = drawn.save(tmp_path / "f.svg")
    assert f"timecone fit {tree.attrs['fit_id']}" in path.read_text()
    drawn.close()
    if name == "history_trends":
        seen = observations_of(tree)
        records = drawn.table[(drawn.table["series"] == "compute") & (drawn.table["kind"] == "record")]
        np.testing.assert_array_equal(records["value"], seen.compute[seen.is_record])
    if name == "history_priors":
        one = drawn.table[drawn.table["parameter"] == "chip_spread"]
        share = ((one["high"] - one["low"]) * one["posterior"]).sum()
        assert share == pytest.approx(0.996, abs=2e-3)


def test_a_failure_while_writing_leaves_the_earlier_file(tmp_path):
    path = tmp_path / "fit.toml"
    path.write_text("earlier")
    with pytest.raises(TypeError):
        save_fragment({"not": object()}, path)
    assert path.read_text() == "earlier"
    assert list(tmp_path.iterdir()) == [path]
    save_fragment({"name": "later"}, path)
    assert 'name = "later"' in path.read_text()


@pytest.mark.slow
def test_a_thinned_posterior_is_small_and_serves_updates_and_fragments(tree, tmp_path):
    small = thinned(tree, draws=100)
    found = open_posterior(save_posterior(small, tmp_path / "small.nc"))
    assert found["posterior"].sizes["draw"] == 100
    assert found.attrs["fit_id"] != tree.attrs["fit_id"]
    for name, values in forecast_of(found).items():
        every = tree["posterior"][name].values[:, ::10].ravel()
        np.testing.assert_allclose(values, every, rtol=1e-6)
        assert values.dtype == np.float64
    assert fragment(found, name="small", as_of=date(2026, 8, 22))["parameters"]
    for wrong in (0, 1001):
        with refused("invalid-draw-count", "draws"):
            thinned(tree, draws=wrong)
