"""What can go wrong on the link; every error is a `BridgeError`."""


class BridgeError(Exception):
    """The base of all errors of this package."""


class MalformedError(BridgeError, ValueError):
    """A message whose values or bytes do not fit its form."""


class FrameError(BridgeError, ValueError):
    """A frame that is damaged, or too large for the other end."""


class RefusedError(BridgeError):
    """The other end speaks another protocol, another schema, or has another key."""


class DeadlineError(BridgeError, TimeoutError):
    """The device did not answer in time."""


class PortError(BridgeError, OSError):
    """The port cannot be opened, or has vanished."""


class CommandError(BridgeError):
    """The device refused a command; ``code`` is its name (`constants.CODES`), ``detail`` the number it gave."""

    def __init__(self, message: str, code: str, detail: int) -> None:
        super().__init__(message)
        self.code, self.detail = code, detail
