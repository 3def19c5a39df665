"""``fit``, ``update``, ``backtest``: what is wrong is one line, before anybody waits."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import tomli_w

from history_records import END, fitted, scored
from refusals import Refusal
from timecone.errors import UsageError
from timecone.history.backtest.forecasts import save_backtest
from timecone.history.joint.posterior import open_posterior, save_posterior
from timecone.history.readers.bundled import BUNDLED, TABLES
from timecone.report.page import markdown
from timecone.results.run_file.backtest import open_backtest
from timecone.results.run_file.read_write import open_run

RUNS = "Model,Publication date,Training compute (FLOP)\n"
CHIPS = "name,date,fp32,price\n"


@pytest.fixture(autouse=True)
def _never(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no quick test sample."""

    def never(*_: object, **__: object) -> None:
        pytest.fail("the sampling was begun")

    if "slow" not in request.keywords and "_sampling_ends_it" not in request.fixturenames:
        monkeypatch.setattr("timecone.history.joint.fit.sample", never)


@pytest.fixture(scope="session")
def posterior(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_posterior(fitted(), tmp_path_factory.mktemp("posterior") / "fit.nc")


@pytest.fixture(scope="session")
def tested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_backtest(scored(), tmp_path_factory.mktemp("backtest") / "backtest.nc")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working folder, with files that are wrong in their ways."""
    texts = {
        "runs.csv": f"{RUNS}A,2025-12-01,1e27\nB,soon,1e27\nC,2026-02-01,a lot\n",
        "again.csv": f"{RUNS}A,2025-12-01,1e27\n",
        "early.csv": f"{RUNS}A,2020-01-01,1e24\n",
        "blank.csv": f"{RUNS}A,2026-01-01,\n",
        "one-chip.csv": f"{CHIPS}A,2020-01-01,1e13,1000\n",
        "other.csv": "a,b\n1,2\n",
        "text.nc": "nonsense",
        "file": "in the way",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "taken.toml").mkdir()
    (tmp_path / "taken.nc").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() if p.is_file() else b"" for p in folder.rglob("*")}


def _refused(fails: Callable, folder: Path, arguments: list[object], expected: Refusal | list[str]) -> None:
    before = _contents(folder)
    fails(expected, *arguments)
    assert _contents(folder) == before


FITS = [
    (["none.csv"], Refusal("unreadable-table", "none.csv")),
    (["other.csv"], Refusal("no-known-column", "other.csv, header", got="a, b")),
    (["text.nc"], Refusal("no-known-column", "text.nc, header", got="nonsense")),
    (["."], Refusal("not-a-file", ".")),
    (["runs.csv", "again.csv"], Refusal("duplicate-table", "again.csv", got="runs.csv")),
    (["--seed", "-1"], Refusal("invalid-seed", "seed", got=-1, names="from 0 to")),
    (["--seed", str(2**63)], Refusal("invalid-seed", "seed", got=2**63, names="from 0 to")),
    (["--seed", "x"], ["--seed", "integer"]),
    (["--draws", "0"], Refusal("too-few-draws-to-converge", "draws", got=0, names="at least 251")),
    (["--draws", "250"], Refusal("too-few-draws-to-converge", "draws", got=250, names="at least 251")),
    (["--draws", "-5"], Refusal("too-few-draws-to-converge", "draws", got=-5, names="at least 251")),
]
ONLY_FIT = [
    (["again.csv"], Refusal("too-few-records", "runs", got=1, names="at least 8")),
    (["one-chip.csv"], Refusal("too-few-records", "chips", got=1, names="at least 8")),
    (["--as-of", "yesterday"], ["--as-of", "yesterday"]),
    (["--as-of", "2026-13-01"], ["--as-of"]),
    (["--as-of", "2005-01-01"], Refusal("too-few-records", "as_of", got=0, names="at least 8")),
    (["--out", "fit.json"], Refusal("not-a-toml-name", "--out", got="fit.json")),
    (["--out", "fit"], Refusal("not-a-toml-name", "--out", got="fit")),
    (["--out", "file/fit.toml"], Refusal("unwritable-folder", "file")),
    (["--out", "taken.toml"], Refusal("folder-in-the-way", "taken.toml")),
    (["--complete-until", "inf"], Refusal("not-a-date", "--complete-until", got=float("inf"))),
    (["--price-within", "0"], Refusal("invalid-duration-in-years", "price_within", got=0.0)),
    (["--top", "0"], ["--top", "greater than or equal to 1"]),
    (["--chains", "1"], ["--chains", "greater than or equal to 2"]),
    (
        ["--start", "2020"],
        Refusal("forecast-start-too-early", "start", got=2020.0, names="or later"),
    ),
    (["--start", "nan"], Refusal("forecast-start-too-early", "start", got=float("nan"))),
    (["--start", "inf"], Refusal("forecast-start-too-early", "start", got=float("inf"))),
    (["--ahead", "0"], Refusal("years-ahead-not-positive", "ahead", got=0.0)),
    (["--ahead", "inf"], Refusal("years-ahead-not-positive", "ahead", got=float("inf"))),
]
ONLY_BACKTEST = [
    (["again.csv"], Refusal("too-few-records", "runs", got=0, names="at least 8")),
    (["one-chip.csv"], Refusal("too-few-records", "chips", got=0, names="at least 8")),
    (["--as-of", "2030"], Refusal("nothing-observed-since", "as_of", got=2030)),
    (["--as-of", "2020", "--as-of", "2030"], Refusal("nothing-observed-since", "as_of", got=2030)),
    (["--as-of", "1990"], Refusal("too-few-records", "as_of", got=0, names="at least 8")),
    (["--as-of", "x"], ["--as-of", "integer"]),
    (["--out", "b.toml"], Refusal("not-a-netcdf-name", "--out", got="b.toml")),
    (["--out", "file/b.nc"], Refusal("unwritable-folder", "file")),
    (["--out", "taken.nc"], Refusal("folder-in-the-way", "taken.nc")),
]


@pytest.mark.parametrize(("arguments", "expected"), FITS + ONLY_FIT, ids=str)
def test_fit_refuses_what_is_wrong(
    fails: Callable, folder: Path, arguments: list[str], expected: Refusal | list[str]
) -> None:
    _refused(fails, folder, ["fit", *arguments], expected)


@pytest.mark.parametrize(("arguments", "expected"), FITS + ONLY_BACKTEST, ids=str)
def test_backtest_refuses_what_is_wrong(
    fails: Callable, folder: Path, arguments: list[str], expected: Refusal | list[str]
) -> None:
    _refused(fails, folder, ["backtest", *arguments], expected)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["none.nc", "again.csv"], Refusal("no-such-file", "none.nc")),
        (["text.nc", "again.csv"], Refusal("not-netcdf", "text.nc")),
        (["TESTED", "again.csv"], Refusal("not-a-posterior", got="timecone back-test")),
        (["POSTERIOR", "none.csv"], Refusal("unreadable-table", "none.csv")),
        (["POSTERIOR", "one-chip.csv"], Refusal("column-missing", "one-chip.csv, header")),
        (
            ["POSTERIOR", "early.csv"],
            Refusal("record-not-newer-than-evidence", "A", got=2020.0, names=f"{END:.2f} or later"),
        ),
        (["POSTERIOR", "blank.csv"], Refusal("incomplete-record", "A")),
        (["POSTERIOR", "again.csv", "--out", "u.nc"], Refusal("not-a-toml-name", "--out", got="u.nc")),
        (["POSTERIOR", "again.csv", "--out", "file/u.toml"], Refusal("unwritable-folder", "file")),
        (
            ["POSTERIOR", "again.csv", "--seed", "-1"],
            Refusal("invalid-seed", "seed", got=-1, names="from 0 to"),
        ),
        (
            ["POSTERIOR", "again.csv", "--as-of", "2025-11-01"],
            Refusal("evidence-after-as-of", "--as-of", got="2025-11-01"),
        ),
        (["POSTERIOR", "again.csv", "--as-of", "soon"], ["--as-of", "soon"]),
    ],
    ids=str,
)
def test_update_refuses_what_is_wrong(
    fails: Callable,
    folder: Path,
    posterior: Path,
    tested: Path,
    arguments: list[str],
    expected: Refusal | list[str],
) -> None:
    places = {"POSTERIOR": posterior, "TESTED": tested}
    given = [places.get(text, text) for text in arguments]
    given += [] if "--as-of" in arguments else ["--as-of", "2026-08-22"]
    _refused(fails, folder, ["update", *given], expected)


SHIPPED = Path(__file__).resolve().parents[2] / "configs" / "history"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["landmarks_2026-08.toml", "landmarks_2026-08.nc", None])
def test_update_works_from_the_shipped_fit(call: Callable, folder: Path, name: str | None) -> None:
    fit = SHIPPED / name if name else "history/landmarks_2026-08"
    code, out, err = call("update", fit, "again.csv", "--as-of", "2026-08-22")
    assert (code, err) == (0, "")
    assert "1 new runs; Pareto k-hat" in out
    before = tomllib.loads((SHIPPED / "landmarks_2026-08.toml").read_text(encoding="utf-8"))["parameters"]
    after = tomllib.loads((folder / "updated.toml").read_text(encoding="utf-8"))["parameters"]
    # 1e27 FLOP at the end of 2025 lies near the forecast: the median moves by less than its quartiles.
    run = before["investment"]["largest_run"]
    assert run["p25"] < after["investment"]["largest_run"]["p50"] < run["p75"]
    # The table of changes rests on the stored draws, before and with their weights.
    lines = out[out.index("Posterior before and after") :].splitlines()
    shown = next(k for k, line in enumerate(lines) if line.split()[:1] == ["investment.largest_run"])
    stored, updated, difference = (float(line.split()[-3]) for line in lines[shown : shown + 3])
    assert updated == pytest.approx(after["investment"]["largest_run"]["p50"], rel=0.005)
    assert difference == pytest.approx(updated - stored, abs=1.1e6)


def test_update_says_how_a_missing_posterior_is_made(fails: Callable, folder: Path) -> None:
    text = (SHIPPED / "epoch_2026-08.toml").read_text(encoding="utf-8")
    (folder / "epoch.toml").write_text(text, encoding="utf-8")
    for name in ("epoch.toml", "epoch.nc"):
        arguments = ["update", name, "again.csv", "--as-of", "2026-08-22"]
        command = "timecone fit notable_ai_models_2026-08.csv ml_hardware_2026-07.csv"
        names = (command, "--complete-until 2025.6", "--draws 3000", "--out epoch.toml")
        _refused(fails, folder, arguments, Refusal("no-such-posterior", names=names))
    (folder / "plain.toml").write_text("a = 1\n", encoding="utf-8")
    _refused(
        fails,
        folder,
        ["update", "plain.toml", "again.csv", "--as-of", "2026-08-22"],
        Refusal("fragment-without-posterior"),
    )
    (folder / "broken.toml").write_bytes(b"\xff=")
    _refused(
        fails,
        folder,
        ["update", "broken.toml", "again.csv", "--as-of", "2026-08-22"],
        Refusal("not-a-fragment"),
    )


@pytest.fixture
def _sampling_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop where the sampling would begin, so that what is printed before it can be read."""

    def stop(*_: object, **__: object) -> None:
        raise UsageError("begun", "the sampling was begun")

    monkeypatch.setattr("timecone.history.joint.fit.sample", stop)


@pytest.fixture
def later(folder: Path) -> Path:
    """Return the own runs with three invented ones of 2026."""
    rows = "".join(f"New {i},X,2026-0{i}-01,{i}e27,Likely,,,,,,,,,,V,src,\n" for i in (2, 3, 4))
    path = folder / "later.csv"
    path.write_text((TABLES / BUNDLED["runs"]).read_text(encoding="utf-8") + rows, encoding="utf-8")
    return path


@pytest.mark.usefixtures("_sampling_ends_it")
@pytest.mark.parametrize(
    ("options", "runs", "words"),
    [
        (
            [],
            85,
            [
                "ends at 2026.00: the start of the scenario",
                "Not used, 12 runs",
                "New 4 (2026.25, 4e+27 FLOP)",
            ],
        ),
        (["--start", "2027"], 89, ["ends at 2026.60: the last row", "are no gap"]),
        (["--complete-until", "2025.6"], 85, ["ends at 2025.60: stated by", "New 2 (2026.08, 2e+27 FLOP)"]),
        (["--as-of", "2025-01-01"], 79, ["ends at 2025.00: the date of the evidence", "New 3"]),
    ],
)
def test_new_runs_are_used_or_listed(
    call: Callable, folder: Path, later: Path, options: list[str], runs: int, words: list[str]
) -> None:
    code, out, err = call("fit", later, *options)
    assert (code, err) == (2, "timecone: the sampling was begun.\n")
    assert f"Fitting {runs} frontier runs" in out
    for word in words:
        assert word in out


@pytest.mark.usefixtures("_sampling_ends_it")
def test_fit_prints_how_the_end_of_evidence_is_estimated(call: Callable, folder: Path) -> None:
    _, out, _ = call("fit")
    assert "Evidence on runs ends at 2025.60: 7.0 a year joined the 5 largest until GPT-5 (2025.60)" in out
    assert "Not used, 12 runs after 2025.6, from when the largest runs are missing" in out


@pytest.mark.usefixtures("_sampling_ends_it")
def test_a_table_cut_at_a_threshold_is_warned_of(call: Callable, folder: Path) -> None:
    header, *rows = (TABLES / BUNDLED["runs"]).read_text(encoding="utf-8").splitlines()
    large = [row for row in csv.reader(rows) if row[3] and float(row[3]) > 1e24]
    with (folder / "large.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header.split(","), *large])
    _, _, err = call("fit", "large.csv")
    assert err.startswith(
        "timecone: warning: large.csv seems to be cut off below about 1e+24 FLOP (8 of 59 runs"
    )
    assert len(err.splitlines()) == 2


def test_a_fit_without_data_begins_with_what_was_refused(call: Callable, folder: Path) -> None:
    rows = "".join(f"R{i},20{10 + i}-03-01,{10.0 ** (18 + 0.5 * i)},€{i}\n" for i in range(12))
    (folder / "euro.csv").write_text(
        "Model,Publication date,Training compute (FLOP),Training compute cost (2023 USD)\n" + rows,
        encoding="utf-8",
    )
    before = _contents(folder)
    code, out, err = call("fit", "euro.csv")
    assert (code, out) == (2, "")
    assert err.startswith(
        "timecone: runs: 12 rows or cells of runs and costs could not be read (12 for 'Training compute"
    )
    assert "another currency" in err
    assert "Add a file of training costs" in err
    assert _contents(folder) == before


def test_update_never_overwrites_what_it_reads(fails: Callable, folder: Path, posterior: Path) -> None:
    (folder / "fit.nc").write_bytes(posterior.read_bytes())
    arguments = ["update", "fit.nc", "again.csv", "--as-of", "2026-08-22", "--out", "fit.toml"]
    _refused(fails, folder, arguments, Refusal("output-is-input", "--out"))


@pytest.mark.slow
def test_update_writes_both_files_and_lists_its_skips(call: Callable, folder: Path, posterior: Path) -> None:
    code, out, err = call("update", posterior, "runs.csv", "--as-of", "2026-08-22")
    assert (code, err) == (0, "")
    assert "runs.csv: 1 new runs, 2 rows or cells not readable" in out
    assert "row 3, Publication date: not a date" in out
    assert "row 4, Training compute (FLOP)" in out
    content = tomllib.loads((folder / "updated.toml").read_text(encoding="utf-8"))
    assert content["history"]["sources"][-1]["skipped"] == "2"
    assert open_posterior(folder / "updated.nc").attrs["updated_with"] == 1
    code, out, err = call("update", posterior, "runs.csv", "--as-of", "2026-08-22", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert [rejected["row"] for rejected in found["skipped"]] == [3, 4]
    assert found["khat"] <= 0.7
    assert found["written"] == ["updated.toml", "updated.nc"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["history_trends", "history_priors", "history_checks", "backtest", "pit", "calibration"]
)
def test_plot_draws_fits_and_backtests(
    call: Callable, fails: Callable, folder: Path, posterior: Path, tested: Path, stored: Path, name: str
) -> None:
    right, wrong = (posterior, tested) if name.startswith("history") else (tested, posterior)
    assert call("plot", right, "--figure", name, "--out", "f.png", "--table", "f.csv") == (
        0, "f.png\nf.csv\n", "",
    )  # fmt: skip
    (folder / "f.png").unlink()
    kind = "posterior" if name.startswith("history") else "back-test"
    code = "not-a-posterior" if name.startswith("history") else "not-a-backtest"
    for other in (wrong, stored):
        _refused(fails, folder, ["plot", other, "--figure", name, "--out", "f.png"], Refusal(code))
    _refused(fails, folder, ["plot", right, "--out", "f.png"], Refusal("not-a-run", names=f"timecone {kind}"))
    _refused(fails, folder, ["plot", right, right, "--figure", name], Refusal("figure-of-one-run", got=2))
    expected = Refusal("figure-option-unsupported", "--until")
    _refused(fails, folder, ["plot", right, "--figure", name, "--until", "2030"], expected)


@pytest.mark.slow
def test_report_prints_a_backtest_beside(
    call: Callable, fails: Callable, folder: Path, stored: Path, tested: Path
) -> None:
    assert call("report", stored, "--backtest", tested, "--out", "r.md") == (0, "r.md\n", "")
    assert "### Back-test" in (folder / "r.md").read_text(encoding="utf-8")
    for wrong, error in (("none.nc", "no-such-file"), ("text.nc", "not-netcdf"), (stored, "not-a-backtest")):
        arguments = ["report", stored, "--backtest", wrong, "--out", "x.md"]
        _refused(fails, folder, arguments, Refusal(error, str(wrong)))


BLOCK = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"nutpie", "pymc", "pytensor", "arviz", "arviz_stats", "scoringrules"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
from timecone.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


def _without_the_extra(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", BLOCK, *map(str, arguments)],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ["fit"],
        pytest.param(["backtest"], marks=pytest.mark.slow),
        pytest.param(["update", "POSTERIOR", "again.csv"], marks=pytest.mark.slow),
    ],
    ids=str,
)
def test_without_the_extra_one_line_says_the_remedy(
    folder: Path, posterior: Path, command: list[str]
) -> None:
    given = [str(posterior) if text == "POSTERIOR" else text for text in command]
    given += ["--as-of", "2026-08-22"] if command[0] == "update" else []
    before = _contents(folder)
    done = _without_the_extra(folder, *given)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    # An update weighs the stored draws, which needs ArviZ and no sampler.
    remedy = "Install timecone[arviz]" if command[0] == "update" else "pip install 'timecone[fit]'"
    assert remedy in done.stderr
    assert _contents(folder) == before


@pytest.mark.slow
def test_without_the_extra_all_else_works(
    folder: Path, posterior: Path, tested: Path, baseline_file: Path, stored: Path
) -> None:
    for arguments in (
        ["check", baseline_file],
        ["run", baseline_file, "-n", "500", "--out", "new", "-q"],
        ["plot", posterior, "--figure", "history_trends", "--out", "t.png"],
        ["plot", tested, "--figure", "backtest", "--out", "b.png"],
        ["report", stored, "--backtest", tested, "--out", "r.html"],
    ):
        done = _without_the_extra(folder, *arguments)
        assert (done.returncode, done.stderr) == (0, ""), arguments


# The sampler's own packages warn of each other. Of 2000 draws a chain too few are effective.
@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_a_fit_to_our_own_tables_stands_under_a_scenario_and_repeats(
    call: Callable, folder: Path, shipped_file: Path
) -> None:
    code, out, _ = call("fit", "--draws", 3000, "--out", "one/trends.toml")
    assert code == 0
    assert "timecone's own runs.csv: 147 runs, 0 rows or cells not readable" in out
    tree = open_posterior(folder / "one" / "trends.nc")
    assert tree["posterior"].sizes["draw"] == 3000
    text = (folder / "one" / "trends.toml").read_text(encoding="utf-8")
    # The baseline on this fragment in place of its own.
    content = tomllib.loads(shipped_file.read_text(encoding="utf-8")) | {"extends": "one/trends.toml"}
    (folder / "scenario.toml").write_text(tomli_w.dumps(content), encoding="utf-8")
    growth = tomllib.loads(text)["parameters"]["investment"]["growth"]
    shown = json.loads(call("show", "scenario.toml", "--json").out)
    assert shown["history"]["posterior"] == "trends.nc"
    quantiles = next(one for one in shown["inputs"] if one["input"] == "investment.growth")
    assert quantiles["p50"] == pytest.approx(growth["p50"])
    assert call("run", "scenario.toml", "-n", 500, "--out", "run", "-q").code == 0
    assert "draws 3000" in markdown(open_run(folder / "run" / "run.nc"))
    again = call("fit", "--draws", 3000, "--out", "two/trends.toml", "--json")
    assert again.code == 0
    found = json.loads(again.out)
    assert found["history"]["draws"] == 3000
    assert [one["kind"] for one in found["evidence"]] == ["runs", "chips", "studies"]
    assert (folder / "two" / "trends.toml").read_text(encoding="utf-8") == text


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_a_backtest_of_one_date_is_written_and_told_as_json(call: Callable, folder: Path) -> None:
    code, out, err = call("backtest", "--as-of", 2022, "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    stored = open_backtest(folder / "backtest.nc")
    assert stored.sizes["forecast"] == len(found["forecasts"])
    assert {row["method"] for row in found["summary"]} >= {"joint fit", "last trend"}
