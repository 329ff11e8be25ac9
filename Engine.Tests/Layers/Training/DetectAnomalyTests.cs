using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers.Training;

public class DetectAnomalyTests
{
    /// <summary>√ of what a layer makes, which may be 0: fine forward, infinite backward.</summary>
    private sealed class Root : Layer
    {
        protected override Tensor Compute(Tensor x, Pass pass) => (x * 0).Sqrt() + x;
    }

    private sealed class Logarithm : Layer
    {
        protected override Tensor Compute(Tensor x, Pass pass) => (x * 0 - 1).Log();
    }

    private static Trainer Make(Layer inner, bool detect = true)
    {
        var model = new Sequential { { "first", new Linear(2, 3, new Rng(1)) }, { "block", new Sequential { { "inner", inner } } }, { "last", new Linear(3, 2, new Rng(2)) } };
        return new Trainer(model, new Sgd(model.Parameters, 0.1), Loss.CrossEntropy) { DetectAnomaly = detect };
    }

    [Test]
    public void Backward_TheLayersPath_IsTold()
    {
        var error = Assert.Throws<AnomalyException>(() => Make(new Root()).Fit(new Points(20, 10)))!;
        Assert.That(error.Message, Does.StartWith("block.inner (Root): The backward pass of Sqrt made the first infinity").Or.StartsWith("block.inner (Root): The backward pass of Sqrt made the first NaN"));
        Assert.That(error.Message, Does.EndWith("its forward result was finite."));
        Assert.That(AnomalyMode.IsOn, Is.False);
    }

    [Test]
    public void Forward_TheLayersPath_IsTold()
    {
        var error = Assert.Throws<AnomalyException>(() => Make(new Logarithm()).Fit(new Points(20, 10)))!;
        Assert.That(error.Message, Does.StartWith("block.inner (Logarithm): Log made the first NaN"));
        Assert.That(() => Make(new Logarithm(), detect: false).Fit(new Points(20, 10)), Throws.TypeOf<NonFiniteLossException>());
    }

    [Test]
    public void AWeightThatAStepSpoiled_IsNamed()
    {
        var trainer = Make(new Sequential());
        trainer.Model.Parameters[2].CopyFrom(Tensor.Full([2, 3], double.NaN));
        Assert.That(() => trainer.Fit(new Points(20, 10)), Throws.TypeOf<AnomalyException>().With.Message.StartsWith("last (Linear").And.Message.Contains("'last.weight'"));
    }

    [Test]
    public void AHealthyRun_TakesTheSameSteps()
    {
        Trainer watched = Make(new Sequential()), usual = Make(new Sequential(), detect: false);
        watched.Fit(new Points(40, 10), epochs: 2);
        usual.Fit(new Points(40, 10), epochs: 2);
        Assert.That(SmallModel.Numbers(watched.Model), Is.EqualTo(SmallModel.Numbers(usual.Model)));
    }
}
