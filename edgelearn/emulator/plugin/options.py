"""The options of the plugin, and what a test gets where it names no profile or seed of its own."""

import zlib

import pytest

DEFAULT_PROFILE = "pi-zero-2w"
DEADLINE_S = 3600.0
INNER = "EDGELEARN_EMULATED_SUITE"  # set in a suite that runs on a profile; holds the folder of its marks


def add(parser: pytest.Parser) -> None:
    """Declare ``--edge-profile``, ``--edge-seed``, ``--edge-deadline`` and the ini key ``edge_profile``."""
    group = parser.getgroup("edgelearn", "edgelearn: emulated edge devices")
    group.addoption(
        "--edge-profile", metavar="NAME",
        help="run this whole suite under the memory, CPU and storage of a profile, and its edge_device tests on it",
    )  # fmt: skip
    group.addoption(
        "--edge-seed", metavar="N", type=_seed, help="the seed of every edge fixture (else one a test)"
    )
    group.addoption(
        "--edge-deadline", metavar="S", type=_seconds, default=DEADLINE_S,
        help=f"seconds after which a suite on a profile is ended (default: {DEADLINE_S:.0f})",
    )  # fmt: skip
    parser.addini("edge_profile", f"profile of edge_device where it names none (default: {DEFAULT_PROFILE})")


def check(config: pytest.Config) -> None:
    """Raise pytest.UsageError for a default profile that does not exist; costs nothing where none is named."""
    if not (config.getoption("edge_profile") or config.getini("edge_profile")):
        return
    from edgelearn.emulator import profiles
    from edgelearn.errors import EdgelearnError

    try:
        profiles.load(profile_of(config))
    except EdgelearnError as error:
        raise pytest.UsageError(str(error)) from error


def profile_of(config: pytest.Config) -> str:
    """Return the profile for tests that name none: the option's, else the ini file's, else pi-zero-2w."""
    return config.getoption("edge_profile") or config.getini("edge_profile") or DEFAULT_PROFILE


def seed_of(item: pytest.Item) -> int:
    """Return the seed of a test: the option's, else one that its node id gives, the same in every process."""
    given: int | None = item.config.getoption("edge_seed")
    return zlib.crc32(item.nodeid.encode()) if given is None else given


def _seed(text: str) -> int:
    seed = int(text)
    if seed < 0:
        raise ValueError(text)  # argparse says it, with the option's name
    return seed


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise ValueError(text)
    return seconds
