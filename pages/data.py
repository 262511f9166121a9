"""Data: what does it learn from, can I trust it?"""

from builder.ui.screens.data import show
from builder.ui.shell.router import inside_app

if inside_app():
    show()
