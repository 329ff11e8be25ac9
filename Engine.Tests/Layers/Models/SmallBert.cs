using Engine.Core;
using Engine.Layers;

namespace Engine.Tests;

/// <summary>A BERT small enough to make in a test, its numbers drawn far apart so that nothing hides behind them.</summary>
internal static class SmallBert
{
    public static BertConfig Config { get; } = new()
    {
        VocabularySize = 30,
        HiddenSize = 16,
        HiddenLayers = 2,
        AttentionHeads = 4,
        IntermediateSize = 20,
        MaxPositions = 12,
        HiddenDropout = 0,
        AttentionDropout = 0,
        ClassifierDropout = 0.25,
        InitializerRange = 0.4,
        LayerNormEpsilon = 1e-6,
        Labels = ["bad", "so so", "good"],
    };

    /// <summary>Every number drawn, those of norms and biases too.</summary>
    public static T Drawn<T>(T model) where T : Layer
    {
        var rng = new Rng(3);
        foreach (var parameter in model.Parameters) parameter.CopyFrom(Tensor.Normal(parameter.Shape, rng, 0, 0.8));
        return model;
    }

    public static BertForPreTraining ForPreTraining() => Drawn(new BertForPreTraining(Config, new Rng(1)));

    /// <summary>Ids of (B, T), each row other tokens.</summary>
    public static Tensor Ids(int rows, int steps) => Tensor.From([.. Enumerable.Range(0, rows * steps).Select(i => (i * 7 + i / steps * 3 + 1) % 30)], [rows, steps]);

    public static Tensor Types(int rows, int steps) => Tensor.From([.. Enumerable.Range(0, rows * steps).Select(i => i % steps * 2 / steps)], [rows, steps]);

    public static Dictionary<string, float[]> Numbers(Layer model) => model.State().ToDictionary(s => s.Key, s => s.Value.Value.ToArray());
}
