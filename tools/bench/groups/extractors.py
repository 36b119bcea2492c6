"""Frozen networks: all load, features are those of the published cut to the bit, and a call costs little."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.bench import data
from tools.bench.figure import Figure, Goal, Group, Measured
from tools.bench.harness import control, interleave, medians, ratio

# network -> tensor its publisher's page (or the pack's) names as the features; None: the first output
TENSORS = {
    "mobilenet_v2_1.0_224_quant": "MobilenetV2/Logits/AvgPool_prequant",
    "mobilenet_v1_0.25_128_quant": "MobilenetV1/Logits/AvgPool_1a/AvgPool_prequant",
    "vww_mnv1_025_96_f32": "model/average_pooling2d/AvgPool",
    "vww_mnv1_025_96_int8": "model/average_pooling2d/AvgPool_prequant",
    "resnet8_cifar10_f32": "model/average_pooling2d/AvgPool",
    "resnet8_cifar10_int8": "model/average_pooling2d/AvgPool_prequant",
    "mnist_cntk": "Pooling160_Output_0",
    "kws_dscnn_f32": "functional_1/average_pooling2d/AvgPool",
    "kws_dscnn_int8": "functional_1/average_pooling2d/AvgPool_prequant",
    "ultraface_rfb320": "scores",
    "oww_melspectrogram": None,
    "oww_embedding_model": "conv2d_19",
    "silero_vad_16k_op15": None,
    "ad_toycar_f32": "Relu__25:0",
}
CONSTANTS = {"silero_vad_16k_op15": {"sr": 16000}}
FREE = {"oww_melspectrogram": (1760,), "silero_vad_16k_op15": (576,)}
SAMPLES = 10


def measure() -> Iterator[Measured]:
    from edgelearn.extractor import Extractor

    loaded, equal, twins = 0, 0, 0
    said: dict[str, Any] = {}
    for name, tensor in TENSORS.items():
        extractor = Extractor(data.network(name), cut=tensor, constants=CONSTANTS.get(name))
        samples = _samples(extractor, FREE.get(name))
        features = [extractor(x) for x in samples]
        loaded += 1
        said[name] = {"tensor": extractor.cut, "features": len(features[0])}
        twin = data.network(f"{name}.feat")
        if twin.exists():
            twins += 1
            said[name]["equal"] = _equal(twin, samples, features)
            equal += said[name]["equal"]
    yield Measured("extractors.load", loaded, detail=said)
    yield Measured(
        "extractors.equal", equal, note=f"of {twins} networks with a cut twin, {SAMPLES} samples each"
    )
    yield _call()


def _samples(extractor: Any, free: tuple[int, ...] | None) -> list[Any]:
    import numpy as np

    rng = np.random.default_rng(0)
    shape = free or extractor.input_shape
    if extractor.input_dtype.kind in "ui":
        low, high = np.iinfo(extractor.input_dtype).min, np.iinfo(extractor.input_dtype).max
        return [rng.integers(low, high + 1, shape).astype(extractor.input_dtype) for _ in range(SAMPLES)]
    return [rng.normal(size=shape).astype(extractor.input_dtype) for _ in range(SAMPLES)]


def _session(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def _equal(twin: Path, samples: list[Any], features: list[Any]) -> bool:
    import numpy as np

    session = _session(twin)
    name = session.get_inputs()[0].name
    return all(
        np.array_equal(session.run(["features"], {name: x[None]})[0][0], own)
        for x, own in zip(samples, features, strict=True)
    )


def _call() -> Measured:
    from edgelearn.extractor import Extractor

    path = data.network("mnist_cntk.feat")
    extractor, session = Extractor(path), _session(path)
    x = _samples(extractor, None)[0]
    name, batch = session.get_inputs()[0].name, x[None]
    times = interleave(
        {"ours": lambda: extractor(x), "session.run": lambda: session.run(None, {name: batch})}
    )
    return Measured(
        "extractors.call", ratio(times, "ours", "session.run"), control(times), detail=medians(times)
    )


GROUP = Group(
    "extractors",
    (
        Figure("extractors.load", "networks", "public networks that load and give features", Goal(">=", 14)),
        Figure("extractors.equal", "networks", "features equal to the cut file's, to the bit", Goal(">=", 9)),
        Figure(
            "extractors.call", "x", "one call on the smallest network (mnist_cntk)", Goal("<=", 1.25),
            "bare onnxruntime session.run",
        ),
    ),
    measure,
    sets=("extractors",),
)  # fmt: skip
