using System.IO.Enumeration;
using System.Text;

namespace Engine.Layers;

/// <summary>A file of text.</summary>
/// <param name="Text">All of it.</param>
/// <param name="Name">Its path below the folder or in the archive, with '/' between folders.</param>
public readonly record struct TextDocument(string Text, string Name);

/// <summary>Reads text files whole: those of a folder, or those in a tar archive, which stays packed.</summary>
public static class TextFiles
{
    /// <summary>The files of a folder and of those below it, in ordinal order of their names; .gz ones are unpacked as they are read. Folders that are
    /// links are passed over.</summary>
    /// <param name="folder">Which.</param>
    /// <param name="wanted">Which files by name; all unless given.</param>
    /// <param name="encoding">UTF-8 unless given.</param>
    /// <param name="longest">Bytes of a file at most. Larger ones are read by line: <see cref="LineFiles"/>.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="DataFormatException">A file is not in the encoding or too long; the error names it, and the byte.</exception>
    public static IEnumerable<TextDocument> ReadFolder(string folder, Func<string, bool>? wanted = null, Encoding? encoding = null, int longest = 1 << 26)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(longest);
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"There is no folder {folder}.");
        return Read(Names(folder), wanted, Strict.Of(encoding), longest, folder);
    }

    /// <summary>The files in a tar archive, .gz or plain, in its order. Nothing is unpacked to the disk.</summary>
    /// <param name="archive">Its path.</param>
    /// <param name="wanted">Which files by name; all unless given.</param>
    /// <param name="encoding">UTF-8 unless given.</param>
    /// <param name="longest">Bytes of a file at most.</param>
    /// <exception cref="FileNotFoundException">There is no such archive.</exception>
    /// <exception cref="DataFormatException">The archive is damaged, cut short or none, or a name in it leads out of it; a file is not in the encoding or too
    /// long.</exception>
    public static IEnumerable<TextDocument> ReadArchive(string archive, Func<string, bool>? wanted = null, Encoding? encoding = null, int longest = 1 << 26)
    {
        ArgumentException.ThrowIfNullOrEmpty(archive);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(longest);
        if (!File.Exists(archive)) throw new FileNotFoundException($"There is no file {archive}.", archive);
        return Read(archive, wanted, Strict.Of(encoding), longest);
    }

    private static IEnumerable<TextDocument> Read(IEnumerable<string> names, Func<string, bool>? wanted, Encoding encoding, int longest, string folder)
    {
        foreach (string name in names)
        {
            if (wanted?.Invoke(name) == false) continue;
            string path = Path.Combine(folder, name);
            using var stream = new DataStream(path);
            yield return new TextDocument(Strict.Decode(Bytes(stream, longest, path), encoding, path), name);
        }
    }

    private static IEnumerable<TextDocument> Read(string archive, Func<string, bool>? wanted, Encoding encoding, int longest)
    {
        foreach (var (name, length, data) in TarFiles.Read(archive))
        {
            if (wanted?.Invoke(name) == false) continue;
            string path = $"{archive}:{name}";
            byte[] bytes = Bytes(data, longest, path);
            if (bytes.Length < length) throw new DataFormatException(path, bytes.Length, $"the archive ends within this file, after {bytes.Length} of {length} bytes. It was cut short; get it again.");
            yield return new TextDocument(Strict.Decode(bytes, encoding, path), name);
        }
    }

    private static string[] Names(string folder)
    {
        var files = new FileSystemEnumerable<string>(folder, (ref FileSystemEntry entry) => entry.ToFullPath(), new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = false })
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory,
            ShouldRecursePredicate = (ref FileSystemEntry entry) => !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
        };
        string[] names = [.. files.Select(path => Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/'))];
        Array.Sort(names, string.CompareOrdinal);
        return names;
    }

    private static byte[] Bytes(Stream stream, int longest, string path)
    {
        byte[] bytes = new byte[Math.Min(longest, 1 << 14)];
        int count = 0;
        while (true)
        {
            int got = stream.ReadAtLeast(bytes.AsSpan(count), bytes.Length - count, throwOnEndOfStream: false);
            count += got;
            if (count < bytes.Length) return bytes[..count];
            if (count == longest)
            {
                if (stream.ReadByte() < 0) return bytes;
                throw new DataFormatException(path, count, $"the file is over {longest:N0} bytes. Read it by line, or let longest be more.");
            }
            Array.Resize(ref bytes, (int)Math.Min(longest, 2L * bytes.Length));
        }
    }
}
