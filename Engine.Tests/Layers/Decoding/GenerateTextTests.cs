using System.Text;
using CsCheck;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Layers.Decoding;

public class GenerateTextTests
{
    private const int End = 256;
    private static readonly ByteTokenizer Bytes = new();

    private static async Task<List<string>> Pieces(ILanguageModel model, string prompt, GenerationOptions options, CancellationToken cancel = default)
    {
        var pieces = new List<string>();
        await foreach (string piece in model.GenerateText(Bytes, prompt, options, cancel)) pieces.Add(piece);
        return pieces;
    }

    private static Task<List<string>> Recite(string text, int beams = 1, params string[] stops)
        => Pieces(new Recital(257, Bytes.Encode(text), 1, End), "x", new GenerationOptions { MaxTokens = 200, Temperature = beams == 1 ? 0 : 1, Beams = beams, StopStrings = stops });

    [Test]
    public async Task ACharacterOfSeveralTokens_ComesWhole()
    {
        Assert.That(await Recite("aé€😀b"), Is.EqualTo(new[] { "a", "é", "€", "😀", "b" }));
        Assert.That(await Recite("aé€😀b", beams: 2), Is.EqualTo(new[] { "aé€😀b" }));
    }

    [Test]
    public async Task WhatIsNoUtf8_ComesAsReplacementCharacters()
    {
        int[] bytes = [0x61, 0xFF, 0xC3, 0x62, 0xF0, 0x9F];         // a, no byte of UTF-8, the first of two, b, the first two of four
        var pieces = await Pieces(new Recital(257, bytes, 1, End), "x", new GenerationOptions { Temperature = 0 });
        Assert.That(string.Concat(pieces), Is.EqualTo("a\uFFFD\uFFFDb\uFFFD"));
        Assert.That(pieces[0], Is.EqualTo("a"));
    }

    [Test]
    public async Task TheStreamedText_IsThatOfTheTokens([Range(1, 5)] int seed, [Values(1, 3)] int beams)
    {
        var model = new ToyLanguage(300, (ulong)seed, endToken: End);
        var options = new GenerationOptions { MaxTokens = 60, Seed = 7, Beams = beams, RepetitionPenalty = 1.3 };
        string whole = string.Concat(await Pieces(new Recital(257, [], 1, End), "x", options));
        Assert.That(whole, Is.Empty);
        string streamed = string.Concat(await Pieces(model, "héllo", options));
        // The tokenizer has 257 of the model's 300 tokens, so no other comes.
        var same = new Cut(model, 257);
        Assert.That(streamed, Is.EqualTo(Bytes.Decode(same.Generate(Bytes.Encode("héllo"), options))));
        Assert.That(model.Open, Is.Zero);
    }

    /// <summary>A model with fewer tokens.</summary>
    private sealed class Cut(ToyLanguage model, int tokens) : ILanguageModel
    {
        public int VocabularySize => tokens;
        public int? Positions => model.Positions;
        public int? EndToken => model.EndToken;
        public Device Device => model.Device;
        public ITextMemory Begin(int capacity) => new Memory(model.Begin(capacity), tokens);

        private sealed class Memory(ITextMemory memory, int tokens) : ITextMemory
        {
            public Tensor Read(Tensor x, Pass pass) => memory.Read(x, pass).Narrow(1, 0, tokens);
            public void Select(IReadOnlyList<int> rows) => memory.Select(rows);
            public void Dispose() => memory.Dispose();
        }
    }

    [Test]
    public async Task AStopString_EndsTheText_AndIsNotGivenOut([Values(1, 2)] int beams)
    {
        Assert.That(string.Concat(await Recite("one, two. three", beams, ". ")), Is.EqualTo("one, two"));
        Assert.That(string.Concat(await Recite("one, two. three", beams, "three!", ", ")), Is.EqualTo("one"));
        Assert.That(string.Concat(await Recite("one, two. thr", beams, "three")), Is.EqualTo("one, two. thr"));
        Assert.That(string.Concat(await Recite("aab€x", beams, "b€")), Is.EqualTo("aa"));
        Assert.That(await Recite("one", beams, "o"), Is.Empty);
    }

    [Test]
    public async Task APrompt_WithAStopString_EndsNothing()
        => Assert.That(string.Concat(await Pieces(new Recital(257, Bytes.Encode("b."), 2, End), "a.", new GenerationOptions { Temperature = 0, StopStrings = ["."] })), Is.EqualTo("b"));

    [Test]
    public void StopStrings_DoNotDependOnTheCut()
        => Gen.Select(Gen.String[Gen.Char['a', 'c'], 0, 20], Gen.String[Gen.Char['a', 'c'], 1, 4].Array[1, 3], Gen.Int[0, 1 << 20]).Sample((text, stops, cuts) =>
        {
            var through = new StopStrings(stops);
            var pieces = new StringBuilder();
            int first = 0;
            for (int i = 1; i <= text.Length && !through.Found; i++)
            {
                if (i < text.Length && (cuts >> (i % 20) & 1) == 0) continue;
                pieces.Append(through.Add(text[first..i]));
                first = i;
            }
            if (!through.Found) pieces.Append(through.Rest());
            // The stop string that ends first, and of those the longest.
            string expected = text;
            for (int end = 1; end <= text.Length && expected == text; end++)
                if (stops.Where(stop => text[..end].EndsWith(stop, StringComparison.Ordinal)).MaxBy(stop => stop.Length) is { } stop) expected = text[..(end - stop.Length)];
            return pieces.ToString() == expected;
        });

    [Test]
    public async Task SpacesThatATokenizerPuts_AreKept()
    {
        var words = WordTokenizer.Build(["to be or not"], WordSplit.Whitespace);
        int[] text = words.Encode("be or not to be");
        var pieces = new List<string>();
        await foreach (string piece in new Recital(words.Count, text, 1).GenerateText(words, "to", new GenerationOptions { MaxTokens = text.Length, Temperature = 0 })) pieces.Add(piece);
        Assert.That(string.Concat(pieces), Is.EqualTo(words.Decode([.. words.Encode("to"), .. text])["to".Length..]));
        Assert.That(pieces, Has.Count.EqualTo(text.Length));
    }

    [Test]
    public async Task BytePairs_OfHalfACharacter_ComeWhole()
    {
        const string text = "naïve 😀😃 and Κόσμος ";
        ITokenizer pairs = ByteLevelBpe.Train([text], new TokenizerTraining { Size = 270 });
        int[] tokens = [.. pairs.Encode(text), .. pairs.Encode(text)];
        var pieces = new List<string>();
        await foreach (string piece in new Recital(pairs.Count, tokens, pairs.Encode("naïve").Length).GenerateText(pairs, "naïve", new GenerationOptions { MaxTokens = tokens.Length, Temperature = 0, StopStrings = ["and Κa"] })) pieces.Add(piece);
        Assert.That(string.Concat(pieces), Is.EqualTo(text + text));
        Assert.That(pieces, Has.Count.InRange(10, tokens.Length - 2));
        Assert.That(pieces.SelectMany(piece => piece), Has.None.EqualTo('\uFFFD'));
    }

    [Test]
    public async Task AnEmptyPrompt_BeginsAfterTheEndToken()
    {
        Assert.That(string.Concat(await Pieces(new Recital(257, Bytes.Encode("hi"), 1, End), "", new GenerationOptions { Temperature = 0 })), Is.EqualTo("hi"));
        Assert.That(() => new ToyLanguage(257, 1).GenerateText(Bytes, ""), Throws.ArgumentException.With.Message.Contains("no tokens"));
    }

    [Test]
    public async Task WhoLeaves_LeavesNothingBehind()
    {
        using var device = new CpuDevice(1);
        var model = new ToyLanguage(257, 3, device);
        long before = device.BytesInUse;
        await foreach (string _ in model.GenerateText(Bytes, "ab", new GenerationOptions { MaxTokens = 1000 })) break;
        Assert.That(model.Open, Is.Zero);
        Assert.That(model.Read, Is.LessThan(20));
        Assert.That(device.BytesInUse, Is.EqualTo(before));
    }

    [Test]
    public async Task Cancelled_EndsInMidPass_AndLeavesNothing([Values(1, 2)] int beams, [Values] bool byEnumerator)
    {
        using var device = new CpuDevice(1);
        using var cancel = new CancellationTokenSource();
        var model = new ToyLanguage(257, 3, device);
        long before = device.BytesInUse;
        model.BeforeRead = () =>
        {
            if (model.Read == 9) cancel.Cancel();
        };
        var options = new GenerationOptions { MaxTokens = 1000, Beams = beams };
        var stream = byEnumerator ? model.GenerateText(Bytes, "abcde", options).WithCancellation(cancel.Token) : model.GenerateText(Bytes, "abcde", options, cancel.Token).WithCancellation(default);
        Assert.That(async () =>
        {
            await foreach (string _ in stream)
            {
            }
        }, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(model.Read, Is.EqualTo(9));
        Assert.That(model.Open, Is.Zero);
        Assert.That(device.BytesInUse, Is.EqualTo(before));
        await Task.CompletedTask;
    }
}
