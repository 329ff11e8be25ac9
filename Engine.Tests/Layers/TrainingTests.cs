using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers;

public class TrainingTests
{
    private static readonly float[] Corners = [0, 0, 0, 1, 1, 0, 1, 1];
    private static readonly float[] Xor = [0, 1, 1, 0];

    [TestCase("cpu", "adam")]
    [TestCase("cpu", "rmsprop")]
    [TestCase("cpu", "sgd")]
    [TestCase("reference", "adam")]
    [TestCase("emulated", "adam")]
    [TestCase("opencl:0", "adam")]
    [TestCase("cuda:0", "adam")]
    public void Xor_IsLearned(string name, string kind)
    {
        if (!TestDevices.Names.Contains(name)) Assert.Ignore($"{name} is not here.");
        var device = TestDevices.Get(name);
        var rng = new Rng(3);
        var model = new Sequential { new Linear(2, 8, rng, Activation.Tanh), new Linear(8, 1, rng) }.To(device);
        Optimizer optimizer = kind switch
        {
            "adam" => new Adam(model.Parameters, 0.05),
            "rmsprop" => new RmsProp(model.Parameters, 0.01),
            _ => new Sgd(model.Parameters, 0.2, momentum: 0.9),
        };
        Tensor x = Tensor.From(Corners, [4, 2], device), y = Tensor.From(Xor, [4, 1], device);
        double last = 0;
        for (int step = 0; step < 200; step++)
        {
            optimizer.ZeroGrad();
            var loss = Loss.MeanSquaredError(model.Forward(x, Pass.Train(rng)), y);
            loss.Backward();
            optimizer.Step();
            last = loss.FiniteItem(step);
        }
        Assert.That(last, Is.LessThan(0.01));
        Assert.That(model.Predict(x).ToArray(), Is.EqualTo(Xor).Within(0.3f));
    }

    [Test]
    public void FiniteItem_NamesTheStep()
    {
        Assert.That(Tensor.Scalar(0.5).FiniteItem(1), Is.EqualTo(0.5));
        var error = Assert.Throws<NonFiniteLossException>(() => Tensor.Scalar(double.NaN).FiniteItem(17))!;
        Assert.That(error.Step, Is.EqualTo(17));
        Assert.That(error.Message, Does.StartWith("The loss of step 17 is NaN. Lower the learning rate"));
        Assert.That(() => Tensor.Scalar(double.PositiveInfinity).FiniteItem(2), Throws.TypeOf<NonFiniteLossException>());
    }

    /// <summary>No scope, no Dispose: what a step leaves behind is found by the pool's collections.</summary>
    [Test]
    public void ALoopByHand_StaysFlat()
    {
        using var device = new CpuDevice(1);
        var rng = new Rng(5);
        var model = new Sequential { new Linear(256, 512, rng, Activation.Relu), new Linear(512, 10, rng) }.To(device);
        var optimizer = new Adam(model.Parameters);
        var x = Tensor.Normal([64, 256], rng, device: device);
        var classes = Tensor.From(Enumerable.Range(0, 64).Select(i => i % 10).ToArray(), [64], device);
        long reserved = 0, resident = 0;
        for (int step = 0; step < 2000; step++)
        {
            optimizer.ZeroGrad();
            Loss.CrossEntropy(model.Forward(x, Pass.Train(rng)), classes).Backward();
            optimizer.Step();
            if (step != 500) continue;
            (reserved, resident) = (device.BytesReserved, Environment.WorkingSet);
        }
        Assert.That(device.BytesReserved, Is.LessThanOrEqualTo(reserved + (8 << 20)));
        Assert.That(Environment.WorkingSet, Is.LessThanOrEqualTo(resident + (64 << 20)));
        TestContext.Out.WriteLine($"reserved {reserved:N0} at step 500 and {device.BytesReserved:N0} at the end; resident {resident:N0} and {Environment.WorkingSet:N0}");
    }
}
