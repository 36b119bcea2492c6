"""The learner of the firmware as a library, built with a header that `edgelearn.export.to_c` wrote."""

import ctypes
from pathlib import Path

import numpy as np

from edgelearn.types import Array
from tests.bridge.conftest import SOURCES, TRAPPED, Library


class Native:
    """The C head behind ``header``; codes are numbers."""

    def __init__(self, library: Library, name: str, header: Path, n_post: int, kind: type) -> None:
        sources = [SOURCES / name for name in ("learner_f32.c", "learner_q15.c", "math.c")]
        self._c = library(name, sources, (*TRAPPED, "-include", str(header)))
        self._scores = np.zeros(n_post, kind)
        self._c.el_learner_state_size.restype = ctypes.c_size_t
        self._c.el_learner_reward.argtypes = (ctypes.c_void_p, ctypes.c_float)
        self._c.el_learner_start()

    def predict(self, x: Array) -> Array:
        label = ctypes.c_int16()
        assert self._c.el_learner_predict(_at(x), _at(self._scores), ctypes.byref(label)) == 0
        assert label.value == int(self._scores.argmax())
        return self._scores.copy()

    def learn(self, x: Array, label: int) -> int:
        return int(self._c.el_learner_learn(_at(x), ctypes.c_int16(label)))

    def reward(self, x: Array, reward: float) -> int:
        return int(self._c.el_learner_reward(_at(x), reward))

    def state(self) -> bytes:
        found = np.zeros(self._c.el_learner_state_size(), np.uint8)
        self._c.el_learner_state_read(ctypes.c_size_t(0), _at(found), ctypes.c_size_t(len(found)))
        return found.tobytes()

    def load(self, state: bytes) -> None:
        self._c.el_learner_state_write(ctypes.c_size_t(0), state, ctypes.c_size_t(len(state)))


def _at(array: Array) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)
