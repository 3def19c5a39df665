"""Captions of all figures: words, and the share of the picture's height that they take.

    uv run python benchmarks/captions.py
    uv run python benchmarks/captions.py RUN

The first draws the figures of the reference images, from made-up runs; the second all figures of a run file.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt

TESTS = Path(__file__).parents[1] / "tests"


def of_reference_images() -> Iterator[tuple[str, Any]]:
    """Yield the name and the figure of every reference image."""
    sys.path += [str(TESTS / "support"), str(TESTS / "plots")]
    test_images, records, ledgers, horizons, sweeps, made_up = map(
        import_module,
        ("test_images", "history_records", "ledgers", "made_up_horizons", "sweeps", "synthetic_run"),
    )
    shown: dict[str, Any] = dict.fromkeys(test_images.OF_FITS, records.fitted())
    shown |= dict.fromkeys(test_images.OF_BACKTESTS, records.scored())
    shown |= {
        "horizons": horizons.fitted_horizons(),
        "heat_map": sweeps.swept(),
        "ledger": ledgers.forecasts(),
    }
    run = made_up.synthetic()
    for name, draw in test_images.DRAWINGS.items():
        yield name, draw(shown.get(name, run))


def of_run(path: str) -> Iterator[tuple[str, Any]]:
    """Yield the name and the figure of every drawing of a run."""
    import timecone as tc  # noqa: PLC0415 - a second where no run is asked for
    from timecone.cli.model_figures import model_drawings  # noqa: PLC0415
    from timecone.plots.catalogue import drawings  # noqa: PLC0415

    run = tc.open_run(path)
    for drawing in (*drawings(run), *model_drawings(run)):
        yield drawing.name, drawing.draw(run)
    yield "cdf of the headline", tc.plots.cdf(run, run.attrs["headline"])
    yield "cdf with published", tc.plots.cdf(run, published=True)
    yield "tornado", tc.plots.tornado(run)
    yield "correlations", tc.plots.correlations(run)


def height_share(figure: Any) -> float:
    """Return the part of the picture's height that the text at its foot takes."""
    figure.figure.canvas.draw()
    below = figure.figure._supxlabel  # noqa: SLF001 - matplotlib has no public name for it
    if below is None or not below.get_text():
        return 0.0
    box = below.get_window_extent()
    return float(box.height / figure.figure.bbox.height)


def main() -> None:
    """Print a row for each figure, and the sums."""
    mpl.use("Agg")
    words, shares = [], []
    figures = of_run(sys.argv[1]) if len(sys.argv) > 1 else of_reference_images()
    for name, figure in figures:
        words.append(len(figure.caption.split()))
        shares.append(height_share(figure))
        print(f"{name:22} {words[-1]:4} words {100.0 * shares[-1]:5.1f} % of the height")
        plt.close("all")
    print(
        f"{len(words)} figures: {sum(words)} words, mean {sum(words) / len(words):.0f}, most {max(words)};"
        f" height {100.0 * sum(shares) / len(shares):.1f} % on average, {100.0 * max(shares):.1f} % at most"
    )


if __name__ == "__main__":
    main()
