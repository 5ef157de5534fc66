#!/bin/sh
# Founds a ledger once, and gives its generation workers a folder of their own. Run again, it takes
# up what was broken off, or changes nothing: whoever starts the whole system starts this first.
set -eu
umask 077
home="${LINERNOTES_HOME:?}"
worker="${1:?where the workers have their folder}"
name="${2:?the name of the operator}"
origin="${3:?the origin of the log, for ever}"

if [ ! -f "$home.done" ]; then
    # The operator's token is shown this once: into a file beside the folder, not into a log.
    if liner init --name "$name" --origin "$origin" > "$home.founded" 2> "$home.said"; then
        echo "founded $origin; the operator's token is in $home.founded: take it, and delete the file"
    elif grep -q already_founded "$home.said"; then
        # It ended between founding and the mark: a token that nobody has seen is made anew.
        rm -f "$home.founded"
        echo "founded before; an operator's token is made by: liner token issue"
    else
        rm -f "$home.founded"
        cat "$home.said" >&2
        exit 1
    fi
    rm -f "$home.said"
    : > "$home.done"
fi
liner checkpoint > /dev/null
[ -d "$worker" ] || liner worker export "$worker"
