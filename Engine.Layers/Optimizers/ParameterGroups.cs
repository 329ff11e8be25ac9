using System.Collections;

namespace Engine.Layers;

/// <summary>Parameters with settings of their own.</summary>
/// <param name="Parameters">Which.</param>
/// <param name="LearningRate">Theirs while the optimizer's is the one that it was made with, and scaled as that is; null for the optimizer's.</param>
/// <param name="WeightDecay">Theirs; null for the optimizer's.</param>
public sealed record ParameterGroup(IReadOnlyList<Parameter> Parameters, double? LearningRate = null, double? WeightDecay = null)
{
    /// <summary>Theirs while the optimizer's is the one that it was made with, and scaled as that is; null for the optimizer's.</summary>
    public double? LearningRate { get; } = Optimizer.InRange(LearningRate, nameof(LearningRate));

    /// <summary>Theirs; null for the optimizer's.</summary>
    public double? WeightDecay { get; } = Optimizer.InRange(WeightDecay, nameof(WeightDecay));
}

/// <summary>Parameters in groups, for the constructor of an optimizer: <c>new AdamW(ParameterGroups.DecayOfWeights(model), 1e-3)</c>.</summary>
/// <param name="groups">The groups; no parameter is in two.</param>
public sealed class ParameterGroups(params IReadOnlyList<ParameterGroup> groups) : IEnumerable<Parameter>
{
    /// <summary>The groups.</summary>
    public IReadOnlyList<ParameterGroup> Groups { get; } = [.. groups];

    /// <summary>Two groups: what has two axes or more takes the optimizer's weight decay, and the rest, biases and the scales of norms, takes none.</summary>
    /// <param name="model">Whose parameters.</param>
    public static ParameterGroups DecayOfWeights(Layer model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var decayed = model.Parameters.ToLookup(p => p.Shape.Rank >= 2);
        return new(new ParameterGroup([.. decayed[true]]), new ParameterGroup([.. decayed[false]], WeightDecay: 0));
    }

    /// <summary>The parameters of every group.</summary>
    public IEnumerator<Parameter> GetEnumerator() => Groups.SelectMany(g => g.Parameters).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
