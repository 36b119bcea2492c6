"""Every error of edgelearn: one sentence that says what is wrong and what to do next."""


class EdgelearnError(Exception):
    """The root of all errors raised on purpose; nothing that was learned is lost when one is raised."""


class InputError(EdgelearnError, ValueError):
    """A sample or label that cannot be used: wrong shape or dtype, not finite, another kind of label."""


class ModelError(EdgelearnError, ValueError):
    """An ONNX file that cannot be loaded or cut."""


class BudgetError(EdgelearnError, MemoryError):
    """What was asked for would exceed the memory budget; nothing was changed."""


class TicketError(EdgelearnError, LookupError):
    """A ticket that is unknown, used, expired or evicted."""


class StoreError(EdgelearnError):
    """A store that cannot be opened, read or written, or that belongs to another model."""


class ConfigError(EdgelearnError, ValueError):
    """An option or configuration key that does not exist or has an impossible value."""


class MissingExtraError(EdgelearnError, ImportError):
    """An optional package is needed; the message names the command that installs it."""


class UnsupportedError(EdgelearnError, NotImplementedError):
    """An operation the mathematics of a readout does not allow."""


class LayerError(EdgelearnError, RuntimeError):
    """Layers that must not learn any more below what was learned on them, or that give what is not finite."""


class HealthWarning(RuntimeWarning):
    """A layer fell silent, saturated, collapsed, or its weights ran away."""
