using Engine.Core;
using Engine.Layers;

namespace Engine.Tests;

public class TokenMaskingTests
{
    private const int Mask = 3, Tokens = 50;

    private static readonly int[] Special = [0, 1, 2];

    private static TokenMasking Masking(double rate = 0.15, bool wholeWords = false) => new(Mask, Tokens, Special) { Rate = rate, WholeWords = wholeWords };

    /// <summary>Whether a count is within five standard deviations of what so many draws of a probability give.</summary>
    private static void Near(int count, int draws, double probability)
        => Assert.That(count, Is.EqualTo(draws * probability).Within(5 * Math.Sqrt(draws * probability * (1 - probability))));

    [Test]
    public void OfAllTokens_15PercentAreHidden_EachPlaceAsLikely_And80_10_10BecomeTheMask_AnotherAndThemselves()
    {
        const int texts = 4000, length = 40;
        var (masking, rng) = (Masking(), new Rng(7));
        int masked = 0, kept = 0, other = 0;
        var at = new int[length];
        var drawn = new int[Tokens];
        for (int i = 0; i < texts; i++)
        {
            int[] text = [.. Enumerable.Repeat(10, length)];
            var (places, labels) = masking.Hide(text, rng);
            Assert.That(places, Has.Length.EqualTo(6).And.Ordered.And.Unique);
            Assert.That(labels, Is.All.EqualTo(10));
            for (int place = 0; place < length; place++)
                if (!places.Contains(place)) Assert.That(text[place], Is.EqualTo(10));
            foreach (int place in places)
            {
                at[place]++;
                if (text[place] == Mask) masked++;
                else if (text[place] == 10) kept++;
                else other++;
                drawn[text[place]]++;
            }
        }
        int all = 6 * texts, others = Tokens - Special.Length - 1;
        foreach (int count in at) Near(count, texts, 0.15);
        Near(masked, all, 0.8);
        Near(kept, all, 0.1 + 0.1 / others);                        // a random token may be the one that was there
        Near(other, all, 0.1 - 0.1 / others);
        Assert.That(drawn[..Mask], Is.All.EqualTo(0));
        for (int token = Mask + 1; token < Tokens; token++)
            if (token != 10) Near(drawn[token], all, 0.1 / others);
    }

    [Test]
    public void SpecialTokens_AreNeverHidden_AndDoNotCount()
    {
        var rng = new Rng(1);
        for (int i = 0; i < 500; i++)
        {
            int[] text = [1, 20, 2, 21, 0, Mask, 22, 2];
            int[] before = [.. text];
            var (places, labels) = Masking(rate: 0.67).Hide(text, rng);
            Assert.That(places, Has.Length.EqualTo(2).And.SubsetOf(new[] { 1, 3, 6 }));
            Assert.That(labels, Is.EqualTo(places.Select(place => before[place])));
        }
        Assert.That(Masking().Hide([1, 2, 0, 0], rng).Places, Is.Empty);
        Assert.That(Masking().Hide([], rng).Places, Is.Empty);
    }

    [TestCase(1, 0.15, 1)]
    [TestCase(2, 0.15, 1)]
    [TestCase(10, 0.15, 2)]
    [TestCase(61, 0.15, 9)]
    [TestCase(100, 1, 100)]
    [TestCase(100, 0.001, 1)]
    [TestCase(100, 0, 0)]
    public void TheShare_IsRounded_AndAtLeastOneUnlessItIsZero(int length, double rate, int hidden)
        => Assert.That(Masking(rate).Hide([.. Enumerable.Repeat(10, length)], new Rng(1)).Places, Has.Length.EqualTo(hidden));

    [Test]
    public void WholeWords_AreHiddenWithAllTheirPieces_OrNotAtAll()
    {
        int[] words = [0, 0, 0, 1, 2, 2, 3, 4, 5, 5, 6, 7];
        int[] text = [10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21];
        var rng = new Rng(2);
        var hiddenWords = new int[8];
        for (int i = 0; i < 2000; i++)
        {
            var (places, _) = Masking(rate: 0.3, wholeWords: true).Hide([.. text], rng, words);
            Assert.That(places.Length, Is.InRange(1, 4));
            foreach (var word in places.GroupBy(place => words[place]))
            {
                Assert.That(word.Count(), Is.EqualTo(words.Count(other => other == word.Key)));
                hiddenWords[word.Key]++;
            }
        }
        Assert.That(hiddenWords, Is.All.GreaterThan(300));
    }

    [Test]
    public void WhereEveryWordLeadsOverTheShare_OneIsHidden()
    {
        Assert.That(Masking(wholeWords: true).Hide([10, 11, 12], new Rng(1), [0, 0, 0]).Places, Is.EqualTo(new[] { 0, 1, 2 }));
        Assert.That(Masking(rate: 0, wholeWords: true).Hide([10, 11, 12], new Rng(1), [0, 0, 0]).Places, Is.Empty);
        for (ulong seed = 0; seed < 20; seed++)
            Assert.That(Masking(wholeWords: true).Hide([10, 11, 12, 13, 14], new Rng(seed), [0, 0, 0, 1, 1]).Places, Is.EqualTo(new[] { 0, 1, 2 }).Or.EqualTo(new[] { 3, 4 }));
    }

    [Test]
    public void SharesOfMoreThanAll_AreRefused()
    {
        TokenMasking Of(double masked, double random) => new(Mask, Tokens, Special) { Masked = masked, Random = random };
        Assert.That(() => Of(0.8, 0.5).Hide([10], new Rng(1)), Throws.ArgumentException.With.Message.Contains("more than 1 together"));
        Assert.That(() => new MaskedPairCollator(0, 1, 2, Of(0.8, 0.5)), Throws.ArgumentException.With.Message.Contains("more than 1 together"));
        for (int masked = 0; masked <= 100; masked++) Assert.That(() => Of(masked / 100.0, (100 - masked) / 100.0).Hide([10], new Rng(1)), Throws.Nothing);
        Assert.That(new TokenMasking(Mask, Tokens, Special) { Masked = 0.95 }.Random, Is.EqualTo(0.05).Within(1e-12));
        Assert.That(new TokenMasking(Mask, Tokens, Special) { Masked = 0.5 }.Random, Is.EqualTo(0.1));
    }

    [Test]
    public void TokensOfOneNumber_WithASpecialOneBetween_AreTwoWords()
    {
        int[] text = [10, 1, 11];
        var masking = Masking(rate: 0.5, wholeWords: true);
        for (int i = 0; i < 50; i++) Assert.That(masking.Hide([.. text], new Rng((ulong)i), [4, 4, 4]).Places, Has.Length.EqualTo(1));
    }

    [Test]
    public void OtherShares_AreKept()
    {
        int[] text = [.. Enumerable.Repeat(10, 1000)];
        var (places, _) = new TokenMasking(Mask, Tokens, Special) { Rate = 0.5, Masked = 1 }.Hide(text, new Rng(1));
        Assert.That(text.Count(token => token == Mask), Is.EqualTo(500));
        Assert.That(places, Has.Length.EqualTo(500));
        text = [.. Enumerable.Repeat(10, 1000)];
        new TokenMasking(Mask, Tokens, Special) { Rate = 1, Masked = 0, Random = 0 }.Hide(text, new Rng(1));
        Assert.That(text, Is.All.EqualTo(10));
    }

    [Test]
    public void WhatDoesNotFit_IsRefused()
    {
        Assert.That(() => new TokenMasking(50, Tokens, Special), Throws.ArgumentException.With.Message.Contains("50"));
        Assert.That(() => new TokenMasking(3, Tokens, -1), Throws.ArgumentException.With.Message.Contains("-1"));
        Assert.That(() => new TokenMasking(3, 4, Special), Throws.ArgumentException.With.Message.Contains("special"));
        Assert.That(() => new TokenMasking(3, 50) { Rate = 1.5 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new TokenMasking(3, 50) { Masked = double.NaN }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Masking(wholeWords: true).Hide([10, 11], new Rng(1)), Throws.ArgumentException.With.Message.Contains("2 tokens"));
    }
}
