namespace Engine.Core;

/// <summary>While it lives, ops on this thread record no graph.</summary>
/// <remarks>A ref struct, so it cannot outlive its block or cross an await: <c>using var _ = NoGrad.Begin();</c></remarks>
public readonly ref struct NoGrad
{
    [ThreadStatic] private static int depth;

    private NoGrad(int _) => depth++;

    /// <summary>Stops recording on this thread until disposed.</summary>
    public static NoGrad Begin() => new(0);

    /// <summary>Whether ops on this thread record.</summary>
    public static bool Recording => depth == 0;

    /// <summary>Records again, unless an outer block does not.</summary>
    public void Dispose() => depth--;
}
