namespace Engine.Kernels;

/// <summary>The sizes of a 2-D pooling to a size that is given: x is (Planes, H, W) and y (Planes, P, Q), one plane for each image and channel.
/// Window p covers rows ⌊p·H/P⌋ to before ⌈(p+1)·H/P⌉, and columns likewise: windows may overlap by one, and P may be more than H.</summary>
/// <param name="Planes">Images times channels.</param>
/// <param name="H">Height of x.</param>
/// <param name="W">Width of x.</param>
/// <param name="P">Height of y.</param>
/// <param name="Q">Width of y.</param>
public readonly record struct AdaptivePool2dSizes(int Planes, int H, int W, int P, int Q)
{
    internal int InputCount => Planes * H * W;

    internal int OutputCount => Planes * P * Q;

    /// <summary>The window of result (p, q).</summary>
    internal Window At(int p, int q) => new(First(p, H, P), End(p, H, P), First(q, W, Q), End(q, W, Q));

    /// <summary>The results whose windows hold number (h, w) of a plane: the same formula with both sizes exchanged, for
    /// ⌊p·H/P⌋ ≤ h &lt; ⌈(p+1)·H/P⌉ says as much as ⌊h·P/H⌋ ≤ p &lt; ⌈(h+1)·P/H⌉.</summary>
    internal Window Over(int h, int w) => new(First(h, P, H), End(h, P, H), First(w, Q, W), End(w, Q, W));

    /// <summary>⌊i·from/to⌋.</summary>
    internal static int First(int i, int from, int to) => (int)((long)i * from / to);

    /// <summary>⌈(i+1)·from/to⌉.</summary>
    internal static int End(int i, int from, int to) => (int)(((i + 1L) * from + to - 1) / to);

    /// <summary>Refuses sizes that are no pooling.</summary>
    internal void Require(string kernel)
    {
        if (Planes < 0 || H < 1 || W < 1 || P < 1 || Q < 1)
            throw new ArgumentException($"{kernel}: {this} is no pooling: both sizes of a plane must be at least 1, before and after.");
    }
}
