"""A folder of scenarios: one run and one page each, one index, and failures that stop no other scenario."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import timecone as tc

HEAD = 'extends = "baseline.toml"\n'


@pytest.fixture
def folder(tmp_path: Path, baseline_file: Path) -> Path:
    path = tmp_path / "views"
    path.mkdir()
    (path / "baseline.toml").write_text(baseline_file.read_text(encoding="utf-8"), encoding="utf-8")
    slow = '[parameters.deployment.delay]\ndistribution = "point"\nvalue = 3\nunit = "year"\n'
    about = 'source = "s"\nas_of = 2026-01-01\nbasis = "guess"\n'
    text = f'{HEAD}name = "slow"\ntitle = "Slow & <late>"\n{slow}{about}'
    (path / "slow.toml").write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def spare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw nothing, and write pages without content."""
    monkeypatch.setattr("timecone.cli.folder._drawn", lambda _: {})
    monkeypatch.setattr("timecone.report.page.save", lambda _, path, **__: path.write_text("a page"))


@pytest.mark.slow
@pytest.mark.usefixtures("spare")
def test_every_scenario_is_run_with_one_seed_and_the_index_leads_to_its_page(
    call: Callable, folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    weights = tmp_path / "weights.toml"
    weights.write_text("baseline = 1\nslow = 3\n", encoding="utf-8")
    code, printed, err = call("batch", folder, "-n", 400, "--seed", 4, "--out", out, "--weights", weights)
    assert (code, err) == (0, "")
    runs = {name: tc.open_run(out / name / "run.nc") for name in ("baseline", "slow")}
    assert {int(run.attrs["seed"]) for run in runs.values()} == {4}
    page = (out / "index.html").read_text(encoding="utf-8")
    for name in runs:
        assert f'href="{name}/report.html"' in page
        assert (out / name / "report.html").is_file()
    assert "Slow &amp; &lt;late&gt; (slow)" in page
    assert "http" not in page
    text = (out / "index.md").read_text(encoding="utf-8")
    assert "](slow/report.html)" in text
    assert "baseline 0.25, slow 0.75" in text
    pooled = tc.pool(runs, {"baseline": 1, "slow": 3}, q=[50])["value"].item()
    assert f"{pooled:.2f}" in printed.split("pooled")[1]


@pytest.mark.slow
@pytest.mark.usefixtures("spare")
def test_a_scenario_that_fails_is_one_line_and_the_others_are_kept(
    call: Callable, folder: Path, tmp_path: Path
) -> None:
    (folder / "broken.toml").write_text(f'{HEAD}name = "broken"\nmoddel = "x"\n', encoding="utf-8")
    out = tmp_path / "out"
    code, _, err = call(
        "batch", folder, "-n", 200, "--out", out, "-q", "--weights", "baseline=1,slow=1,broken=0"
    )
    assert code == 1
    assert err.count("\n") == 1
    assert err.startswith("timecone: broken failed: ")
    assert (out / "slow" / "run.nc").is_file()
    assert "broken failed" in (out / "index.html").read_text(encoding="utf-8")
    assert "broken failed" in (out / "index.md").read_text(encoding="utf-8")
    code, _, err = call("batch", folder, "-n", 200, "--out", out, "--weights", "baseline=1,slow=1,broken=1")
    assert code == 2
    assert "a scenario with a weight cannot be read; got 'broken'" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--weights", "baseline=1"), "no weight is stated; got 'slow'"),
        (("--weights", "baseline=1,slow=x"), "not a weight"),
        (("--weights", "baseline=1,baseline=2"), "stated twice"),
        (("--weights", "none.toml"), "neither weights nor a TOML file"),
        (("--weights", "baseline=1,slwo=1"), "Did you mean 'slow'"),
    ],
)
def test_bad_weights_are_refused_before_anything_is_run(
    call: Callable, folder: Path, tmp_path: Path, arguments: tuple, words: str
) -> None:
    code, out, err = call("batch", folder, "--out", tmp_path / "out", *arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert not (tmp_path / "out").exists()


def test_models_of_other_milestones_are_not_pooled(call: Callable, folder: Path, tmp_path: Path) -> None:
    text = 'name = "toy"\nmodel = "toy"\nas_of = 2026-01-01\nconditions = "none"\n'
    text += '[time]\nstart = 2026.0\nhorizon = 2126.0\nstep = "year"\n[not_yet]\nrule = "off"\n'
    for name, unit in (("now", "hour"), ("doubling_time", "year"), ("required", "hour")):
        text += f'[parameters.horizon.{name}]\ndistribution = "point"\nvalue = 1\nunit = "{unit}"\n'
        text += 'source = "s"\nas_of = 2026-01-01\nbasis = "guess"\n'
    (folder / "toy.toml").write_text(text, encoding="utf-8")
    arguments = ("--out", tmp_path / "out", "--weights", "baseline=1,slow=1,toy=1")
    code, _, err = call("batch", folder, *arguments)
    assert code == 2
    assert "do not forecast the same milestone" in err
    assert not (tmp_path / "out").exists()


def test_a_folder_without_scenarios_is_refused(call: Callable, tmp_path: Path) -> None:
    assert "the folder holds no scenario file" in call("batch", tmp_path).err
    assert "no such folder" in call("batch", tmp_path / "none").err
