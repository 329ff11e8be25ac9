using System.CommandLine;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Examples;

/// <summary><c>examples -- lstm</c>: the article's network, trained on posts to ten newsgroups or on film reviews, beside naive Bayes.</summary>
internal static class LstmExample
{
    private const int Vocabulary = 10_000, Length = 100;

    public static Command Command()
    {
        var options = new RunOptions(epochs: 15, batch: 32, learningRate: 2e-3);
        var data = new Option<string>("--data") { Description = "20newsgroups, of which the first ten groups are taken, or imdb", DefaultValueFactory = _ => "20newsgroups" };
        var command = options.AddTo(new Command("lstm", "Trains two LSTMs to tell newsgroups apart, or good films from bad ones") { data });
        command.SetAction((result, cancel) => Task.Run(async () =>
        {
            var settings = options.Read(result);
            using var device = settings.Open();
            Run(await TextSource.Find(result.GetValue(data)!, settings.Limit, cancel), device, settings, cancel);
            return 0;
        }, cancel));
        return command;
    }

    private static void Run(TextSource texts, Device device, RunSettings settings, CancellationToken cancel)
    {
        // A post says early what it is about; a review ends with its verdict. Words beyond the vocabulary are dropped, as by Keras' Tokenizer.
        var batches = new TextBatches(texts, Vocabulary, Length, texts.Name == "imdb" ? SequenceEnd.Start : SequenceEnd.End, keepUnknown: false);
        int classes = texts.Train.ClassNames.Count;
        var rng = new Rng(settings.Seed);
        var model = LstmModel.Build(batches.Vocabulary, classes, rng).To(device);
        var trainer = new Trainer(model, LstmModel.Optimizer(model, settings.LearningRate), Loss.CrossEntropy, new Accuracy());
        Show.Start(model, texts, device);
        double bayes = new NaiveBayes(batches.Train, batches.Vocabulary, classes).Accuracy(batches.Test);
        Console.WriteLine($"naive Bayes on the same tokens: test accuracy {bayes:0.0000}");
        var report = settings.Train(trainer, batches.Batches(settings.Batch, settings.Seed), batches.TestBatches(), rng, cancel);
        Console.WriteLine($"test accuracy {report.Test():0.0000}, naive Bayes {bayes:0.0000}");
        if (settings.Json) Show.Json(report, device, settings.Seed, texts.Name, ("test_accuracy", report.Test()), ("naive_bayes_accuracy", bayes));
    }
}
