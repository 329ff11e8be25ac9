using System.Runtime.InteropServices;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Examples;

/// <summary>What GloVe learns from: pairs of words, and how often they come together, each time counting as the inverse of their distance.</summary>
/// <remarks>Source: Pennington, Socher and Manning 2014, section 4.2.</remarks>
internal sealed class WordPairs : IBatches
{
    private readonly (int First, int Second, float Together)[] pairs;
    private readonly int batch;
    private readonly ulong seed;

    /// <summary>Counts the pairs of a corpus, whatever the order of the two.</summary>
    public WordPairs(WordCorpus corpus, int window, int batch, ulong seed, CancellationToken cancel)
    {
        var counts = new Dictionary<long, float>();
        foreach (int[] text in corpus.Texts)
        {
            cancel.ThrowIfCancellationRequested();
            for (int i = 0; i < text.Length; i++)
                for (int j = Math.Max(0, i - window); j < i; j++)
                    CollectionsMarshal.GetValueRefOrAddDefault(counts, (long)Math.Min(text[i], text[j]) << 32 | (uint)Math.Max(text[i], text[j]), out _) += 1f / (i - j);
        }
        if (counts.Count == 0) throw new UserException("No two words come together in a text. Give longer texts.");
        pairs = [.. counts.Select(pair => ((int)(pair.Key >> 32), (int)pair.Key, pair.Value))];
        (this.batch, this.seed) = (batch, seed);
        Settings = FormattableString.Invariant($"batches of {batch}, windows of {window}, {pairs.Length} pairs, seed {seed}");
    }

    public int? Count => pairs.Length;

    public int? BatchCount => (pairs.Length + batch - 1) / batch;

    public string Settings { get; }

    public IEnumerable<Batch> Epoch(int epoch, Device device, int skip = 0, CancellationToken cancel = default)
    {
        var rng = new Rng(seed).Split((ulong)epoch);
        int[] order = rng.Permutation(pairs.Length);
        for (long begin = (long)skip * batch; begin < order.Length; begin += batch)
        {
            cancel.ThrowIfCancellationRequested();
            int count = (int)Math.Min(batch, order.Length - begin);
            int[] words = new int[2 * count];
            var together = new float[count];
            for (int i = 0; i < count; i++)
            {
                int pair = order[begin + i];
                var (first, second, x) = pairs[pair];
                // Either word is the context of the other, in turns.
                bool swap = (pair + epoch) % 2 == 1;
                (words[2 * i], words[2 * i + 1], together[i]) = swap ? (second, first, x) : (first, second, x);
            }
            yield return new Batch(Tensor.From(words, [count, 2], device), Tensor.From(together, [count], device));
        }
    }
}
