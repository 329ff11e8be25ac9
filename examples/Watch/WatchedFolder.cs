namespace Engine.Examples;

/// <summary>A run found in a folder.</summary>
/// <param name="Name">Its folder's path below the one that is watched, with slashes; "." for that one itself.</param>
/// <param name="Folder">Where it is.</param>
/// <param name="Logs">The files of its log, in order.</param>
/// <param name="IsEvents">Whether they are TensorBoard's.</param>
internal sealed record WatchedRun(string Name, string Folder, IReadOnlyList<string> Logs, bool IsEvents);

/// <summary>A folder with runs in it. Runs are found by looking, never by putting a name that was sent after the folder's path.</summary>
internal sealed class WatchedFolder(string given)
{
    private const int MostRuns = 50, Depth = 3;

    private static readonly EnumerationOptions Below = new() { RecurseSubdirectories = true, MaxRecursionDepth = Depth - 1, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = true };

    private static readonly EnumerationOptions Here = new() { IgnoreInaccessible = true };

    /// <summary>The folder, as it was named.</summary>
    public string Given => given;

    /// <summary>The folder's full path.</summary>
    public string Path { get; } = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(given));

    /// <summary>The folder itself and those below it, three deep at most, that have a log, by name; where there are more than
    /// fifty, those written to last. Empty where there is no such folder.</summary>
    public IReadOnlyList<WatchedRun> Runs()
    {
        if (!Directory.Exists(Path)) return [];
        try
        {
            return [.. Directory.EnumerateDirectories(Path, "*", Below).Prepend(Path).Select(Run).OfType<WatchedRun>()
                .OrderByDescending(run => File.GetLastWriteTimeUtc(run.Logs[^1])).Take(MostRuns).OrderBy(run => run.Name, StringComparer.Ordinal)];
        }
        catch (DirectoryNotFoundException)
        {
            return [];                                              // taken away while looking
        }
    }

    /// <summary>The run of that name; null where there is none.</summary>
    public WatchedRun? Find(string? name) => Runs().FirstOrDefault(run => run.Name == name);

    private WatchedRun? Run(string folder)
    {
        string name = System.IO.Path.GetRelativePath(Path, folder).Replace('\\', '/'), log = System.IO.Path.Combine(folder, Layers.RunFolder.LogName);
        if (File.Exists(log)) return new WatchedRun(name, folder, [log], IsEvents: false);
        string[] events = Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "events.out.tfevents.*", Here).Order(StringComparer.Ordinal)] : [];
        return events.Length == 0 ? null : new WatchedRun(name, folder, events, IsEvents: true);
    }
}
