using System.CommandLine;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Examples;

/// <summary><c>examples -- charrnn</c>: an LSTM reads a text character by character, and writes one like it.</summary>
internal static class CharRnnExample
{
    /// <summary>The part of the text that the model is tested with.</summary>
    private const double HeldOut = 0.1;

    private sealed record Choices(int Hidden, int Layers, int Steps, int Minutes, double Temperature, int? TopK, int Length, string Start);

    public static Command Command()
    {
        var options = new RunOptions(epochs: 20, batch: 32, learningRate: 2e-3);
        var data = new Option<string?>("--data") { Description = "A text file; tinyshakespeare/input.txt among the data unless given" };
        var hidden = RunOptions.Number("--hidden", "Numbers of an LSTM's state", 1, 256);
        var layers = RunOptions.Number("--layers", "LSTMs on one another", 1, 1);
        var steps = RunOptions.Number("--steps", "Characters through which gradients go back", 1, 64);
        var minutes = RunOptions.Number("--minutes", "Stop training after so long; not before the epochs are done unless given", 1);
        var temperature = RunOptions.Real("--temperature", "Of the sample: low for likely characters, 0 for the likeliest, 1 as learned", 0.8, orZero: true);
        var top = RunOptions.Number("--top", "Draw from so many of the likeliest characters; from all unless given", 1);
        var length = RunOptions.Number("--length", "Characters to write", 1, 500);
        var start = new Option<string?>("--start") { Description = "What the sample begins with; a line end unless given, or the text's first character where it has none" };
        var command = options.AddTo(new Command("charrnn", "Trains an LSTM on the characters of a text, and lets it write") { data, hidden, layers, steps, minutes, temperature, top, length, start });
        command.SetAction((result, cancel) => Task.Run(async () =>
        {
            var settings = options.Read(result) with { LossName = "nats a character", Unit = "share of right characters" };
            using var device = settings.Open();
            var text = await CharText.Read(result.GetValue(data), cancel);
            int topK = result.GetValue(top);
            Run(text.Take(settings.Limit), device, settings, new Choices(result.GetValue(hidden), result.GetValue(layers), result.GetValue(steps), result.GetValue(minutes),
                result.GetValue(temperature), topK > 0 ? topK : null, result.GetValue(length), result.GetValue(start) ?? text.Beginning), cancel);
            return 0;
        }, cancel));
        return command;
    }

    private static void Run(CharText text, Device device, RunSettings settings, Choices choices, CancellationToken cancel)
    {
        var sampler = new TokenSampler(choices.Temperature, choices.TopK);
        int[] start = text.Encode(choices.Start);
        var (learned, held) = text.Split(HeldOut);
        text.Require(held.Length, HeldOut, settings.Batch, choices.Steps);
        var train = new ContiguousBatches(learned, settings.Batch, choices.Steps);
        var test = new ContiguousBatches(held, settings.Batch, choices.Steps);
        var rng = new Rng(settings.Seed);
        var model = new CharRnnModel(text.Characters.Count, choices.Hidden, choices.Layers, rng).To(device);
        var carried = new CarriedState(model.Zeros(settings.Batch));
        var trainer = Trainer(model, carried, settings.LearningRate);
        Console.WriteLine($"{text.Name}: {learned.Length:N0} characters to learn from and {held.Length:N0} held out, {text.Characters.Count} different ones, on {device}");
        Console.WriteLine(model);
        Callback[] callbacks = choices.Minutes > 0 ? [carried, new TimeLimit(TimeSpan.FromMinutes(choices.Minutes))] : [carried];
        var report = settings.Train(trainer, train, test, rng, cancel, callbacks);
        carried.Reset();
        var tested = trainer.Evaluate(test, cancel: cancel);
        double bits = tested.Loss / Math.Log(2);
        Console.WriteLine($"{bits:0.000} bits per character on the part held out. A sample at temperature {choices.Temperature}:");
        Console.WriteLine(choices.Start + text.Decode(model.Write(start, choices.Length, sampler, new Rng(settings.Seed).Split(1), cancel)));
        if (settings.Json) Show.Json(report, device, settings.Seed, text.Name, ("bits_per_character", bits), ("test_accuracy", tested.Metrics["token_accuracy"]));
    }

    /// <summary>Adam, with gradients cut to a norm of 1, and the state carried from batch to batch.</summary>
    public static Trainer Trainer(CharRnnModel model, CarriedState carried, double learningRate) => new(model, new Adam(model.Parameters, learningRate), model.Loss, new TokenAccuracy())
    {
        Compute = (batch, pass) =>
        {
            var (logits, state) = model.Run(batch.Inputs, pass, carried.Begin());
            carried.GoOn(state);
            return logits;
        },
        BeforeStep = parameters => parameters.ClipGradNorm(1),
    };
}
