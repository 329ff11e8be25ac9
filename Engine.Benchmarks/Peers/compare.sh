#!/usr/bin/env bash
# Builds the comparison and prints its tables. Arguments: --rounds N (15 unless given), then the names of cases to run only those.
set -euo pipefail
cd "$(dirname "$0")"
dotnet build Peers.csproj -c Release -v quiet -nologo
output=$(echo bin/Release/net10.0/*/)
if [[ $(uname -sm) == "Linux x86_64" ]]; then ./weaken-libstdcxx.sh "$output"; fi
exec dotnet "${output}Peers.dll" compare "$@"
