"""python3 -m tools new-rule NAME: the file of a plasticity rule that works, its test and its golden vectors.

Rule 1: nothing is overwritten. Rule 2: no other file needs a change; the folder of rules is their registry.
"""

import argparse
import importlib.util
import keyword
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from edgelearn.rules import Rule
from tests import golden
from tests.rules.cases import cases
from tools._venv import ROOT

TEMPLATES = Path(__file__).parent / "templates"
LONGEST = 40  # characters of a name, so that no line of the templates grows too long
NEXT = """
1. write the equation and its source at the head of edgelearn/rules/{name}.py
2. write step and its state from the equation, then kernel with the same operations in the same order
3. replace the second test of tests/rules/test_{name}.py, which is of the sample rule, by what the paper says of yours
4. python3 -m tools test tests/rules -k {name}
   (with EDGELEARN_WRITE_VECTORS=1 before it when step has changed; VARIANTS = ({{"setting": value}},) in the rule's
   file adds vectors of settings that the defaults leave off)
Nothing else is touched: Layer(..., rule="{name}") finds it."""


def main(argv: Sequence[str]) -> int:
    """Write the three files; return 2, with nothing written, for a bad name or one that is taken."""
    parser = argparse.ArgumentParser(prog="tools new-rule")
    parser.add_argument("name", help="name of the module, in lower case")
    parser.add_argument("--root", type=Path, default=ROOT, help="the tree to write into (default: this one)")
    options = parser.parse_args(argv)
    files = _files(options.root, options.name)
    fault = _fault(options.name, files)
    if fault:
        print(f"tools new-rule: {fault}", file=sys.stderr)
        return 2
    for path, template in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((TEMPLATES / template).read_text().replace("@NAME@", options.name))
    made = _load(options.name, next(iter(files)))
    vectors = golden.write(options.root / "tests" / "vectors", "rules", options.name, cases(made))
    print("\n".join(f"wrote {path.relative_to(options.root)}" for path in (*files, vectors)))
    print(NEXT.format(name=options.name))
    return 0


def _files(root: Path, name: str) -> dict[Path, str]:
    """Return which file is written from which template; the rule comes first."""
    return {
        root / "edgelearn" / "rules" / f"{name}.py": "rule.txt",
        root / "tests" / "rules" / f"test_{name}.py": "test_rule.txt",
    }


def _fault(name: str, files: dict[Path, str]) -> str | None:
    """Return what is wrong with a name, or None."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        return f"a rule's name is a Python name in lower case, such as slow_hebb, not {name!r}"
    if len(name) > LONGEST:
        return f"a rule's name has at most {LONGEST} characters, not {len(name)}"
    taken = [path for path in files if path.exists()]
    return f"{taken[0]} exists; choose another name, or remove it first" if taken else None


def _load(name: str, path: Path) -> Rule:
    spec = importlib.util.spec_from_file_location(f"edgelearn.rules.{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    rule: Rule = module.rule()
    return rule
