"""The parts of the emulator as a test gets them: bound to its seed and clock, their results kept for its report."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edgelearn.emulator.device.edge import EdgeDevice
from edgelearn.emulator.device.result import Result
from edgelearn.emulator.plugin.use import Use

if TYPE_CHECKING:
    from edgelearn.emulator.clock import VirtualClock
    from edgelearn.emulator.power.report import Report
    from edgelearn.emulator.sensors import Sensor


class TestedDevice(EdgeDevice):
    """A device that keeps its results for the test; they are judged by the test's budget unless given another."""

    __test__ = False  # nothing to collect, whatever its name begins with

    def __init__(self, use: Use, profile: Any, **caps: Any) -> None:
        super().__init__(profile, **caps)
        self._use = use

    def run(self, work: Callable[..., object] | list[str], *args: object, **options: Any) -> Result:
        """Run ``work``; see `EdgeDevice.run`."""
        if options.get("budget") is None:
            options["budget"] = self._use.budget
        result = super().run(work, *args, **options)
        self._use.runs.append(result)
        return result


class BoundSensor:
    """`Sensor.play` and `Sensor.generate` with the test's seed, and its clock where it has one."""

    def __init__(self, use: Use, clock: "VirtualClock | None") -> None:
        self._use, self._clock = use, clock

    def play(self, recorded: Any, **options: Any) -> "Sensor":
        """Play a recording; see `Sensor.play`."""
        from edgelearn.emulator.sensors import Sensor

        return Sensor.play(recorded, **self._bound(options))

    def generate(self, signal: Any, rate_hz: float, **options: Any) -> "Sensor":
        """Make values from a function of time; see `Sensor.generate`."""
        from edgelearn.emulator.sensors import Sensor

        return Sensor.generate(signal, rate_hz, **self._bound(options))

    def _bound(self, options: dict[str, Any]) -> dict[str, Any]:
        return {"seed": self._use.next_seed("sensor"), "clock": self._clock} | options


class PowerCut:
    """Calls `power.power_cut` and `power.kills` with the test's seed; the reports stand in the table."""

    def __init__(self, use: Use) -> None:
        self._use = use

    def __call__(self, save: Callable[[Path], Any], load: Callable[[Path], Any], **options: Any) -> "Report":
        """Cut the power at every moment of ``save``; see `power.power_cut`. ``.check()`` fails the test."""
        from edgelearn.emulator.power import power_cut

        return self._kept(power_cut(save, load, **self._seeded(options)))

    def kills(self, save: Callable[[Path], Any], load: Callable[[Path], Any], **options: Any) -> "Report":
        """Kill ``save`` at random instants; see `power.kills`."""
        from edgelearn.emulator.power import kills

        return self._kept(kills(save, load, **self._seeded(options)))

    def _seeded(self, options: dict[str, Any]) -> dict[str, Any]:
        return {"seed": self._use.next_seed("power")} | options

    def _kept(self, report: "Report") -> "Report":
        self._use.cuts.append(report)
        return report
