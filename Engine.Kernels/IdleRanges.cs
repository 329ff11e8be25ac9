namespace Engine.Kernels;

/// <summary>What of a block is idle: ranges in order that do not touch. A range is cut where the first one is long enough, and grows together with its neighbours
/// when it comes back.</summary>
/// <remarks>First fit keeps what lives long at the front, so the rest stays in one piece. Source: Knuth, The Art of Computer Programming 1, 2.5.</remarks>
internal sealed class IdleRanges(long bytes)
{
    private readonly List<(long Offset, long Bytes)> ranges = [(0, bytes)];

    /// <summary>Whether nothing is lent.</summary>
    public bool AreAll => ranges is [(0, var length)] && length == bytes;

    /// <summary>The length of each.</summary>
    public IEnumerable<long> Lengths => ranges.Select(range => range.Bytes);

    /// <summary>Lends that many bytes: where they begin, or −1 where no range is as long.</summary>
    public long Cut(long length)
    {
        for (int i = 0; i < ranges.Count; i++)
        {
            var (offset, idle) = ranges[i];
            if (idle < length) continue;
            if (idle == length) ranges.RemoveAt(i);
            else ranges[i] = (offset + length, idle - length);
            return offset;
        }
        return -1;
    }

    /// <summary>Takes back what <see cref="Cut"/> lent.</summary>
    public void Return(long offset, long length)
    {
        int after = 0;
        while (after < ranges.Count && ranges[after].Offset < offset) after++;
        if (after < ranges.Count && ranges[after].Offset == offset + length)
        {
            length += ranges[after].Bytes;
            ranges.RemoveAt(after);
        }
        if (after > 0 && ranges[after - 1] is var (before, idle) && before + idle == offset) ranges[after - 1] = (before, idle + length);
        else ranges.Insert(after, (offset, length));
    }
}
