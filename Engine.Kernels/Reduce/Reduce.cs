namespace Engine.Kernels;

/// <summary>x is (Outer, N, Inner), row-major, and the result (Outer, Inner).</summary>
public readonly record struct ReduceSizes(int Outer, int N, int Inner)
{
    /// <summary>How many results.</summary>
    public int Count => Outer * Inner;
}

public abstract partial class Device
{
    /// <summary>y[o, i] = R over n of x[o, n, i].</summary>
    /// <param name="x">Float32, (Outer, N, Inner).</param>
    /// <param name="y">(Outer, Inner), Float32 or Int32 as R makes it.</param>
    /// <param name="sizes">The three sizes.</param>
    /// <param name="scale">What a sum is multiplied by at the end: 1/N makes it a mean. Reducers that sum nothing leave it alone.</param>
    public void Reduce<R, T>(View x, View y, ReduceSizes sizes, double scale = 1) where R : struct, IReducer<T> where T : unmanaged
    {
        Check(x, DType.Float32, sizes.Count * sizes.N);
        Check(y, typeof(T) == typeof(int) ? DType.Int32 : DType.Float32, sizes.Count);
        if (y.Length > 0) ReduceCore<R, T>(x, y, sizes, scale);
        Done(R.Name, x, y);
    }

    private protected abstract void ReduceCore<R, T>(View x, View y, ReduceSizes sizes, double scale)
        where R : struct, IReducer<T> where T : unmanaged;
}
