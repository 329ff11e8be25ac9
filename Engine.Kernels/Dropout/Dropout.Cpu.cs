namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    private protected override void DropoutCore(View x, View y, uint least, double scale, ulong key, ulong block)
    {
        nint from = (nint)Floats(x), to = (nint)Floats(y);
        float factor = (float)scale;
        workers.For(y.Length, ElementwiseGrain, (begin, end) =>
        {
            Span<uint> words = stackalloc uint[4];
            for (int i = begin; i < end; i += 4)
            {
                Philox.Block(key, block + (ulong)(i >> 2), out words[0], out words[1], out words[2], out words[3]);
                for (int k = 0; k < 4 && i + k < end; k++) ((float*)to)[i + k] = words[k] >> 8 >= least ? ((float*)from)[i + k] * factor : 0;
            }
        });
    }
}
