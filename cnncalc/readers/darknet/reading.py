"""Darknet's networks: `.cfg` files, of the original and of the fork that YOLOv4 comes from."""

from __future__ import annotations

from ...definition.definition import Definition
from ..builder import Builder, Unreadable
from ..source import Source
from .net import DarknetNet
from .operators import SECTIONS
from .section import DarknetSection, sections

NETWORK = ("net", "network")


def read(source: Source) -> Definition:
    """The definition that a configuration gives; raises DefinitionError with the line."""
    text = source.text()
    head, *layers = sections(text, source)
    if head.name not in NETWORK:
        raise head.refuse("a Darknet network begins with [net]; is this another kind of .cfg?")
    net = DarknetNet(Builder(source, _input(head)))
    with net.builder.reading():
        for section in layers:
            try:
                SECTIONS.get(section.name, DarknetNet.end_unknown)(net, section)
            except Unreadable as reason:
                net.end_unknown(section, str(reason))
    return net.builder.text_definition("", "Darknet cfg", text)


def _input(head: DarknetSection) -> list[int | None]:
    """Channels, height and width; a network of plain inputs has a map of one unit."""
    numbers = [head.whole(key, 0) or None for key in ("channels", "height", "width")]
    inputs = head.whole("inputs", 0)
    return [inputs, 1, 1] if inputs and None in numbers else numbers
