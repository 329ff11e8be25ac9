using Engine.Core;

namespace Engine.Layers;

/// <summary>Adds a learned vector of each position to what stands there.</summary>
/// <remarks>Parameter: weight (count, width), as BERT's and GPT-2's position embeddings. Source: Gehring et al. 2017, arXiv:1705.03122.</remarks>
public sealed class LearnedPositions : Layer
{
    private readonly Parameter weight;

    /// <summary>A layer with vectors newly drawn.</summary>
    /// <param name="count">Positions at most.</param>
    /// <param name="width">Numbers of a vector.</param>
    /// <param name="rng">Draws the first numbers.</param>
    /// <param name="init">Draws the vectors: normal of deviation 1 if left out, as <see cref="Embedding"/> does.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is under 1.</exception>
    public LearnedPositions(int count, int width, Rng rng, Init? init = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        weight = NewParameter("weight", [count, width], init ?? Init.Normal(), rng);
    }

    /// <summary>Positions at most.</summary>
    public int Count => weight.Shape[0];

    /// <summary>Numbers of a vector.</summary>
    public int Width => weight.Shape[1];

    /// <inheritdoc/>
    protected override string Settings => $"{Count} of {Width}";

    /// <summary>x with its positions' vectors, from one position on.</summary>
    /// <param name="x">(B, T, width).</param>
    /// <param name="pass">What the pass is for.</param>
    /// <param name="first">The position of x's first step: <see cref="KeyValueCache.Length"/> where there is a cache.</param>
    /// <returns>(B, T, width).</returns>
    /// <exception cref="ShapeException">x is not (B, T, width), or goes past the last position.</exception>
    public Tensor Run(Tensor x, Pass pass, int first)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        return Within(pass, () => Add(x, first), y => y);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor x, Pass pass) => Add(x, 0);

    private Tensor Add(Tensor x, int first)
    {
        if (x.Rank != 3 || x.Shape[2] != Width) throw new ShapeException($"the input {x.Shape} must be (B, T, {Width}).");
        int steps = x.Shape[1];
        if (steps > Count - first)
            throw new ShapeException($"the input {x.Shape} has {steps} steps{(first == 0 ? "" : $" from position {first} on")}, and there are {Count} positions. Cut sequences off, or make the layer with more.");
        return x + weight.Value[first..(first + steps)];
    }
}
