using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>These numbers, but one number wherever a mask is not 0.</summary>
    /// <param name="mask">UInt8, what a comparison gives; it broadcasts to this shape.</param>
    /// <param name="value">The number, −∞ before a softmax for instance.</param>
    /// <returns>This shape.</returns>
    /// <exception cref="ShapeException">The mask does not broadcast to this shape.</exception>
    /// <exception cref="DTypeException">The mask is not UInt8, or this tensor not Float32.</exception>
    /// <remarks>Gradient: dy, and 0 where the mask is not 0.</remarks>
    public Tensor MaskedFill(Tensor mask, double value)
    {
        if (Shape.Broadcast(mask.Shape, Shape, nameof(MaskedFill)) != Shape)
            throw new ShapeException($"MaskedFill: the mask {mask.Describe()} does not broadcast to {this.Describe()}, which would have to grow. BroadcastTo() it first.");
        return Where(mask, Scalar(value, Device), this);
    }
}
