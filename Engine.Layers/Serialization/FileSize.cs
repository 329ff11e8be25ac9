namespace Engine.Layers;

/// <summary>How long a file is, before it is opened.</summary>
internal static class FileSize
{
    /// <summary>Its bytes, those of what it leads to where it is a link; 0 for a pipe or a device too, which must not be opened: that may wait for ever. Null
    /// where there is no file.</summary>
    /// <exception cref="IOException">Its links lead in a circle.</exception>
    public static long? Of(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists) return null;
        if (file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target) file = target;
        return file.Exists ? file.Length : null;
    }
}
