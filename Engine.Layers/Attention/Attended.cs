using Engine.Core;

namespace Engine.Layers;

/// <summary>What an <see cref="EncoderAttention"/> found.</summary>
/// <param name="Context">(B, stateSize) for a query of one step, (B, T, stateSize) for T: the states' mean by the weights.</param>
/// <param name="Weights">(B, S) or (B, T, S): how much each state counts. They sum to 1, and are 0 past a source's end.</param>
public readonly record struct Attended(Tensor Context, Tensor Weights);
