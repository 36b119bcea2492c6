"""Power cuts and kills: every state a disk may be left in by a save, given to load.

>>> from edgelearn.emulator.power import power_cut
>>> print(power_cut(save, load))
power cuts in save: 49 states (every one), 0 corrupt, 0 lost what was acknowledged

`cut.py` says what is right, `disk.py` what a disk promises, `states.py` which states there are, `c/recorder.c` and
`shim.py` what is seen of a program.
"""

from edgelearn.emulator.power.cut import power_cut
from edgelearn.emulator.power.kill import kills
from edgelearn.emulator.power.log import PowerError
from edgelearn.emulator.power.report import Failure, Report

__all__ = ["Failure", "PowerError", "Report", "kills", "power_cut"]
