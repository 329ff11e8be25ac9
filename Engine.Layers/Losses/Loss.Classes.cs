using System.Runtime.CompilerServices;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

// Losses of one class among several.
public static partial class Loss
{
    /// <summary>The mean over the batch of −log softmax(logits)[class].</summary>
    /// <param name="logits">(N, C), before any softmax; or (N, C, …), a choice at each place.</param>
    /// <param name="classes">(N), or (N, …), Int32 in 0..C−1; or Float32 of the logits' shape, the share of each class, as <see cref="Mixup{T}"/> makes them.</param>
    /// <exception cref="ShapeException">The shapes disagree, or the batch is empty.</exception>
    /// <exception cref="Engine.Kernels.IndexException">A class is not in 0..C−1.</exception>
    public static Tensor CrossEntropy(Tensor logits, Tensor classes)
        => logits.Rank == 2 && classes.DType == DType.Int32 ? logits.CrossEntropy(classes) : CrossEntropy(logits, classes, 0);

    /// <summary>−log softmax(logits)[class], with weights of classes, classes to pass over, and smoothed labels: 1 − labelSmoothing goes to the class
    /// itself, and labelSmoothing to all classes evenly.</summary>
    /// <param name="logits">(N, C), before any softmax; or (N, C, …), a choice at each place.</param>
    /// <param name="classes">(N), or (N, …), Int32 in 0..C−1; or Float32 of the logits' shape, the share of each class, as <see cref="Mixup{T}"/> makes them.</param>
    /// <param name="labelSmoothing">In [0, 1].</param>
    /// <param name="weights">(C), how much each class counts; all the same if left out. The mean over Int32 classes is over Σ weights[class].</param>
    /// <param name="ignoreIndex">A class that counts for nothing, in sum, mean and gradient, and may lie outside 0..C−1; none if left out.</param>
    /// <param name="reduction">What to make of the numbers. The mean of a batch that is ignored whole is 0/0, NaN.</param>
    /// <returns>A scalar, or the classes' shape.</returns>
    /// <exception cref="ShapeException">The shapes disagree, or there is nothing to average.</exception>
    /// <exception cref="ArgumentException">A setting is outside its range, or ignoreIndex is given for shares.</exception>
    /// <exception cref="Engine.Kernels.IndexException">A class is not in 0..C−1; a GPU raises it when numbers are next read.</exception>
    /// <remarks>The formulas are those of PyTorch's documentation. Source of the smoothing: Szegedy and others 2015, arXiv:1512.00567.</remarks>
    public static Tensor CrossEntropy(Tensor logits, Tensor classes, double labelSmoothing = 0, Tensor? weights = null, int? ignoreIndex = null, Reduction reduction = Reduction.Mean)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(classes);
        if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) throw new ArgumentOutOfRangeException(nameof(labelSmoothing), labelSmoothing, "It is in [0, 1].");
        if (classes.DType == DType.Float32) return OfShares(logits, classes, labelSmoothing, weights, ignoreIndex, reduction);
        var (rows, flat) = Rows(logits, classes);
        if (labelSmoothing == 0 && weights is null && reduction == Reduction.Mean) return rows.CrossEntropy(flat, ignoreIndex);
        return OfClasses(rows.LogSoftmax(), flat, classes.Shape, labelSmoothing, weights, ignoreIndex, reduction);
    }

    /// <inheritdoc cref="NegativeLogLikelihood(Tensor, Tensor, Tensor?, int?, Reduction)"/>
    public static Tensor NegativeLogLikelihood(Tensor logProbabilities, Tensor classes) => NegativeLogLikelihood(logProbabilities, classes, null);

    /// <summary>−logProbabilities[class]: what is left of <see cref="CrossEntropy(Tensor, Tensor)"/> after <see cref="Tensor.LogSoftmax"/>.</summary>
    /// <param name="logProbabilities">(N, C) or (N, C, …), after a log-softmax over the classes.</param>
    /// <param name="classes">(N) or (N, …), Int32 in 0..C−1.</param>
    /// <param name="weights">(C), how much each class counts; all the same if left out. The mean is over Σ weights[class].</param>
    /// <param name="ignoreIndex">A class that counts for nothing, and may lie outside 0..C−1; none if left out.</param>
    /// <param name="reduction">What to make of the numbers. The mean of a batch that is ignored whole is 0/0, NaN.</param>
    /// <returns>A scalar, or the classes' shape.</returns>
    /// <exception cref="ShapeException">The shapes disagree, or there is nothing to average.</exception>
    /// <exception cref="Engine.Kernels.IndexException">A class is not in 0..C−1; a GPU raises it when numbers are next read.</exception>
    public static Tensor NegativeLogLikelihood(Tensor logProbabilities, Tensor classes, Tensor? weights, int? ignoreIndex = null, Reduction reduction = Reduction.Mean)
    {
        var (rows, flat) = Rows(logProbabilities, classes);
        return OfClasses(rows, flat, classes.Shape, 0, weights, ignoreIndex, reduction);
    }

    /// <inheritdoc cref="MultiClassMargin(Tensor, Tensor, double, int, Tensor?, Reduction)"/>
    public static Tensor MultiClassMargin(Tensor scores, Tensor classes) => MultiClassMargin(scores, classes, 1);

    /// <summary>Σ over the other classes i of max(0, margin − scores[class] + scores[i])^power, over C: the hinge for several classes.</summary>
    /// <param name="scores">(N, C).</param>
    /// <param name="classes">(N), Int32 in 0..C−1.</param>
    /// <param name="margin">By how much the class is to lead.</param>
    /// <param name="power">1 or 2.</param>
    /// <param name="weights">(C), by which an example is multiplied for its class; 1 if left out.</param>
    /// <param name="reduction">What to make of the examples' losses; their mean is over N.</param>
    /// <exception cref="ShapeException">The shapes disagree, or the batch is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The margin is negative or not finite, or the power neither 1 nor 2.</exception>
    /// <exception cref="Engine.Kernels.IndexException">A class is not in 0..C−1; a GPU raises it when numbers are next read.</exception>
    /// <remarks>Source: Crammer and Singer 2001, summed over the classes as PyTorch does.</remarks>
    public static Tensor MultiClassMargin(Tensor scores, Tensor classes, double margin, int power = 1, Tensor? weights = null, Reduction reduction = Reduction.Mean)
    {
        NotNegative(margin, nameof(margin));
        if (power is not (1 or 2)) throw new ArgumentOutOfRangeException(nameof(power), power, "It is 1 or 2.");
        ArgumentNullException.ThrowIfNull(scores);
        if (scores.Rank != 2) throw new ShapeException($"MultiClassMargin: the scores {scores.Describe()} must be (N, C).");
        var (rows, flat) = Rows(scores, classes);
        RequireWeights(weights, rows.Shape[1]);
        var column = flat.Unsqueeze(1);
        var behind = (rows - rows.Gather(1, column) + margin).Relu().Scatter(1, column, 0);
        var each = (power == 1 ? behind : behind * behind).Sum(1) / rows.Shape[1];
        return Reduce(weights is null ? each : each * weights.Gather(0, flat), reduction);
    }

    /// <summary>One row for each choice: (N, C, …) and (N, …) become (M, C) and (M).</summary>
    private static (Tensor Rows, Tensor Classes) Rows(Tensor x, Tensor classes, [CallerMemberName] string loss = "")
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(classes);
        if (classes.DType != DType.Int32) throw new DTypeException($"{loss}: the classes {classes.Describe()} are {classes.DType}, and it takes Int32. Cast them.");
        if (x.Rank < 2 || classes.Shape != new Shape([x.Shape[0], .. x.Shape.Sizes[2..]]))
            throw new ShapeException($"{loss}: {x.Describe()} and the classes {classes.Describe()} must be (N, C) and (N), or (N, C, …) and (N, …). The classes are numbers 0..C−1, one an example, not rows.");
        return x.Rank == 2 ? (x, classes) : (ClassesLast(x), classes.Reshape(classes.Count));
    }

    private static Tensor ClassesLast(Tensor x)
        => x.Rank == 2 ? x : x.Permute([0, .. Enumerable.Range(2, x.Rank - 2), 1]).Reshape(x.Count / Math.Max(1, x.Shape[1]), x.Shape[1]);

    private static Tensor OfClasses(Tensor logs, Tensor classes, Shape shape, double smoothing, Tensor? weights, int? ignoreIndex, Reduction reduction, [CallerMemberName] string loss = "")
    {
        int count = logs.Shape[1];
        RequireWeights(weights, count, loss);
        Tensor? ignored = null;
        if (ignoreIndex is { } index)
        {
            var numbers = classes.Cast(DType.Float32);
            ignored = numbers.Equal(Tensor.Scalar(index, numbers.Device));
            classes = numbers.MaskedFill(ignored, 0).Cast(DType.Int32);
        }
        var share = weights?.Gather(0, classes);                    // how much each row counts; null where all count 1
        var each = -logs.Gather(1, classes.Unsqueeze(1)).Squeeze(1);
        if (share is not null) each *= share;
        if (smoothing > 0) each = each * (1 - smoothing) - (weights is null ? logs : logs * weights).Sum(1) * (smoothing / count);
        if (ignored is not null)
        {
            each = each.MaskedFill(ignored, 0);
            share = (share ?? Tensor.Ones(classes.Shape, classes.Device)).MaskedFill(ignored, 0);
        }
        if (reduction == Reduction.Mean && share is not null && each.Count > 0) return each.Sum() / share.Sum();
        return Reduce(each.Reshape(shape), reduction, loss);
    }

    private static Tensor OfShares(Tensor logits, Tensor shares, double smoothing, Tensor? weights, int? ignoreIndex, Reduction reduction)
    {
        if (logits.Rank < 2 || logits.Shape != shares.Shape)
            throw new ShapeException($"CrossEntropy: the logits {logits.Describe()} and the shares {shares.Describe()} must be of one shape, (N, C) or (N, C, …). Where the targets are class numbers, Cast them to Int32.");
        if (ignoreIndex is not null) throw new ArgumentException("Shares of classes have no index to ignore. Give an example shares of 0 instead.", nameof(ignoreIndex));
        int count = logits.Shape[1];
        RequireWeights(weights, count, nameof(CrossEntropy));
        var (logs, wanted) = (ClassesLast(logits).LogSoftmax(), ClassesLast(shares));
        if (smoothing > 0) wanted = wanted * (1 - smoothing) + smoothing / count;
        var each = -(weights is null ? logs * wanted : logs * wanted * weights).Sum(1);
        return Reduce(each.Reshape([logits.Shape[0], .. logits.Shape.Sizes[2..]]), reduction, nameof(CrossEntropy));
    }

    private static void RequireWeights(Tensor? weights, int classes, [CallerMemberName] string loss = "")
    {
        if (weights is not null && weights.Shape != new Shape(classes))
            throw new ShapeException($"{loss}: the weights {weights.Describe()} must be ({classes}), one for each class.");
    }
}
