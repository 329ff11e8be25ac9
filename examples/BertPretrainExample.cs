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

    /// <summary>Pairs of an epoch: some hundred steps, after which it is tested.</summary>
    private const int EpochPairs = 32_000;

    private const int TestBatch = 100;

    private sealed record Choices(int Vocabulary, int Layers, int Width, int Heads, int Length, int Minutes, bool WholeWords);

    public static Command Command()
    {
        var options = new RunOptions(epochs: 8, batch: 64, learningRate: 1e-3);
        var data = new Option<string>("--data") { Description = "imdb, whose training reviews are taken, or a folder of text files, each a document", DefaultValueFactory = _ => "imdb" };
        var vocabulary = RunOptions.Number("--vocabulary", "Word pieces, learned from the texts", 10, 8000);
        var layers = RunOptions.Number("--layers", "Layers of the encoder", 1, 2);
        var width = RunOptions.Number("--width", "Numbers of a token between layers", 1, 128);
        var heads = RunOptions.Number("--heads", "Heads of attention, which divide the width", 1, 2);
        var length = RunOptions.Number("--length", "Tokens of a pair at most, and the model's positions", 5, 64);
        var minutes = RunOptions.Number("--minutes", "Stop training after so long, unless the epochs are done before", 1, 10);
        var whole = new Option<bool>("--whole-words") { Description = "Hide all pieces of a word together" };
        var command = options.AddTo(new Command("bert-pretrain", "Trains a small BERT from scratch on texts, and writes a folder that bert-finetune and bert-fill read")
        {
            data, vocabulary, layers, width, heads, length, minutes, whole,
        });
        command.Validators.Add(result =>
        {
            if (result.GetValue(heads) is > 0 and int some && result.GetValue(width) % some != 0) result.AddError("--heads must divide --width.");
        });
        command.SetAction((result, cancel) => Task.Run(async () =>
        {
            var settings = options.Read(result) with { Validation = "held-out", LossName = "both losses", Unit = "share of pairs told right" };
            using var device = settings.Open();
            Run(await BertCorpus.Find(result.GetValue(data)!, settings.Limit, cancel), device, settings, new Choices(result.GetValue(vocabulary), result.GetValue(layers),
                result.GetValue(width), result.GetValue(heads), result.GetValue(length), result.GetValue(minutes), result.GetValue(whole)), cancel);
            return 0;
        }, cancel));
        return command;
    }
}
