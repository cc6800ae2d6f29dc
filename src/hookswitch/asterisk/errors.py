"""All that can go wrong with the engine, on one page.

Every message is one line: what is wrong, then how to mend it.
"""


class EngineError(Exception):
    """Base of every error of this package."""

    def __init__(self, problem: str, mend: str = "") -> None:
        self.problem = problem
        self.mend = mend
        super().__init__(f"{problem}; {mend}" if mend else problem)


class InstallError(EngineError):
    """The engine's packages cannot be installed."""


class AptMissingError(InstallError):
    """There is no apt-get or dpkg-deb here."""


class KeyringMissingError(InstallError):
    """Debian's archive keys are not on this machine, so no signature can be checked."""


class ArchitectureError(InstallError):
    """The machine's architecture is not one the engine is fetched for."""


class MirrorError(InstallError):
    """No Debian mirror is known, or the one given cannot be used."""


class NetworkError(InstallError):
    """The mirror cannot be reached."""


class SignatureError(InstallError):
    """apt refused the mirror's signature, or a package does not have the hash it must have."""


class PackageMissingError(InstallError):
    """The suite has no such package, or none of a version that will do."""


class OlderPackageError(InstallError):
    """The mirror's engine is older than the one that is installed."""


class UnprovenEngineError(InstallError):
    """The engine was unpacked but failed its test call, so it was not installed."""


class DiskFullError(InstallError):
    """There is not enough space."""


class CertificateError(EngineError):
    """The certificate for SIP over TLS, or its key, cannot be used."""


class SpeechError(EngineError):
    """A text cannot be spoken."""


class UnsuitableEngineError(EngineError):
    """There is no engine at that place, or it is too old to be used."""


class StartError(EngineError):
    """The engine cannot be started."""


class PortInUseError(StartError):
    """A configured port is taken."""


class AlreadySupervisedError(StartError):
    """Another process of ours looks after this data directory."""


class NotReadyError(StartError):
    """The engine started but did not come to answer calls and write its journal."""


class SmokeCallError(EngineError):
    """A test call through an engine did not go as it must."""


class AmiError(EngineError):
    """Base of the errors of the manager connection."""


class AmiDisconnectedError(AmiError):
    """There is no connection, or it was lost before the answer came."""


class AmiTimeoutError(AmiError):
    """No answer within the time limit."""


class AmiRefusedError(AmiError):
    """The engine answered with an error."""
