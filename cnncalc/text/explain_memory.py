"""The sum at the peak of live bytes, in every format."""

from __future__ import annotations

from ..studies.memory.peak import PeakSum, PeakTerm
from ..wording import flat_shape, number, quote, shape_text
from .answer import Answer
from .grid import Grid
from .sheet import sheet_of

COLUMNS = PeakTerm._fields
HEADINGS = ("tensor", "first step", "last step", "numbers × bytes", "bytes")


def peak_answer(peak: PeakSum) -> Answer:
    """A row for each tensor that is alive at the peak."""
    grid = _grid(peak)

    def text() -> str:
        from .table import table

        return table(sheet_of(grid))

    def latex() -> str:
        terms = " + ".join(number(term.bytes).replace(",", "{,}") for term in peak.terms)
        return f"\\[ {terms} = {number(peak.peak).replace(',', '{,}')} \\]\n"

    rows = [[*term.but(shape=flat_shape(term.shape))] for term in peak.terms]
    return Answer(
        COLUMNS,
        rows,
        lambda: {
            **peak.as_dict(),
            "terms": [{**term.as_dict(), "shape": list(term.shape)} for term in peak.terms],
        },
        lambda: [grid],
        texts={"text": text, "latex": latex},
    )


def _grid(peak: PeakSum) -> Grid:
    """The terms, their shapes multiplied out, and their sum."""
    rows = [
        [term.tensor, str(term.first), str(term.last), _product(term, peak), number(term.bytes)]
        for term in peak.terms
    ]
    where = "" if peak.layer is None else f" at {quote(peak.layer)}"
    total = ["sum", "", "", "", number(peak.peak)]
    notes = ["a tensor is alive from the step that makes it to the last that reads it"]
    title = f"{peak.network} · peak{where}"
    return Grid(title, HEADINGS, rows, ("tensor", "numbers × bytes"), notes, total)


def _product(term: PeakTerm, peak: PeakSum) -> str:
    shape = shape_text(term.shape).replace("×", "·")
    copies = f"{term.copies:,}·" if term.copies > 1 else ""
    return f"{copies}{shape} × {peak.width}"
