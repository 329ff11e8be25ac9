using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers.Decoding;

public class GenerationTests
{
    private const int Tokens = 4;
    private static readonly int[] Prompt = [1, 3];

    private static GenerationOptions Greedy(int tokens) => new() { MaxTokens = tokens, Temperature = 0 };

    private static double[] LogSoftmax(float[] logits)
    {
        double max = logits.Max(), sum = logits.Sum(l => Math.Exp(l - max));
        return [.. logits.Select(l => l - max - Math.Log(sum))];
    }

    [Test]
    public void Greedy_TakesTheLikeliest_OfAFullComputation([Range(1, 8)] int seed)
    {
        var model = new ToyLanguage(9, (ulong)seed * 10);
        List<int> text = [1, 3];
        for (int i = 0; i < 12; i++)
        {
            float[] logits = model.Logits(text);
            text.Add(Array.IndexOf(logits, logits.Max()));
        }
        Assert.That(model.Generate(Prompt, Greedy(12)), Is.EqualTo(text.Skip(2)));
        Assert.That(model.Generate(Prompt, Greedy(12) with { Slide = true }), Is.EqualTo(text.Skip(2)));
    }

    [Test]
    public void EachToken_IsReadOnce()
    {
        var model = new ToyLanguage(9, 1);
        model.Generate(Prompt, Greedy(30));
        Assert.That(model.Read, Is.EqualTo(2 + 29));                // the last one needs no reading
        Assert.That(model.Open, Is.Zero);
    }

    [Test]
    public void Beams_FindTheBestOfAllTexts([Range(1, 6)] int seed, [Values(0, 1)] double lengthPenalty, [Values(1, 1.5, 0.8)] double penalty, [Values(null, 2)] int? end)
    {
        const int longest = 4;
        var model = new ToyLanguage(Tokens, (ulong)seed * 10, endToken: end);
        var options = new GenerationOptions { MaxTokens = longest, Beams = 256, LengthPenalty = lengthPenalty, RepetitionPenalty = penalty };
        int[] best = [];
        double most = double.NegativeInfinity;
        Walk([], 0);
        Assert.That(model.Generate(Prompt, options), Is.EqualTo(best));
        Assert.That(model.Open, Is.Zero);

        void Walk(int[] written, double sum)
        {
            double[] logs = LogSoftmax(model.Logits([.. Prompt, .. written]));
            for (int token = 0; token < Tokens; token++)
            {
                double log = Prompt.Concat(written).Contains(token) ? logs[token] * penalty : logs[token];
                double score = (sum + log) / Math.Pow(written.Length + 1, lengthPenalty);
                if (token != end && written.Length + 1 < longest) Walk([.. written, token], sum + log);
                else if (score > most) (best, most) = (token == end ? written : [.. written, token], score);
            }
        }
    }

    [Test]
    public void NarrowBeams_AreNoWorseThanGreedy([Range(1, 8)] int seed)
    {
        var model = new ToyLanguage(9, (ulong)seed * 10);
        double Score(int[] written)
        {
            double sum = 0;
            for (int i = 0; i < written.Length; i++) sum += LogSoftmax(model.Logits([.. Prompt, .. written[..i]]))[written[i]];
            return sum;
        }

        int[] greedy = model.Generate(Prompt, Greedy(6)), found = model.Generate(Prompt, new GenerationOptions { MaxTokens = 6, Beams = 40, LengthPenalty = 0 });
        Assert.That(found, Has.Length.EqualTo(6));
        Assert.That(Score(found), Is.GreaterThanOrEqualTo(Score(greedy) - 1e-5));
    }

    [Test]
    public void TheSameSeed_WritesTheSame()
    {
        var model = new ToyLanguage(9, 4);
        int[] Written(ulong seed, int? topK = null) => model.Generate(Prompt, new GenerationOptions { MaxTokens = 40, Temperature = 1.5, TopK = topK, Seed = seed });
        Assert.That(Written(1), Is.EqualTo(Written(1)).And.Length.EqualTo(40));
        Assert.That(Written(2), Is.Not.EqualTo(Written(1)));
        Assert.That(Written(1, topK: 1), Is.EqualTo(model.Generate(Prompt, Greedy(40))));
    }

    [Test]
    public void DrawnTokens_AreAmongTheTopK_AndTheNucleus([Range(1, 20)] int seed)
    {
        var model = new ToyLanguage(12, (ulong)seed);
        int[] byK = model.Generate(Prompt, new GenerationOptions { MaxTokens = 20, Temperature = 3, TopK = 3, Seed = (ulong)seed });
        int[] byP = model.Generate(Prompt, new GenerationOptions { MaxTokens = 20, Temperature = 3, TopP = 0.5, Seed = (ulong)seed });
        for (int i = 0; i < 20; i++)
        {
            float[] logits = model.Logits([.. Prompt, .. byK[..i]]);
            Assert.That(logits.Count(l => l > logits[byK[i]]), Is.LessThan(3));
            double[] p = [.. LogSoftmax([.. model.Logits([.. Prompt, .. byP[..i]]).Select(l => l / 3)]).Select(Math.Exp)];
            Assert.That(p.Where(q => q > p[byP[i]]).Sum(), Is.LessThan(0.5));
        }
    }

    [Test]
    public void ThePenalty_DividesWhatIsPositive_AndMultipliesTheRest()
    {
        float[] logits = [2, -2, 0, 3, float.NegativeInfinity];
        RepetitionPenalty.Apply(logits, [0, 1, 2, 4, 77], 1.25);
        Assert.That(logits, Is.EqualTo(new[] { 1.6f, -2.5f, 0, 3, float.NegativeInfinity }));
    }

    [Test]
    public void ThePenalty_CountsThePrompt_AndWhatIsWritten([Range(1, 5)] int seed)
    {
        var model = new ToyLanguage(9, (ulong)seed * 10);
        List<int> text = [1, 3];
        for (int i = 0; i < 7; i++)
        {
            float[] logits = model.Logits(text);
            RepetitionPenalty.Apply(logits, text.Distinct(), 4);
            text.Add(Array.IndexOf(logits, logits.Max()));
        }
        Assert.That(model.Generate(Prompt, Greedy(7) with { RepetitionPenalty = 4 }), Is.EqualTo(text.Skip(2)));
    }

    [Test]
    public void TheEndToken_EndsTheText_AndIsNotGivenOut()
    {
        var model = new ToyLanguage(9, 10);
        int[] all = model.Generate(Prompt, Greedy(12));
        int end = all[5], at = Array.IndexOf(all, end);
        Assert.That(model.Generate(Prompt, Greedy(12) with { EndToken = end }), Is.EqualTo(all[..at]));
        Assert.That(new ToyLanguage(9, 10, endToken: end).Generate(Prompt, Greedy(12)), Is.EqualTo(all[..at]));
    }

    [Test]
    public void ASlidingWindow_ReadsTheLastTokensAnew([Range(1, 5)] int seed)
    {
        const int positions = 4;
        var model = new ToyLanguage(9, (ulong)seed * 10, positions: positions);
        List<int> text = [1, 3, 5, 7, 2, 0];
        for (int i = 0; i < 10; i++)
        {
            float[] logits = model.Logits(text.TakeLast(positions));
            text.Add(Array.IndexOf(logits, logits.Max()));
        }
        Assert.That(model.Generate([1, 3, 5, 7, 2, 0], Greedy(10) with { Slide = true }), Is.EqualTo(text.Skip(6)));
        Assert.That(model.Open, Is.Zero);
    }

    [TestCase(1, 4, true)]
    [TestCase(1, null, false)]
    [TestCase(3, null, false)]
    public void AsManyTokensAsThereAreNumbers_AreWrittenUntilCancelled(int beams, int? positions, bool slide)
    {
        using var cancel = new CancellationTokenSource();
        var model = new ToyLanguage(9, 10, positions: positions);
        model.BeforeRead = () =>
        {
            if (model.Read == 40) cancel.Cancel();
        };
        var options = new GenerationOptions { MaxTokens = int.MaxValue, Beams = beams, Slide = slide };
        Assert.That(() => model.Generate([1, 3, 5], options, cancel.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(model.Read, Is.EqualTo(40));
    }

    [Test]
    public void ATextOverThePositions_IsRefusedBeforeItBegins()
    {
        var model = new ToyLanguage(9, 10, positions: 8);
        Assert.That(model.Generate(Prompt, Greedy(7)), Has.Length.EqualTo(7));
        int read = model.Read;
        Assert.That(() => model.Generate(Prompt, Greedy(8)), Throws.TypeOf<SequenceException>().With.Message.Contains("take 9 positions").And.Message.Contains("MaxTokens to 7").And.Message.Contains("Slide"));
        Assert.That(() => model.GenerateText(new ByteTokenizer(), "ab", Greedy(8)), Throws.ArgumentException);
        Assert.That(model.Read, Is.EqualTo(read));
    }

    [Test]
    public void Cancelled_EndsInMidPass_AndLeavesNothing([Values(1, 3)] int beams)
    {
        using var device = new CpuDevice(1);
        using var cancel = new CancellationTokenSource();
        var model = new ToyLanguage(9, 10, device);
        long before = device.BytesInUse;
        model.BeforeRead = () =>
        {
            if (model.Read == 7) cancel.Cancel();
        };
        Assert.That(() => model.Generate([1, 2, 3, 4, 5], new GenerationOptions { Beams = beams, MaxTokens = 1000 }, cancel.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(model.Read, Is.EqualTo(7));
        Assert.That(model.Open, Is.Zero);
        Assert.That(device.BytesInUse, Is.EqualTo(before));
    }

    [Test]
    public void Generate_OnEveryDevice_WritesTheSame([ValueSource(typeof(TestDevices), nameof(TestDevices.Names))] string name, [Values(1, 3)] int beams)
    {
        var options = new GenerationOptions { MaxTokens = 12, Beams = beams, RepetitionPenalty = 1.2, Seed = 3 };
        Assert.That(new ToyLanguage(9, 10, TestDevices.Get(name)).Generate(Prompt, options), Is.EqualTo(new ToyLanguage(9, 10).Generate(Prompt, options)));
    }

    [Test]
    public void Mistakes_AreNamed()
    {
        var model = new ToyLanguage(9, 1);
        Assert.That(() => new GenerationOptions { MaxTokens = 0 }, Throws.TypeOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("MaxTokens"));
        Assert.That(() => new GenerationOptions { Temperature = -1 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new GenerationOptions { TopK = 0 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new GenerationOptions { TopP = 0 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new GenerationOptions { TopP = 1.1 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new GenerationOptions { TopP = double.NaN }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new GenerationOptions { RepetitionPenalty = 0 }, Throws.TypeOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("RepetitionPenalty"));
        Assert.That(() => new GenerationOptions { Beams = 0 }, Throws.TypeOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("Beams"));
        Assert.That(() => new GenerationOptions { LengthPenalty = -1 }, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new GenerationOptions { StopStrings = ["a", ""] }, Throws.ArgumentException);
        Assert.That(() => model.Generate([]), Throws.ArgumentException.With.Message.Contains("no tokens"));
        Assert.That(() => model.Generate([1, 9]), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("Token 1"));
        Assert.That(() => model.Generate([1], new GenerationOptions { EndToken = 9 }), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("0..8"));
        Assert.That(() => model.Generate([1], new GenerationOptions { StopStrings = ["a"] }), Throws.ArgumentException.With.Message.Contains("GenerateText"));
        Assert.That(() => model.Generate([1], new GenerationOptions { Beams = 2, TopK = 3 }), Throws.ArgumentException.With.Message.Contains("TopK"));
        Assert.That(() => model.Generate([1], new GenerationOptions { Beams = 2, Temperature = 0.5 }), Throws.ArgumentException.With.Message.Contains("Temperature"));
        Assert.That(() => model.Generate([1], new GenerationOptions { Beams = 2, Slide = true }), Throws.ArgumentException.With.Message.Contains("Slide"));
        Assert.That(() => model.GenerateText(new ByteTokenizer(), "a"), Throws.ArgumentException.With.Message.Contains("257 tokens, and the model 9"));
        Assert.That(() => new ToyLanguage(300, 1, endToken: 299).GenerateText(new ByteTokenizer(), ""), Throws.ArgumentException.With.Message.Contains("299 for the model, and the tokenizer has 257"));
    }
}
