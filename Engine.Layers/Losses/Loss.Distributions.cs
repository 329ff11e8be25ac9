using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

// Losses of distributions.
public static partial class Loss
{
    /// <inheritdoc cref="KullbackLeibler(Tensor, Tensor, bool, Reduction)"/>
    public static Tensor KullbackLeibler(Tensor logProbabilities, Tensor targets) => KullbackLeibler(logProbabilities, targets, logTargets: false);

    /// <summary>target·(log target − logProbability), number by number, 0 where the target is 0; its sum over an example's numbers is the divergence of the
    /// model's distribution from the target's.</summary>
    /// <param name="logProbabilities">Logarithms, of <see cref="Tensor.LogSoftmax"/> for instance.</param>
    /// <param name="targets">Probabilities, or their logarithms, Float32, of that shape.</param>
    /// <param name="logTargets">Whether they are logarithms.</param>
    /// <param name="reduction">What to make of the numbers. <see cref="Reduction.BatchMean"/> is the divergence itself, the mean over examples, and
    /// the default; <see cref="Reduction.Mean"/> divides it by an example's numbers too, which is PyTorch's default.</param>
    /// <remarks>Source: Kullback and Leibler 1951, doi:10.1214/aoms/1177729694.</remarks>
    /// <inheritdoc cref="L1(Tensor, Tensor, Reduction)"/>
    public static Tensor KullbackLeibler(Tensor logProbabilities, Tensor targets, bool logTargets, Reduction reduction = Reduction.BatchMean)
    {
        RequireSame(logProbabilities, targets);
        if (logTargets) return Reduce(targets.Exp() * (targets - logProbabilities), reduction);
        // The logarithm of 1, not of 0: 0·(0 − x), where 0·(−∞ − x) would be NaN.
        var logs = targets.MaskedFill(targets.Equal(Tensor.Scalar(0, targets.Device)), 1).Log();
        return Reduce(targets * (logs - logProbabilities), reduction);
    }
}
