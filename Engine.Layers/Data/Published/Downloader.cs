using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace Engine.Layers;

/// <summary>Downloads files: each one whole, checked and then under its name, or not at all. What a broken-off download left beside it, in
/// <c>name.part</c>, is gone on with. Several processes may want the same file; one downloads it, and the others wait.</summary>
public sealed class Downloader : IDisposable
{
    private const int Chunk = 1 << 16, ReportEvery = 100;   // bytes; milliseconds

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly HttpClient client;
    private readonly bool owned;

    /// <summary>A downloader.</summary>
    /// <param name="client">What to ask with; it stays the caller's. One of its own if left out.</param>
    public Downloader(HttpClient? client = null)
        => (this.client, owned) = (client ?? new HttpClient { Timeout = Timeout.InfiniteTimeSpan }, client is null);

    /// <summary>How long a server may say nothing.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often to try again after what may pass: a broken or stalled connection, and the statuses 408, 429 and 5xx.</summary>
    public int Retries { get; init; } = 4;

    /// <summary>The wait before the first new try; each one after that is twice as long, up to 30 seconds.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(.5);

    /// <summary>The largest file taken where no size is known.</summary>
    public long MostBytes { get; init; } = 4L << 30;

    internal Func<string, FileStream> Open { get; init; } = PartFile.Open;

    /// <summary>Downloads a published file, from the first of its addresses that has it.</summary>
    /// <param name="file">Which.</param>
    /// <param name="folder">Where to; it is created.</param>
    /// <param name="progress">Told some ten times a second.</param>
    /// <param name="cancel">Ends it; what has come is kept to go on with.</param>
    /// <returns>The file's path.</returns>
    /// <exception cref="DownloadException">It failed at every address; the last one's error.</exception>
    public async Task<string> DownloadAsync(PublishedFile file, string folder, IProgress<DownloadProgress>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(folder);
        if (file.Addresses.Count == 0) throw new ArgumentException($"{file.Name} has no address to download it from. Put it into {folder} by hand.", nameof(file));
        string path = Path.Combine(folder, file.Name);
        for (int i = 0; ; i++)
        {
            try
            {
                await DownloadAsync(file.Addresses[i], path, file.Bytes, file.Digest, progress, cancel).ConfigureAwait(false);
                return path;
            }
            catch (DownloadException e) when (i + 1 < file.Addresses.Count && e.Fault is not (DownloadFault.DiskFull or DownloadFault.CannotWrite or DownloadFault.Busy))
            {
                // The next address may have it.
            }
        }
    }

    /// <summary>Downloads a file. One that is there already is left as it is, unread.</summary>
    /// <param name="address">From where: http or https.</param>
    /// <param name="path">Where to; its folder is created.</param>
    /// <param name="bytes">Its size, where known; another is refused.</param>
    /// <param name="digest">Its digest, where known; another is refused.</param>
    /// <param name="progress">Told some ten times a second.</param>
    /// <param name="cancel">Ends it; what has come is kept to go on with.</param>
    /// <exception cref="DownloadException">It failed, and nothing stands under that name.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task DownloadAsync(Uri address, string path, long? bytes = null, Digest? digest = null, IProgress<DownloadProgress>? progress = null,
        CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(path);
        var file = new Wanted(address, Path.GetFullPath(path), bytes, digest, progress);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file.Path)!);
            var part = await PartFile.OpenAsync(file.Path, Patience, Open, cancel).ConfigureAwait(false);
            if (part is null) return;
            await using var _ = part.ConfigureAwait(false);
            await TryAgain(file, part, cancel).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw file.Error(DownloadFault.Busy, e.Message.TrimEnd('.'), $"End that process, or delete {PartFile.Name(file.Path)}.", e);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException and not DownloadException)
        {
            throw CannotWrite(file, e);
        }
    }

    private async Task TryAgain(Wanted file, PartFile part, CancellationToken cancel)
    {
        var pause = FirstPause;
        for (int left = Retries; ; left--)
        {
            try
            {
                await Try(file, part, cancel).ConfigureAwait(false);
                part.Finish();
                return;
            }
            catch (DownloadException e) when (e.IsPassing && left > 0)
            {
                await Task.Delay(pause, cancel).ConfigureAwait(false);
                pause = pause + pause < LongestPause ? pause + pause : LongestPause;
            }
        }
    }

    /// <summary>Gets what is lacking, and checks the whole.</summary>
    private async Task Try(Wanted file, PartFile part, CancellationToken cancel)
    {
        var mark = part.Mark(file.Address);
        if (part.Stream.Length > file.Bytes || (mark is null && file.Digest is null)) part.Clear();   // not this file's, or nobody could tell whether it is
        long had = part.Stream.Length;
        if (had == 0 || had != file.Bytes) await Fetch(file, part, mark, cancel).ConfigureAwait(false);
        await Check(file, part, resumed: had > 0, cancel).ConfigureAwait(false);
    }

    private async Task Fetch(Wanted file, PartFile part, RangeConditionHeaderValue? mark, CancellationToken cancel)
    {
        long had = part.Stream.Length;
        using var request = new HttpRequestMessage(HttpMethod.Get, file.Address);
        request.Headers.AcceptEncoding.ParseAdd("identity");
        if (had > 0)
        {
            request.Headers.Range = new RangeHeaderValue(had, null);
            request.Headers.IfRange = mark;
        }
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var response = await Ask(file, request, patience, cancel).ConfigureAwait(false);
        var range = response.Content.Headers.ContentRange;
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && had > 0)
        {
            if (range?.Length == had) return;   // all of it had come
            part.Clear();
            throw file.Error(DownloadFault.Truncated, "the part kept is longer than the server's file", "It was removed; try again.", passing: true);
        }
        if (!response.IsSuccessStatusCode)
            throw file.Error(DownloadFault.Refused, $"the server answered {(int)response.StatusCode} {response.ReasonPhrase}", "See whether the address is still right, or get the file by hand.",
                passing: (int)response.StatusCode is 408 or 429 or >= 500);
        if (response.StatusCode != HttpStatusCode.PartialContent) part.Clear();   // the file changed, or the server knows no ranges
        else if (range?.From != had)
        {
            part.Clear();
            throw file.Error(DownloadFault.Truncated, $"the server sent {range} where bytes from {had} on were asked for", "What had come was removed; try again.", passing: true);
        }
        long? total = range is null ? response.Content.Headers.ContentLength : range.Length ?? part.Stream.Length + response.Content.Headers.ContentLength;
        if ((total ?? 0) > (file.Bytes ?? MostBytes) || (file.Bytes is { } bytes && total is { } other && other != bytes)) throw WrongSize(file, part, total!.Value);
        part.Note(file.Address, response);
        part.Stream.Position = part.Stream.Length;
        await Receive(file, part, response, total, patience, cancel).ConfigureAwait(false);
        if (part.Stream.Length < total) throw CutShort(file, part, total, null);
    }

    private async Task<HttpResponseMessage> Ask(Wanted file, HttpRequestMessage request, CancellationTokenSource patience, CancellationToken cancel)
    {
        try
        {
            patience.CancelAfter(Patience);
            return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw Stalled(file, e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw file.Error(DownloadFault.Unreachable, (e.InnerException ?? e).Message.TrimEnd('.'), "See whether the network is there and the address right, or get the file by hand.", e, passing: true);
        }
    }

    private async Task Receive(Wanted file, PartFile part, HttpResponseMessage response, long? total, CancellationTokenSource patience, CancellationToken cancel)
    {
        var buffer = new byte[Chunk];
        long start = Stopwatch.GetTimestamp(), first = part.Stream.Length, reported = 0;
        void Report()
        {
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            file.Progress?.Report(new DownloadProgress(Path.GetFileName(file.Path), part.Stream.Length, total ?? file.Bytes, seconds > 0 ? (part.Stream.Length - first) / seconds : 0));
            reported = Environment.TickCount64;
        }
        while (true)
        {
            int got = await Read(file, part, response, total, buffer, patience, cancel).ConfigureAwait(false);
            if (got == 0) break;
            if (part.Stream.Length + got > (file.Bytes ?? MostBytes)) throw WrongSize(file, part, part.Stream.Length + got);
            await part.Stream.WriteAsync(buffer.AsMemory(0, got), cancel).ConfigureAwait(false);
            if (Environment.TickCount64 - reported >= ReportEvery) Report();
        }
        Report();
    }

    private async Task<int> Read(Wanted file, PartFile part, HttpResponseMessage response, long? total, byte[] buffer, CancellationTokenSource patience, CancellationToken cancel)
    {
        try
        {
            patience.CancelAfter(Patience);
            var source = await response.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
            return await source.ReadAsync(buffer, patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw Stalled(file, e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw CutShort(file, part, total, e);
        }
    }

    private async Task Check(Wanted file, PartFile part, bool resumed, CancellationToken cancel)
    {
        if (file.Bytes is { } bytes && part.Stream.Length != bytes)
        {
            if (part.Stream.Length < bytes) throw CutShort(file, part, bytes, null);
            throw WrongSize(file, part, part.Stream.Length);
        }
        if (file.Digest is not { } digest) return;
        using var hash = IncrementalHash.CreateHash(new HashAlgorithmName(digest.Name));
        var buffer = new byte[Chunk];
        part.Stream.Position = 0;
        while (await part.Stream.ReadAsync(buffer, cancel).ConfigureAwait(false) is > 0 and int got) hash.AppendData(buffer, 0, got);
        string found = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (found == digest.Hex) return;
        part.Clear();
        // A part of an older file may be at fault, so it is tried once more from the beginning.
        throw file.Error(DownloadFault.WrongDigest, $"what was sent is damaged or is something else ({digest.Name} {found}, expected {digest.Hex})",
            "It was removed. See whether the publisher has a new version, or a proxy answered in its place.", passing: resumed);
    }

    private DownloadException Stalled(Wanted file, Exception e)
        => file.Error(DownloadFault.Stalled, $"no answer for {Patience.TotalSeconds:0.#} seconds", "What came is kept; try again later, or get the file by hand.", e, passing: true);

    private static DownloadException CutShort(Wanted file, PartFile part, long? total, Exception? e)
        => file.Error(DownloadFault.Truncated, $"the connection ended after {part.Stream.Length:N0} of {total?.ToString("N0") ?? "?"} bytes", "They are kept; try again to go on from there.", e, passing: true);

    private DownloadException WrongSize(Wanted file, PartFile part, long found)
    {
        part.Clear();
        return file.Error(DownloadFault.WrongSize, $"it has {found:N0} bytes or more, and {(file.Bytes is { } bytes ? $"{bytes:N0} were expected" : $"{MostBytes:N0} are taken at most")}",
            "It was removed. See whether the publisher has a new version, or a proxy answered in its place.");
    }

    /// <summary>28 is ENOSPC, 122 EDQUOT; 112 and 39 are what Windows says.</summary>
    private static DownloadException CannotWrite(Wanted file, Exception e) => (e.HResult & 0xFFFF) is 28 or 122 or 112 or 39
        ? file.Error(DownloadFault.DiskFull, "there is no room on the disk", "Make room and try again: it goes on from what came.", e)
        : file.Error(DownloadFault.CannotWrite, e.Message.TrimEnd('.'), "Name a folder that can be written to.", e);

    /// <summary>Ends a client of its own.</summary>
    public void Dispose()
    {
        if (owned) client.Dispose();
    }

    private sealed record Wanted(Uri Address, string Path, long? Bytes, Digest? Digest, IProgress<DownloadProgress>? Progress)
    {
        public DownloadException Error(DownloadFault fault, string what, string mend, Exception? inner = null, bool passing = false)
            => new(fault, Address, Path, what, mend, inner) { IsPassing = passing };
    }
}
