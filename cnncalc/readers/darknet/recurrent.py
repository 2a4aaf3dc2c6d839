"""Darknet's recurrent sections, whose figures are those of one step of time.

They are made of connected layers or convolutions, each with a bias, and with a factor and running
statistics per output where `batch_normalize`.
"""

from __future__ import annotations

from math import prod
from typing import Any

from ..builder import ALL
from .net import DarknetNet
from .section import DarknetSection

GATES = {"lstm": 4, "gru": 3}


def rnn(net: DarknetNet, section: DarknetSection) -> None:
    """A hidden state of the input and of itself, and an output of the state."""
    inputs = prod(net.builder.known_shape(net.before))
    hidden = section.whole("hidden", 1, least=1)
    outputs = section.whole("output", 1, least=1)
    parts = [(inputs, hidden), (hidden, hidden), (hidden, outputs)]
    net.end(net.add_stated(section, (outputs,), reads=ALL, **_figures(section, parts)))


def gated(net: DarknetNet, section: DarknetSection) -> None:
    """A connected layer of the input and one of the output for every gate: LSTM and GRU."""
    inputs = prod(net.builder.known_shape(net.before))
    outputs = section.whole("output", 1, least=1)
    parts = [(inputs, outputs), (outputs, outputs)] * GATES[section.name]
    net.end(net.add_stated(section, (outputs,), reads=ALL, **_figures(section, parts)))


def crnn(net: DarknetNet, section: DarknetSection) -> None:
    """As `rnn`, of convolutions."""
    channels, *sizes = net.known_map()
    hidden = section.whole("hidden", 1, least=1)
    outputs = section.whole("output", 1, least=1)
    parts = [(channels, hidden), (hidden, hidden), (hidden, outputs)]
    figures = _figures(section, parts, _taps(section), prod(sizes))
    net.end(net.add_stated(section, (outputs, *sizes), **figures))


def conv_lstm(net: DarknetNet, section: DarknetSection) -> None:
    """An LSTM of convolutions; a bottleneck joins those of the output into one."""
    channels, *sizes = net.known_map()
    outputs = section.whole("output", 1, least=1)
    joined = section.whole("bottleneck", 0)
    parts = [(channels, outputs)] * 4
    parts += [(2 * outputs, outputs)] if joined else [(outputs, outputs)] * 4
    parts += [(outputs, outputs)] * 3 if section.whole("peephole", 0) else []
    figures = _figures(section, parts, _taps(section), prod(sizes))
    net.end(net.add_stated(section, (outputs, *sizes), **figures))


def history(net: DarknetNet, section: DarknetSection) -> None:
    """The maps of the last steps, one behind the other."""
    channels, *sizes = net.known_map()
    steps = section.whole("history_size", 4, least=1)
    net.end(net.add_stated(section, (channels * steps, *sizes)))


def _taps(section: DarknetSection) -> int:
    """Taps of the kernel; the map keeps its size, or state and input would not go together."""
    size = section.whole("size", 3, least=1)
    padding = size // 2 if section.whole("pad", 0) else section.whole("padding", 0)
    if section.whole("stride", 1, least=1) != 1 or 2 * padding != size - 1:
        raise section.refuse("its convolutions must keep the map's size: stride=1, odd size, pad=1")
    return size * size


def _figures(
    section: DarknetSection, parts: list[tuple[int, int]], taps: int = 1, units: int = 1
) -> dict[str, Any]:
    """Parameters, statistics and multiply–accumulates of parts that read and give so many."""
    groups = 1 if section.whole("xnor", 0) else section.whole("groups", 1, least=1)
    if any(number % groups for part in parts for number in part):
        raise section.refuse(f"groups={groups} does not divide its channels", "groups")
    weights = sum(inputs // groups * outputs for inputs, outputs in parts) * taps
    outputs = sum(outputs for _, outputs in parts)
    normalized = bool(section.whole("batch_normalize", 0))
    return {
        "params": weights + outputs * (1 + normalized),
        "num_buffers": 2 * outputs * normalized,
        "macs": weights * units,
    }
