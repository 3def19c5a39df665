"""Root finding: bracketed regula falsi with the Illinois modification (Dowell & Jarratt 1971).

Superlinear where the function is smooth; after some iterations bisection takes over, which a jump or a kink
cannot delay.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from timecone.numerics.compiled import kernel


def illinois(
    function: Callable[[float, Any], float], tolerance: float, iterations: int = 60, patience: int = 31
) -> Callable[[Any, float, float, float, float], float]:
    """Return a kernel that finds where a function passes 0 from below.

    Parameters
    ----------
    function : callable
        Compiled function of a number and of a tuple of what else it needs.
    tolerance : float
        Width of the bracket at which the search ends.
    iterations : int
        At most so many.
    patience : int
        Iterations after which the bracket is halved instead.

    Returns
    -------
    callable
        Kernel of that tuple, the bracket, and the function at both of its ends: negative at the first and
        positive at the second. It returns the bracket's upper end.

    Examples
    --------
    >>> import numba
    >>> square_root = illinois(numba.njit(lambda x, arguments: x * x - arguments[0]), tolerance=1e-12)
    >>> round(square_root((2.0,), 1.0, 2.0, -1.0, 2.0), 9)
    1.414213562
    """

    @kernel
    def solve(arguments: Any, left: float, right: float, f_left: float, f_right: float) -> float:
        side = 0
        for k in range(iterations):
            x = (left * f_right - right * f_left) / (f_right - f_left)
            if k >= patience:
                x = 0.5 * (left + right)
            f = function(x, arguments)
            if f < 0.0:
                left, f_left = x, f
                if side < 0:
                    f_right *= 0.5
                side = -1
            else:
                right, f_right = x, f
                if side > 0:
                    f_left *= 0.5
                side = 1
            if right - left < tolerance or f == 0.0:
                break
        return right

    return solve
