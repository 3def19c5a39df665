"""Methods paragraph of a run: what was simulated and how, from the run file and the scenario in it.

Every clause rests on an entry of the run or of its scenario; what they do not say is not written.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import xarray as xr

from timecone.results.citation.sentence import weights_sentence
from timecone.results.run_file.access import components, group, label, milestones
from timecone.results.run_file.accounts import accounts, effective_draws
from timecone.results.run_file.failures import failed_draws, failures_table
from timecone.results.run_file.not_yet import rule_numbers, softer_rule
from timecone.results.run_file.provenance import history_line
from timecone.results.tables import rounding
from timecone.results.tables.accounts import rule_effect_sentence, subject
from timecone.results.tables.accounts import sentence as capitalised
from timecone.results.tables.comparison import Reading
from timecone.schema import (
    CONTRADICTED,
    DERIVED,
    GIVEN,
    INPUTS,
    REDRAWN,
    REDRAWN_UNTIL,
    REDRAWS,
    SHIFT_RULE,
)

_FEEDBACK: Final = "_feedback"
#: How the source of an input begins that `timecone fit` has written.
_OF_A_FIT: Final = "timecone fit"
_GRADES: Final = {"data": "data", "expert": "published judgement of experts", "guess": "own guesses"}
_NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

type Content = Mapping[str, Any]


def methods(reading: Reading) -> str:
    """Return a paragraph on how the numbers of a run came about.

    Parameters
    ----------
    reading : Reading
        A run as it is, or with weights. A run of another program may lack the scenario; the paragraph then
        says so and keeps to what the run states.
    """
    run = reading.run
    scenario = _scenario(run)
    parts = [
        _simulation(run),
        *_draws(run, scenario),
        *_inputs(run, scenario),
        *_choices(scenario),
        *_dependence(scenario),
        *_components(run, scenario),
        *_conditioning(run, scenario),
        _failures(run),
        weights_sentence(reading),
        _statistics(run),
        f"Conditions: {subject(run)[2].rstrip('. ')}.",
    ]
    if not scenario:
        parts.append("The run file holds no scenario, so its assumptions cannot be listed here.")
    return " ".join(" ".join(part.split()) for part in parts if part)


def _scenario(run: xr.DataTree) -> Content:
    """Return the content of the scenario that a run keeps; nothing where it keeps none."""
    try:
        return tomllib.loads(str(run.attrs.get("scenario", "")))
    except tomllib.TOMLDecodeError:
        return {}


def _table(content: Content, *keys: str) -> Content:
    """Return a table of a scenario; nothing where there is none."""
    for key in keys:
        inner = content.get(key)
        content = inner if isinstance(inner, Mapping) else {}
    return content


def _listed(items: Sequence[str]) -> str:
    """Return items as an enumeration."""
    if len(items) <= 1:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def _counted(number: int, singular: str, plural: str | None = None) -> str:
    noun = singular if number == 1 else plural or f"{singular}s"
    return f"{_NUMBERS[number] if number < len(_NUMBERS) else f'{number:,}'} {noun}"


def _simulation(run: xr.DataTree) -> str:
    a = run.attrs
    maker = f"timecone {a['version']}" if "version" in a else "timecone"
    model = f", model “{a['model']}”," if "model" in a else ""
    digest = f", digest {a['scenario_digest']}" if "scenario_digest" in a else ""
    step = f" in steps of {float(a['step']):.4g} years" if "step" in a else ""
    return (
        f"The scenario “{subject(run)[0]}” ({a['name']}{digest}) was simulated with {maker}{model}"
        f" from {float(a['start']):.6g} to {float(a['horizon']):.6g}{step} (run {a['run_id']})."
    )


def _draws(run: xr.DataTree, scenario: Content) -> Iterator[str]:
    a = run.attrs
    draws, design = int(a["draws"]), str(a.get("design", "random"))
    replicates = _table(scenario, "run").get("replicates", 8)
    kinds = {
        "random": f"{draws:,} independent joint draws of all inputs",
        "sobol": f"{draws:,} Sobol' points in {replicates} independently scrambled replicates",
        "latin": f"{draws:,} points of {replicates} independent Latin hypercubes",
    }
    if GIVEN in a:
        yield f"It rests on {draws:,} stored draws, those that satisfy: {a[GIVEN]}."
    else:
        sampled = kinds.get(design, f"{draws:,} draws of the design {design}")
        yield f"It rests on {sampled}, with the seed {int(a['seed'])}."
    if int(a.get("draws_wanted", draws)) > draws:
        yield f"The run was stopped before the {int(a['draws_wanted']):,} draws that were asked for."
    if "precision" in a:
        yield f"{capitalised(str(a['precision']).rstrip('.'))}."
    if REDRAWN in a:
        yield (
            f"{int(a[REDRAWN]):,} draws were drawn again, {int(a[REDRAWS]):,} times in all, until"
            f" {a[REDRAWN_UNTIL]}."
        )


def _inputs(run: xr.DataTree, scenario: Content) -> Iterator[str]:
    """Say how many inputs were read, how many are uncertain, what they rest on, and which were fitted."""
    stored = {
        str(name): variable
        for name, variable in group(run, INPUTS).data_vars.items()
        if not str(name).startswith("choice_") and DERIVED not in variable.attrs
    }
    stated = {name: variable for name, variable in stored.items() if "source" in variable.attrs}
    if not stated:
        return
    uncertain = [name for name, variable in stated.items() if _varies(variable)]
    grades = Counter(str(variable.attrs.get("basis", "")) for variable in stated.values())
    rests = [
        f"{count} {'rests' if count == 1 else 'rest'} on {basis}"
        for grade, basis in _GRADES.items()
        if (count := grades[grade])
    ]
    grounds = f": {_listed(rests)}" if rests else ""
    number = _counted(len(stated), "input")
    yield f"The scenario states {number}, {len(uncertain) or 'none'} of them uncertain{grounds}."
    if defaults := len(stored) - len(stated):
        verb = "keeps" if defaults == 1 else "keep"
        yield f"{capitalised(_counted(defaults, 'further parameter'))} {verb} the default of the model."
    computed = [name for name in stated if _is_computed(_quantity(scenario, name))]
    if computed:
        verb = "is computed from a formula" if len(computed) == 1 else "are computed from formulas"
        yield f"{capitalised(_counted(len(computed), 'input'))} {verb} of others ({_listed(computed)})."
    fitted = [
        name
        for name, variable in stated.items()
        if str(variable.attrs["source"]).startswith(_OF_A_FIT) or _is_posterior(_quantity(scenario, name))
    ]
    history = history_line(_table(scenario, "history"))
    if fitted:
        verb = "was" if len(fitted) == 1 else "were"
        sources = dict.fromkeys(str(stated[name].attrs["source"]) for name in fitted)
        how = history or f"fitted ({'; '.join(sources)})"
        yield f"{_listed(fitted)} {verb} not set by hand but {how}."
    elif history:
        yield f"Inputs were {history}."


def _varies(variable: xr.DataArray) -> bool:
    values = variable.values[~np.isnan(variable.values)]
    return bool(values.size and np.any(values != values.flat[0]))


def _quantity(scenario: Content, name: str) -> Content:
    component, _, quantity = name.partition(".")
    return _table(scenario, "parameters", component, quantity) or _table(scenario, "quantities", name)


def _leaves(table: Content) -> Iterator[Content]:
    """Yield the distributions and formulas of a quantity, over all values of its choices."""
    if "by" not in table:
        yield table
        return
    for inner in _table(table, "values").values():
        if isinstance(inner, Mapping):
            yield from _leaves(inner)


def _is_computed(table: Content) -> bool:
    return any("expression" in leaf or "of" in leaf for leaf in _leaves(table))


def _is_posterior(table: Content) -> bool:
    return any(leaf.get("distribution") == "posterior" for leaf in _leaves(table))


def _choices(scenario: Content) -> Iterator[str]:
    for name, choice in _table(scenario, "choices").items():
        weights = _table(choice, "weights") if isinstance(choice, Mapping) else {}
        if not weights:
            continue
        title = str(choice.get("title", "")).rstrip(". ")
        listed = _listed([f"{value} {weight:g}" for value, weight in weights.items()])
        about = f"“{name}” ({title[:1].lower()}{title[1:]})" if title else f"“{name}”"
        yield f"The choice {about} has the weights {listed}."


def _dependence(scenario: Content) -> Iterator[str]:
    correlations = scenario.get("correlations", [])
    count = len(correlations) if isinstance(correlations, list) else 0
    copula = _table(scenario, "copula")
    kind = (
        f"t copula with {copula.get('df', 0):g} degrees of freedom"
        if copula.get("kind") == "t"
        else "Gaussian copula"
    )
    if count:
        verb = "enters" if count == 1 else "enter"
        number = _counted(count, "rank correlation")
        yield f"{capitalised(number)} between inputs {verb} through a {kind}."
    elif scenario:
        yield "No rank correlations are stated between inputs."


def _components(run: xr.DataTree, scenario: Content) -> Iterator[str]:
    on = components(run)
    if on:
        feedback = [_words(name.removesuffix(_FEEDBACK)) for name in on if name.endswith(_FEEDBACK)]
        others = [_words(name) for name in on if not name.endswith(_FEEDBACK)]
        if others:
            yield f"Components of the model that are switched on: {', '.join(others)}."
        if feedback:
            yield f"Feedback is on: AI speeds up {_listed(feedback)}."
    switches = _table(scenario, "components")
    off = [_words(name) for name, state in switches.items() if state is False]
    if off:
        yield f"The scenario switches off: {', '.join(off)}."
    no_feedback = on is not None and not any(name.endswith(_FEEDBACK) for name in on)
    if no_feedback and any(name.endswith(_FEEDBACK) for name in switches):
        yield "Feedback of AI on its own progress is off."


def _words(name: str) -> str:
    return name.replace("_", " ")


def _conditioning(run: xr.DataTree, scenario: Content) -> Iterator[str]:
    account, draws = accounts(run), int(run.attrs["draws"])
    day = run.attrs.get("as_of", "the date of the forecast")
    removed = account["removed_not_yet"]
    rule = _table(scenario, "not_yet")
    known = milestones(run)
    names = [str(name) for name in rule.get("milestones", ()) if name in known]
    if rule.get("rule") == "off":
        yield f"No draw is removed for what had not happened by {day}."
    elif scenario or removed:
        which = _listed([label(run, name) for name in names]) or label(run, str(run.attrs["headline"]))
        had = which if len(names) <= 1 else f"any of {which}"
        contradict = f"Draws in which {had} had come before {day} contradict the present"
        yield f"{contradict}{_treatment(run, removed, draws)}"
        yield rule_effect_sentence(run)
    if evidence := _table(scenario, "evidence"):
        measured = _words(str(evidence.get("observable", "evidence")))
        at = f"the measured {measured} at {evidence.get('date', day)}"
        gone = account.get("removed_evidence", 0)
        yield (
            f"The other draws were kept with the probability of their likelihood given {at};"
            f" {gone:,} were removed ({rounding.share_of(gone, draws)} of all)."
        )


def _treatment(run: xr.DataTree, removed: int, draws: int) -> str:
    """Say what the not-yet rule does with the draws that it concerns, as the end of a sentence."""
    if not softer_rule(run):
        return f" and were removed ({removed:,}, {rounding.share_of(removed, draws)})."
    numbers = rule_numbers(run)
    share = rounding.share_of(int(run.attrs[CONTRADICTED]), draws)
    if softer_rule(run) == SHIFT_RULE:
        return (
            f" ({share}). Their dates were moved later, the first such event to {run.attrs.get('as_of', '')}"
            f" plus an exponential delay with a mean of {numbers['delay']:g} years."
        )
    missed = ", ".join(f"{label(run, name)} {p:g}" for name, p in numbers.items())
    text = (
        f" ({share}). They were kept with the probability that such an event was missed ({missed}), which"
        f" removed {removed:,} ({rounding.share_of(removed, draws)})."
    )
    effective = effective_draws(run)
    return text if effective is None else f"{text} Weighting instead would be worth {effective:,.0f} draws."


def _failures(run: xr.DataTree) -> str:
    failed, draws = failed_draws(run), int(run.attrs["draws"])
    if not failed:
        return "No draw failed."
    reasons = [str(row["meaning"]) for row in failures_table(run).to_dict("records")]
    why = f" ({'; '.join(dict.fromkeys(reasons))})" if reasons else ""
    share = rounding.share_of(failed, draws)
    if failed == 1:
        return f"One draw ({share}) failed{why}; it is in no number."
    return f"{failed:,} draws ({share}) failed{why}; they are in no number."


def _statistics(run: xr.DataTree) -> str:
    counted = accounts(run)["counted"]
    design = str(run.attrs.get("design", "random"))
    intervals = (
        "order statistics for percentiles, Wilson's for probabilities"
        if design == "random" or GIVEN in run.attrs
        else "from the spread between the replicates"
    )
    return (
        f"Percentiles are order statistics of the {counted:,} counted draws; a draw in which a milestone does"
        f" not come by {float(run.attrs['horizon']):.6g} counts as later than every date. Intervals are 95 %"
        f" Monte Carlo intervals ({intervals}); they do not cover the error of the model."
    )
