using Engine.Core;
using Engine.Layers;

namespace Engine.Examples;

/// <summary>The article's network for texts: an embedding of 64, two LSTMs of 128, a class.</summary>
internal static class LstmModel
{
    /// <summary>The LSTMs and the last layer begin as Keras' do. The loss takes logits, so the softmax is in it. The article has no dropout; a few thousand
    /// texts ask for it.</summary>
    public static Sequential Build(int vocabulary, int classes, Rng rng) => new()
    {
        new Embedding(vocabulary, 64, rng, paddingIndex: 0, init: Init.Normal(0.1)),                   // (N, T, 64)
        new Dropout(0.3),
        new Lstm(64, 128, rng, init: RecurrentInit.Keras),                                             // (N, T, 128)
        new Dropout(0.3),
        new Lstm(128, 128, rng, returnSequences: false, init: RecurrentInit.Keras),                    // (N, 128)
        new Dropout(0.5),
        new Linear(128, classes, rng, init: Init.XavierUniform()),                                     // (N, classes)
    };

    /// <summary>Keras' Adam.</summary>
    public static Adam Optimizer(Layer model, double learningRate) => new(model.Parameters, learningRate, epsilon: 1e-7);
}
