"""The data wall: its formula derived by machine, and its limits."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from timecone.models.compute.components.data_wall import equivalent, matched_compute, passed_on

ALPHA, BETA = 0.3478, 0.3658
x, alpha, beta = sp.symbols("x alpha beta", positive=True)
#: (L / L*(C_D)) as the docstring has it, with log10(C' / C_D) = -(alpha + beta) / (alpha beta) log10 of it.
STATED = (beta * 10 ** (-alpha * x) + alpha) / (alpha + beta)
FORMULA = -(alpha + beta) / (alpha * beta) * sp.log(STATED, 10)


def test_the_formula_follows_from_the_loss():
    """From L = A N**-alpha + B D**-beta and C = 6 N D alone, all in natural logarithms."""
    a, b, c, n = sp.symbols("a b c n", real=True)

    def terms(parameters, tokens):
        return sp.exp(a - alpha * parameters), sp.exp(b - beta * tokens)

    def tokens(compute, parameters):
        return compute - sp.log(6) - parameters

    # The optimal split: dL/dn = 0 at fixed C is alpha A N**-alpha = beta B D**-beta.
    of_n, of_d = terms(n, tokens(c, n))
    assert sp.simplify(sp.diff(of_n + of_d, n) - (beta * of_d - alpha * of_n)) == 0
    best = (sp.log(alpha / beta) + a - b + beta * (c - sp.log(6))) / (alpha + beta)
    in_logs = sp.log(alpha) + a - alpha * best - sp.log(beta) - b + beta * tokens(c, best)
    assert sp.simplify(sp.expand_log(in_logs)) == 0

    # There L* = (alpha + beta) / beta A N**-alpha, and its logarithm falls with that of C at a constant rate.
    exponent = sp.simplify(-sp.diff(a - alpha * best, c))
    assert sp.simplify(exponent - alpha * beta / (alpha + beta)) == 0

    # Beyond C_D = 10**-x C the tokens stay and N grows with C. In units of A N**-alpha at C_D:
    of_n_at_matched = sp.Integer(1)
    of_d_at_matched = alpha / beta
    optimal = of_n_at_matched + of_d_at_matched
    bound = of_n_at_matched * sp.exp(-alpha * x * sp.log(10)) + of_d_at_matched
    assert sp.simplify((bound / optimal).rewrite(sp.exp) - STATED.rewrite(sp.exp)) == 0

    # C' has L*(C') = L: (C' / C_D)**-exponent = L / L*(C_D).
    equivalent_compute = -sp.log(STATED, 10) / exponent
    compiled = sp.lambdify((x, alpha, beta), equivalent_compute, "numpy")
    excess = np.linspace(0.0, 40.0, 401)
    found = np.array([equivalent(e, ALPHA, BETA) for e in excess])
    np.testing.assert_allclose(found, compiled(excess, ALPHA, BETA), rtol=0.0, atol=1e-12)


def test_it_leaves_with_slope_1_and_saturates():
    assert sp.simplify(FORMULA.subs(x, 0)) == 0
    slope = sp.diff(FORMULA, x)
    assert sp.simplify(slope.subs(x, 0)) == 1
    part = 10 ** (-alpha * x)
    assert sp.simplify(slope - (alpha + beta) * part / (beta * part + alpha)) == 0
    most = (alpha + beta) / (alpha * beta) * sp.log((alpha + beta) / alpha, 10)
    assert sp.simplify(sp.expand_log(FORMULA.subs(part, 0) - most, force=True)) == 0
    assert float(most.subs({alpha: ALPHA, beta: BETA})) == pytest.approx(1.75, abs=0.005)


def test_the_kernels_wall_saturates_there_too():
    most = (ALPHA + BETA) / (ALPHA * BETA) * np.log10((ALPHA + BETA) / ALPHA)
    assert equivalent(0.0, ALPHA, BETA) == 0.0
    assert equivalent(60.0, ALPHA, BETA) == pytest.approx(most, abs=1e-12)
    assert passed_on(0.0, ALPHA, BETA) == pytest.approx(1.0, abs=1e-15)
    h = 1e-5
    for excess in (0.5, 2.0, 7.0):
        slope = (equivalent(excess + h, ALPHA, BETA) - equivalent(excess - h, ALPHA, BETA)) / (2.0 * h)
        assert passed_on(excess, ALPHA, BETA) == pytest.approx(slope, abs=1e-8)


def test_at_c_d_compute_optimal_training_wants_just_the_tokens_there_are():
    for tokens in (1e12, 3.2e14):
        compute = 10.0 ** matched_compute(tokens, 20.0)
        assert np.sqrt(compute * 20.0 / 6.0) == pytest.approx(tokens, rel=1e-12)
