"""The warm torch process beside a server, and the worker of a run."""
