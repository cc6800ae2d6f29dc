"""The engine that the settings name, how it is started, and the tool that speaks."""

from hookswitch.app.configuration.speech import Speech
from hookswitch.app.datadir import DataDir
from hookswitch.app.settings import Settings
from hookswitch.asterisk.configuration.certificate import Certificate
from hookswitch.asterisk.configuration.modules import require_modules
from hookswitch.asterisk.engine import Engine, engine_from_path, engine_from_prefix
from hookswitch.asterisk.errors import CertificateError
from hookswitch.asterisk.install.packages import tool_prefix
from hookswitch.asterisk.launch import EngineSettings


def find_engine(settings: Settings) -> Engine:
    """The system's Asterisk if one was named, else the embedded one."""
    if settings.engine is not None:
        engine = engine_from_path(settings.engine)
        require_modules(engine)
        return engine
    return engine_from_prefix(settings.engine_prefix)


def speech(settings: Settings, data: DataDir) -> Speech:
    """The tool lies beside the engine."""
    return Speech(tool_prefix("speech", settings.engine_prefix), data.prompts)


def engine_settings(settings: Settings) -> EngineSettings:
    return EngineSettings(
        node=settings.node,
        bind=settings.sip_host,
        sip_port=settings.sip_port,
        ami_port=settings.ami_port,
        tls_port=settings.sip_tls_port,
        certificate=_certificate(settings),
        trusted=settings.sip_tls_authorities and settings.sip_tls_authorities.absolute(),
    )


def _certificate(settings: Settings) -> Certificate | None:
    chain, key = settings.sip_tls_certificate, settings.sip_tls_key
    if chain is None and key is None:
        return None
    if chain is None or key is None:
        raise CertificateError(
            "sip_tls_certificate and sip_tls_key: only one of them is set", "set both or neither"
        )
    return Certificate(chain.absolute(), key.absolute())
