"""The command that writes a network for another program: a framework, or one that draws."""

from __future__ import annotations

from collections.abc import Callable

import click

from ..analysis.analysis import analyze
from ..exporters.diagram import Diagram
from ..exporters.diagram_dot import dot
from ..exporters.diagram_mermaid import mermaid
from ..exporters.keras.export import export as keras_source
from ..exporters.onnx.export import export as onnx_model
from ..exporters.pytorch.export import export as pytorch_source
from . import options as shared
from .asked import Asked
from .grouping import GroupedCommand
from .output import tell, warn, write

DIAGRAMS: dict[str, Callable[..., Diagram]] = {"dot": dot, "mermaid": mermaid}
EXPORTS: dict[str, Callable[..., str | bytes | Diagram]] = {
    "pytorch": pytorch_source,
    "keras": keras_source,
    "onnx": onnx_model,
    **DIAGRAMS,
}


@click.command(
    "export", cls=GroupedCommand, short_help="Write a network for a framework, or as a diagram."
)
@shared.net_options
@click.option(
    "--to", "form", type=click.Choice(tuple(EXPORTS)), required=True, help="What to write."
)
@click.option(
    "--depth",
    type=click.IntRange(1, 10**9),
    metavar="N",
    help="Fold what is in blocks below N levels, in dot and mermaid.",
)
@click.option(
    "--direction",
    type=click.Choice(("TB", "TD", "LR"), case_sensitive=False),
    metavar="TB|LR",
    help="Draw dot and mermaid from top to bottom (TD means it too), or from left to right.",
)
@shared.input_option()
@shared.file_option
def command(
    asked: Asked, form: str, path: str | None, depth: int | None, direction: str | None
) -> None:
    """Write a network for a framework, or as a diagram.

    pytorch is the source of one module whose layers, shapes and parameters are the report's, keras
    that of a functional model, onnx a model with shapes and no trained weights; dot and mermaid
    draw the layers in their blocks, coloured by family. Mermaid draws 500 edges and 50,000
    characters; what has more is folded unless --depth says otherwise.

    \b
    Examples:
      cnncalc export resnet50 --to pytorch -o resnet50.py
      cnncalc export resnet50 --to dot --depth 2 --direction LR | dot -Tsvg > resnet50.svg
    """
    drawing = {"depth": depth, "direction": direction}
    given = {name: value for name, value in drawing.items() if value is not None}
    if given and form not in DIAGRAMS:
        raise click.UsageError(
            f"--{next(iter(given))} is for --to {' and --to '.join(DIAGRAMS)}, not {form}"
        )
    network = asked.network()
    report = analyze(network, asked.input)
    written = EXPORTS[form](network, report, **given)
    if isinstance(written, Diagram):
        write(written.text, path)
        tell(written.note)
    else:
        write(written, path)
    warn(report.warnings)
