"""Darknet's sections: what each becomes.

A section reads the one before it. Others name sections by number, the first after [net] being 0,
or counted back from where they stand.
"""

from __future__ import annotations

from collections.abc import Callable

from ...arithmetic import Shape
from ...wording import quote
from . import windows
from .net import Net
from .section import Section


def shortcut(net: Net, section: Section) -> None:
    """Sum with other sections, then the activation."""
    if section.text("weights_type", "none") != "none":
        net.unknown(section, " with weights_type")
        return
    total = net.before
    others = net.named(section, "from")
    shape = net.shape(total)
    if all(_fits(net.shape(other), shape) for other in others):
        total = net.add(section, "add", [total, *others])
    else:
        for other in others:
            total = _sum(net, section, total, _thinned(net, section, other, shape[1:]))
    net.activated(section, total, "linear")


def _fits(one: Shape, other: Shape) -> bool:
    pairs = zip(one, other)
    known = all(a == b or a is None or b is None for a, b in pairs)
    return len(one) == len(other) and known


def _thinned(net: Net, section: Section, other: str, sizes: Shape) -> str:
    """A layer, or every n-th unit of it where it is n times larger."""
    larger = net.shape(other)[1:]
    if _fits(larger, sizes):
        return other
    steps = {a // b for a, b in zip(larger, sizes) if a is not None and b is not None}
    step = steps.pop() if len(steps) == 1 else 0
    if len(larger) != len(sizes) or any(
        a is None or b is None or a != b * step for a, b in zip(larger, sizes)
    ):
        text = " and ".join("×".join(map(str, one)) for one in (larger, sizes))
        raise section.refuse(f"maps of {text} cannot be added; one must be a multiple", "from")
    return net.add(section, "max_pool", [other], "thinned", kernel_size=1, stride=step)


def _sum(net: Net, section: Section, total: str, other: str) -> str:
    """The sum over the channels that both have, and the other channels of the total."""
    channels, added = net.shape(total)[0], net.shape(other)[0]
    if channels is None or added is None:
        raise section.refuse("its channels are not known; give --input with channels", "from")
    if added > channels:
        other = net.add(section, "slice", [other], "slice", channels=[0, channels])
    if added >= channels:
        return net.add(section, "add", [total, other])
    both = net.add(section, "slice", [total], "slice", channels=[0, added])
    rest = net.add(section, "slice", [total], "slice", channels=[added, channels])
    both = net.add(section, "add", [both, other], "sum")
    return net.add(section, "concat", [both, rest])


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
