using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Examples;

/// <summary>Keras' example of a bidirectional network: an embedding of 128, two LSTMs of 64 each way, one logit.</summary>
/// <remarks>Source: https://keras.io/examples/nlp/bidirectional_lstm_imdb/.</remarks>
internal static class BilstmModel
{
    /// <summary>Keras' defaults. The loss takes logits, so the last layer's sigmoid is in it.</summary>
    public static Sequential Build(int vocabulary, Rng rng) => new()
    {
        new Embedding(vocabulary, 128, rng, init: Init.Uniform(-0.05, 0.05)),                                          // (N, T, 128)
        new Lstm(128, 64, rng, bidirectional: true, init: RecurrentInit.Keras),                                        // (N, T, 128)
        new Lstm(128, 64, rng, bidirectional: true, returnSequences: false, init: RecurrentInit.Keras),                // (N, 128)
        new Linear(128, 1, rng, init: Init.XavierUniform()),                                                           // (N, 1)
    };

    /// <summary>Binary cross-entropy of logits, (N, 1), for classes 0 and 1, (N).</summary>
    public static Tensor Loss(Tensor logits, Tensor classes)
        => Engine.Layers.Loss.BinaryCrossEntropyWithLogits(logits, classes.Cast(DType.Float32).Reshape(logits.Shape));
}
