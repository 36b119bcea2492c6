"""Counts per function add up, agree with QEMU, and what happens at an instruction happens exactly there."""

import json
from pathlib import Path

import pytest

from edgelearn.emulator.boards.report import BESIDE, functions
from edgelearn.errors import ConfigError
from tests.emulator.boards.made import CODE_AT, COUNTS_FOR_EVER, Talk, board, elf_of, samples
from tools.firmware import judge

REGISTER_0 = 66  # of unicorn's numbers: r0, r1, r2 follow each other
# adds r0, #1; tst.w r0, #1; ite eq; addeq r1, #1; addne r2, #1; itt ne; addne r3, #1; add.w ne r4, r4, #1; b back
TAKES_TURNS = (0x3001, 0xF010, 0x0F01, 0xBF0C, 0x3101, 0x3201, 0xBF1C, 0x3301, 0xF104, 0x0401, 0xE7F4)
PLACES = (0, 2, 6, 8, 10, 12, 14, 16, 20)  # of each instruction
# of each: the register it adds to, and whether in turns of even or odd number only
CONDITIONS = (
    (0, None),
    (None, None),
    (None, None),
    (1, 1),
    (2, 0),
    (None, None),
    (3, 0),
    (4, 0),
    (None, None),
)


def test_functions_add_up_to_the_instructions_and_calls_are_counted() -> None:
    it = board()
    talk = Talk(it)
    before = {one.name: one for one in it.functions()}
    for k, x in enumerate(samples(5)):
        talk.learn(x, k)
    table = it.functions()
    assert sum(one.instructions for one in table) == it.instructions
    assert [one.instructions for one in table] == sorted((one.instructions for one in table), reverse=True)
    after = {one.name: one for one in table}
    assert "el_learner_learn" not in before
    assert after["el_learner_learn"].calls == 5
    assert after["el_learner_learn"].instructions % 5 == 0
    assert BESIDE not in after


def test_code_of_no_function_is_named_so(tmp_path: Path) -> None:
    it = board(firmware=elf_of(tmp_path))
    it.run(400)
    assert [(one.name, one.instructions) for one in it.functions()] == [(BESIDE, it.instructions)]
    assert functions(it._elf.functions, []) == ()


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 399, 402, 10_001])
def test_a_stop_at_an_instruction_is_exact(n: int, tmp_path: Path) -> None:
    it = board(firmware=elf_of(tmp_path))
    seen = []

    def look() -> None:
        registers = it._machine.uc.reg_read_batch([REGISTER_0, REGISTER_0 + 1, REGISTER_0 + 2])
        seen.append((it.instructions, it._machine.pc, tuple(registers)))

    it._at(n, look)
    it.run(n + 1000)
    turns, more = divmod(n, len(COUNTS_FOR_EVER))
    registers = (turns + (more > 0), 2 * (turns + (more > 1)), 3 * (turns + (more > 2)))
    assert seen == [(n, CODE_AT + 2 * more, registers)]
    assert it.instructions >= n + 1000
    assert sum(one.instructions for one in it.functions()) == it.instructions


@pytest.mark.parametrize("n", range(1, 2 * len(CONDITIONS)))
def test_a_stop_in_an_it_block_is_exact_too(n: int, tmp_path: Path) -> None:
    it = board(firmware=elf_of(tmp_path, TAKES_TURNS))
    seen = []

    def look() -> None:
        values = it._machine.uc.reg_read_batch([REGISTER_0 + i for i in range(5)])
        seen.append((it.instructions, it._machine.pc, tuple(values)))

    for at in (n, 100):
        it._at(at, look)
    it.run(200)
    assert seen == [(at, *turns_taken(at)) for at in (n, 100)]
    assert sum(one.instructions for one in it.functions()) == it.instructions


def turns_taken(instructions: int) -> tuple[int, tuple[int, ...]]:
    """Return where `TAKES_TURNS` is after so many instructions, and r0 to r4: the definition."""
    registers, turns = [0] * 5, instructions // len(CONDITIONS)
    for k in range(instructions):
        turn, (register, when) = k // len(CONDITIONS), CONDITIONS[k % len(CONDITIONS)]
        if register is not None and when in (None, turn % 2):
            registers[register] += 1
    left = instructions - turns * len(CONDITIONS)
    return CODE_AT + PLACES[left], tuple(registers)


def test_stopping_on_the_way_changes_nothing() -> None:
    plain, stopped = board(seed=3), board(seed=3)
    for n in range(1000, 60_000, 777):
        stopped._at(n, lambda: None)
    for it in (plain, stopped):
        it.run_until(150_000)
    assert stopped.read() == plain.read()
    assert stopped.instructions == plain.instructions
    assert sum(one.instructions for one in stopped.functions()) == stopped.instructions


def test_a_board_that_does_not_count_says_so() -> None:
    it = board(counted=False)
    for ask in (
        lambda: it.instructions,
        it.functions,
        lambda: it.run(5),
        lambda: it.brown_out(at_instruction=9),
        lambda: it.flip_randomly(1000),
    ):
        with pytest.raises(ConfigError, match="counted=True"):
            ask()
    assert it.report().instructions is None


def test_the_past_is_refused() -> None:
    it = board()
    it.run(1000)
    with pytest.raises(ConfigError, match="instruction 999 is past"):
        it.reset(at_instruction=999)


def test_the_report_says_it_all() -> None:
    it = board()
    it.run_until(100_000)
    found = it.report()
    told = json.loads(json.dumps(found.as_dict()))
    assert told["instructions"] == it.instructions
    assert told["ram_used_bytes"] > 9_000
    assert told["functions"][0]["instructions"] == it.functions()[0].instructions
    assert told["compute_s"][0] < told["compute_s"][1]
    for words in ("predicted, not measured", "el_device_run", "stack", "years at 24 saves a day"):
        assert words in str(found)


@pytest.mark.skipif(not judge.available(), reason="qemu-system-arm or cc is missing")
@pytest.mark.parametrize("port", ["mps2_an386", "microbit"])
def test_qemu_counts_the_same(port: str, tmp_path: Path) -> None:
    found = judge.compared(port, tmp_path, commands=3)
    assert {"el_learner_learn", "el_learner_predict"} <= found.there.keys()
    assert found.apart <= 0.002


def test_a_difference_of_one_function_is_seen() -> None:
    assert judge.Compared({"a": 100, "b": 10}, {"a": 100, "b": 11}).apart == pytest.approx(1 / 11)
    assert judge.Compared({"a": 100}, {}).apart == 100
