using System.CommandLine;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Examples;

/// <summary><c>examples -- textcnn</c>: Kim's convolutional network, which classifies sentences.</summary>
internal static class TextCnnExample
{
    public static Command Command()
    {
        var options = new RunOptions(epochs: 25, batch: 50, learningRate: 1);
        var data = new Option<string>("--data") { Description = "trec, which has a test of its own, or mr, of which ten folds are made", DefaultValueFactory = _ => "trec" };
        var folds = RunOptions.Number("--folds", "Of the ten folds of mr, how many to test on, one after another", least: 1, 1);
        var vectors = new Option<FileInfo?>("--vectors") { Description = "A file of word vectors to begin with; random ones unless given" };
        var format = new Option<WordVectorFormat>("--format") { Description = "How that file is written", DefaultValueFactory = _ => WordVectorFormat.Word2VecBinary };
        var still = new Option<bool>("--static") { Description = "Leave those vectors as they are" };
        data.AcceptOnlyFromAmong("trec", "mr");
        folds.Validators.Add(found =>
        {
            if (found.Tokens.Any(token => int.TryParse(token.Value, out int number) && number > SentenceFolds.Count)) found.AddError($"--folds must be {SentenceFolds.Count} or less.");
        });
        var command = options.AddTo(new Command("textcnn", "Trains a convolutional network on sentences: questions by what they ask for, or film reviews") { data, folds, vectors, format, still });
        command.Validators.Add(found =>
        {
            if (found.GetValue(still) && found.GetResult(vectors) is null) found.AddError("--static leaves vectors as they are that were read from a file: name it with --vectors.");
        });
        command.SetAction((result, cancel) => Task.Run(async () =>
        {
            var settings = options.Read(result);
            using var device = settings.Open();
            var sets = (await SentenceFolds.Find(result.GetValue(data)!, result.GetValue(folds), settings.Seed, cancel)).Take(settings.Limit);
            var known = result.GetValue(vectors) is { } file ? WordVectors.Read(file.FullName, result.GetValue(format), sets.Words.Contains, cancel: cancel) : null;
            if (known is not null) Console.WriteLine($"{known.Count:N0} of {sets.Words.Count:N0} words have vectors in {result.GetValue(vectors)}");
            Run(sets, rng => Words(sets.Words, known, result.GetValue(still), rng), device, settings, cancel);
            return 0;
        }, cancel));
        return command;
    }

    /// <summary>The paper's random vectors, or its static or non-static ones.</summary>
    private static Embedding Words(Vocabulary words, WordVectors? known, bool frozen, Rng rng) => known is null
        ? new Embedding(words.Count, Size, rng, words.Padding, init: Init.Uniform(-0.25, 0.25), sparse: true)
        : known.ToEmbedding(words.Tokens, rng, frozen, words.Padding, sparse: true);

    private static void Run(SentenceFolds sets, Func<Rng, Embedding> words, Device device, RunSettings settings, CancellationToken cancel)
    {
        string all = OutputFolder.Make(settings.Folder, settings.Command);
        var reports = new List<TrainingReport>();
        var accuracies = new List<double>();
        for (int i = 0; i < sets.Folds.Count; i++)
        {
            string name = sets.Folds.Count == 1 ? "" : $"fold-{i + 1}";
            var (report, accuracy) = RunFold(sets, sets.Folds[i], words, device, settings with
            {
                Validation = "development",
                Seed = settings.Seed + 1000 * (ulong)i,
                Folder = Path.Combine(all, name),
                Checkpoints = settings.Checkpoints is { } folder ? Path.Combine(folder, name) : null,
            }, cancel);
            Console.WriteLine($"{(name.Length > 0 ? name + ": " : "")}test accuracy {accuracy:0.0000}, of the best of {report.Epochs.Count} epochs by the development set");
            reports.Add(report);
            accuracies.Add(accuracy);
        }
        if (accuracies.Count > 1) Console.WriteLine($"test accuracy {accuracies.Average():0.0000}, the mean of {accuracies.Count} folds");
        if (settings.Json)
            Show.Json(reports[^1], device, settings.Seed, sets.Name, [("test_accuracy", accuracies.Average()), .. accuracies.Select((accuracy, i) => ($"fold_{i + 1}_accuracy", accuracy))]);
    }

    private static (TrainingReport, double Accuracy) RunFold(SentenceFolds sets, SentenceFold fold, Func<Rng, Embedding> words, Device device, RunSettings settings, CancellationToken cancel)
    {
        var rng = new Rng(settings.Seed);
        var model = new TextCnn(words(rng), sets.ClassNames.Count, rng).To(device);
        var optimizer = new Adadelta(model.Parameters, settings.LearningRate, rho: 0.95);
        var trainer = new Trainer(model, optimizer, Loss.CrossEntropy, new Accuracy()) { AfterStep = _ => model.LimitNorm(MaxNorm) };
        Console.WriteLine($"{sets.Name}: {fold.Train.Length:N0} training, {fold.Dev.Length:N0} development and {fold.Test.Length:N0} test sentences, on {device}");
        if (fold == sets.Folds[0]) Console.WriteLine(model);
        var report = settings.Train(trainer, Batches(fold.Train, settings.Batch, settings.Seed), Batches(fold.Dev, TestBatch), rng, cancel,
            // All epochs, and of them the best by the development set, as in Kim's program.
            new EarlyStopping("val_accuracy", settings.Epochs, restoreBest: true));
        return (report, trainer.Evaluate(Batches(fold.Test, TestBatch), cancel: cancel).Metrics["accuracy"]);
    }

    /// <summary>Sentences of like lengths come together, so that little of a batch is padding.</summary>
    private static DataLoader<LabelledTokens> Batches(LabelledTokens[] sentences, int batch, ulong? seed = null)
        => new(Datasets.From(sentences), new SequenceCollator(), batch, seed ?? 0, shuffle: seed is not null, lengths: [.. sentences.Select(sentence => sentence.Tokens.Length)]);

    /// <summary>Numbers of a word's vector.</summary>
    private const int Size = 300;

    /// <summary>The greatest norm of what flows into a class.</summary>
    private const double MaxNorm = 3;

    private const int TestBatch = 200;
}
