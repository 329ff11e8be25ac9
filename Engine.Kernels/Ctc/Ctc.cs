using System.Runtime.CompilerServices;

namespace Engine.Kernels;

public abstract partial class Device
{
    /// <summary>How many steps pass before the α, or β, of a step are related to their largest again. In between each
    /// falls by its class's log-probability a step: the further, the fewer digits a float has left behind its point, 2⁻²⁴ of the logarithm at worst.</summary>
    private protected const int CtcRenewal = 16;

    /// <summary>The logarithm of 0: finite, so that the difference of two is no NaN, and so low that no path's probability comes near.</summary>
    private protected const float CtcLogZero = -1e30f;

    /// <summary>loss[n] = −ln Σ over the paths of T steps that read as the target of Π_t softmax(logits[n, t])_path(t); a path reads as what is left when
    /// labels that follow their like are dropped, then the blanks.</summary>
    /// <param name="logits">Float32, (N, T, C).</param>
    /// <param name="targets">Int32, (N, S + 2): each example's steps, 0..T, its number of labels, 0..S, and the labels, in 0..C−1, none of them the blank.</param>
    /// <param name="alphas">Float32, (N, T, 2·S + 1), for backward: up to a term for each (n, t), the logarithm of the probability of all beginnings of
    /// paths that are at state s after step t. Even states are blanks, state 2i + 1 is label i. Past an example's steps or states they are unset.</param>
    /// <param name="logSums">Float32, (N, T), for backward: ln Σ_c exp logits[n, t, c]. Past an example's steps they are unset.</param>
    /// <param name="losses">Float32, (N): ∞ where no path of so many steps reads as the target, NaN where a step's logits are not finite; −∞ for some is fine.
    /// Of an example of 0 steps it is ∞.</param>
    /// <param name="sizes">The sizes.</param>
    /// <exception cref="IndexException">Steps, a number of labels, a label or the blank is out of range; of targets, on a GPU thrown by the next read.</exception>
    /// <remarks>Source: Graves, Fernández, Gomez and Schmidhuber 2006, doi:10.1145/1143844.1143891.</remarks>
    public void CtcForward(View logits, View targets, View alphas, View logSums, View losses, CtcSizes sizes)
    {
        CheckCtc(logits, targets, alphas, logSums, sizes);
        Check(losses, DType.Float32, sizes.N);
        if (logits.Length > 0) CtcForwardCore(logits, targets, alphas, logSums, losses, sizes);
        Done(nameof(CtcForward), logits, targets, alphas, logSums, losses);
    }

    /// <summary>dx[n, t, c] = dy[n] · (softmax(logits[n, t])_c − the share of the paths that are at class c at step t); 0 past the example's steps, and
    /// where no path reads as the target.</summary>
    /// <param name="logits">Float32, (N, T, C).</param>
    /// <param name="targets">Int32, (N, S + 2), as forward had them; an example of 0 steps gets no gradient.</param>
    /// <param name="alphas">Float32, (N, T, 2·S + 1), from forward.</param>
    /// <param name="logSums">Float32, (N, T), from forward.</param>
    /// <param name="dy">Float32, (N).</param>
    /// <param name="dx">Float32, (N, T, C).</param>
    /// <param name="sizes">The sizes.</param>
    /// <exception cref="IndexException">As in forward.</exception>
    public void CtcBackward(View logits, View targets, View alphas, View logSums, View dy, View dx, CtcSizes sizes)
    {
        CheckCtc(logits, targets, alphas, logSums, sizes);
        Check(dy, DType.Float32, sizes.N);
        Check(dx, DType.Float32, sizes.Logits);
        if (dx.Length > 0) CtcBackwardCore(logits, targets, alphas, logSums, dy, dx, sizes);
        Done(nameof(CtcBackward), logits, targets, alphas, logSums, dy, dx);
    }

    /// <summary>Finds the first number of the targets that is out of range, before any is an offset.</summary>
    private protected static void CheckTargets(ReadOnlySpan<int> targets, CtcSizes sizes, string kernel)
    {
        for (int from = 0; from < targets.Length; from += sizes.TargetLength)
        {
            InRange(targets, from, sizes.T + 1);
            InRange(targets, from + 1, sizes.S + 1);
            for (int i = 0; i < targets[from + 1]; i++) InRange(targets, from + 2 + i, sizes.C);
        }

        void InRange(ReadOnlySpan<int> all, int position, int bound)
        {
            if ((uint)all[position] >= (uint)bound) throw BadIndex(kernel, position, all[position], bound);
        }
    }

    /// <summary>What forward and backward are both given.</summary>
    private void CheckCtc(View logits, View targets, View alphas, View logSums, CtcSizes sizes, [CallerMemberName] string kernel = "")
    {
        Require(sizes, kernel);
        Check(logits, DType.Float32, sizes.Logits, kernel);
        Check(targets, DType.Int32, sizes.N * sizes.TargetLength, kernel);
        Check(alphas, DType.Float32, sizes.Alphas, kernel);
        Check(logSums, DType.Float32, sizes.N * sizes.T, kernel);
    }

    private static void Require(CtcSizes sizes, string kernel)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizes.S);
        if (sizes.Logits > 0 && (uint)sizes.Blank >= (uint)sizes.C) throw new IndexException($"{kernel}: the blank {sizes.Blank} is not in 0..{sizes.C - 1}.");
    }

    private protected abstract void CtcForwardCore(View logits, View targets, View alphas, View logSums, View losses, CtcSizes sizes);

    private protected abstract void CtcBackwardCore(View logits, View targets, View alphas, View logSums, View dy, View dx, CtcSizes sizes);
}
