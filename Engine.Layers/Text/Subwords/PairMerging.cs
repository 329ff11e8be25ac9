using System.Runtime.InteropServices;

namespace Engine.Layers;

/// <summary>Merges the most frequent pair of neighbouring symbols in words, again and again: byte pair encoding. The same words give the same merges, in whatever order they come: of
/// equally frequent pairs the one whose symbols are older is merged first.</summary>
/// <remarks>A merge looks only at the words that have the pair, and counts are kept up to date by what it changes, so that the time goes with the changes and not with the words.
/// Source: Sennrich, Haddow and Birch 2016, arXiv:1508.07909.</remarks>
internal sealed class PairMerging
{
    private readonly List<string> tokens;
    private readonly Dictionary<string, int> ids;
    private readonly Func<string, string, string> join;
    private readonly List<int[]> words = [];
    private readonly List<long> wordCounts = [];
    private readonly Dictionary<Pair, (long Count, List<int> Words)> pairs = [];
    private readonly Dictionary<Pair, long> changes = [];
    private readonly PriorityQueue<Pair, (long Count, Pair Pair)> queue = new(Comparer<(long Count, Pair Pair)>.Create((a, b) => a.Count != b.Count ? b.Count.CompareTo(a.Count) : a.Pair.CompareTo(b.Pair)));

    /// <param name="symbols">What words are made of, in an order that does not depend on that of the words.</param>
    /// <param name="join">The token of two.</param>
    public PairMerging(IEnumerable<string> symbols, Func<string, string, string> join)
    {
        (tokens, this.join) = ([.. symbols], join);
        ids = tokens.Select((token, id) => (token, id)).ToDictionary(one => one.token, one => one.id, StringComparer.Ordinal);
    }

    /// <summary>The symbols, then what merging made of them.</summary>
    public IReadOnlyList<string> Tokens => tokens;

    public int this[string symbol] => ids[symbol];

    /// <summary>A word and how often it comes.</summary>
    public void Add(int[] symbols, long count)
    {
        if (symbols.Length < 2) return;
        for (int i = 1; i < symbols.Length; i++) Change(new Pair(symbols[i - 1], symbols[i]), count, words.Count);
        words.Add(symbols);
        wordCounts.Add(count);
    }

    /// <summary>Merges until there are so many tokens, or no pair is frequent enough.</summary>
    /// <param name="size">Tokens, symbols among them.</param>
    /// <param name="minCount">How often a pair must come.</param>
    /// <param name="taken">Tokens that may not be made: special ones.</param>
    /// <param name="made">Told how many tokens there are.</param>
    /// <param name="cancel">Ends it.</param>
    public List<(string Left, string Right)> Run(int size, int minCount, IReadOnlySet<string> taken, Action<int> made, CancellationToken cancel)
    {
        var merges = new List<(string, string)>();
        Enqueue();
        while (tokens.Count < size && queue.TryDequeue(out var pair, out var priority))
        {
            cancel.ThrowIfCancellationRequested();
            var (count, where) = pairs[pair];
            if (priority.Count != count)
            {
                if (count > 0) queue.Enqueue(pair, (count, pair));
                continue;
            }
            if (count < minCount) break;
            var (left, right) = (tokens[pair.Left], tokens[pair.Right]);
            string token = join(left, right);
            if (taken.Contains(token)) continue;
            if (!ids.TryGetValue(token, out int id))
            {
                ids[token] = id = tokens.Count;
                tokens.Add(token);
                made(tokens.Count);
            }
            merges.Add((left, right));
            pairs[pair] = (count, []);
            foreach (int word in where) Merge(word, pair, id);
            Enqueue();
        }
        return merges;
    }

    private void Merge(int word, Pair pair, int made)
    {
        int[] symbols = words[word];
        long count = wordCounts[word];
        int kept = 0;
        for (int i = 0; i < symbols.Length; i++)
        {
            bool merged = i + 1 < symbols.Length && symbols[i] == pair.Left && symbols[i + 1] == pair.Right;
            if (merged)
            {
                Change(pair, -count, word);
                if (kept > 0)
                {
                    Change(new Pair(symbols[kept - 1], pair.Left), -count, word);
                    Change(new Pair(symbols[kept - 1], made), count, word);
                }
                if (i + 2 < symbols.Length)
                {
                    Change(new Pair(pair.Right, symbols[i + 2]), -count, word);
                    Change(new Pair(made, symbols[i + 2]), count, word);
                }
                i++;
            }
            symbols[kept++] = merged ? made : symbols[i];
        }
        if (kept < symbols.Length) words[word] = symbols[..kept];
    }

    private void Change(Pair pair, long by, int word)
    {
        CollectionsMarshal.GetValueRefOrAddDefault(changes, pair, out _) += by;
        if (by < 0) return;
        ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(pairs, pair, out bool exists);
        if (!exists) known.Words = [];
        if (known.Words.Count == 0 || known.Words[^1] != word) known.Words.Add(word);
    }

    /// <summary>Brings the counts up to date. A pair that is rarer now stays in the queue at its old place, and is put right when its turn comes.</summary>
    private void Enqueue()
    {
        foreach (var (pair, by) in changes)
        {
            ref var known = ref CollectionsMarshal.GetValueRefOrNullRef(pairs, pair);
            known.Count += by;
            if (by > 0) queue.Enqueue(pair, (known.Count, pair));
        }
        changes.Clear();
    }

    private readonly record struct Pair(int Left, int Right) : IComparable<Pair>
    {
        public int CompareTo(Pair other) => Left != other.Left ? Left.CompareTo(other.Left) : Right.CompareTo(other.Right);

        public override int GetHashCode() => Left * 486_187_739 + Right;
    }
}
