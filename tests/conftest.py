"""What holds for every test."""

import signal

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # a shell starts what it runs in the background so, and our children would be deaf to Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)
