"""The command that writes a new scenario file from what differs from another one."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from timecone.cli.app import app
from timecone.cli.inheritance import print_inheritance
from timecone.cli.inputs import print_check
from timecone.cli.output import plain
from timecone.errors import ArgumentError, TimeconeError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from timecone.scenario.new_file import NewScenario

#: Longest line that is read as an answer.
_LONGEST = 100_000
_YES, _NO = ("y", "yes"), ("n", "no", "")


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the scenario: writes NAME.toml.")],
    extends: Annotated[
        str, typer.Option(metavar="SCENARIO", help="Preset or scenario file that it extends.")
    ] = "baseline",
    title: Annotated[str, typer.Option(help="One line for people.")] = "",
    stated: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="INPUT=ANSWER",
            help='An input that differs, as "hardware.headroom=lognormal p05=1 p95=4"; may be repeated.',
        ),
    ] = None,
    switch: Annotated[
        list[str] | None,
        typer.Option(metavar="COMPONENT=on|off", help="A component to switch; may be repeated."),
    ] = None,
    weights: Annotated[
        list[str] | None,
        typer.Option(metavar="CHOICE:VALUE=W,...", help="Weights of a choice; may be repeated."),
    ] = None,
    source: Annotated[str, typer.Option(help="Source of what --set and --weights state.")] = "",
    basis: Annotated[str, typer.Option(help="Grade of it: data, expert or guess.")] = "guess",
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Date of its evidence; by default that of the other file."),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep inherited inputs that belong together with changed ones.")
    ] = False,
    folder: Annotated[
        Path | None, typer.Option(help="Where to write; the current folder by default.")
    ] = None,
) -> None:
    """Write a commented scenario file that extends another one: asks what differs, or takes it by options."""
    from timecone.scenario.new_file import NewScenario

    draft = NewScenario(name, extends, folder)
    about: dict[str, Any] = {"source": source, "basis": basis}
    about |= {} if as_of is None else {"as_of": as_of.date()}
    if stated or switch or weights or title:
        _take(draft, stated or [], switch or [], weights or [], about)
        draft.entitle(title)
        if keep:
            draft.keep_members()
    else:
        _interview(draft, keep=keep)
    try:
        path = draft.save()
    except TimeconeError as error:
        if error.code == "group-restated-in-part":
            error.remedy = f"{error.remedy} The option --keep writes it."
        raise
    scenario = draft.check()
    plain(str(path))
    print_check(scenario)
    print_inheritance(path)
    if scenario.equals(draft.parent):
        sys.stderr.write(f"timecone: every number is that of {draft.extends}: nothing that counts differs.\n")


def _take(
    draft: NewScenario, stated: list[str], switch: list[str], weights: list[str], about: dict[str, Any]
) -> None:
    """Take what differs from options."""
    from timecone.scenario.new_file import read_answer

    for text in stated:
        name, sign, answer = text.partition("=")
        if not sign:
            raise _unreadable("--set", text, "INPUT=ANSWER, such as hardware.headroom=3.5")
        table = read_answer(answer)
        draft.state(name.strip(), {**{k: v for k, v in about.items() if v}, **table})
    for text in switch:
        component, on = _switched("--switch", text)
        draft.switch(component, on=on)
    for text in weights:
        choice, shares = _weighed("--weights", text)
        draft.weigh(choice, shares, **{k: v for k, v in about.items() if v})


def _unreadable(where: str, got: str, allowed: str) -> ArgumentError:
    return ArgumentError(
        "unreadable-option", "the option cannot be read", where=where, got=got, allowed=allowed
    )


def _switched(where: str, text: str) -> tuple[str, bool]:
    component, _, state = (part.strip() for part in text.partition("="))
    if state not in ("on", "off"):
        raise _unreadable(where, text, "COMPONENT=on or COMPONENT=off")
    return component, state == "on"


def _weighed(where: str, text: str) -> tuple[str, dict[str, float]]:
    choice, _, listed = text.partition(":")
    shares = {}
    for part in listed.split(","):
        value, sign, weight = (piece.strip() for piece in part.partition("="))
        try:
            shares[value] = float(weight)
        except ValueError:
            sign = ""
        if not sign:
            raise _unreadable(where, text, "CHOICE:VALUE=WEIGHT,..., such as data:binding=0.3,escaped=0.7")
    return choice.strip(), shares


class _Answers:
    """Answers from the standard input: asked for on a terminal, read line by line from a script."""

    def __init__(self) -> None:
        self.is_terminal = sys.stdin.isatty()

    def ask(self, question: str, default: str = "") -> str:
        """Return the next answer; the default where it is empty."""
        if self.is_terminal:
            sys.stdout.write(f"{question}{f' [{default}]' if default else ''}: ")
            sys.stdout.flush()
        line = sys.stdin.readline(_LONGEST + 1)
        if not line:
            raise ArgumentError(
                "answers-end-early",
                "the answers end before the last question",
                where="standard input",
                got=question,
                allowed="an answer on a line of its own, empty for the default",
            )
        if len(line) > _LONGEST:
            raise ArgumentError(
                "answer-too-long",
                "an answer is too long",
                where="standard input",
                got=len(line),
                allowed=f"at most {_LONGEST:,} characters",
            )
        return line.strip() or default

    def until_valid[T](self, question: str, read: Callable[[str], T], default: str = "") -> T:
        """Return what an answer is read as; on a terminal it is asked for until it can be."""
        while True:
            try:
                return read(self.ask(question, default))
            except UsageError as error:
                if not self.is_terminal or error.code == "answers-end-early":
                    raise
                self.say(error.line)

    def say(self, line: str) -> None:
        """Show a line where somebody reads it."""
        if self.is_terminal:
            plain(f"  {line}")


def _interview(draft: NewScenario, *, keep: bool) -> None:
    """Ask what differs, one thing after the other; every answer is checked at once."""
    answers = _Answers()
    answers.until_valid(f"Title (empty: that of {draft.extends})", draft.entitle)
    while answers.until_valid(
        "Input that differs (its name, ? lists them, empty goes on)",
        lambda text: _input(draft, answers, text),
    ):
        pass
    while answers.until_valid(
        "Component to switch (NAME=on or NAME=off, ? lists them, empty goes on)",
        lambda text: _component(draft, answers, text),
    ):
        pass
    while answers.until_valid(
        "Weights of a choice (CHOICE:VALUE=W,..., ? lists them, empty goes on)",
        lambda text: _choice(draft, answers, text),
    ):
        pass
    try:
        draft.check()
    except TimeconeError as error:
        if error.code != "group-restated-in-part":
            raise
        answers.say(error.line)
        if keep or answers.until_valid("Keep what is inherited of these (yes or no)", _yes_or_no, "no"):
            draft.keep_members()


def _yes_or_no(text: str) -> bool:
    if text.lower() in (*_YES, *_NO):
        return text.lower() in _YES
    raise ArgumentError("not-yes-or-no", "neither yes nor no", where="answer", got=text, allowed="yes or no")


def _input(draft: NewScenario, answers: _Answers, name: str) -> bool:
    """Ask for one input; return whether there may be another one."""
    from timecone.scenario.new_file import read_answer, read_day

    if not name:
        return False
    if name == "?":
        for parameter in draft.parent.definition.parameters:
            answers.say(f"{parameter.name}: {parameter.meaning}")
        return True
    for line in draft.inherited(name):
        answers.say(line)

    def distribution(text: str) -> dict[str, Any]:
        table = read_answer(text)
        # With a source that is asked for next: a distribution that cannot be is refused here.
        draft.state(name, {"source": "to be stated", **table})
        return table

    def rest(key: str) -> Callable[[str], None]:
        def read(text: str) -> None:
            table[key] = read_day(text) if key == "as_of" else text
            draft.state(name, {"source": "to be stated", **table} if key != "source" else table)

        return read

    table = answers.until_valid("  Distribution (as lognormal p05=1 p95=4, or one number)", distribution)
    defaults = {
        "unit": draft.unit_of(name),
        "source": "",
        "basis": "guess",
        "as_of": draft.parent.as_of.isoformat(),
    }
    questions = {
        "unit": "  Unit",
        "source": "  Source",
        "basis": "  Grade (data, expert, guess)",
        "as_of": "  Date of the evidence",
    }
    for key, question in questions.items():
        if key not in table:
            answers.until_valid(question, rest(key), defaults[key])
    return True


def _component(draft: NewScenario, answers: _Answers, text: str) -> bool:
    """Take one switch; return whether there may be another one."""
    if not text:
        return False
    if text == "?":
        on = draft.parent.components_on
        for part in draft.parent.definition.components:
            state = "on" if part.name in on else "off"
            answers.say(f"{part.name} ({state}): {part.meaning}")
        return True
    component, switched_on = _switched("answer", text)
    draft.switch(component, on=switched_on)
    return True


def _choice(draft: NewScenario, answers: _Answers, text: str) -> bool:
    """Take the weights of one choice; return whether there may be another one."""
    if not text:
        return False
    if text == "?":
        for name, choice in draft.parent.choices.items():
            listed = ",".join(f"{value}={weight:g}" for value, weight in choice.weights.items())
            answers.say(f"{name}:{listed}  {choice.title}")
        return True
    choice_name, shares = _weighed("answer", text)
    draft.weigh(choice_name, shares)
    source = answers.ask("  Source of the weights", "own judgement")
    draft.weigh(choice_name, shares, source=source)
    return True
