namespace Engine.Kernels;

public abstract partial class Device
{
    /// <summary>y[r, c] = exp x[r, c] / Σ_k exp x[r, k], or the logarithm of that.</summary>
    /// <param name="x">Float32, (rows, columns).</param>
    /// <param name="y">Float32, (rows, columns); may be x itself.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="columns">Numbers of each.</param>
    /// <param name="log">The logarithm, which loses nothing where the softmax is near 0.</param>
    public void SoftmaxForward(View x, View y, int rows, int columns, bool log)
    {
        Check(x, DType.Float32, rows * columns);
        Check(y, DType.Float32, rows * columns);
        if (y.Length > 0) SoftmaxForwardCore(x, y, rows, columns, log);
        Done(nameof(SoftmaxForward), x, y);
    }

    /// <summary>dx = y (dy − Σ_k dy_k y_k) for the softmax; dx = dy − exp y · Σ_k dy_k for its logarithm.</summary>
    /// <param name="y">Float32, (rows, columns), the result.</param>
    /// <param name="dy">Float32, (rows, columns).</param>
    /// <param name="dx">Float32, (rows, columns); may be dy itself.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="columns">Numbers of each.</param>
    /// <param name="log">Whether y is the logarithm.</param>
    public void SoftmaxBackward(View y, View dy, View dx, int rows, int columns, bool log)
    {
        Check(y, DType.Float32, rows * columns);
        Check(dy, DType.Float32, rows * columns);
        Check(dx, DType.Float32, rows * columns);
        if (dx.Length > 0) SoftmaxBackwardCore(y, dy, dx, rows, columns, log);
        Done(nameof(SoftmaxBackward), y, dy, dx);
    }

    private protected abstract void SoftmaxForwardCore(View x, View y, int rows, int columns, bool log);

    private protected abstract void SoftmaxBackwardCore(View y, View dy, View dx, int rows, int columns, bool log);
}
