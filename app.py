"""The router: page configuration, navigation, project and run in the URL; nothing else."""

from builder.ui.shell.frame import configure, surround
from builder.ui.shell.router import navigation
from builder.ui.state import open_from_url

configure()
screen, page = navigation()
complaint = open_from_url()
surround(screen, page, complaint)
