"""Export: how do I take it away, is it the same model?"""

from builder.ui.screens.export import show
from builder.ui.shell.router import inside_app

if inside_app():
    show()
