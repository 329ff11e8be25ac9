using Engine.Core;

namespace Engine.Layers;

/// <summary>Draws tokens from what a model thinks likely.</summary>
/// <remarks>The probabilities are softmax(logits / temperature) of the best topK tokens. Source of the cut: Fan, Lewis and Dauphin 2018,
/// arXiv:1805.04833.</remarks>
public sealed class TokenSampler
{
    /// <summary>A way to draw.</summary>
    /// <param name="temperature">Under 1 the likely tokens are drawn more often still, over 1 less; 0 takes the likeliest.</param>
    /// <param name="topK">How many of the likeliest tokens come into question; all if left out.</param>
    /// <exception cref="ArgumentOutOfRangeException">The temperature is negative or not finite, or topK under 1.</exception>
    public TokenSampler(double temperature = 1, int? topK = null)
    {
        if (!(temperature >= 0 && double.IsFinite(temperature))) throw new ArgumentOutOfRangeException(nameof(temperature), temperature, "It is 0 or more, and finite.");
        if (topK is < 1) throw new ArgumentOutOfRangeException(nameof(topK), topK, "It is 1 or more. Leave it out to draw from all tokens.");
        (Temperature, TopK) = (temperature, topK);
    }

    /// <summary>What logits are divided by.</summary>
    public double Temperature { get; }

    /// <summary>How many tokens come into question; null for all.</summary>
    public int? TopK { get; }

    /// <summary>Draws a token for each row.</summary>
    /// <param name="logits">(R, V): logits or log-probabilities, −∞ for a token that must not come.</param>
    /// <param name="rng">Gives one number for each row.</param>
    /// <returns>R tokens in 0..V−1.</returns>
    /// <exception cref="ShapeException">The logits are not (R, V), or there are no tokens.</exception>
    /// <exception cref="NotFiniteNumberException">A row has a NaN or +∞, or nothing but −∞.</exception>
    public int[] Draw(Tensor logits, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(rng);
        if (logits.Rank != 2 || logits.Shape[1] == 0) throw new ShapeException($"The logits {logits.Shape} must be (R, V), with one token at least.");
        float[] all = logits.ToArray();
        var drawn = new int[logits.Shape[0]];
        for (int row = 0; row < drawn.Length; row++) drawn[row] = Draw(all.AsSpan(row * logits.Shape[1], logits.Shape[1]), row, rng.NextFloat());
        return drawn;
    }

    private int Draw(ReadOnlySpan<float> logits, int row, float chance)
    {
        foreach (float logit in logits)
            if (!(logit < float.PositiveInfinity)) throw new NotFiniteNumberException($"Row {row} of the logits has a {logit}. Look for weights that are not finite.", logit);
        var tokens = new int[logits.Length];
        var order = new float[logits.Length];
        for (int i = 0; i < tokens.Length; i++) (tokens[i], order[i]) = (i, -logits[i]);
        int count = Temperature == 0 ? 1 : Math.Min(TopK ?? tokens.Length, tokens.Length);
        // A stable order, so that of equal ones the first are taken.
        if (count < tokens.Length) tokens = [.. tokens.OrderBy(i => order[i])];
        double max = double.NegativeInfinity, sum = 0;
        for (int i = 0; i < count; i++) max = Math.Max(max, logits[tokens[i]]);
        if (double.IsNegativeInfinity(max)) throw new NotFiniteNumberException($"Row {row} of the logits has nothing but −∞, so no token may come. Leave one possible.", max);
        if (count == 1) return tokens[0];
        var weights = new double[count];
        for (int i = 0; i < count; i++) sum += weights[i] = Math.Exp((logits[tokens[i]] - max) / Temperature);
        double left = chance * sum;
        int last = 0;
        for (int i = 0; i < count; i++)
        {
            if (weights[i] == 0) continue;
            last = i;
            if ((left -= weights[i]) < 0) break;
        }
        return tokens[last];
    }
}
