"""Start: what can I do here, where was I?"""

from builder.ui.screens.start import show
from builder.ui.shell.router import inside_app

if inside_app():
    show()
