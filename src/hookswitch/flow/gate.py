"""Where a new call may be turned away, before anything else is done with it.

`HS_REFUSE` is a global of the engine, 1 while there is no room for another call; of a hundred calls
`HS_SHED` are more than the engine can carry. What a phone transfers is no new call, and who
clicked has his own phone at the ear already.
"""

from typing import Final

from hookswitch.model.plan import Step

_FULL: Final = '"${HS_REFUSE}${BLINDTRANSFER}" = "1"'
_SHED: Final = '"${BLINDTRANSFER}${HS_CLICK}" = "" & 0${HS_SHED} >= ${RAND(1,100)}'
GATE: Final = Step("GotoIf", f"$[{_FULL} | ({_SHED})]?hs-refuse,s,1")
