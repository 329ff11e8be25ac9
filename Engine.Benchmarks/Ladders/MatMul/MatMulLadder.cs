using Engine.Core;

namespace Engine.Benchmarks;

/// <summary>C = A·B with C M×N, A M×K and B K×N, all row after row. What the engine runs is Engine.Kernels/MatMul.</summary>
internal sealed unsafe class MatMulLadder(int m = 768, int n = 768, int k = 768) : Ladder([m, n], [m, k], [k, n])
{
    public override string Problem => $"{m}×{k} · {k}×{n}";

    public override double Flops => 2.0 * m * n * k;

    public override IReadOnlyList<Rung> Rungs =>
    [
        new("naive: i, j, p", () => MatMulNaive.Run(Input(0), Input(1), Result, m, n, k)),
        new("loop order: i, p, j", () => MatMulLoopOrder.Run(Input(0), Input(1), Result, m, n, k)),
        new("16 columns in a vector", () => MatMulVectors.Run(Input(0), Input(1), Result, m, n, k)),
        new("a tile of C in registers", () => MatMulRegisterTile.Run(Input(0), Input(1), Result, m, n, k)),
        new("what the tile reads packed, in blocks for the caches", () => MatMulPacked.Run(Input(0), Input(1), Result, m, n, k)),
        new("blocks shared among threads", () => MatMulThreaded.Run(Input(0), Input(1), Result, m, n, k), IsThreaded: true),
    ];

    protected override Tensor Apply(Tensor[] inputs) => inputs[0].MatMul(inputs[1]);
}
