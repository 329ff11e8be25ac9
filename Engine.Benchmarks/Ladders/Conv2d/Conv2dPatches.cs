namespace Engine.Benchmarks;

/// <summary>Each window becomes a column of C·R·S numbers, and the convolution a product that MatMul's ladder has made fast: filters by columns. A 3×3 window
/// copies each number nine times.</summary>
internal static unsafe class Conv2dPatches
{
    // y_n = w · X_n with w K × C·R·S and X_n C·R·S × P·Q, X_n[(c, r, s), (p, q)] = x_n,c,p+r−pad,q+s−pad
    public static void Run(float* x, float* w, float* y, Conv2dShape z)
    {
        int depth = z.C * z.R * z.S, pixels = z.P * z.Q;
        using Floats columns = new(depth * pixels);
        for (int n = 0; n < z.N; n++)
        {
            Columns(x + n * z.C * z.H * z.W, columns, z);
            MatMulPacked.Run(w, columns.At, y + n * z.K * pixels, z.K, pixels, depth);
        }
    }

    private static void Columns(float* x, Floats columns, Conv2dShape z)
    {
        columns.Span.Clear();
        float* row = columns.At;
        for (int c = 0; c < z.C; c++)
            for (int r = 0; r < z.R; r++)
                for (int s = 0; s < z.S; s++, row += z.P * z.Q)
                {
                    int first = Math.Max(0, z.Pad - s), count = Math.Min(z.Q, z.W + z.Pad - s) - first;
                    for (int p = Math.Max(0, z.Pad - r); p < Math.Min(z.P, z.H + z.Pad - r) && count > 0; p++)
                        new Span<float>(x + (c * z.H + p + r - z.Pad) * z.W + first + s - z.Pad, count).CopyTo(new Span<float>(row + p * z.Q + first, count));
                }
    }
}
