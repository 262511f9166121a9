"""Runs: what did I try, which was best?"""

from builder.ui.screens.runs import show
from builder.ui.shell.router import inside_app

if inside_app():
    show()
