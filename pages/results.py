"""Results: how good is it, where is it wrong, why?"""

from builder.ui.screens.results import show
from builder.ui.shell.router import inside_app

if inside_app():
    show()
