using Engine.Core;
using Engine.Kernels;
using Engine.Layers;
using Engine.Tests.Layers.Training;

namespace Engine.Tests.Layers.Schedules;

public class LearningRateTests
{
    private static readonly Schedule Falling = Schedule.Warmup(3, Schedule.Cosine(9, 0.1));

    private static Optimizer Groups(Layer model)
        => new Sgd(new ParameterGroups(new ParameterGroup(model.Parameters.Take(2).ToArray()), new ParameterGroup(model.Parameters.Skip(2).ToArray(), LearningRate: 0.2)), 0.1, momentum: 0.9);

    [Test]
    public void EachStep_IsTakenWithItsRate_AndGroupsGoAlong()
    {
        var seen = new List<double[]>();
        var trainer = SmallModel.Trainer(Device.Cpu, optimizer: Groups, before: t => seen.Add([.. t.Optimizer.LearningRates]));
        trainer.Fit(new Points(30, 10), epochs: 4, callbacks: [new LearningRateSchedule(Falling)]);
        Assert.That(seen, Has.Count.EqualTo(12));
        for (int t = 0; t < 12; t++) Assert.That(seen[t], Is.EqualTo(new[] { 0.1 * Falling.At(t), 0.2 * Falling.At(t) }).Within(1e-15), $"step {t}");
    }

    [Test]
    public void WithinATime_TheScheduleFollowsWhicheverIsFurther()
    {
        Assert.That(Rates(TimeSpan.FromDays(1)), Is.EqualTo(Enumerable.Range(0, 12).Select(t => 0.1 * Falling.At(t))).Within(1e-15));
        Assert.That(Rates(TimeSpan.FromTicks(1))[1..], Is.All.EqualTo(0.1 * Falling.At(12)).Within(1e-15));
        Assert.That(() => LearningRateSchedule.Within(Falling, 0, TimeSpan.FromDays(1)), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => LearningRateSchedule.Within(Falling, 1, TimeSpan.Zero), Throws.TypeOf<ArgumentOutOfRangeException>());

        static double[] Rates(TimeSpan time)
        {
            var seen = new List<double>();
            var trainer = SmallModel.Trainer(Device.Cpu, optimizer: m => new Sgd(m.Parameters, 0.1), before: t => seen.Add(t.Optimizer.LearningRate));
            trainer.Fit(new Points(30, 10), epochs: 4, callbacks: [LearningRateSchedule.Within(Falling, 12, time)]);
            return [.. seen];
        }
    }

    [Test]
    public void ByEpoch_EachEpochHasItsRate()
    {
        var seen = new List<double>();
        var trainer = SmallModel.Trainer(Device.Cpu, optimizer: m => new Sgd(m.Parameters, 0.1), before: t => seen.Add(t.Optimizer.LearningRate));
        trainer.Fit(new Points(30, 10), epochs: 3, callbacks: [new LearningRateSchedule(Schedule.Exponential(0.5), byEpoch: true)]);
        Assert.That(seen, Is.EqualTo(new[] { 0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.025, 0.025, 0.025 }).Within(1e-15));
    }

    [Test]
    public void WithAccumulation_TheOptimizersStepsCount()
    {
        var seen = new List<double>();
        var trainer = SmallModel.Trainer(Device.Cpu, optimizer: m => new Sgd(m.Parameters, 1), before: t => seen.Add(t.Optimizer.LearningRate), accumulate: 2);
        trainer.Fit(new Points(50, 10), epochs: 2, callbacks: [new LearningRateSchedule(Schedule.Exponential(0.5))]);
        Assert.That(seen, Is.EqualTo(new[] { 1, 0.5, 0.25, 0.125, 0.0625, 0.03125 }).Within(1e-15));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void AResumedRun_HasTheSameRates_AndWeights(bool byEpoch)
    {
        var (whole, expected) = Run(null, byEpoch, stop: 0, rate: 0.1);
        for (int stop = 1; stop < 12; stop += 3)
        {
            using var folder = new TemporaryFolder();
            var (first, _) = Run(folder.Path, byEpoch, stop, 0.1);
            // Made with another rate, as a checkpoint may be taken up by a program that was changed: the run's own counts.
            var (second, weights) = Run(folder.Path, byEpoch, stop: 0, rate: 0.7);
            int saved = stop - stop % 2;
            if (saved == 0) continue;                               // nothing was saved: the rate is the new optimizer's
            Assert.That(first.Take(saved).Concat(second), Is.EqualTo(whole), $"stopped after step {stop}");
            Assert.That(weights, Is.EqualTo(expected), $"stopped after step {stop}");
        }

        static (List<double> Rates, float[] Weights) Run(string? folder, bool byEpoch, int stop, double rate)
        {
            var rates = new List<double>();
            using var cancel = new CancellationTokenSource();
            var trainer = SmallModel.Trainer(Device.Cpu, optimizer: m => new Sgd(m.Parameters, rate, 0.9), before: t => rates.Add(t.Optimizer.LearningRate));
            var stopper = new TrainerTests.Steps((_, p) =>
            {
                if (p.Step == stop) cancel.Cancel();
            });
            try
            {
                trainer.Fit(new Points(30, 10), epochs: 4, callbacks: [new LearningRateSchedule(Falling, byEpoch), stopper], cancel: cancel.Token,
                    checkpoints: folder is null ? null : new Checkpoints(folder) { EverySteps = 2 });
            }
            catch (OperationCanceledException) when (stop > 0)
            {
            }
            return (rates, SmallModel.Numbers(trainer.Model));
        }
    }

    [Test]
    public void ASecondRun_StartsTheScheduleAgain()
    {
        var seen = new List<double>();
        var trainer = SmallModel.Trainer(Device.Cpu, optimizer: m => new Sgd(m.Parameters, 1), before: t => seen.Add(t.Optimizer.LearningRate));
        var callback = new LearningRateSchedule(Schedule.Exponential(0.5));
        trainer.Fit(new Points(20, 10), callbacks: [callback]);
        trainer.Fit(new Points(20, 10), callbacks: [callback]);
        Assert.That(seen, Is.EqualTo(new[] { 1, 0.5, 1, 0.5 }));
    }

    [Test]
    public void Plateau_LowersTheRate_AsPyTorchCounts()
    {
        // The figure of each epoch, and PyTorch's rates after it with factor 0.5, patience 1, cooldown 2, min_lr 0.2 and threshold 0.
        double[] losses = [5, 4, 4, 4, 4, 4, 4, 4, 3, 3, 3, 3];
        double[] rates = [1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.2];
        Assert.That(Feed(new ReduceOnPlateau("loss", 0.5, 1, 0, 2, 0.2), losses).Rates, Is.EqualTo(rates).Within(1e-15));
        var (_, state, rate) = Feed(new ReduceOnPlateau("loss", 0.5, 1, 0, 2, 0.2), losses[..6]);
        Assert.That(Feed(new ReduceOnPlateau("loss", 0.5, 1, 0, 2, 0.2), losses[6..], state, rate).Rates, Is.EqualTo(rates[6..]).Within(1e-15));
        Assert.That(Feed(new ReduceOnPlateau("loss", 0.5, 0, minRate: 3), [1, 1]).Rates, Is.EqualTo(new[] { 1.0, 1 }), "the rate is never raised");

        static (double[] Rates, IReadOnlyDictionary<string, double> State, double Rate) Feed(ReduceOnPlateau plateau, double[] losses, IReadOnlyDictionary<string, double>? state = null, double rate = 1)
        {
            var trainer = SmallModel.Trainer(Device.Cpu, optimizer: m => new Sgd(m.Parameters, 1));
            var run = new TrainingRun(trainer, new Points(10, 10), 99, new Rng(0));
            plateau.Prepare(trainer.Model);
            if (state is not null) plateau.State = state;
            trainer.Optimizer.LearningRate = rate;
            var rates = losses.Select((loss, i) =>
            {
                plateau.AfterEpoch(run, new EpochResult(i, i, loss, new Dictionary<string, double>(), null, 1, 1, 1));
                return trainer.Optimizer.LearningRate;
            }).ToArray();
            return (rates, plateau.State, trainer.Optimizer.LearningRate);
        }
    }

    [Test]
    public void Plateau_RefusesWhatIsOutsideItsRange()
    {
        Assert.That(() => new ReduceOnPlateau(factor: 1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new ReduceOnPlateau(patience: -1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new ReduceOnPlateau(cooldown: -1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new ReduceOnPlateau(minRate: double.NaN), Throws.TypeOf<ArgumentOutOfRangeException>());
    }
}
