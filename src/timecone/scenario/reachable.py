"""Reachability: the quantities from which others are computed, directly or through further ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping


def reachable(roots: Iterable[str], mentions: Mapping[str, Collection[str]]) -> set[str]:
    """Return all names that the roots mention, and those that these mention.

    Parameters
    ----------
    roots : iterable of str
        Where to begin; not part of the result unless something mentions them.
    mentions : mapping of str to collection of str
        The names that each name mentions; names without an entry are left out.

    Returns
    -------
    set of str
        The names that have an entry and are mentioned.

    Examples
    --------
    >>> sorted(reachable(["a"], {"a": ["b"], "b": ["c", "x"], "c": [], "d": ["a"]}))
    ['b', 'c']
    """
    reached: set[str] = set()
    waiting = list(roots)
    while waiting:
        fresh = {name for name in mentions[waiting.pop()] if name in mentions} - reached
        reached |= fresh
        waiting += fresh
    return reached
