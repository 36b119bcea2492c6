"""The marker: what says nothing that can be judged ends the run before the first test."""

import pytest

from tests.emulator.plugin.projects import made, table_of

pytest_plugins = ("pytester",)

WRONG = {
    "rum='350MB'": "a budget has no 'rum'; did you mean ram?",
    "ram='350 megs'": "a size is written like",
    "p99_ms='fast'": "p99_ms",
    "cpu_s=-1": "cpu_s",
    "'350MB'": 'edge_budget takes names and limits, as in edge_budget(ram="350MB")',
    "": 'edge_budget takes names and limits, as in edge_budget(ram="350MB")',
}


@pytest.mark.parametrize("given", WRONG)
def test_what_cannot_be_judged_is_a_usage_error(pytester: pytest.Pytester, given: str) -> None:
    made(
        pytester,
        f"import pytest\n@pytest.mark.edge_budget({given})\ndef test_marked(): pass\ndef test_b(): pass\n",
    )
    done = pytester.runpytest_inprocess()
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    (line,) = [line for line in done.errlines if line.startswith("ERROR")]
    assert "test_it.py::test_marked" in line
    assert WRONG[given] in line
    assert "passed" not in done.stdout.str()


def test_the_nearest_marker_wins_and_the_others_add(pytester: pytest.Pytester) -> None:
    made(
        pytester,
        """
        import pytest, work
        pytestmark = pytest.mark.edge_budget(ram="30MB", stack="1KB")

        @pytest.mark.edge_budget(ram="300MB")
        class TestThings:
            def test_roomy(self, edge_device):
                assert edge_device().run(work.hold, 50_000_000).ok

            @pytest.mark.edge_budget(flash="1KB")
            @pytest.mark.edge_budget(ram="40MB")
            def test_tight(self, edge_device):
                assert edge_device().run(work.hold, 50_000_000).ok
        """,
    )
    done = pytester.runpytest_inprocess()
    done.assert_outcomes(passed=1, failed=1)
    rows = table_of(done.outlines)
    assert "open: stack" in rows["test_roomy"]
    assert "BROKEN: ram" in rows["test_tight"]
    done.stdout.fnmatch_lines(["*ram * at most 40 MB*BROKEN*"])


def test_an_expected_failure_may_break_its_budget(pytester: pytest.Pytester) -> None:
    made(
        pytester,
        """
        import pytest, work

        @pytest.mark.xfail(strict=True)
        @pytest.mark.edge_budget(ram="1MB")
        def test_it(edge_device):
            assert edge_device().run(work.samples, 1).ok
        """,
    )
    pytester.runpytest_inprocess().assert_outcomes(xfailed=1)


def test_a_failure_of_its_own_comes_before_the_budget(pytester: pytest.Pytester) -> None:
    made(
        pytester,
        """
        import pytest, work

        @pytest.mark.edge_budget(ram="1MB")
        def test_it(edge_device):
            edge_device().run(work.samples, 1)
            assert "mine" == "other"
        """,
    )
    done = pytester.runpytest_inprocess()
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["E * AssertionError*"])
    assert "budget: broken" not in done.stdout.str()
