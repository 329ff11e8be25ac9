using Engine.Core;
using Engine.Layers;

namespace Engine.Tests.Layers.Recurrent;

/// <summary>The layers of each kind, for tests of what they share.</summary>
internal static class Made
{
    public static Engine.Layers.Recurrent Layer(string kind, int inputSize, int hiddenSize, int layers = 1, bool bidirectional = false, double dropout = 0, bool returnSequences = true, bool bias = true, RecurrentInit? init = null, ulong seed = 1)
    {
        var rng = new Rng(seed);
        return kind switch
        {
            "lstm" => new Lstm(inputSize, hiddenSize, rng, layers, bidirectional, dropout, returnSequences, bias, init),
            "gru" => new Gru(inputSize, hiddenSize, rng, layers, bidirectional, dropout, returnSequences, bias, init),
            _ => new Rnn(inputSize, hiddenSize, rng, layers: layers, bidirectional: bidirectional, dropout: dropout, returnSequences: returnSequences, bias: bias, init: init),
        };
    }

    public static RecurrentState State(string kind, params int[] shape)
        => new(Tensor.Uniform(shape, new Rng(7), -1, 1), kind == "lstm" ? Tensor.Uniform(shape, new Rng(8), -1, 1) : null);

    public static Pass With(params int[] lengths) => Pass.Inference.WithLengths(lengths);

    public static double[][] Steps(Tensor sequence) => [.. sequence.ToArray<double>().Chunk(sequence.Shape[1])];
}
