using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests;

/// <summary>The README's program, to the letter, but for where its answer goes.</summary>
internal static class ReadmeProgram
{
    public static Tensor Run()
    {
        var rng = new Rng(seed: 1);
        var model = new Sequential { new Linear(2, 16, rng, Activation.Tanh), new Linear(16, 2, rng) };
        var optimizer = new Adam(model.Parameters, learningRate: 0.02);
        var x = Tensor.From([0f, 0f, 0f, 1f, 1f, 0f, 1f, 1f], [4, 2]);
        var classes = Tensor.From([0, 1, 1, 0], [4]);
        for (int step = 0; step < 300; step++)
        {
            optimizer.ZeroGrad();
            model.Forward(x, Pass.Train(rng)).CrossEntropy(classes).Backward();
            optimizer.Step();
        }
        return model.Predict(x).ArgMax();
    }
}
