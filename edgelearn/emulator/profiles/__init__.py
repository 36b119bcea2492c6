"""Boards as figures with sources, budgets to hold on them, and predictions of time that say how sure they are.

>>> from edgelearn.emulator import profiles
>>> profiles.load("pi-zero-2w").ram_bytes
536870912
"""

from edgelearn.emulator.profiles.figure import Figure as Figure
from edgelearn.emulator.profiles.loading import load as load
from edgelearn.emulator.profiles.loading import names as names
from edgelearn.emulator.profiles.profile import Profile as Profile
