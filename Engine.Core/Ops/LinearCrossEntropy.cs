using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>The cross-entropy of the logits hidden·weightᵀ + bias, for a vocabulary so large that the logits would be most of a step's memory: they are
    /// made for some rows at a time, and in training their gradients at once, so that all of them never exist together.</summary>
    /// <param name="weight">(V, C), a row for each class, as a linear layer or an embedding has it. This tensor is hidden, (…, C).</param>
    /// <param name="bias">(V), or null for 0.</param>
    /// <param name="classes">Int32, hidden's shape without its last axis, each in 0..V−1 or <paramref name="ignoreIndex"/>.</param>
    /// <param name="ignoreIndex">A class that counts for nothing, in mean, sum and gradient.</param>
    /// <param name="mean">The mean over the rows that count; false for the sum.</param>
    /// <returns>A scalar. A batch that is ignored whole has loss 0 and gradients 0, unlike <see cref="CrossEntropy"/>'s NaN: a batch in which no word happened to
    /// be masked is no fault.</returns>
    /// <exception cref="ShapeException">The shapes disagree, the batch is empty, or there are no classes.</exception>
    /// <exception cref="DTypeException">The classes are not Int32, or another is not Float32.</exception>
    /// <exception cref="IndexException">A class is out of range; a GPU raises it when numbers are next read.</exception>
    /// <remarks>Gradients, with d = (softmax(logits) − onehot(classes)) / n: dhidden = dy·d·weight, dweight = dy·dᵀ·hidden, dbias = dy·Σ d. They are computed in
    /// the forward pass where it is recorded, so it costs three products, and the backward pass one multiplication. Source: Hsu and others 2024,
    /// arXiv:2410.10989.</remarks>
    public Tensor LinearCrossEntropy(Tensor weight, Tensor? bias, Tensor classes, int ignoreIndex = -100, bool mean = true)
        => Op.Apply(new LinearCrossEntropyOp(ignoreIndex, mean), this, weight, bias, classes);
}

/// <summary>A linear layer and the cross-entropy of its result, by blocks of rows.</summary>
/// <param name="ignored">A class that counts for nothing.</param>
/// <param name="mean">Over the rows that count; else the sum.</param>
/// <param name="blockLogits">Logits that exist at a time.</param>
internal sealed class LinearCrossEntropyOp(int ignored, bool mean, int blockLogits = LinearCrossEntropyOp.BlockLogits) : Op
{
    private const int Hidden = 0, Weight = 1, Bias = 2, Classes = 3;

    /// <summary>16 MiB, beside which reading the weight again for each block costs little.</summary>
    private const int BlockLogits = 1 << 22;

    public override string Name => "LinearCrossEntropy";

    public override string Attributes => $"ignoreIndex={ignored}{(mean ? "" : ", sum")}";

    public override long Flops => (Recording ? 6L : 2L) * InputShape(Hidden).Count * InputShape(Weight)[0];

    public override Tensor Forward()
    {
        Tensor hidden = Input(Hidden), weight = Input(Weight), classes = Input(Classes);
        var bias = OptionalInput(Bias);
        Require(hidden, weight, bias, classes);
        var device = hidden.Device;
        int rows = classes.Count, columns = weight.Shape[0], width = weight.Shape[1];
        int blocks = (int)Math.Min(rows, ((long)rows * columns + blockLogits - 1) / blockLogits), block = (rows + blocks - 1) / blocks;
        Tensor logits = NewTensor([block, columns]), logSums = NewTensor([block]), loss = NewTensor([rows]), total = NewTensor([]);
        var share = mean ? 1 / CrossEntropyOp.Counted(classes, ignored).Clamp(1, double.PositiveInfinity) : Tensor.Ones([], device);
        Tensor? dhidden = Wants(Hidden, hidden), dweight = Wants(Weight, weight), dbias = bias is null ? null : Wants(Bias, bias);
        var ones = dbias is null ? null : Tensor.Ones([block], device);
        for (int first = 0; first < rows; first += block)
        {
            int count = Math.Min(block, rows - first);
            View x = hidden.View.Slice(first * width, count * width), z = logits.View.Slice(0, count * columns), k = classes.View.Slice(first, count), sums = logSums.View.Slice(0, count);
            device.MatMul(new(x, width, 1), new(weight.View, 1, width), new(z, columns, 1), new(count, columns, width), bias?.View);
            device.CrossEntropyForward(z, k, loss.View.Slice(first, count), sums, count, columns, ignored, first);
            if (!Recording) continue;
            device.CrossEntropyBackward(z, k, sums, share.View, z, count, columns, 1, ignored);
            if (dhidden is not null)
                device.MatMul(new(z, columns, 1), new(weight.View, width, 1), new(dhidden.View.Slice(first * width, count * width), width, 1), new(count, width, columns));
            if (dweight is not null)
                device.MatMul(new(z, 1, columns), new(x, width, 1), new(dweight.View, width, 1), new(columns, width, count), accumulate: first > 0);
            if (dbias is not null)
                device.MatMul(new(ones!.View.Slice(0, count), count, 1), new(z, columns, 1), new(dbias.View, columns, 1), new(1, columns, count), accumulate: first > 0);
        }
        device.Reduce<Sum, float>(loss.View, total.View, new ReduceSizes(1, rows, 1));
        logits.Release(Name);
        loss.Release(Name);
        foreach (var gradient in new[] { dhidden, dweight, dbias })
            if (gradient is not null) Save(gradient, owned: true);
        return total * share;
    }

    public override Tensor?[] Backward(Tensor dy)
    {
        int next = 0;
        return [Next(Hidden), Next(Weight), Inputs[Bias].IsGiven ? Next(Bias) : null, null];

        Tensor? Next(int input) => Needs(input) ? Saved(next++) * dy : null;
    }

    private Tensor? Wants(int input, Tensor x) => Recording && Needs(input) ? NewTensor(x.Shape) : null;

    private void Require(Tensor hidden, Tensor weight, Tensor? bias, Tensor classes)
    {
        if (weight.Rank != 2 || hidden.Rank == 0 || hidden.Shape[-1] != weight.Shape[1])
            throw new ShapeException($"{Name}: hidden {hidden.Describe()} and the weight {weight.Describe()} must be (…, C) and (V, C), a row for each class.");
        if (bias is not null && bias.Shape != [weight.Shape[0]])
            throw new ShapeException($"{Name}: the bias {bias.Describe()} must be ({weight.Shape[0]}), one number for each class.");
        if (classes.Shape != new Shape(hidden.Shape.Sizes[..^1]))
            throw new ShapeException($"{Name}: the classes {classes.Describe()} must be {new Shape(hidden.Shape.Sizes[..^1])}, one for each row of hidden {hidden.Describe()}.");
        CrossEntropyOp.RequireClasses(classes, Name);
        if (classes.Count == 0 || weight.Shape[0] == 0)
            throw new ShapeException($"{Name}: hidden {hidden.Describe()} with {weight.Shape[0]} classes has no losses, and their mean means nothing. Leave the batch out.");
    }
}
