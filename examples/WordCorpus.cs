using Engine.Layers;

namespace Engine.Examples;

/// <summary>Texts as the ids of their words, the rare ones left out.</summary>
internal sealed class WordCorpus
{
    /// <summary>The words and how often each comes.</summary>
    public required Vocabulary Vocabulary { get; init; }

    /// <summary>The ids of each text's words.</summary>
    public required int[][] Texts { get; init; }

    /// <summary>Words of all texts, the rare ones among them.</summary>
    public required long Words { get; init; }

    /// <summary>How often each word comes, by its id; 0 for padding and unknown words, which are in no text.</summary>
    public long[] Counts => [.. Enumerable.Range(0, Vocabulary.Count).Select(id => id == Vocabulary.Padding || id == Vocabulary.Unknown ? 0 : Vocabulary.CountOf(id))];

    /// <summary>Where the words' ids begin: behind padding and unknown.</summary>
    public const int FirstWord = 2;

    /// <summary>Counts words and numbers them.</summary>
    /// <param name="texts">Read twice.</param>
    /// <param name="split">Cuts a text into words.</param>
    /// <param name="minCount">How often a word must come.</param>
    /// <param name="maxWords">The most words; the most frequent are kept.</param>
    /// <exception cref="UserException">Fewer than two words come that often.</exception>
    public static WordCorpus Of(IEnumerable<string> texts, Func<string, string[]> split, int minCount, int maxWords)
    {
        long words = 0;
        var vocabulary = Vocabulary.Build(texts.Select(text =>
        {
            string[] found = split(text);
            words += found.Length;
            return found;
        }), minCount, maxWords + FirstWord);
        if (words == 0) throw new UserException("There are no words in the text, or no .txt files. Give a folder with text in such files.");
        if (vocabulary.Count < FirstWord + 2) throw new UserException($"Of {words:N0} words only {vocabulary.Count - FirstWord} come {minCount} times or more. Give more text, or a smaller --min-count.");
        int[][] ids = [.. texts.Select(text => Array.FindAll(vocabulary.Encode(split(text)), id => id != vocabulary.Unknown))];
        return new WordCorpus { Vocabulary = vocabulary, Texts = ids, Words = words };
    }

    /// <summary>The text of a published set, or of all .txt files in a folder and below it.</summary>
    public static async Task<IEnumerable<string>> Find(string data, int limit, CancellationToken cancel)
    {
        if (data is not ("imdb" or "20newsgroups") && !Directory.Exists(data)) throw new UserException($"There is no folder '{data}'. Give a folder with .txt files, or imdb, or 20newsgroups.");
        if (Directory.Exists(data)) return TextFiles.ReadFolder(data, name => name.EndsWith(".txt", StringComparison.OrdinalIgnoreCase)).Select(file => file.Text).Take(limit);
        var source = await TextSource.Find(data, int.MaxValue, cancel);
        // Film reviews have HTML's line breaks in them.
        return source.Train.Texts.Concat(source.Test.Texts).Take(limit).Select(text => text.Replace("<br />", " "));
    }
}
