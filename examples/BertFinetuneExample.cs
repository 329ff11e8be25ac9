using System.CommandLine;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Examples;

/// <summary><c>examples -- bert-finetune</c>: a pretrained BERT learns to tell texts apart, from few of them.</summary>
internal static class BertFinetuneExample
{
    private const int TestBatch = 100;

    public static Command Command()
    {
        var options = new RunOptions(epochs: 5, batch: 32, learningRate: 1e-3);
        var model = new Option<string>("--model") { Description = "A folder with config.json, vocab.txt and model.safetensors: bert-pretrain's, or a published BERT's", Required = true };
        var data = new Option<string>("--data") { Description = "imdb, or 20newsgroups, of which the first ten groups are taken", DefaultValueFactory = _ => "imdb" };
        var length = RunOptions.Number("--length", "Tokens of a text at most; a review keeps its end, others their beginning", 3, 128);
        var dropout = RunOptions.Real("--dropout", "The share dropped while it learns", 0.1, orZero: true);
        dropout.Validators.Add(found =>
        {
            if (found.Tokens.Any(token => double.TryParse(token.Value, out double share) && share >= 1)) found.AddError("--dropout must be under 1.");
        });
        var scratch = new Option<bool>("--from-scratch") { Description = "Draw the same network anew, to see what pretraining is good for" };
        var command = options.AddTo(new Command("bert-finetune", "Fine-tunes a pretrained BERT to tell good films from bad ones by their reviews; the rate suits bert-pretrain's small one, and a published BERT wants --learning-rate 5e-5") { model, data, length, dropout, scratch });
        command.SetAction((result, cancel) => Task.Run(async () =>
        {
            var settings = options.Read(result);
            using var device = settings.Open();
            var texts = await TextSource.Find(result.GetValue(data)!, settings.Limit, cancel);
            Run(texts, result.GetValue(model)!, result.GetValue(scratch), result.GetValue(length), result.GetValue(dropout), device, settings, cancel);
            return 0;
        }, cancel));
        return command;
    }

    private static void Run(TextSource texts, string folder, bool scratch, int length, double dropout, Device device, RunSettings settings, CancellationToken cancel)
    {
        var rng = new Rng(settings.Seed);
        var tokenizer = WordPieceTokenizer.FromPretrained(folder);
        var model = Model(folder, scratch, texts.Train.ClassNames, dropout, rng).To(device);
        // A post says early what it is about; a review ends with its verdict.
        var cut = new EncodeOptions { MaxLength = Math.Min(length, model.Config.MaxPositions), Cut = texts.Name == "imdb" ? SequenceEnd.Start : SequenceEnd.End };
        var collator = new EncodedTextCollator(tokenizer.Padding);
        var (learned, tested) = (Plain(texts.Train).Encode(tokenizer, cut), Plain(texts.Test).Encode(tokenizer, cut));
        var train = new DataLoader<LabelledEncoding>(Datasets.From(learned), collator, settings.Batch, settings.Seed, shuffle: true);
        var test = new DataLoader<LabelledEncoding>(Datasets.From(tested), collator, TestBatch, lengths: [.. tested.Select(one => one.Text.Length)]);
        var trainer = new Trainer(model, new AdamW(ParameterGroups.DecayOfWeights(model), settings.LearningRate, weightDecay: 0.01), Loss.CrossEntropy, new Accuracy())
        {
            BeforeStep = parameters => parameters.ClipGradNorm(1),
        };
        Show.Start(model, texts, device);
        var report = settings.Train(trainer, train, test, rng, cancel, BertPretrainExample.Rate(train.BatchCount!.Value * settings.Epochs));
        Console.WriteLine($"test accuracy {report.Test():0.0000}, {(scratch ? "from scratch" : $"fine-tuned from {folder}")}");
        model.SavePretrained(settings.Out);
        tokenizer.SavePretrained(settings.Out);
        if (settings.Json) Show.Json(report, device, settings.Seed, texts.Name, ("test_accuracy", report.Test()), ("from_scratch", scratch ? 1 : 0));
    }

    /// <summary>The folder's network with a classifier: its weights, or others newly drawn.</summary>
    public static BertForSequenceClassification Model(string folder, bool scratch, IReadOnlyList<string> classes, double dropout, Rng rng)
    {
        return scratch ? new BertForSequenceClassification(Changed(BertConfig.Read(folder)), rng) : BertForSequenceClassification.FromPretrained(folder, rng, Changed);

        BertConfig Changed(BertConfig config) => config with { Labels = classes, HiddenDropout = dropout, AttentionDropout = dropout, ClassifierDropout = null };
    }

    private static LabelledTexts Plain(LabelledTexts texts)
        => new(Enumerable.Range(0, texts.Count).Select(i => texts.Get(i, new Rng(0))).Select(one => one with { Text = BertCorpus.Plain(one.Text) }), texts.ClassNames);
}
