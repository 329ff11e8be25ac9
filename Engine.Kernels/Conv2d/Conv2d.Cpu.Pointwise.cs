namespace Engine.Kernels;

/// <remarks>The gradient of a 1×1 filter of stride 1 is a sum of matrix products of whole planes as they lie: dW = Σ over images of dy·xᵀ.</remarks>
public sealed unsafe partial class CpuDevice
{
    /// <summary>Numbers of a plane from which on it is a product of its own.</summary>
    private const int PointwisePixels = 512;

    private static bool IsPointwise(Conv2dSizes z) => z is { R: 1, S: 1, StrideH: 1, StrideW: 1, PadH: 0, PadW: 0, Groups: 1 };

    private void PointwiseBackwardWeight(nint x, nint dy, nint dw, Conv2dSizes z)
    {
        var first = new Product { A = (float*)dy, ARow = z.Pixels, AColumn = 1, B = (float*)x, BRow = 1, BColumn = z.Pixels, C = (float*)dw, CRow = z.C, CColumn = 1, M = z.K, N = z.C, K = z.Pixels };
        for (int n = 0; n < z.N; n++)
            Gemm.Run(first with { A = first.A + (nint)n * z.K * z.Pixels, B = first.B + (nint)n * z.C * z.Pixels, Accumulate = n > 0 }, workers);
    }
}
