"""The engine's modules: loaded by name, because what is not loaded cannot be attacked."""

from hookswitch.asterisk.engine import INSTALL, Engine
from hookswitch.asterisk.errors import UnsuitableEngineError

# `autoload=no` does not load what a module needs, so the needed ones are named too.
MODULES = {
    "app_": "attended_transfer blind_transfer bridgewait celgenuserevent chanspy confbridge dial "
    "directed_pickup directory exec mixmonitor originate playback playtones queue read record "
    "sayunixtime senddtmf softhangup stack verbose voicemail waitforcond",
    "bridge_": "builtin_features holding native_rtp simple softmix",
    "": "chan_pjsip pbx_config cel_custom",
    "codec_": "a_mu alaw g722 gsm opus_open_source resample ulaw",
    "format_": "gsm ogg_opus_open_source pcm sln wav wav_gsm",
    "func_": "callerid cdr channel config cut db devstate dialplan extstate global groupcount "
    "hangupcause json logic math periodic_hook pjsip_aor pjsip_contact pjsip_endpoint rand strings "
    "timeout uri vmcount",
    "res_": "cdrel_custom crypto format_attr_opus http_websocket musiconhold mutestream parking "
    "pjproject pjsip rtp_asterisk security_log sorcery_astdb sorcery_config sorcery_memory srtp "
    "timing_timerfd",
    "res_pjsip_": "acl authenticator_digest caller_id dialog_info_body_generator diversion "
    "dtmf_info endpoint_identifier_ip endpoint_identifier_user exten_state header_funcs logger mwi "
    "mwi_body_generator nat outbound_authenticator_digest outbound_publish outbound_registration "
    "path pidf_body_generator pubsub refer registrar rfc3326 sdp_rtp session transport_websocket",
}
DEBIAN_ONLY = ("codec_opus_open_source", "format_ogg_opus_open_source")
"""Another Asterisk may have been built without these."""
SPEAKING_UNASKED = ("res_pjsip_outbound_registration", "res_pjsip_outbound_publish",
    "res_pjsip_exten_state")  # fmt: skip
"""These send requests by themselves (or need one that does): not for an engine on trial."""


def module_names(engine: Engine) -> list[str]:
    """Give the modules to load, without those this engine does not have."""
    names = [prefix + name for prefix, group in MODULES.items() for name in group.split()]
    return [name for name in names if name not in DEBIAN_ONLY or _has(engine, name)]


def writes_opus(engine: Engine) -> bool:
    """Whether it can keep recordings as Ogg Opus."""
    return "format_ogg_opus_open_source" in module_names(engine)


def require_modules(engine: Engine) -> None:
    """Refuse an engine that was built without what is needed, if it can be seen."""
    if engine.modules is None:
        return
    lacking = [name for name in module_names(engine) if not _has(engine, name)]
    if lacking:
        more = f" and {len(lacking) - 3} more" if len(lacking) > 3 else ""
        raise UnsuitableEngineError(
            f"{engine.modules} lacks the modules {', '.join(lacking[:3])}{more}", INSTALL
        )


def _has(engine: Engine, name: str) -> bool:
    return engine.modules is not None and (engine.modules / f"{name}.so").exists()
