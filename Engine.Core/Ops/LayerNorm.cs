namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>Layer normalisation over the last axis: y = (x − mean) / √(variance + epsilon) · weight + bias, each row by its own mean and variance, over n.</summary>
    /// <param name="weight">(C), or null for 1.</param>
    /// <param name="bias">(C), or null for 0.</param>
    /// <param name="epsilon">Keeps the root away from 0.</param>
    /// <returns>This shape, (…, C).</returns>
    /// <exception cref="ShapeException">This has no axis, or a parameter is not (C).</exception>
    /// <exception cref="Engine.Kernels.DTypeException">This is not Float32.</exception>
    /// <exception cref="ArgumentOutOfRangeException">epsilon is negative or NaN.</exception>
    /// <remarks>Gradients: with x̂ = (x − mean)·s, s = 1/√(variance + epsilon) and g = dy·weight, dx = s·(g − Σg/C − x̂·Σgx̂/C); dweight = Σ dy·x̂ and
    /// dbias = Σ dy over the rows. Source: Ba, Kiros and Hinton 2016, arXiv:1607.06450.</remarks>
    public Tensor LayerNorm(Tensor? weight = null, Tensor? bias = null, double epsilon = 1e-5)
        => RowNormOp.Run(new RowNormOp("LayerNorm", true, 0, epsilon), this, weight, bias);

    /// <summary>Normalisation over the last axis by the root of the mean square: y = x / √(Σx²/C + epsilon) · weight. The mean stays.</summary>
    /// <param name="weight">(C), or null for 1.</param>
    /// <param name="epsilon">Keeps the root away from 0.</param>
    /// <returns>This shape, (…, C).</returns>
    /// <exception cref="ShapeException">This has no axis, or the weight is not (C).</exception>
    /// <exception cref="Engine.Kernels.DTypeException">This is not Float32.</exception>
    /// <exception cref="ArgumentOutOfRangeException">epsilon is negative or NaN.</exception>
    /// <remarks>Gradients: with x̂ = x·s, s = 1/√(Σx²/C + epsilon) and g = dy·weight, dx = s·(g − x̂·Σgx̂/C); dweight = Σ dy·x̂ over the rows.
    /// Source: Zhang and Sennrich 2019, arXiv:1910.07467.</remarks>
    public Tensor RmsNorm(Tensor? weight = null, double epsilon = 1e-6) => RowNormOp.Run(new RowNormOp("RmsNorm", false, 0, epsilon), this, weight, null);

    /// <summary>The layer normalisation of this + residual, in one pass over memory: what ends each half of a block that normalises last.</summary>
    /// <param name="residual">Of this shape.</param>
    /// <param name="weight">(C), or null for 1.</param>
    /// <param name="bias">(C), or null for 0.</param>
    /// <param name="epsilon">Keeps the root away from 0.</param>
    /// <returns>This shape, (…, C).</returns>
    /// <exception cref="ShapeException">The shapes differ, there is no axis, or a parameter is not (C).</exception>
    /// <exception cref="Engine.Kernels.DTypeException">This is not Float32.</exception>
    /// <exception cref="ArgumentOutOfRangeException">epsilon is negative or NaN.</exception>
    /// <remarks>Gradients: those of <see cref="LayerNorm"/>; the residual's is dx.</remarks>
    public Tensor AddLayerNorm(Tensor residual, Tensor? weight = null, Tensor? bias = null, double epsilon = 1e-5)
    {
        ArgumentNullException.ThrowIfNull(residual);
        return RowNormOp.Run(new RowNormOp("AddLayerNorm", true, 0, epsilon), this, weight, bias, residual);
    }

    /// <summary>The layer normalisation of this + residual, and the sum itself: what a block that normalises first goes on with.</summary>
    /// <param name="residual">Of this shape.</param>
    /// <param name="weight">(C), or null for 1.</param>
    /// <param name="bias">(C), or null for 0.</param>
    /// <param name="sum">This + residual.</param>
    /// <param name="epsilon">Keeps the root away from 0.</param>
    /// <inheritdoc cref="AddLayerNorm(Tensor, Tensor, Tensor, double)"/>
    public Tensor AddLayerNorm(Tensor residual, Tensor? weight, Tensor? bias, out Tensor sum, double epsilon = 1e-5)
    {
        ArgumentNullException.ThrowIfNull(residual);
        var add = new AddNormOp("AddLayerNorm", weight, bias, true, epsilon);
        sum = Op.Apply(add, this, residual);
        return RowNormOp.Run(new RowNormOp("LayerNorm", true, 0, epsilon, add.Take()), sum, weight, bias);
    }
}
