"""Building the parts of a scenario, with complaints in one line of ours."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ValidationError

from timecone.errors import ScenarioError, TimeconeError, unknown_key


def validated[M: BaseModel](model: type[M], fields: object, where: str) -> M:
    """Build a pydantic model; turn its first complaint into one line of ours."""
    try:
        return model.model_validate(fields)
    except TimeconeError as error:
        raise error.at(f"{where}.") if where and error.where else error.at(where) from None
    except ValidationError as error:
        first: Any = error.errors(include_url=False)[0]
        steps = [str(step) for step in first["loc"] if step != "[key]"]
        place = ".".join([where, *steps]).strip(".")
        cause = first.get("ctx", {}).get("error")
        if isinstance(cause, TimeconeError):
            raise cause.at(f"{place}.") if cause.where else cause.at(place) from None
        if first["type"] == "extra_forbidden":
            key = str(first["loc"][-1])
            section: Any = model
            for step in first["loc"][:-1]:
                section = section.model_fields[step].annotation
            table = place.removesuffix(key).removesuffix(".")
            raise unknown_key(key, section.model_fields, table) from None
        if first["type"] == "missing":
            raise ScenarioError("missing-key", "missing", where=place) from None
        raise _refusal(first, place) from None


_BOUNDS = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
# By pydantic's name of a complaint, longer names first.
_COMPLAINTS = {
    "string_too_short": ScenarioError("empty-text", "empty", allowed="some text"),
    "string_pattern": ScenarioError(
        "not-a-name", "not a name", allowed="letters, digits, '_', '.' and '-', the first a letter or digit"
    ),
    "string": ScenarioError("not-text", "not text", allowed="text in quotes"),
    "date": ScenarioError("not-a-date", "not a date", allowed="a date without quotes, such as 2026-08-22"),
    "float": ScenarioError("not-a-number", "not a number", allowed="a number"),
    "finite_number": ScenarioError("not-finite", "not finite", allowed="a finite number"),
    "int": ScenarioError("not-a-whole-number", "not a whole number", allowed="a whole number without quotes"),
    "bool": ScenarioError("not-a-truth-value", "not a truth value", allowed="true or false without quotes"),
}


def _refusal(complaint: dict[str, Any], place: str) -> ScenarioError:
    """Return a complaint of pydantic as an error of timecone."""
    kind, context, got = complaint["type"], complaint.get("ctx", {}), complaint["input"]
    if kind == "literal_error":
        return ScenarioError(
            "unknown-value", "unknown value", where=place, got=got, allowed=str(context["expected"])
        )
    for beginning, error in _COMPLAINTS.items():
        if kind.startswith(beginning):
            return ScenarioError(error.code, error.what, where=place, got=got, allowed=error.allowed)
    for key, comparison in _BOUNDS.items():
        if key in context:
            bound = context[key]
            shown = bound if isinstance(bound, int) else f"{bound:g}"
            return ScenarioError(
                "out-of-range", "out of range", where=place, got=got, allowed=f"{comparison} {shown}"
            )
    message: str = complaint["msg"]
    return ScenarioError("invalid-value", message[:1].lower() + message[1:], where=place, got=got)
