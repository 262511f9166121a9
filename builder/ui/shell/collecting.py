"""Keeps what imports made out of the garbage collector's rounds.

Streamlit collects all garbage at the end of every run of a page. With pandas, plotly and scikit-learn loaded that walks
through several hundred thousand objects, which live as long as the server does: on two cores 150 ms after every
click, in which no message leaves for the browser.
"""

import gc
import sys
import threading

_lock = threading.Lock()
_known: set[int] = set()
"""The numbers of modules there were when objects were set aside."""


def set_imports_aside() -> bool:
    """Sets all living objects aside when modules have come since it was last called; whether it did.

    Garbage is collected before. What is set aside is still freed when nothing refers to it; only rings among these
    objects stay, and they are set aside no more often than modules come.
    """
    with _lock:
        if len(sys.modules) in _known:
            return False
        _known.add(len(sys.modules))
        gc.collect()
        gc.freeze()
        return True
