namespace Engine.Kernels;

public sealed partial class ReferenceDevice
{
    // y_m = x_{i_m}
    private protected override void GatherCore(View x, View indices, View y, AlongSizes sizes)
    {
        Span<double> X = Values(x), Y = Values(y);
        foreach (var (listed, place) in Along(indices, sizes, nameof(Gather))) Y[listed] = X[place];
    }

    // y_{i_m} = x_m, one m after the other
    private protected override void ScatterCore(View x, View indices, View y, AlongSizes sizes)
    {
        Span<double> X = Values(x), Y = Values(y);
        foreach (var (listed, place) in Along(indices, sizes, nameof(Scatter))) Y[place] = X[listed];
    }

    // y_{i_m} ← y_{i_m} + x_m
    private protected override void ScatterAddCore(View x, View indices, View y, AlongSizes sizes)
    {
        Span<double> X = Values(x), Y = Values(y);
        foreach (var (listed, place) in Along(indices, sizes, nameof(ScatterAdd))) Y[place] += X[listed];
    }

    // dx_m = dy_{i_m} where m is the last of its index, else 0; then dy_{i_m} = 0
    private protected override void ScatterBackwardCore(View indices, View dy, View dx, AlongSizes sizes)
    {
        Span<double> DY = Values(dy), DX = Values(dx);
        var pairs = Along(indices, sizes, nameof(ScatterBackward));
        pairs.Reverse();
        foreach (var (listed, place) in pairs) (DX[listed], DY[place]) = (DY[place], 0);
    }

    /// <summary>Each index's own place and the place that it names, line by line.</summary>
    private static List<(int Listed, int Place)> Along(View indices, AlongSizes sizes, string kernel)
    {
        var pairs = new List<(int, int)>(sizes.Total);
        for (int line = 0; line < sizes.Lines.Count; line++)
        {
            for (int m = 0; m < sizes.Count; m++)
            {
                int listed = sizes.Lines.Offset(line, sizes.Indices) + m * sizes.IndexStride, index = (int)Values(indices)[listed];
                if ((uint)index >= (uint)sizes.Bound) throw BadIndex(kernel, listed, index, sizes.Bound);
                pairs.Add((listed, sizes.Lines.Offset(line, sizes.X) + index * sizes.Stride));
            }
        }
        return pairs;
    }
}
