using System.Net.Http.Headers;

namespace Engine.Layers;

/// <summary>The part of a file that has been downloaded, and beside it from where and by which mark of the server's, so that a later run can go on.
/// Whoever has it open has it alone, among all processes.</summary>
internal sealed class PartFile : IAsyncDisposable
{
    private const int Again = 50;   // milliseconds between two tries to get hold of it

    private readonly string path, target, origin;

    private PartFile(string target, FileStream stream) => (this.target, path, origin, Stream) = (target, Name(target), Name(target) + ".from", stream);

    /// <summary>The bytes.</summary>
    public FileStream Stream { get; }

    /// <summary>Where the part of a file is kept.</summary>
    public static string Name(string target) => target + ".part";

    /// <summary>Gets hold of it; waits where another has it and it grows.</summary>
    /// <returns>Null where the whole file is there by then.</returns>
    /// <exception cref="TimeoutException">Another has it, and it did not grow for so long.</exception>
    public static async Task<PartFile?> OpenAsync(string target, TimeSpan patience, Func<string, FileStream> open, CancellationToken cancel)
    {
        string path = Name(target);
        long size = -1, since = Environment.TickCount64;
        while (!File.Exists(target))
        {
            FileStream? stream = null;
            try
            {
                stream = open(path);
            }
            catch (IOException e) when (IsTaken(e))
            {
                var found = new FileInfo(path);
                long now = found.Exists ? found.Length : 0;
                if (now != size) (size, since) = (now, Environment.TickCount64);
                // Whoever has it may wait as long for its server, pause, ask again and look the whole file over.
                else if (Environment.TickCount64 - since > 3 * patience.TotalMilliseconds) throw new TimeoutException($"Another process has {path} open, and it does not grow.", e);
            }
            if (stream is not null)
            {
                if (!IsAt(stream, path)) await stream.DisposeAsync().ConfigureAwait(false);
                else if (!File.Exists(target)) return new PartFile(target, stream);
                else
                {
                    File.Delete(path);
                    await stream.DisposeAsync().ConfigureAwait(false);
                    return null;
                }
            }
            await Task.Delay(Again, cancel).ConfigureAwait(false);
        }
        return null;
    }

    /// <summary>Opens it for one alone. Windows would not let an open file be renamed without FileShare.Delete; elsewhere that would share it.</summary>
    public static FileStream Open(string path)
        => new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None, 1, FileOptions.Asynchronous);

    /// <summary>EAGAIN of Linux and of macOS, and a sharing violation of Windows.</summary>
    private static bool IsTaken(IOException e) => (e.HResult & 0xFFFF) is 11 or 35 or 32;

    /// <summary>Whether the open file is the one of that name: the other may have renamed or removed it between the opening and the lock.</summary>
    private static bool IsAt(FileStream stream, string path)
    {
        File.SetLastWriteTimeUtc(stream.SafeFileHandle, DateTime.UtcNow);
        return File.Exists(path) && File.GetLastWriteTimeUtc(path) == File.GetLastWriteTimeUtc(stream.SafeFileHandle);
    }

    /// <summary>The mark under which the server sent the part from this address; null where it gave none that can be relied on.</summary>
    public RangeConditionHeaderValue? Mark(Uri address)
    {
        if (!File.Exists(origin)) return null;
        string[] lines = File.ReadAllLines(origin);
        if (lines.Length < 2 || lines[0] != address.AbsoluteUri) return null;
        return RangeConditionHeaderValue.TryParse(lines[1], out var mark) ? mark : null;
    }

    /// <summary>Notes the mark of what is about to be written.</summary>
    public void Note(Uri address, HttpResponseMessage response)
    {
        string? mark = response.Headers.ETag is { IsWeak: false } tag ? tag.ToString() : response.Content.Headers.LastModified?.ToString("R");
        if (mark is null) File.Delete(origin);
        else File.WriteAllLines(origin, [address.AbsoluteUri, mark]);
    }

    /// <summary>Forgets what came.</summary>
    public void Clear()
    {
        File.Delete(origin);
        Stream.SetLength(0);
        Stream.Position = 0;
    }

    /// <summary>Gives the whole file its name.</summary>
    public void Finish()
    {
        Stream.Flush(flushToDisk: true);
        File.Move(path, target, overwrite: true);
        File.Delete(origin);
    }

    /// <summary>Lets go of it; an empty one is removed.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Stream.CanWrite && Stream.Length == 0 && IsAt(Stream, path))
        {
            File.Delete(origin);
            File.Delete(path);
        }
        await Stream.DisposeAsync().ConfigureAwait(false);
    }
}
