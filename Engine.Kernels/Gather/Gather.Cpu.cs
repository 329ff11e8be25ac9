namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    private protected override void GatherCore(View x, View indices, View y, AlongSizes sizes)
    {
        switch (x.DType.Size())
        {
            case 4: Along<Fetch<int>, int>(y, indices, x, sizes, nameof(Gather)); break;
            case 2: Along<Fetch<ushort>, ushort>(y, indices, x, sizes, nameof(Gather)); break;
            default: Along<Fetch<byte>, byte>(y, indices, x, sizes, nameof(Gather)); break;
        }
    }

    private protected override void ScatterCore(View x, View indices, View y, AlongSizes sizes)
    {
        switch (x.DType.Size())
        {
            case 4: Along<Put<int>, int>(x, indices, y, sizes, nameof(Scatter)); break;
            case 2: Along<Put<ushort>, ushort>(x, indices, y, sizes, nameof(Scatter)); break;
            default: Along<Put<byte>, byte>(x, indices, y, sizes, nameof(Scatter)); break;
        }
    }

    private protected override void ScatterAddCore(View x, View indices, View y, AlongSizes sizes)
        => Along<AddTo, float>(x, indices, y, sizes, nameof(ScatterAdd));

    private protected override void ScatterBackwardCore(View indices, View dy, View dx, AlongSizes sizes)
        => Along<TakeAway, float>(dx, indices, dy, sizes, nameof(ScatterBackward));

    /// <summary>Chunks of lines; where these are few, each is cut too: along the list where places are read, and where they are written each
    /// chunk owns some of them and walks the whole list in order.</summary>
    private void Along<M, T>(View listed, View indices, View places, AlongSizes sizes, string kernel) where M : struct, IMove<T> where T : unmanaged
    {
        const int chunksWanted = 16;
        CheckRows(indices, sizes.Bound, kernel);
        nint list = (nint)Pointer<T>(listed), index = (nint)Pointer<int>(indices), to = (nint)Pointer<T>(places);
        int linesAtOnce = Math.Max(1, ElementwiseGrain / sizes.Count), across = Parts(sizes.Lines.Count, linesAtOnce);
        int cut = M.WritesPlaces ? sizes.Bound : sizes.Count;
        int down = sizes.Total <= ElementwiseGrain ? 1 : Math.Clamp(chunksWanted / across, 1, cut), part = Parts(cut, down);
        workers.For(across * down, chunk =>
        {
            int line = chunk % across * linesAtOnce, first = chunk / across * part;
            if (first >= cut) return;                               // parts are rounded up, so that the last may have nothing left
            AlongLines<M, T>((T*)list, (int*)index, (T*)to, sizes, line, Math.Min(line + linesAtOnce, sizes.Lines.Count), first, Math.Min(part, cut - first));
        });
    }

    private static void AlongLines<M, T>(T* listed, int* indices, T* places, AlongSizes sizes, int line, int end, int first, int part)
        where M : struct, IMove<T> where T : unmanaged
    {
        const int most = 64;
        int* lists = stackalloc int[most], lines = stackalloc int[most];
        int atOnce = sizes.IndexStride == 1 ? 1 : most;             // neighbouring lines together, where a line's own numbers lie apart
        int begin = M.WritesPlaces ? 0 : first, count = M.WritesPlaces ? sizes.Count : part;
        for (; line < end; line += atOnce)
        {
            int n = Math.Min(atOnce, end - line);
            for (int k = 0; k < n; k++)
            {
                lists[k] = sizes.Lines.Offset(line + k, sizes.Indices);
                lines[k] = sizes.Lines.Offset(line + k, sizes.X);
            }
            for (int m = 0; m < count; m++)
            {
                int along = (M.Reversed ? count - 1 - m : begin + m) * sizes.IndexStride;
                for (int k = 0; k < n; k++)
                {
                    int at = lists[k] + along, index = indices[at];
                    if (!M.WritesPlaces || (uint)(index - first) < (uint)part) M.Move(ref listed[at], ref places[lines[k] + index * sizes.Stride]);
                }
            }
        }
    }
}
