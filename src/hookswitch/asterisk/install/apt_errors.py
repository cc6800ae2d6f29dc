"""What apt and dpkg complain about, as errors of ours."""

import re

from hookswitch.asterisk.errors import (
    DiskFullError,
    InstallError,
    MirrorError,
    NetworkError,
    PackageMissingError,
    SignatureError,
)

Rule = tuple[re.Pattern[str], type[InstallError], str, str]

# In order: apt says "Failed to fetch" about most of these too.
RULES: tuple[Rule, ...] = (
    (
        re.compile(r"No space left on device|enough free space"),
        DiskFullError,
        "the disk is full",
        "free some space and run the same command again: it goes on where it stopped",
    ),
    (
        re.compile(r"Unable to locate package|has no installation candidate"),
        PackageMissingError,
        "the mirror's suite lacks a package",
        "pass --mirror URL of a complete Debian mirror",
    ),
    (
        re.compile(r"NO_PUBKEY|GPG error|is not signed|couldn't be verified|Hash Sum mismatch"),
        SignatureError,
        "the mirror's signature or hashes do not verify",
        "update the package debian-archive-keyring or pass --mirror URL of another mirror",
    ),
    (
        re.compile(r"Release file for .* (is expired|is not valid yet)"),
        MirrorError,
        "the mirror's index is out of date, or this machine's clock is wrong",
        "set the clock or pass --mirror URL of another mirror",
    ),
    (
        re.compile(r"does not have a Release file|no longer has a Release file"),
        MirrorError,
        "the mirror does not carry the suite or cannot be reached",
        "check the network, or pass --mirror URL of a Debian mirror",
    ),
    (
        re.compile(r"Failed to fetch|Some index files failed|resolving|[Cc]ould not connect"),
        NetworkError,
        "the mirror cannot be reached",
        "check the network or pass --mirror URL, then run the same command again",
    ),
    (
        re.compile(r"Could not get lock|Unable to lock|Unable to acquire"),
        InstallError,
        "another apt-get works in this prefix",
        "wait for it to end and run the same command again",
    ),
)


def translate(tool: str, complaint: str) -> InstallError:
    """Give the error of ours for what `tool` wrote, quoting its own most telling line."""
    said = telling_line(complaint)
    for pattern, error, problem, mend in RULES:
        if pattern.search(complaint):
            return error(f"{problem} ({said})", mend)
    return InstallError(f"{tool} failed ({said})", "run the same command again")


def telling_line(complaint: str) -> str:
    lines = [line.strip() for line in complaint.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("E:", "W:"))] or lines[-1:]
    return errors[0][:300] if errors else "it said nothing"
