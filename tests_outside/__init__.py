"""Runs the tests that others wrote for their interfaces against our classes, and ours of them: ``make test-outside``.

Each ecosystem is a module in ``tests_outside/ecosystems`` with an `ECOSYSTEM`. Its tests are fetched as packages when
they are run and never copied here. It gets an environment of its own in ``.outside``, above the one this runs in.
"""
