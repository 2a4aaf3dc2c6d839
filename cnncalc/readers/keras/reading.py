"""Keras models: saved architectures, `.keras` archives, and models in memory.

Read from what Keras writes of a model, so that Keras itself need not be installed. A model is read
as it computes in inference. Parameters are all that training could change, those of layers with
`trainable=False` included; moving statistics, and what a Normalization adapted to, are buffers.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, Any

from ...definition.arguments import checked_text
from ...definition.definition import Definition
from ...errors import CnncalcError, UsageError
from ...wording import quote
from ..builder import exact_number
from ..source import LARGEST_TEXT, PASS, REFUSE, Source
from .call import KerasNet, Path
from .input import model_inputs
from .live import LiveLayer, live_layers
from .model import architecture
from .operators import OPERATORS
from .walk import KerasWalk

if TYPE_CHECKING:
    from fractions import Fraction

ARCHIVE = b"PK\x03\x04"
ARCHITECTURE = "config.json"
LONGEST_NUMBER, LARGEST_EXPONENT = 60, 400
LONGEST_REASON = 200


def read(source: Source) -> Definition:
    """The definition that an architecture or an archive gives; raises DefinitionError."""
    text = _member(source) if source.head(4) == ARCHIVE else source.text()
    return _definition(source, text)[1]


def from_model(model: Any, unknown: str = REFUSE) -> Definition:
    """The definition of a Keras model in memory."""
    if not callable(getattr(model, "to_json", None)) or not hasattr(model, "layers"):
        raise UsageError(f"from_keras reads a Keras model, not {quote(type(model).__name__)}")
    if checked_text(unknown, "unknown") not in (REFUSE, PASS):
        raise UsageError(f"unknown must be {REFUSE!r} or {PASS!r}, not {quote(unknown)}")
    source = Source(str(getattr(model, "name", "model")), unknown=unknown)
    try:
        text = model.to_json()
    except Exception as error:
        reason = " ".join(str(error).split())[:LONGEST_REASON] or type(error).__name__
        raise source.refuse(f"Keras cannot write its architecture: {reason}") from None
    net, definition = _definition(source, text, live_layers(model))
    _account(net, model)
    return definition


def _definition(
    source: Source, text: str, live: Mapping[Path, LiveLayer] | None = None
) -> tuple[KerasNet, Definition]:
    """The definition that an architecture gives, and the layers that it was made from."""
    try:
        model = architecture(source, _bare(_parse(source, text)))
        net = KerasNet(source, model_inputs(source, model), live)
        with net.builder.reading():
            KerasWalk(source, net, OPERATORS).run(model)
    except RecursionError:
        raise source.refuse("models or values are nested too deeply") from None
    return net, net.builder.text_definition(model.name, "Keras", text)


def _parse(source: Source, text: str) -> Any:
    import json

    try:
        data = json.loads(text, parse_float=_decimal, parse_int=_whole, parse_constant=str)
        # json.loads(model.to_json()) is a mapping; a text of that text is a common slip.
        quoted = isinstance(data, str) and data.lstrip()[:1] == "{"
        return json.loads(data, parse_float=_decimal, parse_int=_whole) if quoted else data
    except json.JSONDecodeError as error:
        message = f"not JSON: {error.msg} at column {error.colno}; write it with model.to_json()"
        raise source.refuse(message, error.lineno) from None
    except CnncalcError:
        raise
    except ValueError as error:
        raise source.refuse(f"not JSON: {error}") from None


def _bare(data: Any) -> Any:
    """The architecture out of what HDF5 files and TensorFlow.js wrap around it."""
    for key in ("modelTopology", "model_config"):
        if isinstance(data, dict) and "class_name" not in data:
            data = data.get(key, data)
    return data


def _decimal(text: str) -> int | Fraction | str:
    """A decimal as the exact number that it is written as; one of very many digits as text."""
    exponent = text.lower().partition("e")[2] or "0"
    if len(text) > LONGEST_NUMBER or abs(int(exponent)) > LARGEST_EXPONENT:
        return text
    return exact_number(text)


def _whole(text: str) -> int | str:
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
        raise source.refuse(f"the archive has no {ARCHITECTURE}; save it as .keras") from None
    except (
        *(zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError),
        *(NotImplementedError, RuntimeError),
    ) as error:
        reason = " ".join(str(error).split())[:LONGEST_REASON] or "it ends too early"
        message = f"not readable as an archive: {reason}; save or download it again"
        raise source.refuse(message) from None
    return Source(f"{source.path}/{ARCHITECTURE}", given=content).text()


def _account(net: KerasNet, model: Any) -> None:
    """Refuse layers of which Keras has more or fewer numbers than was read."""
    for layer in model.layers:
        read = net.count_numbers(layer.name)
        if read is None or not getattr(layer, "built", True):
            continue
        own = sum(map(_numbers, layer.weights))
        if read != own:
            raise net.builder.refuse(
                f"Keras has {own} numbers of it, where {read} were read; "
                "a class of its own must not go by a name of Keras",
                layer=layer.name,
            )


def _numbers(weight: Any) -> int:
    """Numbers of a weight; a Normalization's counter of batches counts as PyTorch's do: not."""
    name = str(weight.name).rpartition("/")[2].split(":")[0]
    shape = tuple(weight.shape)
    return 0 if name == "count" and not shape else prod(shape)
