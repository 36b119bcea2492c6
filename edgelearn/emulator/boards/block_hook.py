"""What runs in native code at each block of an emulated core: see `counting`, whose words and rows it reads and writes.

In C, with ``h`` the words and ``b`` the row of the block that begins at ``address``:

    if (h[MUTED]) return;
    if (b[LENGTH] >> 32 != size) b[LENGTH] = size << 32 | instructions of the half words from address on;
    count = b[LENGTH] & 0xFFFFFFFF;
    if (h[EXECUTED] >= h[LIMIT] || h[EXECUTED] + count > h[FENCE]) { h[STOPPED] = 1; uc_emu_stop(core); return; }
    h[EXECUTED] += count; b[ENTERED] += 1; b[INSTRUCTIONS] += count;
"""

import ctypes
from typing import Any

from llvmlite import ir

from edgelearn.emulator.boards import counting as at

WORD, HALF, SIZE = ir.IntType(64), ir.IntType(16), ir.IntType(32)


class _Words:
    """int64 in a row, from a pointer on."""

    def __init__(self, builder: Any, start: Any) -> None:
        self._builder, self._start = builder, start

    def _place(self, index: int) -> Any:
        return self._builder.gep(self._start, [WORD(index)])

    def __getitem__(self, index: int) -> Any:
        return self._builder.load(self._place(index))

    def __setitem__(self, index: int, value: Any) -> None:
        self._builder.store(value, self._place(index))


def module() -> ir.Module:
    """Return ``void on_block(uc_engine *core, uint64_t address, uint32_t size, int64_t *words)``."""
    made = ir.Module()
    kind = ir.FunctionType(ir.VoidType(), [WORD, WORD, SIZE, WORD.as_pointer()])
    function = ir.Function(made, kind, "on_block")
    core, address, size32, start = function.args
    b: Any = ir.IRBuilder(function.append_basic_block())
    words = _Words(b, start)
    with b.if_then(b.icmp_signed("!=", words[at.MUTED], WORD(0))):
        b.ret_void()
    size = b.zext(size32, WORD)
    half = b.lshr(b.sub(address, words[at.CODE]), WORD(1))
    rows = b.inttoptr(words[at.BLOCKS], WORD.as_pointer())
    block = _Words(b, b.gep(rows, [b.mul(half, WORD(at.PER_BLOCK))]))
    with b.if_then(b.icmp_signed("!=", b.lshr(block[at.LENGTH], WORD(32)), size), likely=False):
        block[at.LENGTH] = b.or_(b.shl(size, WORD(32)), _instructions(b, words[at.HALVES], half, size))
    count = b.and_(block[at.LENGTH], WORD(0xFFFFFFFF))
    executed = words[at.EXECUTED]
    after = b.add(executed, count)
    full = b.icmp_signed(">=", executed, words[at.LIMIT])
    with b.if_then(b.or_(full, b.icmp_signed(">", after, words[at.FENCE])), likely=False):
        words[at.STOPPED] = WORD(1)
        b.call(_stop(b), [core])
        b.ret_void()
    words[at.EXECUTED] = after
    block[at.ENTERED] = b.add(block[at.ENTERED], WORD(1))
    block[at.INSTRUCTIONS] = b.add(block[at.INSTRUCTIONS], count)
    b.ret_void()
    return made


def _instructions(b: Any, halves: Any, half: Any, size: Any) -> Any:
    """Count the instructions in so many bytes from a half word on."""
    code = b.inttoptr(halves, HALF.as_pointer())
    end = b.add(half, b.lshr(size, WORD(1)))
    before, loop, done = b.block, b.append_basic_block("loop"), b.append_basic_block("done")
    b.branch(loop)
    b.position_at_end(loop)
    here, count = b.phi(WORD), b.phi(WORD)
    first = b.lshr(b.load(b.gep(code, [here])), HALF(11))
    wide = b.zext(b.icmp_unsigned(">=", first, HALF(at.WIDE_FROM)), WORD)
    after, more = b.add(b.add(here, WORD(1)), wide), b.add(count, WORD(1))
    for phi, start, again in ((here, half, after), (count, WORD(0), more)):
        phi.add_incoming(start, before)
        phi.add_incoming(again, loop)
    b.cbranch(b.icmp_unsigned("<", after, end), loop, done)
    b.position_at_end(done)
    return more


def _stop(b: Any) -> Any:
    from unicorn.unicorn_py3.unicorn import uclib

    address = ctypes.cast(uclib.uc_emu_stop, ctypes.c_void_p).value
    assert address is not None
    return b.inttoptr(WORD(address), ir.FunctionType(ir.IntType(32), [WORD]).as_pointer())
