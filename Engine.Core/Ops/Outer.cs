namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>The outer product of two vectors: y[m, n] = this[m] · other[n].</summary>
    /// <param name="other">(N).</param>
    /// <returns>(M, N) for this tensor of (M).</returns>
    /// <exception cref="ShapeException">One of them is no vector.</exception>
    /// <remarks>Gradients: dy·other, and dyᵀ·this.</remarks>
    public Tensor Outer(Tensor other)
    {
        if (Rank != 1 || other.Rank != 1)
            throw new ShapeException($"Outer: {this.Describe()} by {other.Describe()}: both must be vectors. Flatten() them, or multiply with broadcasting.");
        return Unsqueeze(1) * other;
    }
}
