using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Examples;

/// <summary>The network of <c>examples -- strips</c>: convolutions, whose columns become the steps of a GRU in both directions, and at each step the logits of
/// ten digits and the blank.</summary>
/// <remarks>The order of Shi, Bai and Yao 2015, arXiv:1507.05717, made small.</remarks>
internal sealed class StripReader : Layer
{
    private readonly Layer columns, steps, classes;

    public StripReader(Rng rng)
    {
        columns = Register("columns", new Sequential
        {
            new Conv2d(1, 16, 3, rng, padding: 1), new BatchNorm2d(16), new Relu(), new MaxPool2d(2),       // (N, 16, 14, 128)
            new Conv2d(16, 32, 3, rng, padding: 1), new BatchNorm2d(32), new Relu(), new MaxPool2d(2),      // (N, 32, 7, 64)
            new Conv2d(32, 32, 3, rng, padding: 1), new BatchNorm2d(32), new Relu(),                        // (N, 32, 7, 64)
        });
        steps = Register("steps", new Gru(32 * 7, 64, rng, bidirectional: true));
        classes = Register("classes", new Linear(2 * 64, Strips.Blank + 1, rng));
    }

    protected override Tensor Compute(Tensor x, Pass pass)
    {
        x = columns.Forward(x, pass).Permute(0, 3, 1, 2).Flatten(2);            // (N, 64, 224)
        x = steps.Forward(x, pass);                                             // (N, 64, 128)
        int n = x.Shape[0], t = x.Shape[1];
        return classes.Forward(x.Reshape(n * t, x.Shape[2]), pass).Reshape(n, t, Strips.Blank + 1);
    }
}
