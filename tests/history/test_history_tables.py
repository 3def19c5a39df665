"""The project's own tables: whole, sourced, and what was known when."""

from __future__ import annotations

import pytest

from refusals import refused
from timecone.history import read_bundled

OWN_ROWS = {"runs": 147, "chips": 185, "studies": 7}


@pytest.mark.parametrize("kind", OWN_ROWS)
def test_own_tables_are_read_whole_and_every_row_has_its_source(kind: str) -> None:
    records = read_bundled(kind)
    assert (records.kind, len(records.rows)) == (kind, OWN_ROWS[kind])
    assert (records.rejected, records.blanked, records.absent) == ((), (), ())
    assert (records.rows.source.str.len() > 10).all()
    assert set(records.rows.status) <= {"V", "V2"}


def test_own_runs_hold_the_largest_and_lower_the_grade_of_withdrawn_estimates() -> None:
    runs = read_bundled("runs").rows.set_index("name")
    assert runs.training_compute.idxmax() == "Grok 4"
    assert runs.training_compute.notna().sum() == 134
    withdrawn = runs[runs.note.str.contains("lowered by one")]
    assert len(withdrawn) == 6
    assert set(withdrawn.confidence) == {"Speculative", "Unverified"}
    assert runs.frontier["GPT-4 (Mar 2023)"]
    assert not runs.frontier["ELMo"]


def test_own_chips_have_a_price_and_a_performance() -> None:
    chips = read_bundled("chips").rows
    assert chips[["price", "price_2020"]].notna().any(axis=1).all()
    assert chips[["fp32", "tensor_fp16"]].notna().any(axis=1).all()
    assert chips.date.between(2006.0, 2026.0).all()


def test_own_studies_have_their_value_inside_their_interval() -> None:
    studies = read_bundled("studies").rows
    assert (studies.first_year < studies.last_year).all()
    assert not (studies.low > studies.halving_time).any()
    assert not (studies.high < studies.halving_time).any()
    # What was known at a date is what had been published.
    assert read_bundled("studies").known(2022.0).rows.name.tolist() == ["Hernandez & Brown 2020"]


def test_own_scores_have_compute_or_belong_to_a_laboratory_with_the_largest_runs() -> None:
    table = read_bundled("capabilities")
    scores = table.rows
    assert (table.rejected, table.blanked, len(scores)) == ((), (), 93)
    assert scores.training_compute.notna().sum() == 64
    assert scores.score.between(100.0, 161.0).all()
    assert scores.date.is_monotonic_increasing
    blank = scores[scores.training_compute.isna()]
    assert set(blank.organization) == {"Anthropic", "Google DeepMind", "Meta AI", "OpenAI", "xAI"}
    assert (scores.source == "Epoch AI, Capabilities Index, 2026-04-11").all()


def test_no_own_table_of_that_kind() -> None:
    with refused("unknown-bundled-table", "kind", got="prices"):
        read_bundled("prices")
