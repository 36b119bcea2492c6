"""The ordinary tests on the processor of a Raspberry Pi, emulated by qemu-user in a Debian arm64 root.

Rule 1: correctness only. Time, memory and speed under qemu-user say nothing about a board and are never judged.
Rule 2: nothing stays behind: mounts live in a namespace that ends with its processes, the one registration with the
kernel is taken back, also when this is killed. Rule 3: each step is done once, and again only
when what it depends on has changed.
"""
