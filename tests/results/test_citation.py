"""Citations of a run: every piece says what the run says, for runs of all kinds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import timecone as tc
from refusals import refused
from synthetic_run import synthetic
from timecone.report.page import html as report_page
from timecone.results.citation import bibtex
from timecone.results.citation.cite import PIECES
from timecone.results.citation.methods import methods
from timecone.results.citation.reading import AsItIs
from timecone.results.citation.sentence import sentence
from timecone.results.tables import latex, layout
from timecone.results.tables.accounts import account_lines
from timecone.results.tables.arrival import probabilities, years_at_percentiles
from timecone.results.tables.statistics import RunStatistics
from timecone.schema import Status

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def citation(small_run: xr.DataTree) -> tc.Citation:
    return tc.cite(small_run)


def _entries(text: str) -> list[tuple[str, dict[str, str]]]:
    """Return the entries of BibTeX: key and fields; braces must balance."""
    assert text.count("{") - text.count(r"\{") == text.count("}") - text.count(r"\}")
    found = []
    for key, body in re.findall(r"^@misc\{([^,\s]+),\n(.*?)^\}$", text, re.MULTILINE | re.DOTALL):
        found.append((key, dict(re.findall(r"^  (\w+) +?= \{(.*)\},$", body, re.MULTILINE))))
    return found


def test_bibtex_has_the_software_with_its_version_and_the_run(
    small_run: xr.DataTree, citation: tc.Citation
) -> None:
    (software_key, software), (run_key, run) = _entries(citation.bibtex)
    a = small_run.attrs
    assert software["version"] == a["version"]
    assert software_key.startswith("timecone_")
    assert run_key == f"timecone_run_{a['run_id']}"
    assert run["year"] == a["created"][:4]
    for fact in (a["name"], a["scenario_digest"], "2,000 draws", "seed 7", a["as_of"]):
        assert fact in run["note"]
    assert a["run_id"] in run["howpublished"]


def test_the_software_is_cited_as_in_citation_cff() -> None:
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f'title: "{bibtex.TITLE}"' in text
    assert f'name: "{bibtex.AUTHOR}"' in text
    assert f"license: {bibtex.LICENSE}" in text


def test_hostile_texts_are_escaped_in_bibtex() -> None:
    run = synthetic(title="50 % of $A_1 & {B}\\end #~^\n@misc{x", name="a_b", version="0.1.0")
    (_, _), (_, fields) = _entries(bibtex.bibtex(run))
    assert fields["title"].count("\n") == 0
    for sign in (r"\%", r"\$", r"\_", r"\&", r"\{", r"\}", r"\#", r"\textbackslash{}", r"\textasciitilde{}"):
        assert sign in fields["title"]


def test_the_sentence_quotes_the_tables_and_tells_both_intervals_apart(
    small_run: xr.DataTree, citation: tc.Citation
) -> None:
    text = citation.sentence
    statistics = RunStatistics(small_run)
    years = dict(years_at_percentiles(statistics).rows)["TAI"]
    at = dict(zip(statistics.q, years, strict=True))
    by = dict(zip(statistics.years, dict(probabilities(statistics).rows)["TAI"], strict=False))
    assert (
        f"the median is {at[50.0].text} (95 % Monte Carlo interval of the median: {at[50.0].interval})"
        in text
    )
    assert f"lie between {at[10.0].text} and {at[90.0].text} (the 10th and the 90th percentile" in text
    assert f"{by[2030].text} by the end of 2030 (95 % Monte Carlo interval: {by[2030].interval})" in text
    a = small_run.attrs
    for fact in ("No catastrophe", "2126", f"run {a['run_id']}", "2,000 draws", "seed 7", "Conditions: "):
        assert fact in text
    removed = np.mean(small_run["outcomes"]["standing"].values == 1)
    told = re.search(r"Of 2,000 draws, ([\d.]+) % contradicted", text)
    assert told is not None
    assert float(told[1]) == pytest.approx(100.0 * removed, abs=0.5)


def test_failed_and_removed_draws_are_in_the_sentence_and_in_the_methods() -> None:
    run = synthetic()
    standing = run["outcomes"]["standing"].values
    failed, removed = int(np.sum(standing == 2)), int(np.sum(standing == 1))
    paragraph = methods(AsItIs(run))
    assert failed == 5
    assert re.search(
        r"0\.1\d* % of the draws failed \(5 of 4,000\) and are in no number", sentence(AsItIs(run))
    )
    assert "5 draws (0.1" in paragraph
    assert f"({removed:,}," in paragraph
    assert "holds no scenario" in paragraph


def test_the_methods_say_what_the_scenario_has(
    small_run: xr.DataTree, citation: tc.Citation, baseline: tc.Scenario
) -> None:
    text = citation.methods
    inputs = small_run["inputs"].dataset
    stated = [v for v in inputs.data_vars.values() if "source" in v.attrs]
    uncertain = sum(np.ptp(v.values) > 0 for v in stated)
    assert f"{len(stated)} inputs, {uncertain} of them uncertain" in text
    for grade, words in (("data", "data"), ("expert", "published judgement"), ("guess", "own guesses")):
        count = sum(v.attrs["basis"] == grade for v in stated)
        assert f"{count} rest on {words}" in text
    assert "bio_anchors 0.4, direct_approach 0.3 and full_takeoff 0.3" in text
    assert "AI speeds up software, hardware, investment and output" in text
    assert baseline.digest in text
    assert "in steps of 0.25 years" in text
    assert len(baseline.correlations) == 6
    assert "Six rank correlations between inputs enter through a Gaussian copula" in text
    assert "fitted" not in text


@pytest.mark.slow
def test_the_methods_say_what_was_fitted_and_that_feedback_is_off() -> None:
    open_loop = tc.cite(tc.simulate(tc.load("open_loop"), draws=200, seed=1, paths=0, threads=1)).methods
    assert "AI speeds up" not in open_loop
    assert "Feedback of AI on its own progress is off" in open_loop
    # What was fitted is named with what it was fitted to.
    assert "hardware.doubling_time" in open_loop
    assert "runs.csv" in open_loop


def test_a_run_given_a_condition_says_so_everywhere(small_run: xr.DataTree) -> None:
    condition = "tai < 2040 and threshold == 'bio_anchors'"
    citation = tc.cite(tc.given(small_run, condition))
    for piece in ("sentence", "methods"):
        assert condition in citation.piece(piece)
    assert "given that tai \\textless{} 2040" in citation.bibtex


def test_one_milestone_of_one_value_of_a_choice(small_run: xr.DataTree) -> None:
    citation = tc.cite(small_run, "automation_20", where={"threshold": "full_takeoff"})
    assert citation.quantity == "automation_20"
    assert " if threshold = full_takeoff: the median is " in citation.sentence
    assert "bio_anchors" not in citation.latex.partition("caption")[0].partition("Conditions")[0]
    values = tc.percentiles(small_run, "automation_20", where={"threshold": "full_takeoff"})
    assert [row["value"] for row in citation.numbers["percentiles"]] == values.values.tolist()


@pytest.mark.slow
def test_a_reweighted_run_quotes_its_own_numbers_and_says_what_the_draws_are_worth(
    small_run: xr.DataTree,
) -> None:
    measured = small_run["inputs"]["hardware.doubling_time"]
    weighted = tc.reweight(small_run, -0.5 * ((measured - 2.2) / 0.3) ** 2)
    citation = tc.cite(weighted)
    years = {
        row["percentile"]: row["value"]
        for row in citation.numbers["percentiles"]
        if row["quantity"] == "tai" and not row["condition"]
    }
    expected = weighted.percentiles("tai", [50]).item()
    assert years[50.0] == expected != tc.percentiles(small_run, "tai", [50]).item()
    assert f"the median is {expected:.0f}"[:-1] in citation.sentence
    for piece in (citation.sentence, citation.methods):
        assert f"worth {weighted.ess:,.0f} equally weighted ones" in piece


def test_a_run_without_uncertainty_quotes_one_date() -> None:
    run = synthetic()
    arrival = run["outcomes"]["arrival"].copy()
    arrival.loc[{"milestone": "whole"}] = 2040.25
    run["outcomes"]["arrival"] = arrival
    assert sentence(AsItIs(run)).startswith("All there: 2040.250, which is the 10th, the 50th and the 90th")


def test_a_duration_has_no_calendar_year(small_run: xr.DataTree) -> None:
    citation = tc.cite(small_run, "takeoff_duration")
    assert re.search(r"the median is [\d.]+ years", citation.sentence)
    assert "by the end of" not in citation.sentence
    assert "probabilities" not in citation.numbers


def test_tables_are_those_of_the_pages(small_run: xr.DataTree, citation: tc.Citation) -> None:
    statistics = RunStatistics(small_run)
    tables = [probabilities(statistics), years_at_percentiles(statistics)]
    assert citation.latex == latex.latex(small_run, tables)
    assert citation.markdown == layout.markdown(small_run, tables)
    answer = json.loads(json.dumps(citation.as_dict(), allow_nan=False))
    assert set(PIECES) < set(answer)
    assert answer["run_id"] == small_run.attrs["run_id"]
    for name in PIECES:
        assert citation.piece(name).rstrip() in str(citation)


@pytest.mark.slow
def test_a_summary_that_contradicts_the_draws_is_refused() -> None:
    def altered(name: str, change: Callable[[np.ndarray], None]) -> xr.DataTree:
        run = synthetic()
        summary = run["summary"].to_dataset().copy(deep=True)
        change(summary[name].values)
        run["summary"] = xr.DataTree(summary)
        return run

    def never_instead_of_arrived(status: np.ndarray) -> None:
        status[..., Status.NEVER] += status[..., Status.REACHED]
        status[..., Status.REACHED] = 0

    def twice(counts: np.ndarray) -> None:
        counts *= 2

    tc.cite(synthetic())
    for name, change in (
        ("status_count", never_instead_of_arrived),
        ("standing_count", twice),
    ):
        run = altered(name, change)
        for account in (tc.cite, account_lines, report_page):
            with refused("contradictory-summary", f"summary/{name}"):
                account(run)


def test_unknown_names_are_refused(small_run: xr.DataTree, citation: tc.Citation) -> None:
    with refused("unknown-milestone", "quantity", got="tia", names="tai"):
        tc.cite(small_run, "tia")
    with refused("unknown-choice", "where", got="thresh"):
        tc.cite(small_run, where={"thresh": "x"})
    with refused("unknown-citation-piece", "name", got="word", names="bibtex"):
        citation.piece("word")


def test_a_median_beyond_the_horizon_is_said_to_be_there() -> None:
    run = synthetic()
    arrival = run["outcomes"]["arrival"].copy()
    arrival.loc[{"milestone": "whole"}] = np.where(np.arange(arrival.sizes["draw"]) % 4 == 0, 2040.0, np.inf)
    run["outcomes"]["arrival"] = arrival
    assert "the median is >2080" in sentence(AsItIs(run))


@pytest.mark.slow
def test_an_old_run_file_is_cited() -> None:
    run = tc.open_run(ROOT / "tests" / "data" / "run_version_3.nc")
    citation = tc.cite(run)
    assert run.attrs["run_id"] in citation.bibtex
    assert str(run.attrs["conditions"]).split(",")[0] in citation.methods


@pytest.mark.slow
def test_runs_of_every_model_are_cited() -> None:
    scenarios: dict[str, list[str]] = {
        "baseline": ["AI speeds up"],
        "full_takeoff/best_guess": ["full_takeoff"],
        "horizon/eli_2026_01": ["ai_futures"],
        "ai2027/time_horizon_eli": ["time_horizon_extension"],
        "ai2027/takeoff": ["ai2027_takeoff"],
        "software_explosion/davidson_2025": ["software_explosion"],
        "research_automation/kwa_2026": ["research_automation"],
    }
    for name, words in scenarios.items():
        scenario = tc.load(name)
        run: Any = tc.simulate(scenario, draws=500, seed=1, paths=0, threads=1)
        citation = tc.cite(run)
        for word in words:
            assert word in citation.methods, name
        assert run.attrs["run_id"] in citation.sentence, name
        assert len(_entries(citation.bibtex)) == 2, name
        for text in (citation.sentence, citation.methods):
            assert not re.search(r"\bnan\b|None|\{|\}|  ", text), name
        for milestone in run["summary"]["milestone"].values:
            tc.cite(run, str(milestone))
