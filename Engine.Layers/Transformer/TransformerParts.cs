using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>What encoder and decoder layers share: how a part's result is added to what went in, and the feed-forward part.</summary>
internal static class TransformerParts
{
    /// <summary>norm(x + y).</summary>
    public static Tensor AddNorm(Layer norm, Tensor x, Tensor y, Pass pass)
        => norm is LayerNorm layer ? layer.Add(y, x, pass) : norm.Forward(x + y, pass);

    /// <summary>norm(x + y), and x + y.</summary>
    public static (Tensor Norm, Tensor Sum) AddNormKeep(Layer norm, Tensor x, Tensor y, Pass pass)
    {
        if (norm is LayerNorm layer) return layer.AddAndKeep(y, x, pass);
        var sum = x + y;
        return (norm.Forward(sum, pass), sum);
    }

    public static Tensor Drop(Tensor x, double share, Pass pass) => pass.Training && share > 0 ? x.Dropout(share, pass.Rng) : x;
}

/// <summary>linear2(activation(linear1(x))), a layer's feed-forward part.</summary>
internal readonly record struct FeedForward(Linear Linear1, Linear Linear2, double Dropout)
{
    public static FeedForward New(TransformerLayerSettings settings, Rng rng, Func<string, Linear, Linear> register)
    {
        var first = register("linear1", new Linear(settings.Width, settings.Inner, rng, settings.Activation, settings.Bias, settings.Init));
        var second = register("linear2", new Linear(settings.Inner, settings.Width, rng, Activation.None, settings.Bias, settings.ResidualInit ?? settings.Init));
        return new FeedForward(first, second, settings.InnerDropout ?? settings.Dropout);
    }

    public Tensor Forward(Tensor x, Pass pass) => Linear2.Forward(TransformerParts.Drop(Linear1.Forward(x, pass), Dropout, pass), pass);
}
