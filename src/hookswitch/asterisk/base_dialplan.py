"""Contexts that no revision owns: they are called by every revision's contexts."""

CANARY = "hs-canary"

BASE_DIALPLAN = """\
; A record that the health check writes and reads back.
[hs-canary]
exten => s,1,CELGenUserEvent(hs.canary,token=${FILTER(0-9a-f,${HS_CANARY})})
 same => n,Hangup()

; On each dialled leg, before it is sent out (Dial and Queue option b).
[hs-dev]
exten => s,1,Set(CHANNEL(hangup_handler_push)=hs-legend,s,1)
 same => n,CELGenUserEvent(hs.dialing,leg=${HS_LEG}&ep=${URIENCODE(${CHANNEL(endpoint)})})
 same => n,Return()

; At the end of each dialled leg: its state tells whether it ever rang.
[hs-legend]
exten => s,1,CELGenUserEvent(hs.legend,leg=${HS_LEG}&st=${CHANNEL(state)}&hc=${HANGUPCAUSE}\
&tech=${URIENCODE(${HANGUPCAUSE(${CHANNEL},tech)})})
 same => n,Return()

; A message was left, or not: when VoiceMail has ended, or the caller hung up in it.
[hs-voicemail]
exten => s,1,CELGenUserEvent(hs.voicemail,node=${HS_VM}&st=${VMSTATUS}\
&f=${URIENCODE(${VM_MESSAGEFILE})})
 same => n,Return()

; A call that went round a flow's cycle until the limit.
[hs-loop]
exten => s,1,CELGenUserEvent(hs.loop,node=${URIENCODE(${HS_NODE})})
 same => n,Hangup(34)
"""
