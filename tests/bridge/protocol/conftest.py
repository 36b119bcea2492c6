"""``--wire-seed=N`` runs the tests of the bad wire with that seed only: what a failing one prints."""

import pytest

OPTION = "--wire-seed"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(OPTION, type=int, default=None, help="the one seed of the bad wire to run")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "wire_seed" in metafunc.fixturenames:
        one = metafunc.config.getoption(OPTION, default=None)
        seeds = getattr(metafunc.module, "SEEDS", range(8))
        metafunc.parametrize("wire_seed", seeds if one is None else [one])


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    outcome = yield
    report = outcome.get_result()
    seed = getattr(item, "callspec", None) and item.callspec.params.get("wire_seed")
    if report.failed and seed is not None:
        name = getattr(item, "originalname", item.name)
        replay = f"pytest {item.location[0]} -k {name} {OPTION}={seed}"
        report.sections.append(("replay", replay))
