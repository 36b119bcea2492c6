"""The smallest main.c of the firmware's README builds, with every warning on."""

import re
from pathlib import Path

from tests.bridge.conftest import FIRMWARE, SOURCES, Build


def test_the_smallest_main_builds(build: Build, tmp_path: Path) -> None:
    text = (FIRMWARE / "README.md").read_text()
    (example,) = re.findall(r"```c\n(.*?)```", text, re.DOTALL)
    main = tmp_path / "main.c"
    main.write_text(example)
    board = Path(__file__).parent
    assert build("smallest", [*sorted(SOURCES.glob("*.c")), main], ["-Os", f"-I{board}"]).exists()
