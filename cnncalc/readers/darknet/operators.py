"""Darknet's sections: what each becomes.

A section reads the one before it. Others name sections by number, the first after [net] being 0,
or counted back from where they stand.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import prod
from typing import Any

from ...arithmetic import Shape
from ...wording import quote
from ..builder import ALL, UNIT, fits
from . import recurrent, windows
from .net import DarknetNet
from .section import DarknetSection

WEIGHTS = ("per_feature", "per_layer", "per_channel")

Operator = Callable[[DarknetNet, DarknetSection], None]


def shortcut(net: DarknetNet, section: DarknetSection) -> None:
    """Sum with other sections, then the activation."""
    total = net.before
    others = net.layers_named(section, "from")
    if section.text("weights_type", "none") != "none":
        total = _weighted_sum(net, section, [total, *others])
        net.end_with_activation(section, total, "linear")
        return
    shape = net.shape(total)
    if all(fits(net.shape(other), shape) for other in others):
        total = net.add(section, "add", [total, *others])
    else:
        for other in others:
            total = _sum(net, section, total, _thin_out(net, section, other, shape[1:]))
    net.end_with_activation(section, total, "linear")


def _weighted_sum(net: DarknetNet, section: DarknetSection, sources: list[str]) -> str:
    """A sum of equal maps with a learned factor for each, or for each channel of each."""
    shape = net.known_map()
    if any(net.shape(source) != shape for source in sources):
        raise section.refuse("maps that are weighted must be equal", "from")
    form = section.text("weights_type")
    if form not in WEIGHTS:
        raise section.refuse(f"weights_type must be {' or '.join(WEIGHTS)}, not {quote(form)}")
    params = len(sources) * (1 if form in WEIGHTS[:2] else shape[0])
    return net.add_stated(section, shape, sources, " weighted", params=params, reads=UNIT)


def _thin_out(net: DarknetNet, section: DarknetSection, other: str, sizes: Shape) -> str:
    """A layer, or every n-th unit of it where it is n times larger."""
    larger = net.shape(other)[1:]
    if fits(larger, sizes):
        return other
    pairs = list(zip(larger, sizes))
    known = [(a, b) for a, b in pairs if a is not None and b is not None]
    steps = {a // b for a, b in known}
    step = steps.pop() if len(steps) == 1 else 0
    if len(larger) != len(sizes) or known != pairs or any(a != b * step for a, b in known):
        text = " and ".join("×".join(map(str, one)) for one in (larger, sizes))
        raise section.refuse(f"maps of {text} cannot be added; one must be a multiple", "from")
    return net.add(section, "max_pool", [other], "thinned", kernel_size=1, stride=step)


def _sum(net: DarknetNet, section: DarknetSection, total: str, other: str) -> str:
    """The sum over the channels that both have, and the other channels of the total."""
    channels, added = net.shape(total)[0], net.shape(other)[0]
    if channels is None or added is None:
        raise section.refuse("its channels are not known; give --input with channels", "from")
    if added > channels:
        other = _channels(net, section, other, 0, channels)
    if added >= channels:
        return net.add(section, "add", [total, other])
    both = _channels(net, section, total, 0, added)
    rest = _channels(net, section, total, added, channels)
    both = net.add(section, "add", [both, other], "sum")
    return net.add(section, "concat", [both, rest])


def _channels(net: DarknetNet, section: DarknetSection, source: str, first: int, end: int) -> str:
    return net.add(section, "slice", [source], "slice", channels=[first, end])


def upsample(net: DarknetNet, section: DarknetSection) -> None:
    """Nearest resizing by a whole factor."""
    factor = section.whole("stride", 2, least=1)
    net.end(net.add(section, "upsample", scale_factor=factor))


def reorg(net: DarknetNet, section: DarknetSection) -> None:
    """Space moved into channels, or back where `reverse`; Darknet's own order of the numbers."""
    stride, extra = section.whole("stride", 1, least=1), section.whole("extra", 0)
    if extra:
        numbers = prod(net.builder.known_shape(net.before)) + extra
        net.end(net.add_stated(section, (numbers,), what=" extra", reads=ALL))
        net.flat.add(net.before)
        return
    type_name = "pixel_shuffle" if section.whole("reverse", 0) else "space_to_depth"
    name = net.add(section, type_name, factor=stride)
    if section.whole("flatten", 0):
        name = net.add_stated(
            section, net.builder.known_shape(name), [name], " flatten", part="flatten"
        )
    net.end(name)


def crop(net: DarknetNet, section: DarknetSection) -> None:
    """The middle of the map, which is what is cut outside training."""
    sizes = net.shape(net.before)[1:]
    amounts = []
    for size, key in zip(sizes, ("crop_height", "crop_width")):
        wanted = section.whole(key, 1, least=1)
        if size is None or wanted > size:
            read = "an input of unknown size" if size is None else f"its input of {size}"
            raise section.refuse(f"{key}={wanted} does not fit {read}; give a fitting --input", key)
        first = (size - wanted) // 2
        amounts.append([first, size - wanted - first])
    if not amounts:
        raise section.refuse("it reads a vector; a crop needs a map")
    net.end(net.add(section, "crop", amount=amounts))


def route(net: DarknetNet, section: DarknetSection) -> None:
    """The channels of other sections, one after the other; a group of each where `groups`."""
    sources = net.layers_named(section, "layers")
    groups = section.whole("groups", 1, least=1)
    if groups > 1:
        sources = [_group(net, section, source, groups) for source in sources]
    type_name = "concat" if len(sources) > 1 else "identity"
    net.end(net.add(section, type_name, sources))


def _group(net: DarknetNet, section: DarknetSection, source: str, groups: int) -> str:
    channels = net.shape(source)[0]
    number = section.whole("group_id", 0)
    if channels is None or channels % groups or number >= groups:
        count = "an unknown number of" if channels is None else channels
        asked = f"groups={groups}, group_id={number}"
        message = f"{asked} do not fit {count} channels of {quote(source)}"
        raise section.refuse(message, "groups")
    width = channels // groups
    return _channels(net, section, source, number * width, number * width + width)


def implicit(net: DarknetNet, section: DarknetSection) -> None:
    """Learned numbers, which read nothing."""
    filters, atoms = (section.whole(key, n, 1) for key, n in (("filters", 128), ("atoms", 1)))
    net.end(net.add_stated(section, (filters, atoms, 1), params=filters * atoms))


def scale_channels(net: DarknetNet, section: DarknetSection) -> None:
    """Another section's map times a factor per channel, or per unit."""
    sources = net.layers_named(section, "from")
    if len(sources) != 1:
        raise section.refuse("from must name one section", "from")
    net.end_with_activation(section, net.add(section, "mul", [*sources, net.before]), "linear")


def dropout(net: DarknetNet, section: DarknetSection) -> None:
    """Dropout, which does nothing outside training."""
    net.end(net.add(section, "dropout", p=section.number("probability", "0.5")))


def normalization(net: DarknetNet, section: DarknetSection) -> None:
    """Local response normalization."""
    number = section.number
    numbers: dict[str, Any] = {"size": number("size", "5"), "alpha": number("alpha", "0.0001")}
    beta, kappa = number("beta", "0.75"), number("kappa", "1")
    net.end(net.add(section, "lrn", **numbers, beta=beta, k=kappa))


def activation(net: DarknetNet, section: DarknetSection) -> None:
    """An activation by itself."""
    net.end_with_activation(section, net.before, "linear")


def cost(net: DarknetNet, section: DarknetSection) -> None:
    """A loss: it has no figures."""
    net.end(net.before)


def _as(type_name: str) -> Operator:
    def single(net: DarknetNet, section: DarknetSection) -> None:
        net.end(net.add(section, type_name))

    return single


SECTIONS: dict[str, Operator] = {
    **dict.fromkeys(("convolutional", "conv"), windows.convolutional),
    **dict.fromkeys(("deconvolutional", "deconv"), windows.deconvolutional),
    **dict.fromkeys(("connected", "conn"), windows.fully_connected),
    **dict.fromkeys(("maxpool", "max"), partial(windows.pool, type_name="max_pool")),
    **dict.fromkeys(("local_avgpool", "local_avg"), partial(windows.pool, type_name="avg_pool")),
    **dict.fromkeys(("avgpool", "avg"), _as("global_avg_pool")),
    **dict.fromkeys(("softmax", "soft"), _as("softmax")),
    **dict.fromkeys(("normalization", "lrn"), normalization),
    **dict.fromkeys(("logistic", "logxent"), _as("sigmoid")),
    **dict.fromkeys(("reorg", "reorg3d"), reorg),
    **dict.fromkeys(("scale_channels", "sam"), scale_channels),
    **dict.fromkeys(
        (
            *("yolo", "Gaussian_yolo", "region", "detection", "iseg", "contrastive"),
            *("empty", "silence"),
        ),
        _as("identity"),
    ),
    **dict.fromkeys(("lstm", "gru"), recurrent.gated),
    "rnn": recurrent.rnn,
    "crnn": recurrent.crnn,
    "conv_lstm": recurrent.conv_lstm,
    "history": recurrent.history,
    "implicit": implicit,
    "local": windows.local,
    "batchnorm": _as("batch_norm"),
    "activation": activation,
    "cost": cost,
    "crop": crop,
    "dropout": dropout,
    "route": route,
    "shortcut": shortcut,
    "upsample": upsample,
}
