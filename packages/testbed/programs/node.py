"""A stand-in ROS node. Run through a link that has the node's name, so that both comm and argv[0] are that name.

argv[1] is JSON: ignoresSigint, ignoresSigterm, outlivesLaunch (as a daemon does: its parent ends, it ignores SIGINT and SIGTERM),
dropsLock (closes every descriptor it was handed), exitAfterMs with exitCode.
"""

import json
import os
import signal
import sys
import time

behaviour = json.loads(sys.argv[1])
if behaviour.get("outlivesLaunch"):
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    if os.fork() != 0:
        os._exit(0)
    os.setsid()
else:
    for number, word in ((signal.SIGINT, "ignoresSigint"), (signal.SIGTERM, "ignoresSigterm")):
        signal.signal(number, signal.SIG_IGN if behaviour.get(word) else lambda *_: os._exit(0))
signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT, signal.SIGTERM))
if behaviour.get("dropsLock"):
    os.closerange(3, 1024)
if "exitAfterMs" in behaviour:
    time.sleep(behaviour["exitAfterMs"] / 1000)
    os._exit(behaviour.get("exitCode", 0))
while True:
    signal.pause()
