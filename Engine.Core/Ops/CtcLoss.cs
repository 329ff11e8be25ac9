using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>−ln of the probability that each input reads as its target, whatever step each label is said at: connectionist temporal classification.
    /// The probability of all paths of one class a step that become the target when labels that follow their like are dropped, then the blanks.</summary>
    /// <param name="targets">Int32: (N, S), each row filled up at its end; or all labels one after another, with <paramref name="targetLengths"/>. Labels are
    /// classes other than the blank; a target may be empty. This tensor holds the logits, (N, T, C), of any size. Log-probabilities are logits too, and
    /// their loss and gradient are those of PyTorch. PyTorch's (T, N, C) comes by <c>Transpose(0, 1)</c>.</param>
    /// <param name="inputLengths">(N), the steps of each input, 1..T; T unless given. Steps behind them count for nothing and get a gradient of 0.</param>
    /// <param name="targetLengths">(N), the labels of each target, 0..S; unless given, a target ends where the blank or a negative number first stands.</param>
    /// <param name="blank">The class that means no label.</param>
    /// <param name="zeroInfinity">Whether a loss that is infinite, as of a target too long for its input, is 0 without a gradient, and no error.</param>
    /// <returns>(N), a loss for each example; ∞ where logits of −∞ rule all paths out, and its gradient 0.</returns>
    /// <exception cref="ShapeException">The shapes disagree.</exception>
    /// <exception cref="SequenceException">A length is out of range; or a target needs more steps than its input has, one a label, and one for a blank between
    /// two that are equal; or a step's logits are not finite, where −∞ for some is fine.</exception>
    /// <exception cref="IndexException">A label is the blank, or no class.</exception>
    /// <exception cref="DTypeException">The targets are not Int32.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The blank is no class.</exception>
    /// <remarks>Targets and losses are read to the host, for which a GPU is waited for. Gradient: softmax(logits) − the share of the paths, weighted by their
    /// probability, that are at a class at a step; softmax and loss are one kernel each way. Source: Graves, Fernández, Gomez and Schmidhuber 2006,
    /// doi:10.1145/1143844.1143891.</remarks>
    public Tensor CtcLoss(Tensor targets, int[]? inputLengths = null, int[]? targetLengths = null, int blank = 0, bool zeroInfinity = false)
        => Op.Apply(new CtcLossOp(CtcTargets.Read(this, targets, inputLengths, targetLengths, blank, zeroInfinity)), this, targets);
}

/// <summary>The loss of each example of a connectionist temporal classification.</summary>
internal sealed class CtcLossOp(CtcTargets targets) : Op
{
    public override string Name => "CtcLoss";

    public override string Attributes => $"blank={targets.Sizes.Blank}";

    public override long Flops => 4L * InputShape(0).Count + 10L * targets.Sizes.N * targets.Sizes.T * targets.Sizes.States;

    public override Tensor Forward()
    {
        var x = Input(0);
        var z = targets.Sizes;
        int[] rows = targets.Rows();
        Tensor alphas = NewTensor([z.N, z.T, z.States]), logSums = NewTensor([z.N, z.T]), y = NewTensor([z.N]), given = Given();
        x.Device.CtcForward(x.View, given.View, alphas.View, logSums.View, y.View, z);
        var losses = y.ToArray<double>();
        int bad = Array.FindIndex(losses, double.IsNaN);
        if (bad >= 0)
        {
            int step = Array.FindIndex(logSums[bad].ToArray(), sum => !float.IsFinite(sum));
            throw new SequenceException($"CtcLoss: the logits of row {bad} at step {step} are not finite. Lower the learning rate, or look for numbers in its input that are not.", bad);
        }
        if (losses.Any(double.IsInfinity))
        {
            for (int n = 0; n < z.N; n++)
                if (double.IsInfinity(losses[n])) (rows[n * z.TargetLength], losses[n]) = (0, targets.ZeroInfinity ? 0 : losses[n]);
            given.Release(Name);
            given = Given();                                        // backward passes over an example of no steps
            x.Device.Upload(losses, y.View);
        }
        Save(x);
        Save(given, owned: true);
        Save(alphas, owned: true);
        Save(logSums, owned: true);
        return y;

        Tensor Given() => Tensor.From(rows, [z.N, z.TargetLength], x.Device);
    }

    public override Tensor?[] Backward(Tensor dy)
    {
        var x = Saved(0);
        var dx = Tensor.Empty(x.Shape, x.Device, op: Name);
        x.Device.CtcBackward(x.View, Saved(1).View, Saved(2).View, Saved(3).View, dy.View, dx.View, targets.Sizes);
        return [dx, null];
    }
}
