namespace Engine.Kernels;

/// <summary>Matrices within a view: element (b, h, i, j) is number b·BatchStride + h·HeadStride + i·RowStride + j·ColumnStride. A transpose
/// swaps the last two strides, and a stride of 0 repeats one matrix for the whole batch.</summary>
/// <param name="Data">The numbers, Float32.</param>
/// <param name="RowStride">From one row to the next.</param>
/// <param name="ColumnStride">From one column to the next.</param>
/// <param name="BatchStride">From one matrix of the batch to the next.</param>
/// <param name="HeadStride">From one head to the next.</param>
public readonly record struct Matrices(View Data, int RowStride, int ColumnStride, int BatchStride = 0, int HeadStride = 0)
{
    /// <summary>The same matrices, transposed.</summary>
    public Matrices Transposed => this with { RowStride = ColumnStride, ColumnStride = RowStride };

    /// <summary>The numbers from the first to one past the last that a product touches.</summary>
    internal long Extent(int batch, int heads, int rows, int columns)
        => 1 + (batch - 1L) * BatchStride + (heads - 1L) * HeadStride + (rows - 1L) * RowStride + (columns - 1L) * ColumnStride;
}

/// <summary>Batch × heads products of an M×K by a K×N matrix.</summary>
public readonly record struct MatMulSizes(int M, int N, int K, int Batch = 1, int Heads = 1)
{
    /// <summary>Floating-point operations: a multiplication and an addition for each term.</summary>
    public long Flops => 2L * Batch * Heads * M * N * K;
}

public abstract partial class Device
{
    /// <summary>C[b, h] = activation(A[b, h] · B[b, h] + bias), or without an activation C += A·B + bias.</summary>
    /// <param name="a">M×K matrices.</param>
    /// <param name="b">K×N matrices.</param>
    /// <param name="c">M×N matrices, which overlap neither a nor b nor one another.</param>
    /// <param name="sizes">M, N, K, batch and heads.</param>
    /// <param name="bias">N numbers, added to each row, or nothing.</param>
    /// <param name="activation">Applied last.</param>
    /// <param name="accumulate">Add to what C holds.</param>
    public void MatMul(Matrices a, Matrices b, Matrices c, MatMulSizes sizes, View? bias = null, Activation activation = Activation.None, bool accumulate = false)
    {
        var (m, n, k, batch, heads) = sizes;
        Check(a.Data, DType.Float32);
        Check(b.Data, DType.Float32);
        Check(c.Data, DType.Float32);
        if (bias is { } given) Check(given, DType.Float32, n);
        if (accumulate && activation != Activation.None)
            throw new ArgumentException("MatMul: an activation of a sum that is still being gathered means nothing.", nameof(activation));
        if (m == 0 || n == 0 || batch == 0 || heads == 0) return;
        if ((k > 0 && (a.Extent(batch, heads, m, k) > a.Data.Length || b.Extent(batch, heads, k, n) > b.Data.Length))
            || c.Extent(batch, heads, m, n) > c.Data.Length)
            throw new ArgumentException($"MatMul: the strides reach past the end of the numbers for {sizes}.", nameof(sizes));
        MatMulCore(a, b, c, sizes, bias, activation, accumulate);
        Done(nameof(MatMul), a.Data, b.Data, c.Data, bias ?? default);
    }

    private protected abstract void MatMulCore(Matrices a, Matrices b, Matrices c, MatMulSizes sizes, View? bias, Activation activation, bool accumulate);
}
