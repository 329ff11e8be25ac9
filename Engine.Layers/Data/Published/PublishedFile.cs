namespace Engine.Layers;

/// <summary>A file that somebody publishes.</summary>
/// <param name="Name">What it is called in a folder.</param>
/// <param name="Addresses">Where to get it, the publisher's first, then mirrors that have the very same bytes; none where it cannot be downloaded as it is.</param>
/// <param name="Bytes">Its size; null where it is not known, or changes.</param>
/// <param name="Digest">Its fingerprint; null where none is known for a fact, and then only the size is checked.</param>
public sealed record PublishedFile(string Name, IReadOnlyList<Uri> Addresses, long? Bytes = null, Digest? Digest = null)
{
    /// <summary>Where it lies in a folder, with its <c>.gz</c> or unpacked; null if it does not.</summary>
    public string? FindIn(string folder)
    {
        string path = Path.Combine(folder, Name);
        if (File.Exists(path)) return path;
        if (!Name.EndsWith(".gz", StringComparison.Ordinal) || Name.EndsWith(".tar.gz", StringComparison.Ordinal)) return null;
        string plain = Path.ChangeExtension(path, null);
        return File.Exists(plain) ? plain : null;
    }
}
