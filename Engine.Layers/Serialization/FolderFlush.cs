using System.Runtime.InteropServices;

namespace Engine.Layers;

/// <summary>Brings a folder's list of names to the disk, so that a rename outlives a power cut.</summary>
internal static partial class FolderFlush
{
    private const int ReadOnly = 0, InvalidArgument = 22;

    /// <summary>Waits until the disk has it. Windows has no such call, and its file systems write names down in order.</summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public static void Now(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        int handle = Open(folder, ReadOnly);
        if (handle < 0) throw Failed(folder);
        try
        {
            // Some file systems, of networks mostly, cannot do it for a folder and say EINVAL.
            if (Sync(handle) != 0 && Marshal.GetLastPInvokeError() != InvalidArgument) throw Failed(folder);
        }
        finally
        {
            Close(handle);
        }
    }

    private static IOException Failed(string folder)
        => new($"{folder} was not brought to the disk: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);
}
