"""The routes in docs/api.md are those of the API. HOOKSWITCH_UPDATE_GOLDEN=1 writes them anew."""

import os
from collections.abc import Iterator
from pathlib import Path

from hookswitch.api.app import bare_app
from hookswitch.app.configuration.catalogue import catalogue

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
MARK = "<!-- from here on written by the tests: HOOKSWITCH_UPDATE_GOLDEN=1 -->\n"


def routes() -> Iterator[str]:
    yield "\n| route | role | |\n|---|---|---|\n"
    paths = bare_app(catalogue()).openapi()["paths"]
    for path, operations in sorted(paths.items()):
        for method, operation in operations.items():
            said = operation["description"].split("\n\n")[0].replace("\n", " ").rstrip(".")
            role = operation.get("x-role", "open")
            yield f"| `{method.upper()} {path}` | {role} | {said.replace('|', '/')} |\n"


def test_the_page_has_every_route() -> None:
    prose, mark, kept = PAGE.read_text("utf-8").partition(MARK)
    made = "".join(routes())
    if os.environ.get("HOOKSWITCH_UPDATE_GOLDEN"):
        PAGE.write_text(prose + mark + made, "utf-8")
        kept = made
    assert mark
    assert kept == made
