namespace Engine.Kernels;

public sealed partial class ReferenceDevice
{
    // (y_p, y_q) = (x_p cos θ − x_q sin θ, x_q cos θ + x_p sin θ) for the i-th pair (p, q) of a head
    private protected override void RotaryCore(View x, View table, View y, RotarySizes sizes, bool inverse)
    {
        Span<double> X = Values(x), T = Values(table), Y = Values(y);
        int half = sizes.Width / 2;
        for (int row = 0; row < sizes.Batch * sizes.Steps; row++)
            for (int head = 0; head < sizes.Heads; head++)
                for (int i = 0; i < half; i++)
                {
                    int angles = (sizes.First + row % sizes.Steps) * sizes.Width, from = (row * sizes.Heads + head) * sizes.Width;
                    int p = from + (sizes.Halves ? i : 2 * i), q = sizes.Halves ? p + half : p + 1;
                    double cos = T[angles + i], sin = inverse ? -T[angles + half + i] : T[angles + half + i];
                    (Y[p], Y[q]) = (X[p] * cos - X[q] * sin, X[q] * cos + X[p] * sin);
                }
    }
}
