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

    public static History Train(Layer model, Tensor x, Tensor y, string folder, CancellationToken cancel)
    {
        var trainer = new Trainer(model, new AdamW(ParameterGroups.DecayOfWeights(model), 1e-3), Loss.CrossEntropy, new Accuracy()) { BeforeStep = p => p.ClipGradNorm(1) };
        TestContext.Out.WriteLine(model.Summary([1, 1, 28, 28]));
        TestContext.Out.WriteLine(trainer.Forecast([256, 1, 28, 28], [256]));
        var history = trainer.Fit(x, y, batchSize: 64, epochs: 10, validationSplit: 0.1,
            callbacks: [new LearningRateSchedule(Schedule.Cosine(9_000)), new EarlyStopping("val_loss", patience: 3), new RunFolder(folder)],
            checkpoints: new Checkpoints(Path.Combine(folder, "checkpoints")) { EverySteps = 200 }, cancel: cancel);
        return history;
    }
}
