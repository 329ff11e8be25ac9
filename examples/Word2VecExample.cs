using System.CommandLine;
using System.Diagnostics;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Examples;

/// <summary><c>examples -- word2vec</c>: vectors of words, learned from any text by skip-gram, CBOW or GloVe.</summary>
internal static class Word2VecExample
{
    private static readonly (string A, string B, string C)[] Analogies =
        [("man", "king", "woman"), ("man", "actor", "woman"), ("boy", "brother", "girl"), ("he", "his", "she"), ("good", "better", "bad"), ("walk", "walking", "play"), ("france", "french", "italy")];

    public static Command Command()
    {
        var options = new RunOptions(epochs: 5, batch: 4096, learningRate: 0.05);
        var data = new Option<string>("--data") { Description = "A folder, of which all .txt files are read, or imdb, or 20newsgroups", DefaultValueFactory = _ => "imdb" };
        var method = new Option<string>("--method") { Description = "skip-gram, cbow or glove", DefaultValueFactory = _ => "skip-gram" }.AcceptOnlyFromAmong("skip-gram", "cbow", "glove");
        var split = new Option<string>("--split") { Description = "How texts are cut into words: keras, kim (as textcnn does) or whitespace", DefaultValueFactory = _ => "keras" }.AcceptOnlyFromAmong("keras", "kim", "whitespace");
        var size = RunOptions.Number("--size", "Numbers of a vector", least: 1, 100);
        var window = RunOptions.Number("--window", "Words on each side that count as near", least: 1, 5);
        var negatives = RunOptions.Number("--negatives", "Words drawn for each example", least: 1, 5);
        var minCount = RunOptions.Number("--min-count", "How often a word must come", least: 1, 5);
        var maxWords = RunOptions.Number("--vocabulary", "The most words", least: 2, 50_000);
        var subsample = RunOptions.Real("--subsample", "Leave words out that are more frequent than that; 0 for none", 1e-4, orZero: true);
        var words = new Option<string?>("--words") { Description = "Words to print the nearest of, with commas between them; ten of middling frequency unless given" };
        var command = options.AddTo(new Command("word2vec", "Learns vectors of words from text") { data, method, split, size, window, negatives, minCount, maxWords, subsample, words });
        command.SetAction((result, cancel) => Task.Run(async () =>
        {
            var settings = options.Read(result) with { LossName = result.GetValue(method) == "glove" ? "weighted squares" : "loss an example" };
            using var device = settings.Open();
            var texts = await WordCorpus.Find(result.GetValue(data)!, settings.Limit, cancel);
            Func<string, string[]> cut = result.GetValue(split) switch { "kim" => WordSplit.Kim, "whitespace" => WordSplit.Whitespace, _ => WordSplit.Keras };
            var corpus = WordCorpus.Of(texts, cut, result.GetValue(minCount), result.GetValue(maxWords));
            Console.WriteLine($"{result.GetValue(data)}: {corpus.Words:N0} words in {corpus.Texts.Length:N0} texts, {corpus.Vocabulary.Count - WordCorpus.FirstWord:N0} different ones, on {device}");
            var clock = Stopwatch.StartNew();
            var (vectors, report) = result.GetValue(method) == "glove"
                ? GloVe(corpus, result.GetValue(size), result.GetValue(window), device, settings, cancel)
                : Word2Vec(corpus, result.GetValue(size), result.GetValue(window), result.GetValue(negatives), result.GetValue(subsample), result.GetValue(method) == "cbow", device, settings, cancel);
            double wordsPerSecond = corpus.Words * (double)settings.Epochs / clock.Elapsed.TotalSeconds;
            Console.WriteLine($"{wordsPerSecond:N0} words/s");
            Save(vectors, settings.Out);
            Print(vectors, result.GetValue(words)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
            if (settings.Json)
                Show.Json(report, device, settings.Seed, result.GetValue(data)!, ("loss", report.Epochs[^1].Loss), ("words", corpus.Words), ("vocabulary", vectors.Count), ("words_per_second", wordsPerSecond));
            return 0;
        }, cancel));
        return command;
    }

    /// <summary>Trains skip-gram or CBOW.</summary>
    public static (WordVectors Vectors, TrainingReport Report) Word2Vec(WordCorpus corpus, int size, int window, int negatives, double subsample, bool around, Device device, RunSettings settings, CancellationToken cancel)
    {
        var rng = new Rng(settings.Seed);
        var model = new Word2Vec(corpus.Counts, size, rng, negatives).To(device);
        var batches = new WordWindows(corpus, window, subsample, settings.Batch, settings.Seed, around);
        // The rate is for each example, as it is published, and the loss is a batch's mean.
        var trainer = new Trainer(model, new Sgd(model.Parameters, settings.LearningRate * settings.Batch), (losses, _) => losses.Mean())
        {
            Compute = (batch, pass) => model.Loss(batch.Inputs, batch.Targets, pass),
        };
        int steps = batches.CountBatches() * settings.Epochs;
        var report = settings.Train(trainer, batches, null, rng, cancel, new LearningRateSchedule(Schedule.Polynomial(steps, last: 1e-4)));
        return (Of(corpus, model.Vectors), report);
    }

    /// <summary>Counts the pairs and trains GloVe.</summary>
    public static (WordVectors Vectors, TrainingReport Report) GloVe(WordCorpus corpus, int size, int window, Device device, RunSettings settings, CancellationToken cancel)
    {
        var rng = new Rng(settings.Seed);
        var model = new GloVe(corpus.Vocabulary.Count, size, rng).To(device);
        var batches = new WordPairs(corpus, window, settings.Batch, settings.Seed, cancel);
        Console.WriteLine($"{batches.Count:N0} pairs of words");
        // The publication's program begins with sums of squares of 1, of gradients of a sum.
        var optimizer = new Adagrad(model.Parameters, settings.LearningRate, initialSum: Math.Pow(settings.Batch, -2));
        var report = settings.Train(new Trainer(model, optimizer, (y, x) => Layers.GloVe.Loss(y, x)), batches, null, rng, cancel);
        return (Of(corpus, model.Vectors()), report);
    }

    private static WordVectors Of(WordCorpus corpus, Tensor vectors) => new(corpus.Vocabulary.Tokens.Skip(WordCorpus.FirstWord), vectors[WordCorpus.FirstWord..]);

    private static void Save(WordVectors vectors, string folder)
    {
        foreach (var (name, format) in new[] { ("vectors.glove.txt", WordVectorFormat.GloVe), ("vectors.txt", WordVectorFormat.Word2VecText), ("vectors.bin", WordVectorFormat.Word2VecBinary) })
        {
            string path = Path.Combine(folder, name);
            vectors.Write(path, format);
            Console.WriteLine($"{path}: {format}");
        }
    }

    private static void Print(WordVectors vectors, string[]? words)
    {
        // Ten of the thousand most frequent, the first hundred apart where there are as many.
        int step = Math.Max(1, Math.Min(1000, vectors.Count) / 10);
        foreach (string word in words ?? [.. Enumerable.Range(0, 10).Select(i => (i + 1) * step - 1).Where(i => i < vectors.Count).Select(i => vectors.Words[i])])
            Console.WriteLine($"{word}: {(vectors.Contains(word) ? Neighbours(vectors.Nearest(word, 8)) : "is not among the words")}");
        foreach (var (a, b, c) in Analogies)
            if (vectors.Contains(a) && vectors.Contains(b) && vectors.Contains(c)) Console.WriteLine($"{a} : {b} = {c} : {Neighbours(vectors.Analogy(a, b, c, 4))}");
    }

    private static string Neighbours(IEnumerable<WordNeighbour> near) => string.Join(", ", near.Select(n => FormattableString.Invariant($"{n.Word} {n.Cosine:0.00}")));
}
