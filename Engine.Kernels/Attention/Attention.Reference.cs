namespace Engine.Kernels;

public sealed partial class ReferenceDevice
{
    // s_ij = scale q_i·k_j + mask_ij,  m_i = max_j s_ij,  p_ij = exp(s_ij − m_i) / Σ_j exp(s_ij − m_i),  y_i = Σ_j r_ij p_ij v_j  with r_ij = 1, or 0 or 1/(1 − rate)
    private protected override void AttentionForwardCore(AttentionInputs x, Matrices y, View softmax, AttentionSizes sizes)
    {
        for (int row = 0; row < sizes.Rows; row++)
        {
            var (b, h, i) = Place(row, sizes);
            double[] s = Scores(x, sizes, b, h, i);
            double max = double.NegativeInfinity, sum = 0;
            foreach (double score in s) max = Math.Max(max, score);
            foreach (double score in s) sum += Math.Exp(score - max);
            (max, double inverse) = double.IsNegativeInfinity(max) ? (double.PositiveInfinity, 0) : (max, 1 / sum);
            (Values(softmax)[2 * row], Values(softmax)[2 * row + 1]) = (max, inverse);
            var Y = Row(y, b, h, i, sizes.E);
            Y.Clear();
            for (int j = 0; j < s.Length; j++)
            {
                if (double.IsNegativeInfinity(s[j])) continue;      // hidden, whatever its value
                double p = Math.Exp(s[j] - max) * inverse * Kept(sizes, b, h, i, j);
                var V = Row(x.Values, b, h / sizes.Group, j, sizes.E);
                for (int c = 0; c < sizes.E; c++) Y[c] += p * V[c];
            }
        }
    }

    // dv_j = Σ_i r_ij p_ij dy_i,  ds_ij = p_ij (r_ij dy_i·v_j − dy_i·y_i),  dq_i = scale Σ_j ds_ij k_j,  dk_j = scale Σ_i ds_ij q_i
    private protected override void AttentionBackwardCore(AttentionInputs x, Matrices y, View softmax, Matrices dy, Matrices dq, Matrices dk, Matrices dv, AttentionSizes sizes)
    {
        var (batch, _, keyHeads, _, keys, d, e) = sizes;
        for (int b = 0; b < batch; b++)
            for (int g = 0; g < keyHeads; g++)
                for (int j = 0; j < keys; j++)
                {
                    Row(dk, b, g, j, d).Clear();
                    Row(dv, b, g, j, e).Clear();
                }
        for (int row = 0; row < sizes.Rows; row++)
        {
            var (b, h, i) = Place(row, sizes);
            int g = h / sizes.Group;
            Span<double> Q = Row(x.Queries, b, h, i, d), Y = Row(y, b, h, i, e), DY = Row(dy, b, h, i, e), DQ = Row(dq, b, h, i, d);
            DQ.Clear();
            double[] s = Scores(x, sizes, b, h, i);
            double max = Values(softmax)[2 * row], inverse = Values(softmax)[2 * row + 1], delta = Dot(DY, Y);
            for (int j = 0; j < s.Length; j++)
            {
                if (double.IsNegativeInfinity(s[j])) continue;
                double p = Math.Exp(s[j] - max) * inverse, r = Kept(sizes, b, h, i, j);
                Span<double> K = Row(x.Keys, b, g, j, d), V = Row(x.Values, b, g, j, e), DK = Row(dk, b, g, j, d), DV = Row(dv, b, g, j, e);
                double ds = p * (r * Dot(DY, V) - delta) * sizes.Scale;
                for (int c = 0; c < e; c++) DV[c] += r * p * DY[c];
                for (int c = 0; c < d; c++) DQ[c] += ds * K[c];
                for (int c = 0; c < d; c++) DK[c] += ds * Q[c];
            }
        }
    }

    private static (int B, int H, int I) Place(int row, AttentionSizes sizes) => (row / sizes.T / sizes.Heads, row / sizes.T % sizes.Heads, row % sizes.T);

    /// <summary>s_ij of the keys that lengths and causality let query i see; −∞ of those that the mask hides.</summary>
    private static double[] Scores(AttentionInputs x, AttentionSizes sizes, int b, int h, int i)
    {
        var s = new double[sizes.Seen(i, x.KeysOf(b, sizes.S))];
        for (int j = 0; j < s.Length; j++)
        {
            s[j] = sizes.Scale * Dot(Row(x.Queries, b, h, i, sizes.D), Row(x.Keys, b, h / sizes.Group, j, sizes.D));
            if (x.Mask is not { } mask) continue;
            double m = Row(mask, b, h, i, sizes.S)[j];
            bool adds = mask.Data.DType == DType.Float32, hides = adds ? double.IsNegativeInfinity(m) : m == 0;
            s[j] = hides ? double.NegativeInfinity : adds ? s[j] + m : s[j];
        }
        return s;
    }

    /// <summary>r_ij.</summary>
    private static double Kept(AttentionSizes sizes, int b, int h, int i, int j)
    {
        if (sizes.Dropout == 0) return 1;
        ulong word = sizes.Position + ((ulong)(b * sizes.Heads + h) * (ulong)sizes.T + (ulong)i) * (ulong)sizes.RowWords + (ulong)j;
        return Philox.Word(sizes.Key, word) >> 8 >= sizes.Least ? sizes.Kept : 0;
    }

    private static Span<double> Row(Matrices m, int b, int h, int i, int length)
        => length == 0 ? [] : Values(m.Data).Slice(b * m.BatchStride + h * m.HeadStride + i * m.RowStride, length);

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (int c = 0; c < a.Length; c++) sum += a[c] * b[c];
        return sum;
    }
}
