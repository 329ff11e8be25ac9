#!/usr/bin/env bash
# Lets TorchSharp 0.107.0 start where libstdc++ is older than GCC 13's, as on Debian 12 and Ubuntu 22.04. Its library asks for the version
# GLIBCXX_3.4.32 for one symbol, std::ios_base_library_init(), an initialization that an older libstdc++ does unasked. In the copy in the build's
# output this marks the request as weak (ELF's VER_FLG_WEAK), and it builds a library with the symbol, empty, which whoever starts a program there preloads.
# Usage: weaken-libstdcxx.sh FOLDER, the folder of libLibTorchSharp.so. Does nothing where libstdc++ is new enough.
set -euo pipefail
cd "$1"
libstdcxx=$(ldconfig -p | awk '/libstdc\+\+\.so\.6 .*x86-64/ && !seen++ { print $NF }')
if grep -q GLIBCXX_3.4.32 "$libstdcxx"; then exit 0; fi
for tool in gcc python3; do
    if ! command -v $tool > /dev/null; then
        echo "TorchSharp wants a libstdc++ of GCC 13 or newer, and $libstdcxx is older. To mend that takes gcc and python3, and $tool is missing: install it (apt-get install $tool), or use a newer system." >&2
        exit 1
    fi
done
echo 'void _ZSt21ios_base_library_initv(void) {}' | gcc -shared -fPIC -x c - -o libios_base_init.so
python3 - libLibTorchSharp.so <<'PYTHON'
import struct, sys

image = bytearray(open(sys.argv[1], "rb").read())
at = lambda layout, offset: struct.unpack_from("<" + layout, image, offset)

# Program headers: where the file's parts lie in memory, and the dynamic table.
program, = at("Q", 32)
size, count = at("HH", 54)
headers = [at("IIQQQQQQ", program + i * size) for i in range(count)]
LOAD, DYNAMIC = 1, 2
offset_of = lambda address: next(h[2] + address - h[3] for h in headers if h[0] == LOAD and h[3] <= address < h[3] + h[5])
table = next(h for h in headers if h[0] == DYNAMIC)
dynamic = dict(at("QQ", table[2] + i) for i in range(0, table[5], 16))
STRTAB, VERNEED, VERNEEDNUM, WEAK = 5, 0x6FFFFFFE, 0x6FFFFFFF, 2

strings, need, changed = offset_of(dynamic[STRTAB]), offset_of(dynamic[VERNEED]), 0
for _ in range(dynamic[VERNEEDNUM]):
    _, versions, _, first, following = at("HHIII", need)
    version = need + first
    for _ in range(versions):
        _, flags, _, name, step = at("IHHII", version)
        text = strings + name
        if image[text:image.index(0, text)] == b"GLIBCXX_3.4.32":
            struct.pack_into("<H", image, version + 4, flags | WEAK)
            changed += 1
        version += step
    need += following
if changed == 0: sys.exit("libLibTorchSharp.so does not ask for GLIBCXX_3.4.32: this script is for TorchSharp 0.107.0.")
open(sys.argv[1], "wb").write(image)
PYTHON
