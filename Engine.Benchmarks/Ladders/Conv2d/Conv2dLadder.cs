using Engine.Core;

namespace Engine.Benchmarks;

/// <summary>A layer of a residual network. What the engine runs is Engine.Kernels/Conv2d.</summary>
internal sealed unsafe class Conv2dLadder(Conv2dShape z) : Ladder([z.N, z.K, z.P, z.Q], [z.N, z.C, z.H, z.W], [z.K, z.C, z.R, z.S])
{
    public Conv2dLadder() : this(new(4, 64, 28, 28, 64, 3, 3, Pad: 1))
    {
    }

    public override string Problem => $"({z.N}, {z.C}, {z.H}, {z.W}) · ({z.K}, {z.C}, {z.R}, {z.S}), padding {z.Pad}";

    public override double Flops => 2.0 * z.N * z.K * z.P * z.Q * z.C * z.R * z.S;

    public override IReadOnlyList<Rung> Rungs =>
    [
        new("naive: n, k, p, q, c, r, s", () => Conv2dNaive.Run(Input(0), Input(1), Result, z)),
        new("loop order: n, k, c, r, s, p, q", () => Conv2dRows.Run(Input(0), Input(1), Result, z)),
        new("16 pixels of a row in a vector", () => Conv2dVectors.Run(Input(0), Input(1), Result, z)),
        new("windows as columns, and MatMul", () => Conv2dPatches.Run(Input(0), Input(1), Result, z)),
        new("channels last: MatMul's tile without the columns", () => Conv2dChannelsLast.Run(Input(0), Input(1), Result, z)),
        .. z is { R: 3, S: 3 } ? Winograd() : [],
    ];

    protected override Tensor Apply(Tensor[] inputs) => inputs[0].Conv2d(inputs[1], padding: z.Pad);

    private Rung[] Winograd() =>
    [
        new("Winograd: 16 multiplications for 36", () => Conv2dWinograd.Run(Input(0), Input(1), Result, z)),
        new("bands shared among threads", () => Conv2dThreaded.Run(Input(0), Input(1), Result, z), IsThreaded: true),
    ];
}
