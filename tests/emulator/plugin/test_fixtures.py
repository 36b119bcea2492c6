"""The fixtures: bound to the test's seed and clock, in both orders, and an error where a package is missing."""

import sys

import pytest

from tests.emulator.plugin.projects import made

pytest_plugins = ("pytester",)


def test_a_virtual_clock_drives_wires_and_sensors(pytester: pytest.Pytester) -> None:
    made(
        pytester,
        """
        def test_on_the_clock(serial_wire, sensor, virtual_clock):
            wire, made = serial_wire(), sensor.generate(lambda t: t, 100)
            assert wire.url.startswith("memory://")
            assert made.clock is virtual_clock
            virtual_clock.sleep(2.0)
            assert wire.now_s == 2.0

        def test_given_options_win(serial_wire, sensor, virtual_clock):
            assert serial_wire(seed=5).seed == 5
            assert sensor.generate(lambda t: t, 100, clock=None).clock is None

        def test_in_real_time(serial_wire, sensor):
            assert sensor.generate(lambda t: t, 100).clock is None
            before = serial_wire().now_s
            while serial_wire(name="other").now_s == before:
                pass
        """,
    )
    pytester.runpytest_inprocess().assert_outcomes(passed=3)


@pytest.mark.parametrize("order", ["serial_wire, board", "board, serial_wire"])
def test_a_board_is_open_until_its_wire_is_closed(pytester: pytest.Pytester, order: str) -> None:
    pytest.importorskip("unicorn")
    made(
        pytester,
        f"""
        import pytest
        from edgelearn.emulator.boards.board import Board
        from edgelearn.emulator.wire.serial_wire import SerialWire

        @pytest.fixture(scope="module")
        def closed():
            order = []
            with pytest.MonkeyPatch.context() as patch:
                for kind in (Board, SerialWire):
                    def close(self, really=kind.close):
                        order.append(type(self).__name__)
                        really(self)
                    patch.setattr(kind, "close", close)
                yield order

        def test_one(closed, {order}):
            serial_wire(board())

        def test_two(closed):
            assert closed[0] == "SerialWire" and "Board" in closed
        """,
    )
    pytester.runpytest_inprocess().assert_outcomes(passed=2)


def test_kills_are_seeded_and_stand_in_the_table(pytester: pytest.Pytester) -> None:
    made(
        pytester,
        """
        import work

        def test_it(power_cut):
            report = power_cut.kills(work.save_in_place, work.load, n=2)
            assert report.states == 2 and report.seed == 9
        """,
    )
    done = pytester.runpytest_inprocess("--edge-seed=9")
    done.assert_outcomes(passed=1)
    done.stdout.fnmatch_lines(["*::test_it", "    kills in save_in_place: 2 states*"])


def test_a_missing_package_is_an_error_that_names_it_and_no_skip(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "unicorn", None)
    made(pytester, "def test_it(board): board()\n")
    done = pytester.runpytest_inprocess()
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["*MissingExtraError: *pip install 'edgelearn[[]emulate]'*"])
