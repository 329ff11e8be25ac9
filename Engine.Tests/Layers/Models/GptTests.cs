using Engine.Core;
using Engine.Kernels;
using Engine.Layers;
using Engine.Tests.Layers.Decoding;

namespace Engine.Tests.Layers.Models;

public class GptTests
{
    private static readonly GptConfig Small = new() { VocabularySize = 7, Positions = 12, Width = 8, Layers = 2, Heads = 2, Dropout = 0, InitializerRange = 0.6 };

    private static Gpt Model(ulong seed = 1, Device? device = null, GptConfig? config = null) => new Gpt(config ?? Small, new Rng(seed)).To(device ?? Device.Cpu);

    /// <summary>What may follow a text, all of it computed anew.</summary>
    private static float[] Logits(Gpt gpt, IEnumerable<int> text)
    {
        int[] ids = [.. text];
        return gpt.Predict(Tensor.From(ids, [1, ids.Length], gpt.Device))[0, ^1].ToArray();
    }

    private static double[] LogSoftmax(float[] logits)
    {
        double max = logits.Max(), sum = logits.Sum(l => Math.Exp(l - max));
        return [.. logits.Select(l => l - max - Math.Log(sum))];
    }

    [Test]
    public void TheFirstNumbers_AreGpt2s()
    {
        var gpt = new Gpt(new GptConfig { VocabularySize = 400, Positions = 100, Width = 128, Layers = 8, Heads = 4 }, new Rng(3));
        foreach (var (name, parameter) in gpt.NamedParameters())
        {
            double[] x = parameter.Value.ToArray<double>();
            double expected = name.EndsWith("out_proj.weight") || name.EndsWith("linear2.weight") ? 0.02 / 4 : 0.02;
            if (name.EndsWith("bias")) Assert.That(x, Is.All.Zero, name);
            else if (name.Contains("norm")) Assert.That(x, Is.All.EqualTo(1), name);
            else Assert.That(Math.Sqrt(x.Average(v => v * v)), Is.EqualTo(expected).Within(expected * 0.05), name);
        }
        // Untrained, every token is about as likely as the others.
        Assert.That(gpt.Loss(gpt.Hidden(Tensor.From([.. Enumerable.Range(0, 100)], [1, 100]), Pass.Inference), Tensor.From([.. Enumerable.Range(1, 100)], [1, 100])).Item(),
            Is.EqualTo(Math.Log(400)).Within(0.1));
        Assert.That(gpt.ParameterCount, Is.EqualTo((400 + 100) * 128 + 8 * (12 * 128 * 128 + 13 * 128) + 2 * 128));
    }

    [Test]
    public void GPT2_HasItsNumberOfParameters()
    {
        // 124,439,808 in Hugging Face's gpt2: counted, not made.
        var c = new GptConfig();
        long w = c.Width;
        Assert.That((c.VocabularySize + c.Positions) * w + c.Layers * (12 * w * w + 13 * w) + 2 * w, Is.EqualTo(124_439_808));
    }

    [Test]
    public void NothingLooksAhead()
    {
        var gpt = Model();
        var logits = gpt.Predict(Tensor.From([1, 2, 3, 4, 5, 6, 0, 1], [2, 4]));
        var shorter = gpt.Predict(Tensor.From([1, 2, 5, 6], [2, 2]));
        Assert.That(shorter.ToArray(), Is.EqualTo(logits[.., ..2].ToArray()).Within(2e-5));
    }

    [Test]
    public void Loss_IsTheCrossEntropyOfTheLogits([Values] bool tied)
    {
        var gpt = Model(config: Small with { TiedHead = tied });
        var ids = Tensor.From([1, 2, 3, 4, 5, 6, 0, 1], [2, 4]);
        int[] next = [2, 3, 4, -100, 6, 0, 1, 2];
        double loss = gpt.Loss(gpt.Hidden(ids, Pass.Inference), Tensor.From(next, [2, 4])).Item();
        double[][] logs = [.. gpt.Predict(ids).Reshape(8, 7).ToArray().Chunk(7).Select(LogSoftmax)];
        Assert.That(loss, Is.EqualTo(next.Index().Where(n => n.Item >= 0).Average(n => -logs[n.Index][n.Item])).Within(1e-5));
    }

    [Test]
    public void ACache_GivesWhatAFullComputationGives([Values(1, 5)] int first, [ValueSource(typeof(TestDevices), nameof(TestDevices.Names))] string name)
    {
        const int texts = 3, steps = 8;
        var gpt = Model(device: TestDevices.Get(name));
        var ids = Tensor.From([.. Enumerable.Range(0, texts * steps).Select(i => i * i % 7)], [texts, steps], gpt.Device);
        using var noGrad = NoGrad.Begin();
        var whole = gpt.Hidden(ids, Pass.Inference);
        using var cache = gpt.NewCache(texts, steps);
        for (int at = 0, count = first; at < steps; at += count, count = 1)
            Assert.That(gpt.Hidden(ids.Narrow(1, at, count), Pass.Inference, cache).ToArray(), Is.EqualTo(whole.Narrow(1, at, count).ToArray()).Within(2e-5));
    }

    [Test]
    public void Greedy_TakesTheLikeliest_OfAFullComputation([Range(1, 5)] int seed)
    {
        var gpt = Model((ulong)seed);
        List<int> text = [1, 3];
        for (int i = 0; i < 11; i++)
        {
            float[] logits = Logits(gpt, text);
            text.Add(Array.IndexOf(logits, logits.Max()));
        }
        Assert.That(gpt.Generate([1, 3], new GenerationOptions { MaxTokens = 11, Temperature = 0 }), Is.EqualTo(text.Skip(2)));
    }

    [Test]
    public void ASlidingWindow_CropsTheText()
    {
        var gpt = Model(2);
        List<int> text = [1, 3];
        for (int i = 0; i < 25; i++)
        {
            float[] logits = Logits(gpt, text.TakeLast(12));
            text.Add(Array.IndexOf(logits, logits.Max()));
        }
        Assert.That(gpt.Generate([1, 3], new GenerationOptions { MaxTokens = 25, Temperature = 0, Slide = true }), Is.EqualTo(text.Skip(2)));
        Assert.That(() => gpt.Generate([1, 3], new GenerationOptions { MaxTokens = 12 }), Throws.TypeOf<SequenceException>().With.Message.Contains("the model has 12"));
    }

    [Test]
    public void Beams_FindTheBestOfAllTexts([Range(1, 5)] int seed, [Values(null, 2)] int? end)
    {
        const int longest = 3;
        var gpt = Model((ulong)seed, config: Small with { EndToken = end });
        int[] best = [];
        double most = double.NegativeInfinity;
        Walk([], 0);
        Assert.That(gpt.Generate([1, 3], new GenerationOptions { MaxTokens = longest, Beams = 343 }), Is.EqualTo(best));

        void Walk(int[] written, double sum)
        {
            double[] logs = LogSoftmax(Logits(gpt, [1, 3, .. written]));
            for (int token = 0; token < 7; token++)
            {
                double score = (sum + logs[token]) / (written.Length + 1);
                if (token != end && written.Length + 1 < longest) Walk([.. written, token], sum + logs[token]);
                else if (score > most) (best, most) = (token == end ? written : [.. written, token], score);
            }
        }
    }

    [Test]
    public void Cancelled_InMidPass_LeavesNothing([Values(1, 3)] int beams)
    {
        using var device = new CpuDevice(1);
        var gpt = Model(device: device, config: Small with { VocabularySize = 300, Positions = 200 });
        long before = device.BytesInUse;
        using var cancel = new CancellationTokenSource();
        int tokens = 0;
        var model = new Watched(gpt, () =>
        {
            if (++tokens == 5) cancel.Cancel();
        });
        Assert.That(() => model.Generate([1, 2, 3], new GenerationOptions { Beams = beams, MaxTokens = 100 }, cancel.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(tokens, Is.EqualTo(5));
        Assert.That(device.BytesInUse, Is.EqualTo(before));
        gpt.Generate([1, 2, 3], new GenerationOptions { Beams = beams, MaxTokens = 10 });
        Assert.That(device.BytesInUse, Is.EqualTo(before));
    }

    [Test]
    public async Task AStreamThatIsLeft_LeavesNothing()
    {
        using var device = new CpuDevice(1);
        var gpt = Model(device: device, config: Small with { VocabularySize = 257, Positions = 200 });
        long before = device.BytesInUse;
        int pieces = 0;
        await foreach (string _ in gpt.GenerateText(new ByteTokenizer(), "hello", new GenerationOptions { MaxTokens = 100 }))
            if (++pieces == 3) break;
        Assert.That(pieces, Is.EqualTo(3));
        Assert.That(device.BytesInUse, Is.EqualTo(before));
    }

    /// <summary>Tells of each reading.</summary>
    private sealed class Watched(Gpt gpt, Action before) : ILanguageModel
    {
        public int VocabularySize => gpt.Config.VocabularySize;
        public int? Positions => gpt.Config.Positions;
        public int? EndToken => null;
        public Device Device => gpt.Device;
        public ITextMemory Begin(int capacity) => new Memory(gpt.Begin(capacity), before);

        private sealed class Memory(ITextMemory memory, Action before) : ITextMemory
        {
            public Tensor Read(Tensor tokens, Pass pass)
            {
                before();
                return memory.Read(tokens, pass);
            }

            public void Select(IReadOnlyList<int> rows) => memory.Select(rows);

            public void Dispose() => memory.Dispose();
        }
    }

    [Test]
    public void Losses_AreTheSame_OnEveryDevice([ValueSource(typeof(TestDevices), nameof(TestDevices.Names))] string name)
    {
        static double[] Losses(Device device)
        {
            var gpt = Model(device: device, config: Small with { InitializerRange = 0.1, Bias = false });
            var optimizer = new AdamW(ParameterGroups.DecayOfWeights(gpt), 1e-2, weightDecay: 0.1);
            var data = new RandomBlocks(Enumerable.Range(0, 100).Select(i => i * i % 7).ToArray(), 3, 6, 3, seed: 1);
            return [.. data.Epoch(0, device).Select(batch =>
            {
                optimizer.ZeroGrad();
                var loss = gpt.Loss(gpt.Hidden(batch.Inputs, Pass.Train(new Rng(1))), batch.Targets);
                loss.Backward();
                gpt.Parameters.ClipGradNorm(1);
                optimizer.Step();
                return loss.Item();
            })];
        }

        Assert.That(Losses(TestDevices.Get(name)), Is.EqualTo(Losses(Device.Cpu)).Within(1e-4));
    }

    [Test]
    public void Dropout_DropsInTrainingAlone()
    {
        var gpt = Model(config: Small with { Dropout = 0.3 });
        var ids = Tensor.From([1, 2, 3, 4], [1, 4]);
        float[] Hidden(Pass pass) => gpt.Hidden(ids, pass).ToArray();
        Assert.That(Hidden(Pass.Inference), Is.EqualTo(Hidden(Pass.Inference)));
        Assert.That(Hidden(Pass.Train(new Rng(1))), Is.EqualTo(Hidden(Pass.Train(new Rng(1)))));
        Assert.That(Hidden(Pass.Train(new Rng(1))), Is.Not.EqualTo(Hidden(Pass.Train(new Rng(2)))));
    }

    [Test]
    public void Mistakes_AreNamed()
    {
        var gpt = Model();
        Assert.That(() => gpt.Predict(Tensor.Zeros([1, 13], dtype: DType.Int32)), Throws.TypeOf<ShapeException>().With.Message.Contains("wpe").And.Message.Contains("there are 12 positions"));
        Assert.That(() => gpt.Predict(Tensor.Zeros([3], dtype: DType.Int32)), Throws.TypeOf<ShapeException>().With.Message.Contains("(B, T)"));
        Assert.That(() => gpt.Predict(Tensor.From([7], [1, 1])), Throws.TypeOf<IndexException>().With.Message.Contains("token id 7"));
        Assert.That(() => new Gpt(Small with { Heads = 3 }, new Rng(1)), Throws.ArgumentException.With.Message.Contains("3 heads"));
        Assert.That(() => new Gpt(Small with { EndToken = 7 }, new Rng(1)), Throws.TypeOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("EndToken"));
        Assert.That(() => new GptConfig { Layers = 0 }, Throws.TypeOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("Layers"));
        Assert.That(() => new GptConfig { AttentionDropout = 1 }, Throws.TypeOf<ArgumentOutOfRangeException>().With.Property("ParamName").EqualTo("AttentionDropout"));
    }
}
