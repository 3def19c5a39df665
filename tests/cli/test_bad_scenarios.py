"""A scenario that is wrong ends with exit code 2 and one line that names the key; nothing is written."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import timecone as tc
from refusals import Refusal, refused

PROVENANCE = {"source": "a test", "as_of": date(2026, 1, 1), "basis": "guess"}


def _doubling_time(content: dict[str, Any], **changes: object) -> None:
    table = content["parameters"]["hardware"]["doubling_time"]
    for key in ("p05", "p95"):
        table.pop(key)
    table.update(changes)


def _unknown_key(content: dict[str, Any]) -> None:
    content["horizonn"] = 2100.0


def _unknown_key_in_a_section(content: dict[str, Any]) -> None:
    content["time"]["horizn"] = 2100.0


def _unknown_key_of_a_parameter(content: dict[str, Any]) -> None:
    content["parameters"]["hardware"]["doubling_time"]["sorce"] = "x"


def _unknown_argument_of_a_distribution(content: dict[str, Any]) -> None:
    content["parameters"]["hardware"]["doubling_time"]["meen"] = 2.0


def _misspelt_parameter(content: dict[str, Any]) -> None:
    hardware = content["parameters"]["hardware"]
    hardware["doubling_tme"] = hardware.pop("doubling_time")


def _misspelt_component(content: dict[str, Any]) -> None:
    content["parameters"]["hardwear"] = content["parameters"].pop("hardware")


def _misspelt_unit(content: dict[str, Any]) -> None:
    content["parameters"]["hardware"]["doubling_time"]["unit"] = "yaer"


def _unit_of_another_kind(content: dict[str, Any]) -> None:
    content["parameters"]["hardware"]["doubling_time"]["unit"] = "USD"


def _quantiles_reversed(content: dict[str, Any]) -> None:
    _doubling_time(content, p05=3.5, p95=1.6)


def _negative_spread(content: dict[str, Any]) -> None:
    _doubling_time(content, distribution="normal", mean=2.5, sd=-0.1)


def _weights_short_of_one(content: dict[str, Any]) -> None:
    content["choices"]["threshold"]["weights"]["bio_anchors"] = 0.3


def _negative_weight(content: dict[str, Any]) -> None:
    content["choices"]["threshold"]["weights"] |= {"bio_anchors": -0.4, "direct_approach": 1.1}


def _horizon_before_start(content: dict[str, Any]) -> None:
    content["time"]["horizon"] = 2020.0


def _horizon_at_start(content: dict[str, Any]) -> None:
    content["time"]["horizon"] = content["time"]["start"]


def _no_conditions(content: dict[str, Any]) -> None:
    del content["conditions"]


def _no_source(content: dict[str, Any]) -> None:
    del content["parameters"]["hardware"]["doubling_time"]["source"]


def _missing_parameter(content: dict[str, Any]) -> None:
    del content["parameters"]["hardware"]["doubling_time"]


def _unknown_milestone(content: dict[str, Any]) -> None:
    content["not_yet"]["milestones"] = ["tia"]


def _no_draws(content: dict[str, Any]) -> None:
    content["run"]["draws"] = 0


def _negative_seed(content: dict[str, Any]) -> None:
    content["run"]["seed"] = -1


CASES: dict[Callable[[dict[str, Any]], None], Refusal] = {
    _unknown_key: Refusal("unknown-key", "scenario.toml: horizonn", names="'correlations'"),
    _unknown_key_in_a_section: Refusal("unknown-key", "scenario.toml: time.horizn", names="'horizon'"),
    _unknown_key_of_a_parameter: Refusal(
        "unknown-key", "scenario.toml: parameters.hardware.doubling_time.sorce", names="'source'"
    ),
    _unknown_argument_of_a_distribution: Refusal(
        "undetermined-distribution",
        "scenario.toml: parameters.hardware.doubling_time",
        got=["meen", "p05", "p95"],
    ),
    _misspelt_parameter: Refusal(
        "unknown-parameter",
        "scenario.toml: parameters.hardware.doubling_tme",
        names="'hardware.doubling_time'",
    ),
    _misspelt_component: Refusal(
        "unknown-parameter", "scenario.toml: parameters.hardwear.headroom", names="'hardware.headroom'"
    ),
    _misspelt_unit: Refusal(
        "unknown-unit", "scenario.toml: parameters.hardware.doubling_time.unit", got="yaer", names="'year'"
    ),
    _unit_of_another_kind: Refusal(
        "unknown-unit", "scenario.toml: parameters.hardware.doubling_time.unit", got="USD"
    ),
    _quantiles_reversed: Refusal(
        "quantiles-not-increasing-in-level",
        "scenario.toml: parameters.hardware.doubling_time",
        got=(3.5, 1.6),
    ),
    _negative_spread: Refusal("not-positive", "scenario.toml: parameters.hardware.doubling_time", got=-0.1),
    _weights_short_of_one: Refusal("weights-do-not-sum", "scenario.toml: choices.threshold.weights", got=0.9),
    _negative_weight: Refusal(
        "out-of-range", "scenario.toml: choices.threshold.weights.bio_anchors", got=-0.4, names="at least 0"
    ),
    _horizon_before_start: Refusal("horizon-not-after-start", "scenario.toml: time.horizon", got=2020.0),
    _horizon_at_start: Refusal("horizon-not-after-start", "scenario.toml: time.horizon", got=2026.0),
    _no_conditions: Refusal("missing-key", "scenario.toml: conditions"),
    _no_source: Refusal("missing-key", "scenario.toml: parameters.hardware.doubling_time.source"),
    _missing_parameter: Refusal("missing-parameter", "scenario.toml: parameters.hardware.doubling_time"),
    _unknown_milestone: Refusal(
        "unknown-milestone", "scenario.toml: not_yet.milestones", got="tia", names="'tai'"
    ),
    _no_draws: Refusal("out-of-range", "scenario.toml: run.draws", got=0, names="at least 1"),
    _negative_seed: Refusal("out-of-range", "scenario.toml: run.seed", got=-1, names="at least 0"),
}


@pytest.fixture
def older(tmp_path: Path, stored: Path) -> Path:
    """Return a folder with an older run."""
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "run.nc").write_bytes(stored.read_bytes())
    return folder


def _nothing_written(folder: Path, stored: Path) -> None:
    assert [p.name for p in folder.iterdir()] == ["run.nc"]
    assert (folder / "run.nc").read_bytes() == stored.read_bytes()


@pytest.mark.parametrize("change", CASES, ids=lambda change: change.__name__.strip("_"))
def test_one_line_names_the_key_and_the_remedy(
    change: Callable[[dict[str, Any]], None],
    fails: Callable,
    content: dict[str, Any],
    write: Callable,
    older: Path,
    stored: Path,
) -> None:
    change(content)
    path = write(content)
    fails(CASES[change], "run", path, "-n", 100, "--out", older)
    _nothing_written(older, stored)
    for command in ("check", "show"):
        fails(CASES[change], command, path)


def _contradicting(content: dict[str, Any]) -> list[dict[str, Any]]:
    names = ("hardware.doubling_time", "algorithms.halving_time", "investment.growth")
    pairs = ((0, 1, 0.9), (1, 2, 0.9), (0, 2, -0.9))
    return [{"between": [names[i], names[j]], "rho": rho, **PROVENANCE} for i, j, rho in pairs]


def test_contradicting_correlations_print_the_nearest_valid_ones(
    call: Callable, content: dict[str, Any], write: Callable, older: Path, stored: Path
) -> None:
    content["correlations"] = _contradicting(content)
    code, out, err = call("run", write(content), "-n", 100, "--out", older)
    assert (code, out) == (2, "")
    first, *matrix = err.splitlines()
    assert first.startswith("timecone: scenario.toml: correlations: ")
    assert "not positive definite" in first
    assert len(matrix) == 3
    _nothing_written(older, stored)
    # What it prints is accepted when it is copied into the file.
    for line, correlation in zip(matrix, content["correlations"], strict=True):
        one, other, rho = re.fullmatch(r"  (\S+) - (\S+): (-?\d\.\d{3})", line).groups()
        correlation |= {"between": [one, other], "rho": float(rho)}
        assert abs(float(rho)) < 0.9
    assert call("check", write(content)).code == 0


@pytest.mark.parametrize("text", ["name = ", "[time\nstart = 2026", 'name = "a"\nname = "b"', "\x00"])
def test_a_toml_syntax_error_says_where(
    fails: Callable, tmp_path: Path, older: Path, stored: Path, text: str
) -> None:
    path = tmp_path / "broken.toml"
    path.write_text(text, encoding="utf-8")
    fails(Refusal("toml-syntax", "broken.toml"), "run", path, "--out", older)
    _nothing_written(older, stored)


def test_a_file_that_is_no_text_is_refused(fails: Callable, stored: Path) -> None:
    fails(Refusal("not-utf8", "run.nc"), "check", stored)


def test_a_missing_file_names_the_nearest_one(
    call: Callable, content: dict[str, Any], write: Callable, older: Path, stored: Path
) -> None:
    path = write(content).with_name("scenari.toml")
    code, out, err = call("run", path, "--out", older)
    assert (code, out) == (2, "")
    assert err == f"timecone: {path}: no such file. Did you mean 'scenario.toml'?\n"
    _nothing_written(older, stored)


def test_a_folder_in_place_of_a_file_is_refused(fails: Callable, tmp_path: Path) -> None:
    fails(Refusal("unreadable-file", str(tmp_path)), "check", tmp_path)


def test_an_api_error_is_the_same_line(content: dict[str, Any], write: Callable) -> None:
    _misspelt_unit(content)
    with refused(
        "unknown-unit", "scenario.toml: parameters.hardware.doubling_time.unit", got="yaer", names="'year'"
    ):
        tc.load(write(content))
