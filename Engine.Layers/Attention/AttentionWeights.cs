using Engine.Core;

namespace Engine.Layers;

/// <summary>The weights of an attention, which its kernel never has in memory, by the formula.</summary>
internal static class AttentionWeights
{
    /// <param name="queries">(B, T, H·D).</param>
    /// <param name="keys">(B, S, G·D).</param>
    /// <param name="heads">H.</param>
    /// <param name="options">As of <see cref="Tensor.Attention"/>, but nothing is dropped.</param>
    /// <param name="mask">Likewise.</param>
    /// <returns>(B, H, T, S), without a graph. They sum to 1, and are 0 where a key is hidden; all of them where a query sees none.</returns>
    public static Tensor Of(Tensor queries, Tensor keys, int heads, AttentionOptions options, Tensor? mask)
    {
        using var noGrad = NoGrad.Begin();
        int b = queries.Shape[0], t = queries.Shape[1], s = keys.Shape[1], d = queries.Shape[2] / heads, g = options.KeyHeads ?? heads;
        // The heads that share keys lie one after another: (B, H, T, D) is (B, G, H/G·T, D).
        var q = queries.Reshape(b, t, heads, d).Permute(0, 2, 1, 3).Reshape(b, g, heads / g * t, d);
        var k = keys.Reshape(b, s, g, d).Permute(0, 2, 1, 3);
        var scores = q.MatMul(k, transposeOther: true).Reshape(b, heads, t, s) * (options.Scale ?? 1 / Math.Sqrt(d));
        if (mask is { DType: Kernels.DType.Float32 }) scores += mask;
        else if (mask is not null) scores = scores.MaskedFill(mask.Cast(Kernels.DType.Float32).Equal(Tensor.Scalar(0, mask.Device)), double.NegativeInfinity);
        if (Hidden(b, t, s, options) is { } hidden) scores = scores.MaskedFill(Tensor.From(hidden, [b, 1, t, s], scores.Device), double.NegativeInfinity);
        var none = scores.Equal(Tensor.Scalar(double.NegativeInfinity, scores.Device));
        return scores.Softmax().MaskedFill(none, 0);                // a row of −∞ alone would be NaN
    }

    private static byte[]? Hidden(int b, int t, int s, AttentionOptions options)
    {
        if (!options.Causal && options.KeyLengths is null) return null;
        var hidden = new byte[b * t * s];
        int past = options.Past ?? s - t;
        for (int row = 0; row < b * t; row++)
        {
            int seen = Math.Min(options.KeyLengths?[row / t] ?? s, options.Causal ? Math.Clamp(past + row % t + 1, 0, s) : s);
            hidden.AsSpan(row * s + seen, s - seen).Fill(1);
        }
        return hidden;
    }
}
