using Engine.Core;
using Engine.Layers;

namespace Engine.Examples;

/// <summary>The article's network for texts: an embedding of 64, two LSTMs of 128, a class.</summary>
internal static class LstmModel
{
    /// <summary>Keras' defaults. The loss takes logits, so the last layer's softmax is in it. The article has no dropout; texts this few ask for it.</summary>
    /// <param name="vocabulary">How many tokens.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="dropout">Of the embedding's and the LSTMs' outputs.</param>
    /// <param name="rng">Draws the first weights.</param>
    public static Sequential Build(int vocabulary, int classes, double dropout, Rng rng) => new()
    {
        new Embedding(vocabulary, 64, rng, paddingIndex: 0, init: Init.Uniform(-0.05, 0.05)),          // (N, T, 64)
        new Dropout(dropout),
        new Lstm(64, 128, rng, init: RecurrentInit.Keras),                                             // (N, T, 128)
        new Dropout(dropout),
        new Lstm(128, 128, rng, returnSequences: false, init: RecurrentInit.Keras),                    // (N, 128)
        new Dropout(dropout),
        new Linear(128, classes, rng, init: Init.XavierUniform()),                                     // (N, classes)
    };

    /// <summary>Keras' Adam.</summary>
    public static Adam Optimizer(Layer model, double learningRate = 1e-3) => new(model.Parameters, learningRate, epsilon: 1e-7);
}
