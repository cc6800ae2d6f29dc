"""The OpenAPI document as generators of clients take it."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from hookswitch.api.app import bare_app
from hookswitch.api.openapi import PROBLEM
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


def parts(schema: Mapping[str, Any], where: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The schema and all that are in it; those of other names have their own turn."""
    yield where, schema
    for name, one in schema.get("properties", {}).items():
        yield from parts(one, f"{where}.{name}")
    for key in ("items", "additionalProperties"):
        if isinstance(one := schema.get(key), dict):
            yield from parts(one, f"{where}[]")
    for key in ("anyOf", "oneOf", "allOf", "prefixItems"):
        for one in schema.get(key, ()):
            yield from parts(one, where)


def contents(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """All that is sent and answered, in each of its forms."""
    for where, operation in operations(document):
        said = {"body": operation.get("requestBody", {}), **operation["responses"]}
        for what, one in said.items():
            for form, content in one.get("content", {}).items():
                yield f"{where} {what} {form}", content["schema"]


def is_loose(schema: Mapping[str, Any]) -> bool:
    """Whether it takes any object, or anything, and does not say where its shape is told."""
    says = {"$ref", "anyOf", "oneOf", "allOf", "enum", "const", "properties", "description"}
    if says & set(schema):
        return False
    of = schema.get("additionalProperties")
    if isinstance(of, dict) and of:
        return False
    return schema.get("type") in {None, "object"} or (
        schema["type"] == "array" and not schema.get("items")
    )


def test_everything_sent_and_answered_has_a_shape(document: Mapping[str, Any]) -> None:
    named = document["components"]["schemas"].items()
    found = [*named, *contents(document)]
    loose = [where for name, schema in found for where, one in parts(schema, name) if is_loose(one)]
    assert len(found) > 150
    assert loose == []
    assert is_loose({"type": "object", "additionalProperties": True, "title": "Body"})
    assert is_loose({"type": "array", "items": {}})
    assert is_loose({"title": "Old"})


def test_every_answer_is_given_with_its_content(document: Mapping[str, Any]) -> None:
    """And every operation with its errors, each in their one shape."""
    for where, operation in operations(document):
        answers = operation["responses"]
        good = [code for code in answers if code.startswith("2")]
        assert good, where
        for code in good:
            assert bool(answers[code].get("content")) == (code != "204"), (where, code)
        wrong = {"default"} | ({"401", "403"} if operation.get("security") else set())
        if operation.get("parameters") or operation.get("requestBody"):
            wrong.add("422")
        assert wrong <= set(answers), where
        for code in wrong:
            assert answers[code]["content"] == PROBLEM, (where, code)


def test_what_is_named_is_used_and_what_is_used_is_there(document: Mapping[str, Any]) -> None:
    used = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert used == set(document["components"]["schemas"])


def test_about_tells_its_fields(document: Mapping[str, Any]) -> None:
    about = document["paths"]["/api/about"]["get"]["responses"]["200"]
    assert about["content"]["application/json"]["schema"]["$ref"].endswith("/About")
    fields = document["components"]["schemas"]["About"]
    assert {"version", "node", "database", "revision", "sip"} <= set(fields["properties"])
    assert not {"engine", "sip"} & set(fields["required"])
