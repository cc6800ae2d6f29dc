"""Contexts that no revision owns: they are called by every revision's contexts."""

CANARY = "hs-canary"
JOINED = "CONNECTED_LINE_SEND_SUB=hs-joined,s,1"
"""The variable by which the engine runs a context here when it tells who is at the other end."""

BASE_DIALPLAN = """\
; A record that the health check writes and reads back.
[hs-canary]
exten => s,1,CELGenUserEvent(hs.canary,token=${FILTER(0-9a-f,${HS_CANARY})})
 same => n,Hangup()

; On each dialled leg, before it is sent out (Dial and Queue option b).
[hs-dev]
exten => s,1,Set(CHANNEL(hangup_handler_push)=hs-legend,s,1)
 same => n,CELGenUserEvent(hs.dialing,leg=${HS_LEG}&ep=${URIENCODE(${CHANNEL(endpoint)})}\
${IF($["${HS_ASKS}" = ""]?:&asks=1)})
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

; Whose call to the outside it is: who transfers there, who clicked, whose phone dials.
[hs-whose]
exten => s,1,Set(HS_EP=${HS_CLICK})
 same => n,ExecIf($["${HS_EP}" = ""]?Set(HS_EP=${CHANNEL(endpoint)}))
 same => n,ExecIf($["${BLINDTRANSFER}" != ""]?Set(HS_EP=${BLINDTRANSFER:6:-9}))
 same => n,GotoIf($[${DIALPLAN_EXISTS(hs-who,${HS_EP},1)} = 0]?nobody)
 same => n,Gosub(hs-who,${HS_EP},1)
 same => n,ExecIf($["${HS_CLICK_SHOWN}" != ""]?Set(HS_SHOWN=${HS_CLICK_SHOWN}))
 same => n,Return()
 same => n(nobody),Hangup(21)

; Somebody clicked on a number: a Local channel rings the phones of the user, and its other half
; dials for him once he has answered. `HS_CLICK` is one of his devices.
[hs-click]
exten => s,1,Dial(${HS_CLICK_DEVICES},${HS_CLICK_RING},i)
 same => n,Hangup(${HANGUPCAUSE})
exten => dial,1,CELGenUserEvent(hs.clicked,ref=${HS_CLICK_REF})
 same => n,Set(CALLERID(all)=)
 same => n,Set(CALLERID(num)=${HS_CLICK_EXT})
 same => n,Set(CALLERID(name)=${URIDECODE(${HS_CLICK_NAME})})
 same => n,Goto(hs-from-user,${HS_CLICK_TO},1)

; For whom a call counts that the flow places: the user whose phone dialled or transferred there,
; or who clicked; nobody if the caller is from outside.
[hs-charged]
exten => s,1,Set(HS_EP=${HS_CLICK})
 same => n,ExecIf($["${HS_EP}${CHANNEL(channeltype)}" = "PJSIP"]?Set(HS_EP=${CHANNEL(endpoint)}))
 same => n,ExecIf($["${BLINDTRANSFER}" != ""]?Set(HS_EP=${BLINDTRANSFER:6:-9}))
 same => n,GotoIf($[${DIALPLAN_EXISTS(hs-who,${HS_EP},1)} = 0 | "${HS_EP}" = ""]?nobody)
 same => n,Gosub(hs-who,${HS_EP},1)
 same => n,Set(HS_CHARGED=${HS_USER})
 same => n,Return()
 same => n(nobody),Set(HS_LIMITS=0-0)
 same => n,Return()

; May this user call now, or whom it counts for: HS_NO says why not.
[hs-limits]
exten => s,1,Set(HS_NO=)
 same => n,Set(HS_FOR=${IF($["${HS_CHARGED}" = ""]?${HS_USER}:${HS_CHARGED})})
 same => n,Set(HS_AT_ONCE=0${CUT(HS_LIMITS,-,1)})
 same => n,Set(HS_PER_MINUTE=0${CUT(HS_LIMITS,-,2)})
 same => n,GotoIf($[${HS_AT_ONCE} = 0]?rate)
 same => n,GotoIf($[${GROUP_COUNT(${HS_FOR}@hs-user)} < ${HS_AT_ONCE}]?rate)
 same => n,Set(HS_NO=at_once)
 same => n,Return()
 same => n(rate),GotoIf($[${HS_PER_MINUTE} = 0]?done)
 same => n,Gosub(hs-rate,s,1(${HS_FOR},${HS_PER_MINUTE}))
 same => n,GotoIf($["${HS_NO}" = ""]?done)
 same => n,Return()
 same => n(done),Set(__HS_COUNTED=${HS_FOR})
 same => n,Return()

; One more call of (whom, how many a minute), or HS_NO. Of the last so many calls each has a slot
; that holds its time; who calls takes the oldest one.
[hs-rate]
exten => s,1,Set(HS_NO=)
 same => n,Set(HS_SLOT_AT=$[0${GLOBAL(HS_CALLS_${ARG1})} % ${ARG2}])
 same => n,GotoIf($[${EPOCH} - 0${GLOBAL(HS_CALLED_${ARG1}_${HS_SLOT_AT})} >= 60]?take)
 same => n,Set(HS_NO=per_minute)
 same => n,Return()
 same => n(take),Set(GLOBAL(HS_CALLED_${ARG1}_${HS_SLOT_AT})=${EPOCH})
 same => n,Set(GLOBAL(HS_CALLS_${ARG1})=$[0${GLOBAL(HS_CALLS_${ARG1})} + 1])
 same => n,Return()

; A call to the outside is refused, as the caller hears and the journal says.
[hs-no]
exten => _[a-z].,1,CELGenUserEvent(hs.refused,why=${EXTEN})
 same => n,Set(HS_CAUSE=${IF($["${EXTEN}" = "at_once" | "${EXTEN:-10}" = "per_minute"]?34:21)})
 same => n,Return()

; Somebody outside has answered as one of a group: it may be a machine, so a key is asked for.
[hs-confirm]
exten => s,1,Read(HS_KEY,vm-press&digits/1,1,,2,6)
 same => n,GotoIf($["${HS_KEY}" = "1"]?hs-taken,s,1)
 same => n,Set(GOSUB_RESULT=CONTINUE)
 same => n,Return()

; Somebody outside has answered for a user who forwards there: he has the call once he pressed 1.
[hs-accept]
exten => s,1,Read(HS_KEY,vm-press&digits/1,1,,2,6)
 same => n,GotoIf($["${HS_KEY}" = "1"]?yes)
 same => n,Set(GOSUB_RESULT=CONTINUE)
 same => n,Return()
 same => n(yes),CELGenUserEvent(hs.accepted,leg=${HS_LEG})
 same => n,Return()

; Somebody who is no user has taken the call out of the group.
[hs-taken]
exten => s,1,CELGenUserEvent(hs.taken,visit=${HS_VISIT})
 same => n,Return()

; On each leg to a trunk, before it is sent out: it counts for the trunk and for whose call it is.
[hs-trunk-dev]
exten => s,1,Set(GROUP(hs-trunk)=${CHANNEL(endpoint)})
 same => n,ExecIf($["${HS_COUNTED}" != ""]?Set(GROUP(hs-user)=${HS_COUNTED}))
 same => n,Goto(hs-dev,s,1)

; A user's own phone calls. A call that is transferred here goes on as its caller's.
[hs-calling]
exten => s,1,GotoIf($["${BLINDTRANSFER}" != ""]?done)
 same => n,Set(HS_EP=${HS_CLICK})
 same => n,GotoIf($["${HS_EP}" != ""]?known)
 same => n,GotoIf($["${CHANNEL(channeltype)}" = "Local"]?done)
 same => n,Set(HS_EP=${CHANNEL(endpoint)})
 same => n(known),GotoIf($[${DIALPLAN_EXISTS(hs-who,${HS_EP},1)} = 0]?done)
 same => n,Gosub(hs-who,${HS_EP},1)
 same => n,CELGenUserEvent(hs.calling,${HS_WHO}&pres=${URIENCODE(${CALLERID(pres)})})
 same => n,GotoIf($["${HS_RECORDS_OUT}" = ""]?done)
 same => n,Gosub(hs-record,s,1(${HS_RECORDS_OUT}))
 same => n,ExecIf($["${HS_NO_RECORDING}" != "1"]?Set(HS_SAYS=${HS_SAYS_OUT}))
 same => n(done),Return()

; Who comes to take a call that rings elsewhere or is parked; a trunk's caller is nobody.
[hs-seek]
exten => s,1,Set(HS_WHO=)
 same => n,GotoIf($["${CHANNEL(channeltype)}" = "Local"]?known)
 same => n,GosubIf(${DIALPLAN_EXISTS(hs-who,${CHANNEL(endpoint)},1)}?hs-who,${CHANNEL(endpoint)},1)
 same => n(known),CELGenUserEvent(hs.seek,${HS_WHO})
 same => n,Return()

; Whose phone dials a code that is about himself; a call that is transferred to it is refused.
[hs-self]
exten => s,1,GotoIf($["${BLINDTRANSFER}" != ""]?nobody)
 same => n,GotoIf($["${CHANNEL(channeltype)}" = "Local"]?nobody)
 same => n,GotoIf($[${DIALPLAN_EXISTS(hs-who,${CHANNEL(endpoint)},1)} = 0]?nobody)
 same => n,Gosub(hs-who,${CHANNEL(endpoint)},1)
 same => n,Return()
 same => n(nobody),Hangup(21)

; Do not disturb. INVALID is the state that any other of the same hint is stronger than.
[hs-dnd]
exten => on,1,Gosub(hs-self,s,1)
 same => n,Set(DEVICE_STATE(Custom:hsdnd${HS_USER})=BUSY)
 same => n,Answer()
 same => n,Playback(do-not-disturb&activated)
 same => n,Hangup(16)
exten => off,1,Gosub(hs-self,s,1)
 same => n,Set(DEVICE_STATE(Custom:hsdnd${HS_USER})=INVALID)
 same => n,Answer()
 same => n,Playback(do-not-disturb&de-activated)
 same => n,Hangup(16)

; Forwards that users set by code: `HS_KIND` says when, `HS_TARGET` to whom.
[hs-forwarding]
exten => on,1,Gosub(hs-self,s,1)
 same => n,GotoIf($["${HS_TARGET}" != ""]?known)
 same => n,Answer()
 same => n,Read(HS_TARGET,vm-enter-num-to-call,20,,1,10)
 same => n(known),GotoIf($["${HS_TARGET}" = "" | "${HS_TARGET}" = "${HS_USER}"]?wrong)
 same => n,Set(HS_TARGET=${FILTER(0-9+,${HS_TARGET})})
 same => n,GotoIf($[${DIALPLAN_EXISTS(hs-devices,${HS_TARGET},1)}]?right)
 same => n,GotoIf($[${DIALPLAN_EXISTS(hs-numbers,${HS_TARGET},1)} = 0]?wrong)
 same => n(right),Set(DB(hs-forward/${HS_USER}/${HS_KIND})=${HS_TARGET})
 same => n,Set(DEVICE_STATE(Custom:hsfwd${HS_USER})=INUSE)
 same => n,Answer()
 same => n,Playback(call-forwarding&activated)
 same => n,Hangup(16)
 same => n(wrong),Answer()
 same => n,Playback(invalid)
 same => n,Hangup(16)
exten => off,1,Gosub(hs-self,s,1)
 same => n,Set(HS_TARGET=${DB_DELETE(hs-forward/${HS_USER}/${HS_KIND})})
 same => n,Set(HS_LEFT=${DB(hs-forward/${HS_USER}/always)}${DB(hs-forward/${HS_USER}/busy)})
 same => n,GotoIf($["${HS_LEFT}${DB(hs-forward/${HS_USER}/no_answer)}" != ""]?told)
 same => n,Set(DEVICE_STATE(Custom:hsfwd${HS_USER})=INVALID)
 same => n(told),Answer()
 same => n,Playback(call-forwarding&de-activated)
 same => n,Hangup(16)

; Where the calls of user ARG1 go: HS_TO is what to dial, or empty; HS_OUT is a number outside. The
; targets of the configuration follow: always; or busy, no answer, offline.
[hs-forward]
exten => always,1,Set(HS_TARGET=${DB(hs-forward/${ARG1}/always)})
 same => n,ExecIf($["${HS_TARGET}" = ""]?Set(HS_TARGET=${ARG2}))
 same => n,GotoIf($["${HS_TARGET}" = ""]?done)
 same => n,Set(HS_FORWARDED=1)
 same => n,Set(HS_TO=)
 same => n,Set(DIALSTATUS=)
 same => n,Goto(hs-forward,to,1)
 same => n(done),Return()
exten => after,1,Set(HS_TO=)
 same => n,GotoIf($["${DIALSTATUS}" = "ANSWER" | "${HS_FORWARDED}" = "1"]?done)
 same => n,Set(HS_KIND=no_answer)
 same => n,ExecIf($["${DIALSTATUS}" = "BUSY"]?Set(HS_KIND=busy))
 same => n,ExecIf($["${DIALSTATUS}${HANGUPCAUSE}" = "CHANUNAVAIL21"]?Set(HS_KIND=busy))
 same => n,Set(HS_TARGET=${DB(hs-forward/${ARG1}/${HS_KIND})})
 same => n,ExecIf($["${HS_KIND}${DIALSTATUS}" = "no_answerCHANUNAVAIL"]?Set(HS_KIND=offline))
 same => n,GotoIf($["${HS_TARGET}" != ""]?hs-forward,to,1)
 same => n,ExecIf($["${HS_KIND}" = "busy"]?Set(HS_TARGET=${ARG2}))
 same => n,ExecIf($["${HS_KIND}" = "no_answer"]?Set(HS_TARGET=${ARG3}))
 same => n,ExecIf($["${HS_KIND}" = "offline"]?Set(HS_TARGET=${ARG4}))
 same => n,GotoIf($["${HS_TARGET}" != ""]?hs-forward,to,1)
 same => n(done),Return()
exten => to,1,GotoIf($[${DIALPLAN_EXISTS(hs-devices,${HS_TARGET},1)} = 0]?outside)
 same => n,Gosub(hs-devices,${HS_TARGET},1)
 same => n,Return()
 same => n(outside),Set(HS_OUT=${HS_TARGET})
 same => n,Return()

; A queue's member (queue, extension, interface, `in` or `out` as he begins) logs in or out, pauses
; or goes on; `sync` sets him as he was before the engine forgot.
[hs-agent]
exten => login,1,Set(DB(hs-agent/${ARG1}/${ARG2})=in)
 same => n,Goto(sync,1)
exten => logout,1,Set(DB(hs-agent/${ARG1}/${ARG2})=out)
 same => n,Goto(sync,1)
exten => pause,1,Set(DB(hs-pause/${ARG1}/${ARG2})=1)
 same => n,Goto(sync,1)
exten => unpause,1,Set(HS_AT=${DB_DELETE(hs-pause/${ARG1}/${ARG2})})
 same => n,Goto(sync,1)
exten => sync,1,Set(HS_AT=${DB(hs-agent/${ARG1}/${ARG2})})
 same => n,ExecIf($["${HS_AT}" = ""]?Set(HS_AT=${ARG4}))
 same => n,GotoIf($["${HS_AT}" = "out"]?out)
 same => n,GotoIf($["${DB(hs-pause/${ARG1}/${ARG2})}" = "1"]?paused)
 same => n,UnpauseQueueMember(${ARG1},${ARG3})
 same => n,Return()
 same => n(out),PauseQueueMember(${ARG1},${ARG3},,logged out)
 same => n,Return()
 same => n(paused),PauseQueueMember(${ARG1},${ARG3},,pause)
 same => n,Return()
exten => login_told,1,Answer()
 same => n,Playback(agent-loginok)
 same => n,Hangup(16)
exten => logout_told,1,Answer()
 same => n,Playback(agent-loggedoff)
 same => n,Hangup(16)
exten => pause_told,1,Answer()
 same => n,Playback(activated)
 same => n,Hangup(16)
exten => unpause_told,1,Answer()
 same => n,Playback(de-activated)
 same => n,Hangup(16)

; Any call that rings in the groups of who dials, or one that rings `HS_FROM`.
[hs-pickup]
exten => s,1,Gosub(hs-seek,s,1)
 same => n,Pickup()
 same => n,Hangup(1)
exten => from,1,Gosub(hs-seek,s,1)
 same => n,PickupChan(${HS_FROM})
 same => n,Hangup(1)

; A parking slot: a transferred call is parked in it, who dials it takes its call. Who dials for
; any slot parks himself and is told which, to transfer the other call to where he is.
[hs-slot]
exten => s,1,GotoIf($["${BLINDTRANSFER}" != ""]?park)
 same => n,Gosub(hs-seek,s,1)
 same => n,ParkedCall(default,${HS_SLOT})
 same => n,Hangup(1)
 same => n(park),Set(PARKINGEXTEN=${HS_SLOT})
 same => n,Goto(hs-park,s,1)
exten => any,1,GotoIf($["${BLINDTRANSFER}" != ""]?hs-park,s,1)
 same => n,Park(default)
 same => n,Hangup(1)

; A call is parked without a word to it; it comes back here when nobody takes it. Park returns at
; once when every slot is taken: whoever parked it is rung then.
[hs-park]
exten => s,1,Set(HS_PARKS=$[0${HS_PARKS} + 1])
 same => n,GotoIf($[${HS_PARKS} > 20]?done)
 same => n,Set(HS_PARKED_AT=${EPOCH})
 same => n,Park(default,s)
 same => n,GotoIf($[${EPOCH} - ${HS_PARKED_AT} > 1]?done)
 same => n,GotoIf($["${PARKINGEXTEN}" != ""]?other)
 same => n,GotoIf($["${BLINDTRANSFER}" != ""]?hs-comeback,PJSIP_${BLINDTRANSFER:6:-9},1)
 same => n(done),Hangup(16)
 same => n(other),Set(PARKINGEXTEN=)
 same => n,Goto(s,1)

; A message was left, or not: when VoiceMail has ended, or the caller hung up in it.
[hs-voicemail]
exten => s,1,CELGenUserEvent(hs.voicemail,node=${HS_VM}&st=${VMSTATUS}\
&f=${URIENCODE(${VM_MESSAGEFILE})})
 same => n,Return()

; Record what this channel says and hears while it talks, unless the call is recorded already:
; (what asks for it, suffix, both|caller|callee, announcement). HS_REC is the call's recording,
; which legs dialled from here on inherit, HS_RECFILE this channel's own. No command afterwards.
[hs-record]
exten => s,1,GotoIf($["${HS_REC}" != ""]?done)
 same => n,GotoIf($["${HS_NO_RECORDING}" = "1"]?done)
 same => n,GotoIf($["${ARG4}" = ""]?begin)
 same => n,Answer()
 same => n,Playback(${ARG4})
 same => n(begin),Set(HS_RECN=$[0${HS_RECN} + 1])
 same => n,Set(HS_RECFILE=${UNIQUEID}-${HS_RECN}.${ARG2})
 same => n,Set(__HS_REC=${HS_RECFILE})
 same => n,Set(HS_RECBY=${ARG1})
 same => n,Set(HS_RECWHO=${ARG3})
 same => n,Set(HS_RECNEW=1)
 same => n,Set(HS_RECTURN=1)
 same => n,Set(HS_RECPART=${HS_RECFILE})
 same => n,Gosub(hs-record-file,${HS_RECWHO},1(b))
 same => n,CELGenUserEvent(hs.recording,f=${URIENCODE(${HS_RECFILE})}\
&by=${URIENCODE(${HS_RECBY})})
 same => n,Set(CHANNEL(hangup_handler_push)=hs-recorded,s,1)
 same => n(done),Return()

; (options of MixMonitor)
[hs-record-file]
exten => both,1,MixMonitor(${HS_RECPART},${ARG1}i(HS_RECID))
 same => n,Return()
exten => caller,1,MixMonitor(,${ARG1}r(${HS_RECPART})i(HS_RECID))
 same => n,Return()
exten => callee,1,MixMonitor(,${ARG1}t(${HS_RECPART})i(HS_RECID))
 same => n,Return()

; Before somebody is rung: from the second time on the recording begins anew, for the next voice.
[hs-record-on]
exten => s,1,GotoIf($["${HS_RECNEW}" != "1"]?anew)
 same => n,Set(HS_RECNEW=0)
 same => n,Return()
 same => n(anew),Gosub(hs-record-anew,s,1)
 same => n,Return()

; The engine runs this when it tells a channel who is at its other end. It is somebody else,
; without a step of ours, when calls are joined (an attended transfer) or a parked one is fetched.
; It would drop what comes from a lower RTP number than before as late, and the voice would never be
; heard where it translates between codecs: playing anything makes it translate anew.
[hs-joined]
exten => s,1,GotoIf($["${BRIDGEPEER}" = "${HS_PEER}"]?done)
 same => n,Set(HS_PEER=${BRIDGEPEER})
 same => n,GotoIf($["${HS_PEER}" = ""]?done)
 same => n,GosubIf($["${HS_RECFILE}" != ""]?hs-record-anew,s,1:hs-silence,s,1)
 same => n(done),Return()

[hs-silence]
exten => s,1,PlayTones(!0/1000)
 same => n,StopPlayTones()
 same => n,Return()

; The same is true of a recorder, from one voice to the next however it comes: it forgets once a
; frame has passed without it (of silence: nobody may be speaking). WAV goes on in the same file,
; Ogg Opus in parts that are joined later.
[hs-record-anew]
exten => s,1,StopMixMonitor(${HS_RECID})
 same => n,GotoIf($["${HS_NO_RECORDING}" = "1"]?done)
 same => n,PlayTones(!0/1000)
 same => n,Wait(0.1)
 same => n,StopPlayTones()
 same => n,GotoIf($["${HS_RECFILE:-4}" = ".wav"]?append)
 same => n,Set(HS_RECTURN=$[${HS_RECTURN} + 1])
 same => n,Set(HS_RECPART=${HS_RECFILE:0:-5}-${HS_RECTURN}.opus)
 same => n,Gosub(hs-record-file,${HS_RECWHO},1(b))
 same => n,Return()
 same => n(append),Gosub(hs-record-file,${HS_RECWHO},1(ab))
 same => n(done),Return()

; The end of a recording: from a hangup handler, or where the flow says so. The file is complete.
[hs-recorded]
exten => s,1,GotoIf($["${HS_RECFILE}" = ""]?done)
 same => n,StopMixMonitor(${HS_RECID})
 same => n,CELGenUserEvent(hs.recclosed,f=${URIENCODE(${HS_RECFILE})})
 same => n,Set(HS_RECFILE=)
 same => n,Set(HS_RECBY=)
 same => n,Set(__HS_REC=)
 same => n(done),Return()

; The end of the recording that (what asked for it) began, and of no other.
[hs-record-end]
exten => s,1,GotoIf($["${HS_RECBY}" != "${ARG1}"]?done)
 same => n,Gosub(hs-recorded,s,1)
 same => n(done),Return()

; Tell a caller that the user who is dialled next records: (prompt).
[hs-announce]
exten => s,1,GotoIf($["${HS_REC}" != ""]?done)
 same => n,GotoIf($["${HS_NO_RECORDING}" = "1"]?done)
 same => n,Answer()
 same => n,Playback(${ARG1})
 same => n(done),Return()

; A user has answered: record this leg if that is the user's own setting. Behind a Local channel the
; user's own leg does it.
[hs-answered]
exten => s,1,GotoIf($["${CHANNEL(channeltype)}" = "Local"]?done)
 same => n,GotoIf($[${DIALPLAN_EXISTS(hs-who,${CHANNEL(endpoint)},1)} = 0]?done)
 same => n,Gosub(hs-who,${CHANNEL(endpoint)},1)
 same => n,GotoIf($["${HS_RECORDS}" = ""]?done)
 same => n,Gosub(hs-record,s,1(${HS_RECORDS}))
 same => n(done),Return()

; A call that comes when the disk is full, or is one too many: it is refused with 503. The journal
; tells by this context that it was.
[hs-refuse]
exten => s,1,Hangup(34)

; A call that went round a flow's cycle until the limit.
[hs-loop]
exten => s,1,CELGenUserEvent(hs.loop,node=${URIENCODE(${HS_NODE})})
 same => n,Hangup(34)
"""
