"""A document with one object of a kind, and all of those that choose a way."""

from typing import Any

from hookswitch.config.check import parse
from hookswitch.config.document import Document
from hookswitch.config.problems import InvalidDocument
from hookswitch.config.site import site_of
from hookswitch.flow.compile import compile_plan
from hookswitch.model.plan import Plan

USERS = [{"name": 'Ann, "Bo" Smith', "extension": "1001"}, {"name": "Zoë", "extension": "1002"}]
OBJECTS: dict[str, dict[str, Any]] = {
    "voice_menu": {
        "greeting": "welcome", "dial_extensions": True, "timeout": 4, "retries": 1,
        "timeout_prompt": "hurry", "outputs": {"digit_1": "end", "star": "end", "hash": "end",
                                               "timeout": "end", "invalid": "end"},
    },
    "time_condition": {
        "time_zone": "Europe/Berlin", "override": "1",
        "groups": [{"hours": ["09:00-12:30", "13:30-24:00"], "weekdays": ["mon-thu", "sat-sun"]},
                   {"month_days": ["1-7"], "months": ["nov-feb"], "years": ["2026", "2030-2031"]}],
        "holidays": ["2026-05-01", "12-24/01-01", "2026-08-03/2026-08-14"],
        "outputs": {"matches": "end"},
    },
    "condition": {
        "cases": [
            {"output": "vip", "match": "caller_number", "values": ["+61 400 000 001"]},
            {"output": "mobile", "match": "caller_number", "how": "prefix",
             "values": ["04", "614"]},
            {"output": "name", "match": "caller_name", "how": "pattern", "values": ["Zoë *(?)"]},
            {"output": "crm", "match": "variable", "variable": "CRM_ANSWER", "values": ["a;b"]},
            {"output": "hidden", "match": "caller_number", "how": "empty"},
        ],
        "outputs": {"vip": "end", "mobile": "end", "otherwise": "end"},
    },
    "caller_id": {
        "set_name": 'Ev"il; ${X}, $[1]', "set_number": "+61300000000", "name_prefix": "Sales: ",
        "number_prefix": "00", "table": [{"number": "614000001", "name": "Best; customer"}],
        "outputs": {"next": "end"},
    },
    "conference": {
        "room": "board", "pin": "1234", "admin_pin": "98765", "announce_joins": False,
        "max_members": 5, "outputs": {"left": "end"},
    },
    "directory": {"search": "both", "outputs": {"not_found": "end"}},
}  # fmt: skip


def document_of(kind: str, **changes: Any) -> dict[str, Any]:
    """Raw values: a number, the object, and a hang-up behind its outputs."""
    tried = {"id": "tried", "kind": kind, "name": "Tried", **OBJECTS[kind], **changes}
    entrance = {"id": "in", "kind": "number", "name": "In", "numbers": ["61300000000"],
                "outputs": {"next": "tried"}}  # fmt: skip
    end = {"id": "end", "kind": "hang_up", "name": "End"}
    return {
        "hookswitch": 1,
        "users": USERS,
        "trunks": [{"name": "carrier", "host": "192.0.2.10"}],
        "flows": [{"name": "Flow", "objects": [entrance, tried, end]}],
    }


def plan_of(kind: str, **changes: Any) -> Plan:
    document: Document = parse(document_of(kind, **changes))
    return compile_plan(document.flows, site_of(document, None, "/prompts"), 7)


def problems_of(kind: str, **changes: Any) -> list[str]:
    """What is wrong with the object, a line each."""
    try:
        parse(document_of(kind, **changes))
    except InvalidDocument as error:
        return [f"{p.field}: {p.message}: {p.mend}" for p in error.problems]
    return []
