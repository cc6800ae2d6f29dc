"""The receiving half of SRTP with AES_CM_128_HMAC_SHA1_80 (RFC 3711): proves what is encrypted."""

import base64
import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

TAG = 10
SUITE = "AES_CM_128_HMAC_SHA1_80"


class SrtpKey:
    """Master key and salt as `a=crypto` carries them."""

    def __init__(self, inline: str) -> None:
        raw = base64.b64decode(inline)
        self._master, self._salt = raw[:16], raw[16:30]
        self._cipher_key = self._derive(0, 16)
        self._auth_key = self._derive(1, 20)
        self._session_salt = int.from_bytes(self._derive(2, 14), "big")

    def open(self, packet: bytes) -> bytes:
        """Give the payload of one of the first 65,536 packets; raises ValueError for a forgery."""
        sealed, tag = packet[:-TAG], packet[-TAG:]
        wanted = hmac.new(self._auth_key, sealed + bytes(4), hashlib.sha1).digest()[:TAG]
        if not hmac.compare_digest(tag, wanted):
            raise ValueError("the packet's tag is wrong")
        index, ssrc = int.from_bytes(packet[2:4], "big"), int.from_bytes(packet[8:12], "big")
        iv = (self._session_salt << 16) ^ (ssrc << 64) ^ (index << 16)
        return _counter_mode(self._cipher_key, iv, sealed[12:])

    def _derive(self, label: int, length: int) -> bytes:
        iv = (int.from_bytes(self._salt, "big") ^ (label << 48)) << 16
        return _counter_mode(self._master, iv, bytes(length))


def _counter_mode(key: bytes, iv: int, data: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(key), modes.CTR(iv.to_bytes(16, "big"))).encryptor()
    return encryptor.update(data) + encryptor.finalize()
