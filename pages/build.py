"""Build: what is the network, does it fit?"""

from builder.ui.screens.build import show
from builder.ui.shell.router import inside_app

if inside_app():
    show()
