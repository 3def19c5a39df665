"""A run written with plain xarray to the schema is read like one of ours.

The model here is two lines of NumPy; the file holds only what the schema demands of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import h5py
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import xarray as xr

import timecone as tc
from edited_file import edited
from refusals import refused
from timecone.cli.main import main
from timecone.cli.tables import print_accounts, print_tables
from timecone.files import netcdf_bytes
from timecone.models.compute import figures
from timecone.report.page import html, markdown
from timecone.results.run_file.access import headline, keeps_all
from timecone.results.run_file.accounts import accounts
from timecone.results.tables import latex, layout
from timecone.results.tables.run_tables import tables_of
from timecone.results.tables.statistics import RunStatistics
from timecone.results.tables.tidy import percentile_table, probability_table
from timecone.schema import REQUIRED

pytestmark = pytest.mark.usefixtures("each_content_read_once")

START, HORIZON, DRAWS = 2030.0, 2060.0, 1500
GRID = {"units": "log10 FLOP", "grid_low": 0.0, "grid_width": 0.02, "grid_bins": 7000}
LEVELS = [5.0, 25.0, 50.0, 75.0, 95.0]
VIEWS = ("slow", "fast")


@dataclass(frozen=True)
class Foreign:
    """A run's numbers before they went into a file."""

    view: np.ndarray
    first: np.ndarray
    last: np.ndarray

    @property
    def takeoff(self) -> np.ndarray:
        out = np.full(DRAWS, np.inf)
        np.subtract(self.last, self.first, out=out, where=np.isfinite(self.last))
        return out


@pytest.fixture(scope="module")
def numbers() -> Foreign:
    random = np.random.default_rng(8)
    view = (random.random(DRAWS) < 0.4).astype(np.int8)
    first = START + random.exponential(np.where(view == 1, 4.0, 12.0))
    last = first + random.exponential(8.0, DRAWS)
    first[first >= HORIZON], last[last >= HORIZON] = np.inf, np.inf
    return Foreign(view, first, last)


def _counts(values: np.ndarray, origin: float, view: np.ndarray) -> np.ndarray:
    edges = np.arange(int(HORIZON - START) * 200 + 1)
    rows = [values[(view == k) & np.isfinite(values)] for k in range(len(VIEWS))]
    return np.stack([np.histogram((row - origin) * 200, edges)[0] for row in rows])


def _tree(n: Foreign, *, stored: int) -> xr.DataTree:
    by_view = [np.count_nonzero(n.view == k) for k in range(len(VIEWS))]

    def beyond(values: np.ndarray) -> list[int]:
        return [np.count_nonzero(np.isinf(values[n.view == k])) for k in range(len(VIEWS))]

    dates = np.stack([n.first, n.last])
    outcomes = {
        "arrival": (("milestone", "draw"), dates[:, :stored]),
        "lag": ("draw", n.takeoff[:stored], {"duration": "yes", "begins": "begin", "ends": "agi"}),
        "standing": ("draw", np.zeros(stored, dtype=np.int8)),
        "choice_view": ("draw", n.view[:stored]),
    }
    time = np.arange(START, HORIZON + 1.0)
    fan = 27.0 + 0.3 * (time - START)[:, None] + np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    threshold_counts = np.zeros((len(VIEWS), 7000), dtype=np.int64)
    threshold_counts[:, 1600] = by_view
    summary = {
        "arrival_count": (
            ("milestone", "cell", "date_bin"), np.stack([_counts(d, START, n.view) for d in dates])
        ),
        "arrival_beyond": (("milestone", "cell"), [beyond(d) for d in dates]),
        "duration_count": (("duration", "cell", "duration_bin"), _counts(n.takeoff, 0.0, n.view)[None]),
        "duration_beyond": (("duration", "cell"), [beyond(n.takeoff)]),
        "duration_from_start": (("duration", "cell"), [[0, 0]]),
        "standing_count": (("cell", "standing"), [[count, 0, 0] for count in by_view]),
        "need_count": (("cell", "compute_bin"), threshold_counts, GRID),
        "fan_compute": (("time", "percentile"), fan, GRID | {"long_name": "Compute", "threshold": "need"}),
    }  # fmt: skip
    coordinates = {
        "milestone": ["begin", "agi"],
        "milestone_label": ("milestone", ["begin", "AGI"]),
        "milestone_definition": ("milestone", ["it begins", "it is there"]),
        "cell": list(VIEWS),
        "choice_view": ("cell", list(VIEWS)),
        "duration": ["lag"],
        "duration_label": ("duration", ["lag between them"]),
        "time": time,
        "percentile": LEVELS,
    }
    attributes = {
        "timecone_format": "timecone-run",
        "schema_version": 4,
        "headline": "agi",
        "main_observable": "compute",
        "run_id": "0123456789abcdef",
        "name": "foreign",
        "draws": DRAWS,
        "seed": 0,
        "start": START,
        "horizon": HORIZON,
        "scenario": "",
        "conditions": "Two lines of NumPy.",
    }
    return xr.DataTree.from_dict(
        {
            "/": xr.Dataset(attrs=attributes),
            "inputs": xr.Dataset(),
            "outcomes": xr.Dataset(outcomes, coords={"milestone": ["begin", "agi"]}),
            "paths": xr.Dataset(),
            "summary": xr.Dataset(summary, coords=coordinates, attrs={"origin": START}),
        }
    )


@pytest.fixture(scope="module", params=[DRAWS, 100], ids=["all stored", "counted"])
def run(
    request: pytest.FixtureRequest, numbers: Foreign, tmp_path_factory: pytest.TempPathFactory
) -> xr.DataTree:
    path: Path = tmp_path_factory.mktemp("foreign") / "run.nc"
    _tree(numbers, stored=request.param).to_netcdf(path, engine="h5netcdf")
    opened = tc.open_run(path)
    assert keeps_all(opened) == (request.param == DRAWS)
    return opened


def test_percentiles_are_those_of_its_draws(run: xr.DataTree, numbers: Foreign) -> None:
    for quantity, values in (("begin", numbers.first), ("agi", numbers.last), ("lag", numbers.takeoff)):
        found = tc.percentiles(run, quantity, LEVELS)
        expected = np.quantile(values, np.array(LEVELS) / 100.0, method="inverted_cdf")
        np.testing.assert_allclose(found.values, expected, rtol=0.0, atol=0.0025 + 1e-9)


def test_probabilities_are_those_of_its_draws(run: xr.DataTree, numbers: Foreign) -> None:
    found = tc.probability_by(run, "agi", [2030, 2035, 2059])
    expected = [(numbers.last < year + 1.0).mean() for year in (2030, 2035, 2059)]
    np.testing.assert_array_equal(found.values, expected)
    assert found.attrs["not_by_horizon"] == pytest.approx(np.isinf(numbers.last).mean(), abs=1e-15)


def test_conditions_select_its_draws(run: xr.DataTree, numbers: Foreign) -> None:
    for k, view in enumerate(VIEWS):
        chosen = numbers.last[numbers.view == k]
        found = tc.probability_by(run, "agi", [2040], where={"view": view})
        assert float(found[0]) == np.count_nonzero(chosen < 2041.0) / chosen.size
        assert found.attrs["draws"] == chosen.size


def test_the_curve_is_its_distribution_function(run: xr.DataTree, numbers: Foreign) -> None:
    found = tc.cdf(run, "agi")
    expected = np.searchsorted(np.sort(numbers.last), found.date.values) / DRAWS
    np.testing.assert_array_equal(found.values, expected)


@pytest.mark.slow
def test_figures_are_drawn(run: xr.DataTree) -> None:
    words = tc.plots.cdf(run).axes[0].get_legend_handles_labels()[1]
    assert [w.split("\n")[0] for w in words] == ["begin", "AGI"]
    assert "Lag between them" in tc.plots.duration(run).axes[0].get_xlabel()
    assert "Compute" in tc.plots.fan(run).axes[0].get_ylabel()
    for draw in (tc.plots.density, tc.plots.joint, tc.plots.threshold):
        assert run.attrs["run_id"] in draw(run).caption
    plt.close("all")


def test_what_it_does_not_hold_is_refused_in_a_line(run: xr.DataTree) -> None:
    for code, draw in (
        ("run-has-no-factors", tc.plots.decomposition),
        ("no-trajectories", figures.automation),
        ("no-trajectories", figures.spending),
        ("no-uncertain-input", tc.plots.inputs),
        ("no-uncertain-input", tc.plots.correlations),
    ):
        with refused(code):
            draw(run)
    plt.close("all")


def test_tables_are_printed(run: xr.DataTree, capsys: pytest.CaptureFixture[str]) -> None:
    print_tables(RunStatistics(run))
    print_accounts(run, Path("run.nc"))
    printed = capsys.readouterr().out
    for words in ("Two lines of NumPy.", "it is there", "not by 2060", "if view is slow",
                  "Lag between them in years",
                  "1,500 draws: 1,500 counted", "0123456789abcdef"):  # fmt: skip
        assert words in printed


def test_tidy_tables_have_every_row(run: xr.DataTree) -> None:
    by_year, at_percentile = probability_table(RunStatistics(run)), percentile_table(RunStatistics(run))
    assert set(by_year["quantity"]) == {"begin", "agi"}
    assert set(at_percentile["quantity"]) == {"begin", "agi", "lag"}
    assert set(at_percentile["condition"]) == {"", "view=slow", "view=fast"}


@pytest.mark.parametrize("name", ["agj", ""])
def test_a_headline_that_is_no_milestone_is_refused(run: xr.DataTree, name: str) -> None:
    other = run.copy()
    other.attrs["headline"] = name
    with refused("run-headline-unknown", "headline"):
        headline(other)


def test_what_the_schema_does_not_demand_may_be_missing(run: xr.DataTree) -> None:
    assert headline(run) == "agi"
    assert tc.extras(run).size == tc.flags(run).size == 0
    assert accounts(run)["never"] == 0


@pytest.mark.slow
def test_every_page_is_written(run: xr.DataTree) -> None:
    tables = tables_of(RunStatistics(run))
    assert [table.name for table in tables] == ["probabilities", "percentiles", "lag", "choices"]
    for write in (layout.markdown, latex.latex):
        assert "it is there" in write(run, tables)
    assert "AGI" in layout.csv(tables)
    assert "The median date of AGI is" in html(run)
    assert "timecone, run 0123456789abcdef (seed 0)" in markdown(run)


def test_it_is_exported(run: xr.DataTree, numbers: Foreign, tmp_path: Path) -> None:
    stored = run["outcomes"].sizes["draw"]
    frame = pd.read_csv(tc.to_csv(run, tmp_path / "draws.csv"))
    assert list(frame) == ["draw", "standing", "begin", "agi", "lag", "choice_view"]
    np.testing.assert_array_equal(frame["agi"], numbers.last[:stored])
    pd.testing.assert_series_equal(
        pd.read_parquet(tc.to_parquet(run, tmp_path / "d.parquet"))["agi"], frame["agi"]
    )
    found = tc.to_arviz(run, chains=2)
    assert found["posterior"].sizes == {"chain": 2, "draw": stored // 2}


@pytest.fixture(scope="module")
def tree(numbers: Foreign) -> xr.DataTree:
    """Return the run before it is written; not to be changed."""
    return _tree(numbers, stored=100)


@pytest.fixture(scope="module")
def content(tree: xr.DataTree) -> bytes:
    return netcdf_bytes(tree)


@pytest.fixture
def path(content: bytes, tmp_path: Path) -> Path:
    """Return the run as a file, to be damaged."""
    (tmp_path / "run.nc").write_bytes(content)
    return tmp_path / "run.nc"


COMMANDS = (["percentiles"], ["report"], ["export"], ["plot"], ["reproduce", "-q"])


def _refused(path: Path, capsys: pytest.CaptureFixture[str], *words: str) -> None:
    for command, *options in COMMANDS:
        capsys.readouterr()
        code = main([command, str(path), *options])
        out, err = capsys.readouterr()
        assert (code, out) == (2, ""), command
        assert err.startswith("timecone: ")
        assert len(err.splitlines()) == 1
        for word in (str(path), *words):
            assert word in err, command
    assert not [p for p in path.parent.iterdir() if p != path]


VARIABLES = [(group, name) for group, variables in REQUIRED.items() for name in variables]


@pytest.mark.parametrize(("group", "name"), VARIABLES, ids=[f"{g}-{n}" for g, n in VARIABLES])
def test_a_missing_variable_is_named_by_every_command(
    tree: xr.DataTree, tmp_path: Path, capsys: pytest.CaptureFixture[str], group: str, name: str
) -> None:
    run = tree.copy()
    run[group] = xr.DataTree(run[group].to_dataset().drop_vars(name))
    _refused(tc.save_run(run, tmp_path / "run.nc"), capsys, group, name)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("group", "name"),
    [("summary", "fan_compute"), ("summary", "need_count"), ("outcomes", "choice_view")],
)
def test_what_is_missing_for_one_figure_is_said_by_it(
    path: Path, capsys: pytest.CaptureFixture[str], group: str, name: str
) -> None:
    with edited(path) as file:
        del file[group][name]
    codes = {c: main([c, str(path)]) for c in ("percentiles", "report", "export")}
    assert set(codes.values()) == ({2} if group == "outcomes" else {0})
    capsys.readouterr()
    assert main(["plot", str(path), "--figure", "threshold"]) == 2
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1
    assert name in err


@pytest.mark.parametrize("name", ["draws", "seed", "start", "horizon"])
def test_an_attribute_that_is_no_number_is_named(
    path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    with edited(path) as file:
        file.attrs[name] = "many"
    _refused(path, capsys, name, "not a number", "'many'")


@pytest.mark.parametrize("headline", ["agj", ""])
def test_a_headline_that_is_no_milestone_is_named(
    path: Path, capsys: pytest.CaptureFixture[str], headline: str
) -> None:
    with edited(path) as file:
        file.attrs["headline"] = headline
    _refused(path, capsys, "headline", "begin, agi")


@pytest.mark.slow
def test_another_version_or_a_part_of_a_file_is_one_line(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = path.read_bytes()
    with h5py.File(path, "r+") as file:
        file.attrs["schema_version"] = 1
    _refused(path, capsys, "version of the run format", "expected 3")
    path.write_bytes(whole[: len(whole) // 2])
    _refused(path, capsys, "not a readable netCDF-4 file")
    path.unlink()
    _refused(path, capsys, "no such file")


def test_a_milestone_that_does_not_exist_is_one_line(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["percentiles", str(path), "agj"], ["plot", str(path), "--quantity", "agj"]):
        assert main(arguments) == 2
        assert "unknown milestone; got 'agj'. Did you mean 'lag'?" in capsys.readouterr().err


def test_what_timecone_did_not_make_it_cannot_make_again(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["reproduce", str(path)]) == 2
    err = capsys.readouterr().err
    assert "the run's scenario cannot be read" in err
    assert len(err.splitlines()) == 1
