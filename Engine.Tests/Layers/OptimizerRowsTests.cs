using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers;

/// <summary>Steps by gradients that are kept as rows.</summary>
public class OptimizerRowsTests
{
    private const int Count = 30, Size = 7;

    private static readonly (string Name, Func<IEnumerable<Parameter>, Optimizer> Make)[] Optimizers =
    [
        ("Sgd", p => new Sgd(p, 0.1)),
        ("Sgd with momentum", p => new Sgd(p, 0.1, 0.9, 0.01)),
        ("Adagrad", p => new Adagrad(p, 0.1, rateDecay: 0.1, initialSum: 0.1)),
        ("Adam", p => new Adam(p, 0.01)),
        ("Adam with AMSGrad", p => new Adam(p, 0.01, amsgrad: true)),
        ("AdamW", p => new AdamW(p, 0.01)),
        ("NAdam", p => new NAdam(p, 0.01)),
        ("Adamax", p => new Adamax(p, 0.01)),
        ("Adadelta", p => new Adadelta(p)),
        ("RmsProp", p => new RmsProp(p, 0.01, momentum: 0.9, centered: true)),
        ("Lion", p => new Lion(p, 0.01)),
        ("Lamb", p => new Lamb(p, 0.01)),
    ];

    private static IEnumerable<string> Names => Optimizers.Select(o => o.Name);

    private static Embedding Layer(bool sparse) => new(Count, Size, new Rng(1), paddingIndex: 3, sparse: sparse);

    private static Optimizer Optimizer(string name, Layer layer) => Optimizers.Single(o => o.Name == name).Make(layer.Parameters);

    private static void Step(Embedding layer, Optimizer optimizer, int[] ids, ulong seed, Action<Embedding>? beforeStep = null)
    {
        optimizer.ZeroGrad();
        var y = layer.Forward(Tensor.From(ids, [ids.Length]), Pass.Train(new Rng(1)));
        (y * y * Tensor.Normal([ids.Length, Size], new Rng(seed))).Sum().Backward();
        beforeStep?.Invoke(layer);
        optimizer.Step();
    }

    /// <summary>Some ids, some of them often.</summary>
    private static int[] Some(ulong seed)
    {
        var rng = new Rng(seed);
        return [.. Enumerable.Range(0, 25).Select(_ => rng.NextInt(1 + rng.NextInt(Count)))];
    }

    private static float[] Weights(Embedding layer) => layer.Parameters[0].Value.ToArray();

    [TestCase("Sgd")]
    [TestCase("Adagrad")]
    [TestCase("Lamb")]
    public void Step_OfSomeRows_IsTheDenseOne_ToTheBit(string name)
    {
        Embedding rows = Layer(true), dense = Layer(false);
        Optimizer byRows = Optimizer(name, rows), whole = Optimizer(name, dense);
        float[] first = Weights(rows);
        for (ulong step = 0; step < 6; step++)
        {
            Step(rows, byRows, Some(step), step);
            Step(dense, whole, Some(step), step);
        }
        Assert.That(Weights(rows), Is.EqualTo(Weights(dense)));
        Assert.That(Weights(rows), Is.Not.EqualTo(first));
    }

    [TestCaseSource(nameof(Names))]
    public void Step_OfEveryRow_IsTheDenseOne_ToTheBit(string name)
    {
        Embedding rows = new(Count, Size, new Rng(1), sparse: true), dense = new(Count, Size, new Rng(1));
        Optimizer byRows = Optimizer(name, rows), whole = Optimizer(name, dense);
        for (ulong step = 0; step < 4; step++)
        {
            int[] ids = [.. new Rng(step).Permutation(Count), .. Some(step)];
            Step(rows, byRows, ids, step);
            Step(dense, whole, ids, step);
        }
        Assert.That(Weights(rows), Is.EqualTo(Weights(dense)));
        Assert.That(byRows.State().Select(s => s.Value.Value.ToArray()), Is.EqualTo(whole.State().Select(s => s.Value.Value.ToArray())));
    }

    [TestCaseSource(nameof(Names))]
    public void Step_LeavesTheOtherRowsAndTheirStateAlone(string name)
    {
        if (name == "Lamb") Assert.Ignore("It looks at whole parameters.");
        var layer = Layer(true);
        var optimizer = Optimizer(name, layer);
        Step(layer, optimizer, [1, 5, 5, 7], 1);
        float[][] before = All();
        Step(layer, optimizer, [5, 2, 3], 2);
        foreach (var (was, now) in before.Zip(All()))
        {
            int[] changed = [.. Enumerable.Range(0, Count).Where(row => !was.AsSpan(row * Size, Size).SequenceEqual(now.AsSpan(row * Size, Size)))];
            Assert.That(changed, Is.EqualTo(new[] { 2, 5 }), "and row 3 is padding");
        }

        float[][] All() => [Weights(layer), .. optimizer.State().Select(s => s.Value.Value.ToArray())];
    }

    [Test]
    public void Adam_ByRows_IsAdamOfTheseRows()
    {
        // Source: PyTorch's SparseAdam, whose averages of a row stand still between its gradients, and whose step counts for all rows.
        var layer = new Embedding(3, 1, new Rng(1), init: Init.Constant(1), sparse: true);
        var optimizer = new Adam(layer.Parameters, 0.1);
        double[] w = [1, 1, 1], m = new double[3], v = new double[3];
        int[][] steps = [[0, 1], [1], [0, 2, 2]];
        for (int t = 1; t <= 3; t++)
        {
            optimizer.ZeroGrad();
            layer.Forward(Tensor.From(steps[t - 1], [steps[t - 1].Length]), Pass.Train(new Rng(1))).Sum().Backward();
            optimizer.Step();
            foreach (var row in steps[t - 1].GroupBy(id => id))
            {
                double g = row.Count();
                m[row.Key] = 0.9 * m[row.Key] + 0.1 * g;
                v[row.Key] = 0.999 * v[row.Key] + 0.001 * g * g;
                w[row.Key] -= 0.1 * m[row.Key] / (1 - Math.Pow(0.9, t)) / (Math.Sqrt(v[row.Key] / (1 - Math.Pow(0.999, t))) + 1e-8);
            }
        }
        Assert.That(Weights(layer), Is.EqualTo(w).Within(1e-6));
    }

    [Test]
    public void Clipping_OfRows_IsThatOfTheWholeGradient()
    {
        foreach (Action<Embedding> clip in new Action<Embedding>[] { l => l.Parameters.ClipGradNorm(0.5), l => l.Parameters.ClipGradValue(0.3) })
        {
            Embedding rows = Layer(true), dense = Layer(false);
            Step(rows, new Sgd(rows.Parameters, 1), Some(1), 1, clip);
            Step(dense, new Sgd(dense.Parameters, 1), Some(1), 1, clip);
            Assert.That(Weights(rows), Is.EqualTo(Weights(dense)).Within(1e-6));
            Assert.That(rows.Parameters[0].Value.GatheredRows, Is.Not.Null);
        }
        var layer = Layer(true);
        Step(layer, new Sgd(layer.Parameters, 1), Some(1), 1, l =>
            Assert.That(l.Parameters.ClipGradNorm(1e9), Is.EqualTo(Math.Sqrt(l.Parameters[0].Grad!.ToArray().Sum(g => (double)g * g))).Within(1e-4)));
    }

    [Test]
    public void State_OfStepsByRows_GoesOnToTheBit()
    {
        Embedding straight = Layer(true), resumed = Layer(true);
        Optimizer one = new Adam(straight.Parameters), first = new Adam(resumed.Parameters);
        for (ulong step = 0; step < 3; step++) Step(straight, one, Some(step), step);
        for (ulong step = 0; step < 3; step++) Step(resumed, first, Some(step), step);
        var second = new Adam(resumed.Parameters);
        second.LoadState(first.SaveState());
        for (ulong step = 3; step < 6; step++) Step(straight, one, Some(step), step);
        for (ulong step = 3; step < 6; step++) Step(resumed, second, Some(step), step);
        Assert.That(Weights(resumed), Is.EqualTo(Weights(straight)));
    }

    [Test]
    public void Step_ByRows_GivesBackWhatItTook()
    {
        var device = new CpuDevice(1);
        var layer = new Embedding(50_000, 16, new Rng(1), sparse: true).To(device);
        var optimizer = new Adam(layer.Parameters);
        One();
        long before = device.BytesInUse;
        for (int i = 0; i < 20; i++) One();
        Assert.That(device.BytesInUse, Is.EqualTo(before));

        void One()
        {
            using var scope = device.Scope();
            layer.Forward(Tensor.From([1, 2, 3, 2], [4], device), Pass.Train(new Rng(1))).Sum().Backward();
            optimizer.Step();
            optimizer.ZeroGrad();
        }
    }

    [TestCase(1)]
    [TestCase(2)]
    public void Trainer_WithRows_IsTheSameRun_ToTheBit(int accumulate)
    {
        Assert.That(Run(true), Is.EqualTo(Run(false)));

        float[] Run(bool sparse)
        {
            var rng = new Rng(1);
            var model = new Sequential(new Embedding(Count, Size, rng, sparse: sparse), new Flatten(), new Linear(3 * Size, 2, rng));
            var ids = Tensor.From([.. Enumerable.Range(0, 30 * 3).Select(i => i * i % Count)], [30, 3]);
            var classes = Tensor.From([.. Enumerable.Range(0, 30).Select(i => i % 2)], [30]);
            var trainer = new Trainer(model, new Adagrad(model.Parameters, 0.1), (y, t) => Loss.CrossEntropy(y, t)) { Accumulate = accumulate };
            trainer.Fit(new TensorBatches(ids, classes, 6), epochs: 2, rng: rng);
            return [.. model.Parameters.SelectMany(p => p.Value.ToArray())];
        }
    }

    [Test]
    public void Step_OfACancelledThread_RunsToItsEnd([Values] bool sparse)
    {
        var table = Layer(sparse);
        var last = new Linear(Size, 1, new Rng(2));
        var optimizer = new Sgd([.. table.Parameters, .. last.Parameters], 0.1);
        last.Forward(table.Forward(Tensor.From([1, 2], [2]), Pass.Train(new Rng(1))), Pass.Train(new Rng(1))).Sum().Backward();
        float[][] before = [.. optimizer.Groups[0].Parameters.Select(p => p.Value.ToArray())];
        using (Cancellation.Begin(new CancellationToken(true))) optimizer.Step();
        Assert.That(optimizer.Groups[0].Parameters.Select((p, i) => p.Value.ToArray().SequenceEqual(before[i])), Is.All.False);
    }
}
