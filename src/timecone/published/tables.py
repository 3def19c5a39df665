"""Tables of published forecasts: each figure beside ours, and the forecasts that are not simulated."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pandas as pd

from timecone.forecasts import Forecast
from timecone.published.comparison import FigureComparison, ForecastComparison, Verdict
from timecone.published.file import PublishedFile
from timecone.published.statistics import Number
from timecone.results.tables.layout import escaped, markdown_rows
from timecone.results.tables.rounding import place
from timecone.results.tables.table import Table
from timecone.scenario.published import FigureInput

COLUMNS: Final = ("theirs", "ours", "difference", "verdict", "after the change")
LINE_COLUMNS: Final = ("date", "milestone", "kind", "percentiles", "probabilities")

_DIGITS = 3
_LARGE = 1e6
_MOST_MORE = 2


def label(figure: FigureInput, file: PublishedFile) -> str:
    """Return words for a figure: what is computed of what."""
    of = _words(file, file.published.subject(figure))
    conditions = [f"{choice} = {value}" for choice, value in figure.where.items()]
    if figure.among == "arrived":
        conditions.append("if the headline arrives" if figure.statistic == "share" else "if it is reached")
    if figure.reading is not None:
        conditions.append(f"published: {figure.reading}")
    condition = f" ({', '.join(conditions)})" if conditions else ""
    match figure.statistic:
        case "percentile":
            text = f"{of}, {figure.level:g} %"
        case "probability":
            # On a grid of dates, in its year or before.
            preposition = "before" if file.published.step is None else "by"
            text = f"P({of} {preposition} {figure.date:g})"
        case "share":
            text = f"share: {of}"
        case "trajectory":
            text = f"{of} at {figure.date:g}, {figure.level:g} %"
        case "map":
            near = f" within {figure.within:g} years" if figure.within else ""
            text = f"{of} by {_words(file, str(figure.by))}, share{near}"
        case _:
            text = of
    return text + condition


def _words(file: PublishedFile, of: str) -> str:
    """Return the model's words for what a figure is about, or its name."""
    if file.scenario is None:
        return of.replace("_", " ")
    model = file.scenario.definition
    labels = {milestone.name: milestone.label for milestone in model.milestones}
    labels |= {duration.name: duration.label for duration in model.durations}
    labels |= {extra.name: extra.label for extra in model.extras}
    return labels.get(of, of.replace("_", " "))


def _origin(figure: FigureInput, file: PublishedFile) -> str:
    """Return where a figure stands, if not in the citation, and under which change it is computed."""
    variant = [f"if {file.published.changes[figure.variant].text}"] if figure.variant else []
    return ", ".join([*filter(None, [figure.source]), *variant])


def _stated_places(figure: FigureInput) -> int:
    """Return the decimals of the published number and its error."""
    stated = [x for x in (figure.value, figure.above, figure.corrected, figure.error) if x is not None]
    return max(len(f"{x:.10g}".partition(".")[2]) for x in stated)


def _places(number: Number, stated: int) -> int:
    """Return the decimals of one of our numbers: those of the published one, more where its error allows."""
    if number.error == 0.0 or math.isinf(number.error):
        return stated
    return max(stated, min(place(number.error) - 1, stated + _MOST_MORE))


def _written(value: float, places: int) -> str:
    if math.isinf(value):
        return "not reached" if value > 0.0 else "none"
    return f"{value:.{_DIGITS}g}" if abs(value) >= _LARGE else f"{value:.{places}f}"


def _with_error(number: Number, places: int) -> str:
    if number.error == 0.0:
        return _written(number.value, places)
    if math.isinf(number.error):
        return f"{_written(number.value, places)} ± ?"
    return (
        f"{_written(number.value, places)} ± {_written(number.error, max(places, place(number.error) - 1))}"
    )


def _row(comparison: FigureComparison) -> tuple[str, ...]:
    """Return the cells of a figure, in the order of `COLUMNS`."""
    figure, ours, tested = comparison.figure, comparison.ours, comparison.tested
    stated = _stated_places(figure)
    if figure.value is None:
        assert figure.above is not None
        theirs = f">{_written(figure.above, stated)}"
    else:
        theirs = _with_error(Number(figure.value, figure.error), stated)
    if figure.allowance > figure.error:
        theirs += f" (tolerance {figure.allowance:.10g})"
    after = ""
    if tested is not None:
        places = _places(tested, stated)
        after = f"{_with_error(tested, places)} ({comparison.remaining:+.{places}f})"
        if figure.corrected is not None:
            after = f"theirs {_written(figure.corrected, stated)} ({comparison.remaining:+.{places}f})"
    return (
        theirs,
        _with_error(ours, _places(ours, stated)),
        "" if math.isinf(comparison.difference) else f"{comparison.difference:+.{_places(ours, stated)}f}",
        comparison.verdict.value,
        after,
    )


def _name(comparison: ForecastComparison) -> str:
    return f"{comparison.file.published.forecast} ({comparison.file.name})"


def published_table(comparisons: Sequence[ForecastComparison]) -> Table:
    """Return the table of all figures, by forecast."""
    rows: list[tuple[str, Sequence[str]]] = []
    empty = ("",) * len(COLUMNS)
    for comparison in comparisons:
        rows.append((_name(comparison), empty))
        above = ""
        for each in comparison.figures:
            if (origin := _origin(each.figure, comparison.file)) != above:
                rows.append((f"  {origin}:" if origin else "  as published:", empty))
                above = origin
            rows.append((f"  {label(each.figure, comparison.file)}", _row(each)))
    return Table.of_texts(
        "published",
        "Published figures and ours, each with the half of its 95 % interval",
        "forecast",
        COLUMNS,
        rows,
        text_columns=("verdict",),
    )


def causes_table(comparisons: Sequence[ForecastComparison]) -> Table | None:
    """Return the table of the causes that were tested, each with what was changed, or None.

    A difference whose cause is open has a row too, with what was tried.
    """
    rows: dict[tuple[str, ...], None] = {}
    for comparison in comparisons:
        changes = comparison.file.published.changes
        for each in comparison.figures:
            if each.tested is not None:
                change = each.figure.change
                done = "the published number recomputed" if change is None else changes[change].text
                rows[_name(comparison), each.figure.cause, done] = None
            elif each.verdict is Verdict.OPEN:
                rows[_name(comparison), f"open: {each.figure.open}", ""] = None
    if not rows:
        return None
    return Table.of_texts(
        "causes",
        "Why they differ, and the change that was made to test it",
        "forecast",
        ("cause", "change"),
        [(name, texts) for name, *texts in rows],
        text_columns=("cause", "change"),
    )


def definitions_table(comparisons: Sequence[ForecastComparison]) -> Table:
    """Return the table of what the forecasts are of, with their citations."""
    rows = [
        (
            _name(comparison),
            (
                comparison.file.published.date.isoformat(),
                comparison.file.published.milestone,
                comparison.file.published.citation,
                f"{comparison.draws:,}" if comparison.draws else "",
            ),
        )
        for comparison in comparisons
    ]
    return Table.of_texts(
        "definitions",
        "What they are of",
        "forecast",
        ("date", "milestone", "citation", "draws"),
        rows,
        text_columns=("milestone", "citation"),
    )


def lines_table(forecasts: Sequence[Forecast]) -> Table:
    """Return the table of forecasts that are not simulated: judgement, surveys, markets."""
    rows = []
    for forecast in forecasts:
        percentiles = ", ".join(f"{p:g} %: {year}" for p, year in forecast.percentiles.items())
        # By the end of a year is before the next.
        shares = ", ".join(f"{share:g} by {date - 1.0:g}" for date, share in forecast.probabilities.items())
        figures = (percentiles, shares) if percentiles or shares else ("not at hand", "")
        rows.append((forecast.name, (forecast.date, forecast.milestone, forecast.kind, *figures)))
    return Table.of_texts(
        "not_simulated",
        "Forecasts that are not simulated",
        "forecast",
        LINE_COLUMNS,
        rows,
        text_columns=LINE_COLUMNS,
    )


def records(comparisons: Sequence[ForecastComparison]) -> pd.DataFrame:
    """Return all figures as numbers, a row each, for other programs."""
    made = []
    for comparison in comparisons:
        published = comparison.file.published
        for each in comparison.figures:
            figure = each.figure
            made.append(
                {
                    "file": comparison.file.name,
                    "forecast": published.forecast,
                    "date": published.date.isoformat(),
                    "figure": label(figure, comparison.file),
                    "theirs": figure.value,
                    "theirs_above": figure.above,
                    "their_error": figure.error,
                    "tolerance": figure.allowance,
                    "ours": each.ours.value,
                    "our_error": each.ours.error,
                    "difference": each.difference,
                    "verdict": each.verdict.value,
                    "cause": figure.cause if each.tested is not None else "",
                    "open": figure.open if each.verdict is Verdict.OPEN else "",
                    "after_change": None if each.tested is None else each.tested.value,
                    "remaining": None if each.tested is None else each.remaining,
                    "source": figure.source or published.citation,
                    "draws": comparison.draws,
                }
            )
    return pd.DataFrame(made)


def sentence(comparisons: Sequence[ForecastComparison]) -> str:
    """Return how many figures have each verdict."""
    verdicts = [each.verdict for comparison in comparisons for each in comparison.figures]
    counts = [f"{verdicts.count(verdict)} {_PLURAL[verdict]}" for verdict in Verdict if verdict in verdicts]
    return f"{len(verdicts)} figures of {len(comparisons)} forecasts: {', '.join(counts)}."


_PLURAL: Final[dict[Verdict, str]] = {
    Verdict.AGREES: "agree",
    Verdict.EXPLAINED: "explained",
    Verdict.OPEN: "open",
    Verdict.DIFFERS: "differ",
    Verdict.UNDECIDED: "with too few draws",
}


def markdown_sections(comparisons: Sequence[ForecastComparison]) -> str:
    """Return a section in Markdown for each forecast: what it is of, its figures beside ours, the causes."""
    parts = [sentence(comparisons)]
    for comparison in comparisons:
        published = comparison.file.published
        source = f"[{escaped(published.citation)}]({published.url})" if published.url else published.citation
        draws = f", {comparison.draws:,} draws" if comparison.draws else ""
        table = published_table([comparison])
        about = f"{published.date.isoformat()}: {escaped(published.milestone)}. {source}."
        about += f" `{comparison.file.name}`{draws}."
        rows = markdown_rows(replace(table, rows=table.rows[1:]))
        parts += [
            f"### {escaped(published.forecast)}",
            about,
            "\n".join(rows),
        ]
        causes = causes_table([comparison])
        if causes is not None:
            lines = [
                f"{cause.text}; the change: {change.text}." if change.text else f"{cause.text}."
                for _, (cause, change) in causes.rows
            ]
            parts.append("\n".join(f"- {escaped(line[:1].upper() + line[1:])}" for line in lines))
    return "\n\n".join(parts)
