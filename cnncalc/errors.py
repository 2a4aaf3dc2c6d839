"""What can be wrong with a definition, a network or a request, each with its place."""

from __future__ import annotations

from .wording import quote


class CnncalcError(Exception):
    """Anything that a user can cause. `path`, `line` and `layer` say where, as far as known."""

    def __init__(
        self,
        message: str,
        *,
        path: str | None = None,
        line: int | None = None,
        layer: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line
        self.layer = layer
        self.use = ""

    def tell_use(self, use: str) -> None:
        """Tell of the use of the innermost block that the error is in; outer ones add nothing."""
        if not self.use:
            self.use = use
            self.message = f"{self.message} ({use})"

    @property
    def place(self) -> str:
        """The file and the line, a colon behind each, as far as known."""
        return "".join(f"{part}:" for part in (self.path, self.line) if part is not None)

    def __str__(self) -> str:
        layer = f"layer {quote(self.layer)}:" if self.layer is not None else ""
        return " ".join(part for part in (self.place, layer, self.message) if part)


class DefinitionError(CnncalcError):
    """The definition file does not say what a definition may say."""


class BlocksAlone(DefinitionError):
    """The file has blocks for others to include, and no network of its own."""


class NetworkError(CnncalcError):
    """The definition reads well, but its layers do not make a network."""


class UsageError(CnncalcError):
    """What was asked for does not exist or does not fit: a name, a size, an argument."""
