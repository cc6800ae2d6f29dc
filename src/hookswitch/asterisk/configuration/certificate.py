"""A certificate for SIP over TLS, for who has none: self-signed, so phones are told to trust it."""

import datetime as dt
import ipaddress
import socket
import ssl
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from msgspec import Struct

from hookswitch.asterisk.configuration.files import write_atomic
from hookswitch.asterisk.errors import CertificateError

BUNDLES: Final = (
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem",
)  # fmt: skip
DAYS: Final = 3650
BACKDATED: Final = dt.timedelta(days=1)
"""For phones whose clock is behind."""


class Certificate(Struct, frozen=True):
    """PEM files: the certificate with what leads to its root, and its key."""

    chain: Path
    key: Path


def require_usable(given: Certificate) -> None:
    """Refuse files the engine could not use: it would start without TLS."""
    chain = _read("sip_tls_certificate", given.chain)
    key = _read("sip_tls_key", given.key)
    try:
        public = x509.load_pem_x509_certificates(chain)[0].public_key()
    except (ValueError, UnsupportedAlgorithm):
        raise _wrong("sip_tls_certificate", given.chain, "a PEM certificate") from None
    try:
        private = serialization.load_pem_private_key(key, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise _wrong("sip_tls_key", given.key, "a PEM key without a passphrase") from None
    if private.public_key() != public:
        raise CertificateError(
            f"sip_tls_key: {given.key} is not the key of {given.chain}", "name the one that is"
        )


def require_authorities(file: Path) -> None:
    """Refuse a file without certificates: every provider would be a stranger."""
    try:
        x509.load_pem_x509_certificates(_read("sip_tls_authorities", file))
    except ValueError:
        raise _wrong("sip_tls_authorities", file, "a PEM file of certificates") from None


def system_authorities() -> Path | None:
    """Whom the system trusts; None if it has no such file."""
    own = ssl.get_default_verify_paths().cafile
    return next(
        (file for file in map(Path, (*filter(None, [own]), *BUNDLES)) if file.exists()), None
    )


def make_self_signed(file: Path, names: Iterable[str]) -> None:
    """Write a key and its certificate for `names` (hosts or addresses) into one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Hookswitch")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + dt.timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName([_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    chain = made.public_bytes(serialization.Encoding.PEM)
    write_atomic(file, (private + chain).decode())


def own_names(bind: str) -> tuple[str, ...]:
    """What a phone may call us by."""
    host = socket.gethostname()
    return tuple(dict.fromkeys((*((host,) if host.isascii() else ()), bind)))


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _read(setting: str, file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CertificateError(
            f"{setting}: {file} cannot be read ({error.strerror})", "name a readable file"
        ) from error


def _wrong(setting: str, file: Path, what: str) -> CertificateError:
    return CertificateError(f"{setting}: {file} is not {what}", "name one that is")
