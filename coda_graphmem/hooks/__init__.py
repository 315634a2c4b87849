"""Hooks of coding assistants: what is known goes into their conversations, and what is said there is kept.

Claude Code starts ``coda-graphmem hook EVENT`` at the moments of a session, hands over what it is about as JSON, and
waits. Loading what a memory needs takes longer than anybody should wait for. So `coda_graphmem.hooks.client`, which is
what is started, loads nothing but Python's own modules and asks `coda_graphmem.hooks.daemon`, a process that stays
for a while with the memory open; it starts one where there is none. What is to be kept is noted in a folder first
(`coda_graphmem.hooks.queue`): whichever daemon runs next does it.
"""
