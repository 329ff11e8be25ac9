using Engine.Core;
using Engine.Examples;
using Engine.Kernels;
using Engine.Layers;
using Engine.Tests.Layers.Data;

namespace Engine.Tests.Layers.Training;

public class CarriedStateTests
{
    private const int Streams = 4, Steps = 2;

    /// <summary>After two characters alike nobody knows whether a third comes: only who remembers those before.</summary>
    private static readonly CharText Threes = CharText.From("threes", string.Concat(Enumerable.Repeat("aaabbb", 40)));

    private static (Trainer Trainer, CarriedState Carried, CharRnnModel Model) Make(ulong seed = 1, int layers = 1)
    {
        var model = new CharRnnModel(2, 12, layers, new Rng(seed));
        var carried = new CarriedState(model.Zeros(Streams));
        return (CharRnnExample.Trainer(model, carried, 0.01), carried, model);          // at 0.02 the loss still jumps at the end, and a run's last digit decides
    }

    private static ContiguousBatches Data() => new(Threes.Tokens, Streams, Steps);

    /// <summary>Forgets before each step.</summary>
    private sealed class Forget(CarriedState carried) : Callback
    {
        public override void BeforeStep(TrainingRun run) => carried.Reset();
    }

    [Test]
    public void WhatWasBeforeTheBatch_IsRemembered()
    {
        var (trainer, carried, _) = Make();
        trainer.Fit(Data(), epochs: 120, callbacks: [carried]);
        carried.Reset();
        Assert.That(trainer.Evaluate(Data()).Loss / Math.Log(2), Is.LessThan(0.15));

        var forgetful = Make();
        var history = forgetful.Trainer.Fit(Data(), epochs: 120, callbacks: [forgetful.Carried, new Forget(forgetful.Carried)]);
        Assert.That(history[^1].Loss / Math.Log(2), Is.GreaterThan(0.5));
    }

    [Test]
    public void ABatch_BeginsWhereTheOneBeforeEnded_WithoutItsGraph()
    {
        var (_, carried, model) = Make(layers: 2);
        var all = Tensor.From(Threes.Tokens.AsSpan(0, 24), [Streams, 6]);
        var whole = model.Run(all, Pass.Inference, null);
        for (int at = 0; at < 6; at += Steps)
        {
            var begin = carried.Begin();
            Assert.That(begin.Hidden.Creator, Is.Null);
            Assert.That(begin.Hidden.RequiresGrad, Is.False);
            var (logits, state) = model.Run(all[.., at..(at + Steps)], Pass.Train(new Rng(1)), begin);
            carried.GoOn(state);
            Assert.That(logits.ToArray(), Is.EqualTo(whole.Logits[.., at..(at + Steps)].ToArray()).Within(1e-6f));
            logits.Sum().Backward();                                // the state has changed in place since, and its copy has not
        }
        Assert.That(carried.Begin().Cell!.ToArray(), Is.EqualTo(whole.State.Cell!.ToArray()).Within(1e-6f));
        carried.Reset();
        Assert.That(carried.Begin().Cell!.ToArray(), Is.All.EqualTo(0f));
    }

    [Test]
    public void ARun_InterruptedAndResumed_EndsWithTheVeryBits([Values(7, 30)] int stop)
    {
        var whole = Make();
        whole.Trainer.Fit(Data(), Data(), epochs: 3, callbacks: [whole.Carried]);

        using var folder = new TemporaryFolder();
        using var cancel = new CancellationTokenSource();
        var checkpoints = new Checkpoints(folder.Path) { EverySteps = 3 };
        var first = Make();
        Assert.That(() => first.Trainer.Fit(Data(), Data(), epochs: 3, callbacks: [first.Carried, new StreamLoaderTests.Stop(stop, cancel)], checkpoints: checkpoints, cancel: cancel.Token),
            Throws.InstanceOf<OperationCanceledException>());
        var second = Make(50);
        second.Trainer.Fit(Data(), Data(), epochs: 3, callbacks: [second.Carried, new StreamLoaderTests.Stop(-1, cancel)], checkpoints: checkpoints);
        Assert.That(Numbers(second), Is.EqualTo(Numbers(whole)));

        static float[] Numbers((Trainer Trainer, CarriedState Carried, CharRnnModel Model) made)
            => [.. made.Model.Parameters.SelectMany(p => p.Value.ToArray()), .. made.Carried.Begin().Hidden.ToArray()];
    }

    [Test]
    public void Training_StaysFlat()
    {
        using var device = new CpuDevice(1);
        var model = new CharRnnModel(2, 12, 1, new Rng(1)).To(device);
        var carried = new CarriedState(model.Zeros(Streams));
        var trainer = CharRnnExample.Trainer(model, carried, 0.02);
        trainer.Fit(Data(), epochs: 2, callbacks: [carried]);
        long before = device.BytesInUse;
        trainer.Fit(Data(), epochs: 4, callbacks: [carried]);
        Assert.That(device.BytesInUse, Is.EqualTo(before));
    }

    [Test]
    public void Mistakes_AreNamed()
    {
        var zeros = Tensor.Zeros([1, 4, 12]);
        var carried = new CarriedState(new RecurrentState(zeros));
        Assert.That(() => carried.GoOn(new RecurrentState(zeros, zeros)), Throws.ArgumentException.With.Message.Contains("cell"));
        Assert.That(() => carried.GoOn(new RecurrentState(Tensor.Zeros([1, 3, 12]))), Throws.TypeOf<ShapeException>());
    }

    [Test]
    public void TheTimeLimit_EndsARun()
    {
        var (trainer, carried, _) = Make();
        var history = trainer.Fit(Data(), epochs: 1000, callbacks: [carried, new TimeLimit(TimeSpan.FromTicks(1))]);
        Assert.That(history.StoppedBecause, Does.Contain("time limit"));
        Assert.That(trainer.Optimizer.StepCount, Is.EqualTo(1));
        Assert.That(() => new TimeLimit(TimeSpan.Zero), Throws.TypeOf<ArgumentOutOfRangeException>());
    }
}
