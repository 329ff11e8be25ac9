namespace Engine.Layers;

/// <summary>Lets a text through piece by piece until a stop string comes; what may be the beginning of one is held back until it is certain. What comes through
/// does not depend on how the text is cut.</summary>
/// <param name="stops">Of one character at least each.</param>
internal sealed class StopStrings(IReadOnlyList<string> stops)
{
    private string held = "";

    /// <summary>Whether one came.</summary>
    public bool Found { get; private set; }

    /// <summary>What may pass now that this came.</summary>
    public string Add(string piece)
    {
        held += piece;
        Found = TryFind(out int at);
        if (!Found) at = held.Length - Begun();
        string sure = held[..at];
        held = Found ? "" : held[at..];
        return sure;
    }

    /// <summary>What was held back, at the text's end.</summary>
    public string Rest() => held;

    /// <summary>The one that ends first, and of those the longest.</summary>
    private bool TryFind(out int start)
    {
        int end = int.MaxValue;
        start = 0;
        foreach (string stop in stops)
        {
            int at = held.IndexOf(stop, StringComparison.Ordinal);
            if (at < 0 || (at + stop.Length, at).CompareTo((end, start)) >= 0) continue;
            (start, end) = (at, at + stop.Length);
        }
        return end < int.MaxValue;
    }

    /// <summary>Characters at the end with which a stop string may have begun.</summary>
    private int Begun()
    {
        int most = 0;
        foreach (string stop in stops)
            for (int length = Math.Min(stop.Length - 1, held.Length); length > most; length--)
                if (held.AsSpan(held.Length - length).SequenceEqual(stop.AsSpan(0, length))) most = length;
        return most;
    }
}
