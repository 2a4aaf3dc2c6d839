"""Tables for terminals and pipes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from .sheet import Line, Sheet, SheetColumn, Span
from .table_fit import column_width, fit, parts, text_width, total_width, word_wrap
from .table_style import Codes, codes
from .terminal import Terminal

GAP = "  "
LINE = "─"


def table(sheet: Sheet, terminal: Terminal | None = None) -> str:
    """The sheet as a table: for a terminal, or plain and in full.

    A terminal gets the columns that it has room for. Where those that always stay are too wide they
    come in parts, one below the other, each with the leading columns. Numbers are never cut or
    folded, however narrow the terminal is.
    """
    return terminal_text(table_lines(sheet, terminal or Terminal(wide=True)), terminal)


def terminal_text(lines: Iterable[Line], terminal: Terminal | None = None) -> str:
    """Lines in the styles that a terminal has, plain without one."""
    if terminal is None or not (terminal.styled or terminal.colours):
        return "".join([f"{_plain(line)}\n" for line in lines])
    styles = codes(terminal.colours)
    return "".join([f"{_escape_codes(line, styles)}\n" for line in lines])


def _plain(line: Line) -> str:
    return "".join([text for text, _ in line])


def _escape_codes(line: Line, styles: Mapping[str, Codes]) -> str:
    painted = []
    for text, style in line:
        if style and not text.isspace():
            before, after = styles[style]
            text = f"{before}{text}{after}"
        painted.append(text)
    return "".join(painted)


def table_lines(sheet: Sheet, terminal: Terminal) -> Iterator[Line]:
    """The sheet's lines, of spans of one style each."""
    width = terminal.width
    sheet, gone = (sheet, []) if terminal.wide else fit(sheet, width)
    yield from _text_lines(sheet.title, width, "title", " · ")
    for columns in [list(sheet.columns)] if terminal.wide else parts(sheet.columns, width):
        yield []
        yield from _body(columns, sheet, width)
    notes = [*sheet.notes]
    if gone:
        notes.append(f"left out: {', '.join(gone)} (--wide shows all)")
    if notes:
        yield []
    for note in notes:
        yield from _text_lines(note, width, "note")


def _text_lines(text: str, width: int, style: str, joint: str = " ") -> Iterator[Line]:
    """A text in as many lines as it needs: parted at joints and blanks, and within long words."""
    for line in word_wrap(text, width, joint).split("\n"):
        for words in word_wrap(line, width).split("\n"):
            for each in _pieces(words, width):
                yield [(each, style)]


def _pieces(word: str, width: int, joints: str = "./-") -> list[str]:
    """A word in pieces that fit, parted behind its dots, then its slashes and hyphens."""
    if text_width(word) <= width or not joints:
        return [word]
    *others, last = word_wrap(word, width - 1, joints[0]).split("\n")
    lines = [*(f"{each}{joints[0]}" for each in others), last]
    return [piece for line in lines for piece in _pieces(line, width, joints[1:])]


def _body(columns: list[SheetColumn], sheet: Sheet, room: int) -> Iterator[Line]:
    """Headings, rows with the rules and blocks before them, totals."""
    widths = list(map(column_width, columns))
    width = total_width(widths)
    headings = [[(column.heading, "heading") for column in columns]]
    yield from _rows(columns, widths, headings)
    rules, blocks = dict(sheet.rules), sheet.blocks
    yield _rule(rules.pop(0, ""), width)
    for row, line in enumerate(_cells(columns)):
        if row in rules:
            yield _rule(rules[row], width)
        if row in blocks:
            yield from _text_lines(blocks[row], room, "block")
        yield from _rows(columns, widths, [line])
    if any(column.footer for column in columns):
        yield _rule("", width)
        yield from _rows(columns, widths, [[(column.footer, "total") for column in columns]])


def _cells(columns: list[SheetColumn]) -> Iterator[tuple[Span, ...]]:
    """The rows' cells with their styles."""
    styled = [
        list(zip(column.cells, column.styles or [""] * len(column.cells))) for column in columns
    ]
    return iter(zip(*styled))


def _rule(label: str, width: int) -> Line:
    if not label:
        return [(LINE * width, "line")]
    start = LINE * 2
    rest = width - len(start) - text_width(label) - 2
    return [(start, "line"), (f" {label} ", "rule"), (LINE * rest, "line")]


def _rows(
    columns: list[SheetColumn], widths: list[int], rows: Sequence[Sequence[Span]]
) -> Iterator[Line]:
    """The rows' lines; a row has as many as its longest cell."""
    for row in rows:
        if not any("\n" in text for text, _ in row):
            yield _line(columns, widths, row)
            continue
        split = [text.split("\n") for text, _ in row]
        for number in range(max(map(len, split))):
            texts = [lines[number] if number < len(lines) else "" for lines in split]
            styles = [style for _, style in row]
            yield _line(columns, widths, list(zip(texts, styles)))


def _line(columns: list[SheetColumn], widths: list[int], row: Sequence[Span]) -> Line:
    line: Line = []
    for column, width, (text, style) in zip(columns, widths, row):
        if line:
            line.append((GAP, ""))
        blanks = " " * (width - text_width(text))
        if column.left:
            line += [(text, style), (blanks, "")]
        else:
            line += [(blanks, ""), (text, style)]
    while line and not line[-1][0].strip():
        line.pop()
    if line:
        text, style = line[-1]
        line[-1] = text.rstrip(), style
    return line
