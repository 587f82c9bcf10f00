"""Ten forks while another thread asks for missing sets: how many children never answer?"""

import faulthandler
import os
import pathlib
import threading
import time

from pyclingo_bridge import Case, Policy

policy = Policy.load("cp_phar_549")
case = Case.load(pathlib.Path(__file__).parent.parent / "wrong_answers" / "unknown_in_history.json")
list(policy.missing(case))
stop = False
nowhere = open(os.devnull, "w")  # noqa: SIM115


def ask() -> None:
    while not stop:
        list(policy.missing(case))


thread = threading.Thread(target=ask)
thread.start()
hung = 0
for _ in range(10):
    time.sleep(0.07)
    child = os.fork()
    if child == 0:
        faulthandler.dump_traceback_later(8, exit=True, file=nowhere)
        list(policy.missing(case))
        os._exit(0)
    hung += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
stop = True
thread.join()
print("10 forks, without an answer after 8 s:", hung)
