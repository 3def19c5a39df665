"""Draws straight from a posterior file: rows stay whole, nothing else moves, what is broken is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli_w
import xarray as xr
from scipy import stats

import timecone as tc
from edits import content_of, edited
from refusals import Refusal, refused
from timecone.cli.main import main
from timecone.inputs.posterior_file import MOST_ROWS
from timecone.scenario.file import dumps, load, loads

DOUBLING, GROWTH, RUN = "hardware.doubling_time", "investment.growth", "investment.largest_run"
ABOUT = {"source": "a fit", "as_of": date(2026, 8, 22), "basis": "data"}
UNITS = {DOUBLING: "year", GROWTH: "x/year", RUN: "USD"}
DRAWS = 20_000
CHAINS, LENGTH = 4, 250


@pytest.fixture(scope="module")
def joint() -> dict[str, np.ndarray]:
    """Return rows on a bent curve, a dependence that no copula of pairs has; shape (chain, draw)."""
    random = np.random.default_rng(3)
    z = random.standard_normal((CHAINS, LENGTH))
    doubling = 2.0 * np.exp(0.2 * z)
    growth = 2.0 + 0.5 * z**2 + 0.05 * random.standard_normal(z.shape)
    return {DOUBLING: doubling, GROWTH: growth, RUN: 7e8 * np.exp(0.3 * random.standard_normal(z.shape))}


def write(path: Path, values: dict[str, Any], units: dict[str, str] | None = None) -> Path:
    units = UNITS if units is None else units
    variables = {
        name: (("chain", "draw"), value, {"units": units[name]} if name in units else {})
        for name, value in values.items()
    }
    xr.DataTree.from_dict({"posterior": xr.Dataset(variables)}).to_netcdf(path, engine="h5netcdf")
    return path


def table(**more: Any) -> dict[str, Any]:
    return {"distribution": "posterior", "file": "fit.nc"} | ABOUT | more


@pytest.fixture(scope="module")
def content(baseline: tc.Scenario) -> dict[str, Any]:
    return content_of(baseline)


def written(folder: Path, content: dict[str, Any], changes: dict[str, Any]) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "scenario.toml"
    path.write_text(tomli_w.dumps(edited(content, {f"parameters.{k}": v for k, v in changes.items()})))
    return path


ALL = {name: table(unit=unit) for name, unit in UNITS.items()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, joint: dict[str, np.ndarray]) -> Path:
    path = tmp_path_factory.mktemp("posterior")
    write(path / "fit.nc", joint)
    return path


@pytest.fixture(scope="module")
def scenario(folder: Path, content: dict[str, Any]) -> tc.Scenario:
    return load(written(folder, content, ALL))


def rows(drawn: xr.Dataset, names: list[str]) -> np.ndarray:
    return np.column_stack([drawn[name].values for name in names])


@pytest.mark.slow
def test_drawn_rows_are_rows_of_the_file(scenario: tc.Scenario, joint: dict[str, np.ndarray]) -> None:
    found = rows(tc.sample(scenario, DRAWS, seed=1), list(UNITS))
    every = np.column_stack([joint[name].ravel() for name in UNITS])
    places = {tuple(row): k for k, row in enumerate(every)}
    picked = [places[tuple(row)] for row in found]  # a KeyError where a row is not one of the file
    counts = np.bincount(picked, minlength=len(every))
    # Each with the same probability; a false alarm in a million.
    assert stats.chisquare(counts).pvalue > 1e-6


@pytest.mark.parametrize("name", UNITS)
def test_each_variable_has_its_own_distribution(
    name: str, scenario: tc.Scenario, joint: dict[str, np.ndarray]
) -> None:
    drawn = tc.sample(scenario, DRAWS, seed=1)[name].values
    every = np.sort(joint[name].ravel())

    def cdf(values: np.ndarray) -> np.ndarray:
        return np.searchsorted(every, values, side="right") / every.size

    # Of a step function the distance is at most that of a continuous one.
    assert (
        stats.kstest(drawn, cdf, method="asymp").statistic < stats.kstwo.isf(1e-6, DRAWS) + 1.0 / every.size
    )
    wrong = stats.kstest(drawn * 1.05, cdf, method="asymp").statistic
    assert wrong > stats.kstwo.isf(1e-6, DRAWS) + 1.0 / every.size


def test_dependence_that_is_not_gaussian_is_kept(scenario: tc.Scenario) -> None:
    drawn = tc.sample(scenario, DRAWS, seed=1)
    z = np.log(drawn[DOUBLING].values / 2.0) / 0.2
    # Uncorrelated, yet one determines the other but for a noise of 0.05.
    assert np.std(drawn[GROWTH].values - 2.0 - 0.5 * z**2) < 0.06
    assert abs(np.corrcoef(z, drawn[GROWTH].values)[0, 1]) < 0.15


def test_no_other_parameter_moves(scenario: tc.Scenario, baseline: tc.Scenario) -> None:
    one, other = tc.sample(scenario, 1000, seed=1), tc.sample(baseline, 1000, seed=1)
    moved = {name for name in one if not np.array_equal(one[name], other[name])}
    assert moved == set(UNITS)


def test_which_variables_are_drawn_does_not_change_the_rows(
    scenario: tc.Scenario, folder: Path, content: dict[str, Any]
) -> None:
    alone = load(written(folder / ".." / folder.name, content, {GROWTH: ALL[GROWTH]}))
    one, other = tc.sample(scenario, 1000, seed=1), tc.sample(alone, 1000, seed=1)
    np.testing.assert_array_equal(one[GROWTH], other[GROWTH])
    written(folder, content, ALL)


@pytest.mark.slow
@pytest.mark.parametrize("design", ["random", "sobol", "latin"])
def test_draws_are_the_same_over_threads_and_blocks(design: str, scenario: tc.Scenario) -> None:
    run = scenario.run.model_copy(update={"design": design})
    other = scenario.replace({}, run=run)
    one, two = (
        tc.simulate(other, draws=2048, seed=4, threads=threads, block=block, paths=0)
        for threads, block in ((1, 2048), (2, 192))
    )
    for name in one["inputs"]:
        assert one["inputs"][name].values.tobytes() == two["inputs"][name].values.tobytes()
    np.testing.assert_array_equal(one["outcomes"]["arrival"], two["outcomes"]["arrival"])


@pytest.mark.parametrize("design", ["sobol", "latin"])
def test_a_design_spreads_rows_as_one_dimension(
    design: str, scenario: tc.Scenario, joint: dict[str, np.ndarray]
) -> None:
    run = scenario.run.model_copy(update={"design": design})
    drawn = tc.sample(scenario.replace({}, run=run), 8 * 1024, seed=1)[DOUBLING].values
    counts = [int(np.isin(drawn, chain).sum()) for chain in joint[DOUBLING]]
    # A quarter of the points of every replicate; at random the counts would differ by some forty.
    assert counts == [2048] * CHAINS


def test_written_and_read_back_without_the_file(scenario: tc.Scenario) -> None:
    again = loads(dumps(scenario))
    for field in type(scenario).model_fields:
        assert getattr(again, field) == getattr(scenario, field), field
    assert again.digest == scenario.digest
    one, other = tc.sample(scenario, 512, seed=2), tc.sample(again, 512, seed=2)
    for name in UNITS:
        np.testing.assert_array_equal(one[name], other[name])


@pytest.mark.slow
def test_a_run_is_reproduced_without_the_file(scenario: tc.Scenario, tmp_path: Path) -> None:
    run = tc.open_run(tc.save_run(tc.simulate(scenario, draws=256, seed=1, paths=0), tmp_path / "run.nc"))
    assert not tc.reproduce(run).different


@pytest.mark.slow
def test_only_what_is_drawn_counts_in_the_digest(
    scenario: tc.Scenario, joint: dict[str, np.ndarray], content: dict[str, Any], tmp_path: Path
) -> None:
    for other, same in (
        (joint, True),
        (joint | {RUN: joint[RUN] * (1.0 + 1e-9)}, False),
        # Other rows, though nobody draws this one: so that rows are told by the whole posterior.
        (joint | {"noise": joint[RUN]}, False),
    ):
        (tmp_path / "other").mkdir(exist_ok=True)
        write(tmp_path / "other" / "fit.nc", other)
        again = load(written(tmp_path / "other", content, ALL))
        assert (again.digest == scenario.digest) is same


def test_another_name_and_another_unit(
    folder: Path, joint: dict[str, np.ndarray], content: dict[str, Any], scenario: tc.Scenario
) -> None:
    write(folder / "named.nc", {"trend": joint[DOUBLING] * 12.0, "log": np.log10(joint[RUN])}, {})
    changes = {
        DOUBLING: table(unit="month", file="named.nc", variable="trend"),
        RUN: table(unit="log10 USD", file="named.nc", variable="log"),
    }
    drawn = tc.sample(load(written(folder, content, changes)), 2000, seed=1)
    every = dict(zip(joint[DOUBLING].ravel(), joint[RUN].ravel(), strict=True))
    nearest = np.array(list(every))
    for one, other in zip(drawn[DOUBLING].values, drawn[RUN].values, strict=True):
        row = nearest[np.argmin(np.abs(nearest - one))]
        assert one == pytest.approx(row, rel=1e-12)
        assert other == pytest.approx(every[row], rel=1e-12)
    written(folder, content, ALL)


@pytest.mark.slow
def test_a_file_is_found_beside_the_file_that_names_it(scenario: tc.Scenario, folder: Path) -> None:
    child = folder / "variants" / "child.toml"
    child.parent.mkdir(exist_ok=True)
    child.write_text('extends = "../scenario.toml"\nname = "child"\n')
    assert load(child).equals(scenario)


def test_formulas_see_a_posterior_and_a_choice_may_have_one(
    folder: Path, joint: dict[str, np.ndarray], content: dict[str, Any]
) -> None:
    values = {
        "bio_anchors": {"distribution": "posterior", "file": "fit.nc"},
        "direct_approach": {"distribution": "point", "value": 3.0},
        "full_takeoff": {"distribution": "posterior", "file": "fit.nc", "variable": RUN, "unit": "year"},
    }
    write(folder / "bare.nc", joint, {})
    for value in ("bio_anchors", "full_takeoff"):
        values[value]["file"] = "bare.nc"
    changes = {
        DOUBLING: {"by": "threshold", "unit": "year", "values": values, **ABOUT},
        RUN: {"expression": f"1e8 * {DOUBLING}", "unit": "USD", **ABOUT},
    }
    drawn = tc.sample(load(written(folder, content, changes)), 2000, seed=1)
    chosen = drawn["choice_threshold"].values
    assert np.all(np.isin(drawn[DOUBLING].values[chosen == 0], joint[DOUBLING]))
    assert np.all(drawn[DOUBLING].values[chosen == 1] == 3.0)
    assert np.all(np.isin(drawn[DOUBLING].values[chosen == 2], joint[RUN]))
    np.testing.assert_array_equal(drawn[RUN], 1e8 * drawn[DOUBLING])
    written(folder, content, ALL)


def test_a_constructor_takes_file_and_variable(
    folder: Path, baseline: tc.Scenario, scenario: tc.Scenario, joint: dict[str, np.ndarray]
) -> None:
    one = tc.Posterior(file=str(folder / "fit.nc"), variable=GROWTH, unit="x/year")
    assert float(one.ppf(0.4999)) == np.sort(joint[GROWTH].ravel())[499]
    assert one.mean() == pytest.approx(joint[GROWTH].mean())
    assert str(one) == f"posterior({folder / 'fit.nc'}: {GROWTH}, 1000 rows)"
    changed = baseline.replace({GROWTH: one})
    np.testing.assert_array_equal(tc.sample(changed, 512, 1)[GROWTH], tc.sample(scenario, 512, 1)[GROWTH])
    with refused("not-a-name", "variable"):
        tc.Posterior(file=str(folder / "fit.nc"))


def test_a_large_posterior_is_thinned_evenly(content: dict[str, Any], tmp_path: Path) -> None:
    count = 3 * MOST_ROWS
    values = np.arange(1.0, count + 1.0).reshape(2, -1)
    path = write(tmp_path / "fit.nc", {"a": values, "b": values + 0.5}, {})
    kept = tc.Posterior(file=str(path), variable="a").arguments["values"]
    assert kept == (np.arange(MOST_ROWS) * 3.0 + 2.0).tolist()
    assert tc.Posterior(file=str(path), variable="b").arguments["values"] == [v + 0.5 for v in kept]


@pytest.mark.slow
def test_show_gives_quantiles_of_the_rows(
    scenario: tc.Scenario, folder: Path, content: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", str(written(folder, content, ALL))]) == 0
    printed = capsys.readouterr().out.splitlines()
    line = " ".join(row for row in printed if row.startswith(f" {DOUBLING}"))
    assert "posterior" in line
    assert f"{float(scenario.parameters[DOUBLING].form.ppf(0.5)):.4g}" in line


BROKEN = {
    "missing": (
        {"file": "fti.nc"},
        Refusal("no-such-file", "scenario.toml: parameters.hardware.doubling_time.file", got="fti.nc"),
    ),
    "no netCDF": (
        {"file": "text.nc"},
        Refusal("not-netcdf", "scenario.toml: parameters.hardware.doubling_time.file", got="text.nc"),
    ),
    "no group": (
        {"file": "prior.nc"},
        Refusal(
            "posterior-group-missing", "scenario.toml: parameters.hardware.doubling_time.file", got="prior.nc"
        ),
    ),
    "misspelt": (
        {"variable": "hardware.doubling_tme"},
        Refusal(
            "posterior-lacks-variable",
            "scenario.toml: parameters.hardware.doubling_time.variable",
            got="hardware.doubling_tme",
            names="'hardware.doubling_time'",
        ),
    ),
    "nan": (
        {"file": "nan.nc"},
        Refusal(
            "posterior-not-finite",
            "scenario.toml: parameters.hardware.doubling_time.variable",
            got="row 251 of hardware.doubling_time",
        ),
    ),
    "inf": (
        {"file": "inf.nc"},
        Refusal(
            "posterior-not-finite",
            "scenario.toml: parameters.hardware.doubling_time.variable",
            got="row 1 of hardware.doubling_time",
        ),
    ),
    "short": (
        {"file": "short.nc"},
        Refusal(
            "posterior-too-small",
            "scenario.toml: parameters.hardware.doubling_time.file",
            got=99,
            names="at least 100",
        ),
    ),
    "vector": (
        {"file": "vector.nc"},
        Refusal(
            "posterior-variable-shape",
            "scenario.toml: parameters.hardware.doubling_time.variable",
            got="hardware.doubling_time ('chain', 'draw', 'chip')",
        ),
    ),
    "words": (
        {"file": "words.nc"},
        Refusal(
            "not-numeric",
            "scenario.toml: parameters.hardware.doubling_time.variable",
            got="hardware.doubling_time",
        ),
    ),
    "unit": (
        {"unit": "month"},
        Refusal(
            "posterior-unit-differs", "scenario.toml: parameters.hardware.doubling_time.unit", got="month"
        ),
    ),
    "no text": (
        {"file": 3},
        Refusal("not-a-name", "scenario.toml: parameters.hardware.doubling_time.file", got=3),
    ),
    "values": (
        {"values": [1.0]},
        Refusal(
            "posterior-file-is-fixed", "scenario.toml: parameters.hardware.doubling_time.values", got=[1.0]
        ),
    ),
    "bounds": (
        {"truncate": {"high": 3}},
        Refusal(
            "posterior-file-is-fixed",
            "scenario.toml: parameters.hardware.doubling_time.truncate",
            got={"high": 3},
        ),
    ),
    "misspelt key": (
        {"variabel": "x"},
        Refusal(
            "unknown-key", "scenario.toml: parameters.hardware.doubling_time.variabel", names="'variable'"
        ),
    ),
}


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory, joint: dict[str, np.ndarray]) -> Path:
    path = tmp_path_factory.mktemp("broken")
    write(path / "fit.nc", joint)
    (path / "text.nc").write_text("no HDF5")
    prior = xr.Dataset({DOUBLING: (("chain", "draw"), joint[DOUBLING])})
    xr.DataTree.from_dict({"prior": prior}).to_netcdf(path / "prior.nc", engine="h5netcdf")
    for name, row, value in (("nan", 250, np.nan), ("inf", 0, np.inf)):
        values = joint[DOUBLING].copy()
        values.flat[row] = value
        write(path / f"{name}.nc", {DOUBLING: values})
    write(path / "short.nc", {DOUBLING: np.arange(1.0, 100.0).reshape(1, 99)})
    words = np.full((2, 100), "a")
    write(path / "words.nc", {DOUBLING: words})
    vector = xr.Dataset({DOUBLING: (("chain", "draw", "chip"), np.ones((2, 100, 3)))})
    xr.DataTree.from_dict({"posterior": vector}).to_netcdf(path / "vector.nc", engine="h5netcdf")
    return path


@pytest.mark.parametrize(("change", "refusal"), BROKEN.values(), ids=BROKEN)
def test_what_is_no_posterior_is_refused_in_one_line(
    change: dict[str, Any], refusal: Refusal, broken: Path, content: dict[str, Any]
) -> None:
    path = written(broken, content, {DOUBLING: table(**({"unit": "year"} | change))})
    with refusal.expected():
        load(path)


def test_a_correlation_of_a_posterior_is_refused(folder: Path, content: dict[str, Any]) -> None:
    pair = {"between": [DOUBLING, "hardware.headroom"], "rho": 0.2, **ABOUT}
    path = folder / "correlated.toml"
    path.write_text(tomli_w.dumps(edited(content, {f"parameters.{DOUBLING}": ALL[DOUBLING],
                                                   "correlations": [pair]})))  # fmt: skip
    with refused(
        "posterior-correlated", "correlated.toml: correlations[0].between", got="hardware.doubling_time"
    ):
        load(path)


def test_values_outside_the_support_are_refused(content: dict[str, Any], tmp_path: Path) -> None:
    write(tmp_path / "fit.nc", {DOUBLING: np.linspace(-1.0, 2.0, 400).reshape(4, 100)})
    with refused(
        "distribution-outside-domain", "scenario.toml: parameters.hardware.doubling_time"
    ) as failure:
        load(written(tmp_path, content, {DOUBLING: ALL[DOUBLING]}))
    assert "reaches values that the parameter cannot take; got (-1.0, 2.0)" in str(failure.value)
    assert str(failure.value).endswith("Leave rows out in the file.")


def test_a_posterior_that_cannot_be_converted_is_refused(content: dict[str, Any], tmp_path: Path) -> None:
    name = "threshold.requirement"
    write(tmp_path / "fit.nc", {name: np.linspace(-1.0, 2.0, 400).reshape(4, 100)}, {})
    path = written(tmp_path, edited(content, {"correlations": []}), {name: table(unit="FLOP")})
    with refused("posterior-not-convertible", "scenario.toml: parameters.threshold.requirement"):
        load(path)


@pytest.mark.parametrize(
    ("arguments", "refusal"),
    [
        (
            {"values": [1.0] * 99, "rows": "a"},
            Refusal("posterior-too-small", None, got=99, names="at least 100"),
        ),
        ({"values": [1.0] * 100}, Refusal("rows-not-a-name", None)),
        (
            {"values": [1.0] * 100, "rows": "a", "truncate": {"low": 0}},
            Refusal("posterior-with-bounds", None, got={"truncate": {"low": 0}}),
        ),
    ],
)
def test_a_posterior_without_its_file_is_checked_too(arguments: dict[str, Any], refusal: Refusal) -> None:
    with refusal.expected():
        tc.Distribution("posterior", arguments)


def test_a_posterior_is_no_part_of_a_mixture(folder: Path) -> None:
    part = {"weight": 1.0, "distribution": "posterior", "file": str(folder / "fit.nc"), "variable": GROWTH}
    with refused("posterior-in-mixture", "components[0]"):
        tc.Mixture(components=[part])


def test_rows_of_one_posterior_are_equally_many(baseline: tc.Scenario) -> None:
    one, other = (tc.Posterior(values=[2.0] * n, rows="a") for n in (100, 101))
    with refused("posterior-row-counts-differ", "parameters.investment.growth", got=101):
        baseline.replace({DOUBLING: replace(one, unit="year"), GROWTH: replace(other, unit="x/year")})
