using System.CommandLine;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Examples;

/// <summary><c>examples -- translate</c>: a small transformer that translates sentences.</summary>
internal static class TranslateExample
{
    /// <summary>Sentences whose attention is drawn.</summary>
    private const int Drawn = 4;

    public static Command Command()
    {
        var options = new RunOptions(epochs: 30, batch: 32, learningRate: 1e-3);
        var data = new Option<string?>("--data") { Description = "A file of sentences, a line a pair with a tab between; English-French pairs among the data unless given" };
        var width = RunOptions.Number("--width", "Numbers of a token's vector", 1, 128);
        var heads = RunOptions.Number("--heads", "Heads of each attention, which divide the width", 1, 4);
        var layers = RunOptions.Number("--layers", "Layers of the encoder, and of the decoder", 1, 2);
        var beam = RunOptions.Number("--beam", "Hypotheses of the search; 1 takes the likeliest word each time", 1, 5);
        var command = options.AddTo(new Command("translate", "Trains a transformer to translate, and draws where it looks") { data, width, heads, layers, beam });
        command.SetAction((result, cancel) => Task.Run(async () =>
        {
            int numbers = result.GetValue(width), parts = result.GetValue(heads);
            if (numbers % parts != 0) throw new UserException($"--heads {parts} must divide --width {numbers}.");
            var settings = options.Read(result) with { Unit = "share of right tokens" };
            using var device = settings.Open();
            var task = await Seq2SeqExample.Pairs(result.GetValue(data), settings.Limit, new Rng(settings.Seed).Split(1), cancel);
            Run(task, Sizes(task, numbers, parts, result.GetValue(layers)), device, settings, result.GetValue(beam), cancel);
            return 0;
        }, cancel));
        return command;
    }

    /// <summary>Pre-norm, which trains without a long warm-up, and a feed-forward part four times as wide, as in the paper.</summary>
    public static TransformerSettings Sizes(Translation task, int width, int heads, int layers) => new()
    {
        SourceTokens = task.Sizes.SourceTokens,
        TargetTokens = task.Sizes.TargetTokens,
        StartToken = task.Sizes.StartToken,
        EndToken = task.Sizes.EndToken,
        PaddingToken = task.Sizes.PaddingToken,
        MaxLength = task.Sizes.MaxLength,
        Width = width,
        Heads = heads,
        Inner = 4 * width,
        EncoderLayers = layers,
        DecoderLayers = layers,
        NormFirst = true,
        Dropout = 0.2,
    };

    private static void Run(Translation task, TransformerSettings sizes, Device device, RunSettings settings, int beam, CancellationToken cancel)
    {
        var rng = new Rng(settings.Seed);
        var model = new Transformer(sizes, rng).To(device);
        var trainer = Seq2SeqExample.Trainer(model, settings.LearningRate);
        var train = Seq2SeqExample.Batches(task.Train, settings.Batch, settings.Seed);
        Console.WriteLine($"{task.Name}: {task.Train.Length:N0} pairs to learn from and {task.Test.Length:N0} to test with, on {device}");
        Console.WriteLine(model);
        var report = settings.Train(trainer, train, Seq2SeqExample.Batches(task.Test, 250, null), rng, cancel, Seq2SeqExample.Rate(train.BatchCount!.Value * settings.Epochs));
        var figures = task.Try(report, pairs => Seq2SeqExample.Write(model, pairs, beam, device, cancel));
        AttentionPicture.Save(Path.Combine(settings.Out, "attention.png"), Look(model, task, beam, device, cancel));
        Show.Files(settings.Out, ["attention.png"]);
        if (settings.Json) Show.Json(report, device, settings.Seed, task.Name, figures);
    }

    /// <summary>The longest sentences of the test, what is written for them, and how much each word of them counted for each that was written.</summary>
    public static AttentionMap[] Look(Transformer model, Translation task, int beam, Device device, CancellationToken cancel)
    {
        TokenPair[] pairs = [.. task.Test.OrderByDescending(pair => pair.Source.Length).DistinctBy(pair => string.Join(' ', pair.Source.ToArray())).Take(Drawn)];
        int[][] written = Seq2SeqExample.Write(model, pairs, beam, device, cancel);
        return [.. pairs.Zip(written, Map)];

        AttentionMap Map(TokenPair pair, int[] tokens)
        {
            using var noGrad = NoGrad.Begin();
            using var scope = device.Scope("a picture");
            int[] source = pair.Source.ToArray(), target = [.. tokens, model.Sizes.EndToken];
            var weights = model.AttentionWeights(Tensor.From(source, [1, source.Length], device), Tensor.From(target, [1, target.Length], device), Pass.Inference.WithCancellation(cancel));
            return new AttentionMap([.. task.SourceWords(source)], [.. task.TargetWords(target)], weights.ToArray());
        }
    }
}
