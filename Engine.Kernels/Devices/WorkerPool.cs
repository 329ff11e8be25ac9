using System.Diagnostics;
using System.Runtime.CompilerServices;
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
    public void For(int count, Action<int> body) => For(count, body, static (i, body) => body(i));

    /// <summary>Runs <paramref name="body"/>(begin, end) over 0..length−1 in chunks of <paramref name="grain"/>.</summary>
    public void For(int length, int grain, Action<int, int> body) => For(length, grain, body, static (begin, end, body) => body(begin, end));

    /// <summary>Runs <paramref name="body"/>(i, given) likewise. A static body, which takes all it reads from what it is given, leaves nothing to the
    /// garbage collector.</summary>
    public void For<T>(int count, T given, Action<int, T> body)
    {
        if (count > 0) Run(new Loop<T>(count, given, body));
    }

    /// <summary>Runs <paramref name="body"/>(begin, end, given) likewise.</summary>
    public void For<T>(int length, int grain, T given, Action<int, int, T> body)
    {
        if (length <= 0) return;
        if (length <= grain)
        {
            Within?.Invoke();
            Cancellation.ThrowIfRequested();
            body(0, length, given);
            return;
        }
        Run(new Loop<T>(length, grain, given, body));
    }

    private void Run<T>(Loop<T> loop)
    {
        Within?.Invoke();
        var cancellation = CancellationFrame.Current;
        if (loop.Chunks > 1 && shared?.TryRun(ref loop, cancellation) == true) return;
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

    /// <summary>What to run for each chunk.</summary>
    private readonly struct Loop<T>
    {
        private readonly int length, grain;
        private readonly T given;
        private readonly Action<int, T>? each;
        private readonly Action<int, int, T>? stretch;

        public Loop(int count, T given, Action<int, T> each) => (Chunks, this.given, this.each) = (count, given, each);

        public Loop(int length, int grain, T given, Action<int, int, T> stretch)
        {
            (this.length, this.grain, this.given, this.stretch) = (length, grain, given, stretch);
            Chunks = (int)(((long)length + grain - 1) / grain);
        }

        public int Chunks { get; }

        /// <summary>Runs a chunk of the loop that lies there.</summary>
        public static unsafe void Run(void* loop, int chunk) => Unsafe.AsRef<Loop<T>>(loop).Run(chunk);

        public void Run(int chunk)
        {
            if (stretch is null) each!(chunk, given);
            else stretch(chunk * grain, (int)Math.Min((long)(chunk + 1) * grain, length), given);
        }
    }

    /// <summary>A loop under way, and afterwards the next one. Each thread has a range of its chunks and claims those first, then the others': in loop after
    /// loop it meets the numbers that are in its own cache. One who comes late finds none, and nobody waits for it.</summary>
    private sealed unsafe class Job(int threads)
    {
        private const int Apart = 32;                               // two cache lines between counters

        private void* loop;                                         // in the caller's frame, which Wait holds: a chunk that was claimed is waited for
        private delegate*<void*, int, void> run;
        private CancellationFrame? cancellation;
        private int chunks;
        private readonly int[] next = new int[threads * Apart];     // of each range, the next chunk
        private int finished;
        private ExceptionDispatchInfo? error;

        /// <summary>Takes up a loop, while nobody else looks at this.</summary>
        public void Begin<T>(ref Loop<T> loop, CancellationFrame? cancellation)
        {
            this.loop = Unsafe.AsPointer(ref loop);
            run = &Loop<T>.Run;
            (this.cancellation, chunks, finished, error) = (cancellation, loop.Chunks, 0, null);
            for (int range = 0; range < threads; range++) next[range * Apart] = End(range - 1);
        }

        private int End(int range) => (int)((long)chunks * (range + 1) / threads);

        /// <param name="who">0 for the caller, 1 and up for workers.</param>
        public void TakePart(int who)
        {
            int done = 0;
            var mine = cancellation;
            using var adopted = Cancellation.Adopt(mine);           // for loops within the body
            try
            {
                for (int other = 0; other < threads; other++)
                {
                    int range = (who + other) % threads, end = End(range);
                    ref int first = ref next[range * Apart];
                    for (int i = Interlocked.Increment(ref first) - 1; i < end; i = Interlocked.Increment(ref first) - 1)
                    {
                        done++;                                     // before it runs: a chunk that throws is over too
                        mine?.ThrowIfRequested();
                        run(loop, i);
                    }
                }
            }
            catch (Exception e)
            {
                for (int range = 0; range < threads; range++)       // what nobody claimed is left undone
                    done += Math.Max(0, End(range) - Interlocked.Exchange(ref next[range * Apart], End(range)));
                Interlocked.CompareExchange(ref error, ExceptionDispatchInfo.Capture(e), null);
            }
            finally
            {
                if (done > 0) Interlocked.Add(ref finished, done);
            }
        }

        /// <summary>Waits until every chunk is over. Nothing interrupts it: threads read the caller's frame until then.</summary>
        public void Wait()
        {
            for (int turn = 1; Volatile.Read(ref finished) != chunks; turn++)
            {
                Thread.SpinWait(2);
                if (turn % 32 == 0) Thread.Yield();
            }
        }

        public void Finish()
        {
            var thrown = error;
            (cancellation, error) = (null, null);
            thrown?.Throw();
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
        private Job spare;                                          // the gate's holder's
        private Job? job;                                           // the one that workers take part in
        private int looking;                                        // workers that may hold a job, perhaps of a loop that is over
        private volatile int generation;
        private volatile bool stopping;

        public Shared(int workers)
        {
            spare = new(workers + 1);
            wake = new SemaphoreSlim[workers];
            asleep = new int[workers];
            for (int i = 0; i < workers; i++)
            {
                wake[i] = new SemaphoreSlim(0);
                int worker = i;
                new Thread(() => Work(worker)) { IsBackground = true, Name = $"engine worker {i + 1}" }.Start();
            }
        }

        public bool TryRun<T>(ref Loop<T> loop, CancellationFrame? cancellation)
        {
            // A body that starts a loop of its own finds the gate held by its own thread: it runs inline.
            if (stopping || gate.IsHeldByCurrentThread || !gate.TryEnter()) return false;
            try
            {
                // No job is to be seen now. Where nobody looks, nobody has the last one: it serves again.
                var mine = Volatile.Read(ref looking) == 0 ? spare : spare = new Job(wake.Length + 1);
                mine.Begin(ref loop, cancellation);
                Volatile.Write(ref job, mine);
                Interlocked.Increment(ref generation);
                for (int i = 0; i < Math.Min(wake.Length, loop.Chunks - 1); i++)
                    if (Interlocked.Exchange(ref asleep[i], 0) == 1) wake[i].Release();
                try
                {
                    mine.TakePart(0);
                }
                finally
                {
                    Interlocked.Exchange(ref job, null);            // before looking is read again
                    mine.Wait();
                }
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
                Interlocked.Increment(ref looking);                 // before the job is read
                Volatile.Read(ref job)?.TakePart(worker + 1);
                Interlocked.Decrement(ref looking);
            }
        }
    }
}
