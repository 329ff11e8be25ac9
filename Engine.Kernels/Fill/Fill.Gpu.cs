using ILGPU;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    private protected override void FillCore(View y, double value)
    {
        switch (y.DType)
        {
            case DType.Float32: Launch(FillKernel, Linear(y.Length), Floats(y), y.Length, (float)value); break;
            case DType.Int32: Launch(FillKernel, Linear(y.Length), Ints(y), y.Length, (int)value); break;
            default: Launch(FillKernel, Linear(y.Length), Bytes(y), y.Length, (byte)value); break;
        }
    }

    private protected override void FillArangeCore(View y, double start, double step)
    {
        switch (y.DType)
        {
            case DType.Float32: Launch(ArangeKernel, Linear(y.Length), Floats(y), y.Length, (float)start, (float)step); break;
            case DType.Int32: Launch(ArangeIntKernel, Linear(y.Length), Ints(y), y.Length, (int)start, (int)step); break;
            default: Launch(ArangeByteKernel, Linear(y.Length), Bytes(y), y.Length, (int)start, (int)step); break;
        }
    }

    private protected override void FillUniformCore(View y, ulong key, ulong block, double low, double high)
        => Launch(UniformKernel, Linear((y.Length + 3) / 4), Floats(y), y.Length, key, block, (float)low, (float)high - (float)low);

    private protected override void FillNormalCore(View y, ulong key, ulong block, double mean, double deviation)
        => Launch(NormalKernel, Linear((y.Length + 3) / 4), Floats(y), y.Length, key, block, (float)mean, (float)deviation);

    private static void FillKernel<T>(ArrayView<T> y, int n, T value) where T : unmanaged
    {
        int i = Grid.GlobalIndex.X;
        if (i < n) y[i] = value;
    }

    private static void ArangeKernel(ArrayView<float> y, int n, float start, float step)
    {
        int i = Grid.GlobalIndex.X;
        if (i < n) y[i] = start + i * step;
    }

    private static void ArangeIntKernel(ArrayView<int> y, int n, int start, int step)
    {
        int i = Grid.GlobalIndex.X;
        if (i < n) y[i] = start + i * step;
    }

    private static void ArangeByteKernel(ArrayView<byte> y, int n, int start, int step)
    {
        int i = Grid.GlobalIndex.X;
        if (i < n) y[i] = (byte)(start + i * step);
    }

    // One thread a block of four words.
    private static void UniformKernel(ArrayView<float> y, int n, ulong key, ulong block, float low, float range)
    {
        int i = Grid.GlobalIndex.X, at = i * 4;
        if (at >= n) return;
        Philox.Block(key, block + (ulong)i, out uint x0, out uint x1, out uint x2, out uint x3);
        y[at] = low + range * Philox.Uniform(x0);
        if (at + 1 < n) y[at + 1] = low + range * Philox.Uniform(x1);
        if (at + 2 < n) y[at + 2] = low + range * Philox.Uniform(x2);
        if (at + 3 < n) y[at + 3] = low + range * Philox.Uniform(x3);
    }

    private static void NormalKernel(ArrayView<float> y, int n, ulong key, ulong block, float mean, float deviation)
    {
        int i = Grid.GlobalIndex.X, at = i * 4;
        if (at >= n) return;
        Philox.Block(key, block + (ulong)i, out uint x0, out uint x1, out uint x2, out uint x3);
        float radius = deviation * Radius(x0), angle = 2 * MathF.PI * Philox.Uniform(x1);
        y[at] = mean + radius * MathF.Cos(angle);
        if (at + 1 < n) y[at + 1] = mean + radius * MathF.Sin(angle);
        radius = deviation * Radius(x2);
        angle = 2 * MathF.PI * Philox.Uniform(x3);
        if (at + 2 < n) y[at + 2] = mean + radius * MathF.Cos(angle);
        if (at + 3 < n) y[at + 3] = mean + radius * MathF.Sin(angle);
    }

    private static float Radius(uint word) => MathF.Sqrt(-2f * FloatMath.Log(1f - Philox.Uniform(word)));
}
