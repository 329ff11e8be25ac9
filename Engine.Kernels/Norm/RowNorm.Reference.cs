namespace Engine.Kernels;

public sealed partial class ReferenceDevice
{
    // y_rj = (s_rj − m_r) / √(v_r + ε) · weight_c + bias_c with s = x + residual, m = Σ_j s_rj / n or 0, v = Σ_j (s_rj − m_r)² / n
    private protected override void RowNormForwardCore(View x, View? residual, View? sum, View y, RowNorm norm, View? bias, RowNormSizes sizes, double epsilon)
    {
        Span<double> S = Values(x), Y = Values(y), W = Optional(norm.Weight), B = Optional(bias), M = Optional(norm.Mean), Scale = Values(norm.Scale);
        int n = sizes.Columns;
        if (residual is { } added)
        {
            Span<double> X = S, R = Values(added);
            S = Values(sum!.Value);
            for (int i = 0; i < S.Length; i++) S[i] = X[i] + R[i];
        }
        for (int r = 0; r < sizes.Rows; r++)
        {
            double mean = 0, variance = 0;
            if (!M.IsEmpty)
            {
                for (int j = 0; j < n; j++) mean += S[r * n + j] / n;
                M[r] = mean;
            }
            for (int j = 0; j < n; j++) variance += (S[r * n + j] - mean) * (S[r * n + j] - mean) / n;
            Scale[r] = 1 / Math.Sqrt(variance + epsilon);
            for (int j = 0; j < n; j++)
            {
                int c = Channel(r, j, sizes);
                Y[r * n + j] = (S[r * n + j] - mean) * Scale[r] * (W.IsEmpty ? 1 : W[c]) + (B.IsEmpty ? 0 : B[c]);
            }
        }
    }

    // dweight_c = Σ dy x̂, dbias_c = Σ dy; dx = scale_r (g − Σ_j g / n − x̂ Σ_j g x̂ / n) with g = dy · weight_c
    private protected override void RowNormBackwardCore(View x, View dy, RowNorm norm, View? dx, View? dweight, View? dbias, RowNormSizes sizes)
    {
        Span<double> X = Values(x), DY = Values(dy), W = Optional(norm.Weight), M = Optional(norm.Mean), Scale = Values(norm.Scale);
        Span<double> DX = Optional(dx), DW = Optional(dweight), DB = Optional(dbias);
        int n = sizes.Columns;
        DW.Clear();
        DB.Clear();
        for (int r = 0; r < sizes.Rows; r++)
        {
            double mean = M.IsEmpty ? 0 : M[r], sum = 0, product = 0;
            for (int j = 0; j < n; j++)
            {
                int at = r * n + j, c = Channel(r, j, sizes);
                double hat = (X[at] - mean) * Scale[r], g = DY[at] * (W.IsEmpty ? 1 : W[c]);
                sum += g / n;
                product += g * hat / n;
                if (!DW.IsEmpty) DW[c] += DY[at] * hat;
                if (!DB.IsEmpty) DB[c] += DY[at];
            }
            for (int j = 0; j < n && !DX.IsEmpty; j++)
            {
                int at = r * n + j;
                double hat = (X[at] - mean) * Scale[r], g = DY[at] * (W.IsEmpty ? 1 : W[Channel(r, j, sizes)]);
                DX[at] = Scale[r] * (g - (M.IsEmpty ? 0 : sum) - hat * product);
            }
        }
    }

    /// <summary>The channel of number j of a row.</summary>
    private static int Channel(int row, int j, RowNormSizes sizes) => row % sizes.Groups * sizes.Channels + j / sizes.Space;

    private static Span<double> Optional(View? view) => view is { } given ? Values(given) : default;
}
