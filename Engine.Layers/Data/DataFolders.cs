namespace Engine.Layers;

/// <summary>Finds published data on this machine, or downloads them: a folder that the user names, then the one that the environment variable
/// ENGINE_DATA names, then the user's cache, then the system's folders, then the publisher's address.</summary>
public sealed class DataFolders
{
    /// <summary>A folder that the user named for this run, as by <c>--data</c>: the data's own, or one with a folder for each data set.</summary>
    public string? Named { get; init; }

    /// <summary>The folder that <c>ENGINE_DATA</c> names, with a folder for each data set.</summary>
    public string? Given { get; init; } = Environment.GetEnvironmentVariable("ENGINE_DATA");

    /// <summary>The user's cache, to which downloads go: <c>$XDG_CACHE_HOME/engine-data</c>, or <c>~/.cache/engine-data</c>.</summary>
    public string Cache { get; init; } = Path.Combine(CacheHome(), "engine-data");

    /// <summary>The system's folder of data.</summary>
    public string System { get; init; } = "/usr/share/datasets";

    /// <summary>How long a publisher may say nothing before the download is given up.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often to try again where a connection breaks.</summary>
    public int Retries { get; init; } = 2;

    /// <summary>A folder of this machine that holds the data, or null.</summary>
    public string? Find(PublishedDataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (!string.IsNullOrEmpty(Named) && data.IsIn(Named)) return Named;
        foreach (string? root in new[] { Named, Given, Cache, System })
        {
            if (string.IsNullOrEmpty(root)) continue;
            foreach (string name in data.OtherNames.Prepend(data.Name))
                if (data.IsIn(Path.Combine(root, name))) return Path.Combine(root, name);
        }
        return null;
    }

    /// <inheritdoc cref="Find(PublishedDataset)"/>
    public string? Find(ImageFiles data) => Find(data.Set);

    /// <summary>Downloads the data to the user's cache, each file whole or not at all; those that are there already are left. Archives are not unpacked.</summary>
    /// <param name="data">What.</param>
    /// <param name="progress">Told of each file.</param>
    /// <param name="cancel">Ends the download; the next one goes on from there.</param>
    /// <returns>The folder that holds them now.</returns>
    /// <exception cref="DownloadException">The publisher cannot be reached or sends something else, or the cache cannot be written.</exception>
    public async Task<string> DownloadAsync(PublishedDataset data, IProgress<DownloadProgress>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        string folder = Path.Combine(Cache, data.Name);
        using var downloader = new Downloader { Patience = Patience, Retries = Retries };
        foreach (var file in data.Files)
            if (file.FindIn(folder) is null) await downloader.DownloadAsync(file, folder, progress, cancel).ConfigureAwait(false);
        return folder;
    }

    /// <inheritdoc cref="DownloadAsync(PublishedDataset, IProgress{DownloadProgress}?, CancellationToken)"/>
    public Task<string> DownloadAsync(ImageFiles data, IProgress<DownloadProgress>? progress = null, CancellationToken cancel = default)
        => DownloadAsync(data.Set, progress, cancel);

    private static string CacheHome()
    {
        // The XDG base directory specification: a relative path there is to be ignored.
        string? set = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        return Path.IsPathFullyQualified(set ?? "") ? set! : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
    }
}
