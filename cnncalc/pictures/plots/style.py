"""How charts look: colours that everyone can tell apart, and nothing that is no figure."""

from __future__ import annotations

from typing import Any

# Okabe and Ito's palette for all kinds of colour vision, the yellow left out.
LIGHT = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
COLOURS = {"light": LIGHT, "dark": ("#56B4E9", "#E69F00", "#009E73", "#CC79A7", *LIGHT[1::-1])}
DASHES = ("-", "--", ":")
MAPS = {"light": "Blues", "dark": "cividis"}
MUTED = {"light": "#8A8F98", "dark": "#9AA0AA"}
INK = {"light": "#22262B", "dark": "#E6E8EB"}
PAPER = {"light": "#FFFFFF", "dark": "#16191D"}
GRID = {"light": "#E4E6EA", "dark": "#30353C"}


def settings(theme: str) -> dict[str, Any]:
    """matplotlib's settings for a theme."""
    ink, paper, muted = INK[theme], PAPER[theme], MUTED[theme]
    return {
        "svg.hashsalt": "cnncalc",
        "svg.fonttype": "path",
        "pdf.fonttype": 42,
        "font.family": "sans-serif",
        "font.sans-serif": ["DejaVu Sans"],
        "font.size": 10,
        "text.parse_math": False,  # a name may have dollars
        "figure.facecolor": paper,
        "savefig.facecolor": paper,
        "axes.facecolor": paper,
        "axes.edgecolor": muted,
        "axes.labelcolor": ink,
        "axes.titlesize": 10,
        "axes.titlecolor": ink,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": GRID[theme],
        "grid.linewidth": 0.8,
        "text.color": ink,
        "xtick.color": muted,
        "ytick.color": muted,
        "xtick.labelcolor": ink,
        "ytick.labelcolor": ink,
        "lines.linewidth": 1.8,
        "lines.markersize": 4,
        "legend.frameon": False,
        "legend.fontsize": 9,
        "legend.title_fontsize": 9,
    }
