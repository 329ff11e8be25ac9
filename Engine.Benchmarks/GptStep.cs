using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Benchmarks;

/// <summary>A training step of <c>examples -- gpt</c> on tokens drawn at random.</summary>
public sealed class GptStep
{
    private readonly Gpt model;
    private readonly Optimizer optimizer;
    private readonly Tensor ids, targets;

    public GptStep(Device device)
    {
        model = new Gpt(new GptConfig { VocabularySize = 65, Positions = 64, Width = 128, Layers = 4, Heads = 4, Dropout = 0, Bias = false }, new Rng(1)).To(device);
        optimizer = new AdamW(ParameterGroups.DecayOfWeights(model), 1e-3, beta2: 0.99, weightDecay: 0.1);
        var batch = new RandomBlocks(Enumerable.Range(0, 5000).Select(i => i * i % 65).ToArray(), 12, 64, 1).Epoch(0, device).Single();
        (ids, targets) = (batch.Inputs, batch.Targets);
    }

    /// <returns>The loss.</returns>
    public double Run()
    {
        using var scope = model.Device.Scope("a step");
        var loss = model.Loss(model.Hidden(ids, Pass.Train(new Rng(2))), targets);
        loss.Backward();
        model.Parameters.ClipGradNorm(1);
        optimizer.Step();
        optimizer.ZeroGrad();
        return loss.Item();
    }
}
