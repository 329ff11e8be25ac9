namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>Group normalisation: the channels, axis 1, are cut into groups, and each example's group is normalised by its own mean and variance over
    /// channels and positions; then y = x̂ · weight + bias for each channel.</summary>
    /// <param name="groups">How many; 1 for all channels together, C for each by itself.</param>
    /// <param name="weight">(C), or null for 1.</param>
    /// <param name="bias">(C), or null for 0.</param>
    /// <param name="epsilon">Keeps the root away from 0.</param>
    /// <returns>This shape, (N, C, …).</returns>
    /// <exception cref="ShapeException">This has fewer than 2 axes, the groups do not divide C, or a parameter is not (C).</exception>
    /// <exception cref="Engine.Kernels.DTypeException">This is not Float32.</exception>
    /// <exception cref="ArgumentOutOfRangeException">groups is under 1, or epsilon negative or NaN.</exception>
    /// <remarks>Gradients: those of <see cref="LayerNorm"/>, with a group's numbers for a row. Source: Wu and He 2018, arXiv:1803.08494.</remarks>
    public Tensor GroupNorm(int groups, Tensor? weight = null, Tensor? bias = null, double epsilon = 1e-5)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(groups);
        return RowNormOp.Run(new RowNormOp("GroupNorm", true, groups, epsilon), this, weight, bias);
    }
}
