using System.Runtime.Intrinsics;

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
        workers.For(y.Length, ElementwiseGrain, (to, value), static (begin, end, given) => new Span<T>((T*)given.to + begin, end - begin).Fill(given.value));
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
        workers.For(y.Length, ElementwiseGrain, (to, least, range, key, block), static (begin, end, given) =>
        {
            var (to, least, range, key, block) = given;
            uint* room = stackalloc uint[PhiloxVector.Room], words = PhiloxVector.Align(room);
            for (int i = begin; i < end; i += PhiloxVector.Words)
            {
                PhiloxVector.Make(key, block + (ulong)(i >> 2), words);
                for (int k = 0; k < PhiloxVector.Words; k += Width)
                    (PhiloxVector.Uniform(Vector512.Load(words + k)) * range + Vector512.Create(least)).AsUInt32().Store(words + k);
                Put(words, (float*)to, i, end);
            }
        });
    }

    private protected override void FillNormalCore(View y, ulong key, ulong block, double mean, double deviation)
    {
        nint to = (nint)Floats(y);
        float centre = (float)mean, scale = (float)deviation;
        workers.For(y.Length, ElementwiseGrain, (to, centre, scale, key, block), static (begin, end, given) =>
        {
            var (to, centre, scale, key, block) = given;
            uint* room = stackalloc uint[PhiloxVector.Room], words = PhiloxVector.Align(room);
            for (int i = begin; i < end; i += PhiloxVector.Words)
            {
                PhiloxVector.Make(key, block + (ulong)(i >> 2), out var x0, out var x1, out var x2, out var x3);
                var (y0, y1) = Normals(x0, x1, centre, scale);
                var (y2, y3) = Normals(x2, x3, centre, scale);
                PhiloxVector.Interleave(y0, y1, y2, y3, words);
                Put(words, (float*)to, i, end);
            }
        });
    }

    private static (Vector512<uint>, Vector512<uint>) Normals(Vector512<uint> u, Vector512<uint> v, float mean, float deviation)
    {
        var radius = Vector512.Sqrt(VectorMath.Log(Vector512<float>.One - PhiloxVector.Uniform(u)) * -2f) * deviation;
        var (sin, cos) = Vector512.SinCos(PhiloxVector.Uniform(v) * (2 * MathF.PI));
        return ((radius * cos + Vector512.Create(mean)).AsUInt32(), (radius * sin + Vector512.Create(mean)).AsUInt32());
    }

    private static void Put(uint* numbers, float* y, int i, int end)
    {
        int count = Math.Min(PhiloxVector.Words, end - i);
        new ReadOnlySpan<float>(numbers, count).CopyTo(new Span<float>(y + i, count));
    }
}
