using Engine.Core;

namespace Engine.Layers;

/// <summary>Draws numbers 0..n−1, each as likely as its weight says, in a time that does not depend on n.</summary>
/// <remarks>Each of n columns of one height is filled by at most two numbers: a draw picks a column, and then one of the two. Source: Walker 1977, "An
/// efficient method for generating discrete random variables with general distributions"; the filling is Vose's of 1991.</remarks>
public sealed class AliasTable
{
    private readonly float[] own;       // the part of a column that is its own number's
    private readonly int[] other;       // whose the rest is

    /// <summary>A table for these weights.</summary>
    /// <exception cref="ArgumentException">One is negative or not finite, or all are 0.</exception>
    public AliasTable(ReadOnlySpan<double> weights)
    {
        double sum = 0;
        for (int i = 0; i < weights.Length; i++)
            sum += double.IsFinite(weights[i]) && weights[i] >= 0 ? weights[i] : throw new ArgumentException($"Weight {i} is {weights[i]}. Weights are 0 or more, and finite.", nameof(weights));
        if (!(sum > 0 && double.IsFinite(sum))) throw new ArgumentException($"The weights have the sum {sum}. Give at least one number a weight, and none an enormous one.", nameof(weights));
        (own, other) = (new float[weights.Length], new int[weights.Length]);
        var left = new double[weights.Length];
        var (low, high) = (new Stack<int>(), new Stack<int>());
        for (int i = 0; i < left.Length; i++)
        {
            left[i] = weights[i] / sum * left.Length;
            (left[i] < 1 ? low : high).Push(i);
        }
        while (low.Count > 0 && high.Count > 0)
        {
            int less = low.Pop(), more = high.Pop();
            (own[less], other[less]) = ((float)left[less], more);
            left[more] -= 1 - left[less];
            (left[more] < 1 ? low : high).Push(more);
        }
        // What is left has height 1 but for rounding.
        foreach (int full in low.Concat(high)) (own[full], other[full]) = (1, full);
    }

    /// <summary>How many numbers.</summary>
    public int Count => own.Length;

    /// <summary>Draws one.</summary>
    public int Draw(Rng rng)
    {
        ArgumentNullException.ThrowIfNull(rng);
        int column = rng.NextInt(own.Length);
        return rng.NextFloat() < own[column] ? column : other[column];
    }
}
