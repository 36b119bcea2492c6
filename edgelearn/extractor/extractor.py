"""A frozen ONNX network as a function: one sample in, one float32 feature vector out."""

from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from edgelearn.errors import ConfigError, InputError, ModelError
from edgelearn.extractor import roles
from edgelearn.extractor.adapt import Adapter, Plan, spell
from edgelearn.extractor.bound import Bound, finite
from edgelearn.extractor.preparation import prepare
from edgelearn.extractor.preprocess import Numbers, Preprocess, Resize, declare
from edgelearn.extractor.session import Network
from edgelearn.types import F32, Array


class Extractor:
    """A frozen network, cut at a feature tensor.

    ``cut``: "auto" = the tensor a cut file names, else the input of the last classifier layer, else the first
    output; a tensor name; or None = the first output of the network as it is. Cutting needs the onnx package;
    a file written by ``edgelearn cut`` does not. ``scale``, ``mean``, ``std``, ``layout``, ``resize``: what
    is done to samples first (see ``preprocess.py``); what is left out is as the file declares. ``constants``:
    values of extra inputs, such as ``{"sr": 16000}``. Inputs that are states are fed back from call to call.

    Not for two threads at once: all calls share one input and one output buffer.
    Raises ModelError for a file or cut that cannot be used, ConfigError for an impossible declaration,
    MissingExtraError when onnx is needed and not installed.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        cut: str | None = "auto",
        *,
        scale: float | None = None,
        mean: Numbers | None = None,
        std: Numbers | None = None,
        layout: str | None = None,
        resize: Resize | None = None,
        constants: Mapping[str, Any] | None = None,
        threads: int = 1,
    ) -> None:
        self.path = _path(path)
        if not isinstance(threads, int) or threads < 1:
            raise ConfigError(f"threads is a whole number of 1 or more, not {threads!r}.")
        prepared = prepare(self.path, cut, declare(scale, mean, std, layout, resize, constants))
        self.cut = prepared.cut  # the feature tensor
        self.fingerprint = prepared.fingerprint  # SHA-256 of network and preprocessing, 64 hex digits
        self.preprocess: Preprocess = prepared.declared
        self.notes: list[str] = [prepared.note] if prepared.note else []  # what was adapted, in sentences
        self._network = Network(prepared.data, self.path.name, threads=threads)
        self._roles, self._batch = self._assign()
        sample = self._roles.sample
        shape = sample.shape if self._batch is None else sample.shape[1:]
        self.input_shape = tuple(size if isinstance(size, int) else None for size in shape)  # None: any size
        self.input_dtype = sample.dtype
        self._adapter = Adapter(self.input_shape, sample.dtype, self.preprocess)
        self._fixed = roles.constant_arrays(self._roles.constants, self.preprocess.constants)
        self._states = roles.zero_states(self._network.inputs, self._roles.states)
        self._plans: dict[tuple[tuple[int, ...], np.dtype[Any]], Plan] = {}
        self._direct: tuple[tuple[int, ...], np.dtype[Any]] | None = None
        self._bound: Bound | None = None
        if None not in self.input_shape:
            self._bind(tuple(size for size in self.input_shape if size is not None))

    def __repr__(self) -> str:
        return (
            f"Extractor({str(self.path)!r}, cut={self.cut!r}, n_features={self.n_features}, "
            f"fingerprint={self.fingerprint[:12]}…)"
        )

    @property
    def n_features(self) -> int | None:
        """D. None while a network that takes any size has seen no sample; then that of the latest."""
        return None if self._bound is None else self._bound.n_features

    def __call__(self, x: Array) -> F32:
        """One sample, without batch dimension -> its (D,) float32 features, a new array.

        Raises InputError for a shape or dtype that cannot be brought to what the network takes, for a NaN or
        infinity in the sample or its features, and when the network fails on it (states stay as they were).
        """
        bound = self._bound
        if bound is not None and type(x) is np.ndarray and (x.shape, x.dtype) == self._direct:
            bound.sample[...] = x
        else:
            bound = self._adapted(x)
        if not bound.finite():
            raise InputError("The sample holds a NaN or an infinity; it was refused.")
        try:
            features = bound.step()
        except ModelError as error:
            raise InputError(
                f"The network could not be run on this sample: {str(error).rstrip('.')}; it was refused."
            ) from error
        if not finite(features):
            raise InputError(
                "The network gives features that are not finite for this sample; it was refused."
            )
        return features

    def many(self, X: Iterable[Array]) -> F32:
        """(n, ...) samples -> (n, D) features, exactly those of the loop over single calls."""
        rows = [self(x) for x in X]
        if not rows:
            return np.empty((0, self.n_features or 0), np.float32)
        if len({row.size for row in rows}) > 1:
            raise InputError(
                "Samples of several sizes give features of several lengths here; cut or pad them to one size."
            )
        return np.stack(rows)

    def reset(self) -> None:
        """Set the states of the network to zero, as at the start of a stream."""
        for state in self._states.values():
            state.fill(0)

    def _assign(self) -> tuple[roles.Roles, int | None]:
        network, constants = self._network, self.preprocess.constants
        assigned = roles.assign(network.inputs, network.outputs, constants, self.cut)
        roles.missing(assigned.constants, constants)
        if assigned.states:
            self.notes.append(f"states fed back from call to call: {', '.join(assigned.states)}")
        feature = next(tensor for tensor in network.outputs if tensor.name == self.cut)
        return assigned, roles.batch_size(assigned.sample, feature.shape)

    def _bind(self, shape: tuple[int, ...]) -> Bound:
        try:
            bound = Bound(self._network, self._roles, self.cut, self._fixed, self._states, self._batch, shape)
        except ModelError as error:
            if None in self.input_shape:
                raise InputError(f"A sample of {spell(shape)} does not fit: {error}") from error
            raise
        self._bound = bound
        self._direct = None
        return bound

    def _adapted(self, x: Array) -> Bound:
        """The slower way in: plan for this kind of sample, bind to its size, fill."""
        try:
            x = np.asarray(x)
        except ValueError as error:
            raise InputError("The sample is no array of numbers: its rows differ in length.") from error
        kind = (x.shape, x.dtype)
        if kind not in self._plans:
            self._plans[kind] = self._new_plan(*kind)
        plan = self._plans[kind]
        if x.dtype.kind == "f" and not finite(np.ascontiguousarray(x).reshape(-1)):
            raise InputError("The sample holds a NaN or an infinity; it was refused.")
        bound = self._bound
        if bound is None or bound.shape != plan.shape:
            bound = self._bind(plan.shape)
        self._direct = kind if plan.direct else None
        with np.errstate(
            over="ignore"
        ):  # a float64 too large for the network becomes an infinity, refused next
            plan.fill(x, bound.sample)
        return bound

    def _new_plan(self, shape: tuple[int, ...], dtype: "np.dtype[Any]") -> Plan:
        plan = self._adapter.plan(shape, dtype)
        self.notes += [note for note in plan.notes if note not in self.notes]
        if len(self._plans) >= _PLANS:
            self._plans.clear()
        return plan


def _path(path: Any) -> Path:
    try:
        return Path(path)
    except TypeError:
        raise ConfigError(f"The network is given as the name of an ONNX file, not as {path!r}.") from None


_PLANS = 16  # kinds of samples remembered; a stream of ever new sizes stays bounded
