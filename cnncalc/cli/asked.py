"""What a command is asked to read."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from ..definition.definition import Definition
from ..errors import UsageError
from ..loading import definition, read_content
from ..network.build import build
from ..network.network import Network
from ..readers.source import LARGEST_TEXT, REFUSE
from ..record import Record
from ..wording import quote
from .output import tell

CHANNELS_FIRST, CHANNELS_LAST = "nchw", "nhwc"


class Asked(Record):
    """What a command is to read: one of NET, a file and a chain of windows; how, and with what.

    `input` replaces the network's own, or some of several by name; readers of files that leave
    theirs out need it too. The `layout` says how it is written, and how tables write shapes.
    """

    net: str | None = None
    yaml_file: str | None = None
    spec: str | None = None
    reader: str | None = None
    unknown: str = REFUSE
    arguments: dict[str, Any] = {}
    input: str | dict[str, str] | None = None
    layout: str = CHANNELS_FIRST

    @property
    def names_network(self) -> bool:
        """Whether an option names the network, so that NET is none."""
        return self.yaml_file is not None or self.spec is not None

    @property
    def channels_last(self) -> bool:
        """Whether shapes have their channels last, where people write and read them."""
        return self.layout == CHANNELS_LAST

    @property
    def title(self) -> str:
        """What it names, as it was given."""
        named = self.net or self.yaml_file or "<spec>"
        return "<stdin>" if named == "-" else named

    @property
    def reads_otherwise(self) -> bool:
        """Whether it says how a network is to be read."""
        return self.reader is not None or self.unknown != REFUSE

    def definition(self) -> Definition:
        """The definition that it names."""
        if [self.net, self.yaml_file, self.spec].count(None) != 2:
            raise click.UsageError("Give one of NET, --yaml FILE and --spec.")
        if self.spec is not None:
            from ..readers.spec import definition as chain

            return chain(self.spec)
        reader = "yaml" if self.yaml_file is not None else self.reader
        path = self.yaml_file if self.net is None else self.net
        assert path is not None
        if path == "-":
            most = LARGEST_TEXT + 1 if reader in (None, "yaml") else -1
            content = sys.stdin.buffer.read(most)
            return read_content(content, "<stdin>", reader, self.unknown, self.input)
        if self.yaml_file is not None and not os.path.exists(path):
            raise UsageError(f"no file is named {path!r}")
        return definition(path, reader, self.unknown, self.input)

    def network(self) -> Network:
        """The network, on the input that its definition gives."""
        network = build(self.definition(), self.arguments)
        for note in network.input_notes(self.input):
            tell(note)
        return network

    def network_on_input(self) -> Network:
        """The network, on the input that is asked for."""
        network = self.network()
        return network if self.input is None else network.with_input(self.input)


def each_asked(asked: Asked, nets: Sequence[str]) -> list[Asked]:
    """What is asked of each of several NETs, which may be patterns of files: nets/*.yaml."""
    if not nets or asked.names_network:
        return [asked.but(net=net) for net in nets or (None,)]
    return [asked.but(net=name) for net in nets for name in _names(net)]


def _names(net: str) -> list[str]:
    """The network's name, or the files that fit where it is a pattern."""
    if os.path.exists(net) or not any(sign in net for sign in "*?["):
        return [net]
    from glob import glob

    files = sorted(glob(net, recursive=True))
    if not files:
        raise UsageError(f"no file fits {quote(net)}")
    return files
