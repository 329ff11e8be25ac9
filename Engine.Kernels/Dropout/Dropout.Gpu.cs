using ILGPU;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    private protected override void DropoutCore(View x, View y, uint least, double scale, ulong key, ulong block)
        => Launch(DropoutKernel, Linear((y.Length + 3) / 4), Floats(x), Floats(y), y.Length, least, (float)scale, key, block);

    // One thread a block of four words.
    private static void DropoutKernel(ArrayView<float> x, ArrayView<float> y, int n, uint least, float scale, ulong key, ulong block)
    {
        int i = Grid.GlobalIndex.X, at = i * 4;
        if (at >= n) return;
        Philox.Block(key, block + (ulong)i, out uint x0, out uint x1, out uint x2, out uint x3);
        y[at] = x0 >> 8 >= least ? x[at] * scale : 0f;
        if (at + 1 < n) y[at + 1] = x1 >> 8 >= least ? x[at + 1] * scale : 0f;
        if (at + 2 < n) y[at + 2] = x2 >> 8 >= least ? x[at + 2] * scale : 0f;
        if (at + 3 < n) y[at + 3] = x3 >> 8 >= least ? x[at + 3] * scale : 0f;
    }
}
