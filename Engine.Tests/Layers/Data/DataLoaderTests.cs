using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests;

public class DataLoaderTests
{
    /// <summary>Examples (i, a random number) with class i; does what a test asks for when it is read.</summary>
    private sealed class Counting(int count) : IDataset<LabelledExample>
    {
        public int Count { get; set; } = count;

        public Action<int>? OnGet { get; init; }

        public int Reads;

        public LabelledExample Get(int index, Rng rng)
        {
            Interlocked.Increment(ref Reads);
            OnGet?.Invoke(index);
            return new LabelledExample(new[] { index, rng.NextFloat() }, index);
        }
    }

    private static DataLoader<LabelledExample> Loader(IDataset<LabelledExample> data, int batchSize, ulong seed = 3, bool shuffle = true, bool dropLast = false,
        int workers = 0, double[]? weights = null)
        => new(data, new ClassCollator([2]), batchSize, seed, shuffle && weights is null, weights, dropLast, workers);

    private static int[][] Classes(IEnumerable<Batch> batches) => [.. batches.Select(batch => batch.Targets.ToArray<int>())];

    private static float[][] Inputs(IEnumerable<Batch> batches) => [.. batches.Select(batch => batch.Inputs.ToArray())];

    [Test]
    public void Epoch_HasThePermutationOfSeedAndEpoch([Values(0, 1, 3)] int workers, [Values(0, 5)] int epoch)
    {
        var loader = Loader(new Counting(10), 4, workers: workers);
        Assert.That(Classes(loader.Epoch(epoch, Device.Cpu)), Is.EqualTo(new Rng(3).Split((ulong)epoch).Permutation(10).Chunk(4)));
        Assert.That((loader.Count, loader.BatchCount), Is.EqualTo(((int?)10, (int?)3)));
    }

    [Test]
    public void Epoch_WithoutShuffling_IsInOrder()
        => Assert.That(Classes(Loader(new Counting(5), 2, shuffle: false).Epoch(9, Device.Cpu)), Is.EqualTo(new int[][] { [0, 1], [2, 3], [4] }));

    [TestCase(10, 4, 8, 2)]
    [TestCase(8, 4, 8, 2)]
    [TestCase(3, 4, 0, 0)]
    public void DropLast_LeavesOutWhatIsNotFull(int count, int batchSize, int examples, int batches)
    {
        var loader = Loader(new Counting(count), batchSize, dropLast: true, workers: 1);
        Assert.That((loader.Count, loader.BatchCount), Is.EqualTo(((int?)examples, (int?)batches)));
        Assert.That(loader.Epoch(0, Device.Cpu).Select(batch => batch.Count), Is.EqualTo(Enumerable.Repeat(batchSize, batches)));
    }

    [Test]
    public void Epoch_OfNoExamples_HasNoBatches([Values(0, 2)] int workers) => Assert.That(Loader(new Counting(0), 4, workers: workers).Epoch(0, Device.Cpu), Is.Empty);

    [Test]
    public void Epoch_IsTheSame_WithAnyNumberOfWorkersAndAgain()
    {
        float[][] expected = Inputs(Loader(new Counting(101), 7).Epoch(2, Device.Cpu));
        foreach (int workers in new[] { 1, 2, 5, 40 })
        {
            var loader = Loader(new Counting(101) { OnGet = i => Thread.SpinWait(i % 5 * 1000) }, 7, workers: workers);
            Assert.That(Inputs(loader.Epoch(2, Device.Cpu)), Is.EqualTo(expected), $"{workers} workers");
            Assert.That(Inputs(loader.Epoch(2, Device.Cpu)), Is.EqualTo(expected), $"{workers} workers, again");
            Assert.That(Inputs(loader.Epoch(3, Device.Cpu)), Is.Not.EqualTo(expected));
        }
        DataThreads.RequireNone();
    }

    [Test]
    public void RandomNumbersOfAnExample_AreOfSeedEpochAndIndex()
    {
        foreach (float[] batch in Inputs(Loader(new Counting(20), 6, seed: 11, workers: 2).Epoch(4, Device.Cpu)))
            for (int i = 0; i < batch.Length; i += 2) Assert.That(batch[i + 1], Is.EqualTo(new Rng(11).Split(4).Split((ulong)batch[i]).NextFloat()));
    }

    [Test]
    public void Skip_PassesOverBatchesAndReadsNoneOfThem([Values(0, 2)] int workers)
    {
        var data = new Counting(20);
        var loader = Loader(data, 3, workers: workers);
        float[][] all = Inputs(loader.Epoch(1, Device.Cpu));
        data.Reads = 0;
        Assert.That(Inputs(loader.Epoch(1, Device.Cpu, skip: 5)), Is.EqualTo(all[5..]));
        Assert.That(data.Reads, Is.EqualTo(5));
        Assert.That(loader.Epoch(1, Device.Cpu, skip: 7), Is.Empty);
        Assert.That(loader.Epoch(1, Device.Cpu, skip: int.MaxValue), Is.Empty);
        Assert.That(() => loader.Epoch(1, Device.Cpu, skip: -1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => loader.Epoch(-1, Device.Cpu), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Weights_DrawEachExampleAsOftenAsTheySay()
    {
        const int n = 20_000;
        var weights = new double[n];
        (weights[1], weights[7], weights[n - 2]) = (1, 2, 5);
        var loader = Loader(new Counting(n), 500, weights: weights);
        int[] drawn = [.. Classes(loader.Epoch(0, Device.Cpu)).SelectMany(batch => batch)];
        Assert.That(drawn, Has.Length.EqualTo(n).And.All.AnyOf(1, 7, n - 2));
        Assert.That(drawn.Count(i => i == 7) / (double)n, Is.EqualTo(.25).Within(.015));
        Assert.That(drawn.Count(i => i == 1) / (double)n, Is.EqualTo(.125).Within(.015));
        Assert.That(Classes(loader.Epoch(0, Device.Cpu)).SelectMany(batch => batch), Is.EqualTo(drawn));
        Assert.That(Classes(loader.Epoch(1, Device.Cpu)).SelectMany(batch => batch), Is.Not.EqualTo(drawn));
    }

    [TestCase(new double[] { 0, 0 }, "sum 0")]
    [TestCase(new double[] { 1, -1 }, "Weight 1 is -1")]
    [TestCase(new[] { double.NaN, 1 }, "Weight 0 is NaN")]
    [TestCase(new[] { double.MaxValue, double.MaxValue }, "enormous")]
    [TestCase(new double[] { 1 }, "1 weights for 2")]
    public void Weights_ThatMakeNoSense_AreRefused(double[] weights, string says)
        => Assert.That(() => Loader(new Counting(2), 1, weights: weights), Throws.ArgumentException.With.Message.Contains(says));

    [Test]
    public void AnErrorInAnExample_ComesInItsBatchsPlace([Values(0, 1, 3)] int workers)
    {
        var loader = Loader(new Counting(30) { OnGet = i => { if (i == 17) throw new InvalidDataException("no such picture"); } }, 4, shuffle: false, workers: workers);
        using var batches = loader.Epoch(6, Device.Cpu).GetEnumerator();
        for (int i = 0; i < 4; i++) Assert.That(batches.MoveNext());
        var error = Assert.Throws<DataLoadException>(() => batches.MoveNext())!;
        Assert.That((error.Epoch, error.Batch, error.Index), Is.EqualTo((6, 4, (long?)17)));
        Assert.That(error.Message, Does.Contain("example 17").And.Contain("Epoch 6").And.Contain("no such picture"));
        Assert.That(error.InnerException, Is.TypeOf<InvalidDataException>());
        DataThreads.RequireNone();
        Assert.That(batches.MoveNext(), Is.False);
    }

    [Test]
    public void AnErrorInCollating_NamesTheBatch([Values(0, 2)] int workers)
    {
        var loader = new DataLoader<LabelledExample>(new Counting(5), new ClassCollator([3]), 2, workers: workers);
        var error = Assert.Throws<DataLoadException>(() => Classes(loader.Epoch(0, Device.Cpu)))!;
        Assert.That((error.Batch, error.Index), Is.EqualTo((0, (long?)null)));
        Assert.That(error.InnerException, Is.TypeOf<ShapeException>());
    }

    [TestCase(0, 5)]
    [TestCase(0, 12)]
    [TestCase(2, 5)]
    [TestCase(2, 12)]
    public void ADatasetThatChangesItsCount_IsATypedError(int workers, int count)
    {
        Counting data = null!;
        data = new Counting(10) { OnGet = i => { if (i == 5) data.Count = count; if (i >= data.Count) throw new ArgumentOutOfRangeException(nameof(i)); } };
        var error = Assert.Throws<DatasetChangedException>(() => Classes(Loader(data, 2, shuffle: false, workers: workers).Epoch(0, Device.Cpu)))!;
        Assert.That((error.Expected, error.Found), Is.EqualTo((10, count)));
        DataThreads.RequireNone();
    }

    [Test]
    public void BreakingOff_EndsTheWorkers()
    {
        var data = new Counting(1000);
        foreach (var batch in Loader(data, 2, workers: 3).Epoch(0, Device.Cpu))
        {
            Assert.That(batch.Count, Is.EqualTo(2));
            break;
        }
        DataThreads.RequireNone();
        Assert.That(data.Reads, Is.LessThan(40), "no more than were to be ahead");
    }

    [Test]
    public void AnEpochThatNobodyBegins_StartsNoWorker()
    {
        _ = Loader(new Counting(1000), 2, workers: 3).Epoch(0, Device.Cpu);
        Assert.That(DataThreads.Count(), Is.Zero);
    }

    [Test]
    public void Workers_AreAheadByNoMoreThanTheyMay()
    {
        var data = new Counting(1000);
        using (var batches = new DataLoader<LabelledExample>(data, new ClassCollator([2]), 10, workers: 2, prefetch: 3).Epoch(0, Device.Cpu).GetEnumerator())
        {
            batches.MoveNext();
            Assert.That(() => Volatile.Read(ref data.Reads), Is.EqualTo(70).After(2000, 10), "the batch taken, and six ahead");
            Thread.Sleep(50);
            Assert.That(data.Reads, Is.EqualTo(70));
        }
        DataThreads.RequireNone();
    }

    [Test]
    public void Cancelling_EndsAWaitAndTheWorkers([Values(0, 2)] int workers)
    {
        using var cancel = new CancellationTokenSource();
        var loader = Loader(new Counting(1000) { OnGet = i => { if (i == 100) cancel.Cancel(); } }, 2, shuffle: false, workers: workers);
        var error = Assert.Catch<OperationCanceledException>(() => Classes(loader.Epoch(0, Device.Cpu, cancel: cancel.Token)));
        Assert.That(error!.CancellationToken, Is.EqualTo(cancel.Token));
        DataThreads.RequireNone();
        Assert.That(() => Classes(loader.Epoch(0, Device.Cpu, cancel: cancel.Token)), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void Cancelling_WakesACallerWhoseWorkerIsBusy()
    {
        using var cancel = new CancellationTokenSource();
        using var never = new ManualResetEventSlim();
        using var begun = new ManualResetEventSlim();
        var loader = Loader(new Counting(10) { OnGet = _ => { begun.Set(); never.Wait(300); } }, 10, workers: 1);
        var waiting = Task.Run(() => Classes(loader.Epoch(0, Device.Cpu, cancel: cancel.Token)));
        begun.Wait();
        cancel.Cancel();
        Assert.That(async () => await waiting, Throws.InstanceOf<OperationCanceledException>());
        DataThreads.RequireNone();
    }

    [Test]
    public void Cancelling_AtAnyMoment_LeavesNoThread([Values(0, 1, 3)] int workers)
    {
        float[][] all = Inputs(Loader(new Counting(60), 3).Epoch(0, Device.Cpu));
        for (int at = 0; at < 60; at += 4)
        {
            using var cancel = new CancellationTokenSource();
            int reads = 0;
            var data = new Counting(60) { OnGet = _ => { if (Interlocked.Increment(ref reads) == at + 1) cancel.Cancel(); } };
            var taken = new List<float[]>();
            Assert.That(() => taken.AddRange(Loader(data, 3, workers: workers).Epoch(0, Device.Cpu, cancel: cancel.Token).Select(batch => batch.Inputs.ToArray())),
                Throws.InstanceOf<OperationCanceledException>());
            Assert.That(taken, Is.EqualTo(all[..taken.Count]), "and what was taken is right");
            DataThreads.RequireNone();
        }
    }

    [Test]
    public void CancelledWhileTheCallerIsBusy_TheNextTakeThrows([Values(0, 2)] int workers)
    {
        using var cancel = new CancellationTokenSource();
        using (var batches = Loader(new Counting(60), 3, workers: workers).Epoch(0, Device.Cpu, cancel: cancel.Token).GetEnumerator())
        {
            Assert.That(batches.MoveNext());
            cancel.Cancel();
            Assert.That(() => batches.MoveNext(), Throws.InstanceOf<OperationCanceledException>());
        }
        DataThreads.RequireNone();
    }

    [Test]
    public void AnErrorInAMapping_NamesTheExample([Values(0, 2)] int workers)
    {
        var collator = new MapCollator<LabelledExample, LabelledExample>((one, _) => one.Class == 7 ? throw new FormatException("seven") : one, new ClassCollator([2]));
        var loader = new DataLoader<LabelledExample>(new Counting(30), collator, 4, seed: 3, shuffle: true, workers: workers);
        var error = Assert.Throws<DataLoadException>(() => Classes(loader.Epoch(0, Device.Cpu)))!;
        int place = Array.IndexOf(new Rng(3).Split(0).Permutation(30), 7);
        Assert.That((error.Batch, error.Index), Is.EqualTo((place / 4, (long?)7)));
        Assert.That(error.InnerException, Is.TypeOf<FormatException>());
        DataThreads.RequireNone();
    }

    [Test]
    public void MapCollator_DrawsFromTheExamplesOwnStream([Values(0, 3)] int workers)
    {
        var data = new Counting(30);
        float[][] expected = Inputs(new DataLoader<LabelledExample>(data.Map((one, rng) => new LabelledExample(new[] { rng.NextFloat(), 0 }, one.Class)), new ClassCollator([2]), 4, seed: 3).Epoch(0, Device.Cpu));
        var collator = new MapCollator<LabelledExample, LabelledExample>((one, rng) => new LabelledExample(new[] { rng.NextFloat(), 0 }, one.Class), new ClassCollator([2]));
        Assert.That(Inputs(new DataLoader<LabelledExample>(data, collator, 4, seed: 3, workers: workers).Epoch(0, Device.Cpu)), Is.EqualTo(expected));
    }

    [Test]
    public void Waited_CountsWhatTheCallerWaitedFor()
    {
        var loader = Loader(new Counting(4) { OnGet = _ => Thread.Sleep(20) }, 2);
        Assert.That(loader.Waited, Is.EqualTo(TimeSpan.Zero));
        Classes(loader.Epoch(0, Device.Cpu));
        Assert.That(loader.Waited, Is.GreaterThan(TimeSpan.FromMilliseconds(70)));
    }

    [Test]
    public void NumberCollator_WritesBothSides()
    {
        var data = Datasets.From(Tensor.From([1f, 2, 3, 4], [2, 2]), Tensor.From([5f, 6], [2, 1]));
        var batch = new DataLoader<Example>(data, new NumberCollator([1, 2], [1]), 2).Epoch(0, Device.Cpu).Single();
        Assert.That((batch.Inputs.Shape.ToString(), batch.Targets.Shape.ToString()), Is.EqualTo(("(2, 1, 2)", "(2, 1)")));
        Assert.That((batch.Inputs.ToArray(), batch.Targets.ToArray()), Is.EqualTo((new[] { 1f, 2, 3, 4 }, new[] { 5f, 6 })));
    }

    [Test]
    public void ImageCollator_GivesWhatLabelledImagesGive()
    {
        var images = DrawnDigits.Draw(20, new Rng(1));
        var batch = new DataLoader<LabelledImage>(images, new ImageCollator(), 20, workers: 1).Epoch(0, Device.Cpu).Single();
        var (x, y) = images.Batch([.. Enumerable.Range(0, 20)]);
        Assert.That(batch.Inputs.Shape, Is.EqualTo(x.Shape));
        Assert.That(batch.Inputs.ToArray(), Is.EqualTo(x.ToArray()));
        Assert.That(batch.Targets.ToArray<int>(), Is.EqualTo(y.ToArray<int>()));
        var two = Datasets.From<LabelledImage>([images.Get(0, new Rng(0)), new(new byte[4], new(1, 2, 2), 0)]);
        Assert.That(() => new DataLoader<LabelledImage>(two, new ImageCollator(), 2).Epoch(0, Device.Cpu).Single(),
            Throws.TypeOf<DataLoadException>().With.Message.Contains("image 1 is (1, 2, 2)"));
    }

    [TestCase(1)]
    [TestCase(31)]
    [TestCase(32)]
    [TestCase(33)]
    [TestCase(256)]
    public void ImageCollator_DividesEachByteBy255(int width)
    {
        byte[] pixels = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        for (int from = 0; from + width <= 256; from += width)
        {
            var image = Datasets.From<LabelledImage>([new(pixels.AsMemory(from, width), new(1, 1, width), 0)]);
            Assert.That(new DataLoader<LabelledImage>(image, new ImageCollator(), 1).Epoch(0, Device.Cpu).Single().Inputs.ToArray(), Is.EqualTo(pixels[from..(from + width)].Select(v => v / 255f)));
        }
    }

    [Test]
    public void HostTensor_OfTheOtherType_IsRefused()
    {
        var numbers = new HostTensor();
        numbers.SetInts([2]);
        Assert.That(() => numbers.Floats.Length, Throws.TypeOf<DTypeException>());
        numbers.SetFloats([3]);
        Assert.That(() => numbers.Ints.Length, Throws.TypeOf<DTypeException>());
        Assert.That(numbers.Floats.Length, Is.EqualTo(3));
    }
}
