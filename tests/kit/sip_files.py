"""Sections of SIP as the files that the engine reads them from."""

from collections.abc import Mapping

FILES = (
    "pjsip_plan.conf",
    "pjsip_aor_plan.conf",
    "pjsip_auth_plan.conf",
    "pjsip_endpoint_plan.conf",
)


def sip_files(sections: str) -> Mapping[str, str]:
    """Each file gives the sections of its own types, and passes the others over."""
    return dict.fromkeys(FILES, sections)
