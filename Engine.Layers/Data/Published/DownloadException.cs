namespace Engine.Layers;

/// <summary>Why a download failed.</summary>
public enum DownloadFault
{
    /// <summary>No connection, or it broke before an answer.</summary>
    Unreachable,

    /// <summary>The server answered that it will not send the file: 404 and the like.</summary>
    Refused,

    /// <summary>The server said nothing for longer than <see cref="Downloader.Patience"/>.</summary>
    Stalled,

    /// <summary>The connection ended before the file did. What came is kept, and the next download goes on from there.</summary>
    Truncated,

    /// <summary>The file has another size than its publisher gives, or is over <see cref="Downloader.MostBytes"/>. What came was removed.</summary>
    WrongSize,

    /// <summary>The file has another digest than its publisher gives. What came was removed.</summary>
    WrongDigest,

    /// <summary>No room on the disk. What came is kept.</summary>
    DiskFull,

    /// <summary>The file cannot be written for another reason.</summary>
    CannotWrite,

    /// <summary>Another process has the download in its hands, and does not get on with it.</summary>
    Busy,
}

/// <summary>A download that failed; nothing stands under the file's own name.</summary>
public sealed class DownloadException : IOException
{
    internal DownloadException(DownloadFault fault, Uri address, string path, string what, string mend, Exception? inner = null)
        : base($"{address} was not downloaded to {path}: {what}. {mend}", inner)
        => (Fault, Address, Path) = (fault, address, path);

    /// <summary>What went wrong.</summary>
    public DownloadFault Fault { get; }

    /// <summary>From where.</summary>
    public Uri Address { get; }

    /// <summary>The file that was to be.</summary>
    public string Path { get; }

    /// <summary>Whether trying again may help.</summary>
    internal bool IsPassing { get; init; }
}
