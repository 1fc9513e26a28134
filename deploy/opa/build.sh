#!/bin/sh
# Builds the pinned OPA into .tools/ (about a minute on two cores); a fitting `opa` on PATH is used instead.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tools="$here/../../.tools"
wanted=$(sed -n 's|^[[:space:]]*github.com/open-policy-agent/opa v\([0-9.]*\).*|\1|p' "$here/go.mod")

# At least 1.18.1: older servers lack EdDSA-signed bundles.
fits() {
    version=$("$1" version 2>/dev/null | sed -n 's/^Version: \([0-9.]*\).*/\1/p')
    [ -n "$version" ] && [ "$(printf '%s\n1.18.1\n' "$version" | sort -V | head -n 1)" = "1.18.1" ]
}

mkdir -p "$tools"
if [ -x "$tools/opa" ] && "$tools/opa" version | grep -q "^Version: $wanted"; then
    echo "opa $wanted is built"
elif found=$(command -v opa) && fits "$found"; then
    echo "opa on PATH fits"
elif command -v go >/dev/null; then
    cd "$here" && CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags "-s -w" -o "$tools/opa" github.com/open-policy-agent/opa
    echo "opa $wanted built"
else
    echo "neither a fitting opa (1.18.1 or later) nor go on PATH: install one of them" >&2
    exit 2
fi
