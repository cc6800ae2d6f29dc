"""`hookswitch openapi`."""

import json

import click


@click.command()
def openapi() -> None:
    """Print the OpenAPI 3.1 document of the API and webhooks.

    Needs no server.
    """
    from hookswitch.api.app import bare_app  # noqa: PLC0415  slow to load
    from hookswitch.app.configuration.catalogue import catalogue  # noqa: PLC0415  slow to load

    click.echo(json.dumps(bare_app(catalogue()).openapi(), indent=2))
