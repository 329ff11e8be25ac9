namespace Engine.Layers;

/// <summary>Lets so many in at a time, and so many wait.</summary>
internal sealed class Turnstile(int running, int waiting)
{
    private readonly SemaphoreSlim? free = running == int.MaxValue ? null : new SemaphoreSlim(running);
    private readonly CancellationTokenSource closing = new();
    private int queued;

    /// <summary>Held while one is inside.</summary>
    public readonly struct Turn(SemaphoreSlim? free) : IDisposable
    {
        public void Dispose() => free?.Release();
    }

    /// <summary>Waits for a turn.</summary>
    public Turn Enter(CancellationToken cancel)
    {
        Look(cancel);
        if (free is null || free.Wait(0, CancellationToken.None)) return new Turn(free);
        Join();
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, closing.Token);
            free.Wait(either.Token);
        }
        catch (OperationCanceledException)
        {
            Look(cancel);
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref queued);
        }
        return new Turn(free);
    }

    /// <summary>Waits for a turn without holding a thread.</summary>
    public async Task<Turn> EnterAsync(CancellationToken cancel)
    {
        Look(cancel);
        if (free is null || free.Wait(0, CancellationToken.None)) return new Turn(free);
        Join();
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, closing.Token);
            await free.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Look(cancel);
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref queued);
        }
        return new Turn(free);
    }

    /// <summary>Lets nobody in any more; who waits is sent away.</summary>
    public void Close() => closing.Cancel();

    private void Look(CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(closing.IsCancellationRequested, typeof(Predictor));
    }

    private void Join()
    {
        if (Interlocked.Increment(ref queued) <= waiting) return;
        int before = Interlocked.Decrement(ref queued);
        throw new PredictorBusyException(running, before);
    }
}
