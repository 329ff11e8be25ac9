using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>Σ over axes; over all of them where none is named. The sum of no numbers is 0.</summary>
    /// <param name="axes">Axes to sum over; negative ones count from the end.</param>
    /// <returns>The shape without those axes.</returns>
    /// <exception cref="ShapeException">There is no such axis, or one is named twice.</exception>
    /// <remarks>Gradient: dy, repeated along those axes. The order of the sum depends on the shape alone.</remarks>
    public Tensor Sum(params ReadOnlySpan<int> axes) => Sum(axes, keepDims: false);

    /// <inheritdoc cref="Sum(ReadOnlySpan{int})"/>
    /// <param name="axes">Axes to sum over; negative ones count from the end.</param>
    /// <param name="keepDims">Keep those axes, of size 1.</param>
    public Tensor Sum(ReadOnlySpan<int> axes, bool keepDims) => Op.Apply(new SumOp(ReduceAxes.From(Shape, axes), keepDims, mean: false), this);

    /// <summary>The arithmetic mean over axes; over all of them where none is named.</summary>
    /// <param name="axes">Axes to average over; negative ones count from the end.</param>
    /// <returns>The shape without those axes.</returns>
    /// <exception cref="ShapeException">There is no such axis, one is named twice, or there are no numbers to average.</exception>
    /// <remarks>Gradient: dy / n, repeated along those axes.</remarks>
    public Tensor Mean(params ReadOnlySpan<int> axes) => Mean(axes, keepDims: false);

    /// <inheritdoc cref="Mean(ReadOnlySpan{int})"/>
    /// <param name="axes">Axes to average over; negative ones count from the end.</param>
    /// <param name="keepDims">Keep those axes, of size 1.</param>
    public Tensor Mean(ReadOnlySpan<int> axes, bool keepDims)
        => Op.Apply(new SumOp(ReduceAxes.From(Shape, axes).Require(nameof(Mean)), keepDims, mean: true), this);
}

/// <summary>A reduction over any axes. Neighbouring axes go in one pass; each further group, from the last to the first, in one more, so R
/// must be a reducer whose results can be reduced again.</summary>
internal abstract class ReduceOp<R>(ReduceAxes axes, bool keepDims) : Op where R : struct, IReducer<float>
{
    public override string Name => R.Name;

    public override string Attributes => $"axes={axes}{(keepDims ? ", keepDims" : "")}";

    public override long Flops => InputShape(0).Count;

    protected ReduceAxes Axes => axes;

    /// <summary>What the sum of n numbers is multiplied by.</summary>
    protected virtual double Scale(int n) => 1;

    public override Tensor Forward()
    {
        var x = Input(0);
        var y = x;
        foreach (var sizes in axes.Passes())
        {
            var before = y;
            y = NewTensor([sizes.Count]);
            x.Device.Reduce<R, float>(before.View, y.View, sizes, Scale(sizes.N));
            if (before != x) before.Release(Name);
        }
        return new Tensor(y.Storage, 0, axes.Result(keepDims));
    }
}

/// <summary>Σ or the mean over axes.</summary>
internal sealed class SumOp(ReduceAxes axes, bool keepDims, bool mean) : ReduceOp<Sum>(axes, keepDims)
{
    public override string Name => mean ? "Mean" : "Sum";

    protected override double Scale(int n) => mean ? 1.0 / n : 1;

    public override Tensor?[] Backward(Tensor dy)
    {
        var each = dy.Reshape(Axes.Kept);
        if (mean) each /= Axes.Count;
        return [each.BroadcastTo(InputShape(0))];
    }
}
