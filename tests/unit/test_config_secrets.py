"""References of secrets, and documents that leave secrets out."""

import copy
import json
from typing import Any

import pytest
from pydantic import SecretStr

from hookswitch.config import archive, schema, secrets
from hookswitch.config.check import parse, parse_text
from hookswitch.config.document import Document
from hookswitch.config.problems import InvalidDocument
from hookswitch.flow.fields import Part, SipPassword
from hookswitch.flow.nodes import KINDS
from hookswitch.model.secret import MASK
from kit.documents import FULL, SIGNING_SECRET, changed, text_of, through_archive

REFERENCES = {
    "users/1001/devices/1001/password",
    "users/1001/devices/1001.mobile/password",
    "objects/first/secret_token",
    "objects/first/signing_secret",
    "objects/first/headers/X-Key",
    "webhooks/crm/secret_token",
    "webhooks/crm/signing_secret",
    "webhooks/crm/headers/X-Team",
}


def without(raw: Any, how: str) -> Any:
    """Leave every secret out, in one of the ways there are."""
    raw = copy.deepcopy(raw)
    for place in list(secrets.places(raw)):
        if place.key in place.holder:
            if how == "absent" and place.loc[-2:-1] != ("headers",):
                del place.holder[place.key]
            else:
                place.holder[place.key] = MASK if how == "masked" else None
    return raw


def test_each_secret_has_a_reference_of_its_owner() -> None:
    assert set(secrets.values_of(parse(FULL))) == REFERENCES


def test_moving_and_renaming_leave_the_references_alone() -> None:
    raw = copy.deepcopy(FULL)
    raw["flows"][0]["name"] = "Renamed"
    for entries in (raw["users"], raw["users"][0]["devices"], raw["flows"][0]["objects"]):
        entries.reverse()
    raw["users"][1]["name"] = "Alicia"
    assert set(secrets.values_of(parse(raw))) == REFERENCES


def test_every_secret_of_the_schema_is_found() -> None:
    """Whatever kind or part is added: its secrets are found or the schema is refused."""

    def mentions(part: type[Part]) -> int:
        return sum("SecretStr" in repr(info.annotation) for info in part.model_fields.values())

    for part in set(schema.classes_of(Document)) | {kind.schema for kind in KINDS.values()}:
        shapes = [field.shape for field in schema.fields_of(part).values()]
        found = shapes.count(schema.Shape.SECRET) + shapes.count(schema.Shape.SECRETS)
        assert found == mentions(part), part


@pytest.mark.parametrize("annotation", [tuple[SecretStr, ...], dict[str, tuple[SipPassword, ...]]])
def test_a_secret_without_an_identity_is_refused(annotation: Any) -> None:
    class Wrong(Part):
        pins: annotation

    with pytest.raises(TypeError, match="pins"):
        schema.fields_of(Wrong)


def test_a_list_of_secret_owners_needs_an_identity() -> None:
    class Owner(Part):
        pin: SecretStr

    class Wrong(Part):
        owners: tuple[Owner, ...]

    with pytest.raises(TypeError, match="no identity"):
        schema.fields_of(Wrong)


@pytest.mark.parametrize("how", ["absent", "masked", "empty"])
def test_what_is_left_out_is_what_is_kept(how: str) -> None:
    document = parse(FULL)
    raw = without(FULL, how)
    assert secrets.wanted(raw) == REFERENCES
    assert parse(raw, secrets.values_of(document)) == document


MADE_UP = {reference for reference in REFERENCES if reference.endswith("/password")}


@pytest.mark.parametrize(("how", "made"), [("absent", 2), ("masked", 0), ("empty", 2)])
def test_what_is_kept_nowhere_is_missing(how: str, made: int) -> None:
    """But for what can be made up; who writes the mask believes that there is one."""
    with pytest.raises(InvalidDocument) as refused:
        parse_text(text_of(without(FULL, how)))
    assert {(p.message, p.mend) for p in refused.value.problems} == {("it is missing", "add it")}
    assert len(refused.value.problems) == len(REFERENCES) - made
    assert all(problem.line for problem in refused.value.problems)


def test_a_device_without_a_password_gets_one_of_its_own() -> None:
    raw = without(FULL, "absent")
    given = {ref: v for ref, v in secrets.values_of(parse(FULL)).items() if ref not in MADE_UP}
    first, second = (secrets.values_of(parse(raw, given)) for _ in range(2))
    made = {first[ref] for ref in MADE_UP} | {second[ref] for ref in MADE_UP}
    assert len(made) == 4, "no two are the same"
    assert all(len(value) == 20 and value.isalnum() for value in made)
    assert secrets.values_of(parse(raw, first)) == first, "one that is kept stays"


def test_what_is_given_wins() -> None:
    raw = without(FULL, "absent")
    raw["users"][0]["devices"][0]["password"] = "another-password"
    document = parse(raw, secrets.values_of(parse(FULL)))
    assert document.users[0].devices[0].password.get_secret_value() == "another-password"


def test_an_old_signing_secret_is_kept_only_where_it_is_masked() -> None:
    """Leaving it out is how a rotation ends."""
    kept = {
        **secrets.values_of(parse(FULL)),
        "webhooks/crm/previous_signing_secret": SIGNING_SECRET,
    }
    for value, is_there in ((MASK, True), (None, False), (..., False)):
        raw = FULL if value is ... else changed("webhooks.0.previous_signing_secret", value)
        found = parse(raw, kept).webhooks[0].previous_signing_secret
        assert (found is not None) is is_there


def test_a_header_that_is_left_out_is_removed() -> None:
    raw = changed("webhooks.0.headers", {})
    assert parse(raw, secrets.values_of(parse(FULL))).webhooks[0].headers == {}


def test_what_is_shown_can_be_applied_again() -> None:
    document = parse(FULL)
    for defaults in (True, False):
        shown = json.loads(json.dumps(secrets.masked(document, defaults=defaults)))
        assert parse(shown, secrets.values_of(document)) == document
        assert MASK in json.dumps(shown)


def test_an_archive_holds_references_only() -> None:
    document = parse(FULL)
    values = secrets.values_of(document)
    text = archive.dump(document, dict.fromkeys(values, 7))
    assert not [value for value in values.values() if value in text]
    assert archive.kept(text) == dict.fromkeys(REFERENCES, 7)
    assert through_archive(document) == document
    assert MASK in json.dumps(archive.shown(text))


def test_an_archive_of_another_form_is_refused_and_not_shown() -> None:
    with pytest.raises(archive.ArchiveError) as refused:
        archive.restore(json.dumps({"hookswitch": 1, "password": "in the clear"}), {})
    assert "in the clear" not in str(refused.value)


@pytest.mark.parametrize("raw", [None, 5, [], "x", {"users": 3}, {"users": [3, {"devices": {}}]},
                                 {"flows": [{"name": "F", "objects": [{"kind": ["x"]}]}]},
                                 {"webhooks": [{"name": "w", "headers": ["x"]}]}])  # fmt: skip
def test_values_of_any_shape_are_passed_over(raw: Any) -> None:
    assert secrets.wanted(raw) <= {"webhooks/w/secret_token", "webhooks/w/signing_secret"}
