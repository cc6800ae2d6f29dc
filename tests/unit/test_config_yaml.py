"""YAML texts that are wrong, hostile or huge."""

import warnings
from pathlib import Path

import pytest

from hookswitch.config.check import parse_text
from hookswitch.config.problems import InvalidDocument
from hookswitch.config.yaml import DEPTH_LIMIT, SIZE_LIMIT, load, read_file
from kit.documents import EMPTY, text_of


def refusal(text: str) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(InvalidDocument) as refused:
            parse_text(text)
    assert refused.value.__cause__ is None
    assert all(problem.mend for problem in refused.value.problems)
    return str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is not a mapping"),
        ("- a\n", "line 1: it is not a mapping"),
        ("hookswitch: 1\nusers:\n\t- name: A\n", "start any token): indent by spaces"),
        ("hookswitch: 1\nusers: [\n", "line 3: it is not YAML"),
        ("hookswitch: 1\nusers: a: b\n", "line 2: it is not YAML (mapping values are not allowed"),
        ("hookswitch: 1\nhookswitch: 1\n", "line 2: this name is there twice: remove one"),
        ("hookswitch: 1\nusers: &a []\ntrunks: *a\n", "line 2: a value begins with &: put it in"),
        ("hookswitch: 1\nusers: *a\n", "line 2: a value begins with *: put it in quotes"),
        ("hookswitch: 1\nusers: !x y\n", "line 2: a value begins with !: put it in quotes"),
        ("hookswitch: 1\nusers: !!python/name:os.system a\n", "line 2: a value begins with !"),
        ("%YAML 1.1\n---\nhookswitch: 1\n", "line 1: it has a directive: remove the lines"),
        ("hookswitch: 1\n---\nhookswitch: 1\n", "line 2: it is not YAML"),
        ("hookswitch: 1\nusers: \x07\n", "line 2: it holds a control character: remove it"),
        ("hookswitch: 1\nusers: 2020-99-99\n", "it is not YAML"),
        ("hookswitch: " + "1" * 5000, "it is not YAML"),
        ("1: 2\nhookswitch: 1\n", "line 1: 1: a name in it is not text"),
        ("? [a, b]\n: c\n", "a name in it is not text"),
        ("? {a: b}\n: c\n", "it is not YAML (found unhashable key)"),
    ],
)
def test_a_wrong_text_is_refused_with_its_line(text: str, said: str) -> None:
    assert said in refusal(text)


def test_a_bomb_of_aliases_is_refused_before_it_grows() -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    assert "put it in quotes" in refusal("\n".join(rows))


@pytest.mark.parametrize("depth", [DEPTH_LIMIT + 1, 100_000])
@pytest.mark.parametrize("sign", ["[", "{a: ", "- "])
def test_endless_nesting_is_refused(sign: str, depth: int) -> None:
    assert "nested too deeply" in refusal(sign * depth)


def test_json_is_yaml() -> None:
    assert load('{"a": [1, "\\u20ac", null, true]}').values == {"a": [1, "\u20ac", None, True]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1,\n"a": 2}', "line 2"),
        ('{"a": 1,\n"b": }{', "line 2"),
        ('{"hookswitch": NaN}', "hookswitch"),
        ('{"hookswitch": 1,\n\n"users": 7}', "line 3"),
        ('{"x\\ud83d\\ude00\x9f": "\\\\ud83d",\n"users": 7}', "line 2"),
        ('{"hookswitch": "\\ud83d"}', "line 1"),
    ],
)
def test_what_is_wrong_in_json_is_told_as_in_yaml(text: str, said: str) -> None:
    assert said in refusal(text)


def test_a_large_document_is_read_once_however_much_is_wrong_with_it() -> None:
    users = "".join(f"- {{name: U{n}, extension: x}}\n" for n in range(1_500))
    with pytest.raises(InvalidDocument) as refused:
        parse_text(f"hookswitch: 1\nusers:\n{users}")
    assert [problem.line for problem in refused.value.problems] == list(range(3, 1_503))


def test_five_megabytes_in_few_values_are_read() -> None:
    text = "hookswitch: 1\nflows: |\n" + ("  " + "x" * 998 + "\n") * 5_000
    assert "not a list" in refusal(text)


def test_lines_and_places_are_right_behind_any_character() -> None:
    """As text is cut by these places, they are counted in characters, without the mark of UTF-8."""
    source = load("\ufeffa: \U0001f600\r\nb: \u20ac\nc: here\n")
    node = source.node_at(("c",))
    assert node is not None
    assert source.text[node.start_mark.index : node.end_mark.index] == "here"
    assert source.line_of(("c",)) == 3


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text_of(EMPTY), "utf-8")
    assert parse_text(read_file(path)).users == ()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"hookswitch: 1\nusers: \xff\n", "is not UTF-8 text: save it as UTF-8"),
        ("hookswitch: 1".encode("utf-16"), "is not UTF-8 text"),
        (b" " * (SIZE_LIMIT + 1), "is larger than 4 MiB"),
    ],
)
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(data)
    with pytest.raises(InvalidDocument, match=said):
        read_file(path)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.yaml", tmp_path):
        with pytest.raises(InvalidDocument, match=r"cannot be read .*name another file"):
            read_file(path)
