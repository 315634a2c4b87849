"""One module a command, or what belongs together with it; its docstring is what ``--help`` says."""
