using System.CommandLine;
using System.Diagnostics;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Examples;

/// <summary><c>examples -- gpt</c>: a small GPT learns the characters of a text, and writes one like it.</summary>
internal static class GptExample
{
    /// <summary>The part of the text, at its end, that the model is tested with.</summary>
    private const double HeldOut = 0.1;

    /// <summary>Steps of what counts as an epoch: a test is due before the text has been gone through.</summary>
    private const int StepsOfEpoch = 250;

    /// <summary>Of the part held out, what the model is tested with after each epoch; all of it in the end.</summary>
    private const int PartOfEpoch = 8;

    /// <summary>Blocks that the trained model is tested with at a time.</summary>
    private const int TestBatch = 32;

    private sealed record Choices(GptConfig Sizes, string Prompt, GenerationOptions Writing);

    public static Command Command()
    {
        var options = new RunOptions(epochs: 8, batch: 12, learningRate: 1e-3);
        var data = new Option<string?>("--data") { Description = "A text file; tinyshakespeare/input.txt among the data unless given" };
        var layers = RunOptions.Number("--layers", "Blocks on one another", 1, 4);
        var heads = RunOptions.Number("--heads", "Heads of each attention, which divide the width", 1, 4);
        var width = RunOptions.Number("--width", "Numbers of a character's vector", 1, 128);
        var block = RunOptions.Number("--block", "Characters that the model sees at a time", 1, 64);
        var deviation = RunOptions.Real("--init", "The deviation of the first weights; 0.02·√(768/width) unless given, which is GPT-2's 0.02 at its own width", 0, orZero: true);
        var dropout = RunOptions.Real("--dropout", "The share dropped while training", 0, orZero: true);
        var prompt = new Option<string?>("--prompt") { Description = "What the sample begins with; a line end unless given, or the text's first character where it has none" };
        var length = RunOptions.Number("--length", "Characters to write", 1, 500);
        var temperature = RunOptions.Real("--temperature", "Of the sample: low for likely characters, 0 for the likeliest, 1 as learned", 0.8, orZero: true);
        var topK = RunOptions.Number("--top-k", "Draw from so many of the likeliest characters; from all unless given", 1);
        var topP = RunOptions.Real("--top-p", "Draw from the likeliest characters that have this probability together, 1 at most", 1);
        var penalty = RunOptions.Real("--repetition-penalty", "Over 1, characters that were written already come less often", 1);
        var stop = new Option<string?>("--stop") { Description = "End the sample before this text" };
        var command = options.AddTo(new Command("gpt", $"Trains a small GPT on the characters of a text, and lets it write; an epoch is {StepsOfEpoch} steps")
            { data, layers, heads, width, block, deviation, dropout, prompt, length, temperature, topK, topP, penalty, stop });
        command.SetAction((result, cancel) => Task.Run(async () =>
        {
            var settings = options.Read(result) with { LossName = "nats a character", Validation = "validation" };
            var text = (await CharText.Read(result.GetValue(data), cancel)).Take(settings.Limit);
            var choices = Chosen(text, result.GetValue(prompt) ?? text.Beginning, () => new GptConfig
            {
                VocabularySize = text.Count,
                Positions = result.GetValue(block),
                Width = result.GetValue(width),
                Layers = result.GetValue(layers),
                Heads = result.GetValue(heads),
                Dropout = result.GetValue(dropout),
                Bias = false,
                // A sum of `width` products keeps the size that it has in GPT-2.
                InitializerRange = result.GetValue(deviation) is > 0 and double given ? given : 0.02 * Math.Sqrt(768.0 / result.GetValue(width)),
            }, () => new GenerationOptions
            {
                MaxTokens = result.GetValue(length),
                Temperature = result.GetValue(temperature),
                TopK = result.GetValue(topK) is > 0 and int k ? k : null,
                TopP = result.GetValue(topP),
                RepetitionPenalty = result.GetValue(penalty),
                StopStrings = result.GetValue(stop) is { Length: > 0 } end ? [end] : [],
                Seed = settings.Seed,
                Slide = true,
            });
            using var device = settings.Open();
            await Run(text, device, settings, choices, cancel);
            return 0;
        }, cancel));
        return command;
    }

    /// <summary>What was asked for; refused before any work where it cannot be.</summary>
    private static Choices Chosen(CharText text, string prompt, Func<GptConfig> sizes, Func<GenerationOptions> writing)
    {
        text.Encode(prompt);
        try
        {
            var config = sizes();
            return config.Width % config.Heads == 0 ? new Choices(config, prompt, writing()) : throw new UserException($"{config.Heads} heads do not divide a width of {config.Width}. Choose a divisor.");
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new UserException(e.Message);
        }
    }

    private static async Task Run(CharText text, Device device, RunSettings settings, Choices choices, CancellationToken cancel)
    {
        int block = choices.Sizes.Positions, steps = settings.Epochs * StepsOfEpoch;
        int[] learned = text.Tokens[..(int)(text.Tokens.Length * (1 - HeldOut))], held = text.Tokens[learned.Length..];
        text.Require(held.Length, HeldOut, settings.Batch, block, "--block");
        var train = new RandomBlocks(learned, settings.Batch, block, StepsOfEpoch, settings.Seed);
        var test = new ContiguousBatches(held.AsMemory(0, Math.Max(held.Length / PartOfEpoch, settings.Batch * block + 1)), settings.Batch, block);
        var rng = new Rng(settings.Seed);
        var model = new Gpt(choices.Sizes, rng).To(device);
        var trainer = Trainer(model, settings.LearningRate);
        Console.WriteLine($"{text.Name}: {learned.Length:N0} characters to learn from and {held.Length:N0} held out, {text.Count} different ones, on {device}");
        Console.WriteLine(model);
        long start = Stopwatch.GetTimestamp();
        var report = settings.Train(trainer, train, test, rng, cancel, Rate(steps));
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds, loss = Loss(model, held, block, cancel), bits = loss / Math.Log(2);
        Console.WriteLine($"{steps:N0} steps, this run's in {seconds / 60:0.0} minutes; on the {held.Length:N0} characters held out {loss:0.0000} nats or {bits:0.000} bits per character. A sample at temperature {choices.Writing.Temperature}:");
        Console.Write(choices.Prompt);
        await foreach (string piece in model.GenerateText(text, choices.Prompt, choices.Writing, cancel)) Console.Write(piece);
        Console.WriteLine();
        if (settings.Json) Show.Json(report, device, settings.Seed, text.Name, ("validation_loss", loss), ("seconds", seconds), ("bits_per_character", bits));
    }

    /// <summary>AdamW, whose decay leaves the norms' scales alone, with gradients cut to a norm of 1.</summary>
    public static Trainer Trainer(Gpt model, double learningRate) => new(model, new AdamW(ParameterGroups.DecayOfWeights(model), learningRate, beta2: 0.99, weightDecay: 0.1), model.Loss)
    {
        Compute = (batch, pass) => model.Hidden(batch.Inputs, pass),
        BeforeStep = parameters => parameters.ClipGradNorm(1),
    };

    /// <summary>Up for the first 100 steps, then by a cosine down to a tenth.</summary>
    public static LearningRateSchedule Rate(int steps)
    {
        int warmup = Math.Min(100, steps / 2);
        return new(Schedule.Warmup(warmup, Schedule.Cosine(steps - warmup, 0.1), 1.0 / (warmup + 1)));
    }

    /// <summary>The mean over all tokens but the first, each with those of its block before it.</summary>
    public static double Loss(Gpt model, int[] tokens, int block, CancellationToken cancel)
    {
        var pass = Pass.Inference.WithCancellation(cancel);
        using var noGrad = NoGrad.Begin();
        double sum = 0;
        int count = tokens.Length - 1;
        for (int first = 0; first < count;)
        {
            int rows = Math.Clamp((count - first) / block, 1, TestBatch), steps = Math.Min(block, count - first);
            using var scope = model.Device.Scope("the evaluation");
            var targets = Tensor.From(tokens.AsSpan(first + 1, rows * steps), [rows, steps], model.Device);
            sum += model.Loss(model.Hidden(Tensor.From(tokens.AsSpan(first, rows * steps), [rows, steps], model.Device), pass), targets).Item() * rows * steps;
            first += rows * steps;
        }
        return sum / count;
    }
}
