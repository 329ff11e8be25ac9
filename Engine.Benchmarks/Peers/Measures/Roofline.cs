namespace Engine.Peers;

/// <summary>The least time that a machine allows: it cannot multiply faster than its peak, nor move bytes faster than its memory or caches.</summary>
/// <remarks>Source: Williams, Waterman and Patterson 2009, "Roofline", doi:10.1145/1498765.1498785.</remarks>
internal sealed class Roofline
{
    private const int LeastBits = 18, MostBits = 29;

    private readonly double[] gigaBytes;

    /// <param name="gigaFlops">The peak of multiplications and additions, on all threads.</param>
    /// <param name="bandwidth">GB/s of a loop over so many bytes, on all threads.</param>
    public Roofline(double gigaFlops, Func<long, double> bandwidth)
    {
        GigaFlops = gigaFlops;
        gigaBytes = [.. Enumerable.Range(LeastBits, MostBits - LeastBits + 1).Select(bits => bandwidth(1L << bits))];
    }

    /// <summary>The peak of multiplications and additions.</summary>
    public double GigaFlops { get; }

    /// <summary>The sizes that bandwidth was measured at, in bytes, and GB/s.</summary>
    public IEnumerable<(long Bytes, double GigaBytes)> Bandwidths => gigaBytes.Select((g, i) => (1L << (LeastBits + i), g));

    /// <summary>GB/s of a loop over the next power of two of bytes: what fits a cache has the cache's.</summary>
    public double GigaBytesOf(double bytes) => gigaBytes[Math.Clamp((int)Math.Ceiling(Math.Log2(Math.Max(bytes, 1))), LeastBits, MostBits) - LeastBits];

    /// <summary>max(FLOPs / peak, bytes / bandwidth).</summary>
    public double LeastSeconds(double flops, double bytes) => Math.Max(flops / GigaFlops, bytes / GigaBytesOf(bytes)) / 1e9;

    /// <summary>The share of the machine's limit that a time reaches; over 1 where a method does without some of the arithmetic, as Winograd's.</summary>
    public double Share(double flops, double bytes, double seconds) => LeastSeconds(flops, bytes) / seconds;
}
