using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers;

public class PredictorTests
{
    private static readonly PredictorOptions ThreeNumbers = new() { InputShape = new Shape(3) };

    private static Sequential Model(ulong seed, Device? device = null)
    {
        var rng = new Rng(seed);
        return new Sequential { new Linear(3, 50, rng, Activation.Tanh), new Linear(50, 2, rng) }.To(device ?? Device.Cpu);
    }

    [Test]
    public void Predict_FromAFile_GivesTheModelsBits_HoweverItIsAsked()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "model.safetensors");
        var model = Model(1);
        model.SaveWeights(path);
        using var predictor = new Predictor(() => Model(2), path, ThreeNumbers);
        float[] numbers = [1, 2, 3, -4, 5, 0.5f];
        var x = Tensor.From(numbers, [2, 3]);
        float[] expected = model.Predict(x).ToArray();
        Assert.That(predictor.Predict(x).ToArray(), Is.EqualTo(expected));
        Assert.That(predictor.Predict(numbers), Is.EqualTo(expected));
        Assert.That(predictor.PredictAsync(numbers).Result, Is.EqualTo(expected));
        Assert.That(predictor.Predict(numbers.AsSpan(0, 3)), Is.EqualTo(model.Predict(x[..1]).ToArray()));
        var outputs = new float[4];
        predictor.Predict(numbers, outputs);
        Assert.That(outputs, Is.EqualTo(expected));
    }

    [Test]
    public void Predict_OfABadRequest_IsATypedError_AndServesOn()
    {
        using var predictor = new Predictor(Model(1), ThreeNumbers);
        Assert.That(() => predictor.Predict(new float[4]), Throws.TypeOf<ShapeException>().With.Message.Contains("4 numbers").And.Message.Contains("(3)"));
        Assert.That(() => predictor.Predict([]), Throws.TypeOf<ShapeException>());
        Assert.That(() => predictor.Predict(new float[3], new float[3]), Throws.TypeOf<ShapeException>());
        Assert.That(() => predictor.PredictAsync(new float[4]), Throws.TypeOf<ShapeException>());
        Assert.That(() => predictor.Predict(Tensor.Ones([2, 4])), Throws.TypeOf<ShapeException>().With.Message.Contains("Linear 3 -> 50"));
        using var other = new CpuDevice(1);
        Assert.That(() => predictor.Predict(Tensor.Ones([2, 3], other)), Throws.TypeOf<DeviceException>());
        Assert.That(predictor.Predict(new float[3]), Has.Length.EqualTo(2));
        using var shapeless = new Predictor(Model(1));
        Assert.That(() => shapeless.Predict(new float[3]), Throws.InvalidOperationException.With.Message.Contains("InputShape"));
        Assert.That(shapeless.Predict(Tensor.Ones([1, 3])).Count, Is.EqualTo(2));
        Assert.That(() => new Predictor(Model(1), new() { InputShape = new Shape(4) }), Throws.TypeOf<ShapeException>());
        Assert.That(() => new PredictorOptions { MaxConcurrency = 0 }, Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Predict_AfterItsWarmUp_TakesNoMemoryFromTheSystem()
    {
        using var device = new CpuDevice(2);
        using var predictor = new Predictor(Model(1), ThreeNumbers with { Device = device, WarmUpBatch = 64 });
        Assert.That(predictor.Device, Is.SameAs(device));
        Assert.That(predictor.Model.Parameters.All(p => p.Value.Device == device));
        var (inUse, reserved) = (device.BytesInUse, device.BytesReserved);
        float[] outputs = new float[128];
        for (int i = 0; i < 200; i++) predictor.Predict(new float[64 * 3], outputs);
        Assert.That((device.BytesInUse, device.BytesReserved), Is.EqualTo((inUse, reserved)));
    }

    [Test]
    public void Predict_ReadsSpansWhereTheyLie_AndALayerThatKeepsItsInputFindsAnError()
    {
        var keeps = new Keeps();
        using var predictor = new Predictor(keeps, ThreeNumbers with { WarmUpBatch = 0 });
        float[] numbers = [1, 2, 3];
        Assert.That(predictor.Predict(numbers), Is.EqualTo(numbers));
        Assert.That(keeps.WasReadOnly, Is.True, "the numbers were copied");
        Assert.That(() => keeps.Kept!.ToArray(), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("the prediction ended"));
    }

    [Test]
    public void Reload_UnderLoad_GivesEachRequestTheOldWeightsOrTheNewOnes_AndABadFileChangesNothing()
    {
        using var folder = new TemporaryFolder();
        string[] paths = [Path.Combine(folder.Path, "a.safetensors"), Path.Combine(folder.Path, "b.safetensors")];
        float[] numbers = [1, 2, 3];
        var answers = new float[2][];
        for (int i = 0; i < 2; i++)
        {
            var model = Model((ulong)i + 1);
            model.SaveWeights(paths[i]);
            answers[i] = model.Predict(Tensor.From(numbers, [1, 3])).ToArray();
        }
        using var predictor = new Predictor(() => Model(9), paths[0], ThreeNumbers);
        using var stop = new CancellationTokenSource();
        long served = 0;
        Task[] clients = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                float[] answer = predictor.Predict(numbers);
                if (!answer.AsSpan().SequenceEqual(answers[0]) && !answer.AsSpan().SequenceEqual(answers[1])) throw new InvalidDataException("an answer of neither");
                Interlocked.Increment(ref served);
            }
        }))];
        for (int i = 1; i <= 40; i++)
        {
            predictor.Reload(paths[i % 2]);
            Assert.That(predictor.Predict(numbers), Is.EqualTo(answers[i % 2]));
        }
        string other = Path.Combine(folder.Path, "other.safetensors");
        new Linear(2, 2, new Rng(1)).SaveWeights(other);
        Assert.That(() => predictor.Reload(other), Throws.TypeOf<WeightsException>());
        Assert.That(() => predictor.Reload(Path.Combine(folder.Path, "none")), Throws.TypeOf<FileNotFoundException>());
        Assert.That(predictor.Predict(numbers), Is.EqualTo(answers[0]));
        stop.Cancel();
        Assert.That(Task.WaitAll(clients, TimeSpan.FromSeconds(60)));
        Assert.That(served, Is.GreaterThan(0));
        using var fromModel = new Predictor(Model(1), ThreeNumbers);
        Assert.That(() => fromModel.Reload(paths[0]), Throws.InvalidOperationException.With.Message.Contains("Replace"));
        fromModel.Replace(Model(2));
        Assert.That(fromModel.Predict(numbers), Is.EqualTo(answers[1]));
        Assert.That(() => fromModel.Replace(new Linear(7, 1, new Rng(1))), Throws.TypeOf<ShapeException>());
        Assert.That(fromModel.Predict(numbers), Is.EqualTo(answers[1]));
    }

    [Test]
    public void MaxConcurrency_BoundsWhatRuns_AndMaxWaitingWhatWaits()
    {
        using var gate = new ManualResetEventSlim();
        var slow = new Slow(gate);
        var predictor = new Predictor(slow, ThreeNumbers with { MaxConcurrency = 2, MaxWaiting = 1, WarmUpBatch = 0 });
        Task<float[]>[] running = [predictor.PredictAsync(new float[3]), Task.Run(() => predictor.Predict(new float[3]))];
        Assert.That(SpinWait.SpinUntil(() => slow.Inside == 2, TimeSpan.FromSeconds(60)));
        using var cancel = new CancellationTokenSource();
        var waits = predictor.PredictAsync(new float[3], cancel.Token);
        Assert.That(() => predictor.Predict(new float[3]), Throws.TypeOf<PredictorBusyException>().With.Message.Contains("2 predictions run and 1 wait"));
        Assert.That(async () => await predictor.PredictAsync(new float[3]), Throws.TypeOf<PredictorBusyException>());
        cancel.Cancel();
        Assert.That(async () => await waits, Throws.InstanceOf<OperationCanceledException>());
        var turn = Task.Run(() => predictor.Predict(new float[3]));  // room to wait again
        Assert.That(turn.Wait(50), Is.False);
        gate.Set();
        Assert.That(Task.WaitAll([.. running, turn], TimeSpan.FromSeconds(60)));
        Assert.That(slow.Most, Is.EqualTo(2));
        gate.Reset();
        running = [predictor.PredictAsync(new float[3]), predictor.PredictAsync(new float[3])];
        Assert.That(SpinWait.SpinUntil(() => slow.Inside == 2, TimeSpan.FromSeconds(60)));
        waits = predictor.PredictAsync(new float[3]);
        predictor.Dispose();
        Assert.That(async () => await waits, Throws.TypeOf<ObjectDisposedException>());
        gate.Set();
        Assert.That(Task.WaitAll(running, TimeSpan.FromSeconds(60)), "those that had begun end as they would");
        Assert.That(() => predictor.Predict(new float[3]), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(slow.Most, Is.EqualTo(2));
    }

    [Test]
    public void Predict_CancelledInMidForward_GivesItsTurnAndItsMemoryBack()
    {
        using var device = new CpuDevice(2);
        var rng = new Rng(1);
        var model = new Sequential { new Conv2d(3, 32, 3, rng, padding: 1), new Conv2d(32, 32, 3, rng, padding: 1) };
        using var predictor = new Predictor(model, new() { InputShape = new Shape(3, 32, 32), Device = device, MaxConcurrency = 1 });
        var x = new float[3 * 32 * 32];
        float[] expected = predictor.Predict(x);
        var (inUse, reserved) = (device.BytesInUse, device.BytesReserved);
        for (int round = 0; round < 20; round++)
        {
            using var source = new CancellationTokenSource();
            int loops = 0, at = round % 4;
            device.Within = () =>
            {
                if (loops++ == at) source.Cancel();
            };
            var outputs = new float[expected.Length];
            Assert.That(() => predictor.Predict(x, outputs, source.Token), Throws.InstanceOf<OperationCanceledException>());
            device.Within = null;
            Assert.That(outputs, Is.All.Zero);
            Assert.That(predictor.Predict(x), Is.EqualTo(expected));
        }
        Assert.That((device.BytesInUse, device.BytesReserved), Is.EqualTo((inUse, reserved)));
    }

    private sealed class Keeps : Layer
    {
        public Tensor? Kept { get; private set; }

        public bool WasReadOnly { get; private set; }

        protected override Tensor Compute(Tensor x, Pass pass)
        {
            (Kept, WasReadOnly) = (x, x.View.Storage.IsReadOnly);
            return x;
        }
    }

    private sealed class Slow(ManualResetEventSlim gate) : Layer
    {
        private int inside;
        private int most;

        public int Inside => Volatile.Read(ref inside);

        public int Most => most;

        protected override Tensor Compute(Tensor x, Pass pass)
        {
            int now = Interlocked.Increment(ref inside);
            lock (gate) most = Math.Max(most, now);
            gate.Wait(TimeSpan.FromSeconds(60));
            Interlocked.Decrement(ref inside);
            return x;
        }
    }
}
