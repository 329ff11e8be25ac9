namespace Engine.Kernels;

public sealed partial class ReferenceDevice
{
    // y_nkpq = f(b_k + Σ_crs w_kcrs x_nchw)   with h = p·stride + r·dilation − pad, w likewise, and x = 0 outside
    private protected override void Conv2dForwardCore(View x, View w, View y, Conv2dSizes sizes, View? bias, Activation activation)
    {
        var output = Values(y);
        output.Clear();
        var b = bias is { } given ? Values(given) : default;
        ForEachTerm(sizes, Values(x), Values(w), output, (X, W, Y, at, xi, wi) => Y[at] += X[xi] * W[wi]);
        for (int at = 0; at < output.Length; at++)
            output[at] = Activate(output[at] + (b.IsEmpty ? 0 : b[at / sizes.Pixels % sizes.K]), activation);
    }

    // dx_nchw = Σ w_kcrs dy_nkpq over the same terms
    private protected override void Conv2dBackwardInputCore(View w, View dy, View dx, Conv2dSizes sizes)
    {
        var result = Values(dx);
        result.Clear();
        ForEachTerm(sizes, result, Values(w), Values(dy), (DX, W, DY, at, xi, wi) => DX[xi] += W[wi] * DY[at]);
    }

    // dw_kcrs = Σ dy_nkpq x_nchw over the same terms
    private protected override void Conv2dBackwardWeightCore(View x, View dy, View dw, Conv2dSizes sizes)
    {
        var result = Values(dw);
        result.Clear();
        ForEachTerm(sizes, Values(x), result, Values(dy), (X, DW, DY, at, xi, wi) => DW[wi] += X[xi] * DY[at]);
    }

    // db_k = Σ_npq dy_nkpq
    private protected override void Conv2dBackwardBiasCore(View dy, View db, Conv2dSizes sizes)
    {
        Span<double> gradient = Values(dy), result = Values(db);
        result.Clear();
        for (int at = 0; at < gradient.Length; at++) result[at / sizes.Pixels % sizes.K] += gradient[at];
    }

    private delegate void Conv2dTerm(Span<double> x, Span<double> w, Span<double> y, int at, int xi, int wi);

    /// <summary>Calls <paramref name="term"/> once for each multiplication of the forward pass: y[at] takes x[xi] · w[wi].</summary>
    private static void ForEachTerm(Conv2dSizes z, Span<double> x, Span<double> w, Span<double> y, Conv2dTerm term)
    {
        int at = 0;
        for (int n = 0; n < z.N; n++)
            for (int k = 0; k < z.K; k++)
                for (int p = 0; p < z.P; p++)
                    for (int q = 0; q < z.Q; q++, at++)
                        for (int c = 0; c < z.GroupC; c++)
                            for (int r = 0; r < z.R; r++)
                                for (int s = 0; s < z.S; s++)
                                {
                                    int row = p * z.StrideH + r * z.DilationH - z.PadH, column = q * z.StrideW + s * z.DilationW - z.PadW;
                                    if (row < 0 || row >= z.H || column < 0 || column >= z.W) continue;
                                    int channel = k / z.GroupK * z.GroupC + c;
                                    term(x, w, y, at, ((n * z.C + channel) * z.H + row) * z.W + column, ((k * z.GroupC + c) * z.R + r) * z.S + s);
                                }
    }
}
