using Engine.Core;

namespace Engine.Layers;

/// <summary>Draws tokens from what a model thinks likely.</summary>
/// <remarks>The probabilities are softmax(logits / temperature) of the best topK tokens, of which the fewest likeliest come into question that have topP of the
/// probability together. Sources of the cuts: Fan, Lewis and Dauphin 2018, arXiv:1805.04833; Holtzman et al. 2020, arXiv:1904.09751.</remarks>
public sealed class TokenSampler
{
    /// <summary>A way to draw.</summary>
    /// <param name="temperature">Under 1 the likely tokens are drawn more often still, over 1 less; 0 takes the likeliest.</param>
    /// <param name="topK">How many of the likeliest tokens come into question; all if left out.</param>
    /// <param name="topP">What probability those that come into question have together at least, the likeliest first; 1 if left out. With a topK, the
    /// probability is that among the K.</param>
    /// <exception cref="ArgumentOutOfRangeException">The temperature is negative or not finite, topK under 1, or topP not in (0, 1].</exception>
    public TokenSampler(double temperature = 1, int? topK = null, double? topP = null)
    {
        (Temperature, TopK, TopP) = (RequireTemperature(temperature), RequireTopK(topK), RequireTopP(topP));
    }

    /// <summary>What logits are divided by.</summary>
    public double Temperature { get; }

    /// <summary>How many tokens come into question; null for all.</summary>
    public int? TopK { get; }

    /// <summary>The probability that they have together; null for all of it.</summary>
    public double? TopP { get; }

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

    /// <summary>Draws one token.</summary>
    /// <param name="logits">V of them.</param>
    /// <param name="row">Named in errors.</param>
    /// <param name="chance">In [0, 1): which part of the probability the token lies at.</param>
    internal int Draw(ReadOnlySpan<float> logits, int row, float chance)
    {
        int likeliest = Likeliest(logits, row);
        if (Temperature == 0 || TopK == 1) return likeliest;
        double max = logits[likeliest];
        int[]? tokens = TopK < logits.Length ? Best(Keys(logits, float.NegativeInfinity), TopK.Value) : null;
        double[] weights = Weights(logits, tokens, max);
        if (TopP is < 1 and var part)
        {
            double all = weights.Sum();
            // Tokens this unlikely have less than 1 − topP even all together, so none of them comes into question.
            if (tokens is null) tokens = Ordered(logits, max, all * (1 - part) / logits.Length);
            weights = Nucleus(Weights(logits, tokens, max), part * all);
        }
        int at = At(weights, chance);
        return tokens is null ? at : tokens[at];
    }

    internal static double RequireTemperature(double temperature)
        => temperature >= 0 && double.IsFinite(temperature) ? temperature : throw new ArgumentOutOfRangeException(nameof(temperature), temperature, "It is 0 or more, and finite.");

    internal static int? RequireTopK(int? topK)
        => topK is < 1 ? throw new ArgumentOutOfRangeException(nameof(topK), topK, "It is 1 or more. Leave it out to draw from all tokens.") : topK;

    internal static double? RequireTopP(double? topP)
        => topP is null or (> 0 and <= 1) ? topP : throw new ArgumentOutOfRangeException(nameof(topP), topP, "It is over 0, and 1 at most. Leave it out to draw from all tokens.");

    /// <summary>The first of the likeliest.</summary>
    private static int Likeliest(ReadOnlySpan<float> logits, int row)
    {
        int best = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            if (!(logits[i] < float.PositiveInfinity)) throw new NotFiniteNumberException($"Row {row} of the logits has a {logits[i]}. Look for weights that are not finite.", logits[i]);
            if (logits[i] > logits[best]) best = i;
        }
        return logits[best] > float.NegativeInfinity ? best
            : throw new NotFiniteNumberException($"Row {row} of the logits has nothing but −∞, so no token may come. Leave one possible.", logits[best]);
    }

    /// <summary>e^((logit − max) / temperature) of these tokens, or of all.</summary>
    private double[] Weights(ReadOnlySpan<float> logits, int[]? tokens, double max)
    {
        var weights = new double[tokens?.Length ?? logits.Length];
        for (int i = 0; i < weights.Length; i++) weights[i] = Math.Exp((logits[tokens is null ? i : tokens[i]] - max) / Temperature);
        return weights;
    }

    /// <summary>The first weights, until they have so much together.</summary>
    private static double[] Nucleus(double[] weights, double enough)
    {
        int count = 0;
        for (double before = 0; count < weights.Length && (count == 0 || before < enough); count++) before += weights[count];
        return weights[..count];
    }

    private static int At(double[] weights, float chance)
    {
        double left = chance * weights.Sum();
        int last = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            if (weights[i] == 0) continue;
            last = i;
            if ((left -= weights[i]) < 0) break;
        }
        return last;
    }

    /// <summary>Tokens of at least such a weight, the likeliest first.</summary>
    private int[] Ordered(ReadOnlySpan<float> logits, double max, double weight)
    {
        // A little lower than where the weight is, for rounding.
        var keys = Keys(logits, (float)(max + Temperature * Math.Log(weight) - 1e-3 * Math.Abs(max) - 1e-3));
        keys.Sort();
        return Tokens(keys);
    }

    /// <summary>Numbers that are in order where logits fall, and tokens rise between equal ones.</summary>
    private static List<ulong> Keys(ReadOnlySpan<float> logits, float least)
    {
        var keys = new List<ulong>();
        for (int i = 0; i < logits.Length; i++)
        {
            if (!(logits[i] >= least)) continue;
            uint bits = BitConverter.SingleToUInt32Bits(logits[i] + 0f);    // −0 becomes 0
            uint rising = bits >> 31 != 0 ? ~bits : bits | 0x8000_0000;
            keys.Add((ulong)~rising << 32 | (uint)i);
        }
        return keys;
    }

    /// <summary>The tokens of the first keys in order, found in about one look at each.</summary>
    private static int[] Best(List<ulong> keys, int count)
    {
        var best = new List<ulong>();
        ulong last = ulong.MaxValue;
        foreach (ulong key in keys)
        {
            if (key >= last) continue;
            best.Add(key);
            if (best.Count >= 2L * count) Cut();
        }
        Cut();
        return Tokens(best);

        void Cut()
        {
            best.Sort();
            if (best.Count < count) return;
            best.RemoveRange(count, best.Count - count);
            last = best[^1];
        }
    }

    private static int[] Tokens(List<ulong> keys) => [.. keys.Select(key => (int)(uint)key)];
}
