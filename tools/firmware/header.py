"""python3 -m tools.firmware.header: write el_messages.h, the C half of the table of messages.

Rule 1: nothing is in the header that is not in ``constants.py`` or ``messages.py``. Rule 2: the C side reads and writes
byte by byte, so that neither alignment nor the byte order of a processor matters.
"""

import re
import struct
from pathlib import Path
from types import ModuleType
from typing import Any

from firmware_bridge.protocol import constants
from firmware_bridge.protocol.messages import FORMS, NUMBERED, SCHEMA, Hello

PATH = Path(__file__).resolve().parents[2] / "firmware_bridge/firmware/include/el_messages.h"
KINDS = ("HELLO", "DATA", "STREAM", "ACK", "NOTE")
LARGE = 1 << 15  # above: unsigned, so that an int of 16 bits is enough for the rest

C_TYPES = {"B": "uint8_t", "H": "uint16_t", "I": "uint32_t", "Q": "uint64_t", "h": "int16_t", "f": "float"}
READ = {
    "B": "p[{at}]", "H": "el_get_u16({p})", "I": "el_get_u32({p})", "Q": "el_get_u64({p})",
    "h": "el_get_i16({p})", "f": "el_get_f32({p})",
}  # fmt: skip
WRITE = {
    "B": "to[{at}] = {v}", "H": "el_put_u16({p}, {v})", "I": "el_put_u32({p}, {v})", "Q": "el_put_u64({p}, {v})",
    "h": "el_put_u16({p}, (uint16_t){v})", "f": "el_put_f32({p}, {v})",
}  # fmt: skip
SIZES = {"B": 1, "H": 2, "I": 4, "Q": 8, "h": 2, "f": 4}

HEAD = """\
/* Made by `python3 -m tools.firmware.header` of firmware_bridge/protocol/messages.py and constants.py: change those.
 *
 * el_read_… takes a payload of n bytes apart; false: of another length than the message can have. Pointers of the
 * result point into the payload. el_write_… writes the fixed part and returns its size; the rest is the caller's. */
#ifndef EL_MESSAGES_H
#define EL_MESSAGES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

"""
HELPERS = """
/* One instruction where words may lie anywhere; compilers that count the four bytes would rather call it. */
#if defined(__ARM_FEATURE_UNALIGNED) && defined(__GNUC__)
#define EL_INLINE static inline __attribute__((always_inline))
#else
#define EL_INLINE static inline
#endif

EL_INLINE uint16_t el_get_u16(const uint8_t *p) {
    return (uint16_t)(p[0] | (uint16_t)(p[1] << 8));
}

EL_INLINE uint32_t el_get_u32(const uint8_t *p) {
    return (uint32_t)p[0] | ((uint32_t)p[1] << 8) | ((uint32_t)p[2] << 16) | ((uint32_t)p[3] << 24);
}

static inline uint64_t el_get_u64(const uint8_t *p) {
    return (uint64_t)el_get_u32(p) | ((uint64_t)el_get_u32(p + 4) << 32);
}

static inline int16_t el_get_i16(const uint8_t *p) {
    const uint16_t bits = el_get_u16(p);
    return (int16_t)(bits < 0x8000 ? (int32_t)bits : (int32_t)bits - 0x10000);
}

static inline float el_get_f32(const uint8_t *p) {
    const uint32_t bits = el_get_u32(p);
    float value;
    memcpy(&value, &bits, 4);
    return value;
}

EL_INLINE void el_put_u16(uint8_t *p, uint16_t v) {
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

EL_INLINE void el_put_u32(uint8_t *p, uint32_t v) {
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
    p[2] = (uint8_t)(v >> 16);
    p[3] = (uint8_t)(v >> 24);
}

static inline void el_put_u64(uint8_t *p, uint64_t v) {
    el_put_u32(p, (uint32_t)v);
    el_put_u32(p + 4, (uint32_t)(v >> 32));
}

static inline void el_put_f32(uint8_t *p, float v) {
    uint32_t bits;
    memcpy(&bits, &v, 4);
    el_put_u32(p, bits);
}
"""


def text() -> str:
    """Return the whole header."""
    parts = [HEAD, *_constants(constants), f"#define EL_SCHEMA 0x{SCHEMA:08X}U\n\n"]
    parts += [f"#define EL_{_upper(kind)} {number}\n" for number, kind in NUMBERED.items()]
    parts += [f"#define EL_{_upper(kind)}_FIXED {FORMS[kind].fixed.size}\n" for kind in NUMBERED.values()]
    parts += [f"#define EL_HELLO_AT_{field.upper()} {at}\n" for field, at in _places(Hello)]
    each = [f" \\\n    X({_struct(kind)}, {_lower(kind)}, {_upper(kind)})" for kind in NUMBERED.values()]
    parts += [
        "\n/* X(struct, name in el_read_… and el_write_…, number) for every message */\n",
        "#define EL_MESSAGES(X)",
        *each,
        "\n",
    ]
    parts += [HELPERS, *(_message(kind) for kind in NUMBERED.values()), "\n#endif\n"]
    return "".join(parts)


def main() -> None:
    """Write the header where the firmware includes it from."""
    PATH.write_text(text())
    print(f"wrote {PATH}")


def _constants(module: ModuleType) -> list[str]:
    """Numbers by their names, kinds as EL_KIND_…, each entry of a dictionary CODES as EL_CODE_…"""
    lines = []
    for name, value in vars(module).items():
        if isinstance(value, int) and name.isupper():
            lines.append(_define("KIND_" + name if name in KINDS else name, value))
        elif isinstance(value, dict) and name.isupper():
            lines += [_define(f"{name[:-1]}_{entry.upper()}", number) for entry, number in value.items()]
    return lines


def _define(name: str, value: int) -> str:
    number = f"({value})" if value < 0 else f"{value}U" if value >= LARGE else str(value)
    return f"#define EL_{name} {number}\n"


def _places(kind: type[Any]) -> list[tuple[str, int]]:
    """Where each field of a message begins, for who needs a few of many."""
    codes = [code for _, code in FORMS[kind].fields]
    return [
        (name, struct.calcsize("<" + "".join(codes[:i]))) for i, (name, _) in enumerate(FORMS[kind].fields)
    ]


def _message(kind: type[Any]) -> str:
    """The struct of a message, what reads it and what writes it."""
    name, c_struct, form = _lower(kind), _struct(kind), FORMS[kind]
    members, reads, writes, at = [], [], [], 0
    for field, code in form.fields:
        if code == "*":
            members.append(f"    const uint8_t *{field};\n    uint16_t {field}_size;\n")
            reads.append(f"    m->{field} = p + {at};\n    m->{field}_size = (uint16_t)(n - {at});\n")
        elif code.endswith("s"):
            members.append(f"    uint8_t {field}[{code[:-1]}];\n")
            reads.append(f"    memcpy(m->{field}, p + {at}, {code[:-1]});\n")
            writes.append(f"    memcpy(to + {at}, m->{field}, {code[:-1]});\n")
            at += int(code[:-1])
        else:
            members.append(f"    {C_TYPES[code]} {field};\n")
            reads.append(f"    m->{field} = {READ[code].format(p=_at('p', at), at=at)};\n")
            writes.append(f"    {WRITE[code].format(p=_at('to', at), at=at, v=f'm->{field}')};\n")
            at += SIZES[code]
    wrong = f"n < EL_{_upper(kind)}_FIXED" if form.rest else f"n != EL_{_upper(kind)}_FIXED"
    return (
        f"\ntypedef struct {{\n{''.join(members)}}} {c_struct};\n"
        f"\nstatic inline bool el_read_{name}({c_struct} *m, const uint8_t *p, uint16_t n) {{\n"
        f"    if ({wrong}) {{\n        return false;\n    }}\n{''.join(reads)}    return true;\n}}\n"
        f"\nstatic inline uint16_t el_write_{name}(uint8_t *to, const {c_struct} *m) {{\n"
        f"{''.join(writes)}    return EL_{_upper(kind)}_FIXED;\n}}\n"
    )


def _at(pointer: str, offset: int) -> str:
    return f"{pointer} + {offset}" if offset else pointer


def _struct(kind: type[Any]) -> str:
    """Its name in C: el_read_state and el_write_state are functions already, those of STATE."""
    name = _lower(kind)
    taken = any(
        name == f"{verb}_{_lower(other)}" for verb in ("read", "write") for other in NUMBERED.values()
    )
    return f"el_{name}_message" if taken else f"el_{name}"


def _lower(kind: type[Any]) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


def _upper(kind: type[Any]) -> str:
    return _lower(kind).upper()


if __name__ == "__main__":
    main()
