using System.CommandLine;
using Engine.Core;
using Engine.Examples;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Examples;

public class BertExamplesTests
{
    private TemporaryFolder folder = null!;

    [SetUp]
    public void MakeFolder() => folder = new TemporaryFolder();

    [TearDown]
    public void RemoveFolder() => folder.Dispose();

    private const int Topics = 6, Words = 8;

    private static string Word(int topic, int word) => $"{"abcdef"[topic]}{"klmnopqr"[word]}";

    /// <summary>Documents on one topic each, whose sentences are runs through its words from a random one on: neighbours tell a hidden word, and the topics whether two
    /// sentences are of one document.</summary>
    private static string[] Documents(int count)
    {
        var rng = new Rng(9);
        return [.. Enumerable.Range(0, count).Select(d => string.Join('\n', Enumerable.Range(0, 6).Select(_ =>
        {
            int first = rng.NextInt(Words);
            return string.Join(' ', Enumerable.Range(first, 7).Select(word => Word(d % Topics, word % Words)));
        })))];
    }

    private static WordPieceTokenizer Tokenizer()
        => new(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. from topic in Enumerable.Range(0, Topics) from word in Enumerable.Range(0, Words) select Word(topic, word)]);

    [Test]
    public void Pretraining_LearnsBothTasks_OnTextsThatItDidNotSee()
    {
        var corpus = BertCorpus.Of("topics", Documents(240), int.MaxValue);
        var tokenizer = Tokenizer();
        var collator = BertPretrainExample.Collator(tokenizer);
        var train = new DataLoader<SegmentPair>(corpus.Pairs(corpus.Train, tokenizer, 16, 1600), collator, 32, 1);
        var held = new DataLoader<SegmentPair>(corpus.Pairs(corpus.Held, tokenizer, 16, 400), collator, 100);
        var model = new BertForPreTraining(new BertConfig
        {
            VocabularySize = tokenizer.Count,
            HiddenSize = 32,
            HiddenLayers = 2,
            AttentionHeads = 2,
            IntermediateSize = 64,
            MaxPositions = 16,
            HiddenDropout = 0,
            AttentionDropout = 0,
            InitializerRange = 0.1,
        }, new Rng(1));
        var before = BertFigures.Of(model, held, default);
        var trainer = BertPretrainExample.Trainer(model, 3e-3);
        var history = trainer.Fit(train, held, 8, new Rng(1), [BertPretrainExample.Rate(8 * train.BatchCount!.Value)]);
        var after = BertFigures.Of(model, held, default);
        Assert.That(before.UnigramEntropy, Is.EqualTo(Math.Log(Topics * Words)).Within(0.1).And.EqualTo(after.UnigramEntropy));
        Assert.That(before.MaskedLoss, Is.GreaterThan(before.UnigramEntropy - 0.1));
        Assert.That(after.MaskedLoss, Is.LessThan(after.UnigramEntropy - 1));
        Assert.That(after.MaskedAccuracy, Is.GreaterThan(0.2));                 // 0.02 by chance, 0.13 by the topic alone
        Assert.That(before.NextAccuracy, Is.EqualTo(0.5).Within(0.1));
        Assert.That(after.NextAccuracy, Is.GreaterThan(0.75));                  // at most 0.92: a sixth of the others are on the same topic
        Assert.That(history[^1].Validation!.Metrics["accuracy"], Is.EqualTo(after.NextAccuracy));
        Assert.That(history[^1].Loss, Is.LessThan(history[0].Loss));
    }

    private static BertConfig Small(int tokens) => new()
    {
        VocabularySize = tokens,
        HiddenSize = 8,
        HiddenLayers = 1,
        AttentionHeads = 2,
        IntermediateSize = 16,
        MaxPositions = 16,
        InitializerRange = 0.1,
    };

    [Test]
    public void Pretraining_InterruptedInMidEpoch_GoesOnToTheSameBits()
    {
        var corpus = BertCorpus.Of("topics", Documents(20), int.MaxValue);
        var tokenizer = Tokenizer();
        DataLoader<SegmentPair> Data(int workers) => new(corpus.Pairs(corpus.Train, tokenizer, 16, 40), BertPretrainExample.Collator(tokenizer, wholeWords: true), 8, 3, workers: workers);
        BertForPreTraining Fit(ulong seed, int workers, Checkpoints? checkpoints, int? stop)
        {
            using var cancel = new CancellationTokenSource();
            var model = new BertForPreTraining(Small(tokenizer.Count), new Rng(seed));
            Callback[] callbacks = [BertPretrainExample.Rate(10), new Layers.Training.TrainerTests.Steps((_, progress) =>
            {
                if (progress.Step == stop) cancel.Cancel();
            })];
            void Train() => BertPretrainExample.Trainer(model, 1e-2).Fit(Data(workers), epochs: 2, rng: new Rng(7), callbacks: callbacks, checkpoints: checkpoints, cancel: cancel.Token);
            if (stop is null) Train();
            else Assert.That(Train, Throws.InstanceOf<OperationCanceledException>());
            return model;
        }

        float[] whole = Numbers(Fit(1, 0, null, null));
        var checkpoints = new Checkpoints(folder.File("checkpoints")) { EverySteps = 3 };
        Fit(1, 2, checkpoints, 7);
        Assert.That(Numbers(Fit(2, 1, checkpoints, null)), Is.EqualTo(whole));
        Assert.That(Numbers(Fit(2, 0, null, null)), Is.Not.EqualTo(whole));
    }

    [Test]
    public void ACheckpoint_OfOtherTexts_AnotherVocabularyOrMasking_IsRefused()
    {
        string[] documents = Documents(20), more = [.. documents, "some other words\nin two sentences"];
        var checkpoints = new Checkpoints(folder.File("checkpoints")) { EverySteps = 2 };
        void Fit(string[] texts, bool wholeWords = false, WordPieceTokenizer? tokenizer = null)
        {
            tokenizer ??= Tokenizer();
            var pairs = new BertCorpus("topics", texts, []).Pairs(texts, tokenizer, 16, 32);
            var model = new BertForPreTraining(Small(tokenizer.Count), new Rng(1));
            BertPretrainExample.Trainer(model, 1e-2).Fit(new DataLoader<SegmentPair>(pairs, BertPretrainExample.Collator(tokenizer, wholeWords), 8, 3), rng: new Rng(7), checkpoints: checkpoints);
        }

        Fit(documents);
        Assert.That(() => Fit(documents), Throws.Nothing);
        Assert.That(() => Fit(more), Throws.TypeOf<CheckpointException>().With.Message.Contains("hash"));
        Assert.That(() => Fit(documents, wholeWords: true), Throws.TypeOf<CheckpointException>().With.Message.Contains("in whole words"));
        var shuffled = new WordPieceTokenizer(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. from word in Enumerable.Range(0, Words) from topic in Enumerable.Range(0, Topics) select Word(topic, word)]);
        Assert.That(() => Fit(documents, tokenizer: shuffled), Throws.TypeOf<CheckpointException>().With.Message.Contains("hash"));
    }

    [Test]
    public void TheDatasAndTheCollatorsSettings_AreTheBatches_ThroughWhatStandsAroundThem()
    {
        var pairs = new BertCorpus("topics", [], []).Pairs(Documents(8), Tokenizer(), 16, 32);
        var collator = BertPretrainExample.Collator(Tokenizer());
        string Of(IDataset<SegmentPair> data, ICollator<SegmentPair> by) => new DataLoader<SegmentPair>(data, by, 8).Settings;
        Assert.That(Of(pairs, collator), Is.EqualTo($"batches of 8, in order with seed 0; {pairs.Settings}; {collator.Settings}"));
        Assert.That(Of(pairs.Map((pair, _) => pair).Subset([0, 1, 2]), new Mixup<SegmentPair>(new MapCollator<SegmentPair, SegmentPair>((pair, _) => pair, collator), 2)), Is.EqualTo(Of(pairs, collator)));
    }

    [Test]
    public void Pairs_CanBeCancelled()
    {
        var corpus = BertCorpus.Of("topics", Documents(20), int.MaxValue);
        Assert.That(() => corpus.Pairs(corpus.Train, Tokenizer(), 16, 10, new CancellationToken(canceled: true)), Throws.InstanceOf<OperationCanceledException>());
    }

    private static float[] Numbers(Layer model) => [.. model.Parameters.SelectMany(p => p.Value.ToArray())];

    [Test]
    public void ACorpus_KeepsATwentiethOfItsDocuments_WhateverTheLimit()
    {
        string[] documents = Documents(100);
        var whole = BertCorpus.Of("topics", [.. documents.Select((text, i) => $"{i}\n{text}")], int.MaxValue);
        var some = BertCorpus.Of("topics", [.. documents.Select((text, i) => $"{i}\n{text}")], 3);
        Assert.That((whole.Train.Count, whole.Held.Count, some.Train.Count, some.Held.Count), Is.EqualTo((95, 5, 3, 3)));
        Assert.That(whole.Train.Concat(whole.Held).Distinct().Count(), Is.EqualTo(100));
        Assert.That((some.Train, some.Held), Is.EqualTo((whole.Train.Take(3).ToArray(), whole.Held.Take(3).ToArray())));
        Assert.That(() => BertCorpus.Of("few", documents[..3], 10), Throws.TypeOf<UserException>().With.Message.Contains("3 documents"));
    }

    [Test]
    public void TextsTooShortForPairs_AndAVocabularyTooSmall_AreTheUsersToMend()
    {
        var corpus = BertCorpus.Of("lines", [.. Enumerable.Repeat("one line alone", 8)], int.MaxValue);
        Assert.That(() => corpus.Pairs(corpus.Train, Tokenizer(), 16, 10), Throws.TypeOf<UserException>().With.Message.Contains("lines").And.Message.Contains("two sentences"));
        Assert.That(() => corpus.Pieces(10, default), Throws.TypeOf<UserException>().With.Message.Contains("lines"));
        Assert.That(() => BertCorpus.Find(folder.File("nowhere"), 10, default), Throws.TypeOf<UserException>().With.Message.Contains("nowhere"));
    }

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder.File(name))!);
        File.WriteAllText(folder.File(name), text);
    }

    private static Task<int> Run(Command command, params string[] args) => command.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });

    [Test]
    public async Task AFolderOfTexts_BecomesAModel_ThatFillsSentences_AndIsFineTuned()
    {
        string[] documents = Documents(30);
        for (int i = 0; i < documents.Length; i++) Write($"texts/{i % 3}/{i}.txt", documents[i]);
        Write("texts/readme.md", "not a text");
        string made = folder.File("run");
        int code = await Run(BertPretrainExample.Command(), "--data", folder.File("texts"), "--vocabulary", "60", "--width", "8", "--layers", "1", "--length", "16", "--pairs", "32",
            "--batch", "16", "--epochs", "2", "--threads", "1", "--out", made);
        Assert.That(code, Is.Zero);
        Assert.That(Directory.GetFiles(made).Select(Path.GetFileName), Is.SupersetOf(new[] { "config.json", "vocab.txt", "model.safetensors", "curves.png", "log.jsonl" }));
        Assert.That(BertForPreTraining.FromPretrained(made).Loaded!.Drawn, Is.Empty);

        var filled = BertFillExample.Fill("ak [MASK] am [MASK]", made, 5, Device.Cpu, default);
        Assert.That(filled, Has.Length.EqualTo(2));
        foreach (var guesses in filled)
        {
            Assert.That(guesses, Has.Length.EqualTo(5));
            Assert.That(guesses.Select(guess => guess.Probability), Is.Ordered.Descending.And.All.InRange(0.0, 1.0));
        }
        Assert.That(await Run(BertFillExample.Command(), "ak [MASK]", "--model", made, "--json"), Is.Zero);
        Assert.That(() => BertFillExample.Fill("ak al", made, 5, Device.Cpu, default), Throws.TypeOf<UserException>().With.Message.Contains("[MASK]"));
        Assert.That(() => BertFillExample.Fill(string.Join(' ', Enumerable.Repeat("[MASK]", 20)), made, 5, Device.Cpu, default), Throws.TypeOf<UserException>().With.Message.Contains("16 positions"));

        var tuned = BertFinetuneExample.Model(made, false, ["bad", "fair", "good"], 0.2, new Rng(1));
        var drawn = BertFinetuneExample.Model(made, true, ["bad", "fair", "good"], 0.2, new Rng(1));
        var pretrained = BertModel.FromPretrained(made);
        Assert.That(Numbers(tuned.Bert), Is.EqualTo(Numbers(pretrained)));
        Assert.That(Numbers(drawn.Bert), Is.Not.EqualTo(Numbers(pretrained)).And.Length.EqualTo(Numbers(pretrained).Length));
        Assert.That((tuned.Config.HiddenDropout, tuned.Config.Labels.Count, drawn.Config.Labels.Count), Is.EqualTo((0.2, 3, 3)));
    }

    [Test]
    public void AModelWithMoreRowsThanTokens_FillsWithTokensAlone()
    {
        var tokenizer = Tokenizer();
        new BertForMaskedLM(Small(tokenizer.Count + 13), new Rng(1)).SavePretrained(folder.Path);
        tokenizer.SavePretrained(folder.Path);
        Assert.That(BertFillExample.Fill("ak [MASK]", folder.Path, 100, Device.Cpu, default)[0], Has.Length.EqualTo(tokenizer.Count));
    }

    [Test]
    public void AVocabularyThatDoesNotFit_IsRefusedFromScratchToo([Values] bool scratch)
    {
        new BertModel(Small(Tokenizer().Count - 1), new Rng(1)).SavePretrained(folder.Path);
        Tokenizer().SavePretrained(folder.Path);
        Assert.That(() => BertFinetuneExample.Model(folder.Path, scratch, ["a", "b"], 0, new Rng(1)), Throws.TypeOf<PretrainedException>().With.Message.Contains("vocab.txt"));
    }

    [TestCase("bert-pretrain", "--length 4", "--length must be 5 or more")]
    [TestCase("bert-finetune", "", "--model")]
    [TestCase("bert-finetune", "--model m --dropout 1", "--dropout must be under 1")]
    [TestCase("bert-fill", "text", "--model")]
    [TestCase("bert-fill", "text --model m --top 0", "--top must be 1 or more")]
    [TestCase("bert-finetune", "--model m --dropout 0 --from-scratch", null)]
    public void Options_ThatMakeNoSense_AreRefused(string command, string options, string? error)
    {
        var root = new RootCommand { BertPretrainExample.Command(), BertFinetuneExample.Command(), BertFillExample.Command() };
        string[] errors = [.. root.Parse([command, .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]).Errors.Select(e => e.Message)];
        Assert.That(errors, error is null ? Is.Empty : Has.Some.Contains(error));
    }

    [Test]
    public void HeadsThatDoNotDivideTheWidth_AndAFolderWithoutAModel_AreRefused()
    {
        for (int i = 0; i < 6; i++) Write($"texts/{i}.txt", "One. Two.");
        Assert.That(() => Run(BertPretrainExample.Command(), "--data", folder.File("texts"), "--width", "8", "--heads", "3", "--threads", "1"), Throws.TypeOf<UserException>().With.Message.Contains("3 heads"));
        Assert.That(() => BertFillExample.Fill("a [MASK]", folder.Path, 5, Device.Cpu, default), Throws.InstanceOf<IOException>());
        Assert.That(() => BertFinetuneExample.Model(folder.Path, true, ["a"], 0, new Rng(1)), Throws.TypeOf<PretrainedException>());
    }
}
