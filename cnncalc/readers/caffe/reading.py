"""Caffe's networks: `.prototxt` files of both generations, train/test and deploy forms.

Of a train/test file the test phase is read. Losses, accuracies and what only prepares data or
draws results are left out: they have no figures.
"""

from __future__ import annotations

from ...definition.definition import Definition
from ...wording import quote, shape_text
from ..builder import INPUT, Measuring
from ..source import Source
from . import inputs
from .entry import CaffeLayer, layers
from .inputs import Given
from .net import ASIDE_BLOB, Blob, Net
from .operators import ASIDE, OPERATORS, WEIGHTED
from .prototxt import parse
from .prototxt_message import Message

VECTOR, MOST_DIMS = 2, 5


def read(source: Source) -> Definition:
    """The definition that a prototxt gives; raises DefinitionError with the line."""
    text = source.text()
    root = parse(text, source.path)
    everything = layers(root)
    included = [layer for layer in everything if layer.included]
    axes = _axes(root, everything, source)
    givens = _givens(root, everything, axes)
    start = _start(givens, included)
    net = Net(Measuring(source, _shape(root, start, axes)))
    for given in givens:
        batch = given.dims[0] if given.dims else None
        net.blobs[given.blob] = Blob(None, regions=batch)
    if start is not None:
        net.blobs[start.blob] = Blob(INPUT)
        net.batch = start.dims[0] if start.dims else None
    for layer in included:
        if not inputs.is_source(layer):
            _add(net, layer)
    return net.builder.measured(root.text("name"), "Caffe prototxt", text)


def _givens(root: Message, everything: list[CaffeLayer], axes: int) -> list[Given]:
    """What comes from outside; what the test phase has no data layer for comes from another's."""
    found = inputs.declared(root)
    for layer in sorted(everything, key=lambda layer: not layer.included):
        if inputs.is_source(layer):
            found += inputs.given(layer, axes)
    first: dict[str, Given] = {}
    for given in found:
        first.setdefault(given.blob, given)
    return list(first.values())


def _start(givens: list[Given], included: list[CaffeLayer]) -> Given | None:
    """The blob that is the network's input: the first that some layer computes on."""
    read = {layer.bottoms[0] for layer in included if layer.bottoms and layer.key not in ASIDE}
    return next((given for given in givens if given.blob in read), givens[0] if givens else None)


def _axes(root: Message, everything: list[CaffeLayer], source: Source) -> int:
    """How many spatial axes the data has: as many as its shape tells, else as its kernels do."""
    dims = [given.dims for given in inputs.declared(root)]
    for layer in everything:
        if inputs.is_source(layer) and layer.key in ("input", "dummydata"):
            dims += [given.dims for given in inputs.given(layer, 2)]
    ranks = [len(one) for one in dims if one and VECTOR < len(one) <= MOST_DIMS]
    if ranks:
        return ranks[0] - 2
    for layer in everything:
        kernels = layer.message.message("convolution_param").fields.get("kernel_size", ())
        if layer.key.endswith("3d") or len(kernels) == 3:
            return 3
    numbers = (source.input or "").lower().replace("×", "x").split("x")
    return max(len(numbers) - 1, 2) if len(numbers) <= 4 else 2


def _shape(root: Message, start: Given | None, axes: int) -> list[int | None]:
    """The input's shape as a definition gives it; a vector is a map of one unit."""
    if start is None or start.dims is None:
        return [None] * (axes + 1)
    numbers = start.dims[1:]
    if len(numbers) == 1:
        return [*numbers, *[1] * axes]
    if len(numbers) != axes + 1:
        given = shape_text(tuple(start.dims))
        raise root.refuse(
            f"input {quote(start.blob)} has the shape {given}; a network's is of a batch, "
            "channels and one to three axes",
            start.line,
        )
    return numbers


def _add(net: Net, layer: CaffeLayer) -> None:
    if not layer.type:
        raise layer.refuse('a layer needs a type, as in type: "Convolution"')
    operator = OPERATORS.get(layer.key)
    if layer.key in ASIDE or (layer.key not in WEIGHTED and operator and net.is_aside(layer)):
        for top in layer.tops:
            if top not in layer.bottoms:
                net.blobs[top] = ASIDE_BLOB
    elif operator is None:
        net.add_unknown(layer)
    else:
        operator(net, layer)
