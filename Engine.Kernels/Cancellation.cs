namespace Engine.Kernels;

/// <summary>While it lives, kernels and ops that this thread starts end early once a token is cancelled: an op looks before it begins, and a
/// kernel of <see cref="CpuDevice"/> before each chunk of its loop, on whichever thread that runs.</summary>
/// <remarks>A ref struct, so it cannot outlive its block or cross an await: <c>using var _ = Cancellation.Begin(token);</c> They nest, and any of
/// the tokens ends the work. What a kernel had begun to write is lost: begin none around work that changes tensors in place, but for
/// <c>InPlace</c>, which runs to its end. A GPU finishes the kernels that it was given already.</remarks>
public readonly ref struct Cancellation : IDisposable
{
    private readonly CancellationFrame? before;
    private readonly bool begun;

    private Cancellation(CancellationFrame? mine)
    {
        before = CancellationFrame.Current;
        CancellationFrame.Current = mine;
        begun = true;
    }

    /// <summary>Work of this thread ends early once the token is cancelled, until disposed.</summary>
    /// <param name="token">One that cannot be cancelled changes nothing.</param>
    public static Cancellation Begin(CancellationToken token)
    {
        var outer = CancellationFrame.Current;
        return !token.CanBeCanceled || outer?.Token == token ? default : new Cancellation(new CancellationFrame(token, outer));
    }

    /// <summary>Work of this thread runs to its end, until disposed.</summary>
    internal static Cancellation Suspend() => CancellationFrame.Current is null ? default : new Cancellation(null);

    /// <summary>Takes over what was begun on the thread that shares its work with this one.</summary>
    internal static Cancellation Adopt(CancellationFrame? frame) => frame is null ? default : new Cancellation(frame);

    /// <summary>Ends this thread's work if a token was cancelled; for long loops of one's own on the host.</summary>
    /// <exception cref="OperationCanceledException">One was.</exception>
    public static void ThrowIfRequested() => CancellationFrame.Current?.ThrowIfRequested();

    /// <summary>Goes back to what was before.</summary>
    public void Dispose()
    {
        if (begun) CancellationFrame.Current = before;
    }
}

/// <summary>A token, and those begun before it.</summary>
internal sealed class CancellationFrame(CancellationToken token, CancellationFrame? outer)
{
    [ThreadStatic] private static CancellationFrame? current;

    public static CancellationFrame? Current
    {
        get => current;
        set => current = value;
    }

    public CancellationToken Token => token;

    public void ThrowIfRequested()
    {
        for (var frame = this; frame is not null; frame = frame.Outer) frame.Token.ThrowIfCancellationRequested();
    }

    private CancellationFrame? Outer => outer;
}
