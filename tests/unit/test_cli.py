"""The command line as a user meets it; the commands that need an engine are tested elsewhere."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from hookswitch import __version__
from hookswitch.app.cli import COMMANDS, SHARED, main
from kit.documents import FULL, changed, text_of


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.yaml"
    path.write_text(text_of(FULL), "utf-8")
    return path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.yaml"
    raw = changed("webhooks.0.url", "x", changed("users.0.devices.0.password", 5550144433))
    path.write_text(text_of(raw), "utf-8")
    return path


def test_the_installed_command_answers() -> None:
    command = Path(sys.executable).with_name("hookswitch")
    done = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"hookswitch, version {__version__}"


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_lists_every_command_with_what_it_does(option: str) -> None:
    done = run(option)
    assert done.exit_code == 0
    for name in COMMANDS:
        (line,) = (line for line in done.output.splitlines() if line.startswith(f"  {name} "))
        assert len(line.split()) > 2


def commands(group: click.Group, *above: str) -> list[tuple[str, ...]]:
    context = click.Context(group)
    found: list[tuple[str, ...]] = []
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found.append((*above, name))
        if isinstance(command, click.Group):
            found += commands(command, *above, name)
    return found


@pytest.mark.parametrize("path", commands(main), ids=" ".join)
def test_every_command_explains_itself_and_its_options(path: tuple[str, ...]) -> None:
    done = run(*path, "--help")
    assert done.exit_code == 0
    assert f"Usage: main {' '.join(path)}" in done.output
    command: click.Command | None = main
    for name in path:
        assert isinstance(command, click.Group)
        command = command.get_command(click.Context(command), name)
    assert command is not None
    assert command.help
    silent = [
        parameter.name
        for parameter in command.params
        if isinstance(parameter, click.Option)
        and not parameter.help
        and not isinstance(parameter.type, click.Choice)
    ]
    assert silent == []


def command_of(path: tuple[str, ...]) -> click.Command:
    command: click.Command = main
    for name in path:
        assert isinstance(command, click.Group)
        found = command.get_command(click.Context(command), name)
        assert found is not None
        command = found
    return command


@pytest.mark.parametrize("path", [(), *commands(main)], ids=" ".join)
def test_a_list_of_commands_tells_whole_sentences(path: tuple[str, ...]) -> None:
    """On a terminal of 80 columns, of which click leaves two free."""
    shown = CliRunner().invoke(main, [*path, "--help"], terminal_width=78).output
    assert re.findall(r"^  \w.*\w\.\.\.$", shown, re.MULTILINE) == []


@pytest.mark.parametrize("path", commands(main), ids=" ".join)
def test_what_is_shared_comes_last_and_there_are_examples(path: tuple[str, ...]) -> None:
    command = command_of(path)
    shared = [one.name for one in command.params if one.name in SHARED]
    assert [one.name for one in command.params][-len(shared) or len(command.params) :] == shared
    given = [one for one in command.params if one.name not in SHARED]
    if not isinstance(command, click.Group) and any(one.required for one in given):
        assert command.epilog


def examples() -> list[str]:
    shown = [command_of(path).epilog or "" for path in commands(main)]
    lines = [line.strip() for text in shown for line in text.splitlines()]
    return [line for line in lines if line.startswith("hookswitch ")]


@pytest.mark.parametrize("line", examples())
def test_an_example_in_a_help_can_be_typed(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever lies at its paths on this machine."""
    monkeypatch.setattr(click.Path, "convert", lambda _self, value, *_: Path(value))
    words = shlex.split(re.split(r" [|<>] |    \(", line)[0])[1:]
    words = ["0" if word == "..." else word for word in words]
    command: click.Command = main
    while words and isinstance(command, click.Group):
        found = command.get_command(click.Context(command), words[0])
        if found is None:
            break
        command, words = found, words[1:]
    command.make_context(line, words)


def test_a_shell_completes_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    for shell in ("bash", "fish", "zsh"):
        assert "_HOOKSWITCH_COMPLETE" in run("completion", shell).output
    typed = {"COMP_WORDS": "hookswitch del", "COMP_CWORD": "1"}
    for name, value in {**typed, "_HOOKSWITCH_COMPLETE": "bash_complete"}.items():
        monkeypatch.setenv(name, value)
    command = Path(sys.executable).with_name("hookswitch")
    done = subprocess.run([command], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["plain,deliveries"]


READING = [
    *(["history"], ["export"], ["secrets", "list"], ["backup", "x.gz"], ["migrate", "status"]),
    *(["engine", "ask", "core"], ["engine", "status"], ["phone", "answer", "alice"]),
    *(["deliveries", "list"], ["tokens", "list"], ["apply", "good.yaml"], ["check", "good.yaml"]),
]


def test_the_directory_of_somebody_else_is_told_in_one_line(good: Path) -> None:
    """In a process of its own, which gives root away where it has it."""
    good.parent.chmod(0o711)
    data = good.parent / "data"
    data.mkdir(mode=0o000)
    script = (
        "import os, sys, json; from importlib import import_module\n"
        "from click.testing import CliRunner; from hookswitch.app.cli import COMMANDS, main\n"
        "[import_module('hookswitch.app.cli.' + one.split(':')[0]) for one in COMMANDS.values()]\n"
        "os.chdir(sys.argv[1]); os.geteuid() or os.setuid(65534)\n"
        "for words in json.loads(sys.argv[2]):\n"
        "    done = CliRunner().invoke(main, [*words, '--data-dir', 'data'])\n"
        "    print(json.dumps([words, done.exit_code, done.output]))\n"
    )
    command = (sys.executable, "-c", script, str(good.parent), json.dumps(READING))
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(said) == len(READING)
    for words, code, output in map(json.loads, said):
        assert code in {1, 2}, words
        assert "ermission denied" in output or "not readable" in output, (words, output)
        assert "run this as the user that owns it" in output or code == 2, (words, output)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["history", "show", "x"], "'x' is no revision: give its number, live or previous"),
        (["export", "--revision", "x"], "'x' is no revision"),
        (["migrate", "down", "--to", "3"], "holds no database: name its directory (--data-dir)"),
        (["restore", "x.gz"], "x.gz: there is no such file: name another"),
        (["serve", "--database", "mysql://x"], "write sqlite, or postgresql://"),
    ],
)
def test_what_cannot_be_done_names_the_mend(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(*arguments, "--data-dir", tmp_path / "none")
    assert done.exit_code in {1, 2}
    assert said in done.output
    assert "alue error" not in done.output


@pytest.mark.parametrize("arguments", [["nonsense"], ["check"], ["check", "--nonsense", "x"]])
def test_a_wrong_use_ends_with_2(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    first, usage, more = done.stderr.splitlines()
    assert first.startswith("hookswitch: ")
    assert usage.startswith("Usage: main ")
    assert more.startswith("Try: main ")


def test_check_takes_a_good_document(good: Path) -> None:
    done = run("check", good)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.output == f"{good} is fine: 2 users, 2 trunks, 5 objects, 1 webhook endpoints\n"


def test_check_tells_all_that_is_wrong(bad: Path) -> None:
    done = run("check", bad)
    assert (done.exit_code, done.stdout) == (1, "")
    head, *problems = done.stderr.splitlines()
    assert head == f"hookswitch: {bad} cannot be applied, 2 problems:"
    assert "users[1] (Alice).devices[1]: password: YAML reads it as a number" in problems[0]
    assert "webhooks[1] (crm): url: it is not a web address" in problems[1]
    assert "5550144433" not in done.output


def test_check_speaks_json(good: Path, bad: Path) -> None:
    done = run("check", good, "--json")
    assert (done.exit_code, json.loads(done.stdout)) == (
        0, {"ok": True, "problems": [], "warnings": []},
    )  # fmt: skip
    done = run("check", bad, "--json")
    said = json.loads(done.stdout)
    assert (done.exit_code, done.stderr, said["ok"]) == (1, "", False)
    assert [set(problem) for problem in said["problems"]] == [
        {"where", "field", "message", "mend", "line", "text"}
    ] * 2
    assert said["problems"][1]["field"] == "url"
    assert all(isinstance(problem["line"], int) for problem in said["problems"])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read (No such file or directory): name another file"),
        (b"\xff", "is not UTF-8 text: save it as UTF-8"),
        (
            b"a: b: c",
            "it is not YAML (mapping values are not allowed in this context): mend this line",
        ),
        (b"", "it is not a mapping"),
    ],
)
def test_check_names_a_file_that_is_no_document(
    tmp_path: Path, content: bytes | None, said: str
) -> None:
    path = tmp_path / "x.yaml"
    if content is not None:
        path.write_bytes(content)
    done = run("check", path)
    assert done.exit_code == 1
    assert said in done.stderr
    assert said in json.loads(run("check", path, "--json").stdout)["problems"][0]["text"]


def test_apply_refuses_a_wrong_document_before_it_touches_anything(
    bad: Path, tmp_path: Path
) -> None:
    done = run("apply", bad, "--data-dir", tmp_path / "data")
    assert done.exit_code == 1
    assert "cannot be applied, 2 problems" in done.stderr
    assert not (tmp_path / "data").exists()


def test_a_wrong_setting_ends_with_2(good: Path, tmp_path: Path) -> None:
    done = run("apply", good, "--settings", tmp_path / "missing.toml")
    assert done.exit_code == 2
    assert "no such file" in done.stderr


def test_the_test_phone_says_what_it_needs(tmp_path: Path) -> None:
    nobody = run("phone", "call", "61300000000", "--data-dir", tmp_path)
    assert nobody.exit_code == 2
    assert "--trunk NAME or --user USERNAME" in nobody.output
    for words in (["answer", "alice"], ["call", "613", "--user", "alice"]):
        ended = run("phone", *words, "--data-dir", tmp_path)
        assert ended.exit_code == 1
        assert f"no engine runs on {tmp_path}: start hookswitch serve first" in ended.output


def test_the_exit_codes_are_told() -> None:
    told = run("--help").output.partition("Exit codes:\n")[2]
    assert re.findall(r"^ +([0-9]+)  ", told, re.MULTILINE) == ["0", "1", "2", "3"]


def test_each_exit_code_is_given(good: Path, bad: Path, tmp_path: Path) -> None:
    assert run("check", good).exit_code == 0
    assert run("check", bad).exit_code == 1
    assert run("deliveries", "list", "--data-dir", tmp_path).exit_code == 1
    assert run("deliveries", "lst").exit_code == 2
    assert run("migrate", "status", "--settings", tmp_path / "none.toml").exit_code == 2
    assert run("engine", "status", "--prefix", tmp_path, "--data-dir", tmp_path).exit_code == 3


@pytest.mark.parametrize(
    "arguments",
    [
        ["deliveries", "lst"],
        ["deliveries", "list", "--state", "lost"],
        ["deliveries", "show"],
        ["deliveries", "show", "many"],
        ["deliveries", "list"],
        ["check", "none.yaml"],
        ["events", "send", "user_inbound"],
        ["listen", "--status", "200", "--forward", "http://127.0.0.1:1/"],
        ["phone", "call", "1001"],
        ["migrate", "status"],
        ["restore", "none.tar.gz"],
        ["engine", "install", "--mirror", "nonsense", "--prefix", "engine"],
    ],
    ids=" ".join,
)
def test_every_mistake_begins_in_one_way(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOOKSWITCH_DATA_DIR", "data")
    done = run(*arguments)
    assert done.exit_code in {1, 2}
    first, *more = done.stderr.splitlines()
    assert first.startswith("hookswitch: ")
    assert first != "hookswitch: "
    assert [line for line in more if not line.startswith(("Usage: ", "Try: ", " "))] == []


def test_who_stops_a_question_is_told_that_nothing_is_done(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["user", "add", "ada", "--data-dir", str(tmp_path)], input="")
    assert (done.exit_code, done.stderr.splitlines()[-1]) == (
        1,
        "hookswitch: stopped: nothing more is done",
    )


NO_ANSWER = {
    *("demo", "serve", "node", "worker", "web", "completion", "openapi", "export", "events schema"),
    *("phone answer", "phone call", "engine ask", "secrets show", "service install"),
    *("service uninstall", "user disable", "user enable", "user passwd", "user reset-totp"),
    *("bans remove", "tokens delete", "prompts delete"),
}
"""What prints nothing that a program would take apart, or JSON anyway."""


@pytest.mark.parametrize("path", commands(main), ids=" ".join)
def test_what_gives_an_answer_gives_it_as_json_too(path: tuple[str, ...]) -> None:
    command = command_of(path)
    has_json = any(one.name == "as_json" for one in command.params)
    if not isinstance(command, click.Group) and " ".join(path) not in NO_ANSWER:
        assert has_json
