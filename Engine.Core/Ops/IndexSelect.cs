using Engine.Kernels;

namespace Engine.Core;

public sealed partial class Tensor
{
    /// <summary>Slices along an axis by their indices.</summary>
    /// <param name="axis">The axis; negative ones count from the end. Any but the first costs two copies.</param>
    /// <param name="indices">Int32, (M), each in 0..n−1 for an axis of n.</param>
    /// <returns>This shape with M for that axis.</returns>
    /// <exception cref="DTypeException">The indices are not Int32.</exception>
    /// <exception cref="ShapeException">There is no such axis, or the indices are not one list.</exception>
    /// <exception cref="IndexException">An index is out of range; on a GPU thrown by the next read.</exception>
    /// <remarks>Gradient: each slice of dy is added to the slice that it came from, in the order of the indices.</remarks>
    public Tensor IndexSelect(int axis, Tensor indices)
    {
        int along = Shape.Axis(axis);
        if (indices.Rank != 1) throw new ShapeException($"IndexSelect: the indices {indices.Describe()} are not one list. Flatten() them, or use Gather.");
        return along == 0 ? GatherRows(indices) : Transpose(along, 0).GatherRows(indices).Transpose(along, 0);
    }
}
