"""The generator of flows knows every kind of object there is, with its outputs."""

from random import Random

from hookswitch.config.check import parse
from hookswitch.flow.nodes import KINDS
from kit.documents import MINIMAL, plan_of
from kit.flows import OUTPUTS, Draw, generated


def test_every_kind_is_known() -> None:
    assert set(OUTPUTS) == set(KINDS) - {"number"}
    assert all(hasattr(Draw, kind) for kind in OUTPUTS)


def test_generated_flows_pass_the_checks_and_compile_alike_each_time() -> None:
    """A hundred, cycles included, of every kind."""
    chance = Random(20261124)
    kinds = sorted(OUTPUTS)
    flows = [
        generated(
            f"f{n}",
            f"6130005{n:04}",
            chance.choices(kinds, k=6),
            chance,
            ["1001", "1002"],
            "http://192.0.2.9",
            cycles=True,
        )
        for n in range(100)
    ]
    users = [{"name": "A", "extension": "1001"}, {"name": "B", "extension": "1002"}]
    boxes = [{"box": box, "name": "Box", "pin": "4321"} for box in ("1001", "1002")]
    users = [{**user, "mailbox": user["extension"]} for user in users]
    trunks = [{"name": "carrier", "host": "192.0.2.1"}]
    raw = {**MINIMAL, "trunks": trunks, "users": users, "mailboxes": boxes, "flows": flows}
    document = parse(raw)
    assert plan_of(document) == plan_of(document)
    assert {node.kind for flow in document.flows for node in flow.objects} == set(KINDS)
