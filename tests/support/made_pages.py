"""What the manual's pages list of the program, made from it: layer types and networks.

Layer types are made from the kinds and from what explain says of their examples, networks from the
zoo. `python tests/support/examples.py --write` makes them anew.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import textwrap

from cnncalc import zoo
from cnncalc.cli.application import run
from cnncalc.exporters.yaml import value
from cnncalc.layers import KINDS, kind
from cnncalc.layers.attributes import REQUIRED, Kept

MARK = "<!-- below this line the page is made from the kinds -->\n"
INPUT = "64x56x56"
# Attributes that bring the general form of a formula, in place of the example's own.
GENERAL = {"dilation": "2", "groups": "2", "padding": "0:1", "output-padding": "1"}
SHOWN = ("channels", "length", "output size", "parameters", "MACs", "running statistics")
PLAIN = {"channels": "C", "output size": "n", "parameters": "0", "MACs": "0"}


WIDTH = 100
FAMILIES = re.compile(r"(?:^- \*\*\w+\*\*:.*\n(?:  .*\n)*)+", re.MULTILINE)


def made(page, text):
    """A page's text with what is made of it."""
    return {"layers": with_kinds, "networks": with_networks}.get(page, str)(text)


def with_networks(text):
    """The page with the built-in networks by family."""
    families = {}
    for name, family in zoo.by_family():
        families.setdefault(family, []).append(f"`{name}`")
    lists = [f"- **{family}**: {' '.join(names)}" for family, names in families.items()]
    wrapped = [textwrap.fill(one, WIDTH, subsequent_indent="  ") + "\n" for one in lists]
    return FAMILIES.sub("".join(wrapped), text, count=1)


def with_kinds(page):
    """The page with what is made from the kinds."""
    families = dict.fromkeys(entry.partition(".")[0] for entry in KINDS.values())
    made = "\n".join(_family(family) for family in families)
    return f"{page.partition(MARK)[0]}{MARK}\n{made}\n{_without_effect()}"


def attribute_texts(name):
    """A type's attributes with their defaults, but those that change no figure."""
    texts = []
    for attribute in kind(name).attributes.values():
        if isinstance(attribute, Kept):
            continue
        default = "?" if attribute.default is None else attribute.default
        shown = "" if default is REQUIRED else f"={default if default == '?' else value(default)}"
        texts.append(attribute.name + shown)
    return texts


def kept_attributes():
    """The attributes that change no figure."""
    kinds = map(kind, KINDS)
    every = (attribute for one in kinds for attribute in one.attributes.values())
    return sorted({attribute.name for attribute in every if isinstance(attribute, Kept)})


def _family(family):
    members = [name for name, entry in KINDS.items() if entry.startswith(family + ".")]
    sections = {name: [*_attributes(name), *_formulas(name)] for name in members}
    title = kind(members[0]).__module__.rpartition(".")[2].capitalize()
    entries = "".join(f"- `{name}`: {_doc(name)}\n" for name in members if not sections[name])
    text = f"## {title}\n\n" + (f"{entries}\n" if entries else "")
    for name, lines in sections.items():
        if lines:
            text += f"### {name}\n\n{_doc(name)}\n\n" + "".join(f"- {line}\n" for line in lines)
            text += "\n"
    return text.rstrip("\n") + "\n"


def _doc(name):
    return " ".join(kind(name).__doc__.split())


def _attributes(name):
    texts = attribute_texts(name)
    return ["attributes: " + ", ".join(f"`{text}`" for text in texts)] if texts else []


def _formulas(name):
    formulas: dict[str, str] = {}
    for step in _steps(name):
        quantity, formula, branch = step["quantity"], step["formula"], step["branch"]
        if quantity not in SHOWN or formula == PLAIN.get(quantity):
            continue
        if formula.isdecimal() and formula != "1":
            text = "as asked for"
        else:
            told = f" ({branch})" if step["section"] == "costs" and branch else ""
            text = f"`{formula}`{told}" if formula else f"unknown: {branch}"
        formulas.setdefault(quantity, text)
    return [f"{quantity}: {text}" for quantity, text in formulas.items()]


def _steps(name):
    """The steps that `layer TYPE --explain` shows for the kind's example, none where it cannot."""
    cls = kind(name)
    words = cls.example.split()
    for option in ("region", "eff-stride", "ceil-mode", "no-bias", *GENERAL):
        if f"--{option}" in words:
            place = words.index(f"--{option}")
            del words[place : place + (1 if option == "no-bias" else 2)]
    for option, text in GENERAL.items():
        if option.replace("-", "_") in cls.attributes:
            words += [f"--{option}", text]
    if "affine" in cls.attributes:
        words.append("--affine")
    inputs = ["--input", INPUT] * (2 if cls.merges else 1)
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(io.StringIO()):
        status = run(["layer", name, *inputs, *words, "--explain", "--json"])
    return json.loads(output.getvalue())["layers"][0]["steps"] if status == 0 else []


def _without_effect():
    names = ", ".join(f"`{name}`" for name in kept_attributes())
    return (
        "## Attributes without effect\n\nThese change no figure and may be given too, with "
        f"PyTorch's names: {names}.\n"
    )
