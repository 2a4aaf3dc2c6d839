"""The manual: its lists are the program's own, and `help` shows its pages."""

import os
import re
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

import pytest
from examples import MANUAL, PAGES, ROOT, blocks, prose_of, text_of
from made_pages import MARK, attribute_texts, kept_attributes, made
from make_drawings import drawings, drawn
from rich.text import Text

import cnncalc
from cnncalc import zoo
from cnncalc.cli.application import COMMANDS, GROUPS, run
from cnncalc.cli.export import EXPORTS
from cnncalc.cli.figures import command
from cnncalc.definition.budgets import BUDGETS, RF_OF
from cnncalc.layers import KINDS
from cnncalc.readers import READERS, SUFFIXES
from cnncalc.readers.yaml import OWN_KEYS, TOP_KEYS
from cnncalc.report.columns import COLUMNS
from cnncalc.studies.lint import INFO, RULES
from cnncalc.text.manual import find_section, page, sections, topics
from cnncalc.text.manual_page import WIDEST, draw_page

TOPICS = sorted(set(PAGES) - {"README"})
WANTED = {
    *("definitions", "layers", "fields", "conventions"),
    *("formats", "pipelines", "python", "lint"),
}


def code_words(text):
    """What stands in backticks."""
    return re.findall(r"`([^`]+)`", text)


def section_of(topic, heading):
    """The prose below a heading of a page."""
    return prose_of(dict(sections(text_of(topic)))[heading])


def entries(topic, heading):
    """The words in backticks that begin the entries of a section's lists."""
    found = re.findall(r"^- ((?:`[^`]+`,? ?)+)", section_of(topic, heading), re.MULTILINE)
    return [word for entry in found for word in code_words(entry)]


def test_built_in_networks():
    text = section_of("networks", "Built-in networks")
    listed = re.findall(r"^- \*\*(\w+)\*\*:(.*?)(?=^- |^$|\Z)", text, re.M | re.S)
    shown = [(name, family) for family, names in listed for name in code_words(names)]
    assert shown == zoo.by_family()


@pytest.mark.parametrize("topic", ["layers", "networks"])
def test_lists_are_made_from_the_program(topic):
    text = text_of(topic)
    assert text == made(topic, text), "python tests/support/examples.py --write"


@pytest.mark.parametrize("name", KINDS)
def test_a_layer_type_is_shown_with_its_attributes(name):
    text = find_section("layers", name)
    assert f"`{name}`" in text or text.startswith(f"### {name}\n")
    assert set(attribute_texts(name)) <= set(code_words(text))


def test_attributes_without_effect():
    text = section_of("layers", "Attributes without effect")
    assert code_words(text) == kept_attributes()


def test_formulas_of_layers():
    """What explain's symbols stand for is Dumoulin and Visin's arithmetic, arXiv:1603.07285."""
    assert "`⌊(n + p_b + p_e − (d·(k − 1) + 1))/s⌋ + 1`" in find_section("layers", "conv")
    transposed = find_section("layers", "conv_transpose")
    assert "`(n − 1)·s − p_b − p_e + (d·(k − 1) + 1) + o`" in transposed
    assert "`O·(C/g)·k_h·k_w + O`" in find_section("layers", "conv")
    assert "`2·C`" in find_section("layers", "instance_norm")


def test_keys_of_definitions():
    keys = entries("definitions", "Keys of the file") + entries("definitions", "Keys of a layer")
    assert sorted(keys) == sorted([*TOP_KEYS, *OWN_KEYS])


def test_budgets():
    text = section_of("pipelines", "check").partition("The keys of\n`budgets`")[2]
    keys = [word for word in code_words(text) if word in BUDGETS or word == RF_OF]
    assert sorted(keys) == sorted([*BUDGETS, RF_OF])


def test_formats_that_are_read():
    found = re.findall(
        r"^- ((?:`[^`]+` ?)+), reader `(\w+)`", section_of("formats", "Reading"), re.MULTILINE
    )
    suffixes = {
        suffix: reader
        for names, reader in found
        for suffix in code_words(names)
        if suffix.startswith(".")
    }
    assert suffixes == SUFFIXES
    assert {reader for _, reader in found} == set(READERS)


def test_formats_that_are_written():
    assert set(re.findall(r"--to (\w+)", section_of("formats", "export"))) == set(EXPORTS)


def test_functions():
    functions = [name for name in cnncalc.__all__ if name.islower() and name.strip("_") == name]
    assert sorted(entries("python", "Functions")) == sorted(functions)


def test_figures():
    assert entries("commands", "Figures") == list(GROUPS["Figures of every layer"])


def test_options():
    words = code_words(section_of("commands", "Options"))
    documented = {word.split()[0] for word in words if re.match("--?[a-z]", word)}
    options = [one for one in command("summary").params if not getattr(one, "hidden", True)]
    assert documented <= {opt for option in options for opt in option.opts}
    short = {f"--{form}" for form in ("table", "tsv", "markdown")}
    elsewhere = {"--reader", "--unknown", *short}
    assert {option.opts[0] for option in options} - elsewhere <= documented


def test_columns():
    text = section_of("commands", "Columns").partition("takes any of")[2].partition(";")[0]
    assert sorted(code_words(text)) == sorted(COLUMNS)


@pytest.mark.parametrize("rule", RULES, ids=[rule.code for rule in RULES])
def test_a_rule_has_its_section(rule):
    """With its severity, and an example that it finds."""
    text = find_section("lint", rule.code)
    assert text == find_section("lint", rule.name)
    assert text.startswith(f"## {rule.code} {rule.name}\n")
    assert f"\n{'Information' if rule.severity == INFO else 'Warning'}: " in text
    (example,) = blocks(text, "console")
    assert f"{rule.code} {rule.name} ({rule.severity}): " in example


def test_every_rule_of_the_page_is_a_rule():
    headings = [heading for heading, _ in sections(page("lint"))][1:]
    assert headings == [f"{rule.code} {rule.name}" for rule in RULES]


# The command


def help_with(*words):
    """(what `help` prints, what it says on standard error, its status)."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = run(["help", *words])
    return out.getvalue(), err.getvalue(), status


def test_topics():
    printed, _, status = help_with()
    lines = [re.split(r"  +", line, maxsplit=1) for line in printed.splitlines()]
    assert dict(lines) == topics()
    assert [topic for topic, _ in lines] == TOPICS
    assert set(TOPICS) >= WANTED
    assert status == 0


@pytest.mark.parametrize("topic", TOPICS)
def test_a_page_in_a_pipe_is_its_file(topic):
    printed, _, status = help_with(topic)
    kept = [line for line in text_of(topic).splitlines() if not line.startswith("<!--")]
    assert printed.splitlines() == kept
    assert printed.startswith(f"# {topic}: {topics()[topic]}\n")
    assert status == 0


@pytest.mark.parametrize(
    ("words", "beginning"),
    [
        (("lint", "CNN201"), "## CNN201 misaligned-merge\n"),
        (("lint", "cnn201"), "## CNN201 misaligned-merge\n"),
        (("lint", "misaligned-merge"), "## CNN201 misaligned-merge\n"),
        (("LAYERS", "conv_transpose"), "### conv_transpose\n"),
        (("layers", "relu"), "### relu\n"),
        (("fields", "eff_stride"), "## eff_stride\n"),
        (("definitions", "when"), "## Keys of a layer\n"),
        (("conventions", "macs"), "## Costs\n"),
        (("CNN401",), "## CNN401 bias-before-batch-norm\n"),
        (("max_pool",), "### max_pool\n"),
        (("rf",), "Usage: cnncalc rf "),
        (("layer", "conv"), "Usage: cnncalc layer conv "),
    ],
)
def test_sections_and_commands(words, beginning):
    printed, _, status = help_with(*words)
    assert printed.startswith(beginning)
    assert status == 0


def test_a_section_ends_where_the_next_begins():
    text, _, _ = help_with("layers", "conv")
    assert "## " not in text.removeprefix("### conv\n")
    text, _, _ = help_with("formats", "convert")
    assert "export" not in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("layrs",), "no page of the manual is about 'layrs'; did you mean 'layers'?"),
        (("deconv",), "no page of the manual is about 'deconv'; did you mean 'conv_transpose'?"),
        (
            ("zzzzzzzz",),
            "no page of the manual is about 'zzzzzzzz'; `cnncalc help` lists the pages",
        ),
        (
            ("lint", "CNN999"),
            "page 'lint' has no section 'CNN999'; did you mean 'CNN",
        ),
        (("../README",), "no page of the manual is about '../readme'; "),
        (("fields", "a" * 200), "page 'fields' has no section 'aaaa"),
        (("", ""), "no page of the manual is about ''; "),
    ],
)
def test_what_is_not_there(words, message):
    printed, said, status = help_with(*words)
    assert said.startswith(message)
    assert said.count("\n") == 1
    assert (printed, status) == ("", 2)


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("topic", TOPICS)
def test_a_page_on_a_terminal(topic, width):
    """In the terminal's width, without markup, and nothing of the page is lost."""
    drawn = Text.from_ansi(draw_page(page(topic), width)).plain
    assert max(map(len, drawn.splitlines())) <= min(width, WIDEST)
    assert not re.search(r"^#+ [a-z]|^```|\w\.md\b", drawn, re.MULTILINE)
    assert len(re.sub(r"\W", "", drawn)) >= len(re.sub(r"\W", "", prose_of(page(topic)))) * 0.9
    for line in "\n".join(blocks(page(topic), "console", "yaml")).splitlines():
        assert re.sub(r"\s", "", line) in re.sub(r"\s", "", drawn)


@pytest.mark.parametrize("drawing", drawings(), ids=lambda each: each.path.name)
def test_a_picture_is_what_its_command_draws(drawing):
    """python tests/support/make_drawings.py"""
    assert drawing.path.read_text(encoding="utf-8") == drawn(drawing)
    command = f"`cnncalc {drawing.command}"
    assert command in text_of(drawing.page), "a terminal shows no pictures, so the prose names it"


def test_pictures_are_drawn_by_commands_and_are_no_words_of_a_terminal():
    shown = [page for page in TOPICS for _ in re.findall(r"^!\[", text_of(page), re.MULTILINE)]
    assert shown == [each.page for each in drawings()] and len(shown) >= 4
    assert {each.path for each in drawings()} == {*MANUAL.glob("*.svg")}
    for topic in shown:
        assert not re.search(r"!\[|🌆", draw_page(page(topic), 80))


def first_help():
    out = StringIO()
    with redirect_stdout(out):
        assert run(["--help"]) == 0
    return out.getvalue()


def test_the_first_page_of_help_names_all_formats_and_groups_all_commands():
    from cnncalc.cli.application import GROUPS

    text = first_help()
    assert all(suffix in text for suffix in SUFFIXES)
    assert "--reader torch" in text
    assert sorted(name for names in GROUPS.values() for name in names) == sorted(COMMANDS)
    headings = re.findall(r"^(\S.*):$", text, re.MULTILINE)
    assert headings == ["Options", "NET is one of", *GROUPS]


def subcommands(group, ctx):
    for name in group.list_commands(ctx):
        found = group.get_command(ctx, name)
        yield from subcommands(found, ctx) if hasattr(found, "list_commands") else [found]


def test_every_command_groups_its_options():
    import click

    from cnncalc.cli.application import group
    from cnncalc.cli.grouping import GroupedCommand

    for one in subcommands(group, click.Context(group)):
        assert isinstance(one, GroupedCommand), one.name
        text = one.get_help(click.Context(one, info_name=one.name))
        for option in one.params:
            flag = [*option.opts, ""][0]
            shown = isinstance(option, click.Option) and not option.hidden
            assert not shown or flag in text, (one.name, flag)


def test_help_is_a_process_that_loads_no_more_than_it_shows():
    code = (
        "import sys\nfrom cnncalc.cli.application import run\n"
        "assert run(['help', 'fields']) == 0\n"
        "sys.stderr.write(' '.join(name for name in sys.modules if name.startswith('rich')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == page("fields")


def test_pages_lie_in_the_package():
    assert {path.stem for path in MANUAL.iterdir() if path.suffix != ".svg"} == set(TOPICS)
    assert MARK in text_of("layers")
