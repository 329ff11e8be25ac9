using ILGPU;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    internal readonly record struct RotaryArguments(int Pairs, int Steps, int Heads, int Width, int First, int Halves, float Sign);

    private protected override void RotaryCore(View x, View table, View y, RotarySizes sizes, bool inverse)
        => Launch(RotaryKernel, Linear(sizes.Count / 2), Floats(x), Floats(table), Floats(y),
            new RotaryArguments(sizes.Count / 2, sizes.Steps, sizes.Heads, sizes.Width, sizes.First, sizes.Halves ? 1 : 0, inverse ? -1f : 1f));

    // A thread a pair.
    private static void RotaryKernel(ArrayView<float> x, ArrayView<float> table, ArrayView<float> y, RotaryArguments z)
    {
        int at = Grid.GlobalIndex.X, half = z.Width / 2;
        if (at >= z.Pairs) return;
        int i = at % half, head = at / half, position = z.First + head / z.Heads % z.Steps;
        int p = head * z.Width + i, q = p + half;
        if (z.Halves == 0)
        {
            p += i;
            q = p + 1;
        }
        float a = x[p], b = x[q], cos = table[position * z.Width + i], sin = table[position * z.Width + half + i] * z.Sign;
        y[p] = a * cos - b * sin;
        y[q] = b * cos + a * sin;
    }
}
