"""The normal score against SciPy's inverse of the normal distribution."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from timecone.inputs.normal_score import LARGEST_SCORE, to_normal_scores

# Cells of the uniforms are 2**-52 wide: their midpoints reach from 2**-53 to 1 - 2**-53.
SMALLEST = 2.0**-53
LOWER_TAIL = np.geomspace(SMALLEST, 0.5, 20_000)
EVEN = (np.arange(20_000) + 0.5) / 20_000
CENTRE = 0.5 + np.concatenate([2.0 ** -np.arange(2.0, 50.0), -(2.0 ** -np.arange(2.0, 50.0))])


def scored(uniforms):
    values = uniforms.copy()
    to_normal_scores(values)
    return values


def test_score_is_ndtri_in_the_lower_tail():
    np.testing.assert_allclose(scored(LOWER_TAIL), ndtri(LOWER_TAIL), rtol=1e-13, atol=0.0)


def test_score_is_ndtri_in_the_upper_tail():
    upper = 1.0 - LOWER_TAIL
    np.testing.assert_allclose(scored(upper), ndtri(upper), rtol=1e-13, atol=0.0)


def test_score_is_ndtri_in_the_body():
    for uniforms in (EVEN, CENTRE):
        np.testing.assert_allclose(scored(uniforms), ndtri(uniforms), rtol=1e-13, atol=0.0)


def test_scores_do_not_fall_where_the_cells_of_the_table_meet():
    seams = np.ldexp(1.0 + np.arange(32) / 32.0, -np.arange(2, 50)[:, None]).ravel()
    around = seams + np.spacing(seams) * np.arange(-3, 4)[:, None]
    assert (np.diff(scored(around.ravel()).reshape(around.shape), axis=0) >= 0.0).all()


def test_what_is_no_uniform_reads_no_foreign_memory():
    found = scored(np.array([np.nan, 0.0, 1.0, 0.3]))
    assert np.isnan(found[0])
    assert np.isfinite(found[1:]).all()


def test_the_median_has_score_0_exactly():
    assert scored(np.array([0.5])).item() == 0.0


def test_scores_are_symmetric():
    # 1 - u is exact on this grid, as it is for every uniform that is drawn.
    uniforms = (np.arange(4096) + 0.5) / 8192.0
    np.testing.assert_array_equal(scored(1.0 - uniforms), -scored(uniforms))


def test_no_score_lies_beyond_the_largest():
    ends = scored(np.array([SMALLEST, 1.0 - SMALLEST]))
    assert (np.abs(ends) < LARGEST_SCORE).all()
    assert LARGEST_SCORE - np.abs(ends).max() < 0.1
