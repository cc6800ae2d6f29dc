"""Flags over environment over file over default, and errors that name a setting three ways."""

import ast
import os
from pathlib import Path

import pytest

import hookswitch
from hookswitch.app.settings import Settings, SettingsError, load_settings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("HOOKSWITCH_"):
            monkeypatch.delenv(name)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "settings.toml"
    path.write_text('port = 1001\nnode = "file"\n')
    return path


def test_the_default_holds_when_nothing_is_said() -> None:
    settings = load_settings()
    assert (settings.host, settings.port, settings.node) == ("127.0.0.1", 8088, "n1")


def test_each_source_goes_over_the_next(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings(file).port == 1001
    monkeypatch.setenv("HOOKSWITCH_PORT", "1002")
    assert load_settings(file).port == 1002
    assert load_settings(file, port=1003).port == 1003
    assert load_settings(file, port=None).port == 1002
    assert load_settings(file, port=1003).node == "file"


def test_the_file_can_be_named_in_the_environment(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOKSWITCH_SETTINGS", str(file))
    assert load_settings().node == "file"
    other = tmp_path / "other.toml"
    other.write_text('node = "other"\n')
    assert load_settings(other).node == "other"


def test_one_file_does_not_leak_into_the_next_reading(file: Path) -> None:
    assert load_settings(file).port == 1001
    assert load_settings().port == 8088
    assert Settings().port == 8088


WRONG = [
    ("port", 70_000), ("port", "x"), ("port", -1), ("node", "Has-Capitals"), ("node", ""),
    ("node", "toolongname"), ("log_level", "loud"), ("delivery_deadline_s", 0),
    ("delivery_window_s", 61), ("delivery_in_flight", 0), ("delivery_per_endpoint", "many"),
    ("delivery_retries_s", [0]), ("delivery_retries_s", []),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), WRONG)
@pytest.mark.parametrize("source", ["flag", "environment", "file"])
def test_an_error_names_the_setting_by_its_three_names(
    name: str, value: object, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(f"{name} = {value!r}\n" if source == "file" else "")
    if source == "environment":
        monkeypatch.setenv(f"HOOKSWITCH_{name.upper()}", str(value))
    flags = {name: value} if source == "flag" else {}
    with pytest.raises(SettingsError) as refused:
        load_settings(path, **flags)
    (line,) = str(refused.value).splitlines()
    names = f"setting {name} (--{name.replace('_', '-')}, HOOKSWITCH_{name.upper()}): "
    assert line.startswith(names)
    assert len(line) > len(names)


def test_every_wrong_setting_is_named() -> None:
    with pytest.raises(SettingsError) as refused:
        load_settings(port=-1, node="", log_level="x")
    assert len(str(refused.value).splitlines()) == 3


def test_an_unknown_setting_is_refused(file: Path) -> None:
    file.write_text("prot = 80\n")
    with pytest.raises(SettingsError, match="setting prot: there is no such setting"):
        load_settings(file)
    with pytest.raises(SettingsError, match="setting prot: there is no such setting"):
        load_settings(prot=80)


@pytest.mark.parametrize("data", [b"port = \n", b"port 80", b"node = '\xff'\n", b"\x00"])
def test_a_file_that_is_no_toml_is_named(file: Path, data: bytes) -> None:
    file.write_bytes(data)
    with pytest.raises(SettingsError, match="mend its TOML") as refused:
        load_settings(file)
    assert str(file) in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = tmp_path / "missing.toml"
    with pytest.raises(SettingsError, match="no such file: name another"):
        load_settings(missing)
    monkeypatch.setenv("HOOKSWITCH_SETTINGS", str(missing))
    with pytest.raises(SettingsError, match=r"missing\.toml"):
        load_settings()


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().port = 1


def test_each_setting_is_read_by_the_program() -> None:
    """Settings that nothing asks for would do nothing."""
    source = Path(hookswitch.__file__).parent
    trees = [
        ast.parse(file.read_text("utf-8"))
        for folder in ("app", "api")
        for file in (source / folder).rglob("*.py")
        if file != source / "app/settings.py"
    ]
    read = {
        node.attr
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and "settings" in ast.unparse(node.value)
    }
    assert set(Settings.model_fields) - read == set()
