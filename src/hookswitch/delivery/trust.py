"""Whom to trust over TLS, and who we are: the system's authorities, or an endpoint's own."""

import asyncio
import os
import ssl
from typing import Final

from hookswitch.model.endpoints import PrivateTls

_MOST_CONTEXTS: Final = 256


class Trust:
    """Gives contexts, each made once; `default` replaces the system's authorities."""

    def __init__(self, default: ssl.SSLContext | None = None) -> None:
        self._default = default
        self._made: dict[PrivateTls, ssl.SSLContext] = {}

    async def context(self, tls: PrivateTls | None) -> ssl.SSLContext:
        """Raises `ValueError` for a CA or a certificate that cannot be used."""
        if tls is None:
            if self._default is None:
                self._default = await asyncio.to_thread(ssl.create_default_context)
            return self._default
        made = self._made.get(tls)
        if made is None:
            made = await asyncio.to_thread(_make, tls)
            if len(self._made) >= _MOST_CONTEXTS:
                self._made.pop(next(iter(self._made)))
            self._made[tls] = made
        return made


def _make(tls: PrivateTls) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cadata=tls.ca or None)
        if tls.certificate:
            _load(context, tls.certificate.reveal())
    except (ssl.SSLError, OSError) as error:
        raise ValueError("not usable") from error
    return context


def _load(context: ssl.SSLContext, pem: str) -> None:
    """The library reads files only: this one is in memory."""
    file = os.memfd_create("client-certificate", os.MFD_CLOEXEC)
    try:
        os.write(file, pem.encode())
        context.load_cert_chain(f"/proc/self/fd/{file}")
    finally:
        os.close(file)
