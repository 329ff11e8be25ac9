using System.Globalization;
using Engine.Kernels;

namespace Engine.Core;

/// <summary>Rows normalised each by itself, then weighted for each channel: LayerNorm, RmsNorm, GroupNorm, and the first of x + residual.</summary>
/// <param name="name">The op's name.</param>
/// <param name="centered">Whether a row's mean is taken from it first.</param>
/// <param name="groups">Groups of the channels, axis 1, that are rows; 0 for rows along the last axis.</param>
/// <param name="epsilon">Added to the variance, or to the mean square.</param>
/// <param name="made">What <see cref="AddNormOp"/> computed already.</param>
internal sealed class RowNormOp(string name, bool centered, int groups, double epsilon, NormResult? made = null) : Op
{
    private const int X = 0, Weight = 1, Bias = 2, Residual = 3;

    private readonly bool computes = made is null;
    private RowNormSizes sizes;
    private NormResult? result = made;                              // until forward takes it: the graph must not keep it

    public override string Name => name;

    public override string Attributes => string.Create(CultureInfo.InvariantCulture, $"{(groups > 0 ? $"groups={groups}, " : "")}epsilon={epsilon}");

    public override long Flops => computes ? (centered ? 7L : 5L) * InputShape(X).Count : 0;

    /// <summary>x, and the optional weight, bias and residual.</summary>
    public static Tensor Run(RowNormOp op, Tensor x, Tensor? weight, Tensor? bias, Tensor? residual = null) => Apply(op, x, weight, bias, residual);

    public override Tensor Forward()
    {
        Tensor x = Input(X);
        Tensor? weight = OptionalInput(Weight), bias = OptionalInput(Bias), residual = OptionalInput(Residual);
        sizes = NormResult.Sizes(name, x, weight, bias, residual, groups, epsilon);
        var all = result ?? NormResult.Compute(name, x, weight, bias, residual, centered, sizes, epsilon, keepSum: Recording);
        result = null;
        Save(all.Scale, owned: true);
        if (all.Mean is not null) Save(all.Mean, owned: true);
        if (weight is not null) Save(weight);
        if (residual is null) Save(x);
        else if (all.Sum is not null) Save(all.Sum, owned: true);
        return all.Y;
    }

    public override Tensor?[] Backward(Tensor dy)
    {
        int next = 0;
        var scale = Saved(next++);
        Tensor? mean = centered ? Saved(next++) : null, weight = Inputs[Weight].IsGiven ? Saved(next++) : null;
        var x = Saved(next);
        var device = dy.Device;
        Tensor? dx = Needs(X) || Needs(Residual) ? Tensor.Empty(x.Shape, device, op: Name) : null;
        Tensor? dweight = Needs(Weight) ? Tensor.Empty([sizes.AllChannels], device, op: Name) : null, dbias = Needs(Bias) ? Tensor.Empty([sizes.AllChannels], device, op: Name) : null;
        device.RowNormBackward(x.View, dy.View, new RowNorm(weight?.View, mean?.View, scale.View), dx?.View, dweight?.View, dbias?.View, sizes);
        return [Needs(X) ? dx : null, dweight, dbias, Needs(Residual) ? dx : null];
    }
}

/// <summary>x + residual, computed together with its norm, which <see cref="RowNormOp"/> gets from <see cref="Take"/>: two nodes of the graph and
/// one kernel.</summary>
internal sealed class AddNormOp(string name, Tensor? weight, Tensor? bias, bool centered, double epsilon) : Op
{
    private NormResult? made;

    public override string Name => name;

    public override long Flops => (centered ? 8L : 6L) * OutputShape.Count;

    public override Tensor Forward()
    {
        Tensor x = Input(0), residual = Input(1);
        var sizes = NormResult.Sizes(name, x, weight, bias, residual, 0, epsilon);
        made = NormResult.Compute(name, x, weight, bias, residual, centered, sizes, epsilon, keepSum: true);
        return made.Sum!;
    }

    /// <summary>What forward computed, once: the graph does not keep it.</summary>
    public NormResult? Take()
    {
        var all = made;
        made = null;
        return all;
    }

    public override Tensor?[] Backward(Tensor dy) => [Needs(0) ? dy : null, Needs(1) ? dy : null];
}

/// <summary>What the kernel writes: the result, the rows' means and scales, and x + residual where that was asked for.</summary>
internal sealed record NormResult(Tensor Y, Tensor? Mean, Tensor Scale, Tensor? Sum)
{
    public static NormResult Compute(string op, Tensor x, Tensor? weight, Tensor? bias, Tensor? residual, bool centered, RowNormSizes sizes, double epsilon, bool keepSum)
    {
        var device = x.Device;
        Tensor y = Tensor.Empty(x.Shape, device, op: op), scale = Tensor.Empty([sizes.Rows], device, op: op);
        Tensor? mean = centered ? Tensor.Empty([sizes.Rows], device, op: op) : null, sum = residual is not null && keepSum ? Tensor.Empty(x.Shape, device, op: op) : null;
        device.RowNormForward(x.View, residual?.View, residual is null ? null : (sum ?? y).View, y.View, new RowNorm(weight?.View, mean?.View, scale.View), bias?.View, sizes, epsilon);
        return new NormResult(y, mean, scale, sum);
    }

    public static RowNormSizes Sizes(string op, Tensor x, Tensor? weight, Tensor? bias, Tensor? residual, int groups, double epsilon)
    {
        if (!(epsilon >= 0)) throw new ArgumentOutOfRangeException(nameof(epsilon), epsilon, $"{op}: epsilon is added under a root, and is 0 or more.");
        if (x.DType != DType.Float32) throw new DTypeException($"{op}: {x.Describe()} is {x.DType}, and must be Float32. Cast it.");
        if (residual is not null && residual.Shape != x.Shape)
            throw new ShapeException($"{op}: {x.Describe()} and the residual {residual.Describe()} must be of one shape.");
        RowNormSizes sizes;
        if (groups == 0)
        {
            if (x.Rank == 0) throw new ShapeException($"{op}: a single number has no axis to normalise over. It takes (…, C).");
            sizes = new RowNormSizes(x.Shape.Product(0, x.Rank - 1), x.Shape[-1]);
        }
        else
        {
            if (x.Rank < 2) throw new ShapeException($"{op}: {x.Describe()} must be (N, C) or (N, C, …), and has {x.Rank} axes.");
            int channels = x.Shape[1];
            if (channels % groups != 0) throw new ShapeException($"{op}: {x.Describe()} has {channels} channels, which {groups} groups do not divide.");
            sizes = new RowNormSizes(x.Shape[0] * groups, channels / groups, groups, x.Shape.Product(2, x.Rank));
        }
        Require(weight, "the weight");
        Require(bias, "the bias");
        return sizes;

        void Require(Tensor? parameter, string what)
        {
            if (parameter is not null && parameter.Shape != [sizes.AllChannels])
                throw new ShapeException($"{op}: {what} {parameter.Describe()} must be ({sizes.AllChannels}), one number for each channel of {x.Describe()}.");
        }
    }
}
