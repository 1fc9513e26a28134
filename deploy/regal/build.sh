#!/bin/sh
# Builds the pinned Regal (the linter of the rules) into .tools/. A module of its own: it does not compile in one
# module with the OPA that decides.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tools="$here/../../.tools"
mkdir -p "$tools"
if [ -x "$tools/regal" ]; then
    echo "regal is built"
elif command -v go >/dev/null; then
    cd "$here" && CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags "-s -w" -o "$tools/regal" github.com/open-policy-agent/regal
    echo "regal built"
else
    echo "go is not on PATH: install it to lint the rules" >&2
    exit 2
fi
