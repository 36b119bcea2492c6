"""The only import of onnx: a network as a graph that can be walked and cut. For the desktop."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from edgelearn.errors import MissingExtraError, ModelError
from edgelearn.extractor import roles
from edgelearn.extractor.roles import Dim, Tensor
from edgelearn.extractor.wire import PREFIX


class Known(NamedTuple):
    """What shape inference knows of a tensor for a batch of 1; None where it does not."""

    shape: tuple[int | None, ...] | None
    dtype: "np.dtype[Any] | None"

    @property
    def elements(self) -> int | None:
        """Number of elements, when every dimension is known."""
        if self.shape is None or None in self.shape:
            return None
        return int(np.prod([size for size in self.shape if size is not None], dtype=np.int64))


def load(data: bytes, path: Path, why: str = "to cut a network") -> "Graph":
    """Parse a model; weights kept in files beside it are read in. Raises MissingExtraError, ModelError."""
    try:
        import onnx
        from google.protobuf.message import DecodeError
        from onnx.external_data_helper import load_external_data_for_model
    except ImportError as error:
        raise MissingExtraError(
            f"The onnx package is needed {why}: pip install 'edgelearn[cut]'. A device needs none when it loads "
            "a file written by `edgelearn cut`."
        ) from error
    try:
        model = onnx.load_model_from_string(data)
        load_external_data_for_model(model, str(path.parent))
    except (DecodeError, OSError, ValueError, onnx.checker.ValidationError) as error:
        raise ModelError(f"{path.name} cannot be read: {str(error).splitlines()[0]}") from error
    return Graph(model, path.name)


class Graph:
    """The main graph of a model. ``name``: of the file, for messages."""

    def __init__(self, model: Any, name: str) -> None:
        self.model = model
        self.name = name
        graph = model.graph
        self.nodes = list(graph.node)
        self.weights = {item.name for item in graph.initializer}
        self.weights |= {item.values.name for item in graph.sparse_initializer}
        self.producer = {output: node for node in self.nodes for output in node.output if output}
        self.inputs = [_tensor(value) for value in graph.input if value.name not in self.weights]
        self.outputs = [_tensor(value) for value in graph.output]

    @property
    def opset(self) -> int:
        """Version of the standard operator set."""
        return max(
            (item.version for item in self.model.opset_import if item.domain in ("", "ai.onnx")), default=0
        )

    def roles(self, constants: Iterable[str], feature: str | None = None) -> roles.Roles:
        """The sample, states and constants among the inputs."""
        return roles.assign(self.inputs, self.outputs, constants, feature)

    @cached_property
    def live(self) -> set[str]:
        """Tensors that depend on an input; all others are constants."""
        live = {tensor.name for tensor in self.inputs}
        for node in self.nodes:
            if not live.isdisjoint(reads(node)):
                live.update(node.output)
        return live

    @cached_property
    def known(self) -> Mapping[str, Known]:
        """Shape and dtype of every tensor of the main graph, for a batch of 1."""
        import onnx

        model = onnx.ModelProto()
        model.CopyFrom(self.model)
        del model.graph.value_info[:]
        assigned = self.roles(())
        for value in model.graph.input:
            shape = value.type.tensor_type.shape
            if value.name == assigned.sample.name and roles.batch_size(assigned.sample) == 1:
                shape.dim[0].dim_value = 1
            elif value.name in assigned.states:
                for dim in shape.dim:
                    dim.dim_value = dim.dim_value or 1
        try:
            graph = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
        except (onnx.shape_inference.InferenceError, ValueError) as error:
            raise ModelError(f"{self.name} is not a valid graph: {str(error).splitlines()[0]}") from error
        values = {value.name: _known(value) for value in [*graph.input, *graph.value_info, *graph.output]}
        return values | {
            item.name: Known(tuple(item.dims), _dtype(item.data_type)) for item in graph.initializer
        }

    def for_one(self, tensor: str) -> Known:
        """What is known of a tensor for one sample: a batch of fixed size counts as 1."""
        known = self.known.get(tensor, Known(None, None))
        batch = roles.batch_size(self.roles(()).sample, known.shape or ())
        if known.shape is None or batch is None or batch == 1:
            return known
        return known._replace(shape=(1, *known.shape[1:]))

    def cut(self, tensor: str, constants: Mapping[str, Any]) -> bytes:
        """The smallest stand-alone model that computes this tensor (and the states that are fed back).

        Raises ModelError when there is no such tensor, with the nearest names.
        """
        if tensor not in self.producer or tensor not in self.live:
            raise self._unknown(tensor)
        states = self.roles(constants, tensor).states
        outputs = [tensor]
        while more := [
            states[name] for name in states if name in self._needs(outputs) and states[name] not in outputs
        ]:
            outputs += more
        return _to_bytes(self._part(outputs))

    def with_output(self, tensor: str) -> bytes:
        """The whole model, which also gives out this tensor."""
        if tensor in {value.name for value in self.outputs}:
            return self.to_bytes()
        import onnx

        model = onnx.ModelProto()
        model.CopyFrom(self.model)
        model.graph.output.append(self._value(tensor))
        return _to_bytes(model)

    def to_bytes(self) -> bytes:
        """The whole model in one piece."""
        return _to_bytes(self.model)

    def _needs(self, outputs: list[str]) -> set[str]:
        """Every tensor on the way from inputs and weights to these."""
        needed = set(outputs)
        for node in reversed(self.nodes):
            if not needed.isdisjoint(node.output):
                needed |= reads(node)
        return needed

    def _part(self, outputs: list[str]) -> Any:
        import onnx

        needed = self._needs(outputs)
        nodes = [node for node in self.nodes if not needed.isdisjoint(node.output)]
        part = onnx.ModelProto()
        part.CopyFrom(self.model)
        del part.metadata_props[:]
        part.metadata_props.extend(
            item for item in self.model.metadata_props if not item.key.startswith(PREFIX)
        )
        graph = part.graph
        for items, kept in (
            (graph.node, nodes),
            (graph.initializer, [item for item in self.model.graph.initializer if item.name in needed]),
            (
                graph.sparse_initializer,
                [i for i in self.model.graph.sparse_initializer if i.values.name in needed],
            ),
            (graph.input, [item for item in self.model.graph.input if item.name in needed]),
            (graph.output, [self._value(name) for name in outputs]),
            (graph.value_info, []),
            (graph.quantization_annotation, []),
        ):
            del items[:]
            items.extend(kept)
        return part

    def _value(self, name: str) -> Any:
        """The declaration of an output: as it was when it is one already, else as inferred."""
        import onnx

        for value in self.model.graph.output:
            if value.name == name:
                return value
        value = onnx.ValueInfoProto(name=name)
        for known in (
            *onnx.shape_inference.infer_shapes(self.model).graph.value_info,
            *self.model.graph.value_info,
        ):
            if known.name == name and known.type.tensor_type.elem_type:
                value.CopyFrom(known)
                break
        return value

    def _unknown(self, tensor: str) -> ModelError:
        names = [name for name in self.producer if name in self.live]
        inside = [name for name in names if tensor.lower() in name.lower()]
        near = [*get_close_matches(tensor, names, 3, 0.6), *inside[-3:]] or names[-3:]
        offer = ", ".join(repr(name) for name in dict.fromkeys(near))
        wrong = "cannot be cut at its input or constant" if self._fixed(tensor) else "has no tensor"
        return ModelError(
            f"{self.name} {wrong} {tensor!r}; near it are {offer} (`edgelearn inspect` lists all)."
        )

    def _fixed(self, name: str) -> bool:
        return (
            name in self.producer or name in self.weights or name in {tensor.name for tensor in self.inputs}
        )


def reads(node: Any) -> set[str]:
    """Every tensor a node needs: its inputs, and what its subgraphs (If, Loop, Scan) take from outside."""
    names = {name for name in node.input if name}
    for graph in subgraphs(node):
        inside = {value.name for value in graph.input} | {item.name for item in graph.initializer}
        for inner in graph.node:
            names |= reads(inner) - inside
            inside.update(inner.output)
        names |= {value.name for value in graph.output} - inside
    return names


def subgraphs(node: Any) -> Iterator[Any]:
    """The graphs inside a node."""
    for attribute in node.attribute:
        if attribute.HasField("g"):
            yield attribute.g
        yield from attribute.graphs


def _tensor(value: Any) -> Tensor:
    shape: tuple[Dim, ...] = tuple(
        dim.dim_value if dim.HasField("dim_value") else dim.dim_param or None
        for dim in value.type.tensor_type.shape.dim
    )
    return Tensor(value.name, shape, _dtype(value.type.tensor_type.elem_type) or np.dtype(object))


def _known(value: Any) -> Known:
    kind = value.type.tensor_type
    shape = tuple(dim.dim_value if dim.HasField("dim_value") else None for dim in kind.shape.dim)
    return Known(shape if kind.HasField("shape") else None, _dtype(kind.elem_type))


def _dtype(elem_type: int) -> "np.dtype[Any] | None":
    import onnx

    try:
        return np.dtype(onnx.helper.tensor_dtype_to_np_dtype(elem_type)) if elem_type else None
    except (KeyError, TypeError):
        return None


def _to_bytes(model: Any) -> bytes:
    """The same model is the same bytes, and so has one fingerprint."""
    data: bytes = model.SerializeToString(deterministic=True)
    return data
