"""The first module that a fork server imports, and nobody else: from here on Ctrl-C ends it without a word.

Python's own handler would print where in the imports it was. A Ctrl-C that came before was held back
(`processes.held_back_in_children`) and ends it now. What it forks inherits this.
"""

import signal

signal.signal(signal.SIGINT, signal.SIG_DFL)
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
