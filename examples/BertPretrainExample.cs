using System.CommandLine;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Examples;

/// <summary><c>examples -- bert-pretrain</c>: a small BERT learns a language from texts alone, by guessing hidden tokens and whether one sentence follows another.</summary>
internal static class BertPretrainExample
{
    /// <summary>Pairs that the model is tested with, always the same ones.</summary>
    private const int HeldPairs = 2000;

    /// <summary>Pairs in a batch of the test, where no gradients take room.</summary>
    private const int TestBatch = 100;

    private sealed record Choices(int Vocabulary, int Layers, int Width, int Heads, int Length, int Pairs, int Minutes, bool WholeWords);

    public static Command Command()
    {
        var options = new RunOptions(epochs: 8, batch: 64, learningRate: 2e-3);
        var data = new Option<string>("--data") { Description = "imdb, whose training reviews are taken, or a folder of text files, each a document", DefaultValueFactory = _ => "imdb" };
        var vocabulary = RunOptions.Number("--vocabulary", "Word pieces, learned from the texts", 10, 8000);
        var layers = RunOptions.Number("--layers", "Layers of the encoder", 1, 2);
        var width = RunOptions.Number("--width", "Numbers of a token between layers", 1, 128);
        var heads = RunOptions.Number("--heads", "Heads of attention, which divide the width; with few of them, sentences are compared late", 1, 8);
        var length = RunOptions.Number("--length", "Tokens of a pair at most, and the model's positions", 5, 64);
        var pairs = RunOptions.Number("--pairs", "Pairs of an epoch, drawn anew from all documents", 1, 32_000);
        var minutes = RunOptions.Number("--minutes", "Stop training after so long, unless the epochs are done before; the rate goes up and down within the shorter of the two. A run that goes on from --checkpoints has all the minutes again, and its rate may rise once more", 1, 10);
        var whole = new Option<bool>("--whole-words") { Description = "Hide all pieces of a word together" };
        var command = options.AddTo(new Command("bert-pretrain", "Trains a small BERT from scratch on texts, and writes a folder that bert-finetune and bert-fill read")
        {
            data, vocabulary, layers, width, heads, length, pairs, minutes, whole,
        });
        command.SetAction((result, cancel) => Task.Run(async () =>
        {
            var settings = options.Read(result) with { Validation = "held-out", LossName = "nats, both tasks", Unit = "share of pairs told right" };
            using var device = settings.Open();
            Run(await BertCorpus.Find(result.GetValue(data)!, settings.Limit, cancel), device, settings, new Choices(result.GetValue(vocabulary), result.GetValue(layers), result.GetValue(width),
                result.GetValue(heads), result.GetValue(length), result.GetValue(pairs), result.GetValue(minutes), result.GetValue(whole)), cancel);
            return 0;
        }, cancel));
        return command;
    }

    private static void Run(BertCorpus corpus, Device device, RunSettings settings, Choices choices, CancellationToken cancel)
    {
        if (choices.Width % choices.Heads != 0) throw new UserException($"{choices.Heads} heads do not divide a width of {choices.Width}. Choose --heads that do.");
        var tokenizer = corpus.Pieces(choices.Vocabulary, cancel);
        var collator = Collator(tokenizer, choices.WholeWords);
        var train = new DataLoader<SegmentPair>(corpus.Pairs(corpus.Train, tokenizer, choices.Length, choices.Pairs, cancel), collator, settings.Batch, settings.Seed);
        var held = new DataLoader<SegmentPair>(corpus.Pairs(corpus.Held, tokenizer, choices.Length, HeldPairs, cancel), collator, TestBatch);
        var rng = new Rng(settings.Seed);
        var model = new BertForPreTraining(Sizes(tokenizer, choices), rng).To(device);
        var trainer = Trainer(model, settings.LearningRate);
        Console.WriteLine($"{corpus.Name}: {corpus.Train.Count:N0} documents to learn from and {corpus.Held.Count:N0} held out, {tokenizer.Count:N0} word pieces, on {device}");
        Console.WriteLine(model);
        var time = TimeSpan.FromMinutes(choices.Minutes);
        var report = settings.Train(trainer, train, held, rng, cancel, Rate(train.BatchCount!.Value * settings.Epochs, time), new TimeLimit(time));
        var found = BertFigures.Of(model, held, cancel);
        Console.WriteLine(found);
        model.SavePretrained(settings.Out);
        tokenizer.SavePretrained(settings.Out);
        Console.WriteLine($"to go on: examples -- bert-fill \"a [MASK] film\" --model {settings.Out}, or examples -- bert-finetune --model {settings.Out}");
        if (settings.Json) Show.Json(report, device, settings.Seed, corpus.Name, found.InJson());
    }

    /// <summary>Hides 15 % of the tokens of each pair, special ones never.</summary>
    public static MaskedPairCollator Collator(WordPieceTokenizer tokenizer, bool wholeWords = false)
        => new(tokenizer.Start, tokenizer.Separator, tokenizer.Padding, new TokenMasking(tokenizer.Mask, tokenizer.Count, tokenizer.Special) { WholeWords = wholeWords });

    /// <summary>AdamW, and gradients cut to a norm of 1. The forward pass is given the labels, and makes the losses of both tasks.</summary>
    public static Trainer Trainer(BertForPreTraining model, double learningRate)
        => new(model, new AdamW(ParameterGroups.DecayOfWeights(model), learningRate, weightDecay: 0.01), Loss.CrossEntropy, new Accuracy())
        {
            ComputeWithLoss = (batch, pass) =>
            {
                var loss = model.Loss(batch.Inputs, batch[MaskedPairCollator.Types], batch[MaskedPairCollator.Labels], batch.Targets, pass, places: batch[MaskedPairCollator.Places]);
                return (loss.NextSentenceScores, loss.Total);
            },
            BeforeStep = parameters => parameters.ClipGradNorm(1),
        };

    /// <summary>The rate goes up for a tenth of the run, then down to nothing, in lines: of its steps, or of its time where there is one that is up sooner.</summary>
    public static LearningRateSchedule Rate(int steps, TimeSpan? time = null)
    {
        var schedule = Schedule.Warmup(steps / 10, Schedule.Polynomial(Math.Max(1, steps - steps / 10)), start: 0.01);
        return time is { } limit ? LearningRateSchedule.Within(schedule, steps, limit) : new LearningRateSchedule(schedule);
    }

    /// <summary>No dropout: in minutes, no text is seen often enough to be learned by heart. Weights are drawn as widely for this width as BERT's are for its own.</summary>
    private static BertConfig Sizes(WordPieceTokenizer tokenizer, Choices choices) => new()
    {
        VocabularySize = tokenizer.Count,
        HiddenSize = choices.Width,
        HiddenLayers = choices.Layers,
        AttentionHeads = choices.Heads,
        IntermediateSize = 4 * choices.Width,
        MaxPositions = choices.Length,
        PaddingToken = tokenizer.Padding,
        HiddenDropout = 0,
        AttentionDropout = 0,
        InitializerRange = 0.02 * Math.Sqrt(768.0 / choices.Width),
    };
}
