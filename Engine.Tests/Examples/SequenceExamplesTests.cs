using System.Text;
using Engine.Core;
using Engine.Examples;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Examples;

public class SequenceExamplesTests
{
    [Test]
    public void Addition_TestsWithNoSumThatWasLearned_NorItsTwin()
    {
        var sums = new Addition(100, int.MaxValue, reverse: false, new Rng(3));
        (string, string) Question(TokenPair pair)
        {
            string[] sides = Addition.Decode(pair.Source.ToArray()).Split('+');
            string sum = Addition.Decode(pair.Target.ToArray());
            Assert.That(sum, Is.EqualTo($"{int.Parse(sides[0]) + int.Parse(sides[1])}$"));
            return string.CompareOrdinal(sides[0], sides[1]) < 0 ? (sides[0], sides[1]) : (sides[1], sides[0]);
        }

        var learned = sums.Train.Select(Question).ToHashSet();
        Assert.That(learned, Has.Count.EqualTo(sums.Train.Length));
        Assert.That(sums.Test, Is.Not.Empty);
        Assert.That(sums.Test.Select(Question).Where(learned.Contains), Is.Empty);
        Assert.That(sums.Train.Length + sums.Test.Length, Is.EqualTo(100 * 101 / 2));
        Assert.That(Addition.Decode(new Addition(1000, 1, reverse: true, new Rng(3)).Train[0].Source.ToArray().Reverse()),
            Is.EqualTo(Addition.Decode(new Addition(1000, 1, reverse: false, new Rng(3)).Train[0].Source.ToArray())));
    }

    [Test]
    public void ARepeatingText_IsLearned_AndWrittenOn()
    {
        const string line = "to be, or not to be. ";
        var text = CharText.From("line", string.Concat(Enumerable.Repeat(line, 60)));
        var (first, last) = text.Split(0.25);
        var model = new CharRnnModel(text.Characters.Count, 48, 1, new Rng(1));
        var carried = new CarriedState(model.Zeros(4));
        var trainer = CharRnnExample.Trainer(model, carried, 0.02);
        var held = new ContiguousBatches(last, 4, 16);
        double before = trainer.Evaluate(held).Loss / Math.Log(2);
        carried.Reset();
        trainer.Fit(new ContiguousBatches(first, 4, 16), epochs: 12, callbacks: [carried]);
        carried.Reset();
        double bits = trainer.Evaluate(held).Loss / Math.Log(2);
        Assert.That(before, Is.GreaterThan(2.5));
        Assert.That(bits, Is.LessThan(0.3));
        Assert.That(text.Decode(model.Write(text.Encode("to be, or n"), 31, new TokenSampler(0), new Rng(1), default)), Is.EqualTo("ot to be. to be, or not to be. "));
    }

    [Test]
    public async Task AGpt_LearnsARepeatingText_AndWritesItOn()
    {
        const string line = "to be, or not to be. ";
        var text = CharText.From("line", string.Concat(Enumerable.Repeat(line, 60)));
        var (first, last) = text.Split(0.25);
        var model = new Gpt(new GptConfig { VocabularySize = text.Count, Positions = 32, Width = 32, Layers = 2, Heads = 2, Dropout = 0, Bias = false }, new Rng(1));
        double before = GptExample.Loss(model, last, 32, default);
        GptExample.Trainer(model, 1e-2).Fit(new RandomBlocks(first, 8, 32, 250, 1), callbacks: [GptExample.Rate(250)]);
        double after = GptExample.Loss(model, last, 32, default);
        Assert.That(before, Is.EqualTo(Math.Log(text.Count)).Within(0.1));
        Assert.That(after, Is.LessThan(0.25));                      // the first characters of a block leave open where in the line they are
        var written = new StringBuilder();
        await foreach (string piece in model.GenerateText(text, "to be, or n", new GenerationOptions { MaxTokens = 73, Temperature = 0, Slide = true })) written.Append(piece);
        Assert.That(written.ToString(), Is.EqualTo(string.Concat(Enumerable.Repeat(line, 4))[11..]));
    }

    [TestCase(1)]
    [TestCase(31)]
    [TestCase(32)]
    [TestCase(33)]
    [TestCase(32 * 40 + 5)]
    public void TheLossOfAGpt_IsThatOfEachToken(int count)
    {
        var model = new Gpt(new GptConfig { VocabularySize = 9, Positions = 32, Width = 8, Layers = 1, Heads = 2, InitializerRange = 0.3 }, new Rng(1));
        int[] tokens = [.. Enumerable.Range(0, count + 1).Select(i => i * i % 9)];
        double sum = 0;
        for (int block = 0; block < count; block += 32)
        {
            int[] ids = tokens[block..Math.Min(block + 32, count)];
            var logs = model.Predict(Tensor.From(ids, [1, ids.Length])).LogSoftmax();
            for (int i = 0; i < ids.Length; i++) sum -= logs[0, i, tokens[block + i + 1]].Item();
        }
        Assert.That(GptExample.Loss(model, tokens, 32, default), Is.EqualTo(sum / count).Within(1e-5));
    }

    [Test]
    public void Write_WithTheSameSeed_WritesTheSame()
    {
        var model = new CharRnnModel(9, 8, 2, new Rng(1));
        int[] Written(ulong seed) => model.Write([1, 2], 40, new TokenSampler(1.5, 5), new Rng(seed), default);
        Assert.That(Written(1), Is.EqualTo(Written(1)));
        Assert.That(Written(1), Is.Not.EqualTo(Written(2)));
    }

    [Test]
    public async Task Texts_AreReadAsCharacters()
    {
        string path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, "été\n");
            var text = await CharText.Read(path, default);
            Assert.That(text.Characters, Is.EqualTo(new[] { '\n', 't', 'é' }));
            Assert.That(text.Decode(text.Tokens), Is.EqualTo("été\n"));
            Assert.That(text.Take(2).Tokens, Is.EqualTo(text.Encode("ét")));
            Assert.That(() => text.Encode("x"), Throws.TypeOf<UserException>().With.Message.Contains("'x'"));
            Assert.That(() => text.Encode(""), Throws.TypeOf<UserException>());
            await File.WriteAllBytesAsync(path, [0x61, 0xff, 0x62]);
            Assert.That(async () => await CharText.Read(path, default), Throws.TypeOf<UserException>().With.Message.Contains("UTF-8"));
            await File.WriteAllTextAsync(path, "");
            Assert.That(async () => await CharText.Read(path, default), Throws.TypeOf<UserException>().With.Message.Contains("empty"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static TrainingReport Report(double accuracy)
    {
        var history = new History();
        history.Add(new EpochResult(0, 1, 1, new Dictionary<string, double>(), new Evaluation(1, new Dictionary<string, double> { ["token_accuracy"] = accuracy }), 1, 1, 1));
        return new TrainingReport { Epochs = history };
    }

    [Test]
    public void Translation_KeepsSentencesApart_AndFindsThemAgain()
    {
        SentencePair[] pairs = [.. Enumerable.Range(0, 40).Select(i => new SentencePair($"It's number {i}!", $"C'est le numéro {i} !", "")), new("It's number 7!", "Le sept.", "")];
        var task = new Translation("pairs", pairs, int.MaxValue, new Rng(2));
        Assert.That(task.Train.Length + task.Test.Length, Is.EqualTo(41));
        var learned = task.Train.Select(pair => string.Join(' ', pair.Source.ToArray())).ToHashSet();
        Assert.That(task.Test.Select(pair => string.Join(' ', pair.Source.ToArray())).Where(learned.Contains), Is.Empty);
        Assert.That(task.Sizes.EndToken, Is.Not.EqualTo(task.Sizes.PaddingToken));
        Assert.That(task.Train.Select(pair => pair.Target.Span[^1]), Is.All.EqualTo(task.Sizes.EndToken));
        var figures = task.Try(Report(0.5), asked => [.. asked.Select(pair => pair.Target[..^1].ToArray())]);
        Assert.That(figures[0], Is.EqualTo(("test_accuracy", 0.5)));
        Assert.That(figures[1], Is.EqualTo(("train_reproduced", 1.0)));
        Assert.That(() => new Translation("few", pairs[..3], int.MaxValue, new Rng(2)), Throws.TypeOf<UserException>());
    }

    [Test]
    public void ASmallTranslation_IsReproduced()
    {
        (string, string)[] words = [("one", "un"), ("two", "deux"), ("three", "trois"), ("four", "quatre"), ("five", "cinq")];
        SentencePair[] pairs = [.. from a in words from b in words select new SentencePair($"{a.Item1} and {b.Item1}.", $"{a.Item2} et {b.Item2}.", "")];
        var task = new Translation("numbers", pairs, int.MaxValue, new Rng(2));
        var model = new Seq2Seq(task.Sizes with { HiddenSize = 32, EmbeddingSize = 16, Dropout = 0 }, new Rng(1));
        var train = Seq2SeqExample.Batches(task.Train, 4, 1);
        Seq2SeqExample.Trainer(model, 0.01).Fit(train, epochs: 150, callbacks: [Seq2SeqExample.Rate(150 * train.BatchCount!.Value)]);
        var figures = task.Try(Report(0.5), asked => Seq2SeqExample.Write(model, asked, 3, Device.Cpu, default));
        Assert.That(figures[1].Value, Is.GreaterThanOrEqualTo(0.95));
    }

    [Test]
    public void ASmallTransformer_Translates_AndItsAttentionIsDrawn()
    {
        (string, string)[] words = [("one", "un"), ("two", "deux"), ("three", "trois"), ("four", "quatre"), ("five", "cinq")];
        SentencePair[] pairs = [.. from a in words from b in words select new SentencePair($"{a.Item1} and {b.Item1}.", $"{a.Item2} et {b.Item2}.", "")];
        var task = new Translation("numbers", pairs, int.MaxValue, new Rng(2));
        var model = new Transformer(TranslateExample.Sizes(task, width: 32, heads: 2, layers: 1) with { Dropout = 0 }, new Rng(1));
        var train = Seq2SeqExample.Batches(task.Train, 4, 1);
        Seq2SeqExample.Trainer(model, 0.005).Fit(train, epochs: 60, callbacks: [Seq2SeqExample.Rate(60 * train.BatchCount!.Value)]);
        var figures = task.Try(Report(0.5), asked => Seq2SeqExample.Write(model, asked, 3, Device.Cpu, default));
        Assert.That(figures[1].Value, Is.GreaterThanOrEqualTo(0.95));

        var maps = TranslateExample.Look(model, task, 1, Device.Cpu, default);
        Assert.That(maps, Is.Not.Empty);
        foreach (var map in maps)
        {
            Assert.That(map.Weights, Has.Length.EqualTo(map.Source.Length * map.Target.Length));
            Assert.That(map.Target[^1], Is.EqualTo("<end>"));
            for (int row = 0; row < map.Target.Length; row++) Assert.That(map.Weights.AsSpan(row * map.Source.Length, map.Source.Length).ToArray().Sum(), Is.EqualTo(1f).Within(1e-5f));
        }
        using var folder = new TemporaryFolder();
        AttentionPicture.Save(folder.File("attention.png"), maps);
        using var picture = SkiaSharp.SKBitmap.Decode(folder.File("attention.png"));
        Assert.That((picture.Width, picture.Height), Is.EqualTo((AttentionPicture.Width, AttentionPicture.Height)));
        Assert.That(picture.Pixels.Distinct().Count(), Is.GreaterThan(20));
    }
}
