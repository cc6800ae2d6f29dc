"""Every route of the API with what it takes and gives, from the OpenAPI document."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from hookswitch.api.app import bare_app
from hookswitch.app.configuration.catalogue import catalogue
from pages.fields import Known, default_of, words

HEAD = """# Routes, one by one

What each route of [the API](../api.md) takes and gives. `hookswitch openapi` prints the same as an
OpenAPI 3.1 document, the twelve webhooks included, for generators of clients; a running server has it at
`/api/openapi.json`. Whatever goes wrong is answered with a [Problem](#problem).
"""
Operation = Mapping[str, Any]
JSON = "application/json"


def page() -> str:
    """Routes by what they are about, then the parts of requests and answers."""
    document = bare_app(catalogue()).openapi()
    schemas = document["components"]["schemas"]
    known = Known(schemas, {name: _title(name).lower().replace(" ", "-") for name in schemas})
    routes = sorted(_operations(document["paths"]), key=lambda one: one[0])
    sections = (
        f"\n## About {tag}\n{''.join(_route(*one, known) for _, *one in found)}"
        for tag, found in groupby(routes, key=lambda one: one[0])
    )
    parts = (_part(name, schemas[name], known) for name in schemas)
    return "".join((HEAD, *sections, "\n## What they take and give\n", *parts))


def _operations(paths: Mapping[str, Any]) -> Iterator[tuple[str, str, str, Operation]]:
    for path, operations in sorted(paths.items()):
        for method, operation in operations.items():
            yield (operation.get("tags") or ["the server"])[0], method.upper(), path, operation


def _route(method: str, path: str, operation: Operation, known: Known) -> str:
    lines = [f"\n### {method} {path}\n", operation["description"]]
    lines.append(
        f"Role: `{operation.get('x-role', 'open')}`. Operation: `{operation['operationId']}`.{_body(operation, known)}"
    )
    lines += [_given(status, answer, known) for status, answer in _answers(operation)]
    if parameters := operation.get("parameters"):
        head = "| parameter | in | type | default | meaning |\n|---|---|---|---|---|\n"
        lines.append(head + "".join(_parameter(one, known) for one in parameters))
    return "\n\n".join(line.rstrip("\n") for line in lines) + "\n"


def _parameter(one: Mapping[str, Any], known: Known) -> str:
    type_, default = words(one["schema"], known), default_of(one["schema"], needed=one["required"])
    meaning = one.get("description") or one["schema"].get("description", "")
    return (
        f"| `{one['name']}` | {one['in']} | {type_} | {default} | {' '.join(meaning.split())} |\n"
    )


def _body(operation: Operation, known: Known) -> str:
    content = operation.get("requestBody", {}).get("content", {})
    if not content:
        return ""
    (kind, said), *_ = content.items()
    what = words(said.get("schema", {}), known) if kind == JSON else f"`{kind}`"
    return f" Takes {what}."


def _answers(operation: Operation) -> Iterator[tuple[str, Mapping[str, Any]]]:
    return ((s, a) for s, a in operation["responses"].items() if s.startswith("2"))


def _given(status: str, answer: Mapping[str, Any], known: Known) -> str:
    content = answer.get("content", {})
    if not content:
        return f"Answers {status}."
    (kind, said), *_ = content.items()
    schema = said.get("schema") or {}
    what = words(schema, known) if kind == JSON and schema else f"`{kind}`"
    return f"Answers {status} with {what}."


def _part(name: str, schema: Mapping[str, Any], known: Known) -> str:
    needed = schema.get("required", ())
    rows = (
        f"| `{field}` | {words(told, known)} | {default_of(told, needed=field in needed)} |\n"
        for field, told in schema.get("properties", {}).items()
    )
    about = " ".join(schema.get("description", "").split())
    return f"\n### {_title(name)}\n\n{about}\n\n| field | type | default |\n|---|---|---|\n{''.join(rows)}"


def _title(name: str) -> str:
    """Two of one name are told apart by their module."""
    return " ".join(name.split("__")[-2:]).removesuffix("Config")
