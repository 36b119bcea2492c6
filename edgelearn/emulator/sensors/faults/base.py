"""What a fault is. One of your own is one class:

>>> @dataclass(frozen=True)
... class Inverted(ValueFault):
...     def begin(self, run):
...         def act(work):
...             work.values *= -1
...             return np.ones(len(work.index), bool)
...         return act

Rule 1: a fault is a value; what it remembers from sample to sample lives in what `begin` returns, so that a sensor can
start again. Rule 2: whatever it draws, it draws by the number of the sample (`run.draws`), and what it gives does not
depend on how the samples are cut into blocks.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable

from edgelearn.emulator.sensors.block import Run, Work
from edgelearn.types import F64, I64, Array


class TimeFault(ABC):
    """Moves the instants at which samples are truly taken; the sensor's own stamps know nothing of it."""

    @abstractmethod
    def begin(self, run: Run) -> Callable[[I64], F64]:
        """Return what says for sample numbers (n,) how many seconds later than its stamp each is taken, (n,).

        Raises ConfigError when the fault does not fit the sensor.
        """


class ValueFault(ABC):
    """Changes what is read."""

    @abstractmethod
    def begin(self, run: Run) -> Callable[[Work], Array]:
        """Return what changes one stretch after another in place and says which samples it acted on, (n,) bool.

        Raises ConfigError when the fault does not fit the sensor.
        """
