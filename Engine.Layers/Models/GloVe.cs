using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>Word vectors whose products are the logarithms of how often two words come together.</summary>
/// <remarks>Parameters, all with gradients by rows: word.weight and context.weight (count, size), word_bias.weight and context_bias.weight (count, 1).
/// Source: Pennington, Socher and Manning 2014, "GloVe: global vectors for word representation".</remarks>
public sealed class GloVe : Layer
{
    private readonly Embedding word, context, wordBias, contextBias;

    /// <summary>A model of so many words.</summary>
    /// <param name="count">How many words.</param>
    /// <param name="size">Numbers of a vector.</param>
    /// <param name="rng">Draws the first numbers, uniform in ±0.5 / size as the publication's program does.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is under 1.</exception>
    public GloVe(int count, int size, Rng rng)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        var init = Init.Uniform(-0.5 / size, 0.5 / size);
        word = Register("word", new Embedding(count, size, rng, init: init, sparse: true));
        context = Register("context", new Embedding(count, size, rng, init: init, sparse: true));
        wordBias = Register("word_bias", new Embedding(count, 1, rng, init: init, sparse: true));
        contextBias = Register("context_bias", new Embedding(count, 1, rng, init: init, sparse: true));
    }

    /// <summary>The sum of each word's two vectors, (count, size), which the publication finds a little better than one.</summary>
    public Tensor Vectors()
    {
        using var noGrad = NoGrad.Begin();
        return word.Parameters[0].Value + context.Parameters[0].Value;
    }

    /// <inheritdoc/>
    protected override string Settings => $"{word.Count} -> {word.Size}";

    /// <summary>Pairs of words (B, 2) to w·c + b + b̃, which is to be log X: (B).</summary>
    protected override Tensor Compute(Tensor x, Pass pass)
    {
        if (x.Rank != 2 || x.Shape[1] != 2) throw new ShapeException($"the pairs {x.Shape} must be (B, 2): a word, and one that came near it.");
        Tensor first = x[.., 0], second = x[.., 1];
        return (word.Forward(first, pass) * context.Forward(second, pass)).Sum(1) + (wordBias.Forward(first, pass) + contextBias.Forward(second, pass)).Reshape(-1);
    }

    /// <summary>The mean of f(X)·(y − log X)², with f(X) = (X / most)^power up to 1: pairs that are seldom together count less.</summary>
    /// <param name="outputs">y, (B).</param>
    /// <param name="together">X, (B): how often the two words came together, over 0.</param>
    /// <param name="most">From where on pairs count in full.</param>
    /// <param name="power">α.</param>
    /// <exception cref="ShapeException">The shapes differ, or the batch is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A count is not over 0 and finite.</exception>
    public static Tensor Loss(Tensor outputs, Tensor together, double most = 100, double power = 0.75)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(together);
        if (outputs.Shape != together.Shape) throw new ShapeException($"GloVe: the outputs {outputs.Shape} and the counts {together.Shape} must have one shape.");
        if (together.Count == 0) throw new ShapeException("GloVe: the batch is empty. Leave it out.");
        float[] counts = together.ToArray();
        int bad = Array.FindIndex(counts, x => !(x > 0 && float.IsFinite(x)));
        if (bad >= 0) throw new ArgumentOutOfRangeException(nameof(together), counts[bad], $"The count of pair {bad} must be over 0 and finite. Leave out pairs that never come together.");
        var off = outputs - together.Log();
        return ((together / most).Clamp(0, 1).Pow(power) * off * off).Mean();
    }
}
