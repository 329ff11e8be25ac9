using System.Runtime.Intrinsics;

namespace Engine.Kernels;

/// <summary>A number for each gate of one unit, in the order of the weights' blocks; a cell of fewer gates uses the first ones.</summary>
public record struct Gates<T>(T A, T B, T C, T D) where T : struct;

/// <summary>What one unit of a recurrent layer does in one step, written once for every device.</summary>
/// <remarks>The double forms are the formula, and what the reference device runs; the float forms run on GPUs; the vector forms on the CPU.</remarks>
public interface IRecurrentCell
{
    /// <summary>The cell's name.</summary>
    static abstract string Name { get; }

    /// <summary>Gates, 1 to 4: blocks of as many rows as there are units in each weight.</summary>
    static abstract int Gates { get; }

    /// <summary>Whether a second state c goes from step to step beside h.</summary>
    static abstract bool HasCellState { get; }

    /// <summary>Whether backward reads the gates and c; else h alone.</summary>
    static abstract bool KeepsGates { get; }

    /// <summary>Whether h's share of the last gate has another gradient than x's.</summary>
    static abstract bool SplitsLastGate { get; }

    /// <summary>One step.</summary>
    /// <param name="x">In: x's share of each gate, its bias within. Out: what backward reads of the gates.</param>
    /// <param name="u">h's share of each gate, its bias within.</param>
    /// <param name="h">In: the state before. Out: after the step.</param>
    /// <param name="c">The second state, likewise; where a cell has none, out: what else backward reads.</param>
    static abstract void Forward(ref Gates<double> x, Gates<double> u, ref double h, ref double c);

    /// <summary>The gradients of one step.</summary>
    /// <param name="x">What forward left of the gates.</param>
    /// <param name="h">The state after the step.</param>
    /// <param name="c">What forward left in c.</param>
    /// <param name="hBefore">The state before.</param>
    /// <param name="cBefore">The second state before.</param>
    /// <param name="dh">In: the gradient of h. Out: the gradient of hBefore, but for what comes through u.</param>
    /// <param name="dc">In: the gradient of c. Out: of cBefore.</param>
    /// <param name="duLast">Out: the gradient of u's last gate, where that is not x's.</param>
    /// <returns>The gradient of each of x's gates, and of u's.</returns>
    static abstract Gates<double> Backward(Gates<double> x, double h, double c, double hBefore, double cBefore, ref double dh, ref double dc, ref double duLast);

    /// <summary>One step on a GPU.</summary>
    static abstract void Forward(ref Gates<float> x, Gates<float> u, ref float h, ref float c);

    /// <summary>The gradients of one step on a GPU.</summary>
    static abstract Gates<float> Backward(Gates<float> x, float h, float c, float hBefore, float cBefore, ref float dh, ref float dc, ref float duLast);

    /// <summary>One step of sixteen units.</summary>
    static abstract void Forward(ref Gates<Vector512<float>> x, Gates<Vector512<float>> u, ref Vector512<float> h, ref Vector512<float> c);

    /// <summary>The gradients of one step of sixteen units.</summary>
    static abstract Gates<Vector512<float>> Backward(Gates<Vector512<float>> x, Vector512<float> h, Vector512<float> c, Vector512<float> hBefore,
        Vector512<float> cBefore, ref Vector512<float> dh, ref Vector512<float> dc, ref Vector512<float> duLast);
}
