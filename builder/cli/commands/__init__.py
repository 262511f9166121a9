"""One file a command: NAME, HELP, arguments(parser), run(arguments) -> Outcome."""
