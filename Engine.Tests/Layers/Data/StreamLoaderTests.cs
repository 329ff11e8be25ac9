using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests;

public class StreamLoaderTests
{
    /// <summary>Counts how many examples there are between the reading and the end of the batch.</summary>
    private sealed class Live
    {
        private int now, most;

        public int Most => most;

        public int Read;

        public bool Closed { get; set; }

        public void Add(int count)
        {
            int found = Interlocked.Add(ref now, count);
            for (int seen = most; found > seen; seen = most) Interlocked.CompareExchange(ref most, found, seen);
        }
    }

    private sealed class Item(int number)
    {
        public int Number => number;

        public byte[] Weight { get; } = new byte[100_000];
    }

    /// <summary>Batches of (number, a random number); what was collated is no longer live.</summary>
    private sealed class ItemCollator(Live live) : ICollator<Item>
    {
        public void Collate(ReadOnlySpan<Drawn<Item>> examples, HostBatch batch, Rng rng)
        {
            var x = batch.Inputs.SetFloats([examples.Length, 3]);
            var y = batch.Targets.SetInts([examples.Length]);
            float shared = rng.NextFloat();
            for (int i = 0; i < examples.Length; i++)
                (x[3 * i], x[3 * i + 1], x[3 * i + 2], y[i]) = (examples[i].Value.Number, examples[i].Rng.NextFloat(), shared, examples[i].Value.Number);
            Thread.SpinWait(examples[0].Value.Number % 7 * 300);
            live.Add(-examples.Length);
        }
    }

    private static StreamLoader<Item> Loader(int count, Live live, int batchSize, int buffer, int workers = 0, bool dropLast = false, Action<int>? onRead = null)
        => new(StreamingDatasets.From((rng, cancel) => Items(count, live, onRead)), new ItemCollator(live), batchSize, seed: 5, buffer, dropLast, workers);

    private static IEnumerable<Item> Items(int count, Live live, Action<int>? onRead)
    {
        live.Closed = false;
        try
        {
            for (int i = 0; i < count; i++)
            {
                onRead?.Invoke(i);
                live.Add(1);
                live.Read++;
                yield return new Item(i);
            }
        }
        finally
        {
            live.Closed = true;
        }
    }

    private static float[][] Inputs(IEnumerable<Batch> batches) => [.. batches.Select(batch => batch.Inputs.ToArray())];

    private static int[] Numbers(IEnumerable<Batch> batches) => [.. batches.SelectMany(batch => batch.Targets.ToArray<int>())];

    [Test]
    public void Epoch_HasEachExampleOnce_AndWithoutABufferInOrder([Values(0, 1, 3)] int workers)
    {
        Assert.That(Numbers(Loader(50, new Live(), 8, 0, workers).Epoch(0, Device.Cpu)), Is.EqualTo(Enumerable.Range(0, 50)));
        int[] shuffled = Numbers(Loader(50, new Live(), 8, 20, workers).Epoch(0, Device.Cpu));
        Assert.That(shuffled, Is.Not.Ordered);
        Assert.That(shuffled, Is.EquivalentTo(Enumerable.Range(0, 50)));
        Assert.That(Numbers(Loader(50, new Live(), 8, 20, workers).Epoch(1, Device.Cpu)), Is.Not.EqualTo(shuffled));
        for (int i = 0; i < 50; i++) Assert.That(shuffled[i], Is.LessThan(i + 20), "none comes before the buffer could have it");
        DataThreads.RequireNone();
    }

    [Test]
    public void ABufferOfTheWholeStream_MixesAllOfIt()
    {
        // The mean place of the first half of the stream's examples is the middle, within 5 standard deviations of a random order.
        int[] order = Numbers(Loader(2000, new Live(), 100, 5000).Epoch(0, Device.Cpu));
        double mean = Enumerable.Range(0, 2000).Where(i => order[i] < 1000).Average();
        Assert.That(mean, Is.EqualTo(999.5).Within(5 * 2000 / Math.Sqrt(12 * 2000)));
    }

    [Test]
    public void Epoch_IsTheSame_WithAnyNumberOfWorkersAndAgain([Values(0, 1, 7, 1000)] int buffer)
    {
        float[][] expected = Inputs(Loader(101, new Live(), 7, buffer).Epoch(2, Device.Cpu));
        Assert.That(expected, Has.Length.EqualTo(15));
        foreach (int workers in new[] { 1, 2, 5, 40 })
        {
            var loader = Loader(101, new Live(), 7, buffer, workers);
            Assert.That(Inputs(loader.Epoch(2, Device.Cpu)), Is.EqualTo(expected), $"{workers} workers");
            Assert.That(Inputs(loader.Epoch(2, Device.Cpu)), Is.EqualTo(expected), $"{workers} workers, again");
        }
        DataThreads.RequireNone();
    }

    [Test]
    public void Memory_HoldsTheBufferAndABatchForEachWorker([Values(0, 1, 3)] int workers, [Values(0, 50)] int buffer)
    {
        const int batchSize = 8, count = 3000;   // 300 MB, if all were held
        var live = new Live();
        long before = GC.GetTotalMemory(forceFullCollection: true), most = 0;
        int batches = 0;
        foreach (var batch in Loader(count, live, batchSize, buffer, workers).Epoch(0, Device.Cpu))
        {
            Assert.That(batch.Count, Is.EqualTo(batchSize));
            if (++batches % 50 == 0) most = Math.Max(most, Enumerable.Range(0, 3).Min(_ => GC.GetTotalMemory(forceFullCollection: true)) - before);
        }
        Assert.That(batches, Is.EqualTo(count / batchSize));
        int bound = buffer + batchSize * Math.Max(1, workers);
        Assert.That(live.Most, Is.LessThanOrEqualTo(bound));
        Assert.That(most, Is.LessThan((bound + 10) * 100_000L), "what the collector cannot take");
        DataThreads.RequireNone();
    }

    [Test]
    public void TheStream_IsReadNoFurtherAheadThanItMay()
    {
        var live = new Live();
        using (var batches = Loader(1000, live, 10, 30, workers: 2).Epoch(0, Device.Cpu).GetEnumerator())
        {
            batches.MoveNext();
            Assert.That(() => Volatile.Read(ref live.Read), Is.EqualTo(30 + 49).After(2000, 10), "the buffer, the batch taken, and four ahead");
            Thread.Sleep(50);
            Assert.That(live.Read, Is.EqualTo(79));
        }
        DataThreads.RequireNone();
        Assert.That(live.Closed, "the stream is closed too");
    }

    [Test]
    public void Skip_GivesTheVeryBatchesThatFollow([Values(0, 2)] int workers, [Values(0, 1, 5, 14, 15, 30)] int skip)
    {
        float[][] all = Inputs(Loader(101, new Live(), 7, 20).Epoch(1, Device.Cpu));
        Assert.That(Inputs(Loader(101, new Live(), 7, 20, workers).Epoch(1, Device.Cpu, skip)), Is.EqualTo(all[Math.Min(skip, 15)..]));
        Assert.That(() => Loader(101, new Live(), 7, 20).Epoch(1, Device.Cpu, -1), Throws.TypeOf<ArgumentOutOfRangeException>());
        DataThreads.RequireNone();
    }

    [TestCase(0, 0)]
    [TestCase(5, 0)]
    [TestCase(14, 2)]
    [TestCase(20, 2)]
    public void DropLast_LeavesOutWhatIsNotFull(int count, int batches)
    {
        foreach (int workers in new[] { 0, 3 })
        {
            Assert.That(Loader(count, new Live(), 7, 3, workers, dropLast: true).Epoch(0, Device.Cpu).Select(batch => batch.Count), Is.EqualTo(Enumerable.Repeat(7, batches)));
            Assert.That(Loader(count, new Live(), 7, 3, workers).Epoch(0, Device.Cpu).Sum(batch => batch.Count), Is.EqualTo(count));
        }
        DataThreads.RequireNone();
    }

    [Test]
    public void AnErrorInTheStream_ComesInItsBatchsPlace([Values(0, 1, 3)] int workers)
    {
        var live = new Live();
        var loader = Loader(30, live, 4, 0, workers, onRead: i => { if (i == 17) throw new InvalidDataException("no such line"); });
        using var batches = loader.Epoch(6, Device.Cpu).GetEnumerator();
        for (int i = 0; i < 4; i++) Assert.That(batches.MoveNext());
        var error = Assert.Throws<DataLoadException>(() => batches.MoveNext())!;
        Assert.That((error.Epoch, error.Batch, error.Index), Is.EqualTo((6, 4, (long?)17)));
        Assert.That(error.Message, Does.Contain("no such line"));
        Assert.That(error.InnerException, Is.TypeOf<InvalidDataException>());
        DataThreads.RequireNone();
        Assert.That(live.Closed);
        Assert.That(batches.MoveNext(), Is.False);
    }

    [Test]
    public void Cancelling_AtAnyMoment_LeavesNoThread([Values(0, 1, 3)] int workers)
    {
        float[][] all = Inputs(Loader(60, new Live(), 3, 10).Epoch(0, Device.Cpu));
        for (int at = 0; at < 60; at += 4)
        {
            using var cancel = new CancellationTokenSource();
            var live = new Live();
            var taken = new List<float[]>();
            var loader = Loader(60, live, 3, 10, workers, onRead: i => { if (i == at) cancel.Cancel(); });
            Assert.That(() => taken.AddRange(loader.Epoch(0, Device.Cpu, cancel: cancel.Token).Select(batch => batch.Inputs.ToArray())), Throws.InstanceOf<OperationCanceledException>());
            Assert.That(taken, Is.EqualTo(all[..taken.Count]));
            DataThreads.RequireNone();
            Assert.That(live.Closed);
        }
    }

    [Test]
    public void AStreamThatWaits_IsWokenByCancelling([Values(0, 2)] int workers)
    {
        static IEnumerable<Item> Wait(CancellationToken cancel)
        {
            yield return new Item(0);
            cancel.WaitHandle.WaitOne();
            cancel.ThrowIfCancellationRequested();
        }

        using var cancel = new CancellationTokenSource(100);
        var loader = new StreamLoader<Item>(StreamingDatasets.From((_, stop) => Wait(stop)), new ItemCollator(new Live()), 2, workers: workers);
        Assert.That(() => Inputs(loader.Epoch(0, Device.Cpu, cancel: cancel.Token)), Throws.InstanceOf<OperationCanceledException>());
        DataThreads.RequireNone();
    }

    [Test]
    public void BreakingOff_EndsTheWorkersAndTheStream()
    {
        var live = new Live();
        foreach (var batch in Loader(1000, live, 2, 10, workers: 3).Epoch(0, Device.Cpu))
        {
            Assert.That(batch.Count, Is.EqualTo(2));
            break;
        }
        DataThreads.RequireNone();
        Assert.That(live.Closed);
    }

    [Test]
    public void StreamsOfStreams_AreReadInOrder()
    {
        var live = new Live();
        var stream = StreamingDatasets.From((_, _) => Enumerable.Range(0, 10));
        var made = stream.Filter(i => i % 2 == 0).Map(i => i * 10).Concat(stream.Take(2));
        Assert.That(made.Read(new Rng(1), default), Is.EqualTo(new[] { 0, 20, 40, 60, 80, 0, 1 }));
        Assert.That(new StreamLoader<Item>(made.Map(i => new Item(i)), new ItemCollator(live), 3).Epoch(0, Device.Cpu).Select(b => b.Count), Is.EqualTo(new[] { 3, 3, 1 }));
        Assert.That((Loader(3, live, 2, 0).Count, Loader(3, live, 2, 0).BatchCount), Is.EqualTo(((int?)null, (int?)null)));
    }

    [Test]
    public void Trainer_LearnsFromAStream_AndGoesOnInMidEpoch()
    {
        static StreamLoader<LabelledExample> Data(int workers)
            => new(StreamingDatasets.From((rng, _) => Enumerable.Range(0, 200).Select(_ => Point(rng))), new ClassCollator([2]), 16, seed: 2, shuffleBuffer: 64, workers: workers);
        static LabelledExample Point(Rng rng)
        {
            float x = rng.NextFloat() - .5f, y = rng.NextFloat() - .5f;
            return new LabelledExample(new[] { x, y }, x > y ? 1 : 0);
        }
        static Trainer Make(ulong seed)
        {
            var rng = new Rng(seed);
            var model = new Sequential { new Linear(2, 8, rng, Activation.Tanh), new Linear(8, 2, rng) };
            return new Trainer(model, new Adam(model.Parameters, 0.01), Loss.CrossEntropy);
        }

        using var folder = new TemporaryFolder();
        var whole = Make(1);
        whole.Fit(Data(2), epochs: 3);
        using var cancel = new CancellationTokenSource();
        Assert.That(() => Make(1).Fit(Data(1), epochs: 3, checkpoints: new Checkpoints(folder.Path) { EverySteps = 5 }, cancel: cancel.Token,
            callbacks: [new Stop(21, cancel)]), Throws.InstanceOf<OperationCanceledException>());
        var resumed = Make(9);
        resumed.Fit(Data(0), epochs: 3, checkpoints: new Checkpoints(folder.Path) { EverySteps = 5 }, callbacks: [new Stop(-1, cancel)]);
        foreach (var (a, b) in whole.Model.Parameters.Zip(resumed.Model.Parameters)) Assert.That(b.Value.ToArray(), Is.EqualTo(a.Value.ToArray()));
        DataThreads.RequireNone();
    }

    internal sealed class Stop(long step, CancellationTokenSource cancel) : Callback
    {
        public override void AfterStep(TrainingRun run, TrainingProgress progress)
        {
            if (progress.Step == step) cancel.Cancel();
        }
    }
}
