using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Benchmarks;

/// <summary>A text that a GPT has read up to a place; each token after it is read anew.</summary>
public sealed class GptText
{
    private const int Room = 1024;

    private readonly Gpt model;
    private readonly int position;
    private readonly KeyValueCache cache;
    private readonly Tensor next;

    /// <param name="model">The model.</param>
    /// <param name="position">Tokens that it has read, under 1,024.</param>
    public GptText(Gpt model, int position)
    {
        (this.model, this.position) = (model, position);
        cache = model.NewCache(1, Room);
        next = Tensor.From([1], [1, 1], model.Device);
        Read(Tensor.From([.. Enumerable.Range(0, position).Select(i => i % 60)], [1, position], model.Device));
    }

    /// <summary>4 layers of width 128 over 65 tokens, or the smallest GPT-2's 12 layers of 768 over 50,257.</summary>
    public static Gpt Model(int width, Device device)
    {
        var config = new GptConfig { Positions = Room, Dropout = 0 };
        return new Gpt(width == 768 ? config : config with { VocabularySize = 65, Width = width, Layers = 4, Heads = 4, Bias = false }, new Rng(1)).To(device);
    }

    /// <summary>Reads one more token and tells what may follow.</summary>
    public void Token()
    {
        Read(next);
        cache.Truncate(position);
    }

    private void Read(Tensor ids)
    {
        using var noGrad = NoGrad.Begin();
        using var scope = model.Device.Scope("a token");
        model.Next(ids, Pass.Inference, cache).ToArray();
    }
}
