"""The command flops, which may count bytes beside."""

from __future__ import annotations

from typing import Any

import click

from ..studies.intensity import intensity
from ..text.intensity import intensity_answer
from ..text.selection import View
from . import figures
from . import options as shared
from .asked import Asked
from .output import Output

ROW_OPTIONS = ("layers", "columns", "depth", "sort", "top", "from_layer", "with_global")


def run(view: View, dtype: str | None, roofline: str | None, **options: Any) -> None:
    """The figures, or with bytes what is moved for each."""
    if options.pop("intensity") or dtype or roofline:
        _run_intensity(dtype or "float32", roofline, **options)
    else:
        figures.run(view, **options)


def _run_intensity(
    dtype: str, roofline: str | None, asked: Asked, output: Output, batch: int, **others: Any
) -> None:
    """FLOPs for each byte, of all layers or those with FLOPs."""
    for name in ROW_OPTIONS:
        if others[name]:
            option = "from" if name == "from_layer" else name.replace("_", "-")
            raise click.UsageError(f"--{option} does not go with --intensity")
    network = asked.network_on_input()
    found = intensity(network, dtype=dtype, batch=batch, roofline=roofline)
    output.write(intensity_answer(found, others["all_layers"]))


command = figures.command(
    "flops",
    run,
    [
        click.option("--intensity", is_flag=True, help="Bytes moved too, and FLOPs for each."),
        shared.dtype_option(None),
        click.option(
            "--roofline",
            metavar="FLOP/S,B/S",
            help="Which of the two bounds each layer, as in 10T,900G; or a device: a100, h100.",
        ),
    ],
)
