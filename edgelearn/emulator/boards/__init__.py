"""Microcontrollers: boards that run the firmware's own ELF, and a twin of such a device in Python.

>>> from edgelearn.emulator.boards.opening import open_board
>>> board = open_board("cortex-m4f", seed=7)

Begin with `opening`; what it returns is a `board` (in this process, on unicorn) or `qemu_served` (`qemu` behind the
same interface). A board is a firmware (`elf`, for the right core by `cores`; `prebuilt` where none is given) on what
its profile and port say (`spec`), put together of a core with memory (`machine`), its registers (`peripherals`, with
`line`, `attached` and `flash` behind them) and its RAM (`ram`). `pace` says how time passes; counted, `counting` and
`block_hook` see every block, and `report` tells it by function; uncounted, `hung` ends what looks at nothing.
Whatever has a line is `serving.Served`: `paced` makes a board one; `serving` gives it this machine's time, `virtual`
a time of its own. `cortex_m` calls single C functions, without a board.
`twin` answers as the firmware does, in Python: `heads` learn, `features` and `windows` sample, `slots` keep.
"""
