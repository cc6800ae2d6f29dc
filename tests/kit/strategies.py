"""Valid documents with all the text that people and passwords bring."""

from typing import Any

from hypothesis import strategies as st

from kit.documents import SIGNING_SECRET

names = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="~"),
    min_size=1,
    max_size=60,
).filter(lambda text: bool(text.strip()))
passwords = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters=";"),
    min_size=7, max_size=79,
).map("~{}".format)  # fmt: skip
"""With a sign that no name has: found in a text, it is the secret and no coincidence."""
ids = st.from_regex(r"\A[a-z][a-z0-9_]{0,39}\Z")
headers = st.dictionaries(st.from_regex(r"\AX-[A-Za-z0-9]{1,10}\Z"), passwords, max_size=2).filter(
    lambda names: len({name.lower() for name in names}) == len(names)
)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Any valid document of users, a number, webhook objects and endpoints."""
    extensions = draw(
        st.lists(
            st.from_regex(r"\A1[0-9]{1,2}\Z").filter(lambda e: e != "112"), unique=True, max_size=3
        )
    )
    users = [
        {"name": draw(names), "extension": extension, "ring_time": draw(st.integers(1, 600)),
         "devices": [{"username": f"d{extension}-{n}", "password": draw(passwords)}
                     for n in range(draw(st.integers(0, 2)))]}
        for extension in extensions
    ]  # fmt: skip
    nodes = draw(st.lists(ids, unique=True, min_size=2, max_size=5))
    to = st.sampled_from(nodes)
    user_outputs = st.sampled_from(["no_answer", "busy", "offline", "ended"])
    objects: list[dict[str, Any]] = [
        {"id": nodes[0], "kind": "number", "name": draw(names), "numbers": ["+61300000000"],
         "outputs": {"next": draw(to)}, "notes": draw(st.text(max_size=20).map(clean))},
    ]  # fmt: skip
    for node in nodes[1:]:
        if users and draw(st.booleans()):
            objects.append({"id": node, "kind": "user", "name": draw(names),
                            "user": draw(st.sampled_from(extensions)),
                            "outputs": draw(st.dictionaries(user_outputs, to))})  # fmt: skip
        else:
            objects.append({"id": node, "kind": "webhook", "name": draw(names),
                            "url": "https://crm.example/x", "secret_token": draw(passwords),
                            "signing_secret": SIGNING_SECRET, "headers": draw(headers),
                            "outputs": {"next": draw(to)}})  # fmt: skip
    return {
        "hookswitch": 1, "users": users, "trunks": [{"name": draw(ids), "host": "192.0.2.1"}],
        "flows": [{"name": draw(names), "objects": objects}],
        "webhooks": [{"name": draw(ids), "url": "http://x/", "secret_token": draw(passwords),
                      "signing_secret": SIGNING_SECRET, "headers": draw(headers),
                      "triggers": draw(st.lists(st.sampled_from(["user_inbound", "voicemail"])))}],
    }  # fmt: skip


def clean(text: str) -> str:
    return text.encode("utf-8", "ignore").decode()
