using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>The cross-entropy of the logits hidden·weightᵀ + bias, for a vocabulary so large that the logits would be most of a step's memory: they are
    /// made for some rows at a time, 32 MiB of them, and in training their gradients at once, so that all of them never exist together.</summary>
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
    /// <remarks>Gradients, with d = (softmax(logits) − onehot(classes)) / n: dhidden = dy·d·weight, dweight = dy·dᵀ·hidden, dbias = dy·Σ d. Where there is
    /// more than one block they are computed in the forward pass, if it is recorded, and the backward pass multiplies them by dy. Source: Hsu and others 2024,
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

    /// <summary>32 MiB: 274 rows of 30,522 classes, beside which packing the weight again for each block costs little.</summary>
    private const int BlockLogits = 1 << 23;

    private bool oneBlock;

    public override string Name => "LinearCrossEntropy";

    public override string Attributes => $"ignoreIndex={ignored}{(mean ? "" : ", sum")}";

    public override long Flops => (Recording && !oneBlock ? 6L : 2L) * InputShape(Hidden).Count * InputShape(Weight)[0];

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
        oneBlock = blocks == 1;
        bool atOnce = Recording && !oneBlock;
        var (dhidden, dweight, dbias, ones) = atOnce ? Gradients(hidden, weight, block) : default;
        for (int first = 0; first < rows; first += block)
        {
            int count = Math.Min(block, rows - first);
            View x = hidden.View.Slice(first * width, count * width), z = logits.View.Slice(0, count * columns), k = classes.View.Slice(first, count), sums = logSums.View.Slice(0, count);
            device.MatMul(new(x, width, 1), new(weight.View, 1, width), new(z, columns, 1), new(count, columns, width), bias?.View);
            device.CrossEntropyForward(z, k, loss.View.Slice(first, count), sums, count, columns, ignored, first);
            if (Recording) device.CrossEntropyBackward(z, k, sums, share.View, z, count, columns, 1, ignored);
            if (atOnce) Products(z, x, weight.View, new(count, columns, width), dhidden?.View.Slice(first * width, count * width), dweight?.View, dbias?.View, ones?.View, first > 0);
        }
        device.Reduce<Sum, float>(loss.View, total.View, new ReduceSizes(1, rows, 1));
        loss.Release(Name);
        logSums.Release(Name);
        if (oneBlock && Recording)
        {
            Save(logits, owned: true);
            Save(hidden);
            Save(weight);
        }
        else
        {
            logits.Release(Name);
            foreach (var gradient in new[] { dhidden, dweight, dbias })
                if (gradient is not null) Save(gradient, owned: true);
        }
        return total * share;
    }

    public override Tensor?[] Backward(Tensor dy)
    {
        if (!oneBlock)
        {
            int next = 0;
            Tensor? Next(int input) => Needs(input) ? Saved(next++) * dy : null;
            return [Next(Hidden), Next(Weight), Next(Bias), null];
        }
        // dy goes into what is small: the rows, and the ones that sum the bias's gradient.
        Tensor d = Saved(0), hidden = Saved(1), weight = Saved(2);
        var (dhidden, dweight, dbias, ones) = Gradients(hidden, weight, d.Shape[0]);
        Products(d.View, (dweight is null ? hidden : hidden * dy).View, weight.View, new(d.Shape[0], d.Shape[1], weight.Shape[1]), dhidden?.View, dweight?.View, dbias?.View,
            ones is null ? null : (ones * dy).View, accumulate: false);
        return [dhidden is null ? null : dhidden * dy, dweight, dbias, null];
    }

    /// <summary>Room for the gradients that are wanted, and for the bias's a row of ones.</summary>
    private (Tensor? Hidden, Tensor? Weight, Tensor? Bias, Tensor? Ones) Gradients(Tensor hidden, Tensor weight, int block)
    {
        Tensor? New(int input, Shape shape) => Needs(input) ? Tensor.Empty(shape, hidden.Device, op: Name) : null;
        return (New(Hidden, hidden.Shape), New(Weight, weight.Shape), New(Bias, [weight.Shape[0]]), Needs(Bias) ? Tensor.Ones([block], hidden.Device) : null);
    }

    /// <summary>From the gradient d of some rows' logits: dbias (+)= ones·d, dhidden = d·weight, dweight (+)= dᵀ·hidden.</summary>
    private static void Products(View d, View hidden, View weight, MatMulSizes sizes, View? dhidden, View? dweight, View? dbias, View? ones, bool accumulate)
    {
        var (rows, columns, width) = (sizes.M, sizes.N, sizes.K);
        var device = d.Device;
        // The sums first, while d is in the caches: products ask for their numbers ahead.
        if (dbias is { } b) device.MatMul(new(ones!.Value.Slice(0, rows), rows, 1), new(d, columns, 1), new(b, columns, 1), new(1, columns, rows), accumulate: accumulate);
        if (dhidden is { } h) device.MatMul(new(d, columns, 1), new(weight, width, 1), new(h, width, 1), new(rows, width, columns));
        if (dweight is { } w) device.MatMul(new(d, 1, columns), new(hidden, width, 1), new(w, width, 1), new(columns, width, rows), accumulate: accumulate);
    }

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
