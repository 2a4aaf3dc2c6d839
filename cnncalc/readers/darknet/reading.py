"""Darknet's networks: `.cfg` files, of the original and of the fork that YOLOv4 comes from."""

from __future__ import annotations

from ...definition.definition import Definition
from ..builder import Measuring
from ..source import Source
from .net import Net
from .operators import SECTIONS
from .section import Section, sections

NETWORK = ("net", "network")


def read(source: Source) -> Definition:
    """The definition that a configuration gives; raises DefinitionError with the line."""
    text = source.text()
    head, *layers = sections(text, source.path)
    if head.name not in NETWORK:
        raise head.refuse("a Darknet network begins with [net]; is this another kind of .cfg?")
    net = Net(Measuring(source, _input(head)))
    for section in layers:
        read_section = SECTIONS.get(section.name)
        if read_section is None:
            net.unknown(section)
        else:
            read_section(net, section)
    return net.builder.measured("", "Darknet cfg", text)


def _input(head: Section) -> list[int | None]:
    """Channels, height and width; a network of plain inputs has a map of one unit."""
    numbers = [head.whole(key, 0) or None for key in ("channels", "height", "width")]
    inputs = head.whole("inputs", 0)
    return [inputs, 1, 1] if inputs and None in numbers else numbers
