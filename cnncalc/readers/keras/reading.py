"""Keras models: saved architectures, `.keras` archives, and models in memory.

Read from what Keras writes of a model, so that Keras itself need not be installed. A model is read
as it computes in inference. Parameters are all that training could change, those of layers with
`trainable=False` included; moving statistics, and what a Normalization adapted to, are buffers.
"""

from __future__ import annotations

from typing import Any

from ...definition.definition import Definition
from ...errors import CnncalcError, DefinitionError, UsageError
from ...wording import quote
from ..source import LARGEST_TEXT, PASS, REFUSE, Source
from .input import start
from .model import parsed
from .walk import Walk

ARCHIVE, HDF5 = b"PK\x03\x04", b"\x89HDF"
ARCHITECTURE = "config.json"
LONGEST_NUMBER, LARGEST_EXPONENT = 60, 400
LONGEST_REASON = 200


def read(source: Source) -> Definition:
    """The definition that an architecture or an archive gives; raises DefinitionError."""
    head = source.head(4)
    if head == HDF5:
        raise _refuse(source, "an HDF5 file; save the model as .keras, or write model.to_json()")
    text = _member(source) if head == ARCHIVE else source.text()
    return _definition(source, text).definition


def from_model(model: Any, unknown: str = REFUSE) -> Definition:
    """The definition of a Keras model in memory."""
    if not callable(getattr(model, "to_json", None)) or not hasattr(model, "layers"):
        raise UsageError(f"from_keras reads a Keras model, not {quote(type(model).__name__)}")
    if unknown not in (REFUSE, PASS):
        raise UsageError(f"unknown must be {REFUSE!r} or {PASS!r}, not {quote(unknown)}")
    source = Source(str(getattr(model, "name", "model")), unknown=unknown)
    try:
        text = model.to_json()
    except Exception as error:
        reason = " ".join(str(error).split())[:LONGEST_REASON] or type(error).__name__
        raise _refuse(source, f"Keras cannot write its architecture: {reason}") from None
    found = _definition(source, text)
    _account(found.walk, model)
    return found.definition


class _Found:
    """A definition, and the walk that made it."""

    def __init__(self, walk: Walk, definition: Definition) -> None:
        self.walk = walk
        self.definition = definition


def _definition(source: Source, text: str) -> _Found:
    try:
        model = parsed(source, _bare(_loaded(source, text)))
        begun = start(source, model)
        walk = Walk(source, begun)
        walk.model(model, [walk.input], "", ())
    except RecursionError:
        raise _refuse(source, "models or values are nested too deeply") from None
    return _Found(walk, walk.builder.measured(model.name, "Keras", text))


def _loaded(source: Source, text: str) -> Any:
    import json

    try:
        data = json.loads(text, parse_float=_exact, parse_int=_whole, parse_constant=str)
        # json.loads(model.to_json()) is a mapping; a text of that text is a common slip.
        return json.loads(data, parse_float=_exact, parse_int=_whole) if _quoted(data) else data
    except json.JSONDecodeError as error:
        message = f"not JSON: {error.msg} at column {error.colno}; write it with model.to_json()"
        raise DefinitionError(message, path=source.path, line=error.lineno) from None
    except CnncalcError:
        raise
    except ValueError as error:
        raise _refuse(source, f"not JSON: {error}") from None


def _bare(data: Any) -> Any:
    """The architecture out of what HDF5 files and TensorFlow.js wrap around it."""
    for key in ("modelTopology", "model_config"):
        if isinstance(data, dict) and "class_name" not in data:
            data = data.get(key, data)
    return data


def _quoted(data: Any) -> bool:
    return isinstance(data, str) and data.lstrip()[:1] == "{"


def _exact(text: str) -> Any:
    """A decimal as the exact fraction that it is written as."""
    from fractions import Fraction

    exponent = text.lower().partition("e")[2] or "0"
    if len(text) > LONGEST_NUMBER or abs(int(exponent)) > LARGEST_EXPONENT:
        return text
    value = Fraction(text)
    return value.numerator if value.denominator == 1 else value


def _whole(text: str) -> Any:
    return int(text) if len(text) <= LONGEST_NUMBER else text


def _member(source: Source) -> str:
    """The architecture in an archive, whose weights are left where they are."""
    import io
    import zipfile
    import zlib

    file = source.path if source.given is None else io.BytesIO(source.given)
    try:
        with zipfile.ZipFile(file) as archive, archive.open(ARCHITECTURE) as member:
            content = member.read(LARGEST_TEXT + 1)
    except KeyError:
        raise _refuse(source, f"the archive has no {ARCHITECTURE}; save it as .keras") from None
    except (
        *(zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError),
        *(NotImplementedError, RuntimeError),
    ) as error:
        reason = " ".join(str(error).split())[:LONGEST_REASON] or "it ends too early"
        message = f"not readable as an archive: {reason}; save or download it again"
        raise _refuse(source, message) from None
    given = Source(f"{source.path}/{ARCHITECTURE}", given=content)
    return given.text()


def _account(walk: Walk, model: Any) -> None:
    """Refuse layers of which Keras has more or fewer numbers than was read."""
    for layer in model.layers:
        counted = walk.counted(layer.name)
        if counted is None or not getattr(layer, "built", True):
            continue
        held = sum(map(_numbers, layer.weights))
        if counted != held:
            raise DefinitionError(
                f"Keras has {held} numbers of it, where {counted} were read; "
                "a class of its own must not go by a name of Keras",
                path=walk.builder.source.path,
                layer=layer.name,
            )


def _numbers(weight: Any) -> int:
    """Numbers of a weight; a Normalization's counter of batches counts as PyTorch's do: not."""
    from math import prod

    name = str(weight.name).rpartition("/")[2].split(":")[0]
    shape = tuple(weight.shape)
    return 0 if name == "count" and not shape else prod(shape)


def _refuse(source: Source, message: str) -> DefinitionError:
    return DefinitionError(message, path=source.path)
