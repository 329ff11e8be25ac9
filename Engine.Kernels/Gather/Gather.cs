namespace Engine.Kernels;

public abstract partial class Device
{
    /// <summary>y = x at the indices along an axis: on each line y[m] = x[indices[m]].</summary>
    /// <param name="x">Any type.</param>
    /// <param name="indices">Int32, each in 0..Bound−1.</param>
    /// <param name="y">x's type, as many as the indices.</param>
    /// <param name="sizes">How indices and x are walked.</param>
    /// <exception cref="IndexException">An index is out of range; on a GPU thrown by the next read.</exception>
    public void Gather(View x, View indices, View y, AlongSizes sizes)
    {
        CheckAlong(x, x.DType, indices, y, sizes, nameof(Gather));
        if (y.Length > 0) GatherCore(x, indices, y, sizes);
        Done(nameof(Gather), x, indices, y);
    }

    /// <summary>y at the indices along an axis = x: on each line y[indices[m]] = x[m], in the order of m, so that of an index that comes again
    /// the last one stays.</summary>
    /// <param name="x">Any type, as many as the indices.</param>
    /// <param name="indices">Int32, each in 0..Bound−1.</param>
    /// <param name="y">x's type; what no index names stays as it is.</param>
    /// <param name="sizes">How indices and y are walked.</param>
    /// <exception cref="IndexException">An index is out of range; on a GPU thrown by the next read.</exception>
    public void Scatter(View x, View indices, View y, AlongSizes sizes)
    {
        CheckAlong(y, x.DType, indices, x, sizes, nameof(Scatter));
        if (x.Length > 0) ScatterCore(x, indices, y, sizes);
        Done(nameof(Scatter), x, indices, y);
    }

    /// <summary>On each line y[indices[m]] += x[m], in the order of m: an index that comes again gives the same bits on every run.</summary>
    /// <param name="x">Float32, as many as the indices.</param>
    /// <param name="indices">Int32, each in 0..Bound−1.</param>
    /// <param name="y">Float32.</param>
    /// <param name="sizes">How indices and y are walked.</param>
    /// <exception cref="IndexException">An index is out of range; on a GPU thrown by the next read.</exception>
    public void ScatterAdd(View x, View indices, View y, AlongSizes sizes)
    {
        CheckAlong(y, DType.Float32, indices, x, sizes, nameof(ScatterAdd));
        if (x.Length > 0) ScatterAddCore(x, indices, y, sizes);
        Done(nameof(ScatterAdd), x, indices, y);
    }

    /// <summary>The gradients of <see cref="Scatter"/>: what it put into y gets dy, but for what it put over again, and what was there
    /// before gets 0.</summary>
    /// <param name="indices">Int32, each in 0..Bound−1.</param>
    /// <param name="dy">Float32; made into the gradient of what was in y before.</param>
    /// <param name="dx">Float32, as many as the indices.</param>
    /// <param name="sizes">How indices and dy are walked.</param>
    public void ScatterBackward(View indices, View dy, View dx, AlongSizes sizes)
    {
        CheckAlong(dy, DType.Float32, indices, dx, sizes, nameof(ScatterBackward));
        if (dx.Length > 0) ScatterBackwardCore(indices, dy, dx, sizes);
        Done(nameof(ScatterBackward), indices, dy, dx);
    }

    private protected abstract void GatherCore(View x, View indices, View y, AlongSizes sizes);

    private protected abstract void ScatterCore(View x, View indices, View y, AlongSizes sizes);

    private protected abstract void ScatterAddCore(View x, View indices, View y, AlongSizes sizes);

    private protected abstract void ScatterBackwardCore(View indices, View dy, View dx, AlongSizes sizes);

    private void CheckAlong(View places, DType dtype, View indices, View listed, AlongSizes sizes, string kernel)
    {
        Check(indices, DType.Int32, sizes.Total, kernel);
        Check(places, dtype, -1, kernel);
        Check(listed, dtype, sizes.Total, kernel);
        if (sizes.Total == 0 || sizes.Bound == 0) return;
        if (Extent(sizes.Lines, sizes.Indices) + (sizes.Count - 1L) * sizes.IndexStride > indices.Length
            || Extent(sizes.Lines, sizes.X) + (sizes.Bound - 1L) * sizes.Stride > places.Length)
            throw new ArgumentException($"{kernel}: {sizes} does not stay within the {indices.Length} indices and the {places.Length} numbers that they name.", nameof(sizes));
    }
}
