#!/bin/sh
# Hands user and password of a secret ("user/password") on to the program, then becomes the program.
set -eu

if [ -n "${NEO4J_AUTH_FILE:-}" ]; then
  auth=$(cat "$NEO4J_AUTH_FILE")
  NEO4J_USERNAME=${auth%%/*}
  NEO4J_PASSWORD=${auth#*/}
  export NEO4J_USERNAME NEO4J_PASSWORD
fi
exec coda-graphmem "$@"
