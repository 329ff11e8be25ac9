namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    private protected override void FillCore(View y, double value)
    {
        switch (y.DType)
        {
            case DType.Float32: FillWith(y, (float)value); break;
            case DType.Int32: FillWith(y, (int)value); break;
            default: FillWith(y, (byte)value); break;
        }
    }

    private void FillWith<T>(View y, T value) where T : unmanaged
    {
        nint to = (nint)Pointer<T>(y);
        workers.For(y.Length, ElementwiseGrain, (begin, end) => new Span<T>((T*)to + begin, end - begin).Fill(value));
    }

    private protected override void FillArangeCore(View y, double start, double step)
    {
        switch (y.DType)
        {
            case DType.Float32:
                for (int i = 0; i < y.Length; i++) Floats(y)[i] = (float)(start + i * step);
                break;
            case DType.Int32:
                for (int i = 0; i < y.Length; i++) Pointer<int>(y)[i] = (int)(start + i * step);
                break;
            default:
                for (int i = 0; i < y.Length; i++) Pointer<byte>(y)[i] = (byte)(start + i * step);
                break;
        }
    }

    private protected override void FillUniformCore(View y, ulong key, ulong block, double low, double high)
    {
        nint to = (nint)Floats(y);
        float least = (float)low, range = (float)high - (float)low;
        workers.For(y.Length, ElementwiseGrain, (begin, end) =>
        {
            Span<float> four = stackalloc float[4];
            for (int i = begin; i < end; i += 4)
            {
                Uniforms(key, block + (ulong)(i >> 2), four);
                for (int k = 0; k < 4; k++) four[k] = least + range * four[k];
                Put(four, (float*)to, i, end);
            }
        });
    }

    private protected override void FillNormalCore(View y, ulong key, ulong block, double mean, double deviation)
    {
        nint to = (nint)Floats(y);
        float centre = (float)mean, scale = (float)deviation;
        workers.For(y.Length, ElementwiseGrain, (begin, end) =>
        {
            Span<float> four = stackalloc float[4];
            for (int i = begin; i < end; i += 4)
            {
                Uniforms(key, block + (ulong)(i >> 2), four);
                for (int k = 0; k < 4; k += 2)
                {
                    float radius = scale * MathF.Sqrt(-2 * MathF.Log(1 - four[k]));
                    var (sin, cos) = MathF.SinCos(2 * MathF.PI * four[k + 1]);
                    four[k] = centre + radius * cos;
                    four[k + 1] = centre + radius * sin;
                }
                Put(four, (float*)to, i, end);
            }
        });
    }

    private static void Uniforms(ulong key, ulong block, Span<float> four)
    {
        Philox.Block(key, block, out uint x0, out uint x1, out uint x2, out uint x3);
        four[0] = Philox.Uniform(x0);
        four[1] = Philox.Uniform(x1);
        four[2] = Philox.Uniform(x2);
        four[3] = Philox.Uniform(x3);
    }

    private static void Put(ReadOnlySpan<float> four, float* y, int i, int end)
        => four[..Math.Min(4, end - i)].CopyTo(new Span<float>(y + i, end - i));
}
