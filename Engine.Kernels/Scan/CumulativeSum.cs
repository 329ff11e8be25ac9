namespace Engine.Kernels;

public abstract partial class Device
{
    /// <summary>y[o, n, i] = Σ x[o, m, i] over m ≤ n, or over m ≥ n. The order of the sums depends on the sizes alone.</summary>
    /// <param name="x">Float32, (Outer, N, Inner).</param>
    /// <param name="y">Float32, (Outer, N, Inner); not x.</param>
    /// <param name="sizes">The three sizes.</param>
    /// <param name="reversed">Whether the sums begin at the end of the axis.</param>
    public void CumulativeSum(View x, View y, ReduceSizes sizes, bool reversed)
    {
        Check(x, DType.Float32, sizes.Count * sizes.N);
        Check(y, DType.Float32, sizes.Count * sizes.N);
        if (y.Length > 0) CumulativeSumCore(x, y, sizes, reversed);
        Done(nameof(CumulativeSum), x, y);
    }

    private protected abstract void CumulativeSumCore(View x, View y, ReduceSizes sizes, bool reversed);
}
