using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>The mean over a batch of −log softmax(logits)[class]: how surprised these scores are by the true classes.</summary>
    /// <param name="classes">Int32, (N), each in 0..C−1. This tensor holds the logits, (N, C), of any size.</param>
    /// <param name="ignoreIndex">A class that counts for nothing, in mean and gradient, and may lie outside 0..C−1; none if left out.</param>
    /// <returns>A scalar. The mean of a batch that is ignored whole is 0/0, NaN, and its gradient 0.</returns>
    /// <exception cref="ShapeException">The shapes are others, or the batch is empty.</exception>
    /// <exception cref="DTypeException">The classes are not Int32.</exception>
    /// <exception cref="IndexException">A class is out of range; a GPU raises it when numbers are next read.</exception>
    /// <remarks>Gradient: dlogits = dy · (softmax(logits) − onehot(classes)) / N, with N the rows that count. One kernel each way; the softmax itself is never
    /// stored. Source: Goodfellow, Bengio and Courville 2016, "Deep Learning", section 6.2.2.3.</remarks>
    public Tensor CrossEntropy(Tensor classes, int? ignoreIndex = null) => Op.Apply(new CrossEntropyOp(ignoreIndex), this, classes);

    /// <summary>The same, but 0 for a batch that is ignored whole, as <see cref="LinearCrossEntropy"/> has it.</summary>
    internal Tensor CrossEntropyOrZero(Tensor classes, int ignoreIndex) => Op.Apply(new CrossEntropyOp(ignoreIndex, noneIsZero: true), this, classes);
}

/// <summary>The mean cross-entropy of logits and classes.</summary>
internal sealed class CrossEntropyOp(int? ignored, bool noneIsZero = false) : Op
{
    public override string Name => "CrossEntropy";

    public override string Attributes => ignored is null ? "" : $"ignoreIndex={ignored}";

    public override long Flops => 4L * InputShape(0).Count;

    public override Tensor Forward()
    {
        Tensor x = Input(0), classes = Input(1);
        if (x.Rank != 2 || classes.Shape != [x.Shape[0]])
            throw new ShapeException($"CrossEntropy: logits {x.Describe()} and classes {classes.Describe()} must be (N, C) and (N). Reshape the logits to two axes, one row an example.");
        RequireClasses(classes, Name);
        var (rows, columns) = (x.Shape[0], x.Shape[1]);
        if (rows == 0) throw new ShapeException($"CrossEntropy: the batch {x.Describe()} is empty, and the mean of no losses means nothing. Leave it out.");
        Tensor loss = NewTensor([rows]), logSums = NewTensor([rows]), y = NewTensor([]);
        x.Device.CrossEntropyForward(x.View, classes.View, loss.View, logSums.View, rows, columns, ignored);
        x.Device.Reduce<Sum, float>(loss.View, y.View, new ReduceSizes(1, rows, 1), ignored is null ? 1.0 / rows : 1);
        loss.Release(Name);
        Save(x);
        Save(classes);
        Save(logSums, owned: true);
        if (ignored is not { } index) return y;
        var counted = Counted(classes, index);
        var share = 1 / (noneIsZero ? counted.Clamp(1, double.PositiveInfinity) : counted);
        y *= share;
        Save(share, owned: true);
        return y;
    }

    public override Tensor?[] Backward(Tensor dy)
    {
        Tensor x = Saved(0), classes = Saved(1), logSums = Saved(2), each = ignored is null ? dy : dy * Saved(3);
        var (rows, columns) = (x.Shape[0], x.Shape[1]);
        var dx = Tensor.Empty(x.Shape, x.Device, op: Name);
        x.Device.CrossEntropyBackward(x.View, classes.View, logSums.View, each.View, dx.View, rows, columns, ignored is null ? 1.0 / rows : 1, ignored);
        return [dx, null];
    }

    /// <summary>How many classes are not the one to ignore, a scalar on their device, which nobody waits for.</summary>
    public static Tensor Counted(Tensor classes, int ignored) => (classes.Cast(DType.Float32) - ignored).Sign().Abs().Sum();

    public static void RequireClasses(Tensor classes, string op)
    {
        if (classes.DType != DType.Int32)
            throw new DTypeException($"{op}: the classes {classes.Describe()} are {classes.DType}, and it takes Int32. Cast them.");
    }
}
