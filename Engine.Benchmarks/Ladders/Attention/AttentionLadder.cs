using Engine.Core;

namespace Engine.Benchmarks;

/// <summary>Attention's forward pass. What the engine runs is Engine.Kernels/Attention.</summary>
internal sealed unsafe class AttentionLadder(AttentionShape z)
    : Ladder([z.Heads, z.T, z.D], [z.Heads, z.T, z.D], [z.Heads, z.T, z.D], [z.Heads, z.T, z.D])
{
    public AttentionLadder() : this(new(Heads: 8, T: 512, D: 64))
    {
    }

    public override string Problem => $"{z.Heads} heads, {z.T} queries and keys of {z.D} numbers";

    public override double Flops => 4.0 * z.Heads * z.T * z.T * z.D;

    public override IReadOnlyList<Rung> Rungs =>
    [
        new("naive: the T×T matrix of weights", () => AttentionNaive.Run(Input(0), Input(1), Input(2), Result, z)),
        new("blocks of keys, and a running softmax", () => AttentionRunningSoftmax.Run(Input(0), Input(1), Input(2), Result, z)),
        new("64 keys in vectors", () => AttentionVectors.Run(Input(0), Input(1), Input(2), Result, z)),
        new("tiles of queries and keys in registers", () => AttentionTiles.Run(Input(0), Input(1), Input(2), Result, z)),
        new("blocks of queries shared among threads", () => AttentionThreaded.Run(Input(0), Input(1), Input(2), Result, z), IsThreaded: true),
    ];

    protected override Tensor Apply(Tensor[] inputs) => inputs[0].Attention(inputs[1], inputs[2], heads: 1);
}
