using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

// Losses of sequences of labels.
public static partial class Loss
{
    /// <inheritdoc cref="Ctc(Tensor, Tensor, int[], int[], int, bool, Reduction)"/>
    public static Tensor Ctc(Tensor logits, Tensor targets) => Ctc(logits, targets, null);

    /// <summary>Connectionist temporal classification: −ln of the probability that an input of T steps reads as its target, whatever step each label is said
    /// at. The mean is of each loss over the labels of its target (1 for an empty one), as in PyTorch.</summary>
    /// <param name="logits">(N, T, C) of any size, or log-probabilities, the batch first. PyTorch's (T, N, C) comes by <c>Transpose(0, 1)</c>.</param>
    /// <param name="targets">Int32: (N, S), each row filled up at its end; or all labels one after another, with <paramref name="targetLengths"/>. Labels are
    /// classes other than the blank; a target may be empty.</param>
    /// <param name="inputLengths">(N), the steps of each input, 1..T; T unless given.</param>
    /// <param name="targetLengths">(N), the labels of each target, 0..S; unless given, a target ends where the blank or a negative number first stands.</param>
    /// <param name="blank">The class that means no label.</param>
    /// <param name="zeroInfinity">Whether a loss that is infinite, as of a target too long for its input, is 0 without a gradient, and no error.</param>
    /// <param name="reduction">What to make of the examples' losses.</param>
    /// <exception cref="ShapeException">The shapes disagree, or the batch is empty.</exception>
    /// <exception cref="SequenceException">A length is out of range; or a target needs more steps than its input has, one a label, and one for a blank between
    /// two that are equal; or a step's logits are not finite, where −∞ for some is fine.</exception>
    /// <exception cref="IndexException">A label is the blank, or no class.</exception>
    /// <exception cref="DTypeException">The targets are not Int32.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The blank is no class.</exception>
    /// <remarks><inheritdoc cref="Tensor.CtcLoss" path="/remarks/node()"/> <see cref="CtcDecoder"/> reads labels from logits.</remarks>
    public static Tensor Ctc(Tensor logits, Tensor targets, int[]? inputLengths, int[]? targetLengths = null, int blank = 0, bool zeroInfinity = false,
        Reduction reduction = Reduction.Mean)
    {
        ArgumentNullException.ThrowIfNull(logits);
        var read = CtcTargets.Read(logits, targets, inputLengths, targetLengths, blank, zeroInfinity);
        var each = Op.Apply(new CtcLossOp(read), logits, targets);
        if (reduction != Reduction.Mean || each.Count == 0) return Reduce(each, reduction);
        return (each * Tensor.From([.. read.Lengths.Select(length => 1.0 / Math.Max(1, length))], each.Shape, each.Device)).Mean();
    }
}
