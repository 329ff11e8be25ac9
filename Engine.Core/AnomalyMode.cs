namespace Engine.Core;

/// <summary>While it lives, each op of this thread is looked at, forward and backward: the first that makes a NaN or an infinity is named, by an
/// <see cref="AnomalyException"/>. Slow, as each op's result is read: for finding a fault, not for training.</summary>
/// <remarks>A ref struct, so it cannot outlive its block or cross an await: <c>using var _ = AnomalyMode.Begin();</c> An infinity that was there before an
/// op is let pass, since masks are made of them; a NaN is not.</remarks>
public readonly ref struct AnomalyMode
{
    [ThreadStatic] private static int depth;

    private readonly int change;

    private AnomalyMode(int change)
    {
        this.change = change;
        depth += change;
    }

    /// <summary>Looks at this thread's ops until disposed.</summary>
    public static AnomalyMode Begin() => new(1);

    /// <summary>Whether this thread's ops are looked at.</summary>
    public static bool IsOn => depth > 0;

    /// <summary>Looks at none: for the ops that looking takes, and those within a backward pass.</summary>
    internal static AnomalyMode Pause() => new(-depth);

    /// <summary>Looks no more, unless an outer block does.</summary>
    public void Dispose() => depth -= change;
}

/// <summary>Where ops are applied, for the backward passes of <see cref="AnomalyMode"/>: a layer's path.</summary>
internal readonly ref struct AnomalyPlace
{
    [ThreadStatic] private static string? current;

    private readonly string? outer;
    private readonly bool entered;

    private AnomalyPlace(string place)
    {
        (outer, entered) = (current, true);
        current = place;
    }

    public static string? Current => current;

    public static AnomalyPlace Enter(string place) => new(place);

    public void Dispose()
    {
        if (entered) current = outer;
    }
}
