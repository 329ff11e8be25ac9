using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests;

public class CancellationTests
{
    [Test]
    public void For_CancelledInAChunk_BeginsNoFurtherOne_AndServesTheNextCaller([Values(1, 2, 4)] int threads)
    {
        using var workers = new WorkerPool(threads);
        for (int round = 0; round < 200; round++)
        {
            using var source = new CancellationTokenSource();
            int running = 0, begun = 0;
            using (Cancellation.Begin(source.Token))
            {
                Assert.That(() => workers.For(10_000, i =>
                {
                    Interlocked.Increment(ref running);
                    if (Interlocked.Increment(ref begun) == 5) source.Cancel();
                    Interlocked.Decrement(ref running);
                }), Throws.InstanceOf<OperationCanceledException>().With.Property("CancellationToken").EqualTo(source.Token));
            }
            Assert.That(running, Is.Zero, "a chunk still ran when the loop had ended");
            Assert.That(begun, Is.LessThan(10_000));
            int sum = 0;
            workers.For(20, i => Interlocked.Add(ref sum, i));
            Assert.That(sum, Is.EqualTo(190));
        }
    }

    [Test]
    public void ARecurrentWalk_ThatIsCancelled_GivesItsPackedWeightsBack()
    {
        using var device = new CpuDevice(2);
        const int units = 3;
        var layout = SequenceLayout.Padded(4, 5);
        Tensor gates = Zeros(layout.Rows, 3 * units), outputs = Zeros(layout.Rows, units), h = Zeros(4, units), weight = Zeros(3 * units, units),
            kept = Zeros(layout.Rows, units), last = Zeros(layout.Rows, units);
        long before = device.BytesInUse;
        using var source = new CancellationTokenSource();
        source.Cancel();
        using (Cancellation.Begin(source.Token))
        {
            Assert.That(() => device.RecurrentForward<GruGates>(new(gates.View, outputs.View, h.View, null, kept.View), weight.View, null, new(layout, units)),
                Throws.InstanceOf<OperationCanceledException>());
            Assert.That(() => device.RecurrentBackward<GruGates>(new(gates.View, kept.View, outputs.View, null, null), new(outputs.View, h.View, null, gates.View, last.View, null),
                weight.View, new(layout, units)), Throws.InstanceOf<OperationCanceledException>());
        }
        Assert.That(device.BytesInUse, Is.EqualTo(before));

        Tensor Zeros(int rows, int columns) => Tensor.Zeros([rows, columns], device);
    }

    [Test]
    public void For_InsideABody_SeesTheTokenOnEveryThread()
    {
        using var workers = new WorkerPool(3);
        using var source = new CancellationTokenSource();
        int seen = 0;
        using (Cancellation.Begin(source.Token))
        {
            using var all = new Barrier(3);
            Assert.That(() => workers.For(3, i =>
            {
                if (!all.SignalAndWait(TimeSpan.FromSeconds(60))) throw new TimeoutException();
                source.Cancel();
                try
                {
                    workers.For(8, _ => { });
                }
                catch (OperationCanceledException)
                {
                    Interlocked.Increment(ref seen);
                    throw;
                }
            }), Throws.InstanceOf<OperationCanceledException>());
        }
        Assert.That(seen, Is.EqualTo(3));
        using var both = new Barrier(3);
        workers.For(3, _ =>
        {
            both.SignalAndWait(TimeSpan.FromSeconds(60));
            Cancellation.ThrowIfRequested();                        // no worker keeps it
        });
    }

    [Test]
    public void Begin_Nests_SpeaksForItsThread_AndEndsWithItsBlock()
    {
        using CancellationTokenSource outer = new(), inner = new();
        using (Cancellation.Begin(outer.Token))
        {
            using (Cancellation.Begin(inner.Token))
            {
                using (Cancellation.Begin(default)) Cancellation.ThrowIfRequested();
                outer.Cancel();
                Assert.That(Cancellation.ThrowIfRequested, Throws.InstanceOf<OperationCanceledException>().With.Property("CancellationToken").EqualTo(outer.Token));
                Exception? elsewhere = null;
                var other = new Thread(() =>
                {
                    try
                    {
                        Cancellation.ThrowIfRequested();
                    }
                    catch (Exception e)
                    {
                        elsewhere = e;
                    }
                });
                other.Start();
                other.Join();
                Assert.That(elsewhere, Is.Null);
            }
            Assert.That(Cancellation.ThrowIfRequested, Throws.InstanceOf<OperationCanceledException>());
        }
        Cancellation.ThrowIfRequested();
    }

    [Test]
    public void Op_AfterACancellation_IsNotApplied_OnAnyDevice()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        using var reference = new ReferenceDevice();
        foreach (Device device in new Device[] { Device.Cpu, reference })
        {
            var x = Tensor.Ones([2], device);
            using var _ = Cancellation.Begin(source.Token);
            Assert.That(() => x + x, Throws.InstanceOf<OperationCanceledException>());
        }
    }

    [Test]
    public void InPlace_RunsToItsEnd_WhateverIsCancelled()
    {
        using var device = new CpuDevice(2);
        Tensor w = Tensor.Zeros([1 << 20], device), grad = Tensor.Ones([1 << 20], device), m = Tensor.Zeros([1 << 20], device), v = Tensor.Zeros([1 << 20], device);
        using var source = new CancellationTokenSource();
        source.Cancel();
        using (Cancellation.Begin(source.Token))
        {
            InPlace.Sgd(w, grad, null, 1);
            InPlace.Lamb(w, grad, m, v, 1, 0.1);
        }
        Assert.That(m.ToArray().Distinct().Count(), Is.EqualTo(1));
        Assert.That(w.ToArray().Distinct().Count(), Is.EqualTo(1));
    }

    [Test]
    public void Predict_CancelledInMidKernel_GivesAllMemoryBack_AndTheDeviceServesOn()
    {
        using var device = new CpuDevice(2);
        var model = new Sequential { new Conv2d(16, 64, 3, new Rng(1), padding: 1), new Conv2d(64, 64, 3, new Rng(2), padding: 1) }.To(device);
        var x = Tensor.Ones([2, 16, 48, 48], device);
        float[] expected;
        using (device.Scope()) expected = model.Predict(x).ToArray();
        long inUse = device.BytesInUse, idle = device.BytesReserved;
        for (int round = 0; round < 40; round++)
        {
            using var source = new CancellationTokenSource();
            int loops = 0, at = round % 4;                          // two loops a convolution
            device.Within = () =>
            {
                if (loops++ == at) source.Cancel();
            };
            Assert.That(() => model.Predict(x, source.Token), Throws.InstanceOf<OperationCanceledException>(), $"round {round}");
            device.Within = null;
            Assert.That(device.BytesInUse, Is.EqualTo(inUse), $"round {round}");
        }
        Assert.That(device.BytesReserved, Is.EqualTo(idle));
        Assert.That(model.Predict(x).ToArray(), Is.EqualTo(expected));
    }

    [Test]
    public void Forward_CancelledBetweenTwoLayers_EndsBeforeTheSecond()
    {
        using var source = new CancellationTokenSource();
        int reached = 0;
        var model = new Sequential { new Calls(() => source.Cancel()), new Calls(() => reached++) };
        Assert.That(() => model.Predict(Tensor.Ones([1]), source.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(() => model.Forward(Tensor.Ones([1]), Pass.Train(new Rng(1)).WithCancellation(source.Token)), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(reached, Is.Zero);
        model.Predict(Tensor.Ones([1]));
        Assert.That(reached, Is.EqualTo(1));
    }

    [Test]
    public void WithCancellation_KeepsWhatThePassIs()
    {
        using var source = new CancellationTokenSource();
        var rng = new Rng(1);
        var pass = Pass.Train(rng).WithCancellation(source.Token);
        Assert.That(pass.Training, Is.True);
        Assert.That(pass.Rng, Is.SameAs(rng));
        Assert.That(pass.Cancel, Is.EqualTo(source.Token));
        Assert.That(Pass.Inference.WithCancellation(default), Is.SameAs(Pass.Inference));
        Assert.That(Pass.Inference.Cancel.CanBeCanceled, Is.False);
    }

    private sealed class Calls(Action action) : Layer
    {
        protected override Tensor Compute(Tensor x, Pass pass)
        {
            action();
            return x;
        }
    }
}
