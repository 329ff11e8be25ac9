using System.CommandLine;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Examples;

/// <summary><c>examples -- seq2seq</c>: an encoder and a decoder with attention, that add numbers or translate.</summary>
internal static class Seq2SeqExample
{
    /// <summary>Sources that the trained model answers at a time.</summary>
    private const int TestBatch = 250;

    public static Command Command()
    {
        var options = new RunOptions(epochs: 0, batch: 0, learningRate: 3e-3);
        var task = new Option<string>("--task") { Description = "addition, which makes its own sums, or translate", DefaultValueFactory = _ => "addition" };
        task.AcceptOnlyFromAmong("addition", "translate");
        var data = new Option<string?>("--data") { Description = "For translate: a file of sentences, a line a pair with a tab between; English-French pairs among the data unless given" };
        var attention = new Option<AttentionScore>("--attention") { Description = "Bahdanau, Dot, General or Concat", DefaultValueFactory = _ => AttentionScore.General };
        var hidden = RunOptions.Number("--hidden", "Numbers of a state; what suits the task unless given", 1);
        var beam = RunOptions.Number("--beam", "Hypotheses of the search; 1 to add and 5 to translate unless given", 1);
        var reverse = new Option<bool>("--reverse") { Description = "For addition: write the questions from right to left" };
        var command = options.AddTo(new Command("seq2seq", "Trains an encoder and a decoder with attention: 10 epochs to add, 40 to translate, in steps of 32, unless given") { task, data, attention, hidden, beam, reverse });
        command.SetAction((result, cancel) => Task.Run(async () =>
        {
            var settings = options.Read(result) with { Unit = "share of right tokens" };
            using var device = settings.Open();
            var rng = new Rng(settings.Seed).Split(1);
            Seq2SeqTask what = result.GetValue(task) == "addition" ? new Addition(1000, settings.Limit, result.GetValue(reverse), rng)
                : await Pairs(result.GetValue(data), settings.Limit, rng, cancel);
            var sizes = what.Sizes with { Attention = result.GetValue(attention) };
            if (result.GetValue(hidden) is > 0 and int size) sizes = sizes with { HiddenSize = size };
            // The dot takes states of the decoder's size, which those of two directions are not.
            if (sizes.Attention == AttentionScore.Dot) sizes = sizes with { Bidirectional = false };
            Run(what, sizes, device, Completed(settings, what), result.GetValue(beam) is > 0 and int width ? width : what.Usual.Beam, cancel);
            return 0;
        }, cancel));
        return command;
    }

    private static RunSettings Completed(RunSettings given, Seq2SeqTask task) => given with
    {
        Epochs = given.Epochs > 0 ? given.Epochs : task.Usual.Epochs,
        Batch = given.Batch > 0 ? given.Batch : task.Usual.Batch,
    };

    /// <summary>Sentence pairs of a file, or those published.</summary>
    public static async Task<Translation> Pairs(string? path, int limit, Rng rng, CancellationToken cancel)
    {
        if (path is not null) return new Translation(Path.GetFileName(path), SentencePairs.Read(path), limit, rng);
        var set = DatasetCatalog.EngFra;
        var folders = new DataFolders();
        return new Translation(set.Name, SentencePairs.ReadFolder(folders.Find(set) ?? await folders.DownloadAsync(set, cancel: cancel)), limit, rng);
    }

    private static void Run(Seq2SeqTask task, Seq2SeqSettings sizes, Device device, RunSettings settings, int beam, CancellationToken cancel)
    {
        var rng = new Rng(settings.Seed);
        var model = new Seq2Seq(sizes, rng).To(device);
        var trainer = Trainer(model, settings.LearningRate);
        var train = Batches(task.Train, settings.Batch, settings.Seed);
        var test = Batches(task.Test, TestBatch, null);
        Console.WriteLine($"{task.Name}: {task.Train.Length:N0} pairs to learn from and {task.Test.Length:N0} to test with, on {device}");
        Console.WriteLine(model);
        var report = settings.Train(trainer, train, test, rng, cancel, Rate(train.BatchCount!.Value * settings.Epochs));
        var figures = task.Try(report, pairs => Write(model, pairs, beam, device, cancel));
        if (settings.Json) Show.Json(report, device, settings.Seed, task.Name, figures);
    }

    /// <summary>Adam, with gradients cut to a norm of 1.</summary>
    public static Trainer Trainer(EncoderDecoder model, double learningRate)
    {
        int padding = model.Sizes.PaddingToken;
        return new Trainer(model, new Adam(model.Parameters, learningRate), model.Loss, new TokenAccuracy(padding), new SequenceAccuracy(padding))
        {
            Compute = (batch, pass) => model.Forward(batch.Inputs, batch.Targets, pass),
            BeforeStep = parameters => parameters.ClipGradNorm(1),
        };
    }

    /// <summary>The rate goes up for a tenth of the run, then down to almost nothing.</summary>
    public static LearningRateSchedule Rate(int steps) => new(Schedule.OneCycle(Math.Max(2, steps), rise: 0.1));

    /// <summary>Pairs of like lengths in one batch.</summary>
    /// <param name="pairs">The pairs.</param>
    /// <param name="batch">Pairs of a batch.</param>
    /// <param name="seed">Of their order; null for their own.</param>
    public static DataLoader<TokenPair> Batches(TokenPair[] pairs, int batch, ulong? seed) => new(Datasets.From(pairs), new PairCollator(), batch, seed ?? 0, shuffle: seed is not null,
        lengths: seed is null ? null : [.. pairs.Select(pair => pair.Source.Length + pair.Target.Length)]);

    /// <summary>The best target for each pair's source.</summary>
    public static int[][] Write(EncoderDecoder model, TokenPair[] pairs, int beam, Device device, CancellationToken cancel)
    {
        var written = new List<int[]>();
        foreach (var some in pairs.Chunk(TestBatch))
        {
            using var scope = device.Scope("the answers");
            var (source, lengths) = new SequencePadding().ToTensor([.. some.Select(pair => pair.Source)], device);
            written.AddRange(model.Search(source, lengths, beam, cancel: cancel).Select(found => found[0].Tokens.ToArray()));
        }
        return [.. written];
    }
}
