using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>log Σ exp x over axes, a smooth maximum, computed so that nothing overflows; over all axes where none is named.</summary>
    /// <param name="axes">Axes to reduce; negative ones count from the end.</param>
    /// <returns>The shape without those axes.</returns>
    /// <exception cref="ShapeException">There is no such axis, one is named twice, or there are no numbers.</exception>
    /// <remarks>Gradient: dx = dy · exp(x − y), the softmax.</remarks>
    public Tensor LogSumExp(params ReadOnlySpan<int> axes) => LogSumExp(axes, keepDims: false);

    /// <inheritdoc cref="LogSumExp(ReadOnlySpan{int})"/>
    /// <param name="axes">Axes to reduce; negative ones count from the end.</param>
    /// <param name="keepDims">Keep those axes, of size 1.</param>
    public Tensor LogSumExp(ReadOnlySpan<int> axes, bool keepDims)
        => Op.Apply(new LogSumExpOp(ReduceAxes.From(Shape, axes).Require(nameof(LogSumExp)), keepDims), this);
}

/// <summary>log Σ exp x over axes.</summary>
internal sealed class LogSumExpOp(ReduceAxes axes, bool keepDims) : ReduceOp<LogSumExp>(axes, keepDims)
{
    public override Tensor Forward()
    {
        var y = base.Forward();
        Save(Input(0));
        Save(y);
        return y;
    }

    // dx = dy · exp(x − y)
    public override Tensor?[] Backward(Tensor dy)
        => [(Saved(0) - Saved(1).Reshape(Axes.Kept)).Exp() * dy.Reshape(Axes.Kept)];
}
