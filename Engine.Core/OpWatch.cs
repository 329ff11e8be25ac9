namespace Engine.Core;

/// <summary>Somebody who is told of the ops of one thread: of each before and after its forward pass, and again of its backward pass. Ops that an
/// op applies come between its two.</summary>
internal interface IOpWatcher
{
    void Begins(Op op, bool backward);

    void Ends(Op op, bool backward);
}

/// <summary>While it lives, somebody is told of the ops of this thread.</summary>
/// <remarks>A ref struct, so it cannot outlive its block or cross an await; the innermost one is told.</remarks>
internal readonly ref struct OpWatch
{
    [ThreadStatic] private static IOpWatcher? told;

    private readonly IOpWatcher? outer;

    private OpWatch(IOpWatcher? watcher) => (outer, told) = (told, watcher ?? told);

    /// <summary>Tells of this thread's ops until disposed; null leaves it to the one around this.</summary>
    public static OpWatch Begin(IOpWatcher? watcher) => new(watcher);

    /// <summary>Whom to tell; null mostly.</summary>
    public static IOpWatcher? Told => told;

    /// <summary>Tells whom it told before.</summary>
    public void Dispose() => told = outer;
}
