using System.Runtime.Intrinsics;

namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    private protected override void DropoutCore(View x, View y, uint least, double scale, ulong key, ulong block)
    {
        nint from = (nint)Floats(x), to = (nint)Floats(y);
        float factor = (float)scale;
        workers.For(y.Length, ElementwiseGrain, (from, to, factor, least, key, block), static (begin, end, given) =>
        {
            var (from, to, factor, least, key, block) = given;
            uint* room = stackalloc uint[PhiloxVector.Room], words = PhiloxVector.Align(room);
            for (int i = begin; i < end; i += PhiloxVector.Words)
            {
                PhiloxVector.Make(key, block + (ulong)(i >> 2), words);
                for (int k = 0; k < PhiloxVector.Words && i + k < end; k += Width)
                {
                    int left = end - i - k;
                    var keep = Vector512.GreaterThanOrEqual(Vector512.Load(words + k) >> 8, Vector512.Create(least)).AsSingle();
                    float* u = (float*)from + i + k, v = (float*)to + i + k;
                    if (left >= Width) Vector512.ConditionalSelect(keep, Vector512.Load(u) * factor, Vector512<float>.Zero).Store(v);
                    else StoreTail(Vector512.ConditionalSelect(keep, LoadTail(u, left) * factor, Vector512<float>.Zero), v, left);
                }
            }
        });
    }
}
