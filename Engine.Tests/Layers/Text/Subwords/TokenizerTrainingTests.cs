using CsCheck;
using Engine.Layers;

namespace Engine.Tests;

public class TokenizerTrainingTests
{
    private static readonly string[] Texts = ["low low low low low", "lower lower", "newest newest newest newest newest newest", "widest widest widest", "Zö, zö!"];

    [Test]
    public void WordPieces_AreMergedByFrequency()
    {
        var tokenizer = WordPieceTokenizer.Train(Texts, new() { Size = 50 });
        int characters = "!,deilnorstwz".Length, inside = "deiorstw".Length;
        Assert.That(tokenizer.Tokens.Take(5 + characters + 2), Is.EqualTo((string[])["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. "!,deilnorstwz".Select(c => c.ToString()), "##d", "##e"]));
        // newest 6, low 5, widest 3, lower 2, zö 2: ##es 9 (before ##st 9, whose symbols are younger), ##est 9, lo 7, low 7, ...
        Assert.That(tokenizer.Tokens.Skip(5 + characters + inside), Is.EqualTo((string[])["##es", "##est", "lo", "low", "ne", "##west", "newest", "wi", "##dest", "widest", "zo", "##er", "lower"]));
        Assert.That(tokenizer.Encode("newest zo lowest", options: new() { AddSpecial = false }).Ids.Select(id => tokenizer[id]), Is.EqualTo((string[])["newest", "zo", "low", "##est"]));
    }

    [Test]
    public void BytePairs_AreMergedByFrequency()
    {
        var tokenizer = ByteLevelBpe.Train(Texts, new() { Size = 1000, MinCount = 6, Special = ["<pad>"] });
        Assert.That((tokenizer[0], tokenizer[1], tokenizer[2], tokenizer["a"]), Is.EqualTo(("<|endoftext|>", "<pad>", "Ā", 2 + 'a')));
        Assert.That(tokenizer.Merges, Is.EqualTo(new[] { ("e", "s"), ("es", "t"), ("l", "o"), ("lo", "w"), ("e", "w"), ("n", "ew"), ("new", "est") }));
        Assert.That(tokenizer.Special, Is.EqualTo(new[] { 0, 1 }));
        foreach (string text in Texts) Assert.That(tokenizer.Decode(tokenizer.Encode(text).Ids), Is.EqualTo(text));
    }

    [Test]
    public void TheOrderOfTexts_DoesNotMatter()
        => Gen.Select(Gen.String[Gen.Char["abcd é"], 0, 12].Array[1, 12], Gen.Int[0, 1000]).Sample((texts, seed) =>
        {
            string[] shuffled = [.. new Engine.Core.Rng((ulong)seed).Permutation(texts.Length).Select(i => texts[i])];
            Assert.That(WordPieceTokenizer.Train(shuffled, new() { Size = 60, MinCount = 1 }).Tokens, Is.EqualTo(WordPieceTokenizer.Train(texts, new() { Size = 60, MinCount = 1 }).Tokens));
            Assert.That(ByteLevelBpe.Train(shuffled, new() { Size = 290 }).Merges, Is.EqualTo(ByteLevelBpe.Train(texts, new() { Size = 290 }).Merges));
        }, iter: 200);

    /// <summary>Against counting all pairs anew before each merge.</summary>
    [Test]
    public void Merges_AreThoseOfTheSimplestAlgorithm()
        => Gen.Select(Gen.Int[0, 3].Array[2, 9], Gen.Int[1, 5]).Array[1, 8].Sample(words =>
        {
            string[] symbols = ["a", "b", "c", "d"];
            var merging = new PairMerging(symbols, string.Concat);
            foreach (var (word, count) in words) merging.Add([.. word], count);
            var merges = merging.Run(30, 2, new HashSet<string> { "aba" }, _ => { }, default);
            Assert.That(merges, Is.EqualTo(Simplest(symbols, words)));
        }, iter: 2000);

    private static List<(string, string)> Simplest(string[] symbols, (int[] Word, int Count)[] words)
    {
        var tokens = symbols.ToList();
        var merges = new List<(string, string)>();
        var texts = words.Select(word => (Symbols: word.Word.ToList(), word.Count)).ToArray();
        while (tokens.Count < 30)
        {
            var best = texts.SelectMany(text => text.Symbols.Zip(text.Symbols.Skip(1)).Select(pair => (pair, text.Count))).GroupBy(one => one.pair, one => one.Count)
                .Select(group => (Pair: group.Key, Count: group.Sum())).Where(one => one.Count >= 2 && tokens[one.Pair.First] + tokens[one.Pair.Second] != "aba")
                .OrderByDescending(one => one.Count).ThenBy(one => one.Pair).FirstOrDefault();
            if (best.Count == 0) break;
            var ((left, right), _) = best;
            merges.Add((tokens[left], tokens[right]));
            if (!tokens.Contains(tokens[left] + tokens[right])) tokens.Add(tokens[left] + tokens[right]);
            int made = tokens.IndexOf(tokens[left] + tokens[right]);
            foreach (var (word, _) in texts)
                for (int i = 0; i + 1 < word.Count; i++)
                    if (word[i] == left && word[i + 1] == right)
                    {
                        word[i] = made;
                        word.RemoveAt(i + 1);
                    }
        }
        return merges;
    }

    [Test]
    public void ProgressIsTold_AndCancellationEnds()
    {
        var told = new List<TokenizerProgress>();
        string[] many = [.. Enumerable.Range(0, 2500).Select(i => $"word{i * 7919 % 5003} and {i}")];
        var tokenizer = ByteLevelBpe.Train(many, new() { Size = 500 }, new Told(told));
        Assert.That(told, Does.Contain(new TokenizerProgress(2000, 0)).And.Contain(new TokenizerProgress(2500, 300)).And.Contain(new TokenizerProgress(2500, tokenizer.Count)));
        using var cancel = new CancellationTokenSource();
        Assert.That(() => WordPieceTokenizer.Train(many.Select((text, i) =>
        {
            if (i == 10) cancel.Cancel();
            return text;
        }), cancel: cancel.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    private sealed class Told(List<TokenizerProgress> reports) : IProgress<TokenizerProgress>
    {
        public void Report(TokenizerProgress value) => reports.Add(value);
    }

    private static IEnumerable<string> Unread()
    {
        Assert.Fail("a text was read");
        yield break;
    }

    [Test]
    public void WhatDoesNotFit_IsRefused()
    {
        Assert.That(() => WordPieceTokenizer.Train(["abc"], new() { Size = 8 }), Throws.ArgumentException.With.Message.Contains("5 special tokens and 5 characters do not go into 8 tokens"));
        Assert.That(() => ByteLevelBpe.Train(["abc"], new() { Size = 256 }), Throws.ArgumentException.With.Message.Contains("1 special tokens and 256 bytes"));
        Assert.That(() => WordPieceTokenizer.Train(["abc"], new() { Special = ["a"] }), Throws.ArgumentException.With.Message.Contains("'a' is token"));
        // before a text is read
        Assert.That(() => WordPieceTokenizer.Train(Unread(), new() { Special = ["[MASK]"] }), Throws.ArgumentException.With.Message.Contains("'[MASK]' is token 4 and token 5"));
        Assert.That(() => WordPieceTokenizer.Train(Unread(), new() { Special = ["a\nb"] }), Throws.ArgumentException.With.Message.Contains("line end"));
        Assert.That(() => ByteLevelBpe.Train(Unread(), new() { Special = [""] }), Throws.ArgumentException.With.Message.Contains("Token 1 is empty"));
        Assert.That(() => ByteLevelBpe.Train(Unread(), new() { Special = ["a"] }), Throws.ArgumentException.With.Message.Contains("'a' is token"));
        Assert.That(() => WordPieceTokenizer.Train(["a", null!]), Throws.ArgumentException.With.Message.Contains("Text 1 is null"));
        Assert.That(WordPieceTokenizer.Train([]).Tokens, Is.EqualTo((string[])["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]));
        var few = WordPieceTokenizer.Train(["aaa b", "aa z"], new() { MaxCharacters = 1 });
        Assert.That((few.Contains("a"), few.Contains("b"), few.Encode("a b").Ids[2]), Is.EqualTo((true, false, few.Unknown)));
    }
}
