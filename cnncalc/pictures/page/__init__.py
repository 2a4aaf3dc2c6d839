"""A page that shows networks: one file, which needs no other and no network to be looked at."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from html import escape
from os import PathLike

from ...definition.arguments import flag
from ...definition.inputs import AskedInput
from ...errors import UsageError
from ...network.network import Network
from ...record import Record
from ...report.report import Report, ShapeError
from ...studies.report import Overview, overview
from ...wording import quote
from .data import packed_data

HERE = os.path.dirname(__file__)
# Plain scripts, each of which may use what those before it declare.
SCRIPTS = (
    *("inflate", "fields", "document", "model", "plot", "facts", "lens"),
    *("charts", "graph", "columns", "table", "details", "head", "page"),
)
PLACE = re.compile(r"\{\{(\w+)\}\}")
FRAME_HEIGHT = 860


class NetworkPage(Record):
    """The page of one network, or of two side by side, as `html`.

    `error` is of the first of them that cannot be analysed to its end; layers before it are shown.
    `warnings` are those of their reports.
    """

    networks: tuple[str, ...]
    html: str
    warnings: tuple[str, ...] = ()
    error: ShapeError | None = None

    def __repr__(self) -> str:
        return f"<page of {' and '.join(self.networks)}: {len(self.html):,} characters>"

    def _repr_html_(self) -> str:
        """The page in a frame of its own."""
        return (
            f'<iframe srcdoc="{escape(self.html)}" sandbox="allow-scripts" '
            f'title="{escape(" and ".join(self.networks))}" '
            f'style="width:100%;height:{FRAME_HEIGHT}px;border:0"></iframe>'
        )


def page(
    network: Network | str | PathLike[str],
    other: Network | str | PathLike[str] | None = None,
    *,
    input: AskedInput | None = None,
    batch: int = 1,
    from_layer: str | None = None,
    with_global: bool = False,
    channels_last: bool = False,
) -> NetworkPage:
    """The page of a network, or of two side by side with what differs.

    The arguments are those of `analyze`, for both; `channels_last` is how shapes are written. A
    network with a layer that cannot read what it is given is shown up to that layer. Raises what
    `analyze` raises of all else.

    >>> page("lenet5")
    <page of lenet5: ... characters>
    """
    last = flag(channels_last, "channels_last")
    shown = [
        overview(each, input, batch=batch, from_layer=from_layer, with_global=with_global)
        for each in ((network,) if other is None else (network, other))
    ]
    return NetworkPage(
        tuple(each.trace.report.network for each in shown),
        _html(shown, last),
        tuple(warning for each in shown for warning in each.trace.report.warnings),
        next((each.error for each in shown if each.error is not None), None),
    )


def page_of_report(report: Report) -> NetworkPage:
    """The page of a network that was analysed, on the same input and with the same choices."""
    if report.analysed is None:
        raise UsageError(f"the report of {quote(report.network)} has no network to draw")
    return page(
        report.analysed,
        batch=report.batch,
        from_layer=report.origin,
        with_global=report.with_global,
    )


def _html(shown: Sequence[Overview], channels_last: bool) -> str:
    """The page's own files and the data in one."""
    names = " and ".join(each.trace.report.network for each in shown)
    texts = {
        "title": escape(names),
        "style": _source("page.css"),
        "data": packed_data(shown, channels_last),
        "script": "\n".join(_source(f"{name}.js") for name in SCRIPTS),
    }
    return PLACE.sub(lambda place: texts[place[1]], _source("page.html"))


def _source(name: str) -> str:
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        return file.read()
