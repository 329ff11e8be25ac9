using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers.Training;

public class TrainerDataTests
{
    private static (Tensor X, Tensor Y) Rows(int count, ulong seed = 7)
    {
        var (x, y) = new Points(count, count, seed).Epoch(0, Device.Cpu).First();
        return (x, y);
    }

    [Test]
    public void Fit_OnTensors_TakesTheStepsOfADataSetOfTheirRows()
    {
        var (x, y) = Rows(50);
        Trainer tensors = SmallModel.Trainer(Device.Cpu, metrics: new Accuracy()), set = SmallModel.Trainer(Device.Cpu, metrics: new Accuracy());
        var ofTensors = tensors.Fit(x, y, batchSize: 16, epochs: 3, validation: Rows(20, 9), rng: new Rng(4));
        var (vx, vy) = Rows(20, 9);
        var ofSet = set.Fit(Datasets.FromClasses(x, y), new ClassCollator([2]), batchSize: 16, epochs: 3, validation: Datasets.FromClasses(vx, vy), workers: 1, rng: new Rng(4));
        Assert.That(SmallModel.Numbers(tensors.Model), Is.EqualTo(SmallModel.Numbers(set.Model)));
        Assert.That(ofTensors.Select(e => (e.Step, e.Loss, e.Validation!.Loss)), Is.EqualTo(ofSet.Select(e => (e.Step, e.Loss, e.Validation!.Loss))));
        Assert.That(tensors.Evaluate(vx, vy).Loss, Is.EqualTo(ofTensors[^1].Validation!.Loss).Within(1e-6));
        Assert.That(tensors.Evaluate(Datasets.FromClasses(vx, vy), new ClassCollator([2])).Loss, Is.EqualTo(tensors.Evaluate(vx, vy).Loss));
    }

    [Test]
    public void AValidationSplit_KeepsTheLastRows()
    {
        var (x, y) = Rows(50);
        Trainer split = SmallModel.Trainer(Device.Cpu), apart = SmallModel.Trainer(Device.Cpu), set = SmallModel.Trainer(Device.Cpu);
        var history = split.Fit(x, y, batchSize: 8, epochs: 2, validationSplit: 0.2);
        var expected = apart.Fit(x[..40], y[..40], batchSize: 8, epochs: 2, validation: (x[40..], y[40..]));
        set.Fit(Datasets.FromClasses(x, y), new ClassCollator([2]), batchSize: 8, epochs: 2, validationSplit: 0.2);
        Assert.That(SmallModel.Numbers(split.Model), Is.EqualTo(SmallModel.Numbers(apart.Model)).And.EqualTo(SmallModel.Numbers(set.Model)));
        Assert.That(history[^1].Validation!.Loss, Is.EqualTo(expected[^1].Validation!.Loss));
    }

    [TestCase(1.0)]
    [TestCase(-0.1)]
    [TestCase(0.99)]
    [TestCase(double.NaN)]
    public void ASplitThatLeavesNothing_IsRefused(double split)
    {
        var (x, y) = Rows(50);
        var error = Assert.Throws<ArgumentException>(() => SmallModel.Trainer(Device.Cpu).Fit(x, y, validationSplit: split))!;
        Assert.That(error.Message, Does.StartWith(FormattableString.Invariant($"A validation split of {split}")));
    }

    [Test]
    public void WhatDoesNotFit_IsRefusedBeforeTheFirstStep()
    {
        var (x, y) = Rows(50);
        var trainer = SmallModel.Trainer(Device.Cpu);
        Assert.That(() => trainer.Fit(x, y[..40]), Throws.TypeOf<ShapeException>().With.Message.Contains("(50, 2)").And.Message.Contains("(40)"));
        Assert.That(() => trainer.Fit(x, y, batchSize: 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => trainer.Fit(x, y, validation: (x, y), validationSplit: 0.5), Throws.ArgumentException.With.Message.Contains("both given"));
        Assert.That(trainer.Optimizer.StepCount, Is.Zero);
    }

    [Test]
    public void EvaluateAndPredict_TellOfTheirProgress_AndCanBeCancelled()
    {
        var (x, y) = Rows(50);
        var trainer = SmallModel.Trainer(Device.Cpu);
        var told = new Told();
        trainer.Evaluate(x, y, batchSize: 20, told);
        Assert.That(told.All, Is.EqualTo(new[] { new BatchProgress(1, 3, 20), new BatchProgress(2, 3, 40), new BatchProgress(3, 3, 50) }));
        told.All.Clear();
        Assert.That(trainer.Predict(x, batchSize: 20, told).ToArray(), Is.EqualTo(trainer.Predict(x).ToArray()).Within(1e-6f));
        Assert.That(told.All, Has.Count.EqualTo(3));
        Assert.That(trainer.Predict(Datasets.FromClasses(x, y), new ClassCollator([2]), batchSize: 20).Shape, Is.EqualTo(new Shape(50, 2)));
        using var cancel = new CancellationTokenSource();
        told.All.Clear();
        told.Stop = cancel;
        Assert.That(() => trainer.Predict(x, batchSize: 20, told, cancel.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(told.All, Has.Count.EqualTo(1));
        Assert.That(() => trainer.Evaluate(x, y, cancel: cancel.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    private sealed class Told : IProgress<BatchProgress>
    {
        public List<BatchProgress> All { get; } = [];

        public CancellationTokenSource? Stop { get; set; }

        public void Report(BatchProgress value)
        {
            All.Add(value);
            Stop?.Cancel();
        }
    }

    [Test]
    public void Predict_OfBatchesOfOtherLengths_SaysWhatToDo()
    {
        var model = new Sequential { new Linear(1, 1, new Rng(1)) };
        var trainer = new Trainer(model, new Sgd(model.Parameters, 0.1), Loss.MeanSquaredError);
        var data = new DataLoader<int>(Datasets.From([3, 3, 5]), new Steps(), 2);
        Assert.That(() => trainer.Predict(data), Throws.TypeOf<ShapeException>().With.Message.Contains("batch 1 are (1, 5, 1)").And.Message.Contains("pad all to one length"));
    }

    /// <summary>Sequences of so many zeros.</summary>
    private sealed class Steps : ICollator<int>
    {
        public void Collate(ReadOnlySpan<Drawn<int>> examples, HostBatch batch, Rng rng)
        {
            batch.Inputs.SetFloats([examples.Length, examples[0].Value, 1]);
            batch.Targets.SetFloats([examples.Length]);
        }
    }
}
