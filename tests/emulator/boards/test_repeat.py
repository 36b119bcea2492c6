"""One seed, one story: bytes, states, counts and failures; and it learns what Python learns, to the last bit."""

import pytest

from edgelearn import export
from edgelearn.emulator.boards import prebuilt
from firmware_bridge.protocol import messages as m
from tests.bridge.boards.talk import learn, samples
from tests.emulator.boards.made import Talk, board

MODES = pytest.mark.parametrize("counted", [True, False])


def story(profile: str, seed: int, counted: bool) -> tuple[object, ...]:
    """Learn, lose power in the middle of a save, come back; return all there is to see."""
    it = board(profile, seed=seed, counted=counted)
    talk, head = Talk(it), prebuilt.head(it.spec.port)
    for x, label in samples(head, 3):
        talk.ask(m.Learn, label, x.tobytes())
    talk.save()
    it.power_cut(at_flash_operation=4)
    with pytest.raises(AssertionError) as failed:
        talk.save()
    it.power_on()
    again = Talk(it)
    seen = bytes(it.flash.bytes), again.state(), again.hello.boot, it.now_us, str(failed.value)
    return (*seen, it.functions() if counted else ())


@MODES
@pytest.mark.parametrize("profile", ["cortex-m4f", "rp2040"])
def test_one_seed_gives_one_story(profile: str, counted: bool) -> None:
    first = story(profile, 1, counted)
    assert story(profile, 1, counted) == first
    assert story(profile, 2, counted) != first


@MODES
@pytest.mark.parametrize("profile", ["cortex-m4f", "nrf52840", "rp2040"])
def test_it_learns_what_python_learns_to_the_last_bit(profile: str, counted: bool) -> None:
    it = board(profile, counted=counted)
    talk, head = Talk(it), prebuilt.head(it.spec.port)
    for x, label in samples(head, 12):
        assert talk.code(m.Learn, label, x.tobytes())[0] == "OK"
        learn(head, x, label)
    assert any(export.state_bytes(head))
    assert talk.state() == export.state_bytes(head)


@MODES
def test_how_often_a_board_is_asked_changes_nothing(counted: bool) -> None:
    def run(step_us: int) -> tuple[bytes, int]:
        it, said = board(counted=counted), b""
        it.connected(0)
        it.receive(bytes(range(200)) + b"\0", 0)
        for now_us in range(step_us, 600_001, step_us):
            said += it.transmit(now_us, 65_536)
        return said, it.now_us

    first = run(1_000)
    assert len(first[0]) > 200
    assert run(100_000)[0] == first[0]
    assert run(600_000)[0] == first[0]
