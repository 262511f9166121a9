"""Train: is it learning; if not, which layer and why?"""

from builder.ui.screens.train import show
from builder.ui.shell.router import inside_app

if inside_app():
    show()
