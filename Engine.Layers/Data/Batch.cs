using Engine.Core;

namespace Engine.Layers;

/// <summary>What one step learns from, or one prediction is tested with.</summary>
/// <param name="Inputs">What the model is given, (N, ...).</param>
/// <param name="Targets">What it should make of them, (N, ...): Int32 classes, or numbers.</param>
public readonly record struct Batch(Tensor Inputs, Tensor Targets)
{
    /// <summary>N, the examples in it.</summary>
    public int Count => Inputs.Shape[0];

    /// <summary>Steps of each input that is a sequence, N of them; null where all have as many as the batch is long.</summary>
    public int[]? Lengths { get; init; }

    /// <summary>What else belongs to it, by name: the segments of tokens, the places that are masked. Null mostly.</summary>
    public IReadOnlyDictionary<string, Tensor>? Others { get; init; }

    /// <summary>One of the <see cref="Others"/>.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that name; the message tells those that there are.</exception>
    public Tensor this[string name] => Others?.GetValueOrDefault(name)
        ?? throw new KeyNotFoundException($"The batch has no '{name}', but inputs, targets{string.Concat((Others?.Keys ?? []).Order(StringComparer.Ordinal).Select(other => $", {other}"))}. Its collator must write it.");
}
