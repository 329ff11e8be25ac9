using System.Runtime.InteropServices;

namespace Engine.Kernels;

/// <summary>Memory in pages of 2 MiB where the system has them for those who ask: the processor's table of pages in use then reaches over gigabytes, where with pages
/// of 4 KiB it ends at some 12 MB.</summary>
/// <remarks>Source: Linux' transparent huge pages, madvise(2). Other systems give what they give.</remarks>
internal static unsafe partial class HugePages
{
    /// <summary>Bytes of a page.</summary>
    public const int Size = 2 << 20;

    private const nuint CacheLine = 64;

    private const int Advice = 14;                                  // MADV_HUGEPAGE

    /// <summary>Memory for <see cref="NativeMemory.AlignedFree"/>, at least at a cache line.</summary>
    public static byte* Allocate(nuint bytes)
    {
        if (bytes < Size || !OperatingSystem.IsLinux()) return (byte*)NativeMemory.AlignedAlloc(bytes, CacheLine);
        byte* memory = (byte*)NativeMemory.AlignedAlloc(bytes, Size);
        _ = Advise(memory, bytes / Size * Size, Advice);            // where it is refused the pages are small ones
        return memory;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* address, nuint length, int advice);
}
