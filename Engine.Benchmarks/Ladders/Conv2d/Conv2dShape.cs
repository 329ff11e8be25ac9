namespace Engine.Benchmarks;

/// <summary>Images (N, C, H, W), filters (K, C, R, S), a border of zeros <paramref name="Pad"/> wide, stride 1; results (N, K, P, Q).</summary>
internal readonly record struct Conv2dShape(int N, int C, int H, int W, int K, int R, int S, int Pad)
{
    public int P => H + 2 * Pad - R + 1;

    public int Q => W + 2 * Pad - S + 1;
}
