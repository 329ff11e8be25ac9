using System.Runtime.InteropServices;
using Engine.Core;

namespace Engine.Layers;

/// <summary>Batches for BERT's two tasks: [CLS] first part [SEP] second part [SEP], some tokens hidden. Inputs are ids, (N, T), Int32, padded at the end to
/// the longest, with the batch's lengths; targets are 0 where the second part follows the first one and 1 where it does not, (N), Int32.</summary>
/// <remarks>A batch's others, Int32: <see cref="Types"/>, (N, T); <see cref="Places"/> and <see cref="Labels"/>, (M), of all M hidden tokens of the batch, so that
/// the head which guesses tokens computes on no others.</remarks>
public sealed class MaskedPairCollator : ICollator<SegmentPair>
{
    /// <summary>Tokens that a pair has besides its two parts.</summary>
    public const int Around = 3;

    /// <summary>Which part each token is of: 0 for the first one with what stands around it, and for padding; 1 for the second one and its end.</summary>
    public const string Types = "types";

    /// <summary>Where the hidden tokens are, in order: row · T + column.</summary>
    public const string Places = "places";

    /// <summary>What they were.</summary>
    public const string Labels = "labels";

    private readonly int classify, separate, padding;
    private readonly TokenMasking masking;

    /// <summary>A collator.</summary>
    /// <param name="classify">The id of [CLS].</param>
    /// <param name="separate">The id of [SEP].</param>
    /// <param name="padding">The id of [PAD].</param>
    /// <param name="masking">Hides tokens; those two are special to it.</param>
    /// <exception cref="ArgumentException">They are not, or the masking's shares are more than 1 together.</exception>
    public MaskedPairCollator(int classify, int separate, int padding, TokenMasking masking)
    {
        ArgumentNullException.ThrowIfNull(masking);
        masking.RequireShares();
        foreach (int id in new[] { classify, separate })
            if (!masking.IsSpecial(id)) throw new ArgumentException($"Token {id} stands around the parts of each pair, and the masking may hide it. Make it special there.", nameof(masking));
        (this.classify, this.separate, this.padding, this.masking) = (classify, separate, padding, masking);
    }

    /// <summary>How tokens are hidden.</summary>
    public string Settings => masking.Settings;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">Words are to be hidden whole, and a pair does not tell them.</exception>
    public void Collate(ReadOnlySpan<Drawn<SegmentPair>> examples, HostBatch batch, Rng rng)
    {
        int count = examples.Length, steps = 0;
        foreach (var (pair, _) in examples) steps = Math.Max(steps, LengthOf(pair));
        var ids = batch.Inputs.SetInts([count, steps]);
        var types = batch.Other(Types).SetInts([count, steps]);
        var follows = batch.Targets.SetInts([count]);
        var lengths = batch.Lengths = new int[count];
        var words = masking.WholeWords ? new int[steps] : [];
        List<int> places = [], labels = [];
        ids.Fill(padding);
        types.Clear();
        for (int i = 0; i < count; i++)
        {
            var ((first, second, isNext), own) = examples[i];
            int length = lengths[i] = LengthOf(examples[i].Value), middle = 1 + first.Tokens.Length;
            var row = ids.Slice(i * steps, length);
            (row[0], row[middle], row[^1]) = (classify, separate, separate);
            first.Tokens.Span.CopyTo(row[1..]);
            second.Tokens.Span.CopyTo(row[(middle + 1)..]);
            if (masking.WholeWords)
            {
                Copy(first, words.AsSpan(1), i);
                Copy(second, words.AsSpan(middle + 1), i);
            }
            types.Slice(i * steps + middle + 1, length - middle - 1).Fill(1);
            follows[i] = isNext ? 0 : 1;
            var (hidden, were) = masking.Hide(row, own, words.AsSpan(0, masking.WholeWords ? length : 0));
            foreach (int place in hidden) places.Add(i * steps + place);
            labels.AddRange(were);
        }
        CollectionsMarshal.AsSpan(places).CopyTo(batch.Other(Places).SetInts([places.Count]));
        CollectionsMarshal.AsSpan(labels).CopyTo(batch.Other(Labels).SetInts([labels.Count]));
    }

    private static void Copy(TokenSegment from, Span<int> words, int example)
    {
        if (from.Words.Length != from.Tokens.Length)
            throw new ExampleException(example, new ArgumentException($"Whole words are to be hidden, and {from.Tokens.Length} tokens have {from.Words.Length} numbers of words. Make the documents with them."));
        from.Words.Span.CopyTo(words);
    }

    private static int LengthOf(SegmentPair pair) => pair.First.Tokens.Length + pair.Second.Tokens.Length + Around;
}
