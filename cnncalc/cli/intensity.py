"""The command flops, which may count bytes beside."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from ..errors import UsageError
from ..report.columns import COLUMNS
from ..studies.intensity import intensity_of, roofline_of
from ..studies.intensity.devices import DEVICES
from ..text.answer import Answer
from ..text.intensity import OWN, intensity_answer
from ..text.intensity_devices import device_answer
from ..text.selection import Selection, View
from ..wording import did_you_mean, quote
from . import figures
from . import options as shared
from .output import Output

LIST = "list"


def run(
    view: View,
    output: Output,
    intensity: bool,
    dtype: str | None,
    roofline: str | None,
    sort: str | None,
    top: int | None,
    **how: Any,
) -> None:
    """The figures, or with bytes what is moved for each; or the devices of a roofline."""
    if roofline == LIST:
        output.write(device_answer())
        return
    if not (intensity or dtype or roofline):
        figures.run(view, output=output, sort=sort, top=top, **how)
        return
    dtype = dtype or "float32"
    roof = None if roofline is None else roofline_of(roofline, dtype)

    def answer(selection: Selection, last: bool, error: str | None, **order: Any) -> Answer:
        return intensity_answer(
            intensity_of(selection.report, dtype, roof), selection, last, error, **order
        )

    if sort in OWN:
        answer, sort, top = partial(answer, sort=sort, top=top), None, None
    elif sort is not None and sort.rpartition("_")[0] not in COLUMNS and sort not in COLUMNS:
        hint = did_you_mean(sort, [*OWN, *COLUMNS])
        raise UsageError(f"no column is named {quote(sort)}; {hint}")
    figures.run(view, output=output, sort=sort, top=top, answer=answer, own=OWN, **how)


command = figures.command(
    "flops",
    run,
    [
        click.option("--intensity", is_flag=True, help="Bytes moved too, and FLOPs for each."),
        shared.dtype_option(None),
        click.option(
            "--roofline",
            metavar="FLOP/S,B/S",
            shell_complete=lambda context, option, start: [
                name for name in (*DEVICES, LIST) if name.startswith(start)
            ],
            help="Which of the two bounds each layer, as in 10T,900G; or a device's name; "
            "list: the devices.",
        ),
    ],
)
