using Engine.Core;
using Engine.Layers;

namespace Engine.Examples;

/// <summary>Texts to learn a language from, and others that are held out: a twentieth of the documents, whatever the run's seed.</summary>
internal sealed record BertCorpus(string Name, IReadOnlyList<string> Train, IReadOnlyList<string> Held)
{
    private const double HeldOut = 0.05;

    /// <summary>IMDB's training reviews, or the text files of a folder, each a document.</summary>
    /// <param name="data">imdb, or a folder.</param>
    /// <param name="limit">The most documents to learn from, and the most held out.</param>
    /// <param name="cancel">Ends a download.</param>
    public static async Task<BertCorpus> Find(string data, int limit, CancellationToken cancel)
    {
        if (data == "imdb") return Of(data, [.. (await TextSource.Find(data, int.MaxValue, cancel)).Train.Texts.Select(Plain)], limit);
        if (!Directory.Exists(data)) throw new UserException($"There is no folder {data}. Name a folder of text files (.txt, .txt.gz, .md), or imdb.");
        return Of(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(data))), [.. TextFiles.ReadFolder(data, IsText).Select(document => document.Text)], limit);
    }

    /// <summary>Keeps a twentieth of the documents, at least two.</summary>
    public static BertCorpus Of(string name, string[] documents, int limit)
    {
        int[] order = new Rng(1).Permutation(documents.Length);
        int held = Math.Max(2, (int)(documents.Length * HeldOut));
        if (documents.Length < held + 2) throw new UserException($"{name} has {documents.Length} documents. It takes four at least, two to learn from and two held out, since a sentence that does not follow is of another document.");
        return new BertCorpus(name, Some(order[held..]), Some(order[..held]));

        string[] Some(int[] part) => [.. part.Take(limit).Select(i => documents[i])];
    }

    /// <summary>A review's text without its line breaks' marks.</summary>
    public static string Plain(string review) => review.Replace("<br />", "\n", StringComparison.Ordinal);

    /// <summary>Word pieces found in the texts to learn from.</summary>
    public WordPieceTokenizer Pieces(int size, CancellationToken cancel)
    {
        try
        {
            WordPieceTokenizer? found = null;
            Show.Progress(Math.Max(1, Train.Count / 1000 + size / 100), step
                => found = WordPieceTokenizer.Train(Train, new TokenizerTraining { Size = size }, progress: new Told(step), cancel: cancel), "word pieces");
            return found!;
        }
        catch (ArgumentException e)
        {
            throw new UserException($"{Name}: {e.Message}");
        }
    }

    /// <summary>Pairs of documents' sentences.</summary>
    /// <param name="documents">What is cut into sentences and tokens.</param>
    /// <param name="tokenizer">Does the latter.</param>
    /// <param name="length">Tokens of a pair, with those around its parts.</param>
    /// <param name="perEpoch">Pairs of an epoch, drawn anew from all documents.</param>
    /// <param name="cancel">Ends it.</param>
    public NextSentences Pairs(IReadOnlyList<string> documents, SubwordTokenizer tokenizer, int length, int perEpoch, CancellationToken cancel = default)
    {
        var cut = new TokenDocument[documents.Count];
        Parallel.For(0, cut.Length, new ParallelOptions { CancellationToken = cancel }, i => cut[i] = TokenDocument.From(SentenceSplit.AtMarks(documents[i]), tokenizer));
        try
        {
            return new NextSentences(cut, length - MaskedPairCollator.Around, perEpoch);
        }
        catch (ArgumentException e) when (e is not ArgumentOutOfRangeException)
        {
            throw new UserException($"{Name}: {e.Message}");
        }
    }

    /// <summary>Moves the bar each time that the tokenizer's training tells how far it is.</summary>
    private sealed class Told(Action<string> step) : IProgress<TokenizerProgress>
    {
        public void Report(TokenizerProgress value) => step(value.Tokens == 0 ? $"{value.Texts:N0} texts read" : $"{value.Tokens:N0} word pieces found");
    }

    private static bool IsText(string name) => Endings.Any(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    private static readonly string[] Endings = [".txt", ".txt.gz", ".md"];
}
