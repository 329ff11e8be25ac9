using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers.Training;

public class AveragedWeightsTests
{
    private static readonly Points Data = new(60, 10);

    private static Sequential Model(Device device, ulong seed = 1) => (Sequential)SmallModel.Trainer(device, seed).Model;

    private static double[] Doubles(IEnumerable<KeyValuePair<string, Engine.Layers.Buffer>> state) => [.. state.SelectMany(s => s.Value.Value.ToArray<double>())];

    private static double[] Weights(Layer model) => Doubles(model.State().Where(s => s.Value is Parameter));

    // Weights that are known: the update's number and the index make them.
    private static void Change(Layer model, int update)
    {
        foreach (var (_, buffer) in model.State())
            buffer.CopyFrom(Tensor.From([.. Enumerable.Range(0, buffer.Shape.Count).Select(i => Math.Sin(i + 3.7 * update))], buffer.Shape, buffer.Value.Device));
    }

    public static IEnumerable<string> Devices => TestDevices.Names;

    [TestCaseSource(nameof(Devices))]
    public void Exponential_AndEqual_AreTheirFormulas_AndBuffersAreTheLast(string name)
    {
        var model = Model(TestDevices.Get(name));
        AveragedWeights moving = AveragedWeights.Exponential(model, 0.8), equal = AveragedWeights.Equal(model);
        double[] average = [], sum = [];
        for (int k = 0; k < 6; k++)
        {
            Change(model, k);
            double[] now = Doubles(model.State());
            average = k == 0 ? now : [.. average.Zip(now, (a, w) => 0.8 * a + 0.2 * w)];
            sum = k == 0 ? now : [.. sum.Zip(now, (a, w) => a + w)];
            moving.Update();
            equal.Update();
        }
        double tolerance = name == "reference" ? 1e-14 : 1e-6;
        double[] last = Doubles(model.State());
        bool[] isParameter = [.. model.State().SelectMany(s => Enumerable.Repeat(s.Value is Parameter, s.Value.Shape.Count))];
        Assert.That(Doubles(moving.State()), Is.EqualTo(average.Select((a, i) => isParameter[i] ? a : last[i])).Within(tolerance));
        Assert.That(Doubles(equal.State()), Is.EqualTo(sum.Select((s, i) => isParameter[i] ? s / 6 : last[i])).Within(tolerance));
        Assert.That(moving.State().Select(s => s.Key), Is.EqualTo(model.State().Select(s => s.Key)));
        Assert.That(equal.Updates, Is.EqualTo(6));
    }

    [Test]
    public void Swap_GivesTheModelsOwnBack_ThroughAnException()
    {
        var model = Model(Device.Cpu);
        var average = AveragedWeights.Equal(model);
        average.Update();
        Change(model, 1);
        average.Update();
        double[] own = Doubles(model.State()), mean = Doubles(average.State());
        Assert.That(own, Is.Not.EqualTo(mean));
        Assert.That(() =>
        {
            using var swap = average.Swap();
            Assert.That(Doubles(model.State()), Is.EqualTo(mean));
            Assert.That(average.Update, Throws.InvalidOperationException.With.Message.Contains("taken into itself"));
            Assert.That(() => { average.Swap(); }, Throws.InvalidOperationException.With.Message.Contains("in the model already"));
            throw new FormatException("the evaluation failed");
        }, Throws.TypeOf<FormatException>());
        Assert.That(Doubles(model.State()), Is.EqualTo(own));
        Assert.That(Doubles(average.State()), Is.EqualTo(mean));
        average.Update();
        average.CopyToModel();
        Assert.That(Doubles(model.State()), Is.EqualTo(Doubles(average.State())));
    }

    [Test]
    public void Swap_ThatFailsHalfway_LeavesTheModelItsOwn()
    {
        var model = Model(Device.Cpu);
        var average = AveragedWeights.Equal(model);
        average.Update();
        Change(model, 1);
        average.Update();
        double[] own = Doubles(model.State());
        var buffers = average.State().ToArray();
        buffers[^1].Value.Value.Storage.End("a fault of the test");     // the last average to be copied is gone
        Assert.That(() => { average.Swap(); }, Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(Doubles(model.State()), Is.EqualTo(own));
    }

    [Test]
    public void BeforeTheFirstUpdate_ThereIsNoAverage()
    {
        var average = AveragedWeights.Exponential(Model(Device.Cpu));
        Assert.That(() => { average.Swap(); }, Throws.InvalidOperationException.With.Message.Contains("Update() it"));
        Assert.That(() => AveragedWeights.Exponential(Model(Device.Cpu), 1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => WeightAveraging.Exponential(double.NaN), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => WeightAveraging.Equal(-1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => WeightAveraging.Equal(0).Average, Throws.InvalidOperationException);
    }

    [Test]
    public void AModelThatMoves_IsFollowed()
    {
        var model = Model(Device.Cpu);
        var average = AveragedWeights.Equal(model);
        average.Update();
        double[] first = Weights(model);
        model.To(TestDevices.Reference);
        Change(model, 1);
        double[] second = Weights(model);
        average.Update();
        using var swap = average.Swap();
        Assert.That(Weights(model), Is.EqualTo(first.Zip(second, (a, b) => (a + b) / 2)).Within(1e-12));
    }

    /// <summary>The statistics of each batch by hand, from the averaged weights, and their mean.</summary>
    [Test]
    public void RecomputeStatistics_AreTheMeanOverTheBatches()
    {
        var device = TestDevices.Reference;
        var rng = new Rng(3);
        var model = new Sequential { new Linear(2, 3, rng), new BatchNorm1d(3, momentum: 0.3) }.To(device);
        var average = AveragedWeights.Equal(model);
        average.Update();
        Change(model, 2);
        average.Update();
        double[] own = Doubles(model.State());
        average.RecomputeStatistics(Data, new Rng(1));
        Assert.That(Doubles(model.State()), Is.EqualTo(own), "the model has its own back");

        var state = average.State().ToDictionary();
        double[] w = state["0.weight"].Value.ToArray<double>(), b = state["0.bias"].Value.ToArray<double>();
        double[] mean = new double[3], variance = new double[3];
        int batches = 0;
        foreach (var (x, _) in Data.Epoch(0, device))
        {
            double[] v = x.ToArray<double>();
            int n = x.Shape[0];
            for (int c = 0; c < 3; c++)
            {
                double[] y = [.. Enumerable.Range(0, n).Select(i => v[2 * i] * w[2 * c] + v[2 * i + 1] * w[2 * c + 1] + b[c])];
                mean[c] += y.Average();
                variance[c] += y.Sum(z => (z - y.Average()) * (z - y.Average())) / (n - 1);
            }
            batches++;
        }
        Assert.That(state["1.running_mean"].Value.ToArray<double>(), Is.EqualTo(mean.Select(m => m / batches)).Within(1e-12));
        Assert.That(state["1.running_var"].Value.ToArray<double>(), Is.EqualTo(variance.Select(m => m / batches)).Within(1e-12));
        Assert.That(() => average.RecomputeStatistics(new Points(0, 10), new Rng(1)), Throws.ArgumentException.With.Message.Contains("no batches"));
        Assert.That(Doubles(model.State()), Is.EqualTo(own));
        var still = AveragedWeights.Equal(new Sequential { new BatchNorm1d(2, momentum: 0) });
        still.Update();
        Assert.That(() => still.RecomputeStatistics(Data, new Rng(1)), Throws.ArgumentException.With.Message.Contains("momentum of 0"));
    }

    [Test]
    public void RecomputeStatistics_AtTheEndOfARun_ComputesAsTheTrainerDoes()
    {
        var rng = new Rng(3);
        var norm = new BatchNorm1d(2);
        var model = new Sequential { norm, new Linear(2, 3, rng) };
        var trainer = new Trainer(model, new Sgd(model.Parameters, 0.1), Loss.CrossEntropy) { Compute = (batch, pass) => model.Forward(batch.Inputs + 100, pass) };
        trainer.Fit(Data, epochs: 1, callbacks: [WeightAveraging.Equal(0, applyAtEnd: true)]);
        Assert.That(norm.RunningMean.Value.ToArray(), Is.All.GreaterThan(90), "the mean of what the trainer gives the model");
    }

    [TestCase("exponential")]
    [TestCase("equal")]
    public void AResumedRun_HasTheSameAverage(string kind)
    {
        double[] expected = Run(null, 0).Average;
        for (int stop = 2; stop < 24; stop += 5)
        {
            using var folder = new TemporaryFolder();
            Run(folder.Path, stop);
            Assert.That(Run(folder.Path, 0).Average, Is.EqualTo(expected), $"stopped after step {stop}");
        }

        (double[] Average, double[] Own) Run(string? folder, int stop)
        {
            using var cancel = new CancellationTokenSource();
            var averaging = kind == "equal" ? WeightAveraging.Equal(1) : WeightAveraging.Exponential(0.9);
            var trainer = SmallModel.Trainer(Device.Cpu);
            var stopper = new TrainerTests.Steps((_, p) =>
            {
                if (p.Step == stop) cancel.Cancel();
            });
            try
            {
                trainer.Fit(Data, epochs: 4, callbacks: [averaging, stopper], cancel: cancel.Token, checkpoints: folder is null ? null : new Checkpoints(folder) { EverySteps = 2 });
            }
            catch (OperationCanceledException) when (stop > 0)
            {
            }
            return (Doubles(averaging.Average.State()), Doubles(trainer.Model.State()));
        }
    }

    [Test]
    public void Callback_AveragesEachStepOfTheOptimizer_AndAppliesAtTheEndIfAsked()
    {
        var (averaging, own, seen) = Run(apply: false);
        Assert.That(seen, Has.Count.EqualTo(4));                        // 6 batches, four at a time: two steps an epoch
        double[] expected = seen[1];                                    // seen before each step: the first is of no update
        foreach (double[] weights in seen.Skip(2).Append(own)) expected = [.. expected.Zip(weights, (a, w) => (a + w) / 2)];
        double[] average = Doubles(averaging.Average.State().Where(s => !s.Key.Contains("running")));
        Assert.That(averaging.Average.Updates, Is.EqualTo(4));
        Assert.That(average, Is.EqualTo(expected).Within(1e-6));
        Assert.That(Run(apply: true).Own, Is.EqualTo(average));

        static (WeightAveraging, double[] Own, List<double[]> Seen) Run(bool apply)
        {
            var seen = new List<double[]>();
            var averaging = WeightAveraging.Exponential(0.5, apply);
            var trainer = SmallModel.Trainer(Device.Cpu, null, before: t => seen.Add(Weights(t.Model)), accumulate: 4);
            trainer.Fit(Data, epochs: 2, callbacks: [averaging]);
            return (averaging, Weights(trainer.Model), seen);
        }
    }

    [Test]
    public void Callback_OfARunThatFails_LeavesTheModelItsOwn()
    {
        double[] own = [];
        var averaging = WeightAveraging.Exponential(0.5, applyAtEnd: true);
        var trainer = SmallModel.Trainer(Device.Cpu);
        var failing = new TrainerTests.Steps((_, p) =>
        {
            own = Weights(trainer.Model);
            if (p.Step == 4) throw new FormatException("enough.");
        });
        Assert.That(() => trainer.Fit(Data, callbacks: [averaging, failing]), Throws.TypeOf<CallbackException>());
        Assert.That(averaging.Average.Updates, Is.EqualTo(4));
        Assert.That(Weights(trainer.Model), Is.EqualTo(own));
    }

    [Test]
    public void Callback_Equal_IsTheMeanOfTheEpochsEnds()
    {
        var ends = new List<double[]>();
        var averaging = WeightAveraging.Equal(2);
        var trainer = SmallModel.Trainer(Device.Cpu);
        trainer.Fit(Data, epochs: 5, callbacks: [averaging, new Ends(e => ends.Add(Weights(trainer.Model)))]);
        double[] average = Doubles(averaging.Average.State().Where(s => !s.Key.Contains("running")));
        Assert.That(average, Is.EqualTo(ends[2].Select((v, i) => (v + ends[3][i] + ends[4][i]) / 3)).Within(1e-6));
        Assert.That(Weights(trainer.Model), Is.EqualTo(ends[4]), "the model keeps its own");
    }

    private sealed class Ends(Action<EpochResult> after) : Callback
    {
        public override void AfterEpoch(TrainingRun run, EpochResult epoch) => after(epoch);
    }
}
