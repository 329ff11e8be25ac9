using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>The mean over a batch of −log softmax(logits)[class]: how surprised these scores are by the true classes.</summary>
    /// <param name="classes">Int32, (N), each in 0..C−1. This tensor holds the logits, (N, C), of any size.</param>
    /// <returns>A scalar.</returns>
    /// <exception cref="ShapeException">The shapes are others, or the batch is empty.</exception>
    /// <exception cref="DTypeException">The classes are not Int32.</exception>
    /// <exception cref="IndexException">A class is out of range; a GPU raises it when numbers are next read.</exception>
    /// <remarks>Gradient: dlogits = dy · (softmax(logits) − onehot(classes)) / N. One kernel each way; the softmax itself is never stored.
    /// Source: Goodfellow, Bengio and Courville 2016, "Deep Learning", section 6.2.2.3.</remarks>
    public Tensor CrossEntropy(Tensor classes) => Op.Apply(new CrossEntropyOp(), this, classes);
}

/// <summary>The mean cross-entropy of logits and classes.</summary>
internal sealed class CrossEntropyOp : Op
{
    public override string Name => "CrossEntropy";

    public override long Flops => 4L * InputShape(0).Count;

    public override Tensor Forward()
    {
        Tensor x = Input(0), classes = Input(1);
        if (x.Rank != 2 || classes.Shape != [x.Shape[0]])
            throw new ShapeException($"CrossEntropy: logits {x.Describe()} and classes {classes.Describe()} must be (N, C) and (N). Reshape the logits to two axes, one row an example.");
        if (classes.DType != DType.Int32)
            throw new DTypeException($"CrossEntropy: the classes {classes.Describe()} are {classes.DType}, and it takes Int32. Cast them.");
        var (rows, columns) = (x.Shape[0], x.Shape[1]);
        if (rows == 0) throw new ShapeException($"CrossEntropy: the batch {x.Describe()} is empty, and the mean of no losses means nothing. Leave it out.");
        Tensor loss = NewTensor([rows]), logSums = NewTensor([rows]), y = NewTensor([]);
        x.Device.CrossEntropyForward(x.View, classes.View, loss.View, logSums.View, rows, columns);
        x.Device.Reduce<Sum, float>(loss.View, y.View, new ReduceSizes(1, rows, 1), 1.0 / rows);
        loss.Release(Name);
        Save(x);
        Save(classes);
        Save(logSums, owned: true);
        return y;
    }

    public override Tensor?[] Backward(Tensor dy)
    {
        Tensor x = Saved(0), classes = Saved(1), logSums = Saved(2);
        var (rows, columns) = (x.Shape[0], x.Shape[1]);
        var dx = Tensor.Empty(x.Shape, x.Device, op: Name);
        x.Device.CrossEntropyBackward(x.View, classes.View, logSums.View, dy.View, dx.View, rows, columns, 1.0 / rows);
        return [dx, null];
    }
}
