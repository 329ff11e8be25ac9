namespace Engine.Kernels;

public sealed unsafe partial class CpuDevice
{
    private protected override void StridedCopyCore(View x, View y, CopySizes sizes)
    {
        switch (x.DType.Size())
        {
            case 4: StridedCopy<uint>(x, y, sizes); break;
            case 2: StridedCopy<ushort>(x, y, sizes); break;
            default: StridedCopy<byte>(x, y, sizes); break;
        }
    }

    private void StridedCopy<T>(View x, View y, CopySizes sizes) where T : unmanaged
    {
        if (TransposeSizes.TryFrom(sizes, out var transposes)) Transposes(Pointer<T>(x) + sizes.Start, Pointer<T>(y), transposes);
        else CopyRows(Pointer<T>(x) + sizes.Start, Pointer<T>(y), sizes);
    }

    /// <summary>Row by row along the innermost axis, rows cut at <see cref="ElementwiseGrain"/>.</summary>
    private void CopyRows<T>(T* x, T* y, CopySizes sizes) where T : unmanaged
    {
        nint from = (nint)x, to = (nint)y;
        int inner = sizes.Sizes.A5, near = sizes.Sizes.A4;
        int rowsAtOnce = Math.Max(1, ElementwiseGrain / inner), piece = Math.Min(inner, ElementwiseGrain);
        int pieces = Parts(inner, piece), rows = sizes.Count / inner;
        workers.For(Parts(rows, rowsAtOnce) * pieces, (from, to, sizes, inner, near, rows, rowsAtOnce, piece, pieces), static (chunk, given) =>
        {
            var (from, to, sizes, inner, near, rows, rowsAtOnce, piece, pieces) = given;
            int begin = chunk % pieces * piece, n = Math.Min(piece, inner - begin);
            int row = chunk / pieces * rowsAtOnce, last = Math.Min(rows, row + rowsAtOnce);
            while (row < last)
            {
                // The next axis out is stepped through; only the others cost divisions.
                int at = row * inner + begin, run = Math.Min(near - row % near, last - row);
                T* px = (T*)from + sizes.Sizes.Offset(at, sizes.From), py = (T*)to + sizes.Sizes.Offset(at, sizes.To);
                for (int k = 0; k < run; k++) CopyRow(px + (long)k * sizes.From.A4, py + (long)k * sizes.To.A4, n, sizes.From.A5, sizes.To.A5);
                row += run;
            }
        });
    }

    private static void CopyRow<T>(T* x, T* y, int n, int from, int to) where T : unmanaged
    {
        if (from == 1 && to == 1) new ReadOnlySpan<T>(x, n).CopyTo(new Span<T>(y, n));
        else if (from == 0 && to == 1) new Span<T>(y, n).Fill(*x);
        else if (from == -1 && to == 1) CopyBackward(x, y, n);
        else for (int i = 0; i < n; i++) y[(long)i * to] = x[(long)i * from];
    }

    /// <summary>y[i] = x[−i].</summary>
    private static void CopyBackward<T>(T* x, T* y, int n) where T : unmanaged
    {
        var row = new Span<T>(y, n);
        new ReadOnlySpan<T>(x - (n - 1), n).CopyTo(row);
        row.Reverse();
    }
}
