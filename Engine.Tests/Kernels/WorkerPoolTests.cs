using Engine.Kernels;

namespace Engine.Tests;

public class WorkerPoolTests
{
    [Test]
    public void For_OnAnyNumberOfThreads_RunsEachChunkOnce([Values(1, 2, 3, 8)] int threads)
    {
        using var workers = new WorkerPool(threads);
        for (int round = 0; round < 2000; round++)
        {
            var seen = new int[round % 17];
            workers.For(seen.Length, i => Interlocked.Increment(ref seen[i]));
            Assert.That(seen, Is.All.EqualTo(1), $"round {round}");
            if (round % 500 == 499) Thread.Sleep(5);                // let the threads fall asleep
        }
    }

    [Test]
    public void For_OverALengthAndGrain_CoversEachNumberOnce()
    {
        using var workers = new WorkerPool(3);
        foreach (int length in new[] { 0, 1, 9, 10, 11, 95, 1000 })
        {
            var seen = new int[length];
            workers.For(length, 10, (begin, end) =>
            {
                Assert.That(end - begin, Is.InRange(1, 10));
                for (int i = begin; i < end; i++) Interlocked.Increment(ref seen[i]);
            });
            Assert.That(seen, Is.All.EqualTo(1));
        }
    }

    [Test]
    public void For_WithTwoThreads_RunsTwoChunksAtATime()
    {
        using var workers = new WorkerPool(2);
        foreach (int pause in new[] { 0, 0, 5, 0, 5 })
        {
            Thread.Sleep(pause);
            using var both = new Barrier(2);
            workers.For(2, _ => Assert.That(both.SignalAndWait(TimeSpan.FromSeconds(60)), "the other chunk never began"));
        }
    }

    [Test]
    public void For_InsideABody_RunsOnItsOwnThread()
    {
        using var workers = new WorkerPool(3);
        var seen = new int[8, 8];
        for (int round = 0; round < 200; round++)
            workers.For(8, i => workers.For(8, j => Interlocked.Increment(ref seen[i, j])));
        Assert.That(seen, Is.All.EqualTo(200));
    }

    [Test]
    public void For_CalledFromManyThreads_GivesEachItsOwnResult()
    {
        using var workers = new WorkerPool(3);
        var wrong = new int[6];
        var callers = Enumerable.Range(0, wrong.Length).Select(caller => new Thread(() =>
        {
            for (int round = 0; round < 2000; round++)
            {
                int sum = 0;
                workers.For(10, i => Interlocked.Add(ref sum, i + caller));
                if (sum != 45 + 10 * caller) wrong[caller]++;
            }
        })).ToArray();
        foreach (var thread in callers) thread.Start();
        foreach (var thread in callers) thread.Join();
        Assert.That(wrong, Is.All.Zero);
    }

    [Test]
    public void For_WhoseBodyThrows_ThrowsItAndServesTheNextCaller([Values(1, 2, 3)] int threads)
    {
        using var workers = new WorkerPool(threads);
        for (int round = 0; round < 200; round++)
        {
            int bad = round % 20;
            Assert.That(() => workers.For(20, i => { if (i >= bad) throw new InvalidDataException($"chunk {i}"); }), Throws.TypeOf<InvalidDataException>());
            int sum = 0;
            workers.For(20, i => Interlocked.Add(ref sum, i));
            Assert.That(sum, Is.EqualTo(190));
        }
    }

    [Test]
    public void Dispose_WhileIdleAsleepOrRunning_LeavesNoLoopUndone()
    {
        for (int round = 0; round < 30; round++)
        {
            var workers = new WorkerPool(3);
            if (round % 3 == 1) Thread.Sleep(3);                    // asleep
            int sum = 0;
            var running = new Thread(() =>
            {
                for (int i = 0; i < 200; i++) workers.For(10, j => Interlocked.Add(ref sum, j));
            });
            running.Start();
            if (round % 3 == 2) Thread.Yield();
            workers.Dispose();
            Assert.That(running.Join(TimeSpan.FromSeconds(60)), "a loop hangs");
            Assert.That(sum, Is.EqualTo(200 * 45));
            workers.For(10, j => Interlocked.Add(ref sum, j));
            Assert.That(sum, Is.EqualTo(201 * 45));
        }
    }

    [Test]
    public void Pool_ThatNobodyHolds_EndsItsThreads()
    {
        var thread = RunOne();
        for (int i = 0; i < 100 && thread.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Thread.Sleep(10);
        }
        Assert.That(thread.IsAlive, Is.False);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static Thread RunOne()
        {
            var caller = Thread.CurrentThread;
            Thread? worker = null;
            var workers = new WorkerPool(2);
            using var both = new Barrier(2);
            workers.For(2, _ =>
            {
                if (Thread.CurrentThread != caller) worker = Thread.CurrentThread;
                both.SignalAndWait(TimeSpan.FromSeconds(60));
            });
            return worker!;
        }
    }
}
