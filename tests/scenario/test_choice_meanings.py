"""Meanings of a choice's values: read, written back, checked, and shown instead of their names."""

from __future__ import annotations

import tomli_w

import timecone as tc
from refusals import refused
from synthetic_run import synthetic
from timecone.results.run_file.choice_titles import choice_clause, choice_title
from timecone.scenario.file import dumps, loads


def test_meanings_survive_writing_and_do_not_count_in_the_digest() -> None:
    baseline = tc.load("baseline")
    text = dumps(baseline)
    assert loads(text).choices["data"].meanings["binding"] == "training data are limiting"
    plain = text.replace("training data are limiting", "data are scarce")
    assert plain != text
    assert loads(plain).digest == baseline.digest


def test_a_meaning_of_no_value_is_refused() -> None:
    text = dumps(tc.load("baseline")).replace('escaped = "training', 'escapes = "training')
    with refused("meaning-of-no-value", "choices.data.meanings.escapes"):
        loads(text)


def test_a_run_says_what_a_value_means_or_its_name() -> None:
    run = synthetic()
    assert choice_clause(run, "view", "low_bar") == "view is low bar"
    assert choice_title(run, "view") == "view"
    table = {"title": "Which bar", "meanings": {"low_bar": "the bar is low"}}
    run.attrs["scenario"] = tomli_w.dumps({"choices": {"view": table}})
    assert choice_clause(run, "view", "low_bar") == "the bar is low"
    assert choice_clause(run, "view", "high_bar") == "view is high bar"
    assert choice_title(run, "view") == "Which bar"
    run.attrs["scenario"] = "no = toml ="
    assert choice_clause(run, "view", "low_bar") == "view is low bar"
