"""Every setting of a process, from its class."""

from hookswitch.app.settings import Settings
from pages.fields import Known, Row, rows

HEAD = """# Settings, one by one

What a process is told when it starts: by a flag of `hookswitch serve` where there is one, else by the
environment variable (`HOOKSWITCH_` and the name in capitals), else by the TOML file of `--settings FILE`
or `HOOKSWITCH_SETTINGS`. A port of 0 takes a free one. A wrong value is refused at the start, with the
three names of the setting.

| setting | type | default | |
|---|---|---|---|
"""
SHOWN = {
    "data_dir": "`~/.local/state/hookswitch`",
    "engine_prefix": "`~/.local/share/hookswitch/engine`",
    "database": "`sqlite`",
    "smtp_password": "",
}


def page() -> str:
    """One table; what depends on the user's home, and secrets, are shown as they would be."""
    schema = Settings.model_json_schema()
    return HEAD + "".join(map(_shown, rows(Settings, schema, Known({}, {}))))


def _shown(row: Row) -> str:
    return str(Row(row.name, row.type, SHOWN.get(row.name, row.default), row.meaning))
