using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers.Decoding;

public class BeamSearchTests
{
    private const int Tokens = 4, End = 0, Start = 3, Longest = 4, Hidden = 5;

    /// <summary>A small recurrent model with sources of its own: h' = tanh(h·W + E[token] + C[source]).</summary>
    private sealed class Model(ulong seed, Device? device = null)
    {
        private readonly Tensor w = Draw(seed, device, Hidden, Hidden), embedding = Draw(seed + 1, device, Tokens, Hidden), sources = Draw(seed + 2, device, 8, Hidden),
            output = Draw(seed + 3, device, Hidden, Tokens);

        private static Tensor Draw(ulong seed, Device? device, params int[] shape) => Tensor.Normal(shape, new Rng(seed), device: device);

        public Tensor First(int count) => sources[..count] * 0.5;

        public (Tensor, IReadOnlyList<Tensor>) Step(Tensor tokens, Tensor source, IReadOnlyList<Tensor> state)
        {
            var h = (state[0].MatMul(w) + embedding.GatherRows(tokens) + sources.GatherRows(source)).Tanh();
            return (h.MatMul(output).LogSoftmax(), [h]);
        }

        public IReadOnlyList<IReadOnlyList<Hypothesis>> Search(BeamSearch search, int count = 1, CancellationToken cancel = default)
            => search.Search([.. Enumerable.Repeat(Start, count)], [First(count)], Step, cancel);

        /// <summary>Every sequence of a source there is, the best first.</summary>
        public List<(string Tokens, double Score)> All(int source, double penalty)
        {
            var found = new List<(string, double)>();
            Walk(Start, First(source + 1)[source..], "", 0, 0);
            return [.. found.OrderByDescending(f => f.Item2)];

            void Walk(int token, Tensor h, string text, double sum, int length)
            {
                var (logs, next) = Step(Tensor.From([token], [1]), Tensor.From([source], [1]), [h]);
                float[] numbers = logs.ToArray();
                for (int t = 0; t < Tokens; t++)
                {
                    double total = sum + numbers[t];
                    if (t == End) found.Add((text + ".", total / Math.Pow(length + 1, penalty)));
                    else if (length + 1 == Longest) found.Add((text + t, total / Math.Pow(length + 1, penalty)));
                    else Walk(t, next[0], text + t, total, length + 1);
                }
            }
        }
    }

    private static string Text(Hypothesis h) => string.Concat(h.Tokens) + (h.Ended ? "." : "");

    [Test]
    public void AWideBeam_FindsWhatTryingAllFinds([Values(0, 0.7, 2)] double penalty, [Range(1, 5)] int seed)
    {
        var model = new Model((ulong)seed * 10);
        var found = model.Search(new BeamSearch(End, Longest, 200, penalty), 3);
        for (int source = 0; source < 3; source++)
        {
            var all = model.All(source, penalty);
            Assert.That(all, Has.Count.EqualTo(121));               // 1 + 3 + 9 + 27 that end, and 81 that are cut
            Assert.That(found[source].Select(Text), Is.EqualTo(all.Select(a => a.Tokens)));
            Assert.That(found[source].Select(h => h.Score), Is.EqualTo(all.Select(a => a.Score)).Within(1e-5));
        }
    }

    [Test]
    public void ANarrowBeam_GivesTrueScores_AndAWiderOneNoWorse([Values(0, 1)] double penalty, [Range(1, 5)] int seed)
    {
        var model = new Model((ulong)seed * 10);
        var all = model.All(0, penalty).ToDictionary(a => a.Tokens, a => a.Score);
        foreach (int width in new[] { 1, 2, 3, 8 })
        {
            var found = model.Search(new BeamSearch(End, Longest, width, penalty))[0];
            Assert.That(found, Has.Count.InRange(1, width));
            Assert.That(found.Select(Text), Is.Unique);
            Assert.That(found.Select(h => h.Score), Is.Ordered.Descending);
            foreach (var h in found)
            {
                Assert.That(h.Score, Is.EqualTo(all[Text(h)]).Within(1e-5));
                Assert.That(h.LogProbability, Is.EqualTo(h.Score * Math.Pow(h.Tokens.Count + (h.Ended ? 1 : 0), penalty)).Within(1e-9));
            }
            if (width == 8) Assert.That(found[0].Score, Is.EqualTo(all.Values.Max()).Within(1e-5));
        }
    }

    [Test]
    public void WidthOne_TakesTheLikeliestTokenEachTime([Range(1, 8)] int seed)
    {
        var model = new Model((ulong)seed * 7);
        var found = model.Search(new BeamSearch(End, 9), 2);
        for (int source = 0; source < 2; source++)
        {
            var greedy = new List<int>();
            int token = Start;
            IReadOnlyList<Tensor> state = [model.First(2)[source..(source + 1)]];
            while (greedy.Count < 9)
            {
                (var logs, state) = model.Step(Tensor.From([token], [1]), Tensor.From([source], [1]), state);
                token = logs.ArgMax().ToArray<int>()[0];
                if (token == End) break;
                greedy.Add(token);
            }
            Assert.That(found[source], Has.Count.EqualTo(1));
            Assert.That(found[source][0].Tokens, Is.EqualTo(greedy));
            Assert.That(found[source][0].Ended, Is.EqualTo(token == End));
        }
    }

    [Test]
    public void ASourceInABatch_GetsWhatItGetsAlone([Values(1, 3)] int width)
    {
        var model = new Model(40);
        var search = new BeamSearch(End, 12, width, 0.5);
        var together = model.Search(search, 6);
        for (int source = 0; source < 6; source++)
        {
            int mine = source;
            var alone = search.Search([Start], [model.First(6)[source..(source + 1)]],
                (tokens, sources, state) => model.Step(tokens, Tensor.Full(sources.Shape, mine, dtype: DType.Int32), state))[0];
            Assert.That(alone.Select(Text), Is.EqualTo(together[source].Select(Text)));
            Assert.That(alone.Select(h => h.Score), Is.EqualTo(together[source].Select(h => h.Score)).Within(1e-5));
        }
    }

    /// <summary>The likeliest first token leads nowhere: 0.6·0.5 is less than 0.4·1.</summary>
    private static (Tensor, IReadOnlyList<Tensor>) Trap(Tensor tokens, Tensor sources, IReadOnlyList<Tensor> state)
    {
        double[] Row(int token) => token switch
        {
            3 => [0, .6, .4, 0],
            1 => [.5, .5, 0, 0],
            _ => [1, 0, 0, 0],
        };
        double[] all = [.. tokens.ToArray<int>().SelectMany(Row)];
        return (Tensor.From([.. all.Select(p => (float)Math.Log(p))], [tokens.Count, 4]), []);
    }

    [Test]
    public void WidthTwo_AvoidsWhatGreedyFallsInto()
    {
        Assert.That(new BeamSearch(End, 5).Search([Start], [], Trap)[0][0].Tokens, Is.EqualTo(new[] { 1 }));
        var best = new BeamSearch(End, 5, 2).Search([Start], [], Trap)[0][0];
        Assert.That(best.Tokens, Is.EqualTo(new[] { 2 }));
        Assert.That(Math.Exp(best.LogProbability), Is.EqualTo(.4).Within(1e-6));
    }

    [Test]
    public void TheLengthPenalty_FavoursLongSequences()
    {
        // After 1 comes the end, or 1 again, each as likely.
        static (Tensor, IReadOnlyList<Tensor>) Even(Tensor tokens, Tensor sources, IReadOnlyList<Tensor> state)
            => (Tensor.Full([tokens.Count, 2], Math.Log(.5)), []);
        Assert.That(new BeamSearch(End, 6, 3).Search([1], [], Even)[0][0].Tokens, Is.Empty);
        var favoured = new BeamSearch(End, 6, 3, 2).Search([1], [], Even)[0][0];
        Assert.That(favoured.Tokens, Has.Count.EqualTo(5));
        Assert.That(favoured.Ended, Is.True);
        Assert.That(favoured.Score, Is.EqualTo(6 * Math.Log(.5) / 36).Within(1e-6));
    }

    [Test]
    public void Search_OnEveryDevice_FindsTheSame([ValueSource(typeof(TestDevices), nameof(TestDevices.Names))] string name)
    {
        var found = new Model(20, TestDevices.Get(name)).Search(new BeamSearch(End, 8, 3), 4);
        var wanted = new Model(20).Search(new BeamSearch(End, 8, 3), 4);
        Assert.That(found.SelectMany(f => f).Select(Text), Is.EqualTo(wanted.SelectMany(f => f).Select(Text)));
    }

    [Test]
    public void Search_LeavesNothingBehind()
    {
        using var device = new CpuDevice(1);
        var model = new Model(20, device);
        var search = new BeamSearch(End, 8, 3);
        long before = device.BytesInUse;
        using (device.Scope("the test"))
        {
            var first = model.First(2);
            search.Search([Start, Start], [first], model.Step);
            Assert.That(first.ToArray(), Has.Length.EqualTo(2 * Hidden));    // still there
        }
        Assert.That(device.BytesInUse, Is.EqualTo(before));
    }

    [Test]
    public void Search_TakesNoMoreMemory_ForLongerSequences([Values(1, 3)] int width)
    {
        using var device = new CpuDevice(1);
        var model = new Model(20, device);
        long After(int length)
        {
            long most = 0;
            int steps = 0;
            using var scope = device.Scope("the test");
            new BeamSearch(End, length, width).Search([Start, Start], [model.First(2)], (tokens, sources, state) =>
            {
                steps++;
                most = Math.Max(most, device.BytesInUse);
                var (logs, next) = model.Step(tokens, sources, state);
                var cut = Tensor.Concat([Tensor.Full([tokens.Count, 1], double.NegativeInfinity, device), logs[.., 1..]], 1);    // it never ends
                return (cut, [next[0], sources.Cast(DType.Float32), state.Count > 1 ? state[1] : next[0]]);
            });
            Assert.That(steps, Is.EqualTo(length));
            return most;
        }

        After(3);
        Assert.That(After(200), Is.EqualTo(After(50)));
    }

    [Test]
    public void Search_OfNoSources_FindsNothing() => Assert.That(new BeamSearch(End, 5).Search([], [], Trap), Is.Empty);

    [Test]
    public void Search_Cancelled_Ends()
    {
        using var cancel = new CancellationTokenSource();
        int steps = 0;
        var model = new Model(20);
        Assert.That(() => new BeamSearch(7, 1_000_000).Search([Start], [model.First(1)], (tokens, sources, state) =>
        {
            if (++steps == 5) cancel.Cancel();
            return (Tensor.Full([1, 8], -1), state);
        }, cancel.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(steps, Is.EqualTo(5));
    }

    [Test]
    public void Mistakes_AreNamed()
    {
        static DecoderStep Gives(params float[] row) => (tokens, _, state) => (Tensor.From([.. Enumerable.Repeat(row, tokens.Count).SelectMany(r => r)], [tokens.Count, row.Length]), state);
        var search = new BeamSearch(End, 5, 2);
        Assert.That(() => search.Search([Start, 1], [], Gives(-1, float.NaN)), Throws.TypeOf<NotFiniteNumberException>().With.Message.Contains("Source 0").And.Message.Contains("token 1 at step 1"));
        Assert.That(() => search.Search([Start], [], Gives(-1, 2)), Throws.ArgumentException.With.Message.Contains("LogSoftmax"));
        Assert.That(() => search.Search([Start], [], Gives(float.NegativeInfinity, float.NegativeInfinity)), Throws.InvalidOperationException.With.Message.Contains("Source 0"));
        Assert.That(() => search.Search([Start], [Tensor.Zeros([2, 3])], Gives(-1, -1)), Throws.TypeOf<ShapeException>().With.Message.Contains("the first state"));
        Assert.That(() => search.Search([Start], [Tensor.Zeros([1, 3])], (_, _, _) => (Tensor.Full([1, 2], -1), [Tensor.Zeros([3])])), Throws.TypeOf<ShapeException>().With.Message.Contains("after step 1"));
        Assert.That(() => new BeamSearch(2, 5).Search([Start], [], Gives(-1, -1)), Throws.TypeOf<ShapeException>().With.Message.Contains("end token 2"));
        Assert.That(() => new BeamSearch(-1, 5), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new BeamSearch(0, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new BeamSearch(0, 5, 0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new BeamSearch(0, 5, 1, -1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new BeamSearch(0, 5, 1, double.NaN), Throws.TypeOf<ArgumentOutOfRangeException>());
    }
}
