using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers.Training;

public class TrainerTests
{
    [Test]
    public void Fit_TakesTheVeryStepsOfALoopByHand()
    {
        var data = new Points(100, 16);
        var losses = new List<double>();
        var fitted = SmallModel.Trainer(Device.Cpu);
        fitted.Fit(data, epochs: 3, rng: new Rng(5), callbacks: [new Steps((_, progress) => losses.Add(progress.Loss))]);

        var byHand = SmallModel.Trainer(Device.Cpu);
        var rng = new Rng(5);
        int at = 0;
        for (int epoch = 0; epoch < 3; epoch++)
            foreach (var (x, y) in data.Epoch(epoch, Device.Cpu))
            {
                var loss = byHand.Model.Forward(x, Pass.Train(rng)).CrossEntropy(y);
                loss.Backward();
                byHand.Optimizer.Step();
                byHand.Optimizer.ZeroGrad();
                Assert.That(losses[at++], Is.EqualTo(loss.Item()));
            }
        Assert.That(losses, Has.Count.EqualTo(at));
        Assert.That(SmallModel.Numbers(fitted.Model), Is.EqualTo(SmallModel.Numbers(byHand.Model)));
    }

    [Test]
    public void Fit_Learns_AndItsHistorySaysSo()
    {
        var trainer = SmallModel.Trainer(Device.Cpu, metrics: [new Accuracy()]);
        var history = trainer.Fit(new Points(400, 32), new Points(200, 64, seed: 8), epochs: 30, rng: new Rng(1));
        Assert.That(history, Has.Count.EqualTo(30));
        Assert.That(history[^1].Loss, Is.LessThan(history[0].Loss / 2));
        Assert.That(history[^1].Validation!.Metrics["accuracy"], Is.GreaterThan(0.9));
        Assert.That(history[^1].Find("val_accuracy"), Is.EqualTo(history[^1].Validation!.Metrics["accuracy"]));
        Assert.That(history[^1].Step, Is.EqualTo(30 * 13));
        Assert.That(history[^1].ToString(), Does.StartWith("epoch 30: loss 0."));
        Assert.That(trainer.Evaluate(new Points(200, 64, seed: 8)), Is.EqualTo(history[^1].Validation!).Using<Evaluation>((a, b) => a.Loss == b.Loss && a.Metrics["accuracy"] == b.Metrics["accuracy"]));
    }

    [Test]
    public void OutputsAndLoss_MadeAtOnce_AreThoseMadeOneAfterTheOther()
    {
        var data = new Points(60, 16);
        var apart = SmallModel.Trainer(Device.Cpu, metrics: [new Accuracy()]);
        var model = SmallModel.Trainer(Device.Cpu).Model;
        static Tensor Never(Tensor outputs, Tensor targets) => throw new InvalidOperationException("ComputeWithLoss makes the loss.");
        var atOnce = new Trainer(model, new Adam(model.Parameters, 0.01), Never, new Accuracy())
        {
            ComputeWithLoss = (batch, pass) => model.Forward(batch.Inputs, pass) is var y ? (y, Loss.CrossEntropy(y, batch.Targets)) : default,
        };
        var (one, other) = (apart.Fit(data, data, 3, new Rng(5)), atOnce.Fit(data, data, 3, new Rng(5)));
        Assert.That(other[^1].Figures().Where(figure => !figure.Key.Contains("second")), Is.EqualTo(one[^1].Figures().Where(figure => !figure.Key.Contains("second"))));
        Assert.That(SmallModel.Numbers(model), Is.EqualTo(SmallModel.Numbers(apart.Model)));
        Assert.That(atOnce.Predict(data).ToArray(), Is.EqualTo(apart.Predict(data).ToArray()));
    }

    [Test]
    public void Predict_JoinsTheBatches()
    {
        var trainer = SmallModel.Trainer(Device.Cpu);
        var data = new Points(50, 16);
        var y = trainer.Predict(data);
        Assert.That(y.Shape, Is.EqualTo(new Shape(50, 2)));
        Assert.That(y[..16].ToArray(), Is.EqualTo(trainer.Predict(data.Epoch(0, Device.Cpu).First().Inputs).ToArray()));
    }

    [Test]
    public void Fit_WithAccumulation_TakesTheStepOfTheWholeBatch()
    {
        static Trainer Make(int accumulate)
        {
            var rng = new Rng(3);
            var model = new Sequential { new Linear(2, 8, rng, Activation.Tanh), new Linear(8, 2, rng) };
            return new Trainer(model, new Sgd(model.Parameters, 0.1), Loss.CrossEntropy) { Accumulate = accumulate };
        }

        Trainer whole = Make(1), parts = Make(4);
        whole.Fit(new Points(64, 32), epochs: 2);
        parts.Fit(new Points(64, 8), epochs: 2);
        Assert.That(SmallModel.Numbers(parts.Model), Is.EqualTo(SmallModel.Numbers(whole.Model)).Within(1e-6f));
    }

    [Test]
    public void Fit_Cancelled_EndsBetweenTwoSteps()
    {
        using var cancel = new CancellationTokenSource();
        int ended = 0;
        var trainer = SmallModel.Trainer(Device.Cpu);
        var callback = new Steps((_, progress) =>
        {
            if (progress.Step == 5) cancel.Cancel();
        })
        { Ending = () => ended++ };
        Assert.That(() => trainer.Fit(new Points(100, 10), epochs: 9, callbacks: [callback], cancel: cancel.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(trainer.Optimizer.StepCount, Is.EqualTo(5));
        Assert.That(ended, Is.EqualTo(1));
    }

    [Test]
    public void Fit_ReportsProgress()
    {
        var seen = new List<TrainingProgress>();
        SmallModel.Trainer(Device.Cpu).Fit(new Points(25, 10), epochs: 2, progress: new Direct(seen.Add));
        Assert.That(seen.Select(p => (p.Epoch, p.Batch, p.Step)), Is.EqualTo(new[] { (0, 1, 1L), (0, 2, 2L), (0, 3, 3L), (1, 1, 4L), (1, 2, 5L), (1, 3, 6L) }));
        Assert.That(seen[0].Batches, Is.EqualTo(3));
    }

    [Test]
    public void Fit_WithoutBatches_SaysSo()
        => Assert.That(() => SmallModel.Trainer(Device.Cpu).Fit(new Points(0, 10)), Throws.ArgumentException.With.Message.Contains("no batches"));

    [Test]
    public void Fit_OnANonFiniteLoss_NamesTheStep()
    {
        var rng = new Rng(1);
        var model = new Sequential { new Linear(2, 2, rng) };
        var trainer = new Trainer(model, new Sgd(model.Parameters, 1e30), (y, t) => (y * y).Sum());
        Assert.That(() => trainer.Fit(new Points(100, 10), epochs: 3), Throws.TypeOf<NonFiniteLossException>().With.Message.StartsWith("The loss of step"));
    }

    [Test]
    public void Fit_StaysFlat()
    {
        using var device = new CpuDevice(1);
        var trainer = SmallModel.Trainer(device, metrics: [new Accuracy()]);
        trainer.Fit(new Points(64, 8), new Points(32, 8), epochs: 2);
        long before = device.BytesInUse;
        trainer.Fit(new Points(64, 8), new Points(32, 8), epochs: 20);
        Assert.That(device.BytesInUse, Is.EqualTo(before));
    }

    /// <summary>A callback of the test's own.</summary>
    internal sealed class Steps(Action<TrainingRun, TrainingProgress> after) : Callback
    {
        public Action? Ending { get; init; }

        public override void AfterStep(TrainingRun run, TrainingProgress progress) => after(run, progress);

        public override void End(TrainingRun run) => Ending?.Invoke();
    }

    private sealed class Direct(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
