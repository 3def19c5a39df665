"""The recipes of the page on extending, executed as they stand there."""

from __future__ import annotations

import importlib
import re
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import timecone as tc
from timecone.errors import DistributionError
from timecone.inputs.families.registry import FAMILIES, register
from timecone.models import registry
from timecone.plots.catalogue import drawings

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
P = np.array([1e-6, 0.05, 0.5, 0.95, 1.0 - 1e-6])


def _blocks(section: str, language: str) -> list[str]:
    text = PAGE.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    return re.findall(rf"^```{language}[^\n]*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.fixture
def gumbel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, object]]:
    """The names of the last block of the recipe of a family."""
    code, use = _blocks("A distribution family", "python")
    (tmp_path / "gumbel.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    before, names = dict(FAMILIES), {}
    exec(compile(use, "extending.md", "exec"), names)  # noqa: S102 - our own page
    yield names
    FAMILIES.clear()
    FAMILIES.update(before)
    del sys.modules["gumbel"]
    importlib.invalidate_caches()


def test_a_family_in_one_file_draws_and_fits_as_scipy_does(gumbel: dict[str, object]) -> None:
    delay = gumbel["delay"]
    assert isinstance(delay, tc.Distribution)
    scale = 6.0**0.5 / np.pi
    theirs = stats.gumbel_r(2.0 - np.euler_gamma * scale, scale)
    assert (theirs.mean(), theirs.std()) == pytest.approx((2.0, 1.0))
    np.testing.assert_allclose(delay.ppf(P), theirs.ppf(P), rtol=1e-9, atol=1e-9)
    fitted = tc.Distribution("gumbel", {"p05": theirs.ppf(0.05), "p95": theirs.ppf(0.95)}, "year")
    np.testing.assert_allclose(fitted.ppf(P), theirs.ppf(P), rtol=1e-9, atol=1e-9)
    x = np.array([-1.0, 0.5, 2.0, 9.0])
    np.testing.assert_allclose(delay.family.log_density(x).log, theirs.logpdf(x), rtol=1e-12)


def test_a_family_in_one_file_is_at_home_in_scenario_files(gumbel: dict[str, object], tmp_path: Path) -> None:
    shutil.copytree(ROOT / "configs", tmp_path, dirs_exist_ok=True)
    (block,) = _blocks("A distribution family", "toml")
    about = 'unit = "year"\nsource = "recipe"\nas_of = 2026-01-01\nbasis = "guess"\n'
    file = tmp_path / "late.toml"
    file.write_text(f'extends = "baseline.toml"\nname = "late"\n{block}{about}', encoding="utf-8")
    scenario = tc.load(file)
    drawn = tc.sample(scenario, 20_000, seed=1)["deployment.delay"].values
    stated = tc.Distribution("gumbel", {"p05": 0.2, "p95": 3.0}).family.scipy()
    uniform = (stated.cdf(drawn) - stated.cdf(0.0)) / stated.sf(0.0)
    assert drawn.min() >= 0.0
    assert stats.kstest(uniform, "uniform").pvalue > 1e-4
    # The same distribution in months: another text, the same numbers and the same digest.
    in_months = {"p05": 2.4, "p95": 36.0, "truncate": {"low": 0.0}}
    months = scenario.replace({"deployment.delay": tc.Distribution("gumbel", in_months, "month")})
    assert months.equals(scenario)


def test_a_family_in_one_file_says_what_it_takes(gumbel: dict[str, object]) -> None:
    with pytest.raises(DistributionError, match="gumbel takes no 'sigma'") as caught:
        tc.Distribution("gumbel", {"mean": 1.0, "sigma": 2.0})
    assert "location and scale, or mean and sd, or 2 quantiles or more" in str(caught.value)


def test_the_name_of_a_family_is_taken_once(gumbel: dict[str, object]) -> None:
    class Another(FAMILIES["normal"]):  # type: ignore[misc]
        name = "gumbel"

    with pytest.raises(ValueError, match="'gumbel' is taken"):
        register(Another)


def test_a_model_in_one_file_runs_as_its_closed_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, use = _blocks("A model", "python")
    (scenario,) = _blocks("A model", "toml")
    (tmp_path / "authorship.py").write_text(code, encoding="utf-8")
    (tmp_path / "authorship.toml").write_text(scenario, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    try:
        exec(compile(use, "extending.md", "exec"), names)  # noqa: S102 - our own page
        run, median = names["run"], names["median"]
        inputs = run["inputs"]
        exact = 2026.0 + inputs["share.doubling_time"] * np.log2(1.0 / inputs["share.now"])
        dates = np.where(exact < 2046.0, exact, np.inf)
        np.testing.assert_allclose(
            run["outcomes"]["arrival"].sel(milestone="all"), dates, rtol=0.0, atol=1e-9
        )
        assert median.item() == np.quantile(dates, 0.5, method="inverted_cdf")
        assert [drawing.name for drawing in drawings(run)] == ["cdf", "density", "fan", "inputs"]
    finally:
        registry.unregister("authorship")
        sys.modules.pop("authorship", None)


def test_a_model_of_an_installed_package_is_found_by_its_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    offered = EntryPoint("elsewhere", "timecone.models.toy.model:MODEL", registry.GROUP)
    monkeypatch.setattr(
        registry, "entry_points", lambda *, group: [offered] if group == registry.GROUP else []
    )
    registry._offered.cache_clear()
    try:
        assert "elsewhere" in registry.known()
        assert registry.find("elsewhere").title == "Task horizons that double at a constant pace"
    finally:
        registry._offered.cache_clear()
