using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Engine.Kernels;

/// <summary>Threads that share the chunks of a kernel's loop. One caller at a time has them; whoever comes meanwhile runs its loop on its
/// own thread. Chunks are cut by the kernel, by sizes and not by the number of threads, so the bits do not depend on it; the one
/// exception, <see cref="CpuDevice"/>'s walk through a recurrent layer, has bits that do not depend on how it is cut.</summary>
internal sealed class WorkerPool : IDisposable
{
    private readonly Shared? shared;

    public WorkerPool(int threads)
    {
        Threads = threads;
        if (threads > 1) shared = new Shared(threads - 1);
    }

    public int Threads { get; }

    /// <summary>Called before each loop.</summary>
    public Action? Within { get; set; }

    /// <summary>Runs <paramref name="body"/>(i) for each i in 0..count−1, in any order; returns when all are done.</summary>
    /// <exception cref="OperationCanceledException">The caller's <see cref="Cancellation"/> came first: no chunk is begun any more, and none
    /// still runs.</exception>
    public void For(int count, Action<int> body)
    {
        if (count > 0) Run(new Loop(count, body));
    }

    /// <summary>Runs <paramref name="body"/>(begin, end) over 0..length−1 in chunks of <paramref name="grain"/>.</summary>
    public void For(int length, int grain, Action<int, int> body)
    {
        if (length <= 0) return;
        if (length <= grain)
        {
            Within?.Invoke();
            Cancellation.ThrowIfRequested();
            body(0, length);
            return;
        }
        Run(new Loop(length, grain, body));
    }

    private void Run(Loop loop)
    {
        Within?.Invoke();
        var cancellation = CancellationFrame.Current;
        if (loop.Chunks > 1 && shared?.TryRun(loop, cancellation) == true) return;
        for (int i = 0; i < loop.Chunks; i++)
        {
            cancellation?.ThrowIfRequested();
            loop.Run(i);
        }
    }

    public void Dispose()
    {
        shared?.Stop();
        GC.SuppressFinalize(this);
    }

    // The threads hold Shared, not this: a pool that nobody uses any more ends them.
    ~WorkerPool() => shared?.Stop();

    /// <summary>What to run for each chunk: a struct, so that a kernel costs one closure and no second one around it.</summary>
    private readonly struct Loop
    {
        private readonly int length, grain;
        private readonly Action<int>? each;
        private readonly Action<int, int>? stretch;

        public Loop(int count, Action<int> each) => (Chunks, this.each) = (count, each);

        public Loop(int length, int grain, Action<int, int> stretch)
        {
            (this.length, this.grain, this.stretch) = (length, grain, stretch);
            Chunks = (int)(((long)length + grain - 1) / grain);
        }

        public int Chunks { get; }

        public void Run(int chunk)
        {
            if (stretch is null) each!(chunk);
            else stretch(chunk * grain, (int)Math.Min((long)(chunk + 1) * grain, length));
        }
    }

    /// <summary>One loop under way. Whoever takes part claims chunks until none is left; one who comes late finds none, and nobody waits for it.</summary>
    private sealed class Job(Loop loop, CancellationFrame? cancellation)
    {
        private int next;
        private int finished;
        private ExceptionDispatchInfo? error;

        public void TakePart()
        {
            int done = 0;
            using var adopted = Cancellation.Adopt(cancellation);   // for loops within the body
            try
            {
                for (int i = Interlocked.Increment(ref next) - 1; i < loop.Chunks; i = Interlocked.Increment(ref next) - 1)
                {
                    done++;                                         // before it runs: a chunk that throws is over too
                    cancellation?.ThrowIfRequested();
                    loop.Run(i);
                }
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref error, ExceptionDispatchInfo.Capture(e), null);
                done += Math.Max(0, loop.Chunks - Interlocked.Exchange(ref next, loop.Chunks));     // what nobody claimed is left undone
            }
            if (done > 0) Interlocked.Add(ref finished, done);
        }

        public void Finish()
        {
            var spin = new SpinWait();
            while (Volatile.Read(ref finished) != loop.Chunks) spin.SpinOnce(sleep1Threshold: -1);
            error?.Throw();
        }
    }

    private sealed class Shared
    {
        /// <summary>How long a thread looks out for the next job before it sleeps: the gap between two kernels. To wake it costs tens of
        /// microseconds.</summary>
        private static readonly long Patience = Stopwatch.Frequency / 5000;

        private readonly Lock gate = new();
        private readonly SemaphoreSlim[] wake;
        private readonly int[] asleep;
        private Job? job;
        private volatile int generation;
        private volatile bool stopping;

        public Shared(int workers)
        {
            wake = new SemaphoreSlim[workers];
            asleep = new int[workers];
            for (int i = 0; i < workers; i++)
            {
                wake[i] = new SemaphoreSlim(0);
                int worker = i;
                new Thread(() => Work(worker)) { IsBackground = true, Name = $"engine worker {i + 1}" }.Start();
            }
        }

        public bool TryRun(Loop loop, CancellationFrame? cancellation)
        {
            // A body that starts a loop of its own finds the gate held by its own thread: it runs inline.
            if (stopping || gate.IsHeldByCurrentThread || !gate.TryEnter()) return false;
            try
            {
                var mine = new Job(loop, cancellation);
                Volatile.Write(ref job, mine);
                Interlocked.Increment(ref generation);
                for (int i = 0; i < Math.Min(wake.Length, loop.Chunks - 1); i++)
                    if (Interlocked.Exchange(ref asleep[i], 0) == 1) wake[i].Release();
                mine.TakePart();
                Volatile.Write(ref job, null);                      // a worker that looks now keeps nothing of the body alive
                mine.Finish();
                return true;
            }
            finally
            {
                gate.Exit();
            }
        }

        public void Stop()
        {
            stopping = true;
            Interlocked.Increment(ref generation);
            foreach (var semaphore in wake) semaphore.Release();
        }

        private void Work(int worker)
        {
            int seen = 0;
            while (!stopping)
            {
                long start = Stopwatch.GetTimestamp();
                for (int turn = 1; generation == seen; turn++)
                {
                    if (Stopwatch.GetTimestamp() - start < Patience)
                    {
                        Thread.SpinWait(2);
                        if (turn % 32 == 0) Thread.Yield();         // with more threads than cores, somebody may be waiting for this one
                        continue;
                    }
                    Interlocked.Exchange(ref asleep[worker], 1);
                    // Sleep only if nothing came between the look and the mark; else take the mark back, or the permit meant for it.
                    if (generation == seen || Interlocked.Exchange(ref asleep[worker], 0) == 0) wake[worker].Wait();
                    start = Stopwatch.GetTimestamp();
                }
                seen = generation;
                Volatile.Read(ref job)?.TakePart();
            }
        }
    }
}
