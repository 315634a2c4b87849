"""One module a command; its docstring is what ``--help`` says."""
