"""An explanation as a LaTeX document that compiles as it is, with nothing but LaTeX's base."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..studies.explain.records import Explanation, LayerExplanation
from .explain_rows import Row, layer_title, legend, notes, rows
from .grid import report_title

SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "''",
    "-": "-{}",
    "`": r"\textasciigrave{}",
    **{sign: f"\\{sign}" for sign in "#$%&_"},
}
SIGNS = {
    "⌊": r"\lfloor ",
    "⌋": r" \rfloor",
    "⌈": r"\lceil ",
    "⌉": r" \rceil",
    "·": r" \cdot ",
    "×": r"\times",
    "−": "-",
    "→": r"\to",
    "←": r"\leftarrow",
    "…": r"\ldots",
    "?": r"\mbox{?}",
    "_": r"\_",
    ",": "{,}",
    ", ": r",\ ",
}
FUNCTIONS = {"max": r"\max", "min": r"\min"}
ACCENTED = "äöüÄÖÜßéèêëáàâíìîïóòôúùûçñåÅøØæÆ"
MATH = re.compile(r"[^\W\d]\w*|(?<=\d),(?=\d)|, |.")
HEAD = r"""\documentclass{article}
\usepackage[utf8]{inputenc}
\setlength{\parindent}{0pt}
\begin{document}
\raggedright
"""
TAIL = "\\end{document}\n"


def explanation_latex(explanation: Explanation, detailed: bool, last: bool = False) -> str:
    """The explanation as LaTeX; `detailed` lists the ways down step by step."""
    lines = [rf"\section*{{{words(report_title(explanation.report, last))}}}"]
    for explained in explanation:
        lines += _layer(explained, detailed, last)
    symbols = [f"${math(symbol)}$: {words(meaning)}" for symbol, meaning in legend(explanation)]
    lines += [r"\subsection*{Symbols}", *(f"{line}\n" for line in symbols)]
    lines += [f"{words(note)}\n" for note in notes(explanation)]
    return HEAD + "\n".join(lines) + "\n" + TAIL


def _layer(explained: LayerExplanation, detailed: bool, last: bool) -> Iterator[str]:
    yield rf"\subsection*{{{words(layer_title(explained, last))}}}"
    yield r"\begin{description}"
    for row in rows(explained, detailed):
        label = words(row.quantity)
        told = rf"\par\quad {label}:" if row.inner else rf"\item[{{{label}}}]"
        yield f"{told} {_row(row)}"
    yield r"\end{description}"


def _row(row: Row) -> str:
    """One formula, as an equation of its parts, and the note."""
    symbol = row.symbol if row.formula or row.numbers or row.result else ""
    if row.formula and not row.result:
        told = f"${math(row.formula)}$: ${math(row.numbers)}$"
    else:
        shown = (row.numbers or row.formula,) if row.inner else (symbol, row.formula, row.numbers)
        parts = [part for part in (*shown, row.result) if part]
        told = f"${' = '.join(map(math, parts))}$"
    return f"{told} ({words(row.note)})" if row.note else told


def words(text: str) -> str:
    """Text as LaTeX sets it; signs of formulas in it too."""
    return "".join(map(_sign, text))


def _sign(sign: str) -> str:
    if sign in SPECIAL:
        return SPECIAL[sign]
    if sign in SIGNS and not sign.isascii():
        return f"${SIGNS[sign].strip()}$"
    if sign.isascii() or sign in ACCENTED:
        return sign
    return f"[U+{ord(sign):04X}]"


def math(formula: str) -> str:
    """A formula as LaTeX sets it."""
    return "".join(_token(found[0]) for found in MATH.finditer(formula))


def _token(token: str) -> str:
    if token in FUNCTIONS:
        return FUNCTIONS[token]
    if token in SIGNS:
        return SIGNS[token]
    if not (token[0].isalpha() and token.isascii()):
        return token
    name, _, index = token.partition("_")
    below = f"_{{{index if len(index) == 1 else _upright(index)}}}" if index else ""
    return f"{name if len(name) == 1 else _upright(name)}{below}"


def _upright(name: str) -> str:
    return rf"\mathrm{{{name}}}"
