"""The Full Takeoff model on the published grid against what the published code prints."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

import full_takeoff_economy as oracle
from full_takeoff_inputs import SERIES, dates, drawn, run
from timecone.models.model import TimeGrid

DATA = Path(__file__).resolve().parents[1] / "data" / "full_takeoff"
NEVER = np.inf

# Davidson 2023, code of the Full Takeoff model (Epoch, commit 99dc907) at its step of 0.1 years: wake-up;
# goods at 20, 50, 100 %; research at 20, 50, 100 %; AGI (no trade-off); takeoff of goods and of research.
REFERENCE = {
    "best_guess": (2034.3, 2036.1, 2038.5, 2040.0, 2034.7, 2036.7, 2039.7, 2040.0, 3.8, 4.9),
    "aggressive": (2027.1, 2027.1, 2027.1, 2027.2, 2026.2, 2026.6, 2027.1, 2027.2, 0.1, 0.9),
    "conservative": (2038.5, 2061.7, 2091.2, NEVER, 2061.3, 2091.2, NEVER, NEVER, NEVER, NEVER),
    "short_timelines": (2027.4, 2029.1, 2030.4, 2032.1, 2027.7, 2028.7, 2031.0, 2030.2, 2.9, 3.3),
}
MILESTONES = ("wakeup", "goods_20", "goods_50", "goods_100", "rnd_20", "rnd_50", "rnd_100", "agi")
# Full automation of goods at 20 % and 100 % by the published code's step.
STEPS = {1.0: (2037.0, 2042.0), 0.5: (2036.5, 2040.5), 0.02: (2036.08, 2039.78)}


@pytest.fixture(scope="module")
def internals() -> dict:
    return json.loads((DATA / "best_guess_internals.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def solved() -> tuple[dict, dict]:
    return oracle.simulate({name: values[:1] for name, values in drawn("best_guess", 1).items()})


def test_the_oracle_begins_as_the_published_code(internals, solved) -> None:
    _, ours = solved
    goods, hardware, software = (ours["sectors"][sector] for sector in "ghs")
    pairs = {
        "capital_task_weights_goods": goods.alpha[0],
        "labour_task_weights_goods[0:2]": goods.beta[0, :2],
        "capital_task_weights_hardware_rnd": hardware.alpha[0],
        "labour_task_weights_hardware_rnd[0:2]": hardware.beta[0, :2],
        "experiment_task_weights_software_rnd": software.alpha[0],
        "labour_task_weights_software_rnd[0:2]": software.beta[0, :2],
        "initial_hardware_performance": ours["start_hardware"][0],
        "output_to_gwp_factor": ours["scale"]["g"][0],
        "rnd_input_to_hardware_investment_factor": ours["scale"]["h"][0],
        "rnd_input_to_software_investment_factor": ours["scale"]["s"][0],
        "automation_training_flops_goods": ours["tau_goods"][0],
        "automation_runtime_flops_goods": ours["iota_goods"][0],
        "automation_training_flops_rnd": ours["tau_rnd"][0],
        "automation_runtime_flops_rnd": ours["iota_rnd"][0],
        "hardware_returns_adj": ours["returns_hardware"][0],
        "software_returns_adj": ours["returns_software"][0],
        "capital_substitution_rnd_adj": ours["rho_hardware"][0],
        "hardware_delay_idx": ours["delay"][0],
    }
    assert set(pairs) | {"source"} == set(internals)
    for name, value in pairs.items():
        np.testing.assert_allclose(value, internals[name], rtol=1e-12, err_msg=name)


def _published_series() -> dict[str, np.ndarray]:
    lines = (DATA / "best_guess_series.csv").read_text("utf-8").splitlines()[1:]
    rows = list(csv.DictReader(lines))
    return {name: np.array([float(row[name]) for row in rows]) for name in rows[0]}


def test_every_published_series_is_that_of_the_oracle(solved) -> None:
    series, _ = solved
    published = _published_series()
    at = np.round((published.pop("year") - 2022.0) / 0.1).astype(int)
    assert set(published) == set(SERIES)
    for theirs, ours in SERIES.items():
        np.testing.assert_allclose(series[ours][0, at], published[theirs], rtol=1e-11, err_msg=theirs)


@pytest.mark.parametrize("preset", REFERENCE)
def test_dates_and_takeoffs_of_the_presets_are_the_published_ones(preset) -> None:
    outcomes, _ = run(drawn(preset, 1))
    dated = {name: date[0] for name, date in dates(outcomes).items()}
    assert [round(dated[name], 6) for name in MILESTONES] == list(REFERENCE[preset][:8])
    for sector, expected in zip(("goods", "rnd"), REFERENCE[preset][8:], strict=True):
        end = dated[f"{sector}_100"]
        assert (round(end - dated[f"{sector}_above_20"], 6) if np.isfinite(end) else NEVER) == expected


@pytest.mark.parametrize("step", STEPS)
def test_the_published_dates_move_with_the_step_as_they_do_in_the_published_code(step) -> None:
    values = drawn("best_guess", 1)
    grid = TimeGrid(2022.0, 2022.0 + step * round(30 / step), step)
    dated = dates(run(values, grid=grid)[0])
    assert (round(dated["goods_20"][0], 6), round(dated["goods_100"][0], 6)) == STEPS[step]
