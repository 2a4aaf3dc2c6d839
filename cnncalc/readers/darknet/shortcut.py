"""Darknet's shortcut: the section before plus others, as far as they reach.

What it adds may be larger, then every second (third, …) unit is added, and may have other
channels, then the first that both have are added. The sum has the shape of the section before.
"""

from __future__ import annotations

from ...definition.shape import Shape
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
