using System.Diagnostics;

namespace Engine.Layers;

/// <summary>Sums up for how long a loader held up those who took its batches, on whichever threads.</summary>
internal sealed class WaitClock
{
    private long ticks;

    /// <summary>All of it.</summary>
    public TimeSpan Total => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref ticks));

    /// <summary>Adds what has passed since a timestamp.</summary>
    public void AddSince(long start) => Interlocked.Add(ref ticks, Stopwatch.GetTimestamp() - start);
}
