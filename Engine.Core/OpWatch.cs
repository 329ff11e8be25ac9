namespace Engine.Core;

/// <summary>While it lives, a function is told each op that this thread applies, after its forward pass.</summary>
/// <remarks>A ref struct, so it cannot outlive its block or cross an await; the innermost one is told.</remarks>
internal readonly ref struct OpWatch
{
    [ThreadStatic] private static Action<Op>? told;

    private readonly Action<Op>? outer;

    private OpWatch(Action<Op> tell) => (outer, told) = (told, tell);

    /// <summary>Tells of this thread's ops until disposed.</summary>
    public static OpWatch Begin(Action<Op> tell) => new(tell);

    /// <summary>Whom to tell; null mostly.</summary>
    public static Action<Op>? Told => told;

    /// <summary>Tells whom it told before.</summary>
    public void Dispose() => told = outer;
}
