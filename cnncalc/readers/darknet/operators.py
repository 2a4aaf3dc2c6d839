"""Darknet's sections: what each becomes.

A section reads the one before it. Others name sections by number, the first after [net] being 0,
or counted back from where they stand.
"""

from __future__ import annotations

from collections.abc import Callable

from ...errors import quote
from . import windows
from .net import Net
from .section import Section
from .shortcut import shortcut

Reader = Callable[[Net, Section], None]


def upsample(net: Net, section: Section) -> None:
    """Nearest resizing by a whole factor."""
    factor = section.whole("stride", 2, least=1)
    net.end(net.add(section, "upsample", scale_factor=factor))


def reorg(net: Net, section: Section) -> None:
    """Space moved into channels, or back where `reverse`; Darknet's own order of the numbers."""
    if section.whole("extra", 0) or section.whole("flatten", 0):
        net.unknown(section, " with extra or flatten")
        return
    type_name = "pixel_shuffle" if section.whole("reverse", 0) else "space_to_depth"
    net.end(net.add(section, type_name, factor=section.whole("stride", 1, least=1)))


def crop(net: Net, section: Section) -> None:
    """The middle of the map, which is what is cut outside training."""
    sizes = net.shape(net.before)[1:]
    amounts = []
    for size, key in zip(sizes, ("crop_height", "crop_width")):
        wanted = section.whole(key, 1, least=1)
        if size is None or wanted > size:
            found = "an input of unknown size" if size is None else f"its input of {size}"
            raise section.refuse(
                f"{key}={wanted} does not fit {found}; give a fitting --input", key
            )
        first = (size - wanted) // 2
        amounts.append([first, size - wanted - first])
    if not amounts:
        raise section.refuse("it reads a vector; a crop needs a map")
    net.end(net.add(section, "crop", amount=amounts))


def route(net: Net, section: Section) -> None:
    """The channels of other sections, one after the other; a group of each where `groups`."""
    sources = net.named(section, "layers")
    groups = section.whole("groups", 1, least=1)
    if groups > 1:
        sources = [_group(net, section, source, groups) for source in sources]
    type_name = "concat" if len(sources) > 1 else "identity"
    net.end(net.add(section, type_name, sources))


def _group(net: Net, section: Section, source: str, groups: int) -> str:
    channels = net.shape(source)[0]
    number = section.whole("group_id", 0)
    if channels is None or channels % groups or number >= groups:
        found = "an unknown number of" if channels is None else channels
        told = f"groups={groups}, group_id={number} do not fit {found} channels of {quote(source)}"
        raise section.refuse(told, "groups")
    width = channels // groups
    run = [number * width, number * width + width]
    return net.add(section, "slice", [source], "slice", channels=run)


def scale_channels(net: Net, section: Section) -> None:
    """Another section's map times a factor per channel, or per unit."""
    (source,) = _single(net, section)
    net.activated(section, net.add(section, "mul", [source, net.before]), "linear")


def _single(net: Net, section: Section) -> list[str]:
    sources = net.named(section, "from")
    if len(sources) != 1:
        raise section.refuse("from must name one section", "from")
    return sources


def dropout(net: Net, section: Section) -> None:
    """Dropout, which does nothing outside training."""
    net.end(net.add(section, "dropout", p=section.number("probability", "0.5")))


def normalization(net: Net, section: Section) -> None:
    """Local response normalization."""
    numbers = {"size": "5", "alpha": "0.0001", "beta": "0.75"}
    given = {key: section.number(key, default) for key, default in numbers.items()}
    net.end(net.add(section, "lrn", **given, k=section.number("kappa", "1")))


def activation(net: Net, section: Section) -> None:
    """An activation by itself."""
    net.activated(section, net.before, "linear")


def cost(net: Net, section: Section) -> None:
    """A loss: it has no figures."""
    net.end(net.before)


def _as(type_name: str) -> Reader:
    def single(net: Net, section: Section) -> None:
        net.end(net.add(section, type_name))

    return single


HEAD = _as("identity")

SECTIONS: dict[str, Reader] = {
    **dict.fromkeys(("convolutional", "conv"), windows.convolutional),
    **dict.fromkeys(("deconvolutional", "deconv"), windows.deconvolutional),
    **dict.fromkeys(("connected", "conn"), windows.connected),
    **dict.fromkeys(("maxpool", "max"), windows.maxpool),
    **dict.fromkeys(("local_avgpool", "local_avg"), windows.local_avgpool),
    **dict.fromkeys(("avgpool", "avg"), _as("global_avg_pool")),
    **dict.fromkeys(("softmax", "soft"), _as("softmax")),
    **dict.fromkeys(("normalization", "lrn"), normalization),
    **dict.fromkeys(("logistic", "logxent"), _as("sigmoid")),
    **dict.fromkeys(("reorg", "reorg3d"), reorg),
    **dict.fromkeys(("scale_channels", "sam"), scale_channels),
    **dict.fromkeys(("yolo", "Gaussian_yolo", "region", "detection", "iseg"), HEAD),
    **dict.fromkeys(("empty", "silence"), HEAD),
    "batchnorm": _as("batch_norm"),
    "activation": activation,
    "cost": cost,
    "crop": crop,
    "dropout": dropout,
    "route": route,
    "shortcut": shortcut,
    "upsample": upsample,
}
