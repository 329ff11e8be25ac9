#!/usr/bin/env bash
# Publishes the program with NativeAOT, once with the instruction set that the packages set, once for AVX-512 and once with none named, and prints for each the bytes
# on disk, the milliseconds from a process's start to the answer for one image, and those of the article's training step; the JIT's beside them.
set -euo pipefail
cd "$(dirname "$0")"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
weights=$out/cnn.safetensors
publish() { dotnet publish Startup.csproj -c Release -r linux-x64 -v quiet -nologo -o "$out/$1" "${@:2}"; }
publish jit -p:PublishAot=false --self-contained false
publish packages
publish v4 -p:IlcInstructionSet=x86-64-v4
publish none -p:IlcInstructionSet=x86-64
"$out/jit/Startup" save "$weights"
for build in packages v4 none jit; do
  echo "$build: $(du -sb "$out/$build" | cut -f1) bytes; $("$out/packages/Startup" starts 20 "$out/$build/Startup" predict "$weights"); $("$out/$build/Startup" train "${STEPS:-600}")"
done
