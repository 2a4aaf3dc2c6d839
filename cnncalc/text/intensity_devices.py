"""The devices that a roofline may name, in every format."""

from __future__ import annotations

from ..studies.intensity.devices import DEVICES
from ..wording import number, short_number
from .answer import Answer
from .grid import Grid
from .sheet import sheet_of

COLUMNS = ("device", "dtype", "flops_per_second", "bytes_per_second")
HEADINGS = ("device", "dtype", "FLOP/s", "bytes/s")


def device_answer() -> Answer:
    """A row for each device and type of numbers; one without them where no type is stated."""
    rows = [
        (name, dtype, speed, device.bandwidth)
        for name, device in DEVICES.items()
        for dtype, speed in device.speeds.items() or [(None, None)]
    ]
    notes = [f"{name}: {each.source} ({each.url}); {each.basis}" for name, each in DEVICES.items()]

    def grid(exact: bool) -> Grid:
        write = number if exact else short_number
        cells = [
            [name, dtype or "?", write(speed), write(width)] for name, dtype, speed, width in rows
        ]
        return Grid("devices of --roofline", HEADINGS, cells, HEADINGS[:2], notes)

    return Answer(
        COLUMNS,
        rows,
        lambda: {"devices": {name: device.as_dict() for name, device in DEVICES.items()}},
        lambda: [grid(True)],
        sheets=lambda terminal: [sheet_of(grid(terminal.exact))],
    )
