"""Citation of a run in one object: BibTeX, a sentence, a methods paragraph, tables in LaTeX and Markdown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import xarray as xr

from timecone.errors import ArgumentError
from timecone.results.citation.bibtex import bibtex
from timecone.results.citation.methods import methods
from timecone.results.citation.reading import AsItIs, ReadStatistics
from timecone.results.citation.sentence import condition_text, sentence
from timecone.results.run_file.access import headline, is_duration, label
from timecone.results.tables import latex, layout
from timecone.results.tables.arrival import probabilities, years_at_percentiles
from timecone.results.tables.comparison import Reading
from timecone.results.tables.tidy import percentile_table, probability_table

#: Pieces of a citation, by the name that a caller asks for.
PIECES: Final = ("bibtex", "sentence", "methods", "latex", "markdown")
_TITLES: Final = {
    "bibtex": "BibTeX",
    "sentence": "Sentence",
    "methods": "Methods",
    "latex": "Tables in LaTeX",
    "markdown": "Tables in Markdown",
}


@dataclass(frozen=True)
class Citation:
    """What a paper or a page takes from a run.

    Attributes
    ----------
    run_id : str
        The run.
    quantity : str
        The milestone or duration that the sentence is about.
    bibtex : str
        Entries of the software with its version, and of the run.
    sentence : str
        The median with its Monte Carlo interval and the spread of the forecast, probabilities, conditions.
    methods : str
        How the numbers came about, from what the scenario has.
    latex, markdown : str
        The probabilities by year and the years at percentiles.
    numbers : mapping of str to list of dict
        The numbers of both tables, unrounded: ``percentiles`` and ``probabilities``.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("open_loop"), draws=1000, seed=1, paths=0)
    >>> citation = tc.cite(run)
    >>> citation.quantity, citation.run_id == run.attrs["run_id"]
    ('tai', True)
    """

    run_id: str
    quantity: str
    bibtex: str
    sentence: str
    methods: str
    latex: str
    markdown: str
    numbers: Mapping[str, Any]

    def piece(self, name: str) -> str:
        """Return one piece.

        Parameters
        ----------
        name : {"bibtex", "sentence", "methods", "latex", "markdown"}
            Which one.

        Returns
        -------
        str
            The text, ready to paste.

        Raises
        ------
        ArgumentError
            There is no such piece.

        Examples
        --------
        >>> import timecone as tc
        >>> run = tc.simulate(tc.load("open_loop"), draws=1000, seed=1, paths=0)
        >>> tc.cite(run).piece("bibtex").splitlines()[2].strip()
        'title   = {{timecone: Monte Carlo simulation of AI timelines}},'
        """
        if name not in PIECES:
            raise ArgumentError(
                "unknown-citation-piece",
                "a citation has no such piece",
                where="name",
                got=name,
                allowed=", ".join(PIECES),
            )
        return str(getattr(self, name))

    def as_dict(self) -> dict[str, Any]:
        """Return all pieces and numbers as plain values.

        Returns
        -------
        dict
            Ready for JSON: what is not reached is None.

        Examples
        --------
        >>> import timecone as tc
        >>> run = tc.simulate(tc.load("open_loop"), draws=1000, seed=1, paths=0)
        >>> sorted(tc.cite(run).as_dict())[:3]
        ['bibtex', 'latex', 'markdown']
        """
        texts = {name: self.piece(name) for name in PIECES}
        return {"run_id": self.run_id, "quantity": self.quantity, **texts, **self.numbers}

    def __str__(self) -> str:
        parts = [
            f"{_TITLES[name]}\n{'-' * len(_TITLES[name])}\n{self.piece(name).rstrip()}" for name in PIECES
        ]
        return "\n\n".join(parts) + "\n"


def cite(
    run: xr.DataTree | Reading, quantity: str | None = None, *, where: Mapping[str, str] | None = None
) -> Citation:
    """Return how a run is cited: BibTeX, a sentence, a methods paragraph, tables in LaTeX and Markdown.

    Parameters
    ----------
    run : DataTree or Reweighted
        A run, simulated or opened from a file, of any model; also one given a condition, or reweighted.
    quantity : str, optional
        The milestone or duration that the sentence is about, and to which the tables are then restricted. By
        default the sentence is about the headline, and the tables are those of the whole run.
    where : mapping, optional
        Values of choices to condition on.

    Returns
    -------
    Citation
        Every piece as text; ``print`` shows all of them.

    Raises
    ------
    ArgumentError
        An unknown quantity, choice or value, or no draw counts.

    Examples
    --------
    >>> import timecone as tc
    >>> run = tc.simulate(tc.load("open_loop"), draws=1000, seed=1, paths=0)
    >>> tc.cite(run).sentence.startswith("TAI: the median is ")
    True
    """
    reading = AsItIs(run) if isinstance(run, xr.DataTree) else run
    run = reading.run
    about = quantity or headline(run)
    # Refuses an unknown name before anything is computed.
    name = label(run, about)
    rows = (
        None if quantity is None and not where else [(about, dict(where or {}), name + condition_text(where))]
    )
    statistics = ReadStatistics(reading, rows)
    tables = [table for table in (probabilities(statistics), years_at_percentiles(statistics)) if table.rows]
    numbers = {"percentiles": percentile_table(statistics)}
    if not is_duration(run, about):
        numbers["probabilities"] = probability_table(statistics)
    return Citation(
        run_id=str(run.attrs["run_id"]),
        quantity=about,
        bibtex=bibtex(run),
        sentence=sentence(reading, quantity, where),
        methods=methods(reading),
        latex=latex.latex(run, tables),
        markdown=layout.markdown(run, tables),
        numbers={
            key: json.loads(table.to_json(orient="records", double_precision=15))
            for key, table in numbers.items()
        },
    )
