using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Examples;

/// <summary>What Word2Vec learns from: each word with each near it (skip-gram), or the words around one with that one (CBOW). Frequent words are left out
/// at random, and the window is narrowed at random, anew in each epoch.</summary>
/// <remarks>A word of frequency f stays with probability √(t / f) + t / f, as in the program word2vec. Source: Mikolov et al. 2013, arXiv:1310.4546.</remarks>
internal sealed class WordWindows(WordCorpus corpus, int window, double subsample, int batch, ulong seed, bool around) : IBatches
{
    private readonly float[] stays = Stays(corpus, subsample);

    public int? Count => null;

    public int? BatchCount => null;

    public string Settings => FormattableString.Invariant($"batches of {batch}, windows of {window}, subsample {subsample}, seed {seed}, {(around ? "CBOW" : "skip-gram")}");

    /// <summary>Numbers of one input: the word, or the words around it with padding.</summary>
    private int Width => around ? 2 * window : 1;

    /// <summary>Batches of the first epoch; the others have about as many.</summary>
    public int CountBatches() => Fill(0, new int[batch * Width], new int[batch], default).Count();

    public IEnumerable<Batch> Epoch(int epoch, Device device, int skip = 0, CancellationToken cancel = default)
    {
        int[] inputs = new int[batch * Width], targets = new int[batch];
        foreach (int count in Fill(epoch, inputs, targets, cancel))
        {
            if (skip-- > 0) continue;
            Shape shape = around ? [count, Width] : [count];
            yield return new Batch(Tensor.From(inputs.AsSpan(0, count * Width), shape, device), Tensor.From(targets.AsSpan(0, count), [count], device));
        }
    }

    /// <summary>Fills the arrays again and again, and gives the number of examples each time.</summary>
    private IEnumerable<int> Fill(int epoch, int[] inputs, int[] targets, CancellationToken cancel)
    {
        var rng = new Rng(seed).Split((ulong)epoch);
        var words = new List<int>();
        int count = 0;
        bool some = false;
        foreach (int text in rng.Permutation(corpus.Texts.Length))
        {
            cancel.ThrowIfCancellationRequested();
            words.Clear();
            foreach (int word in corpus.Texts[text])
                if (stays[word] >= 1 || rng.NextFloat() < stays[word]) words.Add(word);
            for (int i = 0; i < words.Count; i++)
            {
                int reach = 1 + rng.NextInt(window), first = Math.Max(0, i - reach), last = Math.Min(words.Count - 1, i + reach);
                if (around && last > first)
                {
                    targets[count] = words[i];
                    for (int at = 0, j = first; at < Width; j++)
                        if (j != i) inputs[count * Width + at++] = j <= last ? words[j] : 0;
                    count++;
                }
                for (int j = first; j <= last && !around; j++)
                {
                    if (j == i) continue;
                    (inputs[count], targets[count]) = (words[i], words[j]);
                    if (++count < batch) continue;
                    yield return count;
                    (count, some) = (0, true);
                }
                if (count < batch) continue;
                yield return count;
                (count, some) = (0, true);
            }
        }
        if (count > 0) yield return count;
        else if (!some) throw new UserException("No two words come together in a text, those apart that are left out for being frequent. Give longer texts, or a larger --subsample.");
    }

    private static float[] Stays(WordCorpus corpus, double subsample)
    {
        long[] counts = corpus.Counts;
        double all = counts.Sum();
        return [.. counts.Select(count => subsample > 0 && count > 0 ? (float)(Math.Sqrt(subsample * all / count) + subsample * all / count) : 1)];
    }
}
