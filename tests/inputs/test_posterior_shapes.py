"""Posteriors of other shapes: variables with an index, chains and draws as one dimension, weighted rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy import stats

import timecone as tc
from calculator import SOURCE, calculator, formula
from refusals import Refusal, refused
from timecone.inputs.distributions import Distribution
from timecone.scenario.file import parse

ROWS = 400


@pytest.fixture(scope="module")
def joint() -> xr.Dataset:
    rng = np.random.default_rng(5)
    x = rng.normal(size=(4, ROWS // 4, 2, 3))
    return xr.Dataset(
        {
            "x": (("chain", "draw", "k", "place"), x),
            "y": (("chain", "draw"), x[:, :, 1, 2] ** 2),
            "weight": (("chain", "draw"), np.exp(rng.normal(size=(4, ROWS // 4)))),
        },
        coords={"place": ["north", "south", "east"]},
    )


@pytest.fixture(scope="module")
def file(joint: xr.Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("posterior") / "fit.nc"
    joint.to_netcdf(path, group="posterior", engine="h5netcdf")
    return path


def posterior(file: Path, variable: str, **options: str) -> Distribution:
    return Distribution("posterior", {"file": str(file), "variable": variable} | options)


@pytest.mark.parametrize(("k", "place"), [(0, "north"), (1, "east")])
def test_an_element_is_taken_by_position_or_label(file: Path, joint: xr.Dataset, k: int, place: str) -> None:
    found = posterior(file, f"x[{k}, {place}]")
    expected = joint["x"].sel(place=place).isel(k=k).values.ravel()
    np.testing.assert_array_equal(found.arguments["values"], expected)
    assert found.arguments["rows"] == posterior(file, "y").arguments["rows"]


@pytest.mark.parametrize(
    ("variable", "refusal"),
    [
        ("x", Refusal("posterior-variable-shape", "variable", got="x ('chain', 'draw', 'k', 'place')")),
        ("x[0]", Refusal("posterior-variable-shape", "variable", got="x[0] ('chain', 'draw', 'k', 'place')")),
        ("x[0, west]", Refusal("unknown-posterior-label", "variable", got="west", names="'east'")),
        ("x[2, north]", Refusal("unknown-posterior-label", "variable", got="2")),
        ("y[0]", Refusal("posterior-variable-shape", "variable", got="y[0] ('chain', 'draw')")),
        ("z[0]", Refusal("posterior-lacks-variable", "variable", got="z")),
    ],
)
def test_an_element_that_is_not_there_is_refused(file: Path, variable: str, refusal: Refusal) -> None:
    with refusal.expected():
        posterior(file, variable)


@pytest.mark.parametrize("group", ["posterior", None])
def test_a_flat_dimension_of_samples_is_read(joint: xr.Dataset, tmp_path: Path, group: str | None) -> None:
    flat = joint.stack(sample=("chain", "draw")).reset_index("sample")
    flat = flat.drop_vars(["chain", "draw"]).transpose(..., "sample")
    flat.to_netcdf(tmp_path / "flat.nc", group=group, engine="h5netcdf")
    found = posterior(tmp_path / "flat.nc", "x[1, south]")
    np.testing.assert_array_equal(found.arguments["values"], joint["x"].values[:, :, 1, 1].ravel())


def scenario(file: Path, **options: str) -> tc.Scenario:
    def row(variable: str) -> dict[str, Any]:
        about = {"distribution": "posterior", "file": str(file), "variable": variable, "unit": "1"}
        return about | SOURCE | options

    return parse(calculator(formula("25 + a + b"), a=row("x[1, east]"), b=row("y")))


@pytest.mark.parametrize("design", ["random", "sobol", "latin"])
def test_rows_are_drawn_by_their_weights_and_stay_together(
    file: Path, joint: xr.Dataset, design: str
) -> None:
    draws = 65_536
    found = scenario(file, weights="weight").replace({}, run={"design": design, "draws": draws})
    inputs = tc.sample(found, draws)
    np.testing.assert_array_equal(inputs["b"].values, inputs["a"].values ** 2)
    values, weights = joint["x"].values[:, :, 1, 2].ravel(), joint["weight"].values.ravel()
    order = np.argsort(values)
    counts = np.bincount(np.searchsorted(values[order], inputs["a"].values), minlength=ROWS)
    shares = weights[order] / weights.sum()
    if design == "random":
        assert stats.chisquare(counts, draws * shares).pvalue > 1e-6
    else:
        np.testing.assert_allclose(counts / draws, shares, atol=1e-3)
    distribution = found.quantities["a"].distributions[""]
    assert distribution.mean() == pytest.approx(np.average(values, weights=weights), rel=1e-12)
    assert f"worth {weights.sum() ** 2 / np.sum(weights**2):,.0f} equal" in distribution.family.remark


def test_equal_weights_draw_the_rows_of_none(file: Path) -> None:
    arguments = dict(posterior(file, "y").arguments)
    one = Distribution("posterior", arguments | {"weights": [2.0] * ROWS})
    rows = [{"distribution": "posterior", "unit": "1"} | SOURCE | dict(d) for d in (arguments, one.arguments)]
    drawn = [tc.sample(parse(calculator(formula("25 + a"), a=row)), 4096, seed=2)["a"].values for row in rows]
    np.testing.assert_array_equal(*drawn)


def test_variables_of_one_posterior_have_the_same_weights(file: Path) -> None:
    about = {"distribution": "posterior", "file": str(file), "unit": "1"} | SOURCE
    a, b = about | {"variable": "y", "weights": "weight"}, about | {"variable": "x[0, north]"}
    with refused("posterior-weights-differ", "quantities.b"):
        tc.sample(parse(calculator(formula("25 + a + b"), a=a, b=b)), 64)
