"""Webhook: tells a receiver of its own that a call passed here; goes on at once, or waits."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from hookswitch.flow.fields import (
    Headers,
    HeaderSecret,
    ObjectId,
    Part,
    SigningSecret,
    Text,
    WebUrl,
    wrong,
)
from hookswitch.flow.node import Finding, Node, NodeKind, Wiring
from hookswitch.flow.nodes.webhook.reply import FAILED, SUCCESS, TIMEOUT, Question, case
from hookswitch.flow.records import literal, record
from hookswitch.flow.site import Site
from hookswitch.flow.walk import Walker
from hookswitch.model.plan import Extension, Step

NORMAL = 16
WAITING = (SUCCESS, FAILED, TIMEOUT)
POLL_S = 0.05


def _path(value: str) -> str:
    if not 1 <= len(value) <= 200 or not all(value.split(".")):
        wrong("it is not a field", "write names with dots between, such as customer.level")
    return value


class Case(Part):
    """The call leaves by `output` if the answer's field is one of `values`."""

    output: ObjectId
    values: Annotated[tuple[Text, ...], Field(min_length=1, max_length=1000)]


class Branch(Part):
    """Chooses by a field of the JSON answer; a number in its path counts entries of a list."""

    field: Annotated[Text, AfterValidator(_path)]
    cases: Annotated[tuple[Case, ...], Field(min_length=1, max_length=50)]


class WebhookNode(Node):
    """`name` is the `component_name` of its events.

    With `wait` the call goes on when the receiver has answered, by `time_limit` seconds at the
    latest: by `success` (or the case that fits), `failed` or `timeout`, each if connected, else by
    `next`. The event is delivered in any case.
    """

    kind: Literal["webhook"]
    url: WebUrl
    secret_token: HeaderSecret
    signing_secret: SigningSecret
    previous_signing_secret: SigningSecret | None = None
    """During a rotation both sign, so that the receiver can change over at leisure."""
    headers: Headers = Field(default_factory=dict)
    wait: bool = False
    time_limit: Annotated[int, Field(ge=1, le=60, strict=True)] = 5
    branch: Branch | None = None


def check(node: WebhookNode, _site: Site) -> Iterable[Finding]:
    if node.branch is None:
        return
    if not node.wait:
        yield Finding("branch", "nobody waits for the answer", "say wait: true, or remove it")
    seen = {"next", *WAITING}
    for index, one in enumerate(node.branch.cases):
        if one.output in seen:
            at = f"branch.cases.{index}.output"
            yield Finding(at, f"{one.output!r} is taken", "choose another name")
        seen.add(one.output)


def more_outputs(node: WebhookNode) -> tuple[str, ...]:
    return (*WAITING, *(one.output for one in _cases(node))) if node.wait else ()


def question(node: WebhookNode) -> Question | None:
    """What is asked of the answer, None if nobody waits for it."""
    if not node.wait:
        return None
    field = node.branch.field if node.branch else ""
    return Question(node.time_limit, field, tuple(one.values for one in _cases(node)))


def emit(node: WebhookNode, _site: Site, wiring: Wiring) -> Sequence[Extension]:
    ends = {"node": literal(node.id), "name": literal(node.name)}
    if not node.wait:
        return (Extension("s", (record("webhook", **ends), _leave(node, wiring))),)
    answers = {case(n): one.output for n, one in enumerate(_cases(node), 1)}
    steps = (
        Step("Set", "HS_ASK=$[0${HS_ASK} + 1]"),
        record("webhook", **ends, ask="${HS_ASK}"),
        Step("WaitForCondition", _until_answered(node.time_limit)),
        *(
            Step("GotoIf", f'$["${{HS_ANSWER${{HS_ASK}}}}" = "{said}"]?{wiring.context},{said},1')
            for said in (SUCCESS, FAILED, *answers)
        ),
        _leave(node, wiring, TIMEOUT),
    )
    return (
        Extension("s", steps),
        Extension(SUCCESS, (_leave(node, wiring, SUCCESS),)),
        Extension(FAILED, (_leave(node, wiring, FAILED),)),
        *(Extension(said, (_leave(node, wiring, to, SUCCESS),)) for said, to in answers.items()),
    )


def _cases(node: WebhookNode) -> Sequence[Case]:
    return node.branch.cases if node.branch else ()


def _until_answered(limit: int) -> str:
    """`#` stands for `$` until the application looks; the answer is one of our fixed words."""
    return f'#,#["#{{HS_ANSWER#{{HS_ASK}}}}" != ""],{limit},{POLL_S}'


def _leave(node: WebhookNode, wiring: Wiring, *outputs: str) -> Step:
    """By the first that is connected."""
    connected = next((output for output in outputs if output in node.outputs), "next")
    return wiring.leave(node, connected, cause=NORMAL)


def walk(node: WebhookNode, walker: Walker) -> str:
    said = walker.webhook(node.id, node.name)
    if not node.wait:
        return "next"
    if said == TIMEOUT:
        walker.wait(node.time_limit)
    ways = [said] if said in (FAILED, TIMEOUT) else [said, SUCCESS]
    return next((output for output in ways if output in node.outputs), "next")


KIND = NodeKind(
    name="webhook",
    title="Webhook",
    group="Advanced options",
    schema=WebhookNode,
    outputs=("next",),
    check=check,
    emit=emit,
    walk=walk,
    more_outputs=more_outputs,
)
