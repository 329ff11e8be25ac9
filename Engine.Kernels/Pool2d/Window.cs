namespace Engine.Kernels;

/// <summary>The part of a pooling window that lies within its plane: rows Top..Bottom−1, columns Left..Right−1.</summary>
internal readonly record struct Window(int Top, int Bottom, int Left, int Right)
{
    /// <summary>The window of result (p, q).</summary>
    public static Window At(Pool2dSizes z, int p, int q)
    {
        int top = p * z.StrideH - z.PadH, left = q * z.StrideW - z.PadW;
        return new Window(Math.Max(top, 0), Math.Min(top + z.R, z.H), Math.Max(left, 0), Math.Min(left + z.S, z.W));
    }

    /// <summary>How many numbers of x it holds.</summary>
    public int Count => (Bottom - Top) * (Right - Left);
}
