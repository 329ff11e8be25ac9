using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>The norm of all numbers, (Σ|x|ᵖ)^(1/p).</summary>
    /// <inheritdoc cref="Norm(double, ReadOnlySpan{int}, bool)"/>
    public Tensor Norm(double p = 2) => Norm(p, []);

    /// <summary>Σ x² of each tensor, all of one device and none part of a graph, read at once.</summary>
    internal static double[] SquareSums(ReadOnlySpan<Tensor> tensors)
    {
        var device = tensors[0].Device;
        using var scope = device.Scope(nameof(SquareSums));
        var sums = Empty([tensors.Length], device);
        for (int i = 0; i < tensors.Length; i++)
        {
            var x = tensors[i];
            var squares = Empty(x.Shape, device);
            device.Binary<Multiply>(x.View, x.View, squares.View, Broadcasting.Sizes(x.Shape, x.Shape, x.Shape));
            device.Reduce<Sum, float>(squares.View, sums.View.Slice(i, 1), new ReduceSizes(1, x.Count, 1));
            squares.Release(nameof(SquareSums));
        }
        return sums.ToArray<double>();
    }

    /// <summary>The norm over axes, (Σ|x|ᵖ)^(1/p); over all of them where none is named.</summary>
    /// <param name="p">2 for the Euclidean length, 1 for Σ|x|, ∞ for the largest |x| and −∞ for the smallest, 0 for how many are not 0; or another
    /// number above 0.</param>
    /// <param name="axes">Axes to reduce; negative ones count from the end.</param>
    /// <param name="keepDims">Keep those axes, of size 1.</param>
    /// <returns>The shape without those axes. The norm of no numbers is 0.</returns>
    /// <exception cref="ArgumentException"><paramref name="p"/> is negative or NaN.</exception>
    /// <exception cref="ShapeException">There is no such axis, one is named twice, or p is infinite and there are no numbers.</exception>
    /// <remarks>Gradient: dy · sign(x) · (|x| / y)^(p−1), and 0 where y is 0 or, for p up to 1, x is; for p = ±∞ the numbers as large as y share
    /// dy evenly. Sums of powers are Float32: those over 3·10³⁸ are ∞.</remarks>
    public Tensor Norm(double p, ReadOnlySpan<int> axes, bool keepDims = false)
    {
        var given = ReduceAxes.From(Shape, axes);
        if (double.IsInfinity(p))
        {
            given.Require(nameof(Norm));
            return p > 0 ? Abs().Max(axes, keepDims) : Abs().Min(axes, keepDims);
        }
        if (!(p >= 0)) throw new ArgumentException($"Norm: p is {p}, and must be at least 0, or −∞.", nameof(p));
        if (p == 0) return NotEqual(Zeros([], Device)).Cast(DType.Float32).Sum(axes, keepDims);
        if (p == 1) return Abs().Sum(axes, keepDims);
        return Op.Apply(new NormOp(given, keepDims, p), this);
    }
}

/// <summary>y = (Σ|x|ᵖ)^(1/p) over axes, for p above 0.</summary>
internal sealed class NormOp(ReduceAxes axes, bool keepDims, double p) : Op
{
    public override string Name => "Norm";

    public override string Attributes => FormattableString.Invariant($"p={p}, axes={axes}{(keepDims ? ", keepDims" : "")}");

    public override long Flops => 2L * InputShape(0).Count;

    public override Tensor Forward()
    {
        using var noGrad = NoGrad.Begin();
        var x = Input(0);
        var powers = p == 2 ? x * x : x.Abs().Pow(p);
        var sum = powers.Sum(axes.Indices, keepDims: true);
        powers.Release(Name);
        var y = p == 2 ? sum.Sqrt() : sum.Pow(1 / p);
        Save(x);
        Save(y);
        return y.Share(0, axes.Result(keepDims));
    }

    // dx = sign(x)·|x|ᵖ⁻¹ · dy / yᵖ⁻¹, without 0/0
    public override Tensor?[] Backward(Tensor dy)
    {
        Tensor x = Saved(0), y = Saved(1), zero = Tensor.Zeros([], dy.Device);
        var scale = dy.Reshape(axes.Kept) / (p == 2 ? y : y.Pow(p - 1));
        scale = Tensor.Where(y.Equal(zero), zero, scale);
        if (p == 2) return [x * scale];
        var direction = x.Sign() * x.Abs().Pow(p - 1);
        if (p < 1) direction = Tensor.Where(x.Equal(zero), zero, direction);
        return [direction * scale];
    }
}
