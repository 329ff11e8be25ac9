namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    /// <summary>Multiplications below which a product stays on one thread: about ten microseconds.</summary>
    private const int LeastSharedWork = 1 << 19;

    private protected override void MatMulCore(Matrices a, Matrices b, Matrices c, MatMulSizes sizes, View? bias, Activation activation, bool accumulate)
    {
        var (m, n, k, batch, heads) = sizes;
        var first = new Product
        {
            A = Floats(a.Data),
            ARow = a.RowStride,
            AColumn = a.ColumnStride,
            B = Floats(b.Data),
            BRow = b.RowStride,
            BColumn = b.ColumnStride,
            C = Floats(c.Data),
            CRow = c.RowStride,
            CColumn = c.ColumnStride,
            M = m,
            N = n,
            K = k,
            Bias = bias is { } given ? Floats(given) : null,
            Activation = activation,
            Accumulate = accumulate,
        };
        // Tiles write rows of C: where its columns are what lies together, take the transpose of everything.
        bool transpose = c.ColumnStride != 1 && c.RowStride == 1 && bias is null;
        var products = new Products(first, a, b, c, heads, transpose);
        if (first.Work >= 4 * LeastSharedWork || batch * heads == 1)
            for (int i = 0; i < batch * heads; i++) Gemm.Run(products.At(i), first.Work < LeastSharedWork ? null : workers);
        else
            workers.For(batch * heads, (int)Math.Max(1, LeastSharedWork / Math.Max(1, first.Work)), products, static (begin, end, products) =>
            {
                for (int i = begin; i < end; i++) Gemm.Run(products.At(i));
            });
    }

    /// <summary>The products of a batch and its heads.</summary>
    private readonly struct Products(Product first, Matrices a, Matrices b, Matrices c, int heads, bool transpose)
    {
        public Product At(int index)
        {
            int h = index % heads, s = index / heads;
            var product = first with
            {
                A = first.A + (nint)s * a.BatchStride + (nint)h * a.HeadStride,
                B = first.B + (nint)s * b.BatchStride + (nint)h * b.HeadStride,
                C = first.C + (nint)s * c.BatchStride + (nint)h * c.HeadStride,
            };
            return transpose ? product.Transposed : product;
        }
    }
}
