using Engine.Core;
using Engine.Layers;

namespace Engine.Examples;

/// <summary>Sentences to learn from, to choose the best epoch by, and to test with.</summary>
internal sealed record SentenceFold(LabelledTokens[] Train, LabelledTokens[] Dev, LabelledTokens[] Test);

/// <summary>A set of sentences, cut one way or several.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="ClassNames">Its classes.</param>
/// <param name="Words">The words of all its sentences, so that those that only the test has keep the vectors they begin with, as in Kim's program.</param>
/// <param name="Folds">Each to be learned from anew.</param>
internal sealed record SentenceFolds(string Name, IReadOnlyList<string> ClassNames, Vocabulary Words, IReadOnlyList<SentenceFold> Folds)
{
    /// <summary>Parts that a set without a test of its own is cut into: each in turn is the test.</summary>
    public const int Count = 10;

    /// <summary>Finds a published set on this machine, or downloads it.</summary>
    /// <param name="name">trec or mr.</param>
    /// <param name="folds">Of mr, how many.</param>
    /// <param name="seed">Draws what is cut off for development, a tenth of what there is to learn from, and the folds.</param>
    /// <param name="cancel">Ends the download.</param>
    public static async Task<SentenceFolds> Find(string name, int folds, ulong seed, CancellationToken cancel)
    {
        var set = name == "trec" ? DatasetCatalog.Trec : DatasetCatalog.RtPolarity;
        var folders = new DataFolders();
        if (folders.Find(set) is not { } folder)
        {
            Console.Error.WriteLine($"Downloading {set.Name} from {set.Page} to {folders.Cache} ...");
            folder = await folders.DownloadAsync(set, cancel: cancel);
        }
        var (train, test) = name == "trec" ? TrecQuestions.ReadFolder(folder) : (MovieReviewSentences.ReadFolder(folder), (LabelledTexts?)null);
        return Of(name, train, test, folds, seed);
    }

    /// <summary>Cuts a set.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="train">All that there is to learn from, or all where there is no test.</param>
    /// <param name="test">The test; null to cut off a tenth for it, another one for each fold.</param>
    /// <param name="folds">How many of the ten, where there is no test.</param>
    /// <param name="seed">Draws what is cut off.</param>
    public static SentenceFolds Of(string name, LabelledTexts train, LabelledTexts? test, int folds, ulong seed)
    {
        var tokenizer = WordTokenizer.Build([.. train.Texts, .. test?.Texts ?? []], WordSplit.Kim);
        var sentences = train.Encode(tokenizer);
        LabelledTokens[] shuffled = [.. new Rng(seed).Split(1).Permutation(sentences.Length).Select(i => sentences[i])];
        SentenceFold[] cut = test is not null ? [Cut(shuffled, test.Encode(tokenizer))]
            : [.. Enumerable.Range(0, folds).Select(fold => Cut([.. shuffled[..Part(fold)], .. shuffled[Part(fold + 1)..]], shuffled[Part(fold)..Part(fold + 1)]))];
        return new SentenceFolds(name, train.ClassNames, tokenizer.Vocabulary, cut);

        int Part(int i) => (int)((long)shuffled.Length * i / Count);
    }

    /// <summary>At most so many sentences of each part of a fold.</summary>
    public SentenceFolds Take(int limit)
        => this with { Folds = [.. Folds.Select(fold => new SentenceFold([.. fold.Train.Take(limit)], [.. fold.Dev.Take(limit)], [.. fold.Test.Take(limit)]))] };

    private static SentenceFold Cut(LabelledTokens[] shuffled, LabelledTokens[] test)
        => new(shuffled[(shuffled.Length / 10)..], shuffled[..(shuffled.Length / 10)], test);
}
