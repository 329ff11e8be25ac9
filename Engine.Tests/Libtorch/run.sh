#!/usr/bin/env bash
# Builds the comparison with libtorch and runs its tests. Arguments go to dotnet test. SEED=n chooses other shapes.
set -euo pipefail
cd "$(dirname "$0")"
dotnet build Libtorch.csproj -c Release -v quiet -nologo
output=$(echo bin/Release/net10.0/*/)
if [[ $(uname -sm) == "Linux x86_64" ]]; then ../../Engine.Benchmarks/Peers/weaken-libstdcxx.sh "$output"; fi
preload="$PWD/${output}libios_base_init.so"
if [[ -e $preload ]]; then export LD_PRELOAD="$preload"; fi
exec dotnet test Libtorch.csproj -c Release --no-build --logger "console;verbosity=normal" "$@"
