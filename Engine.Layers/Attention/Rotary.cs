using Engine.Core;

namespace Engine.Layers;

/// <summary>Rotary positions for a <see cref="MultiHeadAttention"/>: queries and keys are turned by their positions, so that their product depends on how far apart
/// they are. Nothing is added to what goes in.</summary>
/// <param name="BaseFrequency">Pair i of a head of D numbers turns by position / BaseFrequency^(2i/D).</param>
/// <param name="Halves">Pairs are (i, i + D/2), as in Llama and GPT-NeoX; false for neighbours, (2i, 2i + 1), as in the paper.</param>
/// <remarks>Source: Su et al. 2021, arXiv:2104.09864.</remarks>
public sealed record Rotary(double BaseFrequency = 10000, bool Halves = true)
{
    internal (Tensor Queries, Tensor Keys) Turn(Tensor queries, int heads, Tensor keys, int keyHeads, int first)
    {
        var table = Tensor.RotaryTable(queries.Shape[1], queries.Shape[2] / heads, BaseFrequency, queries.Device, first);
        return (queries.Rotary(heads, table, 0, Halves), keys.Rotary(keyHeads, table, 0, Halves));
    }
}
