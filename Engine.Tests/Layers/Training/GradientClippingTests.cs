using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers.Training;

public class GradientClippingTests
{
    public static IEnumerable<string> Devices => TestDevices.Names;

    private static Parameter[] Make(Device device, params double[][] gradients)
    {
        Parameter[] parameters = [.. gradients.Select((g, i) => new Parameter($"p{i}", Tensor.Ones([g.Length], device)))];
        foreach (var (p, g) in parameters.Zip(gradients)) (p.Value * Tensor.From(g, [g.Length], device)).Sum().Backward();
        return parameters;
    }

    [TestCaseSource(nameof(Devices))]
    public void ClipGradNorm_ScalesAllByOneFactor_AndGivesTheNorm(string name)
    {
        var p = Make(TestDevices.Get(name), [3, 0, -4], [12]);      // 3² + 4² + 12² = 13²
        Assert.That(p.ClipGradNorm(20), Is.EqualTo(13).Within(1e-5));
        Assert.That(p[0].Grad!.ToArray(), Is.EqualTo(new[] { 3f, 0, -4 }), "under the bound nothing changes");
        Assert.That(p.ClipGradNorm(6.5), Is.EqualTo(13).Within(1e-5));
        double factor = 6.5 / (13 + 1e-6);
        Assert.That(p[0].Grad!.ToArray<double>(), Is.EqualTo(new[] { 3 * factor, 0, -4 * factor }).Within(1e-6));
        Assert.That(p[1].Grad!.ToArray<double>(), Is.EqualTo(new[] { 12 * factor }).Within(1e-6));
        Assert.That(p.ClipGradNorm(double.PositiveInfinity), Is.EqualTo(6.5).Within(1e-5));
    }

    [TestCaseSource(nameof(Devices))]
    public void ClipGradValue_HoldsEachNumber(string name)
    {
        var p = Make(TestDevices.Get(name), [3, 0.5, -4], [12]);
        p.ClipGradValue(2);
        Assert.That(p.SelectMany(x => x.Grad!.ToArray()), Is.EqualTo(new[] { 2, 0.5f, -2, 2 }));
    }

    [Test]
    public void WhatHasNoGradient_OrComesTwice_IsPassedBy()
    {
        var p = Make(Device.Cpu, [3], [4], [100]);
        p[2].Trainable = false;
        var without = new Parameter("w", Tensor.Ones([2]));
        Assert.That(new[] { p[0], p[1], p[0], p[2], without }.ClipGradNorm(1), Is.EqualTo(5).Within(1e-6));
        Assert.That(p[0].Grad!.ToArray<double>(), Is.EqualTo(new[] { 0.6 }).Within(1e-6));
        Assert.That(new[] { without }.ClipGradNorm(1), Is.Zero);
        Assert.That(Array.Empty<Parameter>().ClipGradNorm(1), Is.Zero);
    }

    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    public void ANormThatIsNotFinite_IsAnError_ThatNamesTheParameter(double bad)
    {
        var p = Make(Device.Cpu, [3, 4], [1, bad, 1], [1]);
        var error = Assert.Throws<NonFiniteGradientException>(() => p.ClipGradNorm(1))!;
        Assert.That(error.Parameters, Is.EqualTo(new[] { "p1" }));
        Assert.That(error.Message, Does.Contain("those of p1 are not finite").And.Contain("DetectAnomaly"));
        Assert.That(error.Norm, Is.EqualTo(bad));
        Assert.That(p.ClipGradNorm(1, errorIfNonFinite: false), Is.EqualTo(bad));
        Assert.That(p[0].Grad!.ToArray(), Is.EqualTo(new[] { 3f, 4 }), "nothing was changed");
    }

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(double.NaN)]
    public void ABoundThatIsNone_IsRefused(double bound)
    {
        Assert.That(() => Array.Empty<Parameter>().ClipGradNorm(bound), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Array.Empty<Parameter>().ClipGradValue(bound), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void ATrainer_ClipsBeforeEachStep()
    {
        var norms = new List<double>();
        var trainer = SmallModel.Trainer(Device.Cpu, optimizer: m => new Sgd(m.Parameters, 1), before: t =>
        {
            t.Model.Parameters.ClipGradNorm(0.01);
            norms.Add(t.Model.Parameters.ClipGradNorm(double.PositiveInfinity));
        });
        float[] before = [.. trainer.Model.Parameters.SelectMany(p => p.Value.ToArray())];
        trainer.Fit(new Points(20, 10));
        Assert.That(norms, Has.Count.EqualTo(2).And.All.EqualTo(0.01).Within(1e-5));
        double moved = Math.Sqrt(trainer.Model.Parameters.SelectMany(p => p.Value.ToArray()).Zip(before, (a, b) => (a - b) * (a - b)).Sum());
        Assert.That(moved, Is.InRange(1e-4, 0.0201));
    }

    [Test]
    public void ALargeModel_IsMeasuredWithoutASecondCopyOfItsGradients()
    {
        using var device = new CpuDevice(1);
        var p = Enumerable.Range(0, 16).Select(i => new Parameter($"p{i}", Tensor.Ones([1 << 16], device))).ToArray();
        foreach (var x in p) x.Value.Sum().Backward();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        device.Trim();
        long before = device.BytesReserved;
        Assert.That(p.ClipGradNorm(1), Is.EqualTo(1024).Within(1e-3));
        Assert.That(device.BytesReserved - before, Is.LessThan(8 << 18), "a few gradients' room, not sixteen");
    }

    /// <summary>In double: the gradients of parts, added up, are those of the whole batch, those of an epoch's last parts too.</summary>
    [TestCase(48, 24, 4, 6)]
    [TestCase(24, 16, 4, 4)]                                        // six parts, four at a time: the last two are a step of 8 examples
    public void Accumulation_GivesTheWholeBatchsGradients(int count, int whole, int part, int accumulate)
    {
        double[][] expected = Seen(count, whole, 1), parts = Seen(count, part, accumulate);
        Assert.That(parts, Has.Length.EqualTo(expected.Length));
        for (int i = 0; i < expected.Length; i++) Assert.That(parts[i], Is.EqualTo(expected[i]).Within(1e-12));

        static double[][] Seen(int count, int batch, int accumulate)
        {
            var rng = new Rng(3);
            var model = new Sequential { new Linear(2, 8, rng, Activation.Tanh), new Linear(8, 2, rng) }.To(TestDevices.Reference);
            var seen = new List<double[]>();
            var trainer = new Trainer(model, new Sgd(model.Parameters, 0.1), Loss.CrossEntropy)
            {
                Accumulate = accumulate,
                BeforeStep = p => seen.Add([.. p.SelectMany(x => x.Grad!.ToArray<double>())]),
            };
            trainer.Fit(new Points(count, batch));
            return [.. seen];
        }
    }
}
