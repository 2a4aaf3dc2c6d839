"""An explanation in every format."""

from __future__ import annotations

from ..studies.explain.records import COLUMNS, Explanation
from .answer import Answer


def explain_answer(explanation: Explanation, detailed: bool, error: str | None = None) -> Answer:
    """The explanation; `detailed` lists the ways down step by step."""

    def text() -> str:
        from .explain_text import explanation_text

        return explanation_text(explanation, detailed)

    def markdown() -> str:
        from .explain_text import explanation_markdown

        return explanation_markdown(explanation, detailed)

    def latex() -> str:
        from .explain_latex import explanation_latex

        return explanation_latex(explanation, detailed)

    return Answer(
        COLUMNS,
        (row for explained in explanation for row in explained.rows()),
        lambda: explanation.to_dict(error),
        texts={"table": text, "text": text, "markdown": markdown, "latex": latex},
    )
