"""The recipes of the page on extending, executed as they stand there."""

from __future__ import annotations

import importlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import timecone as tc
from refusals import refused
from timecone.inputs.families.registry import FAMILIES, register
from timecone.models import registry
from timecone.plots.catalogue import drawings

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "how-to" / "extending.md").read_text(encoding="utf-8")
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
    forms = "location and scale, or mean and sd, or 2 quantiles or more"
    with refused("unknown-argument", names=forms):
        tc.Distribution("gumbel", {"mean": 1.0, "sigma": 2.0})


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


def _patched(text: str, hunks: str) -> str:
    """Return text with the hunks of a diff applied; each must fit in exactly one place."""
    for hunk in re.split(r"^@@\n", hunks, flags=re.MULTILINE):
        lines = hunk.splitlines(keepends=True)
        before = "".join(line[1:] for line in lines if line[0] in " -")
        after = "".join(line[1:] for line in lines if line[0] in " +")
        assert text.count(before) == 1, hunk
        text = text.replace(before, after)
    return text


def _titled(section: str, language: str) -> dict[str, str]:
    """Return the blocks of a section that name a file of the package, by that name."""
    text = PAGE.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    blocks = rf'^```{language} title="([^"]+)"\n(.*?)^```'
    return dict(re.findall(blocks, text, re.DOTALL | re.MULTILINE))


COMPONENT = "A component of the compute model"


@pytest.fixture(scope="module")
def with_component(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the package to which the recipe of a component has been applied."""
    folder = tmp_path_factory.mktemp("component")
    package = folder / "timecone"
    shutil.copytree(ROOT / "src" / "timecone", package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "configs", package / "presets", dirs_exist_ok=True)
    for name, code in _titled(COMPONENT, "python").items():
        assert not (package / name).exists()
        (package / name).write_text(code, encoding="utf-8")
    for name, hunks in _titled(COMPONENT, "diff").items():
        text = (package / name).read_text(encoding="utf-8")
        (package / name).write_text(_patched(text, hunks), encoding="utf-8")
    return folder


def test_a_component_touches_as_many_source_files_as_the_page_says(with_component: Path) -> None:
    def sources(folder: Path) -> dict[str, str]:
        return {str(p.relative_to(folder)): p.read_text(encoding="utf-8") for p in folder.rglob("*.py")}

    before, after = sources(ROOT / "src" / "timecone"), sources(with_component / "timecone")
    touched = {name for name, text in after.items() if before.get(name) != text}
    assert touched == {*_titled(COMPONENT, "python"), *_titled(COMPONENT, "diff")}
    assert f"These are {len(touched)} source files." in PAGE
    assert f"| {len(touched)} (its file, parameter table, layout, loading) |" in PAGE


# Kernels that are not compiled take ten seconds for 64 draws.
@pytest.mark.slow
def test_a_component_in_one_file_slows_hardware_as_its_closed_form_says(with_component: Path) -> None:
    (scenario,) = _blocks(COMPONENT, "toml")
    shutil.copytree(ROOT / "configs", with_component, dirs_exist_ok=True)
    (with_component / "dear_energy.toml").write_text(scenario, encoding="utf-8")
    use = _blocks(COMPONENT, "python")[-1]
    code = f"{use}\ntc.save_run(dear, 'dear.nc')\ntc.save_run(steady, 'steady.nc')\n"
    # Without compilation: 64 draws need less time than new kernels.
    environment = os.environ | {"PYTHONPATH": str(with_component), "NUMBA_DISABLE_JIT": "1"}
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], cwd=with_component, env=environment, check=True
    )
    dear, steady = (tc.open_run(with_component / f"{name}.nc") for name in ("dear", "steady"))
    inputs = dear["inputs"]
    time = dear["paths"]["time"].values - 2026.0
    rate = np.log10(2.0) / inputs["hardware.doubling_time"].values
    since = 2026.0 - inputs["hardware.headroom_year"].values
    left = np.maximum(
        inputs["hardware.headroom"].values - np.where(np.isfinite(since), since, 0.0) * rate, 0.0
    )
    slower = rate - inputs["energy.cost_share"].values * np.log10(1.0 + inputs["energy.price_growth"].values)
    assert np.median(rate - slower) > 0.01
    for run, growth in ((dear, slower), (steady, rate)):
        # u = 10**(p0 - p) falls to 10**-headroom: du/dt = -growth ln 10 (u - 10**-headroom).
        limit = 10.0 ** -left[:, None]
        gain = -np.log10(limit + (1.0 - limit) * 10.0 ** (-growth[:, None] * time))
        present = np.log10(inputs["hardware.price_performance"].values)[:, None]
        found = run["paths"]["price_performance"].transpose("path", "time").values
        np.testing.assert_allclose(found, present + gain, rtol=0.0, atol=1e-9)
    # The switch changes no other draw.
    for name in set(steady["inputs"].data_vars) & set(inputs.data_vars):
        np.testing.assert_array_equal(steady["inputs"][name].values, inputs[name].values)


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
