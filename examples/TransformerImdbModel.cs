using Engine.Core;
using Engine.Layers;

namespace Engine.Examples;

/// <summary>Keras' example of a transformer for texts: vectors of tokens and positions, one block of attention, the mean over all words.</summary>
/// <remarks>Source: https://keras.io/examples/nlp/text_classification_with_transformer/. There as here each of the two heads is as wide as the block. There padding
/// comes first and is a token like others; here it comes last, attention does not see it, and the mean does not count it.</remarks>
internal static class TransformerImdbModel
{
    private const int Width = 32, Heads = 2;

    /// <summary>Keras' defaults. The loss takes logits, so the softmax is in it.</summary>
    public static Sequential Build(int vocabulary, int length, Rng rng)
    {
        var uniform = Init.Uniform(-0.05, 0.05);
        var block = new TransformerLayerSettings
        {
            Width = Width,
            Heads = Heads,
            HeadSize = Width,
            Inner = 32,
            Dropout = 0.1,
            AttentionDropout = 0,
            InnerDropout = 0,
            Epsilon = 1e-6,
            Init = Init.From(DrawAsKeras),
        };
        return new()
        {
            new Embedding(vocabulary, Width, rng, init: uniform),                                      // (N, T, 32)
            new LearnedPositions(length, Width, rng, uniform),
            new TransformerEncoderLayer(block, rng),
            new Permute(0, 2, 1),                                                                      // (N, 32, T)
            new GlobalAvgPool1d(),                                                                     // (N, 32)
            new Dropout(0.1),
            new Linear(Width, 20, rng, Kernels.Activation.Relu, init: Init.XavierUniform()),
            new Dropout(0.1),
            new Linear(20, 2, rng, init: Init.XavierUniform()),                                        // (N, 2)
        };
    }

    /// <summary>Keras' Xavier uniform, which takes all axes of a kernel but the last two for a window: of attention's, (in, heads, size) and (heads, size, out), too.
    /// Queries, keys and values begin small by it.</summary>
    private static Tensor DrawAsKeras(Shape weight, Rng rng)
    {
        int rows = weight[0], columns = weight[1];
        int fans = rows == Heads * Width ? Width * Heads + Width * Width : columns == Heads * Width ? Heads * Width + Heads * Width : rows + columns;
        double bound = Math.Sqrt(6.0 / fans);
        return Tensor.Uniform(weight, rng, -bound, bound);
    }
}
