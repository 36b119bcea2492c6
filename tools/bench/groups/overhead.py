"""What learning adds to a frozen MobileNet v2, measured with the network in the loop."""

from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

from tools.bench import data
from tools.bench.figure import Figure, Goal, Group, Measured
from tools.bench.harness import control, interleave, medians, ratio

WIDTHS = {256: 2.0, 512: 4.0}  # features after projection: per cent allowed
CLASSES = 10
IMAGES = 40
LONG_NS = 30_000_000  # a few frames in a row: what learning evicts from the caches is then paid for too
REPEATS = 250
NOISE = 0.005
LEARNED = 2000  # samples learned before: the first ones cost more, while the prior finds its scale


def measure() -> Iterator[Measured]:
    import numpy as np

    from edgelearn.extractor import Extractor
    from edgelearn.learner import Learner
    from edgelearn.readouts import make

    extractor = Extractor(data.network("mobilenet_v2_1.0_224_quant.feat"))
    rng = np.random.default_rng(0)
    images = [_image(rng) for _ in range(IMAGES)]
    warm = _near(extractor.many(images), rng)
    readouts = {width: make("slda", project=width) for width in WIDTHS}
    learner = Learner(extractor, make("slda", project=256))
    for readout in (*readouts.values(), learner.readout):
        readout.learn_many(*warm)
    variants: dict[str, Callable[[], object]] = {"extractor": _alone(extractor, images)}
    for width in WIDTHS:
        variants[f"learn {width}"] = _learning(extractor, readouts[width], images)
    variants["Learner 256"] = _learner(learner, images)
    times = interleave(variants, repeats=REPEATS, long_enough_ns=LONG_NS)
    for width in WIDTHS:
        added = 100 * (ratio(times, f"learn {width}", "extractor") - 1)
        yield Measured(f"overhead.d{width}", added, control(times), detail=medians(times))
    yield Measured(
        "overhead.learner_d256", 100 * (ratio(times, "Learner 256", "extractor") - 1), control(times)
    )


def _image(rng: Any) -> Any:
    """A coarse random pattern, 224 x 224 x 3: features of natural size and of rank."""
    import numpy as np

    coarse = rng.integers(0, 256, (14, 14, 3))
    return np.kron(coarse, np.ones((16, 16, 1))).astype(np.uint8)


def _near(features: Any, rng: Any) -> tuple[Any, Any]:
    """Return samples (n, D) around the features of the images, and their classes (n,)."""
    import numpy as np

    of = np.arange(LEARNED) % IMAGES
    noise = rng.normal(size=(LEARNED, features.shape[1])) * features.std(axis=0)
    return (features[of] + noise).astype(np.float32), of % CLASSES


def _alone(extractor: Any, images: list[Any]) -> Callable[[], object]:
    stream = cycle(images)
    return lambda: extractor(next(stream))


def _learning(extractor: Any, readout: Any, images: list[Any]) -> Callable[[], object]:
    stream = cycle([(image, i % CLASSES) for i, image in enumerate(images)])

    def step() -> None:
        image, label = next(stream)
        features = extractor(image)
        readout.predict_one(features)
        readout.learn_one(features, label)

    return step


def _learner(learner: Any, images: list[Any]) -> Callable[[], object]:
    stream = cycle([(image, i % CLASSES) for i, image in enumerate(images)])

    def step() -> None:
        image, label = next(stream)
        learner.feedback(learner.predict_one(image).ticket, label=label)

    return step


GROUP = Group(
    "overhead",
    (
        *(
            Figure(
                f"overhead.d{width}", "% CPU",
                f"predict + learn added to MobileNet v2, streaming LDA, 1280 features projected to {width}",
                Goal("<=", most), "the same network alone", NOISE,
            )
            for width, most in WIDTHS.items()
        ),
        Figure(
            "overhead.learner_d256", "% CPU", "the same through Learner, predict_one then feedback",
            None, "the same network alone", NOISE,
        ),
    ),
    measure,
    sets=("extractors",),
)  # fmt: skip
