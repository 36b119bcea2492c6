"""Predicted times: labelled, ranged, monotone; exact from given rates; and held against published ones."""

from collections.abc import Callable

import pytest

from edgelearn.emulator import profiles
from edgelearn.emulator.profiles import prediction as module
from edgelearn.emulator.profiles.budget import Budget
from edgelearn.emulator.profiles.prediction import SPREAD, Prediction, predict, slowdowns
from edgelearn.emulator.profiles.yardstick import Yardstick, measure
from edgelearn.errors import ConfigError
from tests.emulator.profiles.mutating import mutated

HERE = Yardstick(python_rounds_s=500.0, matmul_flops=50e9, copy_bytes_s=10e9)

# milliseconds of one thread, float32, on the boards: github.com/Tencent/ncnn, benchmark/README.md; and processor
# milliseconds of the same networks with ncnn 1.0.20261020 on the machine whose rates follow (a virtual EPYC, AVX-512)
PUBLISHED_MS = {
    "pi-zero-2w": {"mobilenet": 393.94, "squeezenet": 240.77, "resnet18": 654.69},
    "pi-3b-plus": {"mobilenet": 205.65, "squeezenet": 125.58, "resnet18": 379.57},
    "pi-4b": {"mobilenet": 124.32, "squeezenet": 73.96, "resnet18": 191.10},
}
COUNTED_MS = {"mobilenet": 11.78, "squeezenet": 6.87, "resnet18": 23.04}
COUNTED_ON = Yardstick(python_rounds_s=507.0, matmul_flops=50.4e9, copy_bytes_s=14.0e9)


def check_prediction(make: Callable[..., Prediction]) -> None:
    """Fail unless predictions are exact from given rates, ranged, monotone and labelled."""
    pi, m4 = profiles.load("pi-4b"), profiles.load("cortex-m4f")
    one, two = make(pi, cpu_s=1.0, yardstick=HERE), make(pi, cpu_s=2.0, yardstick=HERE)
    rates = {"python_rounds_s": 500.0, "matmul_flops": 50e9, "copy_bytes_s": 10e9}
    ratios = [rates[name] / end for name in rates for end in (pi.figure(name).low, pi.figure(name).high)]
    assert one.low_s == pytest.approx(min(ratios) / SPREAD)
    assert one.high_s == pytest.approx(max(ratios) * SPREAD)
    assert (two.low_s, two.high_s) == pytest.approx((2 * one.low_s, 2 * one.high_s))
    small = make(m4, instructions=1_000_000)
    assert (small.low_s, small.high_s) == pytest.approx((1e6 / 168e6, 2.5e6 / 168e6))
    assert 0 < small.low_s < small.high_s
    pico = make(profiles.load("rp2040"), instructions=133e6)
    assert (pico.low_s, pico.high_s) == pytest.approx((1.0, 3 * 133 / 125))
    for made in (one, small):
        assert "predicted, not measured" in made.how
        assert "predicted, not measured" in str(made)
        assert made.as_dict()["basis"] == "predicted"
        assert made.for_budget("ms").basis == "predicted"


def test_predictions_are_exact_ranged_monotone_and_labelled() -> None:
    check_prediction(predict)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("low = min(least", "low = max(least"),
        ("high = max(most", "high = min(most"),
        ("here[name] / board[name].high, here[name]", "here[name] / board[name].low, here[name]"),  # no range
        ("instructions * most / clock.low", "instructions * least / clock.low"),
        ("instructions * least / clock.high", "instructions * least / clock.value"),
        ('f"predicted, not measured: {instructions', 'f"{instructions'),  # the label is lost
        ('f"predicted, not measured: {written', 'f"{written'),
        ('unit=unit, basis="predicted"', 'unit=unit, basis="measured"'),  # passes for a measurement
        ("cpu_s * low, cpu_s * high", "low, high"),  # whatever the work
    ],
)
def test_a_wrong_prediction_is_caught(old: str, new: str) -> None:
    twin = mutated(module, old, new)
    with pytest.raises(AssertionError):
        check_prediction(twin.predict)


@pytest.mark.parametrize("board", PUBLISHED_MS)
@pytest.mark.parametrize("network", COUNTED_MS)
def test_published_latencies_lie_in_the_range(board: str, network: str) -> None:
    counted = COUNTED_MS[network] / 1e3
    made = predict(profiles.load(board), cpu_s=counted, yardstick=COUNTED_ON)
    published = PUBLISHED_MS[board][network] / 1e3
    assert made.low_s <= published <= made.high_s
    assert published > 2 * counted  # a claim of this machine's own time would fail


def test_the_slower_board_is_predicted_slower() -> None:
    order = ("pi-zero-2w", "pi-3b-plus", "pi-4b", "pi-5")
    highs = [predict(profiles.load(board), cpu_s=1.0, yardstick=HERE).high_s for board in order]
    assert highs == sorted(highs, reverse=True)


def test_how_names_the_work_the_board_and_what_it_rests_on() -> None:
    how = predict(profiles.load("pi-5"), cpu_s=0.5, yardstick=HERE).how
    for part in (
        "500 ms of processor time counted here",
        "pi-5",
        "python",
        "matmul",
        "copy",
        "not in it: waiting for storage, sensors or lines, another version or build of Python",
        "throttled by heat",
    ):
        assert part in how
    how = predict(profiles.load("cortex-m4f"), instructions=7275).how
    for part in ("7,275 instructions counted", "1 to 2.5 cycles each", "168 MHz", "not in it: waiting"):
        assert part in how


def test_a_prediction_in_a_budget_is_open_inside_its_range() -> None:
    made = predict(profiles.load("cortex-m4f"), instructions=1_680_000)  # 10 to 25 ms
    for limit, holds in ((9, False), (15, None), (25.1, True)):
        (line,) = Budget(p99_ms=limit).judge({"p99_ms": made.for_budget("ms")}).lines
        assert line.holds is holds
        assert line.basis == "predicted"


@pytest.mark.parametrize(
    ("board", "counts", "said"),
    [
        ("pi-5", {}, "time on pi-5 is predicted from cpu_s"),
        ("pi-5", {"instructions": 5}, "predicted from cpu_s"),
        ("pi-5", {"cpu_s": 1, "instructions": 5}, "give that, and nothing else"),
        ("rp2040", {"cpu_s": 1}, "time on rp2040 is predicted from instructions"),
        ("rp2040", {"instructions": -1}, "a count of 0 or above, not -1"),
        ("pi-5", {"cpu_s": float("nan")}, "not nan"),
    ],
)
def test_what_cannot_be_predicted_is_said(board: str, counts: dict[str, float], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        predict(profiles.load(board), **counts)  # type: ignore[arg-type]


def test_the_yardstick_is_measured_once_and_within_reason() -> None:
    first = measure()
    assert measure() is first
    rates = first.rates()
    for name, (least, most) in {
        "python_rounds_s": (5, 20_000), "matmul_flops": (1e8, 5e11), "copy_bytes_s": (1e8, 2e11),
    }.items():  # fmt: skip
        assert least < rates[name] < most, name
    for least, most in slowdowns(profiles.load("pi-4b"), first).values():
        assert 0 < least <= most
    made = predict(profiles.load("pi-4b"), cpu_s=0.1)
    assert made == predict(profiles.load("pi-4b"), cpu_s=0.1, yardstick=first)
