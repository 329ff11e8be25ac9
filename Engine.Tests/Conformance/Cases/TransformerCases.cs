using Engine.Core;
using Engine.Kernels;
using Engine.Layers;

namespace Engine.Tests.Conformance;

/// <summary>Layers that are compositions: attention, norms, products and dropout together.</summary>
public sealed class TransformerCases : IOpCases
{
    public static IEnumerable<OpCase> All()
    {
        foreach (bool normFirst in new[] { false, true })
        {
            string norm = normFirst ? "pre-norm" : "post-norm";
            var settings = new TransformerLayerSettings { Width = 6, Heads = 2, Inner = 9, NormFirst = normFirst, Activation = Activation.Gelu, Dropout = 0.25 };
            yield return new OpCase($"Transformer encoder layer, {norm}", x => Encoder(settings, x[0].Device).Forward(x[0], Pass.Inference.WithLengths([5, 2])), Arg.Any(2, 5, 6));
            yield return new OpCase($"Transformer encoder layer, {norm}, causal, training", x => Encoder(settings with { Causal = true }, x[0].Device).Forward(x[0], Pass.Train(new Rng(5))), Arg.Any(2, 5, 6));
            yield return new OpCase($"Transformer encoder layer, {norm}, RmsNorm, rotary, two heads to a key", x => Encoder(settings with { KeyHeads = 1, RmsNorm = true, Rotary = new Rotary(), Bias = false, HeadSize = 4 }, x[0].Device).Forward(x[0], Pass.Inference), Arg.Any(1, 3, 6));
            yield return new OpCase($"Transformer decoder layer, {norm}", x => new TransformerDecoderLayer(settings, new Rng(2)).To(x[0].Device).Run(x[0], x[1], Pass.Inference, [1, 3]), Arg.Any(2, 4, 6), Arg.Any(2, 3, 6));
        }
    }

    private static TransformerEncoderLayer Encoder(TransformerLayerSettings settings, Device device) => new TransformerEncoderLayer(settings, new Rng(2)).To(device);
}
