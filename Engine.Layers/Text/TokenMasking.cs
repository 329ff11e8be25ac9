using System.Globalization;
using Engine.Core;

namespace Engine.Layers;

/// <summary>Hides tokens for a model to guess, BERT's first task: 15 % of a text's tokens, at least one (or one word), special ones never; of those, 80 % become the mask,
/// 10 % another token at random, and 10 % stay as they are.</summary>
/// <remarks>Source: Devlin, Chang, Lee and Toutanova 2018, arXiv:1810.04805, section 3.1 and appendix A.1; whole words as in their program's version of May 2019.</remarks>
public sealed class TokenMasking
{
    private readonly int mask, tokens;
    private readonly HashSet<int> special;
    private readonly double? random;

    /// <summary>A way to hide tokens.</summary>
    /// <param name="mask">The id of the mask.</param>
    /// <param name="tokens">How many tokens there are: ids go from 0 to this − 1.</param>
    /// <param name="special">Ids that are neither hidden nor drawn: the mask itself need not be among them.</param>
    /// <exception cref="ArgumentException">An id is no token's, or no other is left to draw.</exception>
    public TokenMasking(int mask, int tokens, params IEnumerable<int> special)
    {
        ArgumentNullException.ThrowIfNull(special);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tokens);
        (this.mask, this.tokens, this.special) = (mask, tokens, [mask, .. special]);
        foreach (int id in this.special)
            if ((uint)id >= (uint)tokens) throw new ArgumentException($"There is no token {id} among {tokens}. The special ones are of another vocabulary.", nameof(special));
        if (this.special.Count == tokens) throw new ArgumentException($"All {tokens} tokens are special, and none is left to hide or to draw.", nameof(special));
    }

    /// <summary>The share of a text's tokens that are hidden, and one at least; 0.15 unless set. With 0 none is.</summary>
    public double Rate { get; init => field = Share(value, nameof(Rate)); } = 0.15;

    /// <summary>The share of the hidden ones that become the mask; 0.8 unless set.</summary>
    public double Masked { get; init => field = Share(value, nameof(Masked)); } = 0.8;

    /// <summary>The share of the hidden ones that become a token at random; 0.1 unless set, or what <see cref="Masked"/> leaves where that is less. What is left over
    /// stays as it is.</summary>
    public double Random
    {
        get => random ?? Math.Min(0.1, 1 - Masked);
        init => random = Share(value, nameof(Random));
    }

    /// <summary>Whether all pieces of a word are hidden together; a word that would lead over the share is passed over, unless there are no
    /// others: one is hidden in any case.</summary>
    public bool WholeWords { get; init; }

    /// <summary>Whether a token is never hidden.</summary>
    public bool IsSpecial(int token) => special.Contains(token);

    /// <summary>Hides some tokens.</summary>
    /// <param name="text">The tokens; hidden ones are written over.</param>
    /// <param name="rng">Draws which, and what they become.</param>
    /// <param name="words">Which word each is a piece of, the same number for neighbours of one word; for <see cref="WholeWords"/>.</param>
    /// <returns>The places of the hidden ones, in order, and what was there; none for a text of special tokens alone.</returns>
    /// <exception cref="ArgumentException">Words are wanted whole, and there are not as many numbers as tokens; or <see cref="Masked"/> and <see cref="Random"/> are more
    /// than 1 together.</exception>
    public (int[] Places, int[] Labels) Hide(Span<int> text, Rng rng, ReadOnlySpan<int> words = default)
    {
        ArgumentNullException.ThrowIfNull(rng);
        RequireShares();
        if (WholeWords && words.Length != text.Length)
            throw new ArgumentException($"Whole words are to be hidden, and {text.Length} tokens have {words.Length} numbers of words. Encode with a tokenizer that tells them.", nameof(words));
        var (candidates, ends) = Candidates(text, words);
        int[] places = Draw(candidates, ends, rng);
        int[] labels = new int[places.Length];
        for (int i = 0; i < places.Length; i++)
        {
            ref int token = ref text[places[i]];
            labels[i] = token;
            double share = rng.NextFloat();
            if (share < Masked) token = mask;
            else if (share < Masked + Random) token = Any(rng);
        }
        return (places, labels);
    }

    /// <summary>The places that may be hidden, and in them the ends of what is hidden together.</summary>
    private (List<int> Places, List<int> Ends) Candidates(ReadOnlySpan<int> text, ReadOnlySpan<int> words)
    {
        List<int> places = new(text.Length), ends = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (special.Contains(text[i])) continue;
            bool goesOn = WholeWords && places.Count > 0 && places[^1] == i - 1 && words[i] == words[i - 1];
            places.Add(i);
            if (goesOn) ends[^1] = places.Count;
            else ends.Add(places.Count);
        }
        return (places, ends);
    }

    private int[] Draw(List<int> candidates, List<int> ends, Rng rng)
    {
        if (Rate == 0 || candidates.Count == 0) return [];
        int wanted = Math.Max(1, (int)Math.Round(Rate * candidates.Count, MidpointRounding.AwayFromZero));
        var chosen = new List<int>(wanted);
        int[] order = rng.Permutation(ends.Count);
        foreach (int group in order)
        {
            if (chosen.Count + ends[group] - Start(group) <= wanted) Choose(group);
            if (chosen.Count == wanted) break;
        }
        if (chosen.Count == 0) Choose(order[0]);                    // each word has more pieces than are wanted
        chosen.Sort();
        return [.. chosen];

        int Start(int group) => group == 0 ? 0 : ends[group - 1];

        void Choose(int group) => chosen.AddRange(candidates[Start(group)..ends[group]]);
    }

    private int Any(Rng rng)
    {
        while (true)
            if (rng.NextInt(tokens) is var token && !special.Contains(token)) return token;
    }

    /// <summary>How it hides, in words: other words, other batches.</summary>
    internal string Settings => string.Create(CultureInfo.InvariantCulture, $"{Rate} of the tokens hidden{(WholeWords ? " in whole words" : "")}, {Masked} of them masked and {Random} drawn among {tokens}");

    /// <summary>Refuses shares that are more than all.</summary>
    internal void RequireShares()
    {
        if (Masked + Random > 1 + 1e-9)
            throw new ArgumentException($"{nameof(Masked)} {Masked} and {nameof(Random)} {Random} are shares of the same tokens, and more than 1 together. Lower one of them.", nameof(Random));
    }

    private static double Share(double value, string name)
        => value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is a share, in [0, 1].");
}
