using ILGPU;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    private protected override void GatherCore(View x, View indices, View y, AlongSizes sizes)
    {
        switch (x.DType.Size())
        {
            case 4: Gather<int>(x, indices, y, sizes); break;
            case 2: Gather<ushort>(x, indices, y, sizes); break;
            default: Gather<byte>(x, indices, y, sizes); break;
        }
    }

    private protected override void ScatterCore(View x, View indices, View y, AlongSizes sizes)
    {
        switch (x.DType.Size())
        {
            case 4: Scatter<Put<int>, int>(x, indices, y, sizes, nameof(Scatter)); break;
            case 2: Scatter<Put<ushort>, ushort>(x, indices, y, sizes, nameof(Scatter)); break;
            default: Scatter<Put<byte>, byte>(x, indices, y, sizes, nameof(Scatter)); break;
        }
    }

    private protected override void ScatterAddCore(View x, View indices, View y, AlongSizes sizes)
        => Scatter<AddTo, float>(x, indices, y, sizes, nameof(ScatterAdd));

    private protected override void ScatterBackwardCore(View indices, View dy, View dx, AlongSizes sizes)
        => Scatter<TakeAway, float>(dx, indices, dy, sizes, nameof(ScatterBackward));

    private void Gather<T>(View x, View indices, View y, AlongSizes sizes) where T : unmanaged
    {
        var (words, code) = ErrorFor(nameof(Gather));
        Launch(GatherKernel, Linear(y.Length), Array<T>(x), Ints(indices), Array<T>(y), sizes, words, code);
    }

    // Neighbouring threads have neighbouring indices: of one line where it lies in order, else of neighbouring lines.
    private static void GatherKernel<T>(ArrayView<T> x, ArrayView<int> indices, ArrayView<T> y, AlongSizes z, ArrayView<int> words, int code) where T : unmanaged
    {
        int i = Grid.GlobalIndex.X, lines = z.Lines.Count;
        if (i >= lines * z.Count) return;
        int line = z.IndexStride == 1 ? i / z.Count : i % lines, m = z.IndexStride == 1 ? i % z.Count : i / lines;
        int at = z.Lines.Offset(line, z.Indices) + m * z.IndexStride, index = indices[at];
        if (index < 0 || index >= z.Bound) ErrorWord.Set(words, code, index, z.Bound, at);
        else y[at] = x[z.Lines.Offset(line, z.X) + index * z.Stride];
    }

    private void Scatter<M, T>(View listed, View indices, View places, AlongSizes sizes, string kernel) where M : struct, IMove<T> where T : unmanaged
    {
        const int threadsWanted = 16384;
        var (words, code) = ErrorFor(kernel);
        int lines = sizes.Lines.Count, down = Math.Clamp(threadsWanted / lines, 1, Math.Max(1, sizes.Bound)), part = (sizes.Bound + down - 1) / down;
        Launch(ScatterKernel<M, T>, Linear(lines * down), Array<T>(listed), Ints(indices), Array<T>(places), sizes, part, words, code);
    }

    // A thread owns some places of one line, and walks all indices of the line in order.
    private static void ScatterKernel<M, T>(ArrayView<T> listed, ArrayView<int> indices, ArrayView<T> places, AlongSizes z, int part, ArrayView<int> words, int code)
        where M : struct, IMove<T> where T : unmanaged
    {
        int i = Grid.GlobalIndex.X, lines = z.Lines.Count, line = i % lines, first = i / lines * part;
        if (i >= lines && first >= z.Bound) return;
        int from = z.Lines.Offset(line, z.Indices), to = z.Lines.Offset(line, z.X);
        for (int n = 0; n < z.Count; n++)
        {
            int at = from + (M.Reversed ? z.Count - 1 - n : n) * z.IndexStride, index = indices[at];
            if (index < 0 || index >= z.Bound)
            {
                if (first == 0) ErrorWord.Set(words, code, index, z.Bound, at);
            }
            else if (index >= first && index < first + part)
            {
                M.Move(ref listed[at], ref places[to + index * z.Stride]);
            }
        }
    }
}
