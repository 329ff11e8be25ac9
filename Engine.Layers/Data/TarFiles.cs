using System.Formats.Tar;

namespace Engine.Layers;

/// <summary>The files of a tar archive, .gz or plain, one after another, without unpacking any to the disk.</summary>
internal static class TarFiles
{
    /// <summary>One file of an archive.</summary>
    /// <param name="Name">With '/' between folders, relative: never one that climbs out.</param>
    /// <param name="Length">Bytes.</param>
    /// <param name="Data">Its bytes, until the next file is asked for; they end early where the archive does.</param>
    public readonly record struct Entry(string Name, long Length, Stream Data);

    /// <summary>The ordinary files, in the archive's order; folders and links are passed over.</summary>
    /// <exception cref="DataFormatException">It is no tar archive, is cut short, or has a name that leads out of the folder it would be unpacked to.</exception>
    /// <exception cref="FileNotFoundException">There is no such archive.</exception>
    public static IEnumerable<Entry> Read(string archive)
    {
        using var stream = new DataStream(archive);
        using var tar = new TarReader(stream);
        bool any = false;
        while (Next(tar, archive) is { } entry)
        {
            any = true;
            string name = entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name;
            if (!IsSafe(name)) throw new DataFormatException(archive, 0, $"its entry '{entry.Name}' leads out of the archive. Do not unpack it; get it from its publisher.");
            if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile)
                yield return new Entry(name, entry.Length, entry.DataStream ?? Stream.Null);
        }
        if (!any) throw new DataFormatException(archive, 0, "the archive has no entry. It is empty, or no tar archive.");
    }

    private static TarEntry? Next(TarReader tar, string archive)
    {
        try
        {
            return tar.GetNextEntry();
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new DataFormatException(archive, 0, $"it is no whole tar archive: {e.Message.TrimEnd('.')}. Get it again.", e);
        }
    }

    private static bool IsSafe(string name)
        => !name.StartsWith('/') && !name.StartsWith('\\') && !(name.Length > 1 && name[1] == ':') && !name.Split('/', '\\').Contains("..");
}
