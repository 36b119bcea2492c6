"""The configuration of the long-running process: one dataclass a table, read from a TOML file."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from inspect import signature
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_type_hints

from edgelearn import readouts
from edgelearn.bytesize import parse_bytes
from edgelearn.errors import ConfigError
from edgelearn.layer import Layer
from edgelearn.learner import Learner
from edgelearn.readouts import Readout
from edgelearn.run import schema
from edgelearn.run.layers import layers_in
from edgelearn.run.toml import TomlFile
from edgelearn.sources import KINDS, Lines, Source
from edgelearn.sources.options import Above, Between

T = TypeVar("T")
Positive = Annotated[float, Above(0)]
PositiveInt = Annotated[int, Above(0)]


@dataclass(frozen=True)
class ExtractorTable:
    """[extractor]: the frozen network; what is absent is as the file declares it."""

    path: Path
    cut: str | None = None
    scale: float | None = None
    mean: float | list[float] | None = None
    std: float | list[float] | None = None
    layout: Literal["HWC", "CHW"] | None = None
    resize: bool | tuple[int, int] | None = None
    constants: Any = None
    threads: PositiveInt | None = None

    def arguments(self) -> dict[str, Any]:
        """Return what was given, as arguments of the extractor."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return {key: value for key, value in given.items() if value is not None}


@dataclass(frozen=True)
class LearnerTable:
    """[learner]: how it decides, what it may use, how often it saves."""

    reject_rate: Annotated[float, Between(0, 1)] = 0.05  # 0: never abstain
    budget: int | str | None = None
    ticket_ttl_s: Positive = 86400.0
    ticket_bytes: PositiveInt = 1 << 20
    save_every: PositiveInt | None = None  # samples
    save_every_s: Positive = 300.0
    anchors: int | str | None = None  # bytes
    reanchor_every: PositiveInt = 256  # samples that layers learned
    adapt: bool = False  # samples without a label teach the layers that need no teacher


@dataclass(frozen=True)
class StoreTable:
    """[store]: where everything learned is kept."""

    path: Path
    keep: PositiveInt = 5  # versions


@dataclass(frozen=True)
class FeedbackTable:
    """[feedback]: how the truth comes in later."""

    socket: Path | None = None
    stdin: bool = False
    wait_s: Annotated[float, Between(0, float("inf"))] = 0.0  # after the end of the source


@dataclass(frozen=True)
class OutputTable:
    """[output]: what a decision says beside the usual."""

    probabilities: bool = False  # of every class


@dataclass(frozen=True)
class Config:
    """Everything ``run`` needs; layers and readout are empty."""

    source: Source
    learn: bool  # labelled samples are learned after they were predicted
    extractor: ExtractorTable | None
    layers: list[Layer]
    readout: Readout
    learner: LearnerTable
    store: StoreTable | None
    feedback: FeedbackTable
    output: OutputTable


TABLES = [field.name for field in fields(Config) if field.name != "learn"]


def load(path: Path) -> Config:
    """Read a configuration; raises ConfigError that names the file, the line and what to write instead."""
    file = TomlFile(path)
    for name in file.values:
        if name not in TABLES:
            raise file.unknown((name,), TABLES)
    source, learn = _source(file)
    learner = learner_table(file)
    feedback = _read(file, "feedback", FeedbackTable)
    layers, readout = layers_in(file), _readout(file)
    check_plastic(file, layers, readout, learner)
    return Config(
        source=source,
        learn=learn,
        extractor=_read(file, "extractor", ExtractorTable) if "extractor" in file.values else None,
        layers=layers,
        readout=readout,
        learner=learner,
        store=_read(file, "store", StoreTable) if "store" in file.values else None,
        feedback=feedback,
        output=_read(file, "output", OutputTable),
    )


def learner_table(file: TomlFile) -> LearnerTable:
    """Return [learner]; raises ConfigError as `load`."""
    learner = _read(file, "learner", LearnerTable)
    for key in ("budget", "anchors"):
        try:
            parse_bytes(getattr(learner, key) or 1)
        except ConfigError as error:
            raise file.error(("learner", key), f"{key} in [learner]: {error}") from error
    return learner


def check_plastic(file: TomlFile, layers: list[Layer], readout: Readout, learner: LearnerTable) -> None:
    """Raise ConfigError for layers, anchors and a readout that do not go together."""
    try:
        Learner(None, readout, layers=layers, anchors=learner.anchors, reanchor_every=learner.reanchor_every)
    except ConfigError as error:
        raise file.error(("layers",), str(error)) from error
    if not learner.adapt:
        return
    if not any(layer.signal.teaches == "nothing" for layer in layers):
        raise file.error(
            ("learner", "adapt"), "adapt in [learner] needs [[layers]] whose signal needs no teacher"
        )
    if readout.keeps_statistics and learner.anchors is None:
        raise file.error(
            ("learner", "adapt"),
            f"adapt in [learner] moves the features that {readout.name} keeps statistics of: "
            'give anchors = "256KB" as well, or a readout that keeps none',
        )


def reads_stdin(source: Source) -> bool:
    """Return whether the source itself takes standard input."""
    return isinstance(source, Lines) and source.path is None


def _read(file: TomlFile, name: str, kind: type[T]) -> T:
    return kind(**schema.table(file, name, *_hints(kind)))


def _hints(kind: type[Any]) -> tuple[dict[str, Any], set[str]]:
    hints = get_type_hints(kind, include_extras=True)
    required = {f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING}
    return {f.name: hints[f.name] for f in fields(kind)}, required


def _source(file: TomlFile) -> tuple[Source, bool]:
    own = {"kind": Literal[tuple(KINDS)], "learn": bool}
    values = file.values.get("source")
    if not isinstance(values, Mapping) or "kind" not in values:
        raise file.error(("source",), f'[source] needs the key "kind": one of {", ".join(KINDS)}')
    if values["kind"] not in KINDS:
        kinds = ", ".join(KINDS)
        raise file.error(("source", "kind"), f"kind in [source] is {values['kind']!r}; it is one of {kinds}")
    kind = KINDS[values["kind"]]
    hints, required = _hints(kind)
    checked = schema.table(file, "source", {**own, **hints}, required)
    options = {key: value for key, value in checked.items() if key in hints}
    return kind(**options), checked.get("learn", False)


def _readout(file: TomlFile) -> Readout:
    values = file.values.get("readout", {})
    name = values.get("name", "slda") if isinstance(values, dict) else None
    if name not in readouts.names():
        names = ", ".join(readouts.names())
        raise file.error(("readout", "name"), f"name in [readout] is {name!r}; it is one of {names}")
    kind = type(readouts.make(name))
    hints = get_type_hints(kind.__init__, include_extras=True)
    known = {key: hints[key] for key in signature(kind).parameters}
    checked = schema.table(file, "readout", {"name": str, **known}, set())
    options = {key: value for key, value in checked.items() if key in known}
    try:
        return readouts.make(name, **options)
    except ConfigError as error:
        key = next((key for key in options if key in str(error)), "name")
        raise file.error(("readout", key), f"readout {name}: {error}") from error
