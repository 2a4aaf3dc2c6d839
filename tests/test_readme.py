"""The README and the manual hold: their examples give the output shown, and their links lead on.

What is an example and how the pages are written anew stands in support/examples.py. Of the ```sh
blocks, those that install are run by .ci/run. What the manual's pages list is in test_manual.py.
"""

import doctest
import html
import importlib.util
import re
import shutil
import struct
import tomllib

import make_pictures
import pytest
from examples import (
    FILES,
    PAGES,
    ROOT,
    blocks,
    commands,
    dialogues,
    environment,
    fill,
    has,
    printed,
    prose_of,
    text_of,
)

import cnncalc
from cnncalc.cli.application import COMMANDS
from cnncalc.readers import SUFFIXES
from cnncalc.text.manual import topics

README = text_of("README")
LONGEST_README, LONGEST_TABLE = 300, 76


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """A folder with the files of every page."""
    made = {page: tmp_path_factory.mktemp(page) for page in PAGES}
    for page, folder in made.items():
        fill(folder, text_of(page))
    return made


@pytest.fixture(scope="module")
def variables(tmp_path_factory):
    return environment(tmp_path_factory.mktemp("bin"))


needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
EXAMPLES = [(page, command) for page in PAGES for command in commands(text_of(page))]


@needs_bash
@pytest.mark.parametrize(
    ("page", "command"), EXAMPLES, ids=[f"{page}: {one.script[:50]}" for page, one in EXAMPLES]
)
def test_example(page, command, folders, variables):
    if command.needs and not has(command.needs):
        pytest.skip(f"{command.needs} is not installed")
    shown = printed(command.script, folders[page], variables)
    assert shown.rstrip("\n") == command.output.rstrip("\n")


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(text_of(page), "pycon")])
def test_python_examples(page, folders, monkeypatch):
    monkeypatch.chdir(folders[page])
    names = {}
    ran = False
    for needs, content in dialogues(text_of(page)):
        if needs and importlib.util.find_spec(needs) is None:
            continue
        example = doctest.DocTestParser().get_doctest(content, names, page, str(PAGES[page]), 0)
        result = doctest.DocTestRunner().run(example, clear_globs=False)
        assert result.attempted
        assert not result.failed
        names, ran = example.globs, True
    if not ran:
        pytest.skip("what it needs is not installed")


@needs_bash
def test_shell_completion(folders, variables):
    line = re.search(r"^```sh\n(eval.*?)^```$", text_of("commands"), re.M | re.S)[1]
    words = 'COMP_WORDS="cnncalc rf vgg1" COMP_CWORD=2 _CNNCALC_COMPLETE=bash_complete cnncalc'
    output = printed(f"{line}\ncomplete -p cnncalc\n{words}", folders["README"], variables)
    assert "complete -o nosort -F" in output
    assert "plain,vgg16" in output.splitlines()


@pytest.mark.parametrize("page", PAGES)
def test_files_have_names(page):
    for content in blocks(text_of(page), *FILES):
        assert re.match(r"# [\w/]+\.(yaml|prototxt|cfg|py)\n", content)


def anchors(page):
    headings = re.findall(r"^#+ (.*)$", prose_of(text_of(page)), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)]+)\)", text_of(page)):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = (PAGES[page].parent / path).resolve() if path else PAGES[page]
        assert target.is_file(), link
        if anchor:
            (name,) = [name for name, known in PAGES.items() if known == target]
            assert anchor in anchors(name), link


@pytest.mark.parametrize("page", PAGES)
def test_links_to_pages_are_the_commands_that_show_them(page):
    """So that they serve on a terminal too."""
    for text, topic in re.findall(r"\[`(cnncalc help[^`]*)`\]\([^)]*?(\w+)\.md", text_of(page)):
        assert text.split()[2] == topic
    if page != "README":
        assert not re.findall(r"\[(?!`cnncalc help)[^]]*\]\([^)]*\.md", text_of(page))


@pytest.mark.parametrize("page", [page for page in PAGES if page != "README"])
def test_tables_of_the_manual_fit_a_terminal(page):
    rules = re.findall(r"^ *─+$", text_of(page), re.MULTILINE)
    assert max(map(len, rules), default=0) <= LONGEST_TABLE


def test_the_readme_is_short():
    assert len(README.splitlines()) <= LONGEST_README


def test_the_readme_links_the_manual():
    listed = re.findall(r"^- \[(\w+)\]\(cnncalc/manual/(\w+)\.md\): (.*)$", README, re.MULTILINE)
    assert {topic: description for topic, _, description in listed} == topics()
    assert all(topic == file for topic, file, _ in listed)


def table(heading):
    """Rows of the table below a heading of the README."""
    text = README.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line[1:-1].split("|")] for line in lines]


def test_table_of_commands():
    documented = [row[0].partition("]")[0].strip("[`") for row in table("Commands")]
    assert sorted(documented) == sorted(COMMANDS)


def test_table_of_formats():
    words = re.findall(r"`(\.\w+)`", " ".join(row[0] for row in table("Formats")))
    assert sorted(words) == sorted(SUFFIXES)


def test_comparison_has_the_program_s_figures():
    totals = cnncalc.analyze("resnet50").totals
    (own,) = [row for row in table("How it compares") if row[0] == "cnncalc"]
    assert own[1:3] == [f"{totals.params:,}", f"{totals.macs:,}"]


def test_extras():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    documented = re.findall(r"extra `(\w+)`", prose_of(text_of("formats")))
    assert sorted(documented) == sorted(set(project["optional-dependencies"]) - {"dev"})


def test_the_first_picture_is_a_screenshot_of_moderate_size():
    """Made by tests/support/make_screenshot.py; GitHub shows it as wide as the text."""
    first = re.search(r"!\[[^\]]*\]\(([^)]*)\)", README)[1]
    assert first == "tests/data/page.png"
    content = (ROOT / first).read_bytes()
    width, height = struct.unpack(">II", content[16:24])
    assert content.startswith(b"\x89PNG") and len(content) <= 250_000
    assert width >= 1640 and 2 < width / height < 4


def test_picture_shows_the_table():
    picture = make_pictures.PICTURE.read_text(encoding="utf-8")
    texts = re.findall(r'<text[^>]*clip-path="url\(#\S+-line-(\d+)\)">(.*?)</text>', picture)
    lines = {}
    for number, text in texts:
        lines.setdefault(int(number), []).extend(html.unescape(text).split())
    drawn = [lines[number] for number in sorted(lines) if lines[number]]
    sent, status = make_pictures.shown(make_pictures.README, make_pictures.README_WIDTH)
    table = re.sub(r"\x1b\[[0-9;]*m", "", sent).splitlines()
    expected = [f"$ cnncalc {make_pictures.README}", *table]
    assert status == 0
    assert drawn == [line.split() for line in expected if line.strip()]
