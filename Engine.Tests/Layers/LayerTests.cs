using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers;

public class LayerTests
{
    /// <summary>y = x · weight, where it fits.</summary>
    private sealed class Scale : Layer
    {
        private readonly Parameter weight;

        public Scale(params float[] weight) => this.weight = NewParameter("weight", Tensor.From(weight, [weight.Length]));

        protected override string Settings => $"by {weight.Shape.Count}";

        protected override Tensor Compute(Tensor x, Pass pass) => x * weight;
    }

    private sealed class Forgetful : Layer
    {
        private readonly Parameter scale = new("scale", Tensor.From([1f], [1]));
        private readonly Layer[] layers = [new Scale(1), new Scale(2)];

        public Forgetful() => Register("first", layers[0]);

        protected override Tensor Compute(Tensor x, Pass pass) => layers[1].Forward(x * scale, pass);
    }

    private static Sequential Nested() => new()
    {
        { "features", new Sequential(new Scale(1, 2), new Flatten(), new Scale(3, 4)) },
        { "head", new Scale(5, 6) },
    };

    [Test]
    public void Names_AreThePathFromTheLayerAsked()
    {
        var model = Nested();
        Assert.That(model.NamedParameters().Select(p => p.Key), Is.EqualTo(new[] { "features.0.weight", "features.2.weight", "head.weight" }));
        Assert.That(model.Parameters.Select(p => p.Name), Is.EqualTo(new[] { "features.0.weight", "features.2.weight", "head.weight" }));
        Assert.That(model[0].NamedParameters().Select(p => p.Key), Is.EqualTo(new[] { "0.weight", "2.weight" }));
        Assert.That(model.Parameters[1].Value.Name, Is.EqualTo("features.2.weight"));
        Assert.That(model.ParameterCount, Is.EqualTo(6));
    }

    [Test]
    public void Register_RefusesBadNamesAndCycles()
    {
        var model = Nested();
        Assert.That(() => model.Add("head", new Flatten()), Throws.ArgumentException.With.Message.Contains("'head' already"));
        Assert.That(() => model.Add("a.b", new Flatten()), Throws.ArgumentException.With.Message.Contains("dot"));
        Assert.That(() => ((Sequential)model[0]).Add("loop", model), Throws.ArgumentException.With.Message.Contains("part of itself"));
    }

    [Test]
    public void ToString_IsATree() => Assert.That(Nested().ToString().ReplaceLineEndings("\n"), Is.EqualTo("""
        Sequential                         6
          features: Sequential             4
            0: Scale by 2                  2
            1: Flatten
            2: Scale by 2                  2
          head: Scale by 2                 2
        """.ReplaceLineEndings("\n")));

    [Test]
    public void Forward_NamesTheInnermostLayerInItsError()
    {
        var error = Assert.Throws<ShapeException>(() => Nested().Forward(Tensor.From(new float[6], [2, 3]), Pass.Inference))!;
        Assert.That(error.Message, Does.StartWith("features.0 (Scale by 2): Multiply: (2, 3)"));
        Assert.That(error.Place, Is.EqualTo("features.0 (Scale by 2)"));
    }

    [Test]
    public void Predict_RecordsNothing_AndKeepsOnlyItsResult()
    {
        var device = new CpuDevice(1);
        var model = Nested().To(device);
        var x = Tensor.From([1f, 1f], [1, 2], device);
        long before = device.BytesInUse;
        var y = model.Predict(x);
        Assert.That(y.ToArray(), Is.EqualTo(new[] { 15f, 48f }));
        Assert.That(y.Creator, Is.Null);
        Assert.That(device.BytesInUse - before, Is.EqualTo(64));
    }

    [Test]
    public void Predict_WithLengths_CountsNoPadding()
    {
        var rng = new Rng(1);
        var model = new Sequential { new Embedding(9, 4, rng), new Lstm(4, 5, rng, returnSequences: false) };
        float[] alone = model.Predict(Tensor.From([3, 4], [1, 2])).ToArray();
        var padded = Tensor.From([3, 4, 0, 0, 5, 6, 7, 8], [2, 4]);
        using var predictor = new Predictor(model);
        foreach (var y in new[] { model.Predict(padded, [2, 4]), predictor.Predict(padded, [2, 4]) })
            Assert.That(y.ToArray()[..5], Is.EqualTo(alone).Within(1e-6));
        Assert.That(model.Predict(padded).ToArray()[..5], Is.Not.EqualTo(alone).Within(1e-3));
    }

    [Test]
    public void Parameter_OutlivesTheScopeItWasMadeIn()
    {
        Layer model;
        using (Device.Cpu.Scope("making"))
        {
            model = new Scale(2, 3);
            model.Forward(Tensor.From([1f, 1f], [2]), Pass.Inference).Sum().Backward();
        }
        Assert.That(model.Parameters[0].Value.ToArray(), Is.EqualTo(new[] { 2f, 3f }));
        Assert.That(model.Parameters[0].Grad!.ToArray(), Is.EqualTo(new[] { 1f, 1f }));
    }

    [Test]
    public void Parameter_CopyFrom_IsSeenByAGraphThatSavedIt()
    {
        var model = new Scale(2, 3);
        var weight = model.Parameters[0];
        var x = Tensor.From([1f, 1f], [2]).WithGrad();
        var loss = model.Forward(x, Pass.Inference).Sum();
        int version = weight.Version;
        weight.CopyFrom([4f, 5f]);
        Assert.That(weight.Version, Is.EqualTo(version + 1));
        Assert.That(() => loss.Backward(), Throws.TypeOf<GraphException>().With.Message.Contains("weight"));
        Assert.That(() => weight.CopyFrom([1f]), Throws.TypeOf<ShapeException>());
        Assert.That(() => weight.CopyFrom(Tensor.From([1f], [1])), Throws.TypeOf<ShapeException>());
    }

    [Test]
    public void Parameter_Frozen_GathersNoGradient()
    {
        var model = new Sequential(new Scale(2, 3), new Scale(4, 5));
        model[0].SetTrainable(false);
        model.Forward(Tensor.From([1f, 1f], [2]), Pass.Inference).Sum().Backward();
        Assert.That(model.Parameters[0].Grad, Is.Null);
        Assert.That(model.Parameters[1].Grad!.ToArray(), Is.EqualTo(new[] { 2f, 3f }));
        model.SetTrainable(true);
        model.ZeroGrad();
        model.Forward(Tensor.From([1f, 1f], [2]), Pass.Inference).Sum().Backward();
        Assert.That(model.Parameters[0].Grad!.ToArray(), Is.EqualTo(new[] { 4f, 5f }));
    }

    [Test]
    public void ZeroGrad_GivesBackAGradientThatNobodyHasSeen_AndLeavesAnother()
    {
        using var device = new CpuDevice(1);
        var model = new Scale(2, 3).To(device);
        var x = Tensor.From([1f, 1f], [2], device);
        using (device.Scope()) model.Forward(x, Pass.Inference).Sum().Backward();
        long before = device.BytesInUse;
        model.ZeroGrad();
        Assert.That(device.BytesInUse, Is.EqualTo(before - 64));
        model.Forward(x, Pass.Inference).Sum().Backward();
        model.Forward(x, Pass.Inference).Sum().Backward();
        var seen = model.Parameters[0].Grad!;
        model.Forward(x, Pass.Inference).Sum().Backward();
        var summed = model.Parameters[0].Grad!;
        model.ZeroGrad();
        Assert.That(seen.ToArray(), Is.EqualTo(new[] { 2f, 2f }));
        Assert.That(summed.ToArray(), Is.EqualTo(new[] { 3f, 3f }));
    }

    [Test]
    public void To_MovesParametersAndTheirGradients()
    {
        var model = new Sequential(new Scale(2, 3));
        model.Forward(Tensor.From([1f, 1f], [2]), Pass.Inference).Sum().Backward();
        var weight = model.Parameters[0];
        model.To(TestDevices.Reference);
        Assert.That(weight.Value.Device, Is.SameAs(TestDevices.Reference));
        Assert.That(weight.Name, Is.EqualTo("0.weight"));
        Assert.That(weight.Trainable);
        Assert.That(weight.Grad!.ToArray<double>(), Is.EqualTo(new[] { 1.0, 1.0 }));
    }

    [Test]
    public void Unregistered_FindsAPlantedLayerThatForgets()
        => Assert.That(Unregistered.In(new Sequential(new Forgetful())), Is.EquivalentTo(new[] { "Forgetful.scale", "Forgetful.layers" }));
}
