using System.Runtime.ExceptionServices;

namespace Engine.Kernels;

/// <summary>Threads that share the chunks of a kernel's loop. One caller at a time has them; whoever comes meanwhile runs its loop on its
/// own thread. Chunks are cut by the kernel, never by the number of threads, so the bits do not depend on it.</summary>
internal sealed class WorkerPool : IDisposable
{
    private readonly Shared? shared;

    public WorkerPool(int threads)
    {
        Threads = threads;
        if (threads > 1) shared = new Shared(threads - 1);
    }

    public int Threads { get; }

    /// <summary>Runs <paramref name="body"/>(i) for each i in 0..count−1, in any order; returns when all are done.</summary>
    public void For(int count, Action<int> body)
    {
        if (count == 0) return;
        if (count == 1 || shared is null || !shared.TryRun(count, body))
            for (int i = 0; i < count; i++) body(i);
    }

    /// <summary>Runs <paramref name="body"/>(begin, end) over 0..length−1 in chunks of <paramref name="grain"/>.</summary>
    public void For(int length, int grain, Action<int, int> body)
    {
        if (length <= grain)
        {
            if (length > 0) body(0, length);
            return;
        }
        int chunks = (int)(((long)length + grain - 1) / grain);
        For(chunks, i => body(i * grain, (int)Math.Min((long)(i + 1) * grain, length)));
    }

    public void Dispose()
    {
        shared?.Stop();
        GC.SuppressFinalize(this);
    }

    // The threads hold Shared, not this: a pool that nobody uses any more ends them.
    ~WorkerPool() => shared?.Stop();

    private sealed class Shared
    {
        /// <summary>Turns of the wait loop before a thread sleeps: some ten microseconds, the gap between two kernels.</summary>
        private const int SpinTurns = 200;

        private readonly Lock gate = new();
        private readonly SemaphoreSlim[] wake;
        private readonly int[] asleep;
        private Action<int>? job;
        private int count;
        private int generation;
        private int pending;                                        // workers that have not finished this generation
        private int next;
        private ExceptionDispatchInfo? error;
        private bool stopping;

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

        public bool TryRun(int chunks, Action<int> body)
        {
            // A body that starts a loop of its own finds the gate held by its own thread: it runs inline.
            if (gate.IsHeldByCurrentThread || !gate.TryEnter()) return false;
            try
            {
                if (stopping) return false;
                job = body;
                count = chunks;
                next = 0;
                error = null;
                Volatile.Write(ref pending, wake.Length);
                Interlocked.Increment(ref generation);
                for (int i = 0; i < wake.Length; i++)
                    if (Interlocked.Exchange(ref asleep[i], 0) == 1) wake[i].Release();
                Take();
                var spin = new SpinWait();
                while (Volatile.Read(ref pending) != 0) spin.SpinOnce(sleep1Threshold: -1);
                job = null;
                error?.Throw();
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

        private void Take()
        {
            var body = job!;
            try
            {
                for (int i = Interlocked.Increment(ref next) - 1; i < count; i = Interlocked.Increment(ref next) - 1) body(i);
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref error, ExceptionDispatchInfo.Capture(e), null);
                Volatile.Write(ref next, int.MaxValue / 2);
            }
        }

        private void Work(int worker)
        {
            int seen = 0;
            while (true)
            {
                for (int turn = 0; Volatile.Read(ref generation) == seen; turn++)
                {
                    if (turn < SpinTurns)
                    {
                        Thread.SpinWait(20);
                        continue;
                    }
                    Interlocked.Exchange(ref asleep[worker], 1);
                    // Sleep only if nothing came between the look and the mark; else take the mark back, or the permit meant for it.
                    if (Volatile.Read(ref generation) == seen || Interlocked.Exchange(ref asleep[worker], 0) == 0) wake[worker].Wait();
                }
                seen = Volatile.Read(ref generation);
                if (stopping) return;
                Take();
                Interlocked.Decrement(ref pending);
            }
        }
    }
}
