namespace Engine.Tests;

/// <summary>The loaders' threads of this process, as the system lists them.</summary>
internal static class DataThreads
{
    public static int Count() => Directory.GetDirectories("/proc/self/task").Count(task =>
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm")).StartsWith("Engine data", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;   // it ended meanwhile
        }
    });

    public static void RequireNone()
    {
        // A thread that was joined may stay in the kernel's list for a moment.
        for (int i = 0; i < 200 && Count() > 0; i++) Thread.Sleep(10);
        Assert.That(Count(), Is.Zero);
    }
}
