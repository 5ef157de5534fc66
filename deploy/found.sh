#!/bin/sh
# Founds a ledger once, and gives its generation workers a folder of their own. Run again, it finds
# what is there and changes nothing: whoever starts the whole system starts this first.
set -eu
umask 077
home="${LINERNOTES_HOME:?}"
worker="${1:?where the workers have their folder}"
name="${2:?the name of the operator}"
origin="${3:?the origin of the log, for ever}"

# A founding that was broken off is taken up where it stopped.
if ! liner checkpoint > /dev/null 2>&1; then
    # The operator's token is shown this once: into a file beside the folder, not into a log.
    liner init --name "$name" --origin "$origin" > "$home.founded"
    echo "founded $origin; the operator's token is in $home.founded: take it, and delete the file"
    liner checkpoint > /dev/null
fi
[ -d "$worker" ] || liner worker export "$worker"
