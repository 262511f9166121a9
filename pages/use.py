"""Use: what does it say about my own input?"""

from builder.ui.screens.use import show
from builder.ui.shell.router import inside_app

if inside_app():
    show()
