#!/usr/bin/env bash
# Packs the three libraries, looks into the packages, and uses them as an app outside the repository does: adds them, trains, predicts, and does so
# again as a NativeAOT program. Needs a Release build of Engine.Layers, unzip, and clang for NativeAOT.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
# A version of its own, for the user's package cache keeps what it once saw under a version.
version=0.1.0-try.$(date +%s).$$
cache=$(dotnet nuget locals global-packages --list --force-english-output | sed 's/^[^:]*: //')
clean() {
    dotnet restore "$root/Engine.Layers" -v q                      # under its own version again
    rm -rf "$work"
    for id in engine.kernels engine.core engine.layers; do rm -rf "${cache%/}/$id/$version"; done
}
trap clean EXIT
passed=0
check() {                                                           # what, then a command that must succeed
    local what=$1
    shift
    "$@" > "$work/said" 2>&1 || { echo "FAILED: $what"; cat "$work/said"; exit 1; }
    passed=$((passed + 1))
}
lacks() { ! grep -qa -- "$1" "${@:2}"; }                            # bytes that no file may have

# A package's version stands in those that need it, so it is restored under that version; the assemblies are those of the build.
dotnet restore "$root/Engine.Layers" -p:PackageVersion="$version" -v q
for library in Kernels Core Layers; do
    dotnet pack "$root/Engine.$library" -c Release --no-build -p:PackageVersion="$version" -o "$work/feed" -v q -nologo
done

for library in Kernels Core Layers; do
    id=Engine.$library
    unzip -qo "$work/feed/$id.$version.nupkg" -d "$work/$id"
    unzip -qo "$work/feed/$id.$version.snupkg" -d "$work/$id.symbols"
    expected="$id.nuspec PACKAGE.md lib/net10.0/$id.dll lib/net10.0/$id.xml"
    [[ $library == Kernels ]] && expected="$id.nuspec PACKAGE.md build/$id.targets buildTransitive/$id.targets lib/net10.0/$id.dll lib/net10.0/$id.xml"
    found=$(cd "$work/$id" && find . -type f ! -path './_rels/*' ! -path './package/*' ! -name '\[Content_Types\].xml' | sed 's|^\./||' | LC_ALL=C sort | xargs)
    check "$id has other files: $found" test "$found" = "$expected"
    check "$id has no symbols" test -s "$work/$id.symbols/lib/net10.0/$id.pdb"
    for line in '<license type="expression">MIT</license>' '<readme>PACKAGE.md</readme>' '<tags>' '<description>'; do
        check "$id.nuspec lacks $line" grep -qF "$line" "$work/$id/$id.nuspec"
    done
    check "$id names the folder that it was built in" lacks "$root" "$work/$id/lib/net10.0/$id.dll" "$work/$id.symbols/lib/net10.0/$id.pdb"
done
check "Engine.Layers needs another Engine.Core" grep -qF "<dependency id=\"Engine.Core\" version=\"$version\"" "$work/Engine.Layers/Engine.Layers.nuspec"
check "Engine.Core needs another Engine.Kernels" grep -qF "<dependency id=\"Engine.Kernels\" version=\"$version\"" "$work/Engine.Core/Engine.Core.nuspec"

mkdir "$work/app"
cp "$root"/Engine.Tests/Packages/App/* "$work/app"
cat > "$work/app/nuget.config" << END
<configuration><packageSources><add key="engine" value="$work/feed" /></packageSources></configuration>
END
cd "$work/app"
export EngineVersion=$version
rid=$(dotnet --info | sed -n 's/^ *RID: *//p')
said=$(dotnet run -c Release --verbosity quiet)
echo "app:       $said"
check "the app said: $said" grep -q "0 xor 1 is 1$" <<< "$said"

dotnet publish -c Release -r "$rid" -o "$work/native" -v q -nologo
said=$("$work/native/App")
echo "NativeAOT: $said, $(stat -c %s "$work/native/App") bytes"
check "the NativeAOT app said: $said" grep -q "0 xor 1 is 1$" <<< "$said"
check "ILGPU is in a program that uses no GPU" lacks ILGPU "$work/native/App"
check "there is more than the program and its symbols: $(ls "$work/native")" test "$(find "$work/native" -type f ! -name '*.dbg' ! -name '*.pdb' ! -name '*.xml' | wc -l)" = 1
if [[ $rid == *-x64 ]]; then
    set_by() { dotnet msbuild -getProperty:IlcInstructionSet -p:RuntimeIdentifier="$rid" "$@"; }
    check "the package names no instruction set" test "$(set_by)" = x86-64-v3
    check "the app's own instruction set is not kept" test "$(set_by -p:IlcInstructionSet=native)" = native
    if grep -qw avx2 /proc/cpuinfo; then check "the NativeAOT app uses no AVX2: $said" grep -q "AVX2" <<< "$said"; fi
fi
echo "packages: $passed passed, 0 failed"
