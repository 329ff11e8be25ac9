using System.Text.RegularExpressions;
using Engine.Core;
using Engine.Layers;

namespace Engine.Examples;

/// <summary>Sentences and their translations, a token each word.</summary>
internal sealed partial class Translation : Seq2SeqTask
{
    private readonly Vocabulary sources, targets;
    private readonly (string[] Source, string[] Target)[] learned, tested;
    private readonly ILookup<string, string> translations;

    /// <summary>A tenth of the source sentences, with all their translations, are kept for the test.</summary>
    /// <param name="name">What to call the data.</param>
    /// <param name="pairs">Sentences of two languages.</param>
    /// <param name="limit">The most pairs to learn from, and the most to test with.</param>
    /// <param name="rng">Draws what is kept.</param>
    public Translation(string name, IReadOnlyList<SentencePair> pairs, int limit, Rng rng)
    {
        Name = name;
        (string[] Source, string[] Target)[] all = [.. pairs.Select(pair => (Words(pair.Source), Words(pair.Target))).Where(pair => pair.Item1.Length > 0 && pair.Item2.Length > 0)];
        translations = all.ToLookup(pair => string.Join(' ', pair.Source), pair => string.Join(' ', pair.Target));
        string[] different = [.. translations.Select(group => group.Key)];
        var kept = rng.Permutation(different.Length).Take(different.Length / 10).Select(i => different[i]).ToHashSet();
        learned = [.. all.Where(pair => !kept.Contains(string.Join(' ', pair.Source))).Take(limit)];
        tested = [.. all.Where(pair => kept.Contains(string.Join(' ', pair.Source))).Take(limit)];
        if (learned.Length == 0 || tested.Length == 0) throw new UserException($"{name} has {learned.Length} pairs to learn from and {tested.Length} to test with. It needs some of both: ten different sentences at least.");
        sources = Vocabulary.Build(learned.Select(pair => pair.Source), special: ["<end>", "<start>"]);
        targets = Vocabulary.Build(learned.Select(pair => pair.Target), special: ["<end>", "<start>"]);
        (Train, Test) = (Pairs(learned), Pairs(tested));
    }

    public override string Name { get; }

    public override TokenPair[] Train { get; }

    public override TokenPair[] Test { get; }

    public override Seq2SeqSettings Sizes => new()
    {
        SourceTokens = sources.Count,
        TargetTokens = targets.Count,
        StartToken = targets["<start>"],
        EndToken = targets["<end>"],
        PaddingToken = targets.Padding,
        EmbeddingSize = 128,
        HiddenSize = 256,
        MaxLength = 2 * Train.Max(pair => pair.Target.Length),
        Dropout = 0.2,
    };

    public override (int Epochs, int Batch, int Beam) Usual => (40, 32, 5);

    public override (string Name, double Value)[] Try(TrainingReport report, Func<TokenPair[], int[][]> write)
    {
        Console.WriteLine("Sentences that it learned from:");
        double reproduced = Reproduced(write, learned);
        Console.WriteLine("Sentences that it never saw:");
        double held = Reproduced(write, tested);
        Console.WriteLine($"one of the given translations, word for word: {reproduced:P1} of the sentences learned from, {held:P1} of the others");
        return [("test_accuracy", report.Test("token_accuracy")), ("train_reproduced", reproduced), ("test_reproduced", held)];
    }

    /// <summary>The share of different source sentences whose best hypothesis is one of their translations.</summary>
    private double Reproduced(Func<TokenPair[], int[][]> write, (string[] Source, string[] Target)[] pairs)
    {
        (string[] Source, string[] Target)[] different = [.. pairs.DistinctBy(pair => string.Join(' ', pair.Source))];
        int[][] written = write(Pairs(different));
        int right = 0;
        for (int i = 0; i < different.Length; i++)
        {
            string source = string.Join(' ', different[i].Source), target = string.Join(' ', targets.Decode(written[i]));
            bool hit = translations[source].Contains(target);
            if (hit) right++;
            if (i % Math.Max(1, different.Length / 8) == 0) Console.WriteLine($"  {source} -> {target}{(hit ? "" : $" (given: {translations[source].First()})")}");
        }
        return Share(right, different.Length);
    }

    /// <summary>A source's words.</summary>
    public IReadOnlyList<string> SourceWords(IEnumerable<int> tokens) => sources.Decode([.. tokens]);

    /// <summary>A target's words.</summary>
    public IReadOnlyList<string> TargetWords(IEnumerable<int> tokens) => targets.Decode([.. tokens]);

    private TokenPair[] Pairs((string[] Source, string[] Target)[] pairs)
        => [.. pairs.Select(pair => new TokenPair(sources.Encode(pair.Source), (int[])[.. targets.Encode(pair.Target), targets["<end>"]]))];

    /// <summary>Words and marks in lower case: "Can't I go?" has the words can't, i, go and ?.</summary>
    private static string[] Words(string sentence) => [.. Word().Matches(sentence.ToLowerInvariant()).Select(match => match.Value)];

    [GeneratedRegex(@"[\p{L}\p{M}\p{N}]+(?:['’-][\p{L}\p{M}\p{N}]+)*['’]?|[^\s\p{L}\p{M}\p{N}]")]
    private static partial Regex Word();
}
