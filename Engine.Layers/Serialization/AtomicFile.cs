namespace Engine.Layers;

/// <summary>Writes whole files or nothing: to a temporary file in the same folder, flushed to the disk, then renamed, and the
/// folder flushed too: a power cut leaves the old file or the new one.</summary>
internal static class AtomicFile
{
    /// <summary>Writes a file; what was there before stays until the new one is whole, and stays where anything fails.</summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes it.</param>
    /// <param name="replaceLink">Whether a link there is replaced by the file, and what it leads to stays as it is; else the link stays, and what it leads to is replaced.</param>
    /// <exception cref="IOException">It could not be written: no such folder, no permission, a full disk.</exception>
    public static void Write(string path, Action<Stream> write, bool replaceLink = false) => Write(path, write, Create, replaceLink);

    internal static void Write(string path, Action<Stream> write, Func<string, FileStream> create, bool replaceLink = false)
    {
        string target = Target(path, replaceLink), temporary = Temporary(target);
        try
        {
            using (var stream = create(temporary))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, target, overwrite: true);
        }
        catch (Exception e)
        {
            File.Delete(temporary);
            if (e is IOException or UnauthorizedAccessException) throw Failed(path, e);
            throw;
        }
        try
        {
            FolderFlush.Now(Path.GetDirectoryName(target)!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"{path} was written, and its folder could not be flushed to the disk: {e.Message} A power cut may yet bring back what was there before.", e);
        }
    }

    private static FileStream Create(string path) => new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);

    /// <summary>The file itself, where the path is a link to it that is to stay: a rename would replace the link.</summary>
    private static string Target(string path, bool replaceLink)
    {
        string full = Path.GetFullPath(path);
        if (Directory.Exists(full)) throw new IOException($"{path} is a folder, and a file was to be written there. Name a file.");
        string? folder = Path.GetDirectoryName(full);
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"{path} was not written: there is no folder {folder}. Create it first.");
        return !replaceLink && File.Exists(full) ? File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full : full;
    }

    private static string Temporary(string target)
        => Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{Path.GetRandomFileName()}");

    private static IOException Failed(string path, Exception cause)
        => new($"{path} was not written, and what was there before is unchanged: {cause.Message}", cause);
}
