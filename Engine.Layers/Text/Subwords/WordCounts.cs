using System.Runtime.InteropServices;

namespace Engine.Layers;

/// <summary>How often each word comes in texts.</summary>
internal sealed class WordCounts(IProgress<TokenizerProgress>? progress, CancellationToken cancel)
{
    private readonly Dictionary<string, long> counts = new(StringComparer.Ordinal);

    public long Texts { get; private set; }

    public IReadOnlyDictionary<string, long> Words => counts;

    /// <summary>Reads texts once.</summary>
    /// <param name="texts">Which.</param>
    /// <param name="cut">Calls what it is given with each word of a text.</param>
    public void Read(IEnumerable<string> texts, Action<string, WordFound> cut)
    {
        var lookup = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (string text in texts)
        {
            cancel.ThrowIfCancellationRequested();
            if (text is null) throw new ArgumentException($"Text {Texts} is null.", nameof(texts));
            cut(text, word => CollectionsMarshal.GetValueRefOrAddDefault(lookup, word, out _)++);
            if (++Texts % 1000 == 0) progress?.Report(new TokenizerProgress(Texts, 0));
        }
    }

    /// <summary>Reports how many tokens there are, every hundred.</summary>
    /// <param name="special">Tokens besides those that merging tells.</param>
    public Action<int> Report(int special) => tokens =>
    {
        if ((special + tokens) % 100 == 0) progress?.Report(new TokenizerProgress(Texts, special + tokens));
    };
}

/// <summary>Told a word.</summary>
internal delegate void WordFound(ReadOnlySpan<char> word);
