using System.Security.Cryptography;

namespace Engine.Layers;

/// <summary>Finds published data on this machine, or downloads them: the folder that the environment variable ENGINE_DATA names, then the
/// user's cache, then the system's folders, then the publisher's address.</summary>
public sealed class DataFolders
{
    private const long MostBytes = 1L << 30;

    /// <summary>The folder that <c>ENGINE_DATA</c> names.</summary>
    public string? Given { get; init; } = Environment.GetEnvironmentVariable("ENGINE_DATA");

    /// <summary>The user's cache, to which downloads go: <c>$XDG_CACHE_HOME/engine-data</c>, or <c>~/.cache/engine-data</c>.</summary>
    public string Cache { get; init; } = Path.Combine(CacheHome(), "engine-data");

    /// <summary>The system's folder of data.</summary>
    public string System { get; init; } = "/usr/share/datasets";

    /// <summary>How long a publisher may say nothing before the download is given up.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A folder of this machine that holds the data, or null.</summary>
    public string? Find(ImageFiles data)
    {
        string?[] folders = [Given is null ? null : Path.Combine(Given, data.Name), Path.Combine(Cache, data.Name), Path.Combine(System, data.Name)];
        return folders.FirstOrDefault(folder => folder is not null && ImageFiles.AreIn(folder));
    }

    /// <summary>Downloads the data to the user's cache, each file whole or not at all.</summary>
    /// <param name="data">What.</param>
    /// <param name="progress">Told the bytes received so far, of all files together.</param>
    /// <param name="cancel">Ends the download.</param>
    /// <returns>The folder that holds them now.</returns>
    /// <exception cref="IOException">The publisher cannot be reached or sends something else, or the cache cannot be written.</exception>
    public async Task<string> DownloadAsync(ImageFiles data, IProgress<long>? progress = null, CancellationToken cancel = default)
    {
        string folder = Path.Combine(Cache, data.Name);
        long received = 0;
        using var client = new HttpClient { Timeout = Patience };   // until the headers are there; reads have a clock of their own
        for (int i = 0; i < ImageFiles.Files.Count; i++)
        {
            string path = Path.Combine(folder, ImageFiles.Files[i]), digest = data.Digests[i];
            if (File.Exists(path)) continue;
            var address = new Uri(data.Publisher, ImageFiles.Files[i]);
            try
            {
                Directory.CreateDirectory(folder);
                await AtomicFile.WriteAsync(path, async target =>
                {
                    using var response = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancel).ConfigureAwait(false);
                    response.EnsureSuccessStatusCode();
                    received += await Copy(response, target, digest, bytes => progress?.Report(received + bytes), cancel).ConfigureAwait(false);
                }).ConfigureAwait(false);
            }
            catch (Exception e) when (e is HttpRequestException or UnauthorizedAccessException or IOException
                || (e is OperationCanceledException && !cancel.IsCancellationRequested))
            {
                string why = e is OperationCanceledException ? $"no answer for {Patience.TotalSeconds:0} seconds" : (e.InnerException ?? e).Message;
                throw new IOException($"{address} could not be downloaded: {why}. Put the four files into {folder}, or name a folder that has them.", e);
            }
        }
        return folder;
    }

    private async Task<long> Copy(HttpResponseMessage response, Stream target, string digest, Action<long> report, CancellationToken cancel)
    {
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var source = await response.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        await using var _ = source.ConfigureAwait(false);
        var buffer = new byte[1 << 16];
        long copied = 0;
        while (true)
        {
            patience.CancelAfter(Patience);
            int got = await source.ReadAsync(buffer, patience.Token).ConfigureAwait(false);
            if (got == 0) break;
            if ((copied += got) > MostBytes) throw new IOException($"it is over {MostBytes:N0} bytes, which is not the file expected");
            md5.AppendData(buffer, 0, got);
            await target.WriteAsync(buffer.AsMemory(0, got), cancel).ConfigureAwait(false);
            report(copied);
        }
        string found = Convert.ToHexStringLower(md5.GetHashAndReset());
        if (found != digest) throw new IOException($"what was sent is damaged or is something else (MD5 {found}, expected {digest})");
        return copied;
    }

    private static string CacheHome()
    {
        // The XDG base directory specification: a relative path there is to be ignored.
        string? set = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        return Path.IsPathFullyQualified(set ?? "") ? set! : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
    }
}
