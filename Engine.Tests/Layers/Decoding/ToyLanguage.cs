using System.Text;
using Engine.Core;
using Engine.Kernels;
using Engine.Layers;
using Buffer = Engine.Layers.Buffer;

namespace Engine.Tests.Layers.Decoding;

/// <summary>A small recurrent language model: h' = tanh(h·W + E[token]), logits h'·O.</summary>
internal sealed class ToyLanguage(int tokens, ulong seed, Device? device = null, int? positions = null, int? endToken = null) : ILanguageModel
{
    private const int Hidden = 5;
    private readonly Tensor w = Draw(seed, device, Hidden, Hidden), embedding = Draw(seed + 1, device, tokens, Hidden), output = Draw(seed + 2, device, Hidden, tokens);

    private static Tensor Draw(ulong seed, Device? device, params int[] shape) => Tensor.Normal(shape, new Rng(seed), device: device);

    public int VocabularySize => tokens;
    public int? Positions => positions;
    public int? EndToken => endToken;
    public Device Device => w.Device;

    /// <summary>Tokens read by all memories.</summary>
    public int Read { get; private set; }

    /// <summary>Memories not disposed of.</summary>
    public int Open { get; private set; }

    /// <summary>Called before each token.</summary>
    public Action? BeforeRead { get; set; }

    public ITextMemory Begin(int capacity) => new Memory(this, capacity);

    /// <summary>What may follow a text, all of it read anew.</summary>
    public float[] Logits(IEnumerable<int> text)
    {
        var h = Tensor.Zeros([1, Hidden], Device);
        foreach (int token in text) h = Step(h, Tensor.From([token], [1], Device));
        return h.MatMul(output).ToArray();
    }

    private Tensor Step(Tensor h, Tensor token) => (h.MatMul(w) + embedding.GatherRows(token)).Tanh();

    private sealed class Memory : ITextMemory
    {
        private readonly ToyLanguage model;
        private int left;
        private Buffer h;

        public Memory(ToyLanguage model, int capacity)
        {
            (this.model, left) = (model, capacity);
            model.Open++;
            h = new Buffer("h", Tensor.Zeros([1, Hidden], model.Device));
        }

        public Tensor Read(Tensor tokens, Pass pass)
        {
            var x = h.Value;
            for (int t = 0; t < tokens.Shape[1]; t++)
            {
                model.BeforeRead?.Invoke();
                pass.Cancel.ThrowIfCancellationRequested();
                model.Read++;
                Assert.That(left--, Is.Positive, "more is read than was asked for");
                x = model.Step(x, tokens[.., t]);
            }
            Take(x);
            return x.MatMul(model.output);
        }

        public void Select(IReadOnlyList<int> rows)
        {
            using var scope = model.Device.Scope("Select");
            Take(h.Value.GatherRows(Tensor.From([.. rows], [rows.Count], model.Device)));
        }

        private void Take(Tensor x)
        {
            h.Value.EndStorage("the test");
            h = new Buffer("h", x.Clone());
        }

        public void Dispose()
        {
            model.Open--;
            h.Value.EndStorage("the test");
        }
    }
}

/// <summary>A token a byte of UTF-8, and one more that ends a text and reads as nothing.</summary>
internal sealed class ByteTokenizer : ITokenizer
{
    public int Count => 257;
    public int[] Encode(string text) => [.. Encoding.UTF8.GetBytes(text).Select(b => (int)b)];
    public string Decode(ReadOnlySpan<int> ids) => Encoding.UTF8.GetString([.. ids.ToArray().Where(id => id < 256).Select(id => (byte)id)]);
}

/// <summary>A model that writes what it is told to, then the end.</summary>
internal sealed class Recital(int tokens, IReadOnlyList<int> text, int prompt, int? endToken = null) : ILanguageModel
{
    public int VocabularySize => tokens;
    public int? Positions => null;
    public int? EndToken => endToken;
    public Device Device => Device.Cpu;
    public ITextMemory Begin(int capacity) => new Memory(this);

    private sealed class Memory(Recital of) : ITextMemory
    {
        private int read;

        public Tensor Read(Tensor tokens, Pass pass)
        {
            read += tokens.Shape[1];
            int at = read - of.Prompt;
            var logits = new float[of.VocabularySize];
            logits[at < of.Text.Count ? of.Text[at] : of.EndToken!.Value] = 100;
            return Tensor.From([.. Enumerable.Repeat(logits, tokens.Shape[0]).SelectMany(l => l)], [tokens.Shape[0], logits.Length]);
        }

        public void Select(IReadOnlyList<int> rows)
        {
        }

        public void Dispose()
        {
        }
    }

    private IReadOnlyList<int> Text => text;
    private int Prompt => prompt;
}
