"""lint and check over several networks, in the forms that tools of code review read."""

import json
import re
import subprocess
from xml.etree import ElementTree

import pytest

from cnncalc.cli.application import run

GOOD = "input: [3, 8, 8]\nlayers:\n  - {name: a, type: conv, out_channels: 4, kernel_size: 3}\n"
# 2 of 7 rows: a kernel of 2 at stride 3 leaves one between windows, and the floor drops one.
BIASED = """\
input: [3, 9, 9]
budgets: {max_params: 100, max_macs: +5%}
layers:
  - {name: a, type: conv, out_channels: 4, kernel_size: 3}
  - batch_norm
"""
BROKEN = "input: [3, 8, 8]\nlayers:\n  - {name: a, type: conv, kernel_size: 9}\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "biased.yaml").write_text(BIASED)
    (tmp_path / "broken.yaml").write_text(BROKEN)
    return tmp_path


def output(capfd, *words):
    status = run([*words])
    return status, *capfd.readouterr()


def test_all_files_are_looked_at(folder, capfd):
    status, out, err = output(capfd, "lint", "broken.yaml", "good.yaml", "sub/biased.yaml")
    assert status == 1
    assert "sub/biased.yaml:4: layer 'a': CNN401" in out
    assert out.endswith("3 networks: 1 error, 1 warning\n")
    assert err.startswith("broken.yaml:3: layer 'a': window 9 is larger")


def test_files_of_blocks_alone_are_passed_over(folder, capfd):
    (folder / "blocks.yaml").write_text("blocks: {b: {layers: [relu]}}\n")
    for command in ("lint", "check"):
        status, out, err = output(capfd, command, "blocks.yaml", "--format", "concise")
        assert (status, out) == (0, "0 networks: nothing wrong\n")
        assert err == "note: blocks.yaml has blocks alone, for networks to include\n"
    (folder / "half.yaml").write_text("blocks: {b: {layers: [relu]}}\ninput: [3, 8, 8]\n")
    assert output(capfd, "lint", "half.yaml")[0] == 1


def test_one_that_does_not_exist(folder, capfd):
    status, out, err = output(capfd, "lint", "nothing.yaml", "sub/biased.yaml")
    assert status == 2 and "CNN401" in out and "nothing.yaml" in err


def test_patterns_are_expanded(folder, capfd):
    status, out, _ = output(capfd, "lint", "**/b*.yaml", "--format", "concise", "--exit-zero")
    assert status == 0
    assert [line.partition(":")[0] for line in out.splitlines()[:-1]] == [
        "broken.yaml",
        "sub/biased.yaml",
    ]
    assert output(capfd, "lint", "c*.yaml")[0] == 2


def test_strict_and_exit_zero(folder, capfd):
    assert output(capfd, "lint", "good.yaml", "sub/biased.yaml")[0] == 0
    assert output(capfd, "lint", "good.yaml", "sub/biased.yaml", "--strict")[0] == 1
    assert output(capfd, "lint", "sub/biased.yaml", "--strict", "--exit-zero")[0] == 0
    assert output(capfd, "lint", "nothing.yaml", "--exit-zero")[0] == 2


def test_json_of_several(folder, capfd):
    _, out, _ = output(capfd, "lint", "broken.yaml", "sub/biased.yaml", "--json")
    answer = json.loads(out)
    assert list(answer) == ["schema", "networks", "errors"]
    (network,) = answer["networks"]
    assert (network["network"], network["path"]) == ("biased", "sub/biased.yaml")
    assert [finding["code"] for finding in network["findings"]] == ["CNN401"]
    (error,) = answer["errors"]
    assert (error["path"], error["line"], error["layer"]) == ("broken.yaml", 3, "a")


def test_json_of_one_stays(folder, capfd):
    _, out, _ = output(capfd, "lint", "sub/biased.yaml", "--json")
    assert list(json.loads(out)) == ["schema", "network", "input", "findings"]


def test_github(folder, capfd):
    _, out, err = output(capfd, "lint", "broken.yaml", "sub/biased.yaml", "--format", "github")
    error, warning = out.splitlines()
    assert error.startswith("::error file=broken.yaml,line=3,title=definition::layer 'a': window 9")
    assert warning.startswith(
        "::warning file=sub/biased.yaml,line=4,title=CNN401 bias-before-batch-norm::layer 'a': "
    )
    assert not err


def test_github_escapes(folder, capfd):
    """https://docs.github.com/en/actions: %, line ends, and in properties colons and commas."""
    (folder / "a,b:50%.yaml").write_text(BROKEN)
    _, out, _ = output(capfd, "lint", "a,b:50%.yaml", "--format", "github")
    assert out.startswith("::error file=a%2Cb%3A50%25.yaml,line=3")


def test_gitlab(folder, capfd):
    """https://docs.gitlab.com/ci/testing/code_quality: keys and severities."""
    names = ["broken.yaml", "sub/biased.yaml"]
    _, out, _ = output(capfd, "lint", *names, "--format", "gitlab")
    issues = json.loads(out)
    assert [issue["severity"] for issue in issues] == ["major", "minor"]
    assert [issue["location"] for issue in issues] == [
        {"path": "broken.yaml", "lines": {"begin": 3}},
        {"path": "sub/biased.yaml", "lines": {"begin": 4}},
    ]
    prints = [issue["fingerprint"] for issue in issues]
    assert len(set(prints)) == 2
    # They stay while lines move.
    for name in names:
        file = folder / name
        file.write_text(f"# a comment\n{file.read_text()}")
    _, out, _ = output(capfd, "lint", *names, "--format", "gitlab")
    assert [issue["fingerprint"] for issue in json.loads(out)] == prints


def test_sarif(folder, capfd):
    """SARIF 2.1.0, sections 3.27 (result), 3.29 (physicalLocation), 3.49 (reportingDescriptor)."""
    _, out, _ = output(capfd, "lint", "broken.yaml", "sub/biased.yaml", "--format", "sarif")
    log = json.loads(out)
    assert log["version"] == "2.1.0"
    (run_,) = log["runs"]
    rules = run_["tool"]["driver"]["rules"]
    for result in run_["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert [
        (result["ruleId"], result["level"], result["locations"][0]["physicalLocation"])
        for result in run_["results"]
    ] == [
        (
            "definition",
            "error",
            {"artifactLocation": {"uri": "broken.yaml"}, "region": {"startLine": 3}},
        ),
        (
            "CNN401",
            "warning",
            {"artifactLocation": {"uri": "sub/biased.yaml"}, "region": {"startLine": 4}},
        ),
    ]


def test_junit(folder, capfd):
    (folder / '<&".yaml').write_text(BROKEN)
    _, out, _ = output(
        capfd, "lint", '<&".yaml', "good.yaml", "sub/biased.yaml", "--format", "junit"
    )
    suites = ElementTree.fromstring(out)
    assert [suite.get("name") for suite in suites] == ['<&".yaml', "good.yaml", "sub/biased.yaml"]
    assert [int(suite.get("failures")) for suite in suites] == [1, 0, 1]
    for suite in suites:
        failures = [case for case in suite if case.find("failure") is not None]
        assert int(suite.get("tests")) == len(suite)
        assert int(suite.get("failures")) == len(failures)


def test_comments_let_findings_pass(folder, capfd):
    text = BIASED.replace("kernel_size: 3}", "kernel_size: 3}  # cnncalc: ignore {}")
    for words in ("CNN401", "CNN4", "", "CNN104, bias-before-batch-norm"):
        (folder / "c.yaml").write_text(text.replace("ignore {}", f"ignore {words}"))
        _, out, _ = output(capfd, "lint", "c.yaml", "--json")
        assert json.loads(out)["findings"] == [], words
    (folder / "c.yaml").write_text(text.replace("ignore {}", "ignore CNN101"))
    assert len(json.loads(output(capfd, "lint", "c.yaml", "--json")[1])["findings"]) == 1
    (folder / "c.yaml").write_text(text.replace("ignore {}", "ignore CNN999"))
    status, _, err = output(capfd, "lint", "c.yaml")
    assert status == 1 and err.startswith("c.yaml:4: no rule has the code or name 'CNN999'")


def test_built_in_networks_have_no_installation_paths(capfd):
    _, out, _ = output(capfd, "lint", "resnet50", "--json")
    assert {finding["path"] for finding in json.loads(out)["findings"]} == {"blocks/resnet.yaml"}


def test_budgets_of_several(folder, capfd):
    words = ["check", "good.yaml", "sub/biased.yaml", "--baseline", "good.yaml"]
    status, out, err = output(capfd, *words)
    # 4·27 + 4 parameters and 2·4 of the norm; 7²·4·27 MACs over 6²·4·27 and 5 %.
    assert status == 1
    assert re.search(r"max_params +120 +≤ 100 +exceeded +−20.0 %", out)
    assert re.search(r"max_macs +5,292 +≤ 4,082 +exceeded +−29.6 %", out)
    assert "note: good.yaml has no budgets" in err


def test_the_place_of_a_budget(folder, capfd):
    words = ["check", "sub/biased.yaml", "--format", "github", "--baseline", "good.yaml"]
    _, out, _ = output(capfd, *words)
    assert out.splitlines()[0].startswith("::error file=sub/biased.yaml,line=2,title=max_params::")
    _, out, _ = output(capfd, *words, "--max-params", "50")
    assert out.splitlines()[0].startswith("::error file=sub/biased.yaml,line=1,title=max_params::")


@pytest.mark.parametrize(("bound", "status"), [("+36.1%", 1), ("+36.2%", 0), ("-0%", 1)])
def test_relative_budgets(folder, capfd, bound, status):
    # 5,292 / 3,888 = 1.3611…
    words = ["check", "sub/biased.yaml", "--baseline", "good.yaml", "--max-params", "1k"]
    assert output(capfd, *words, "--max-macs", bound)[0] == status


def test_exactly_the_relative_budget_is_kept(folder, capfd):
    (folder / "twice.yaml").write_text(GOOD.replace("out_channels: 4", "out_channels: 8"))
    words = ["check", "twice.yaml", "--baseline", "good.yaml", "--max-macs"]
    assert output(capfd, *words, "+100%")[0] == 0
    assert output(capfd, *words, "+99.99%")[0] == 1


def test_a_relative_budget_needs_a_baseline(folder, capfd):
    status, _, err = output(capfd, "check", "sub/biased.yaml")
    assert status == 2 and "--baseline" in err


def test_a_baseline_at_a_revision(folder, capfd):
    def git(*words):
        identity = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
        subprocess.run(["git", *identity, *words], check=True, capture_output=True)

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "first")
    (folder / "good.yaml").write_text(GOOD.replace("out_channels: 4", "out_channels: 5"))
    words = ["check", "good.yaml", "--max-params"]
    for baseline in ("HEAD:good.yaml", "HEAD:"):
        assert output(capfd, *words, "+25%", "--baseline", baseline)[0] == 0
        assert output(capfd, *words, "+24.9%", "--baseline", baseline)[0] == 1
    for baseline in ("HEAD:none.yaml", "nowhere:good.yaml", "--help:x"):
        status, _, err = output(capfd, *words, "+1%", "--baseline", baseline)
        assert status == 2 and len(err.splitlines()) == 1


def test_if_budgets(folder, capfd):
    assert output(capfd, "check", "good.yaml")[0] == 2
    status, _, err = output(capfd, "check", "good.yaml", "--if-budgets")
    assert (status, err) == (0, "note: good.yaml has no budgets\n")


def test_wrong_budgets_are_refused_at_load(folder, capfd):
    (folder / "w.yaml").write_text("budgets: {max_parms: 3}\n" + GOOD)
    status, _, err = output(capfd, "shape", "w.yaml")
    assert status == 1
    assert err == "w.yaml:1: unknown key 'max_parms' of budgets; did you mean 'max_params'?\n"
