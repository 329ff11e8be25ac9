using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers.Training;

public class GarbageTests
{
    /// <summary>Managed bytes that a step may leave behind for each node of its graph, all threads together.</summary>
    private const double MostBytes = 1536;

    [Test]
    public void AConvolutionalNetworksStep_LeavesLittleBehind([Values(1, 2)] int threads)
    {
        using var device = new CpuDevice(threads);
        var rng = new Rng(1);
        var model = new Sequential
        {
            new Conv2d(1, 8, 3, rng, activation: Activation.Relu),
            new MaxPool2d(2),
            new Conv2d(8, 16, 3, rng),
            new BatchNorm2d(16),
            new Flatten(),
            new Linear(16 * 11 * 11, 32, rng, activation: Activation.Relu),
            new Dropout(0.1),
            new Linear(32, 10, rng),
        }.To(device);
        var optimizer = new Adam(model.Parameters);
        Tensor x = Tensor.Uniform([8, 1, 28, 28], rng).To(device), classes = Tensor.From(new int[8], [8], device);
        AssertLittle(device, () =>
        {
            Loss.CrossEntropy(model.Forward(x, Pass.Train(rng)), classes).Backward();
            optimizer.Step();
            optimizer.ZeroGrad();
        });
    }

    [Test]
    public void ATransformersStep_LeavesLittleBehind([Values(1, 2)] int threads)
    {
        using var device = new CpuDevice(threads);
        var rng = new Rng(1);
        var model = new Gpt(new GptConfig { VocabularySize = 65, Positions = 32, Width = 64, Layers = 3, Heads = 4 }, rng).To(device);
        var optimizer = new AdamW(ParameterGroups.DecayOfWeights(model));
        Tensor ids = Tensor.From(new int[4 * 32], [4, 32], device), targets = Tensor.From(new int[4 * 32], [4, 32], device);
        AssertLittle(device, () =>
        {
            model.Loss(model.Hidden(ids, Pass.Train(rng)), targets).Backward();
            model.Parameters.ClipGradNorm(1);
            optimizer.Step();
            model.ZeroGrad();
        });
    }

    private static void AssertLittle(CpuDevice device, Action step)
    {
        const int rounds = 4, steps = 4;
        int nodes = 0;
        for (int i = 0; i < 10; i++) Scoped();
        device.Applied = _ => nodes += NoGrad.Recording ? 1 : 0;
        Scoped();
        device.Applied = null;
        // The least of some rounds: the test's own machinery allocates now and then.
        double bytes = double.PositiveInfinity;
        for (int round = 0; round < rounds; round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            for (int i = 0; i < steps; i++) Scoped();
            bytes = Math.Min(bytes, (double)(GC.GetTotalAllocatedBytes(precise: true) - before) / steps / nodes);
        }
        TestContext.Out.WriteLine($"{nodes} nodes, {bytes:F0} bytes for each");
        Assert.That(bytes, Is.LessThanOrEqualTo(MostBytes));

        void Scoped()
        {
            using var scope = device.Scope("the step");
            step();
        }
    }
}
