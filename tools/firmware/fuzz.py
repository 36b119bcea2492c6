"""python3 -m tools.firmware.fuzz [COUNT] [SEED]: damaged frames, messages and lines for the C side, memory watched.

Each fuzzer of firmware_bridge/firmware/fuzz is compiled with ASan and UBSan and given COUNT inputs (a million if not
said); the seed of an input is printed when it finds something.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

FIRMWARE = Path(__file__).resolve().parents[2] / "firmware_bridge" / "firmware"
LINK = ("frame", "link", "link_session", "link_send", "link_take", "link_stream", "auth")
COUNT = 1_000_000
FLAGS = (
    "-std=c99", "-ffp-contract=off", "-Wall", "-Wextra", "-Wconversion", "-Wdouble-promotion", "-Werror",
    "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
)  # fmt: skip
FUZZERS = {  # name: (program, flags)
    "frame": ("fuzz_frame", ()),
    "frame of the smallest link": ("fuzz_frame", ("-DEL_MTU=72",)),
    "messages": ("fuzz_messages", ()),
    "link": ("fuzz_link", ()),
    "link with a key": ("fuzz_link", ("-DEL_AUTH=1",)),
    "link, smallest": ("fuzz_link", ("-DEL_MTU=72", "-DEL_TX_SLOTS=1", "-DEL_RX_SLOTS=0")),
    "link, large": ("fuzz_link", ("-DEL_TX_SLOTS=16", "-DEL_RX_SLOTS=15")),
}


def build(name: str, folder: Path) -> Path:
    """Compile a fuzzer and return its path; raises CalledProcessError."""
    program, flags = FUZZERS[name]
    made = folder / name.replace(" ", "_").replace(",", "")
    sources = [FIRMWARE / "fuzz" / f"{program}.c", *(FIRMWARE / "src" / f"{part}.c" for part in LINK)]
    paths = [f"-I{FIRMWARE / 'include'}", f"-I{FIRMWARE / 'src'}", *map(str, sources), "-o", str(made)]
    subprocess.run(["cc", *FLAGS, *flags, *paths], check=True)
    return made


def main(argv: Sequence[str]) -> int:
    """Run every fuzzer; return 1 when one found something."""
    if shutil.which("cc") is None:
        print("no C compiler: install gcc or clang", file=sys.stderr)
        return 2
    count, seed = (*argv, *(str(COUNT), "0")[len(argv) :])
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for name in FUZZERS:
            print(f"{name}: ", end="", flush=True)
            if subprocess.run([build(name, Path(folder)), count, seed], check=False).returncode:
                found.append(name)
    if found:
        print(f"fuzz: findings in {', '.join(found)}")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
