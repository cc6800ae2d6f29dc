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

; The same on a member's leg of a queue or ring group, which says itself whose it is. A Local
; channel has no endpoint: the legs behind it tell.
[hs-member]
exten => s,1,GotoIf($["${CHANNEL(channeltype)}" = "Local"]?done)
 same => n,Set(CHANNEL(hangup_handler_push)=hs-legend,s,1)
 same => n,Set(HS_LEG=${UNIQUEID}.1)
 same => n,Gosub(hs-who,${CHANNEL(endpoint)},1)
 same => n,CELGenUserEvent(hs.try,leg=${HS_LEG}&visit=${HS_VISIT}&${HS_WHO})
 same => n,CELGenUserEvent(hs.dialing,leg=${HS_LEG}&ep=${URIENCODE(${CHANNEL(endpoint)})})
 same => n(done),Return()

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

; A call that comes when the disk is full: it is refused with 503.
[hs-refuse]
exten => s,1,Hangup(34)

; A call that went round a flow's cycle until the limit.
[hs-loop]
exten => s,1,CELGenUserEvent(hs.loop,node=${URIENCODE(${HS_NODE})})
 same => n,Hangup(34)
"""
