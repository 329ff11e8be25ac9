using Engine.Core;

namespace Engine.Layers;

/// <summary>Draws examples with replacement, each as likely as its weight says.</summary>
internal sealed class WeightedOrder
{
    private readonly double[] sums;   // of the weights up to and with each
    private readonly int last;        // the last that has a weight

    public WeightedOrder(IReadOnlyList<double> weights)
    {
        sums = new double[weights.Count];
        double sum = 0;
        for (int i = 0; i < sums.Length; i++)
        {
            if (!double.IsFinite(weights[i]) || weights[i] < 0) throw new ArgumentException($"Weight {i} is {weights[i]}. Weights are 0 or more, and finite.", nameof(weights));
            if (weights[i] > 0) last = i;
            sums[i] = sum += weights[i];
        }
        if (sums.Length > 0 && !(sum > 0 && double.IsFinite(sum))) throw new ArgumentException($"The weights have the sum {sum}. Give at least one example a weight, and none an enormous one.", nameof(weights));
    }

    /// <summary>How many weights.</summary>
    public int Count => sums.Length;

    /// <summary>As many examples as there are weights.</summary>
    public int[] Draw(Rng rng)
    {
        var order = new int[sums.Length];
        for (int i = 0; i < order.Length; i++)
        {
            double u = ((ulong)rng.NextWord() << 21 | rng.NextWord() >> 11) * (1.0 / (1UL << 53)) * sums[^1];
            int low = 0, high = last;   // the first whose sum is over u
            while (low < high)
            {
                int middle = low + (high - low) / 2;
                if (sums[middle] > u) high = middle;
                else low = middle + 1;
            }
            order[i] = low;
        }
        return order;
    }
}
