using System.Globalization;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>Each number is dropped, made 0, with probability p, and the others are divided by 1 − p, so that the mean stays.</summary>
    /// <param name="p">The share dropped, in [0, 1); with 0 this tensor itself comes back, and nothing is drawn.</param>
    /// <param name="rng">Where the mask comes from: the same on every device.</param>
    /// <returns>This shape.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="p"/> is not in [0, 1).</exception>
    /// <remarks>Gradient: dy under the same mask and scale; the mask is drawn again, nothing is saved. Source: Srivastava et al. 2014.</remarks>
    public Tensor Dropout(double p, Rng rng)
    {
        if (!(p >= 0 && p < 1)) throw new ArgumentOutOfRangeException(nameof(p), p, "Dropout: the share dropped lies in [0, 1). Zeros come from x * 0.");
        return p == 0 ? this : Op.Apply(new DropoutOp(p, rng.Seed, rng.Take(Count)), this);
    }
}

/// <summary>y = x / (1 − p) where the mask keeps it, else 0.</summary>
internal sealed class DropoutOp(double p, ulong key, ulong position) : Op
{
    public override string Name => "Dropout";

    public override string Attributes => $"p={p.ToString(CultureInfo.InvariantCulture)}";

    public override long Flops => OutputShape.Count;

    public override Tensor Forward() => Apply(Input(0));

    public override Tensor?[] Backward(Tensor dy) => [Apply(dy)];

    private Tensor Apply(Tensor x)
    {
        var y = Tensor.Empty(x.Shape, x.Device, op: Name);
        x.Device.Dropout(x.View, y.View, p, key, position);
        return y;
    }
}
