"""The OpenAPI document as generators of clients take it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from hookswitch.api.app import bare_app
from hookswitch.app.configuration.catalogue import catalogue


@pytest.fixture(scope="module")
def document() -> Mapping[str, Any]:
    return bare_app(catalogue()).openapi()


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path, by_method in document["paths"].items():
        for method, operation in by_method.items():
            yield f"{method} {path}", operation


def test_every_operation_has_a_name_of_its_own(document: Mapping[str, Any]) -> None:
    names = [operation["operationId"] for _, operation in operations(document)]
    assert len(names) == len(set(names))
    assert [name for name in names if not re.fullmatch(r"[a-z]+(_[a-z]+){0,5}", name)] == []
    assert {"calls_list", "calls_get", "deliveries_retry", "draft_get", "audit_list"} <= set(names)


def test_every_operation_and_parameter_is_described(document: Mapping[str, Any]) -> None:
    silent = [
        (where, one["name"])
        for where, operation in operations(document)
        for one in operation.get("parameters", ())
        if not one.get("description") and not one["schema"].get("description")
    ]
    assert silent == []
    for where, operation in operations(document):
        assert operation["description"].startswith(operation["summary"].split()[0]), where


def test_no_part_is_named_by_a_module(document: Mapping[str, Any]) -> None:
    """Two classes of one name would be: generators then make neither."""
    names = document["components"]["schemas"]
    assert [name for name in names if "__" in name or name.endswith(("-Input", "-Output"))] == []
