"""The configuration of an engine before any revision: what `base_files` gives is all of `etc`.

Files that a revision adds to end in an include of `<name>_plan.conf`; the dialplan includes
`rev/*.conf` and then `entry.conf`. None of these need exist.
"""

import resource
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct

from hookswitch.asterisk.configuration.acl import ACL_CONF, PJSIP_ACL
from hookswitch.asterisk.configuration.base_dialplan import BASE_DIALPLAN, JOINED
from hookswitch.asterisk.configuration.certificate import Certificate, make_self_signed, own_names
from hookswitch.asterisk.configuration.files import write_atomic
from hookswitch.asterisk.configuration.modules import SPEAKING_UNASKED, module_names
from hookswitch.asterisk.engine import Engine
from hookswitch.asterisk.layout import Layout
from hookswitch.model.secret import Secret

AMI_USER = "hookswitch"
MANAGER_EVENTS = (
    "FullyBooted", "DialState", "Hold", "Unhold", "OriginateResponse", "Reload",
    "InvalidAccountID", "InvalidPassword", "ChallengeResponseFailed", "FailedACL", "SuccessfulAuth",
    "ContactStatus",
)  # fmt: skip
"""The only events the engine sends us: at 300 calls a second the others would cost both sides."""
UNUSED_EVENTS = (
    "Newchannel", "Newstate", "Newexten", "NewCallerid", "NewConnectedLine", "NewAccountCode",
    "DialBegin", "DialEnd", "HangupRequest", "SoftHangupRequest", "Hangup", "HangupHandlerPush",
    "HangupHandlerRun", "HangupHandlerPop", "BridgeCreate", "BridgeEnter", "BridgeLeave",
    "BridgeDestroy", "DeviceStateChange", "ExtensionStatus", "ChallengeSent",
)  # fmt: skip
"""Those of every call: they are not even made, the filters would drop each one for itself."""
JOURNALLED = (
    "CHAN_START", "CHAN_END", "ANSWER", "BRIDGE_ENTER", "BLINDTRANSFER", "ATTENDEDTRANSFER",
    "PICKUP", "PARK_END", "USER_DEFINED",
)  # fmt: skip
"""The records that calls are folded from; the others were a third of the journal."""
MOST_OPEN_FILES = 65536
T1_MS = 150
"""A request is sent again after so many milliseconds, and given up after 64 times as many."""


class Ports(Struct, frozen=True):
    """The ports an engine listens on; AMI and HTTP are on the loopback address alone."""

    sip: int
    ami: int
    http: int
    tls: int = 0
    """SIP over TLS; 0 for an engine that was started before there was any."""


class Base(Struct, frozen=True, kw_only=True):
    """All that the base configuration says. Without `ports` the engine has no network at all."""

    engine: Engine
    layout: Layout
    systemname: str
    ports: Ports | None = None
    trial_ports: tuple[int, int] = (0, 0)
    """What SIP, and SIP over TLS, are bound to without `ports`, where nobody calls."""
    certificate: Certificate | None = None
    """Of TLS; one of our own making if there is none."""
    trusted: Path | None = None
    """The authorities of servers that we call over TLS, in one PEM file."""
    bind: str = "127.0.0.1"
    ami_secret: Secret = Secret("")
    rtp: tuple[int, int] = (10000, 20000)


def base_files(base: Base) -> dict[str, str]:
    """Give the text of each file by its name."""
    texts = {
        "asterisk.conf": _asterisk(base),
        "modules.conf": _modules(base),
        "manager.conf": _manager(base),
        "http.conf": _http(base),
        "pjsip.conf": _pjsip(base),
        "rtp.conf": _with_plan(
            "rtp.conf", f"[general]\nrtpstart={base.rtp[0]}\nrtpend={base.rtp[1]}\n"
        ),
        "extensions.conf": (
            "[general]\nstatic=yes\nwriteprotect=yes\n\n"
            f"[globals]\nHS_ZONES={_zones(base.engine)}\n{JOINED}\n\n"
            f"{BASE_DIALPLAN}\n#tryinclude members.conf\n"
            "#tryinclude rev/*.conf\n#tryinclude entry.conf\n"
        ),
    }
    accounts = {f"pjsip_{kind}.conf": "" for kind in ACCOUNTS}
    planned = {name: _with_plan(name, text) for name, text in (PLANNED | accounts).items()}
    return texts | planned | FIXED


def write_base(base: Base, write: Callable[[Path, str], None] = write_atomic) -> None:
    """Make the directories and write the files."""
    base.layout.make()
    base.layout.make_run()
    if base.certificate is None and not base.layout.own_certificate.exists():
        make_self_signed(base.layout.own_certificate, own_names(base.bind))
    for name, text in base_files(base).items():
        write(base.layout.etc / name, text)


def _with_plan(name: str, text: str) -> str:
    return f"{text}\n#tryinclude {Path(name).stem}_plan.conf\n"


def _asterisk(base: Base) -> str:
    at, engine = base.layout, base.engine
    directories = {
        "astetcdir": at.etc,
        "astmoddir": engine.modules,
        "astvarlibdir": at.lib,
        "astdbdir": at.lib / "db",
        "astkeydir": at.lib,
        "astdatadir": engine.data,
        "astagidir": at.lib / "agi-bin",
        "astspooldir": at.spool,
        "astrundir": at.run,
        "astlogdir": at.log,
    }
    lines = [f"{name} => {path}" for name, path in directories.items() if path is not None]
    return "\n".join(
        [
            "[directories]",
            *lines,
            "",
            "[options]",
            f"systemname={base.systemname}",
            f"maxfiles={_open_files()}",
            "documentation_language=en_US",
            "defaultlanguage=en",
            "hideconnect=yes",
            "live_dangerously=no",
            "disable_remote_console_shell=yes",
            "",
            "[files]",
            "astctlpermissions=0600",
            "",
        ]
    )


def _zones(engine: Engine) -> str:
    """The directory of the engine's own time zones; empty for the system's."""
    own = engine.data and engine.data.parent / "zoneinfo"
    return f"{own}/" if own and own.is_dir() else ""


def _open_files() -> int:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return MOST_OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_OPEN_FILES)


def _modules(base: Base) -> str:
    names = module_names(base.engine)
    if base.ports is None:
        names = [name for name in names if name not in SPEAKING_UNASKED]
    loads = [f"load={name}.so" for name in names]
    return "\n".join(["[modules]", "autoload=no", *loads, ""])


def _manager(base: Base) -> str:
    if base.ports is None:
        return "[general]\nenabled=no\n"
    filters = "\n".join(f"eventfilter(action(include),name({name}))=" for name in MANAGER_EVENTS)
    return f"""\
[general]
enabled=yes
webenabled=no
disabledevents={",".join(UNUSED_EVENTS)}
bindaddr=127.0.0.1
port={base.ports.ami}
timestampevents=yes
displayconnects=no

[{AMI_USER}]
secret={base.ami_secret.reveal()}
deny=0.0.0.0/0.0.0.0
permit=127.0.0.1/255.255.255.255
read=system,call,agent,security
write=system,call,user,command,originate,reporting
writetimeout=1000
{filters}
"""


def _http(base: Base) -> str:
    if base.ports is None:
        return "[general]\nenabled=no\n"
    return f"""\
[general]
enabled=yes
bindaddr=127.0.0.1
bindport={base.ports.http}
servername=
enable_status=no
enable_static=no
"""


def _pjsip(base: Base) -> str:
    sip, tls = (base.ports.sip, base.ports.tls) if base.ports else base.trial_ports
    bind = f"{base.bind}:{sip}"
    sections = [
        # a manager queue that is behind makes ringing late; only SIP's own may refuse calls
        (
            "[global]\ntype=global\nuser_agent=Hookswitch\nendpoint_identifier_order=ip,username\n"
            "taskprocessor_overload_trigger=pjsip_only\n"
        ),
        PJSIP_ACL,
        f"[timers]\ntype=system\ntimer_t1={T1_MS}\ntimer_b={64 * T1_MS}\n",
    ]
    for protocol in ("udp", "tcp"):
        lines = [f"[{protocol}]", "type=transport", f"protocol={protocol}", f"bind={bind}"]
        sections.append("\n".join([*lines, ""]))
    if tls:
        sections.append(_tls(base, "tls", f"{base.bind}:{tls}"))
        sections.append(_tls(base, "tls-verify", f"{base.bind}:0", *_verifying(base)))
    if base.ports:
        sections.append("[ws]\ntype=transport\nprotocol=ws\nbind=127.0.0.1\n")
    return _with_plan("pjsip.conf", "\n".join(sections))


def _verifying(base: Base) -> Iterator[str]:
    """Of calls we place: who is called must show a certificate for the name we know it by."""
    yield from ("verify_server=yes", "allow_wildcard_certs=yes")
    if base.trusted is not None:
        yield f"ca_list_file={base.trusted}"


def _tls(base: Base, name: str, bind: str, *more: str) -> str:
    own = base.layout.own_certificate
    files = base.certificate or Certificate(own, own)
    lines = "".join(f"{line}\n" for line in more)
    return f"""\
[{name}]
type=transport
protocol=tls
bind={bind}
cert_file={files.chain}
priv_key_file={files.key}
method=tlsv1_2
{lines}"""


ACCOUNTS = ("aor", "auth", "endpoint")
"""What phones consist of, and trunks for the greater part. Each is in a file of its own: the engine
reads `pjsip.conf` once for every type of object there is, two dozen times.
"""

ACCOUNTS_INCLUDED = tuple(f"#tryinclude pjsip_{kind}_plan.conf\n" for kind in ACCOUNTS)

FIXED = {
    "logger.conf": """\
[general]
dateformat=%F %T.%3q
queue_log=no
rotatestrategy=rotate

[logfiles]
messages => notice,warning,error
security => security
""",
    # No `dateformat`: event times are then seconds since the epoch with microseconds.
    "cel.conf": f"[general]\nenable=yes\nevents={','.join(JOURNALLED)}\n",
    "cel_custom.conf": """\
[journal.csv]
format=dsv
separator_character=,
quote_character="
quote_escape_character="
quoting_method=all
fields=EventType,EventTime,UniqueID,LinkedID,ChanName,Num,Name,dnid,Exten,Context,Peer,userdeftype,EventExtra
""",
    # The engine complains of each of these if it is not there.
    "acl.conf": ACL_CONF,
    "ccss.conf": "[general]\n",
    "cdr.conf": "[general]\nenable=no\n",
    "pjproject.conf": "[startup]\ntype=startup\n",
    "queuerules.conf": "",
    # Nobody is told of variables: made for each Set, these messages kept the manager's queue behind
    # from 200 calls a second on. Nor of RTCP, nor of what Debian's engine tells the test suite of
    # Asterisk. More threads than processors only take turns.
    "stasis.conf": """\
[taskpool]
minimum_size=2
initial_size=2

[declined_message_types]
decline=ast_channel_varset_type
decline=ast_rtp_rtcp_sent_type
decline=ast_rtp_rtcp_received_type
decline=ast_test_suite_message_type
""",
    "udptl.conf": "[general]\n",
    "sorcery.conf": "[res_pjsip]\n"
    + "".join(f"{kind}=config,pjsip_{kind}.conf,criteria=type={kind}\n" for kind in ACCOUNTS),
}

PLANNED = {
    "confbridge.conf": "[default_bridge]\ntype=bridge\n\n[default_user]\ntype=user\n",
    # Ours is dialled: the engine's own would not tell who took the call.
    "features.conf": "[general]\npickupexten=\n",
    "indications.conf": """\
[general]
country=us

[us]
description=United States
ringcadence=2000,4000
dial=350+440
busy=480+620/500,0/500
ring=440+480/2000,0/4000
congestion=480+620/250,0/250
callwaiting=440/300,0/10000
dialrecall=!350+440/100,!0/100,!350+440/100,!0/100,!350+440/100,!0/100,350+440
record=1400/500,0/15000
info=!950/330,!1400/330,!1800/330,0
""",
    "musiconhold.conf": "[default]\nmode=files\ndirectory=moh\nsort=random\n",
    "queues.conf": "[general]\npersistentmembers=no\nshared_lastcall=yes\n",
    "res_parking.conf": "[general]\n",
    "voicemail.conf": "[general]\nformat=wav\nmaxmsg=100\nminsecs=2\nsendvoicemail=no\n",
}
"""Files that a revision adds to."""
