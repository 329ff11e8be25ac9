namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    private protected override void ReduceCore<R>(View x, View y, ReduceSizes sizes)
    {
        nint px = (nint)Floats(x), py = (nint)Floats(y);
        workers.For(sizes.Count, Math.Max(1, ElementwiseGrain / Math.Max(1, sizes.N)), (begin, end) =>
        {
            for (int at = begin; at < end; at++)
            {
                float* from = (float*)px + (long)(at / sizes.Inner) * sizes.N * sizes.Inner + at % sizes.Inner;
                var state = R.Start();
                for (int n = 0; n < sizes.N; n++) state = R.Add(state, from[(long)n * sizes.Inner], n);
                ((float*)py)[at] = R.Finish(state, sizes.N);
            }
        });
    }
}
