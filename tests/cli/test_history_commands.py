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


def _refused(call: Callable, folder: Path, arguments: list[object], words: list[str]) -> None:
    before = _contents(folder)
    code, out, err = call(*arguments)
    assert (code, out) == (2, ""), err
    assert err.startswith("timecone: ")
    assert len(err.splitlines()) == 1
    assert "Traceback" not in err
    assert "internal error" not in err
    for word in words:
        assert word in err, err
    assert _contents(folder) == before


FITS = [
    (["none.csv"], ["none.csv", "no such file"]),
    (["other.csv"], ["other.csv"]),
    (["text.nc"], ["text.nc"]),
    (["."], ["folder"]),
    (["runs.csv", "again.csv"], ["two files of runs", "runs.csv", "Give one file of each kind"]),
    (["--seed", "-1"], ["seed", "got -1"]),
    (["--seed", str(2**63)], ["seed", "2**63 - 1"]),
    (["--seed", "x"], ["--seed", "integer"]),
    (["--draws", "0"], ["draws", "got 0", "at least 251"]),
    (["--draws", "250"], ["draws", "got 250", "at least 251"]),
    (["--draws", "-5"], ["draws", "got -5"]),
]
ONLY_FIT = [
    (["again.csv"], ["too few frontier runs", "got 1", "at least 8"]),
    (["one-chip.csv"], ["too few chips", "got 1"]),
    (["--as-of", "yesterday"], ["--as-of", "yesterday"]),
    (["--as-of", "2026-13-01"], ["--as-of"]),
    (["--as-of", "2005-01-01"], ["too few", "2005.00"]),
    (["--out", "fit.json"], ["--out", "fit.json", "a name in .toml"]),
    (["--out", "fit"], ["--out", "a name in .toml"]),
    (["--out", "file/fit.toml"], ["file", "not writable", "--out"]),
    (["--out", "taken.toml"], ["taken.toml", "a folder is in the way"]),
    (["--complete-until", "inf"], ["--complete-until", "inf"]),
    (["--price-within", "0"], ["price_within", "got 0.0"]),
    (["--top", "0"], ["--top", "greater than or equal to 1"]),
    (["--chains", "1"], ["--chains", "greater than or equal to 2"]),
    (["--start", "2020"], ["start", "got 2020.0", "or later"]),
    (["--start", "nan"], ["start", "nan"]),
    (["--start", "inf"], ["start", "inf"]),
    (["--ahead", "0"], ["ahead", "got 0.0"]),
    (["--ahead", "inf"], ["ahead", "inf"]),
]
ONLY_BACKTEST = [
    (["again.csv"], ["too few frontier runs", "2015", "got 0"]),
    (["one-chip.csv"], ["too few chips", "2015"]),
    (["--as-of", "2030"], ["as_of", "got 2030", "a year before 2026"]),
    (["--as-of", "2020", "--as-of", "2030"], ["got 2030"]),
    (["--as-of", "1990"], ["too few", "1990"]),
    (["--as-of", "x"], ["--as-of", "integer"]),
    (["--out", "b.toml"], ["--out", "b.toml", "a name in .nc"]),
    (["--out", "file/b.nc"], ["file", "not writable", "--out"]),
    (["--out", "taken.nc"], ["taken.nc", "a folder is in the way"]),
]


@pytest.mark.parametrize(("arguments", "words"), FITS + ONLY_FIT, ids=str)
def test_fit_refuses_what_is_wrong(
    call: Callable, folder: Path, arguments: list[str], words: list[str]
) -> None:
    _refused(call, folder, ["fit", *arguments], words)


@pytest.mark.parametrize(("arguments", "words"), FITS + ONLY_BACKTEST, ids=str)
def test_backtest_refuses_what_is_wrong(
    call: Callable, folder: Path, arguments: list[str], words: list[str]
) -> None:
    _refused(call, folder, ["backtest", *arguments], words)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none.nc", "again.csv"], ["none.nc", "no such file", "timecone fit writes one"]),
        (["text.nc", "again.csv"], ["text.nc", "not a readable netCDF-4 file"]),
        (["TESTED", "again.csv"], ["not a posterior of timecone", "timecone back-test"]),
        (["POSTERIOR", "none.csv"], ["none.csv", "no such file"]),
        (["POSTERIOR", "one-chip.csv"], ["one-chip.csv"]),
        (["POSTERIOR", "early.csv"], ["before the posterior's evidence ends", f"{END:.2f} or later"]),
        (["POSTERIOR", "blank.csv"], ["needs a date and training compute"]),
        (["POSTERIOR", "again.csv", "--out", "u.nc"], ["--out", "a name in .toml"]),
        (["POSTERIOR", "again.csv", "--out", "file/u.toml"], ["file", "not writable"]),
        (["POSTERIOR", "again.csv", "--seed", "-1"], ["seed", "got -1"]),
        (["POSTERIOR", "again.csv", "--as-of", "2025-11-01"], ["A lies after", "--as-of", "2025-11-01"]),
        (["POSTERIOR", "again.csv", "--as-of", "soon"], ["--as-of", "soon"]),
    ],
    ids=str,
)
def test_update_refuses_what_is_wrong(
    call: Callable, folder: Path, posterior: Path, tested: Path, arguments: list[str], words: list[str]
) -> None:
    places = {"POSTERIOR": posterior, "TESTED": tested}
    given = [places.get(text, text) for text in arguments]
    given += [] if "--as-of" in arguments else ["--as-of", "2026-08-22"]
    _refused(call, folder, ["update", *given], words)


SHIPPED = Path(__file__).resolve().parents[2] / "configs" / "history"


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


def test_update_says_how_a_missing_posterior_is_made(call: Callable, folder: Path) -> None:
    text = (SHIPPED / "epoch_2026-08.toml").read_text(encoding="utf-8")
    (folder / "epoch.toml").write_text(text, encoding="utf-8")
    for name in ("epoch.toml", "epoch.nc"):
        arguments = ["update", name, "again.csv", "--as-of", "2026-08-22"]
        words = ["no such posterior", "timecone fit notable_ai_models_2026-08.csv ml_hardware_2026-07.csv",
                 "--complete-until 2025.6", "--draws 3000", "--out epoch.toml"]  # fmt: skip
        _refused(call, folder, arguments, words)
    (folder / "plain.toml").write_text("a = 1\n", encoding="utf-8")
    _refused(
        call, folder, ["update", "plain.toml", "again.csv", "--as-of", "2026-08-22"], ["names no posterior"]
    )
    (folder / "broken.toml").write_bytes(b"\xff=")
    _refused(
        call, folder, ["update", "broken.toml", "again.csv", "--as-of", "2026-08-22"], ["not a fragment"]
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
    words = [
        "timecone: runs: 12 rows or cells of runs and costs could not be read (12 for 'Training compute",
        "another currency",
        "too few frontier runs with a cost",
        "Add a file of training costs",
    ]
    _refused(call, folder, ["fit", "euro.csv"], words)


def test_update_never_overwrites_what_it_reads(call: Callable, folder: Path, posterior: Path) -> None:
    (folder / "fit.nc").write_bytes(posterior.read_bytes())
    arguments = ["update", "fit.nc", "again.csv", "--as-of", "2026-08-22", "--out", "fit.toml"]
    _refused(call, folder, arguments, ["--out", "would overwrite the input"])


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


@pytest.mark.parametrize("name", ["history_trends", "history_priors", "history_checks", "backtest", "pit"])
def test_plot_draws_fits_and_backtests(
    call: Callable, folder: Path, posterior: Path, tested: Path, stored: Path, name: str
) -> None:
    right, wrong = (posterior, tested) if name.startswith("history") else (tested, posterior)
    assert call("plot", right, "--figure", name, "--out", "f.png", "--table", "f.csv") == (
        0, "f.png\nf.csv\n", "",
    )  # fmt: skip
    (folder / "f.png").unlink()
    kind = "posterior" if name.startswith("history") else "back-test"
    for other in (wrong, stored):
        _refused(
            call, folder, ["plot", other, "--figure", name, "--out", "f.png"], [f"not a {kind} of timecone"]
        )
    _refused(call, folder, ["plot", right, "--out", "f.png"], ["not a timecone run", f"timecone {kind}"])
    _refused(call, folder, ["plot", right, right, "--figure", name], ["shows one run", "got 2"])
    _refused(call, folder, ["plot", right, "--figure", name, "--until", "2030"], ["takes no such option"])


def test_report_prints_a_backtest_beside(call: Callable, folder: Path, stored: Path, tested: Path) -> None:
    assert call("report", stored, "--backtest", tested, "--out", "r.md") == (0, "r.md\n", "")
    assert "### Back-test" in (folder / "r.md").read_text(encoding="utf-8")
    for wrong, words in (
        ("none.nc", "no such file"),
        ("text.nc", "not a readable"),
        (stored, "not a back-test"),
    ):
        _refused(call, folder, ["report", stored, "--backtest", wrong, "--out", "x.md"], [words])


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
