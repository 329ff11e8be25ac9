namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    /// <summary>Numbers of whole rows that one thread sorts at a time.</summary>
    private const int SortGrain = 1024;

    // A key with its index behind it is a whole number like no other: any sort of these is stable.
    private protected override void ArgSortCore(View x, View y, int rows, int columns, bool descending)
    {
        nint px = (nint)Floats(x), py = (nint)Pointer<int>(y);
        workers.For(rows, Math.Max(1, SortGrain / columns), (begin, end) =>
        {
            var pairs = GC.AllocateUninitializedArray<ulong>(columns);
            for (int row = begin; row < end; row++)
            {
                float* from = (float*)px + (long)row * columns;
                int* to = (int*)py + (long)row * columns;
                for (int c = 0; c < columns; c++) pairs[c] = (ulong)SortKey.Of(from[c], descending ? 1 : 0) << 32 | (uint)c;
                Array.Sort(pairs);
                for (int c = 0; c < columns; c++) to[c] = (int)(uint)pairs[c];
            }
        });
    }
}
