"""Second implementation of the compute model, written from the pages of docs/model alone.

:func:`solve` takes the inputs of a single draw, as a run file stores them, and returns the dates and the
statuses of the draw's milestones, and the extras. Nothing is imported from the package: each function below
is an equation of the page that heads its section, and :func:`scipy.integrate.solve_ivp` integrates them with
its own error control. It is slow, about a tenth of a second per draw, and meant to be read next to the pages.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.integrate import solve_ivp

INF = math.inf
LN_10 = math.log(10)
LOG10_2 = math.log10(2)
#: Shortfall of effective compute at a milestone, as a share of the gap: f = 0.2, 0.5 and 1 (automation.md).
SHORTFALL = {"automation_20": 1.0, "automation_50": 0.625, "tai": 0.0}
#: Longest step of the integrator, years. It keeps a kink of the equations from being stepped over.
LONGEST_STEP = 0.25
#: From here on 1 / (1 + 10**-x) is 1 in double precision, and 10**x nears the largest double.
LARGE = 300.0

#: Growth of effective compute at TAI that counts as a blow-up, OOM a year (outcomes.md).
BLOW_UP = 20.0

#: Share of tasks that AI has taken over at the milestone `taken_over_20` (automation.md).
TAKEN_OVER = 0.2

Vector = npt.NDArray[np.float64]
Surplus = Callable[[float, "State"], float]


# ----------------------------------------------------------------------------- hardware.md and algorithms.md


def trend(time: float) -> float:
    """Return the growth in OOM a year of what doubles, or halves, in ``time`` years."""
    return LOG10_2 / time


def headroom_at_start(stated: float, year: float, start: float, time: float) -> float:
    """Return h: what is left of a headroom stated for ``year`` after the trend's progress since."""
    return max(stated - trend(time) * max(start - year, 0.0), 0.0)


def limited(progress: float, headroom: float) -> float:
    """Return the OOM gained after unlimited ``progress``: -log10 of the x of hardware.md."""
    left = 10.0**-headroom
    return -math.log10(left + (1 - left) * 10.0**-progress)


# ------------------------------------------------------------------------------------------------ economy.md


def output_growth(gamma: float, gamma_a: float, u: float) -> float:
    """Return dy/dt."""
    return (1 - u) * math.log10(1 + gamma) + u * math.log10(1 + gamma + gamma_a)


# --------------------------------------------------------------------------------------------- investment.md


def soft_minimum(levels: Iterable[float]) -> float:
    """Return the harmonic soft minimum of powers of ten, all in log10."""
    levels = list(levels)
    lowest = min(levels)
    return lowest - math.log10(sum(10.0 ** (lowest - level) for level in levels))


def awake(u: float, u_w: float) -> float:
    """Return omega, the extent to which investors have woken up."""
    return min(max(u / u_w - 0.5, 0.0), 1.0)


def trend_that_spends(spending: float, cap: float) -> float:
    """Return the z at which spending is ``spending``, below a cap."""
    return spending - math.log10(1 - 10.0 ** (spending - cap))


# ------------------------------------------------------------------------------------------------- supply.md


def above(level: float, present: float) -> float:
    """Return log10(10**level - 10**present), -inf where that is not positive."""
    return level + math.log10(-math.expm1(LN_10 * (present - level))) if level > present else -INF


def in_sum(*levels: float) -> float:
    """Return log10 of a sum of powers of ten."""
    largest = max(levels)
    return largest + math.log10(sum(10.0 ** (level - largest) for level in levels))


def more_chips(research: float, returns: float, headroom: float) -> float:
    """Return log10 of the factor by which research relaxes the limit of chips; ``research`` is log10 w."""
    return limited(returns * research, headroom)


def supply_limit(level: float, growth: float, year: float) -> float:
    """Return log10 C_k, infinite for a limit that is not stated."""
    return math.log10(level) + growth * (year - 2030) if level < INF else INF


# --------------------------------------------------------------------------------------------------- data.md


def tokens_wanted(compute: float, k: float) -> float:
    """Return log10 D*."""
    return (compute + math.log10(k / 6)) / 2


def wall_loss(compute: float, data: float, k: float, alpha: float, beta: float) -> float:
    """Return w."""
    x = compute - (math.log10(6 / k) + 2 * data)
    if x <= 0:
        return 0.0
    scale = (alpha + beta) / (alpha * beta)
    return x + scale * math.log10((beta * 10.0 ** (-alpha * x) + alpha) / (alpha + beta))


# --------------------------------------------------------------------------------------------- automation.md


def automation_share(shortfall: float, gap: float) -> float:
    """Return f at ``shortfall`` OOM below the requirement."""
    return min(max(1 - 0.8 * shortfall / gap, 0.0), 1.0)


# ----------------------------------------------------------------------------------------------- research.md


def research_labour(u: float, log_k: float, sigma: float, parallelisation: float) -> float:
    """Return log10 m."""
    alpha = min(u, 1 / (1 + 10.0**-log_k) if abs(log_k) < LARGE else float(log_k > 0))
    if alpha <= 0:
        return 0.0
    rho = 1 - 1 / sigma
    machines = (1 - rho) * math.log10(alpha) + rho * log_k
    humans = (1 - rho) * math.log10(1 - alpha) if alpha < 1 else -INF
    larger = max(machines, humans)
    return (
        parallelisation / rho * (larger + math.log10(10.0 ** (machines - larger) + 10.0 ** (humans - larger)))
    )


# --------------------------------------------------------------------------------------------- deployment.md


def sensible_length(*growth: float) -> float:
    """Return the length of a run that is most worth it, from growth rates in OOM a year."""
    return 1 / (LN_10 * sum(growth))


def copies(compute: float, length: float, tokens_per_second: float, k: float = 20.0) -> float:
    """Return log10 of the copies that the chips of a run can run."""
    seconds = min(length, 1.0) * 365.25 * 86400
    parameters = (compute - math.log10(6 * k)) / 2
    return compute - math.log10(seconds) - math.log10(2 * tokens_per_second) - parameters


# --------------------------------------------------------------------------------------------- a single draw


@dataclass(frozen=True)
class Solution:
    """Dates in decimal years (infinite: not by the horizon), statuses by milestone, and the extras.

    What lies before the start has the start for its date.
    """

    arrival: dict[str, float]
    status: dict[str, str]
    extras: dict[str, float]


@dataclass
class State:
    """What the differential equations are about; vectors hold the fields in this order."""

    hardware: float  # unlimited progress of price-performance since the start, OOM
    algorithms: float  # the same of algorithms
    hardware_research: float  # log10 R
    software_research: float  # log10 R
    z: float  # uncapped trend of spending, log10 USD
    y: float  # gross world product, log10 USD a year
    u: float  # share of tasks that AI has taken over

    def vector(self) -> Vector:
        """Return the fields as an array."""
        return np.array(
            [
                self.hardware,
                self.algorithms,
                self.hardware_research,
                self.software_research,
                self.z,
                self.y,
                self.u,
            ]
        )


class Draw:
    """The equations of one draw with its inputs filled in, and what is in force at the time."""

    def __init__(self, inputs: Mapping[str, float], components: Iterable[str], start: float) -> None:
        self.inputs = inputs
        self.components = frozenset(components)
        self.start = start
        past = trend(inputs["algorithms.halving_time_past"]) * (start - inputs["threshold.reference_year"])
        self.requirement = inputs["threshold.requirement"] + inputs["threshold.neuron_complexity"] - past
        self.hardware_headroom = headroom_at_start(
            inputs["hardware.headroom"],
            inputs["hardware.headroom_year"],
            start,
            inputs["hardware.doubling_time"],
        )
        self.software_headroom = headroom_at_start(
            inputs["algorithms.headroom"],
            inputs["algorithms.headroom_year"],
            start,
            inputs["algorithms.halving_time_past"],
        )
        self.trend_ends = start + inputs["investment.trend_lifetime"]
        self.supply = self.shock("supply", "supply_shock")
        self.pause = self.shock("pause", "pause")
        self.winter, _ = self.shock("winter", "winter")
        self.supply_lost = self.paused = False
        self.output_at_pause = 0.0
        present = self.before_anything()
        self.present_run = self.price_performance(present) + self.spending(present)
        self.trend_lasts = True

    def on(self, component: str) -> bool:
        """Return whether a part of the model is switched on."""
        return component in self.components

    # Levels at a time, log10 -------------------------------------------------------------------------------

    def cap(self, state: State) -> float:
        """Return what spending cannot exceed (investment.md)."""
        y = self.output_at_pause if self.paused else state.y
        caps = [math.log10(self.inputs["investment.cap_share"]) + y]
        if self.inputs["investment.cap_usd"] < INF:
            caps.append(math.log10(self.inputs["investment.cap_usd"]))
        return soft_minimum(caps)

    def spending(self, state: State) -> float:
        """Return s."""
        return soft_minimum([state.z, self.cap(state)])

    def price_performance(self, state: State) -> float:
        """Return p."""
        initial = math.log10(self.inputs["hardware.price_performance"])
        return initial + limited(state.hardware, self.hardware_headroom)

    def training_compute(self, year: float, state: State) -> float:
        """Return log10 C (supply.md)."""
        bought = self.price_performance(state) + self.spending(state)
        added = above(bought, self.present_run)
        if not self.on("supply_limits") or added == -INF:
            return bought
        limits = {
            name: supply_limit(self.inputs[f"supply.{name}"], self.inputs[f"supply.{name}_growth"], year)
            for name in ("power", "chips", "latency")
        }
        if self.on("hardware_feedback"):
            returns = self.inputs["feedback.hardware_returns"]
            more = more_chips(state.hardware_research, returns, self.hardware_headroom)
            limits["chips"] += more
            if self.on("power_feedback"):
                limits["power"] += self.inputs["supply.power_elasticity"] * more
        return in_sum(self.present_run, soft_minimum([added, *limits.values()]))

    def data(self, year: float) -> float:
        """Return log10 D (data.md)."""
        stock = self.inputs["data.stock"] * self.inputs["data.multiplier"]
        return math.log10(stock) + (year - self.start) * math.log10(1 + self.inputs["data.growth"])

    def wall(self, year: float, compute: float) -> float:
        """Return the OOM that the data wall takes."""
        i = self.inputs
        if not self.on("data_wall") or i["data.binding"] == 0:
            return 0.0
        k, alpha, beta = (
            i[f"data.{name}"] for name in ("tokens_per_parameter", "parameter_exponent", "token_exponent")
        )
        return i["data.binding"] * wall_loss(compute, self.data(year), k, alpha, beta)

    def effective_compute(self, year: float, state: State) -> float:
        """Return E (effective.md)."""
        compute = self.training_compute(year, state)
        gain = limited(state.algorithms, self.software_headroom)
        return compute - self.wall(year, compute) + gain

    def share(self, year: float, state: State) -> float:
        """Return f (automation.md)."""
        return automation_share(
            self.requirement - self.effective_compute(year, state), self.inputs["automation.gap"]
        )

    # Rates, per year ---------------------------------------------------------------------------------------

    def rates(self, year: float, state: State) -> State:
        """Return the derivative of every part of the state."""
        i = self.inputs
        f, lag = self.share(year, state), i["automation.adoption_lag"]
        u = state.u if lag > 0 else f
        m = self.labour(year, state, u)
        hardware, hardware_research = self.progress(
            "hardware", i["hardware.doubling_time"], m, state.hardware_research
        )
        software, software_research = self.progress(
            "software", i["algorithms.halving_time"], m, state.software_research
        )
        dy = output_growth(
            i["economy.growth"], i["economy.automation_growth"] if self.on("output_feedback") else 0.0, u
        )
        dz = self.spending_growth(math.log10(i["investment.growth"]) if self.trend_lasts else dy, u)
        if self.supply_lost:
            hardware = hardware_research = 0.0
        if self.paused:
            software *= i["shocks.pause_research_share"]
            software_research *= i["shocks.pause_research_share"]
            dz = 0.0
        return State(
            hardware,
            software,
            hardware_research,
            software_research,
            dz,
            dy,
            (f - u) / lag if lag > 0 else 0.0,
        )

    def labour(self, year: float, state: State, u: float) -> float:
        """Return log10 m (research.md)."""
        i = self.inputs
        if not self.on("software_feedback") and not self.on("hardware_feedback"):
            return 0.0
        workers = i["feedback.workforce"] + self.effective_compute(year, state) - self.requirement
        return research_labour(u, workers, i["feedback.substitution"], i["feedback.parallelisation"])

    def progress(self, kind: str, time: float, m: float, research: float) -> tuple[float, float]:
        """Return the rates of unlimited progress and of log10 R (research.md)."""
        if not self.on(f"{kind}_feedback"):
            return trend(time), 0.0
        v = 10.0 ** (m - research)
        return trend(time) * v, trend(time) / self.inputs[f"feedback.{kind}_returns"] * (v - 1)

    def spending_growth(self, growth: float, u: float) -> float:
        """Return dz/dt (investment.md)."""
        if not self.on("investment_feedback"):
            return growth
        omega = awake(u, self.inputs["investment.wakeup_share"])
        return (1 - omega) * growth + omega * max(growth, math.log10(self.inputs["investment.wakeup_growth"]))

    def effective_growth(self, year: float, state: State) -> float:
        """Return dE/dt."""
        short = 2.0**-24  # a power of two: the year later is exact
        later = State(*(state.vector() + short * self.rates(year, state).vector()))
        return (self.effective_compute(year + short, later) - self.effective_compute(year, state)) / short

    # The start ---------------------------------------------------------------------------------------------

    def before_anything(self) -> State:
        """Return the state at the start with nothing taken over."""
        run, output = self.inputs["investment.largest_run"], self.inputs["economy.output"]
        return State(0.0, 0.0, 0.0, 0.0, math.log10(run), math.log10(output), 0.0)

    def initial(self) -> State:
        """Return the state at the start, before any shock."""
        i, state = self.inputs, self.before_anything()
        f, lag = self.share(self.start, state), i["automation.adoption_lag"]
        state.u = max(f - lag * 0.8 / i["automation.gap"] * self.effective_growth(self.start, state), 0.0)
        return state

    def run_length_limit(self) -> float:
        """Return the sensible length of a run at the start (deployment.md)."""
        i = self.inputs
        return sensible_length(
            trend(i["hardware.doubling_time"]),
            trend(i["algorithms.halving_time"]),
            math.log10(i["investment.growth"]),
        )

    # Shocks and the end of the trend -----------------------------------------------------------------------

    def shock(self, name: str, component: str) -> tuple[float, float]:
        """Return when a shock begins and ends, infinite where it does not come (shocks.md)."""
        if not self.on(component):
            return INF, INF
        begins = self.start + self.inputs[f"shocks.{name}_start"]
        return begins, begins + self.inputs.get(f"shocks.{name}_duration", 0.0)

    def change(self, now: float, state: State) -> None:
        """Apply what begins or ends at this time."""
        i = self.inputs
        if now == self.supply[0]:
            state.hardware -= trend(i["hardware.doubling_time"]) * i["shocks.supply_setback"]
        if now == self.winter and i["shocks.winter_depth"] > 0:
            state.z = trend_that_spends(self.spending(state) - i["shocks.winter_depth"], self.cap(state))
        self.supply_lost = self.supply[0] <= now < self.supply[1]
        if now == self.pause[0]:
            self.output_at_pause = state.y
        self.paused = self.pause[0] <= now < self.pause[1]
        self.trend_lasts = now < self.trend_ends

    def next_change(self, now: float, horizon: float) -> float:
        """Return when something begins or ends next, at the latest the horizon."""
        return min(
            date for date in (*self.supply, *self.pause, self.winter, self.trend_ends, horizon) if date > now
        )


def solve(inputs: Mapping[str, float], components: Iterable[str], start: float, horizon: float) -> Solution:
    """Return the outcomes of a draw."""
    draw = Draw(inputs, components, start)
    surplus = surpluses(draw)
    first = dict.fromkeys(surplus, INF)
    now, state = start, draw.initial()
    while True:
        draw.change(now, state)
        for name, above in surplus.items():
            if first[name] == INF and above(now, state) >= 0:
                first[name] = now
        if first["tai"] < INF or now >= horizon:
            break
        waited = [name for name in surplus if first[name] == INF]
        piece = solve_ivp(
            lambda t, x: draw.rates(t, State(*x)).vector(),
            (now, draw.next_change(now, horizon)),
            state.vector(),
            method="DOP853",
            events=[event(surplus[name], last=name == "tai") for name in waited],
            rtol=1e-8,
            atol=1e-10,
            max_step=LONGEST_STEP,
        )
        assert piece.success, piece.message
        for name, roots in zip(waited, piece.t_events, strict=True):
            if len(roots):
                first[name] = float(roots[0])
        now, state = float(piece.t[-1]), State(*piece.y[:, -1])
        if first["tai"] < INF:
            break
    return outcomes(draw, first, state, horizon)


def surpluses(draw: Draw) -> dict[str, Surplus]:
    """Return what is dated: functions of time and state whose first time at or above 0 is the date."""
    i = draw.inputs
    levels = {name: draw.requirement - below * i["automation.gap"] for name, below in SHORTFALL.items()}
    surplus: dict[str, Surplus] = {
        name: lambda t, x, level=level: draw.effective_compute(t, x) - level for name, level in levels.items()
    }
    lagging = i["automation.adoption_lag"] > 0
    surplus["taken_over_20"] = lambda t, x: (x.u if lagging else draw.share(t, x)) - TAKEN_OVER
    surplus["cap_reached"] = lambda _, x: x.z - draw.cap(x)
    if draw.on("data_wall"):
        k = i["data.tokens_per_parameter"]
        surplus["data_exhaustion"] = lambda t, x: tokens_wanted(draw.training_compute(t, x), k) - draw.data(t)
    return surplus


def event(above: Surplus, *, last: bool) -> Callable[[float, Vector], float]:
    """Return an event of the integrator."""

    def upward(t: float, x: Vector) -> float:
        return above(t, State(*x))

    upward.direction = 1.0
    upward.terminal = last
    return upward


def outcomes(draw: Draw, first: dict[str, float], state: State, horizon: float) -> Solution:
    """Return the outcomes from the first crossings and the last state, that at TAI if TAI arrives."""
    i, tai = draw.inputs, first["tai"]
    taken_over = first["taken_over_20"]
    if taken_over == INF and tai < INF:
        # From TAI on f is 1.
        taken_over = tai + i["automation.adoption_lag"] * math.log((1 - state.u) / (1 - TAKEN_OVER))
    arrival = (
        {name: first[name] for name in SHORTFALL}
        | {"taken_over_20": taken_over}
        | {"tai_deployed": tai + i["deployment.delay"]}
    )
    arrival = {name: date if date <= horizon else INF for name, date in arrival.items()}
    status = {}
    for name, date in arrival.items():
        late = "never" if draw.requirement == INF else "not_by_horizon"
        status[name] = "before_start" if date == draw.start else "reached" if date < INF else late
    extras = {"run_length_limit": draw.run_length_limit(), "ai_workers": -INF, "blow_up": 0.0}
    for name in ("cap_reached", "data_exhaustion"):
        if name in first:
            extras[name] = first[name] if first[name] < tai else INF
    if tai < INF:
        extras["ai_workers"] = copies(
            draw.training_compute(tai, state), extras["run_length_limit"], i["deployment.tokens_per_second"]
        )
        extras["blow_up"] = float(tai > draw.start and draw.effective_growth(tai, state) > BLOW_UP)
    return Solution(arrival, status, extras)
