"""What a definition's files may not be: links out of its folder, pipes, devices."""

from __future__ import annotations

import os
import signal

import pytest

import cnncalc
from cnncalc.cli.application import run
from cnncalc.readers import READERS

BLOCKS = "blocks: {half: {layers: [relu]}}\n"
NET = "name: net\ninclude: [{}]\ninput: [3, 8, 8]\nlayers: [half]\n"

posix = pytest.mark.skipif(os.name != "posix", reason="files that POSIX alone has")


@pytest.fixture
def folder(tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret.yaml").write_text(BLOCKS)
    (inside / "own.yaml").write_text(BLOCKS)
    return inside


def including(folder, name):
    (folder / "net.yaml").write_text(NET.format(name))
    return folder / "net.yaml"


@pytest.fixture
def in_time():
    """Fails a test that waits for what never comes."""

    def late(*_):
        raise AssertionError("it waits")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(5)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@posix
class TestLinks:
    @pytest.mark.parametrize("target", ["../secret.yaml", "absolute"])
    def test_a_link_out_of_the_folder(self, folder, target, capsys):
        where = str(folder.parent / "secret.yaml") if target == "absolute" else target
        (folder / "link.yaml").symlink_to(where)
        path = including(folder, "link.yaml")
        assert run(["rf", str(path)]) == 1
        assert capsys.readouterr().err == (
            f"{path}:2: include 'link.yaml' is a link out of this file's folder; "
            "put the file itself below the folder\n"
        )

    def test_a_linked_folder(self, folder):
        (folder / "parts").symlink_to("..")
        with pytest.raises(cnncalc.DefinitionError, match="is a link out of this file's folder"):
            cnncalc.load(including(folder, "parts/secret.yaml"))

    def test_a_folder_whose_name_begins_alike_is_another(self, folder):
        other = folder.parent / "inside2"
        other.mkdir()
        (other / "own.yaml").write_text(BLOCKS)
        (folder / "link.yaml").symlink_to("../inside2/own.yaml")
        with pytest.raises(cnncalc.DefinitionError, match="is a link out of this file's folder"):
            cnncalc.load(including(folder, "link.yaml"))

    def test_a_link_within_the_folder_is_followed(self, folder):
        (folder / "link.yaml").symlink_to("own.yaml")
        assert len(cnncalc.load(including(folder, "link.yaml")).nodes) == 1

    def test_a_folder_that_is_reached_by_a_link(self, folder, monkeypatch):
        including(folder, "own.yaml")
        (folder.parent / "elsewhere").symlink_to("inside")
        assert len(cnncalc.load(folder.parent / "elsewhere" / "net.yaml").nodes) == 1
        monkeypatch.chdir(folder.parent / "elsewhere")
        assert len(cnncalc.load("net.yaml").nodes) == 1


@posix
class TestPipesAndDevices:
    @pytest.mark.parametrize("name", ["pipe", *(f"pipe.{end}" for end in ("yaml", "onnx", "json"))])
    def test_a_pipe(self, folder, name, capsys, in_time):
        os.mkfifo(folder / name)
        assert run(["rf", str(folder / name)]) == 1
        told = capsys.readouterr().err
        assert told == f"{folder / name}: is a pipe, not a file; give - to read standard input\n"

    @pytest.mark.parametrize("reader", [name for name in READERS if name != "torch"])
    def test_a_pipe_for_every_reader(self, folder, reader, in_time):
        os.mkfifo(folder / "pipe")
        assert run(["rf", str(folder / "pipe"), "--reader", reader]) == 1

    @pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
    @pytest.mark.parametrize("option", [[], ["--reader", "onnx"], ["--reader", "yaml"]])
    def test_a_device(self, device, option, capsys, in_time):
        assert run(["rf", device, *option]) == 1
        assert capsys.readouterr().err.startswith(f"{device}: is a device")

    def test_an_included_pipe(self, folder, in_time):
        os.mkfifo(folder / "pipe.yaml")
        with pytest.raises(cnncalc.DefinitionError, match="it is no regular file"):
            cnncalc.load(including(folder, "pipe.yaml"))
