using System.Security.Cryptography;
using Engine.Core;

namespace Engine.Layers;

/// <summary>Two pieces of text, for a model to say whether the one follows the other.</summary>
/// <param name="First">What stands first.</param>
/// <param name="Second">What stands second.</param>
/// <param name="IsNext">Whether it follows in the text; else it is of another one.</param>
public readonly record struct SegmentPair(TokenSegment First, TokenSegment Second, bool IsNext);

/// <summary>BERT's second task: what stands before a sentence's end and, half of the time, what stands after it, else what begins with a sentence of another document,
/// each as likely as the others.</summary>
/// <remarks>Each part has half of the room, or more where the other one leaves some: the first ends with its sentence, the second begins with one, and tokens are cut
/// off at their other ends. Source: Devlin, Chang, Lee and Toutanova 2018, arXiv:1810.04805, section 3.1.</remarks>
public sealed class NextSentences : IDataset<SegmentPair>
{
    private readonly TokenDocument[] documents;
    private readonly int[] sentences, breaks;                       // before document d, and places between two of them
    private readonly int length;
    private readonly int? perEpoch;

    /// <summary>Pairs of documents' sentences.</summary>
    /// <param name="documents">Those of one sentence give no pairs.</param>
    /// <param name="length">Tokens of both parts together at most, without those that a collator puts around them.</param>
    /// <param name="perEpoch">Pairs of an epoch, each drawn anew from all documents; unless given, an epoch goes through all places where one sentence ends and
    /// another one begins.</param>
    /// <exception cref="ArgumentException">Fewer than two documents have two sentences.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The length has no room for two tokens, or perEpoch is not positive.</exception>
    public NextSentences(IEnumerable<TokenDocument> documents, int length, int? perEpoch = null)
    {
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 2);
        if (perEpoch is { } count) ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count, nameof(perEpoch));
        var all = documents.ToArray();
        (this.documents, this.length, this.perEpoch) = ([.. all.Where(one => one.Sentences > 1)], length, perEpoch);
        if (this.documents.Length < 2)
            throw new ArgumentException($"Of {all.Length} documents, {this.documents.Length} have two sentences or more, and pairs take two such documents: a sentence that does not follow is of another one. Give more or longer texts.", nameof(documents));
        (sentences, breaks) = (new int[this.documents.Length + 1], new int[this.documents.Length + 1]);
        for (int d = 0; d < this.documents.Length; d++)
        {
            sentences[d + 1] = checked(sentences[d] + this.documents[d].Sentences);
            breaks[d + 1] = sentences[d + 1] - d - 1;
        }
    }

    /// <summary>Pairs of an epoch.</summary>
    public int Count => perEpoch ?? breaks[^1];

    /// <summary>The length, and a hash of the documents' tokens: another vocabulary gives another one, and so does another text.</summary>
    public string Settings
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var document in documents) document.AddTo(hash);
            return $"pairs of {length} tokens from {documents.Length} documents of hash {Convert.ToHexStringLower(hash.GetHashAndReset(), 0, 8)}";
        }
    }

    /// <inheritdoc/>
    public SegmentPair Get(int index, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(rng);
        if ((uint)index >= (uint)Count) throw new ArgumentOutOfRangeException(nameof(index), $"There is no pair {index} among {Count}.");
        int place = perEpoch is null ? index : rng.NextInt(breaks[^1]), document = DocumentOf(breaks, place), sentence = place - breaks[document] + 1;
        bool isNext = rng.NextInt(2) == 0;
        var before = documents[document].Before(sentence);
        if (!isNext)
        {
            int own = documents[document].Sentences, other = rng.NextInt(sentences[^1] - own);
            if (other >= sentences[document]) other += own;
            document = DocumentOf(sentences, other);
            sentence = other - sentences[document];
        }
        var after = documents[document].From(sentence);
        int first = Math.Min(before.Tokens.Length, Math.Max(length - length / 2, length - after.Tokens.Length)), second = Math.Min(after.Tokens.Length, length - first);
        return new SegmentPair(before.Slice(before.Tokens.Length - first, first), after.Slice(0, second), isNext);
    }

    private static int DocumentOf(int[] sums, int at)
    {
        int found = Array.BinarySearch(sums, at);
        return found >= 0 ? found : ~found - 1;
    }
}
