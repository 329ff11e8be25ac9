namespace Engine.Layers;

/// <summary>What <see cref="CtcDecoder"/> read.</summary>
/// <param name="Labels">The labels, without blanks.</param>
/// <param name="Score">The logarithm of their probability: of the best path alone for <see cref="CtcDecoder.Greedy"/>; of all paths that were followed for
/// <see cref="CtcDecoder.Beam"/>, and the language model's scores added.</param>
public sealed record CtcLabelling(IReadOnlyList<int> Labels, double Score);
