"""The kinds of objects: a folder each, and nothing said twice differently."""

from pathlib import Path
from typing import get_args

import pytest

from hookswitch.flow import nodes
from hookswitch.flow.node import Node, NodeKind
from hookswitch.flow.nodes import KINDS

FOLDERS = sorted(
    folder.name
    for folder in Path(nodes.__path__[0]).iterdir()
    if folder.is_dir() and not folder.name.startswith("__")
)


def test_every_folder_is_a_kind_of_its_name() -> None:
    assert sorted(KINDS) == FOLDERS


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_kind_is_whole(kind: NodeKind) -> None:
    assert issubclass(kind.schema, Node)
    assert get_args(kind.schema.model_fields["kind"].annotation) == (kind.name,)
    assert kind.title[0].isupper()
    assert kind.schema.__doc__
    assert len(set(kind.outputs)) == len(kind.outputs)
    for output in kind.outputs:
        assert output.replace("_", "").isalnum()


def test_the_registry_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        KINDS["new"] = KINDS["user"]  # type: ignore[index]
