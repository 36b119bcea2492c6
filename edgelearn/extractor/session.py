"""The only import of onnxruntime: a session of one thread that never spins, and calls bound in advance."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from edgelearn.errors import ModelError
from edgelearn.extractor.roles import Tensor
from edgelearn.types import Array

_DTYPES = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(uint8)": np.uint8,
    "tensor(int8)": np.int8,
    "tensor(uint16)": np.uint16,
    "tensor(int16)": np.int16,
    "tensor(uint32)": np.uint32,
    "tensor(int32)": np.int32,
    "tensor(uint64)": np.uint64,
    "tensor(int64)": np.int64,
    "tensor(bool)": np.bool_,
}
_ERRORS = (
    "EPFail Fail InvalidArgument InvalidGraph InvalidProtobuf ModelLoaded NoModel NoSuchFile NotImplemented "
    "RuntimeException"
)
_NOISE = re.compile(
    r"^Error in execution: |^\[ONNXRuntimeError\] : \d+ : \w+ : |/onnxruntime_src/\S+ [^(]*\(.*?\) "
)
_SILENT = 4  # onnxruntime's severity "fatal": what goes wrong is raised, not printed as well


class Network:
    """A loaded network. Raises ModelError when onnxruntime refuses it, with onnxruntime's reason."""

    def __init__(self, data: bytes, name: str, *, threads: int = 1, optimise: bool = True) -> None:
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = _SILENT
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry("session.inter_op.allow_spinning", "0")
        if not optimise:
            options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        self._name = name
        self._errors = _error_types()
        try:
            self._session = ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        except self._errors as error:
            raise ModelError(f"{name} cannot be loaded: {_reason(error)}") from error
        self.inputs = [self._tensor(node) for node in self._session.get_inputs()]
        self.outputs = [self._tensor(node) for node in self._session.get_outputs()]

    def run(self, outputs: Sequence[str], feeds: Mapping[str, Array]) -> list[Array]:
        """Run once, with whatever shapes come. Raises ModelError with onnxruntime's reason."""
        try:
            return list(self._session.run(list(outputs), dict(feeds)))
        except self._errors as error:
            raise ModelError(f"{self._name} cannot be run on this input: {_reason(error)}") from error

    def bind(self, inputs: Mapping[str, Array], outputs: Mapping[str, Array]) -> Callable[[], None]:
        """A call that reads these arrays and writes those, in place; the caller keeps them alive.

        The call raises ModelError with onnxruntime's reason alone.
        """
        binding = self._session.io_binding()
        for tensor, array in inputs.items():
            binding.bind_input(tensor, "cpu", 0, array.dtype, array.shape, array.ctypes.data)
        for tensor, array in outputs.items():
            binding.bind_output(tensor, "cpu", 0, array.dtype, array.shape, array.ctypes.data)
        run = self._session.run_with_iobinding
        errors = self._errors

        def call() -> None:
            try:
                run(binding)
            except errors as error:
                raise ModelError(_reason(error)) from error

        return call

    def _tensor(self, node: Any) -> Tensor:
        if node.type not in _DTYPES:
            raise ModelError(
                f"{self._name}: {node.name!r} is a {node.type}, and only tensors of numbers can be used."
            )
        return Tensor(node.name, tuple(node.shape), np.dtype(_DTYPES[node.type]))


def _error_types() -> tuple[type[Exception], ...]:
    """onnxruntime's exceptions have no base class of their own, and some of its errors are RuntimeErrors."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    return (RuntimeError, *(getattr(state, name) for name in _ERRORS.split() if hasattr(state, name)))


def _reason(error: Exception) -> str:
    """onnxruntime's message without its code, source file and C++ signature."""
    text = _NOISE.sub("", str(error)).strip().splitlines()
    return text[0][:400] if text else type(error).__name__
